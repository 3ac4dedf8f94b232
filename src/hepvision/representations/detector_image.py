"""Images of the whole detector: track pT, ECAL and HCAL energy, one pixel a crystal."""

import dataclasses
from collections.abc import Iterable
from typing import ClassVar, Literal, Self

import awkward as ak
import numpy as np

from hepvision.core.inputs import Inputs, InputSpec, PartSpec, Sparse
from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.representations import _pixels
from hepvision.representations._expressions import fields_of, value_where_possible

__all__ = ["DetectorImage"]

Layer = Literal["tracks", "ecal", "hcal"]
ORDER: tuple[Layer, ...] = ("tracks", "ecal", "hcal")


@dataclasses.dataclass(frozen=True)
class DetectorImage:
    r"""The barrel as a picture of 170 × 360 crystals with up to three layers.

    A track is one pixel with its pT, a crystal one with its energy, an HCAL tower 5 × 5 with a
    25th of its energy each. The sum of a layer is the sum of what lies in |η| < 1.479, and an
    event turned by n crystals gives the image rolled by n columns.

    Parameters
    ----------
    region : "barrel"
        Part of the detector.
    layers : tuple of "tracks", "ecal", "hcal"
        Channels; they come in this order, however they are given.
    divide_by : str, optional
        An observable, such as ``diphoton_mass``, or an expression: each image is divided by its
        event's value. An event that lacks the objects, or whose value is not positive, is blank.
    tracks_at : "vertex" or "ecal_face"
        Where a track's η and φ are taken: at closest approach to the beam line, as the paper
        does, or where it enters the calorimeter.
    without_photons : int, optional
        Blank a square of this many crystals to each side of the two leading photons, in all
        layers: what is left shows whether a network reads anything but the photons.
    scale : tuple of float, optional
        Constant that each layer is divided by, see ``measured``; 1 if not given.

    References
    ----------
    M. Andrews, M. Paulini, S. Gleyzer, B. Poczos, EPJ Web Conf. 214 (2019) 06031; Comput. Softw.
    Big Sci. 4 (2020) 6, arXiv:1807.11916.

    Examples
    --------
    >>> DetectorImage(layers=("ecal",)).spec["image"].shape
    (1, 170, 360)
    """

    region: Literal["barrel"] = "barrel"
    layers: tuple[Layer, ...] = ORDER
    divide_by: str | None = None
    tracks_at: Literal["vertex", "ecal_face"] = "vertex"
    without_photons: int | None = None
    scale: tuple[float, ...] | None = None
    version: ClassVar[int] = 2

    def __post_init__(self) -> None:
        if not self.layers or len(set(self.layers)) < len(self.layers):
            raise ValueError(f"layers: must be one or more of {ORDER}, got {self.layers}.")
        if set(self.layers) - set(ORDER):
            raise ValueError(f"layers: must be of {ORDER}, got {self.layers}.")
        object.__setattr__(self, "layers", tuple(one for one in ORDER if one in self.layers))
        if self.scale is not None and (len(self.scale) != len(self.layers) or min(self.scale) <= 0):
            raise ValueError(f"scale: must be a positive number a layer, got {self.scale}.")
        if self.without_photons is not None and self.without_photons < 0:
            raise ValueError(f"without_photons: must be 0 or more, got {self.without_photons}.")

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that the image is made of."""
        where = ("eta", "phi") if self.tracks_at == "vertex" else ("etaEcal", "phiEcal")
        fields = {
            "tracks": tuple(f"Track.{key}" for key in ("pt", *where)),
            "ecal": ("EcalBarrelHit.ieta", "EcalBarrelHit.iphi", "EcalBarrelHit.energy"),
            "hcal": ("HcalHit.ieta", "HcalHit.iphi", "HcalHit.energy"),
        }
        found = [field for layer in self.layers for field in fields[layer]]
        if self.divide_by is not None:
            found += fields_of(self.divide_by)
        if self.without_photons is not None:
            found += ["Photon.pt", "Photon.superclusterEta", "Photon.superclusterPhi"]
        return tuple(dict.fromkeys(found))

    @property
    def spec(self) -> InputSpec:
        """One image (C, 170, 360)."""
        shape = (len(self.layers), *EcalBarrel.shape)
        unit = "GeV" if self.divide_by is None else f"GeV/{self.divide_by}"
        scale = self.scale or (1.0,) * len(self.layers)
        units = (unit,) * len(self.layers)
        return {"image": PartSpec("image", shape, self.layers, units, scale)}

    def __call__(self, examples: ak.Array) -> Inputs:
        """Draw the images.

        Parameters
        ----------
        examples : ak.Array
            B events.

        Returns
        -------
        Inputs
            ``{"image": Sparse}``.
        """
        entries = [self._entries(layer, examples) for layer in self.layers]
        weight = np.ones(len(examples))
        if self.divide_by is not None:
            value = value_where_possible(self.divide_by, examples)
            there = value > 0
            weight = np.divide(1.0, value, out=np.zeros_like(value), where=there)
        scale = np.asarray(self.scale or (1.0,) * len(self.layers))
        factor = weight / scale[:, None]
        centres, window = None, -1
        if self.without_photons is not None:
            centres, window = _pixels.photon_crystals(examples), self.without_photons
        offsets, index, value32 = _pixels.merge(entries, factor, centres, window)
        return {"image": Sparse(offsets, index, value32, self.spec["image"].shape)}

    def _entries(self, layer: Layer, examples: ak.Array) -> _pixels.Entries:
        if layer == "tracks":
            return _pixels.tracks(examples, self.tracks_at)
        return _pixels.ecal(examples) if layer == "ecal" else _pixels.hcal(examples)

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        """The same with constants such that lit pixels have a root mean square of 1.

        The mean would be set by noise, of which there is more or less with the readout.

        Parameters
        ----------
        stream : iterable of ak.Array
            Examples of the training split.

        Returns
        -------
        DetectorImage
            With ``scale``; 1 for a layer without any lit pixel.
        """
        plain = dataclasses.replace(self, scale=None)
        pixels = int(np.prod(EcalBarrel.shape))
        square, count = np.zeros(len(self.layers)), np.zeros(len(self.layers))
        for examples in stream:
            image = plain(examples)["image"]
            if not isinstance(image, Sparse):
                continue
            layer = image.index // pixels
            value = image.value.astype(np.float64)
            square += np.bincount(layer, value**2, minlength=len(self.layers))
            count += np.bincount(layer, image.value != 0, minlength=len(self.layers))
        mean = np.divide(square, count, out=np.ones_like(square), where=(count > 0) & (square > 0))
        # seven digits survive a round trip through any text format
        return dataclasses.replace(self, scale=tuple(float(f"{one:.7g}") for one in np.sqrt(mean)))

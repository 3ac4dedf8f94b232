"""Images of the detector: track pT, ECAL and HCAL energy, one pixel a crystal."""

import dataclasses
from collections.abc import Iterable
from typing import ClassVar, Literal, Self

import awkward as ak
import numpy as np

from hepvision.core.inputs import Inputs, InputSpec, PartSpec, Sparse
from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.representations import _pixels
from hepvision.representations._canvas import PARTS, Canvas, canvases
from hepvision.representations._expressions import fields_of, value_where_possible
from hepvision.representations._scale import lit_scale

__all__ = ["DetectorImage"]

Layer = Literal["tracks", "ecal", "hcal"]
ORDER: tuple[Layer, ...] = ("tracks", "ecal", "hcal")


@dataclasses.dataclass(frozen=True)
class DetectorImage:
    r"""The detector as pictures of up to three layers, one pixel a crystal.

    A track is one pixel with its pT, a crystal its energy, and an HCAL tower shares its energy
    equally among the pixels that it covers.

    - ``barrel``: one part "image" (C, 170, 360), crystals in |η| < 1.479;
    - ``ecal_centric``: "barrel" (C, 170, 360), "endcap_minus" and "endcap_plus" (C, 100, 100):
      crystals as they are, in (ieta, iphi) and (iy, ix); towers beyond the barrel and tracks are
      projected on the grid of the endcaps;
    - ``hcal_centric``: one part "image" (C, 280, 360): towers as they are, 5 × 5 pixels each
      (10° ones 5 × 10), barrel crystals in the middle 170 rows, endcap crystals projected.

    Rows rise with η and columns with φ from −10°; in the endcaps rows rise with y and columns with
    x, on both sides. A projected channel is drawn in the pixels whose centres lie in it, a crystal
    also in that of its own centre. The sum of a layer is the sum of what lies in the acceptance,
    |η| < 1.479 or 3: nothing is lost or doubled at the seam. An event turned by n crystals gives
    the barrel rolled by n columns; a quarter turn gives endcaps turned by a quarter.

    Parameters
    ----------
    region : "barrel", "ecal_centric" or "hcal_centric"
        Part of the detector, and how its endcaps are drawn.
    layers : tuple of "tracks", "ecal", "hcal"
        Channels; they come in this order, however they are given.
    divide_by : str, optional
        An observable, such as ``diphoton_mass``, or an expression: each image is divided by its
        event's value. An event that lacks the objects, or whose value is not positive, is blank.
    tracks_at : "vertex" or "ecal_face"
        Where a track's η and φ are taken: at closest approach to the beam line, as the paper
        does, or where it enters the calorimeter.
    without_photons : int, optional
        Blank a square of this many pixels to each side of the two leading photons, in all
        layers: what is left shows whether a network reads anything but the photons.
    only_photons : int, optional
        Keep nothing but such squares. With both, rings are left. Squares end where a part ends.
    least : float
        Pixels at or below this, after the division and in its unit, are left out; 0 keeps all,
        negative ones too. Noise is cut at fixed energies, so that in images divided by the mass
        the faintest pixels measure the mass; 0.004 with ``only_photons: 7`` hides it.
    scale : tuple of float, optional
        Constant that each layer is divided by in all parts, see ``measured``; 1 if not given.

    References
    ----------
    M. Andrews, M. Paulini, S. Gleyzer, B. Poczos, EPJ Web Conf. 214 (2019) 06031; Comput. Softw.
    Big Sci. 4 (2020) 6, arXiv:1807.11916.

    Examples
    --------
    >>> DetectorImage(layers=("ecal",)).spec["image"].shape
    (1, 170, 360)
    >>> [part.shape for part in DetectorImage(region="ecal_centric").spec.values()]
    [(3, 170, 360), (3, 100, 100), (3, 100, 100)]
    """

    region: Literal["barrel", "ecal_centric", "hcal_centric"] = "barrel"
    layers: tuple[Layer, ...] = ORDER
    divide_by: str | None = None
    tracks_at: Literal["vertex", "ecal_face"] = "vertex"
    without_photons: int | None = None
    only_photons: int | None = None
    least: float = 0.0
    scale: tuple[float, ...] | None = None
    version: ClassVar[int] = 2

    def __post_init__(self) -> None:
        if self.region not in PARTS:
            raise ValueError(f"region: must be one of {tuple(PARTS)}, got {self.region!r}.")
        if not self.layers or len(set(self.layers)) < len(self.layers):
            raise ValueError(f"layers: must be one or more of {ORDER}, got {self.layers}.")
        if set(self.layers) - set(ORDER):
            raise ValueError(f"layers: must be of {ORDER}, got {self.layers}.")
        object.__setattr__(self, "layers", tuple(one for one in ORDER if one in self.layers))
        if self.scale is not None and (len(self.scale) != len(self.layers) or min(self.scale) <= 0):
            raise ValueError(f"scale: must be a positive number a layer, got {self.scale}.")
        for name in ("without_photons", "only_photons", "least"):
            value = getattr(self, name)
            if value is not None and not value >= 0:
                raise ValueError(f"{name}: must be 0 or more, got {value}.")
        without, only = self.without_photons, self.only_photons
        if without is not None and only is not None and without >= only:
            raise ValueError(
                f"only_photons: must be more than without_photons ({without}), got {only}."
            )

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that the images are made of."""
        where = ("eta", "phi") if self.tracks_at == "vertex" else ("etaEcal", "phiEcal")
        crystals = (EcalBarrel(), EcalEndcap())[: 1 if self.region == "barrel" else 2]
        fields = {
            "tracks": tuple(f"Track.{key}" for key in ("pt", *where)),
            "ecal": tuple(
                f"{one.collection}.{key}" for one in crystals for key in (*one.fields, "energy")
            ),
            "hcal": ("HcalHit.ieta", "HcalHit.iphi", "HcalHit.energy"),
        }
        found = [field for layer in self.layers for field in fields[layer]]
        if self.divide_by is not None:
            found += fields_of(self.divide_by)
        if self.without_photons is not None or self.only_photons is not None:
            found += ["Photon.pt", "Photon.superclusterEta", "Photon.superclusterPhi"]
        return tuple(dict.fromkeys(found))

    @property
    def spec(self) -> InputSpec:
        """One image a part."""
        unit = "GeV" if self.divide_by is None else f"GeV/{self.divide_by}"
        scale = self.scale or (1.0,) * len(self.layers)
        units = (unit,) * len(self.layers)
        return {
            name: PartSpec(
                "image",
                (len(self.layers), *one.shape),
                self.layers,
                units,
                scale,
                "crystals" if one.periodic else "endcap",
            )
            for name, one in canvases(self.region).items()
        }

    def __call__(self, examples: ak.Array) -> Inputs:
        """Draw the images.

        Parameters
        ----------
        examples : ak.Array
            B events.

        Returns
        -------
        Inputs
            A ``Sparse`` a part.
        """
        weight = np.ones(len(examples))
        if self.divide_by is not None:
            value = value_where_possible(self.divide_by, examples)
            there = value > 0
            weight = np.divide(1.0, value, out=np.zeros_like(value), where=there)
        scale = np.asarray(self.scale or (1.0,) * len(self.layers), float)
        made: Inputs = {}
        for name, canvas in canvases(self.region).items():
            entries = [self._entries(layer, examples, canvas) for layer in self.layers]
            window = self._window(examples, canvas)
            drawn = _pixels.merge(entries, canvas, weight, scale, self.least, window)
            made[name] = Sparse(*drawn, (len(self.layers), *canvas.shape))
        return made

    def _entries(self, layer: Layer, examples: ak.Array, canvas: Canvas) -> list[_pixels.Entries]:
        if layer == "tracks":
            return _pixels.tracks(examples, canvas, self.tracks_at)
        return (_pixels.ecal if layer == "ecal" else _pixels.hcal)(examples, canvas)

    def _window(self, examples: ak.Array, canvas: Canvas) -> _pixels.Window | None:
        without, only = self.without_photons, self.only_photons
        if without is None and only is None:
            return None
        sizes = (-1 if one is None else one for one in (without, only))
        return _pixels.Window(_pixels.photon_pixels(examples, canvas), *sizes)

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
            With ``scale``, the same in all parts; 1 for a layer without any lit pixel.
        """
        plain = dataclasses.replace(self, scale=None)
        scale = lit_scale(image for examples in stream for image in plain(examples).values())
        return dataclasses.replace(self, scale=scale or (1.0,) * len(self.layers))

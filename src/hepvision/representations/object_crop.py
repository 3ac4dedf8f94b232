"""Window around an object in the detector image: crystals' energies and times, tracks, towers."""

import dataclasses
from collections.abc import Iterable
from typing import ClassVar, Literal, Self, get_args

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.inputs import Inputs, InputSpec, PartSpec, Sparse
from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.representations import _pixels
from hepvision.representations._canvas import Canvas, canvases
from hepvision.representations._chosen_object import Around, chosen_object, fields_of_object
from hepvision.representations._crops import Crops, crops, seeds, times
from hepvision.representations._scale import lit_scale

__all__ = ["ObjectCrop"]

Layer = Literal["tracks", "ecal", "hcal", "time"]
AROUND = get_args(Around)
REGIONS = ("barrel", "hcal_centric")
UNITS: dict[Layer, str] = {"tracks": "GeV", "ecal": "GeV", "hcal": "GeV", "time": "ns"}


@dataclasses.dataclass(frozen=True)
class ObjectCrop:
    r"""A window of n × n crystals around one object, as a picture.

    Rows rise with η, columns with φ. Columns go once around the beam, so that a window near φ = ±π
    is whole. Rows beyond the detector are blank: a window at the edge in η has its full shape too,
    and the object stays in its middle. In studies per event the object is one of the event, in
    studies per object that of the example. An example without it, or whose object lies outside the
    region, is blank.

    - ``ecal``: energy of the crystals;
    - ``time``: their times; 0 where there is no crystal, of several in a pixel that of the hardest;
    - ``tracks``: pT of the tracks;
    - ``hcal``: energy of the towers, shared equally among the crystals before them.

    The sum of a layer is the sum of what lies in the window. An event turned by n crystals gives
    the same window (``hcal``: by 5 n).

    Parameters
    ----------
    size : int
        Rows and columns; at most as many as the region has rows.
    layers : tuple of "tracks", "ecal", "hcal", "time"
        Channels; they come in this order, however they are given.
    around : "Photon", "Electron", "Jet" or "FatJet"
        The collection of the object. Super-clusters of electrons are photons too.
    which : int
        Rank of the object in its event in falling pT, 0 the leading one; of no meaning in studies
        per object.
    centre : "seed" or "object"
        What lies in row and column ``size // 2``: the hardest crystal within 2 rows and 8 columns
        of the object, or what the object points at. In a window of even size one more row and
        column lie before it than after it.
    region : "barrel" or "hcal_centric"
        What the window is cut from: 170 × 360 crystals, or 280 × 360 pixels of the barrel and the
        projected endcaps, as ``detector_image`` draws them.
    tracks_at : "ecal_face" or "vertex"
        Where a track's η and φ are taken.
    least : float, GeV
        Crystals at or below this are left out, with their times; 0 keeps all, negative ones too.
    normalise : "none", "sum" or "maximum"
        Divide each layer but ``time`` by the sum, or the largest, of its absolute values.
    scale : tuple of float, optional
        Constant that each layer is divided by, see ``measured``; 1 if not given.

    References
    ----------
    M. Andrews, M. Paulini, S. Gleyzer, B. Poczos, J. Phys. Conf. Ser. 1085 (2018) 042022.

    Examples
    --------
    >>> ObjectCrop().spec["image"].shape
    (2, 32, 32)
    >>> ObjectCrop(layers=("time", "ecal", "tracks")).spec["image"].names
    ('tracks', 'ecal', 'time')
    """

    size: int = 32
    layers: tuple[Layer, ...] = ("ecal", "time")
    around: Around = "Photon"
    which: int = 0
    centre: Literal["seed", "object"] = "seed"
    region: Literal["barrel", "hcal_centric"] = "barrel"
    tracks_at: Literal["ecal_face", "vertex"] = "ecal_face"
    least: float = 0.0
    normalise: Literal["none", "sum", "maximum"] = "none"
    scale: tuple[float, ...] | None = None
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        for name, fits in (("around", AROUND), ("region", REGIONS)):
            if getattr(self, name) not in fits:
                raise ValueError(f"{name}: must be one of {fits}, got {getattr(self, name)!r}.")
        known = tuple(UNITS)
        if not self.layers or len(set(self.layers)) < len(self.layers):
            raise ValueError(f"layers: must be one or more of {known}, got {self.layers}.")
        if set(self.layers) - set(known):
            raise ValueError(f"layers: must be of {known}, got {self.layers}.")
        object.__setattr__(self, "layers", tuple(one for one in UNITS if one in self.layers))
        rows = self._canvas().shape[0]
        if not 1 <= self.size <= rows:
            raise ValueError(
                f"size: must lie between 1 and the {rows} rows of {self.region}, got {self.size}."
            )
        for name in ("which", "least"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name}: must be 0 or more, got {getattr(self, name)}.")
        if self.scale is not None and (len(self.scale) != len(self.layers) or min(self.scale) <= 0):
            raise ValueError(f"scale: must be a positive number a layer, got {self.scale}.")

    def _canvas(self) -> Canvas:
        return canvases(self.region)["image"]

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that the windows are made of."""
        found = list(fields_of_object(self.around))
        wanted = {"ecal": "energy", "time": "time"}
        keys = [wanted[layer] for layer in self.layers if layer in wanted]
        if self.centre == "seed" or keys:
            keys = list(dict.fromkeys(["energy", *keys]))
        for crystal in (EcalBarrel(), EcalEndcap()) if keys else ():
            if crystal.collection in self._canvas().tables:
                found += [f"{crystal.collection}.{key}" for key in (*crystal.fields, *keys)]
        if "tracks" in self.layers:
            where = ("etaEcal", "phiEcal") if self.tracks_at == "ecal_face" else ("eta", "phi")
            found += [f"Track.{key}" for key in ("pt", *where)]
        if "hcal" in self.layers:
            found += [f"HcalHit.{key}" for key in ("ieta", "iphi", "energy")]
        return tuple(dict.fromkeys(found))

    @property
    def spec(self) -> InputSpec:
        """One image."""
        plain = self.normalise == "none"
        units = tuple(UNITS[one] if plain or one == "time" else "" for one in self.layers)
        scale = self.scale or (1.0,) * len(self.layers)
        shape = (len(self.layers), self.size, self.size)
        return {"image": PartSpec("image", shape, self.layers, units, scale, "window")}

    def __call__(self, examples: ak.Array) -> Inputs:
        """Cut the windows out.

        Parameters
        ----------
        examples : ak.Array
            B events, or objects of them.

        Returns
        -------
        Inputs
            ``{"image": Sparse}``.

        Raises
        ------
        SchemaError
            The examples are objects of another collection.
        """
        canvas = self._canvas()
        there, found = chosen_object(examples, self.around, self.which)
        centre = np.where(there, canvas.locate(found["eta"], found["phi"]), -1)
        energies: list[_pixels.Entries] = []
        if self.centre == "seed" or "ecal" in self.layers:
            energies = _pixels.ecal(examples, canvas)
        if self.centre == "seed":
            centre = seeds(energies, canvas, centre)
        made = crops(
            [self._entries(one, examples, canvas, energies, centre) for one in self.layers],
            canvas,
            centre,
            self.size,
        )
        value = (
            self._normalised(made)
            / np.asarray(self.scale or (1.0,) * len(self.layers))[made.channel]
        )
        index = (made.channel * self.size**2 + made.pixel).astype(np.uint32)
        shape = (len(self.layers), self.size, self.size)
        return {"image": Sparse(made.offsets, index, value.astype(np.float32), shape)}

    def _entries(
        self,
        layer: Layer,
        examples: ak.Array,
        canvas: Canvas,
        energies: list[_pixels.Entries],
        centre: NDArray[np.int64],
    ) -> list[_pixels.Entries]:
        if layer == "tracks":
            return _pixels.tracks(examples, canvas, self.tracks_at)
        if layer == "hcal":
            return _pixels.hcal(examples, canvas)
        if layer == "time":
            return times(examples, canvas, centre, self.size // 2, self.least)
        if self.least == 0:
            return energies
        return [
            one._replace(channel=np.where(one.value > self.least, one.channel, -1))
            for one in energies
        ]

    def _normalised(self, made: Crops) -> NDArray[np.float64]:
        """Values over the sum or maximum of their layer of their window."""
        if self.normalise == "none" or not len(made.value):
            return made.value
        number = len(self.layers)
        window = np.repeat(np.arange(len(made.offsets) - 1), np.diff(made.offsets))
        group, size = window * number + made.channel, np.abs(made.value)
        total = np.zeros((len(made.offsets) - 1) * number)
        if self.normalise == "sum":
            total += np.bincount(group, size, len(total))
        else:
            np.maximum.at(total, group, size)
        if "time" in self.layers:
            total[self.layers.index("time") :: number] = 1.0
        whole = total[group]
        return np.divide(made.value, whole, out=np.zeros_like(made.value), where=whole > 0)

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        """The same with constants such that lit pixels have a root mean square of 1.

        Parameters
        ----------
        stream : iterable of ak.Array
            Examples of the training split.

        Returns
        -------
        ObjectCrop
            With ``scale``; 1 for a layer without any lit pixel.
        """
        plain = dataclasses.replace(self, scale=None)
        scale = lit_scale(plain(examples)["image"] for examples in stream)
        return dataclasses.replace(self, scale=scale or (1.0,) * len(self.layers))

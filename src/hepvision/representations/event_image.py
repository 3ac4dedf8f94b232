"""Pictures of whole events in η and φ: energies, tracks, or any field of any collection."""

import dataclasses
from collections.abc import Iterable
from typing import ClassVar, Self

import awkward as ak
import numpy as np

from hepvision.core.inputs import Inputs, InputSpec, PartSpec, Sparse
from hepvision.core.names import hint
from hepvision.events.schema import FIELDS, flat
from hepvision.representations._eta_phi_cells import (
    GEOMETRIES,
    at_cells,
    centres,
    cosh_eta,
    numbers_of,
    pixel_at,
    shares,
)
from hepvision.representations._scale import lit_scale
from hepvision.representations._strokes import Strokes, draw

__all__ = ["EventImage"]

#: Channels of several collections, or of short names.
NAMED = {
    "ecal": ("EcalBarrelHit.energy", "EcalEndcapHit.energy"),
    "hcal": ("HcalHit.energy",),
    "calorimeter": ("EcalBarrelHit.energy", "EcalEndcapHit.energy", "HcalHit.energy"),
    "tracks": ("Track.pt",),
}
#: Collections that have a place in η and φ.
PLACED = tuple(name for name in FIELDS if name in GEOMETRIES or {"eta", "phi"} <= set(FIELDS[name]))


@dataclasses.dataclass(frozen=True)
class EventImage:
    r"""The whole event on a grid: rows along η, columns along φ from −π once around the beam.

    Cells of the calorimeters are placed by their geometry. A cell shares its energy among the
    pixels that it covers, by area, so that pixels that are no multiple of the cells show no
    pattern of their own; one whose centre lies outside the picture is left out, one at its edge
    is drawn whole within. Other objects are one pixel each. The sum of a channel is the sum of
    what lies in :math:`|\eta| < \eta_{max}`: nothing is lost or doubled at the seam of barrel and
    endcaps or at φ = π. Turned by a whole number of pixels and of cells, an event is the picture
    rolled along φ.

    Parameters
    ----------
    pixels : tuple of int
        Rows and columns.
    channels : tuple of str
        ``ecal``, ``hcal``, ``calorimeter`` (both together, as in the paper), ``tracks`` (their
        pT), ``Collection.field`` for the sum of any field, such as ``Tower.et``, or
        ``Collection`` for the number of its objects.
    eta_max : float
        The picture ends at plus and minus this.
    transverse : bool
        Draw energies of cells as transverse energies, seen from the centre of the detector.
    share : bool
        False: a cell is one pixel, that of its centre.
    scale : tuple of float, optional
        Constant that each channel is divided by, see ``measured``; 1 if not given.

    References
    ----------
    W. Bhimji, S. A. Farrell, T. Kurth, M. Paganini, Prabhat, E. Racah, J. Phys. Conf. Ser. 1085
    (2018) 042034, arXiv:1711.03573. V. Ayyar, W. Bhimji, L. Gerhardt, S. Robertson, Z. Ronaghi,
    EPJ Web Conf. 245 (2020) 06003, arXiv:2002.05761.

    Examples
    --------
    >>> EventImage().spec["image"].shape
    (3, 64, 64)
    >>> EventImage(channels=("calorimeter", "Track")).spec["image"].units
    ('GeV', '')
    """

    pixels: tuple[int, int] = (64, 64)
    channels: tuple[str, ...] = ("ecal", "hcal", "tracks")
    eta_max: float = 3.0
    transverse: bool = False
    share: bool = True
    scale: tuple[float, ...] | None = None
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if min(self.pixels) < 1:
            raise ValueError(f"pixels: must be 1 or more, got {self.pixels}.")
        if not 0.1 <= self.eta_max <= 10.0:
            raise ValueError(f"eta_max: must lie between 0.1 and 10, got {self.eta_max}.")
        if not self.channels or len(set(self.channels)) < len(self.channels):
            raise ValueError(f"channels: must be one or more and differ, got {self.channels}.")
        for name in self.channels:
            _checked(name)
        scale = self.scale
        if scale is not None and (len(scale) != len(self.channels) or min(scale) <= 0):
            raise ValueError(f"scale: must be a positive number a channel, got {scale}.")

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that the pictures are made of."""
        found: list[str] = []
        for name in self.channels:
            for source in NAMED.get(name, (name,)):
                collection, _, field = source.partition(".")
                geometry = GEOMETRIES.get(collection)
                place = ("eta", "phi") if geometry is None else geometry.fields
                found += [f"{collection}.{key}" for key in (*place, *([field] if field else []))]
        return tuple(dict.fromkeys(found))

    @property
    def spec(self) -> InputSpec:
        """One image."""
        scale = self.scale or (1.0,) * len(self.channels)
        units = tuple(_unit(name) for name in self.channels)
        shape = (len(self.channels), *self.pixels)
        return {"image": PartSpec("image", shape, self.channels, units, scale, "eta_phi")}

    def __call__(self, examples: ak.Array) -> Inputs:
        """Draw the pictures.

        Parameters
        ----------
        examples : ak.Array
            B events.

        Returns
        -------
        Inputs
            ``{"image": Sparse}``.
        """
        strokes = [
            self._strokes(examples, layer, source)
            for layer, name in enumerate(self.channels)
            for source in NAMED.get(name, (name,))
        ]
        scale = np.asarray(self.scale or (1.0,) * len(self.channels), float)
        drawn = draw(strokes, len(examples), scale, self.pixels[0] * self.pixels[1])
        return {"image": Sparse(*drawn, (len(self.channels), *self.pixels))}

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        """The same with constants such that lit pixels have a root mean square of 1.

        Parameters
        ----------
        stream : iterable of ak.Array
            Examples of the training split.

        Returns
        -------
        EventImage
            With ``scale``; 1 for a channel without any lit pixel.
        """
        plain = dataclasses.replace(self, scale=None)
        scale = lit_scale(plain(examples)["image"] for examples in stream)
        return dataclasses.replace(self, scale=scale or (1.0,) * len(self.channels))

    def _strokes(self, examples: ak.Array, layer: int, source: str) -> Strokes:
        """What one collection adds to a channel."""
        collection, _, field = source.partition(".")
        geometry = GEOMETRIES.get(collection)
        place = ("eta", "phi") if geometry is None else geometry.fields
        keys = list(dict.fromkeys((*place, *([field] if field else []))))
        offsets, one = flat(examples[collection][keys])
        number = int(offsets[-1])
        value = one[field].astype(np.float32, copy=False) if field else np.ones(number, np.float32)
        if geometry is None:
            at = pixel_at(one["eta"], one["phi"], self.pixels, self.eta_max)
            return Strokes(layer, offsets, value, at)
        cells = [one[key] for key in place]
        grid = collection, tuple(self.pixels), self.eta_max
        if self.transverse and field == "energy":
            value = value / at_cells(cosh_eta(collection), collection, *cells)
        if not (self.share and field):
            return Strokes(layer, offsets, value, at_cells(centres(*grid), collection, *cells))
        down, right = numbers_of(collection, *cells)
        return Strokes(layer, offsets, value, right, down, shares(*grid))


def _checked(name: str) -> None:
    """Refuse a channel that cannot be drawn."""
    if name in NAMED:
        return
    collection, dot, field = name.partition(".")
    if collection not in PLACED:
        advice = hint(name, (*NAMED, *PLACED), "Name a collection with a place in η and φ.")
        raise ValueError(f"channels: no channel {name!r}. {advice}")
    known = FIELDS[collection]
    if dot and (field not in known or np.dtype(known[field].dtype).kind not in "fiub"):
        raise ValueError(f"channels: no field {field!r} of {collection}. {hint(field, known)}")


def _unit(name: str) -> str:
    """Unit of a channel."""
    collection, _, field = NAMED.get(name, (name,))[0].partition(".")
    return FIELDS[collection][field].unit if field else ""

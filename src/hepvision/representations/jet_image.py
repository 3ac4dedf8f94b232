"""Images of jets: pT, or pT and multiplicity "in colour", on any grid around the axis."""

import dataclasses
from collections.abc import Iterable
from typing import ClassVar, Literal, Self

import awkward as ak

from hepvision.core.inputs import Frame, Inputs, InputSpec, PartSpec, Sparse
from hepvision.core.names import hint
from hepvision.events.schema import FIELDS, flat
from hepvision.representations._jet_pixels import CHANNELS, OF_PT, Drawing, draw
from hepvision.representations._jets import JetName, chosen_jets, fields_of_jets
from hepvision.representations._scale import lit_scale

__all__ = ["JetImage"]

#: Channels that read the charge.
CHARGED = {"charged_pt", "neutral_pt", "charged_multiplicity"}


@dataclasses.dataclass(frozen=True)
class JetImage:
    r"""The leading jet as a picture, rows along η and columns along φ, centred on the jet.

    Constituents are laid in the plane before they fall into pixels, which loses less than turning
    a picture. In this order:

    1. Δη and Δφ to the jet's axis;
    2. ``centre: centroid``: the mean weighted by pT comes to the middle;
    3. ``rotate``: the principal axis of the pT is laid along the rows' direction, η, and the half
       with more pT upwards, to larger rows;
    4. ``flip``: mirrored such that the right half, larger columns, has more pT; without
       ``rotate`` the upper half too;
    5. pixels: each channel is summed over the constituents in a pixel, those outside are left out;
    6. ``normalise``: the channels of pT are divided by one number, that of the picture of all
       pT; multiplicities and other fields are not;
    7. ``scale``.

    Without normalising, the sum of the pixels is that of the constituents inside. A jet without
    constituents, or of zero pT, is blank; constituents of zero pT are left out.

    Parameters
    ----------
    pixels : tuple of int
        Rows and columns.
    width : tuple of float, -, rad
        Size of the whole picture in η and φ; 2R holds a jet of radius R.
    channels : tuple of str
        Of ``pt``, ``charged_pt``, ``neutral_pt``, ``multiplicity``, ``charged_multiplicity``,
        or any field of ``Particle``, which is summed. Jets in colour are charged_pt, neutral_pt,
        charged_multiplicity.
    centre : "jet" or "centroid"
        What lies in the middle.
    rotate : bool
        Turn the principal axis.
    flip : bool
        Mirror.
    normalise : "none", "sum", "maximum" or "euclidean"
        Make the sum, the largest pixel, or the root of the sum of squares, of all pT 1.
    jet : "FatJet" or "Jet"
        The jets whose constituents the particles are. In studies per event it is the leading one.
    scale : tuple of float, optional
        Constant that each channel is divided by, see ``measured``; 1 if not given.

    References
    ----------
    L. de Oliveira, M. Kagan, L. Mackey, B. Nachman, A. Schwartzman, Jet-Images - Deep Learning
    Edition, JHEP 07 (2016) 069, arXiv:1511.05190 (flip, squares). P. T. Komiske, E. M. Metodiev,
    M. D. Schwartz, Deep learning in color, JHEP 01 (2017) 110, arXiv:1612.01551 (colour, sum).
    S. Macaluso, D. Shih, Pulling Out All the Tops with Computer Vision and Deep Learning, JHEP 10
    (2018) 121, arXiv:1803.00107 (order, principal axis, before pixels).

    Examples
    --------
    >>> JetImage(pixels=(64, 64), rotate=True, flip=True).spec["image"].shape
    (1, 64, 64)
    >>> JetImage(channels=("charged_pt", "neutral_pt", "charged_multiplicity")).spec["image"].units
    ('GeV', 'GeV', '')
    """

    pixels: tuple[int, int] = (33, 33)
    width: tuple[float, float] = (1.6, 1.6)
    channels: tuple[str, ...] = ("pt",)
    centre: Literal["jet", "centroid"] = "centroid"
    rotate: bool = False
    flip: bool = False
    normalise: Literal["none", "sum", "maximum", "euclidean"] = "none"
    jet: JetName = "FatJet"
    scale: tuple[float, ...] | None = None
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if min(self.pixels) < 1:
            raise ValueError(f"pixels: must be 1 or more, got {self.pixels}.")
        if not min(self.width) > 0:
            raise ValueError(f"width: must be positive, got {self.width}.")
        known = (*CHANNELS, *(name for name in FIELDS["Particle"] if name != "jetIdx"))
        for name in self.channels:
            if name not in known:
                raise ValueError(f"channels: no channel {name!r}. {hint(name, known)}")
        if not self.channels or len(set(self.channels)) < len(self.channels):
            raise ValueError(f"channels: must be one or more and differ, got {self.channels}.")
        scale = self.scale
        if scale is not None and (len(scale) != len(self.channels) or min(scale) <= 0):
            raise ValueError(f"scale: must be a positive number a channel, got {scale}.")

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that the pictures are made of."""
        return fields_of_jets(self.jet, fields=self._more())

    @property
    def spec(self) -> InputSpec:
        """One image."""
        scale = self.scale or (1.0,) * len(self.channels)
        units = tuple(
            ""
            if name in OF_PT and self.normalise != "none"
            else CHANNELS[name]
            if name in CHANNELS
            else FIELDS["Particle"][name].unit
            for name in self.channels
        )
        shape = (len(self.channels), *self.pixels)
        # mirrored again, a jet that was laid in order would look like none that is tested
        frame: Frame = "" if self.rotate or self.flip else "window"
        return {"image": PartSpec("image", shape, self.channels, units, scale, frame)}

    def __call__(self, examples: ak.Array) -> Inputs:
        """Draw the pictures.

        Parameters
        ----------
        examples : ak.Array
            B events, or jets of them.

        Returns
        -------
        Inputs
            ``{"image": Sparse}``.
        """
        lead, jets = chosen_jets(examples, self.jet)
        names = [name.partition(".")[2] for name in self.reads if name.startswith("Particle.")]
        offsets, found = flat(examples["Particle"][names])
        drawing = Drawing(
            self.pixels,
            self.width,
            self.centre == "centroid",
            self.rotate,
            self.flip,
            self.normalise,
            self.channels,
            self.scale or (1.0,) * len(self.channels),
        )
        drawn = draw(offsets, found, lead, (jets["eta"], jets["phi"]), drawing)
        return {"image": Sparse(*drawn, (len(self.channels), *self.pixels))}

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        """The same with constants such that lit pixels have a root mean square of 1.

        Parameters
        ----------
        stream : iterable of ak.Array
            Examples of the training split.

        Returns
        -------
        JetImage
            With ``scale``; 1 for a channel without any lit pixel.
        """
        plain = dataclasses.replace(self, scale=None)
        scale = lit_scale(plain(examples)["image"] for examples in stream)
        return dataclasses.replace(self, scale=scale or (1.0,) * len(self.channels))

    def _more(self) -> tuple[str, ...]:
        """Fields of ``Particle`` that channels need."""
        fields = [name for name in self.channels if name not in CHANNELS]
        return (*(["charge"] if CHARGED & set(self.channels) else []), *fields)

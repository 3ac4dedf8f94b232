"""Images as they were published, from their lit pixels."""

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Literal, Self

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError
from hepvision.core.inputs import Frame, Inputs, InputSpec, Part, PartSpec, Sparse
from hepvision.core.names import hint
from hepvision.events.schema import flat
from hepvision.representations._scale import lit_scale

__all__ = ["PublishedImage"]

Shape = tuple[int, int, int]


@dataclasses.dataclass(frozen=True)
class PublishedImage:
    r"""A published picture: the events' ``Pixel``, (C, H, W), as it was or cut and normalised.

    Without options the pixels are those of the file, to the last bit. What is asked for is done in
    this order: channels, crop, ``least``, ``normalise``, ``scale``.

    Parameters
    ----------
    shape : tuple of int, optional
        Channels, rows and columns of the published picture. Readers leave it in the events'
        attributes, where ``measured`` takes it from; a card that is to be checked without events
        needs it.
    channels : tuple of str, optional
        Names of the published channels, in order; from the attributes too.
    unit : str, optional
        Their unit; from the attributes too.
    keep : tuple of str, optional
        Channels that are wanted, in the order wanted; all by default.
    crop : tuple of int, optional
        Rows and columns of the window that is kept, in the middle; the papers on jets of 125 × 125
        keep (85, 85). Where it cannot be centred, one more is cut at the end.
    least : float
        Pixels at or below this are left out, in the published unit; 0 keeps all, negative ones
        too. The end-to-end papers cut at 0.001.
    normalise : "none", "sum" or "maximum"
        Divide each channel of each picture by the sum, or the largest, of its absolute values. A
        blank channel stays blank.
    scale : tuple of float, optional
        Constant that each kept channel is divided by, see ``measured``; 1 if not given.
    frame : str
        What rows and columns are, see ``PartSpec``: such as ``eta_phi``, ``crystals`` or
        ``window``. Needed to turn or mirror training images; files do not tell it.

    References
    ----------
    M. Andrews et al., Nucl. Instrum. Meth. A 977 (2020) 164304, arXiv:1902.08276.
    W. Bhimji et al., J. Phys. Conf. Ser. 1085 (2018) 042034, arXiv:1711.03573.

    Examples
    --------
    >>> PublishedImage(shape=(3, 125, 125), crop=(85, 85)).spec["image"].shape
    (3, 85, 85)
    """

    shape: Shape | None = None
    channels: tuple[str, ...] | None = None
    unit: str | None = None
    keep: tuple[str, ...] | None = None
    crop: tuple[int, int] | None = None
    least: float = 0.0
    normalise: Literal["none", "sum", "maximum"] = "none"
    scale: tuple[float, ...] | None = None
    frame: Frame = ""
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if self.shape is not None and min(self.shape) < 1:
            raise ValueError(f"shape: must be channels, rows, columns, got {self.shape}.")
        if self.shape is not None and self.channels is not None:
            if len(self.channels) != self.shape[0]:
                raise ValueError(
                    f"channels: must be {self.shape[0]} names, got {len(self.channels)}."
                )
        if self.channels is not None and len(set(self.channels)) < len(self.channels):
            raise ValueError(f"channels: must differ, got {self.channels}.")
        if self.crop is not None and min(self.crop) < 1:
            raise ValueError(f"crop: must be positive, got {self.crop}.")
        if not self.least >= 0:
            raise ValueError(f"least: must be 0 or more, got {self.least}.")
        if self.scale is not None and min(self.scale, default=1.0) <= 0:
            raise ValueError(f"scale: must be positive, got {self.scale}.")
        if self.shape is not None:
            self._kept()
            self._window()

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that the images are made of."""
        return ("Pixel.index", "Pixel.value")

    @property
    def spec(self) -> InputSpec:
        """One image, if its shape is known.

        Raises
        ------
        SchemaError
            It is not: neither given, nor measured from events that tell it.
        """
        kept, (_, rows), (_, columns) = self._kept(), *self._window()
        names = tuple(self._names()[k] for k in kept)
        unit = self.unit or ""
        units = {"none": unit, "sum": f"{unit}/sum", "maximum": f"{unit}/maximum"}
        scale = self.scale or (1.0,) * len(kept)
        made = (units[self.normalise].removeprefix("/"),) * len(kept)
        return {
            "image": PartSpec("image", (len(kept), rows, columns), names, made, scale, self.frame)
        }

    def __call__(self, examples: ak.Array) -> Inputs:
        """Take the pixels that are wanted.

        Parameters
        ----------
        examples : ak.Array
            B events; where their attributes tell a shape, it must be this one's.

        Returns
        -------
        Inputs
            ``{"image": Sparse}``.

        Raises
        ------
        SchemaError
            The shape is not known or another one, or a pixel lies outside.
        """
        one = self._told(examples)
        kept, (top, rows), (left, columns) = one._kept(), *one._window()
        channels, height, width = one._shape()
        offsets, pixels = flat(examples["Pixel"])
        index = pixels["index"].astype(np.int64)
        if len(index) and index.max() >= channels * height * width:
            raise SchemaError(
                f"published_image: pixels must lie in {one.shape}, got index {index.max()}. "
                "Give the shape of the published picture."
            )
        value = pixels["value"].astype(np.float64)
        place = np.full(channels, -1)
        place[list(kept)] = np.arange(len(kept))
        channel = place[index // (height * width)]
        row, column = index // width % height - top, index % width - left
        there = (channel >= 0) & (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        if self.least > 0:
            there &= value > self.least
        event = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))[there]
        channel, value = channel[there], value[there]
        made = (channel * rows + row[there]) * columns + column[there]
        value = self._normalised(value, event * len(kept) + channel)
        if self.scale is not None:
            value = value / np.asarray(self.scale)[channel]
        bounds = np.concatenate([[0], np.cumsum(there)])[offsets]
        shape = (len(kept), rows, columns)
        part = Sparse(bounds, made.astype(np.uint32), value.astype(np.float32), shape)
        return {"image": part}

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        """The same with shape, channels and unit of the events, and constants of their pixels.

        Each kept channel is divided by the root mean square of its lit pixels.

        Parameters
        ----------
        stream : iterable of ak.Array
            Examples of the training split.

        Returns
        -------
        PublishedImage
            With ``scale``; 1 for a channel without any lit pixel.

        Raises
        ------
        SchemaError
            Events do not tell the shape, or not all the same.
        """
        plain = dataclasses.replace(self, scale=None)

        def images() -> Iterator[Part]:
            nonlocal plain
            for examples in stream:
                plain = plain._told(examples)
                yield plain(examples)["image"]

        scale = lit_scale(images())
        return dataclasses.replace(plain, scale=scale or (1.0,) * len(plain._kept()))

    def _told(self, examples: ak.Array) -> Self:
        """With what the attributes of the events tell, where nothing else is given."""
        image: dict[str, Any] = examples.attrs.get("hepvision", {}).get("image") or {}
        if not image:
            return self
        sizes = [int(size) for size in image["shape"]]
        if len(sizes) != 3:
            raise SchemaError(f"published_image: pictures must be (C, H, W), got {sizes}.")
        shape: Shape = (sizes[0], sizes[1], sizes[2])
        if self.shape is not None and shape != tuple(self.shape):
            raise SchemaError(
                f"published_image: pictures must have shape {self.shape}, got {shape}. "
                "Use one representation for each shape."
            )
        names, unit = image.get("channels"), image.get("unit")
        return dataclasses.replace(
            self,
            shape=self.shape or shape,
            channels=self.channels or (tuple(names) if names else None),
            unit=unit if self.unit is None else self.unit,
        )

    def _shape(self) -> Shape:
        if self.shape is None:
            raise SchemaError(
                "published_image: needs the shape of the picture, got none. "
                "Give shape: [channels, rows, columns]."
            )
        return self.shape

    def _names(self) -> tuple[str, ...]:
        number = self._shape()[0]
        return self.channels or tuple(f"channel{k}" for k in range(number))

    def _kept(self) -> tuple[int, ...]:
        """Numbers of the channels that are wanted."""
        names = self._names()
        for name in self.keep or ():
            if name not in names:
                raise SchemaError(f"keep: no channel {name!r}. {hint(name, names)}")
        kept = self.keep or names
        if len(set(kept)) < len(kept):
            raise SchemaError(f"keep: channels must differ, got {self.keep}.")
        return tuple(names.index(name) for name in kept)

    def _window(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """First row and number of rows that are kept, and the same of columns."""
        sizes = self._shape()[1:]
        crop = self.crop or sizes
        if crop[0] > sizes[0] or crop[1] > sizes[1]:
            raise SchemaError(f"crop: must lie in {sizes}, got {self.crop}.")
        rows, columns = ((size - want) // 2 for size, want in zip(sizes, crop, strict=True))
        return (rows, crop[0]), (columns, crop[1])

    def _normalised(self, value: NDArray[Any], group: NDArray[Any]) -> NDArray[Any]:
        """Values over the sum or maximum of their channel of their picture."""
        if self.normalise == "none" or not len(value):
            return value
        size = np.abs(value)
        if self.normalise == "sum":
            total: NDArray[Any] = np.bincount(group, size)
        else:
            total = np.zeros(int(group.max()) + 1)
            np.maximum.at(total, group, size)
        whole = total[group]
        return np.divide(value, whole, out=np.zeros_like(value), where=whole > 0)

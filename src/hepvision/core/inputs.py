"""What a network reads: dense, ragged or sparse parts, in numpy only."""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal, get_args

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError

__all__ = [
    "Dense",
    "Frame",
    "InputSpec",
    "Inputs",
    "Part",
    "PartSpec",
    "Ragged",
    "Sparse",
    "concatenate",
    "taken",
]

Floats = NDArray[np.float32]
Kind = Literal["image", "volume", "set", "sequence", "graph", "vector"]
Frame = Literal["", "crystals", "eta_phi", "phi_eta", "endcap", "window"]


@dataclasses.dataclass(frozen=True)
class PartSpec:
    """What one part of the inputs is.

    Parameters
    ----------
    kind : "image", "volume", "set", "sequence", "graph" or "vector"
        What a network may assume of it.
    shape : tuple of int
        Shape of one example: image (C, H, W); set (N, F) with N the most objects; vector (F,).
    names : tuple of str
        Channels or features, C or F of them.
    units : tuple of str
        One a name; "" for none.
    scale : tuple of float
        What each channel or feature was divided by, one a name.
    frame : str
        What the rows and columns of an image are, where it says so: rows in η and columns once
        around the beam from φ = −10° (``crystals``) or −π (``eta_phi``), the latter with rows and
        columns exchanged (``phi_eta``), y and x (``endcap``), or η and φ about an object or jet
        (``window``). Training turns and mirrors no image that does not say it. No part of what
        two specs must agree in.

    Examples
    --------
    >>> PartSpec("vector", (2,), ("pt", "eta"), ("GeV", ""), (1.0, 1.0)).width
    2
    """

    kind: Kind
    shape: tuple[int, ...]
    names: tuple[str, ...]
    units: tuple[str, ...]
    scale: tuple[float, ...]
    frame: Frame = dataclasses.field(default="", compare=False)

    def __post_init__(self) -> None:
        if self.frame not in get_args(Frame) or (self.frame and self.kind != "image"):
            raise ValueError(
                f"input: frame must be one of {get_args(Frame)[1:]}, of an image, got "
                f"{self.frame!r} of a {self.kind}."
            )
        if not len(self.names) == len(self.units) == len(self.scale) == self.width:
            raise ValueError(
                f"input: needs a name, unit and scale for each of {self.width}, got "
                f"{len(self.names)}, {len(self.units)}, {len(self.scale)}."
            )

    @property
    def masked(self) -> bool:
        """Whether examples have different numbers of objects: then there is a mask beside them."""
        return self.kind in {"set", "sequence"}

    @property
    def width(self) -> int:
        """Number of channels or features."""
        return self.shape[0] if self.kind in {"image", "volume"} else self.shape[-1]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for a bundle.

        Returns
        -------
        dict
            Keys as the parameters.
        """
        return {key: list(v) if isinstance(v, tuple) else v for key, v in vars(self).items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "PartSpec":
        """The reverse of ``as_dict``.

        Parameters
        ----------
        data : mapping
            Keys as the parameters.

        Returns
        -------
        PartSpec
            The same part.

        Raises
        ------
        SchemaError
            A key is missing or a value is of the wrong type.
        """
        try:
            return cls(
                data["kind"],
                tuple(int(n) for n in data["shape"]),
                tuple(str(n) for n in data["names"]),
                tuple(str(n) for n in data["units"]),
                tuple(float(n) for n in data["scale"]),
                data.get("frame", ""),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise SchemaError(f"input: description is damaged, got {error}.") from error


InputSpec = dict[str, PartSpec]


@numba.njit(cache=True)
def _scatter(offsets, index, value, rows, channels, height_width, out):  # type: ignore[no-untyped-def]
    for b in range(rows.size):
        row = rows[b]
        # one image fits the cache, a batch does not: clear and fill it in one go
        out[b, :] = 0
        for i in range(offsets[row], offsets[row + 1]):
            # few channels: subtracting is faster than dividing
            pixel, channel = np.int64(index[i]), 0
            while pixel >= height_width:
                pixel -= height_width
                channel += 1
            out[b, pixel * channels + channel] += value[i]


@dataclasses.dataclass(frozen=True)
class Dense:
    """One array, shape (B, …), float32.

    Examples
    --------
    >>> Dense(np.ones((3, 2), np.float32)).take(np.array([0])).values.shape
    (1, 2)
    """

    values: Floats

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: NDArray[Any]) -> "Dense":
        """The given rows, in the given order.

        Parameters
        ----------
        rows : array of int, shape (b,)
            Row numbers.

        Returns
        -------
        Dense
            b examples.
        """
        return Dense(self.values[rows])

    def fill(self, out: Floats, mask: NDArray[np.bool_] | None = None) -> None:
        """Write all rows into a buffer.

        Parameters
        ----------
        out : array, shape (B, …), float32
            Overwritten.
        mask : array, shape (B, N), optional
            Set to True everywhere.
        """
        out[...] = self.values
        if mask is not None:
            mask[...] = True


@dataclasses.dataclass(frozen=True)
class Ragged:
    """N objects an example: offsets (B+1), values (ΣN, F).

    Examples
    --------
    >>> part = Ragged(np.array([0, 2, 2]), np.ones((2, 1), np.float32))
    >>> out, mask = np.empty((2, 3, 1), np.float32), np.empty((2, 3), bool)
    >>> part.fill(out, mask)
    >>> mask.sum(axis=1).tolist()
    [2, 0]
    """

    offsets: NDArray[np.int64]
    values: Floats

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, rows: NDArray[Any]) -> "Ragged":
        """The given rows, in the given order.

        Parameters
        ----------
        rows : array of int, shape (b,)
            Row numbers.

        Returns
        -------
        Ragged
            b examples.
        """
        offsets, index = _gather(self.offsets, rows)
        return Ragged(offsets, self.values[index])

    def fill(self, out: Floats, mask: NDArray[np.bool_] | None = None) -> None:
        """Write all rows into a padded buffer; objects beyond N are left out.

        Parameters
        ----------
        out : array, shape (B, N, F), float32
            Overwritten; zero where there is no object.
        mask : array, shape (B, N), optional
            Set to True where there is one.
        """
        counts = np.minimum(np.diff(self.offsets), out.shape[1])
        there = np.arange(out.shape[1]) < counts[:, None]
        out[...] = 0
        source = (self.offsets[:-1, None] + np.arange(out.shape[1]))[there]
        out[there] = self.values[source]
        if mask is not None:
            mask[...] = there


@dataclasses.dataclass(frozen=True)
class Sparse:
    """Non-zero pixels: offsets (B+1), index uint32, value float32.

    ``index`` is (channel · H + row) · W + column in an image of ``shape`` (C, H, W).

    Examples
    --------
    >>> one = Sparse(
    ...     np.array([0, 1]), np.array([5], np.uint32), np.array([2], np.float32), (1, 2, 3)
    ... )
    >>> out = np.empty((1, 1, 2, 3), np.float32)
    >>> one.fill(out)
    >>> out[0, 0, 1, 2].item()
    2.0
    """

    offsets: NDArray[np.int64]
    index: NDArray[np.uint32]
    value: Floats
    shape: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, rows: NDArray[Any]) -> "Sparse":
        """The given rows, in the given order.

        Parameters
        ----------
        rows : array of int, shape (b,)
            Row numbers.

        Returns
        -------
        Sparse
            b examples.
        """
        offsets, index = _gather(self.offsets, rows)
        return Sparse(offsets, self.index[index], self.value[index], self.shape)

    def fill(
        self,
        out: Floats,
        mask: NDArray[np.bool_] | None = None,
        rows: NDArray[np.int64] | None = None,
    ) -> None:
        """Write rows into a buffer; pixels named twice are added.

        Parameters
        ----------
        out : array, shape (B, C, H, W), float32
            Overwritten. Contiguous, or the (0, 3, 1, 2) transpose of a contiguous (B, H, W, C).
        mask : array, optional
            Set to True everywhere.
        rows : array of int, shape (B,), optional
            Which examples; all by default.

        Raises
        ------
        ValueError
            The buffer has another shape or order in memory.
        """
        rows = np.arange(len(self)) if rows is None else np.asarray(rows, np.int64)
        if out.shape != (len(rows), *self.shape):
            raise ValueError(f"buffer: must be {(len(rows), *self.shape)}, got {out.shape}.")
        pixels, whole = int(np.prod(self.shape[1:])), int(np.prod(self.shape))
        last = np.moveaxis(out, 1, -1)
        if last.flags.c_contiguous:
            flat, channels = last.reshape(len(rows), whole), self.shape[0]
        elif out.flags.c_contiguous:
            flat, channels, pixels = out.reshape(len(rows), whole), 1, whole
        else:
            raise ValueError("buffer: must be contiguous, channels first or last.")
        _scatter(self.offsets, self.index, self.value, rows, channels, pixels, flat)
        if mask is not None:
            mask[...] = True


def _gather(offsets: NDArray[Any], rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    rows = np.asarray(rows, np.int64)
    counts = offsets[rows + 1] - offsets[rows]
    made = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    index = np.arange(made[-1]) + np.repeat(offsets[rows] - made[:-1], counts)
    return made, index


Part = Dense | Ragged | Sparse
Inputs = dict[str, Part]


def taken(inputs: Inputs, rows: NDArray[Any]) -> Inputs:
    """Some of the examples.

    Parameters
    ----------
    inputs : Inputs
        All parts, with as many examples each.
    rows : array of int, shape (b,)
        Row numbers.

    Returns
    -------
    Inputs
        b examples, in the given order.

    Examples
    --------
    >>> x = {"x": Dense(np.array([[1], [2], [3]], np.float32))}
    >>> taken(x, np.array([2, 0]))["x"].values.tolist()
    [[3.0], [1.0]]
    """
    return {name: part.take(rows) for name, part in inputs.items()}


def concatenate(pieces: list[Inputs]) -> Inputs:
    """Inputs of several stretches of examples as one.

    Parameters
    ----------
    pieces : list of Inputs
        At least one; the same parts in each.

    Returns
    -------
    Inputs
        All examples in order.

    Examples
    --------
    >>> a = {"x": Dense(np.zeros((2, 1), np.float32))}
    >>> len(concatenate([a, a])["x"])
    4
    """
    return {key: _joined([piece[key] for piece in pieces]) for key in pieces[0]}


def _joined(parts: list[Any]) -> Part:
    first = parts[0]
    if isinstance(first, Dense):
        return Dense(np.concatenate([part.values for part in parts]))
    sizes = np.concatenate([np.diff(part.offsets) for part in parts])
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    if isinstance(first, Ragged):
        return Ragged(offsets, np.concatenate([part.values for part in parts]))
    index = np.concatenate([part.index for part in parts])
    return Sparse(offsets, index, np.concatenate([part.value for part in parts]), first.shape)

"""Padded and dense arrays of published files as flat columns: nothing is kept of zeros."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepvision.physics.kinematics import wrap_phi
from hepvision.readers._account import Account

__all__ = ["azimuth", "cells", "merged", "numbers", "pixels", "single", "unpadded"]

FINITE = 1e30  # larger numbers are taken for infinite: they square beyond float32
Counts = NDArray[np.int64]
Columns = dict[str, NDArray[Any]]


def azimuth(phi: Any) -> NDArray[np.float64]:
    r"""Azimuths as the schema has them.

    Parameters
    ----------
    phi : array, shape (...), rad
        In whatever turn.

    Returns
    -------
    array, shape (...), rad
        In :math:`[-\pi, \pi)`; not a number where it is not finite.

    Examples
    --------
    >>> azimuth([7.0, np.inf]).round(4).tolist()
    [0.7168, nan]
    """
    phi = np.asarray(phi, np.float64)
    good = np.isfinite(phi)
    return np.where(good, wrap_phi(np.where(good, phi, 0.0)), np.nan)


def single(block: Any, account: Account, what: str) -> NDArray[np.float32]:
    """A block in single precision, without what is not finite.

    Parameters
    ----------
    block : array, shape (...)
        As the file has it.
    account : Account
        Values that are not finite are counted and become 0.
    what : str
        Under this name.

    Returns
    -------
    array of float32, shape (...)
        Finite.

    Examples
    --------
    >>> account = Account()
    >>> single([1.0, np.nan], account, "Pixel").tolist(), account.left_out["Pixel"]
    ([1.0, 0.0], 1)
    """
    with np.errstate(over="ignore"):
        made = np.asarray(block).astype(np.float32)
    good = np.isfinite(made)
    if not good.all():
        account.left_out[what] += int(good.size - good.sum())
        made = np.where(good, made, np.float32(0))
    return made


def _lit(block: NDArray[np.float32]) -> tuple[Counts, NDArray[np.int64], NDArray[np.float32]]:
    """Numbers an event, flat index and value of what is not 0."""
    rows, size = len(block), int(np.prod(block.shape[1:]))
    flat = np.ascontiguousarray(block).reshape(-1)
    where = np.flatnonzero(flat != 0)  # NumPy finds true bits ten times as fast as numbers
    row = where // size
    return np.bincount(row, minlength=rows), where - row * size, flat[where]


def pixels(images: Any, account: Account) -> tuple[Counts, Columns]:
    """Pictures as the collection ``Pixel``.

    Parameters
    ----------
    images : array, shape (B, C, H, W)
        As published, channels first.
    account : Account
        Counts what is not finite.

    Returns
    -------
    counts : array of int, shape (B,)
        Pixels that are not 0.
    columns : dict of array, shape (N,)
        ``index`` = (channel · H + row) · W + column, rising in each picture, and ``value``.

    Examples
    --------
    >>> counts, columns = pixels(np.array([[[[0.0, 2.0]]], [[[0.0, 0.0]]]]), Account())
    >>> counts.tolist(), columns["index"].tolist(), columns["value"].tolist()
    ([1, 0], [1], [2.0])
    """
    counts, index, value = _lit(single(images, account, "Pixel values that are not finite"))
    return counts, {"index": index.astype(np.uint32), "value": value}


def cells(
    energy: Any, axes: Sequence[str], account: Account, part: int = 0, layer: int = 0
) -> tuple[Counts, Columns]:
    """A part of a calorimeter as the collection ``Cell``.

    Parameters
    ----------
    energy : array, shape (B, ...), GeV
        Deposits; one axis for each name.
    axes : sequence of str
        Which of ``layer``, ``row`` and ``column`` each axis is.
    account : Account
        Counts what is not finite.
    part, layer : int
        Number of the part, and of the layer where no axis is one.

    Returns
    -------
    counts : array of int, shape (B,)
        Cells that are not 0.
    columns : dict of array, shape (N,)
        ``part``, ``layer``, ``row``, ``column`` and ``energy``.

    Examples
    --------
    >>> counts, columns = cells(np.array([[[0.0, 2.0]]]), ("row", "column"), Account(), layer=3)
    >>> {key: values.tolist() for key, values in columns.items()}
    {'part': [0], 'layer': [3], 'row': [0], 'column': [1], 'energy': [2.0]}
    """
    block = single(energy, account, "Cell energies that are not finite")
    counts, index, value = _lit(block)
    place = dict(zip(axes, np.unravel_index(index, block.shape[1:]), strict=True))
    fixed = {"layer": layer, "row": 0, "column": 0}
    made: Columns = {"part": np.full(len(value), part, np.uint8)}
    for key, plain in fixed.items():
        made[key] = place.get(key, np.full(len(value), plain)).astype(np.int16)
    return counts, made | {"energy": value}


def merged(parts: Sequence[tuple[Counts, Columns]]) -> tuple[Counts, Columns]:
    """Columns of several parts of the same events as one collection, event by event.

    Parameters
    ----------
    parts : sequence of (counts, columns)
        With the same keys.

    Returns
    -------
    counts : array of int, shape (B,)
        Sums.
    columns : dict of array, shape (N,)
        In each event in the order of the parts.

    Examples
    --------
    >>> one = (np.array([1, 1]), {"x": np.array([1, 2])})
    >>> merged([one, one])[1]["x"].tolist()
    [1, 1, 2, 2]
    """
    events = np.arange(len(parts[0][0]))
    owner = np.concatenate([np.repeat(events, counts) for counts, _ in parts])
    order = np.argsort(owner, kind="stable")
    keys = parts[0][1]
    columns = {key: np.concatenate([one[key] for _, one in parts])[order] for key in keys}
    return np.sum([counts for counts, _ in parts], axis=0), columns


def unpadded(
    there: NDArray[np.bool_], columns: Mapping[str, NDArray[Any]], account: Account, what: str
) -> tuple[Counts, Columns]:
    """Padded objects as flat columns.

    Parameters
    ----------
    there : array of bool, shape (B, M)
        Which are no padding.
    columns : mapping of array, shape (B, M)
        Their fields.
    account : Account
        Objects with a value that is not finite, or a negative ``pt`` or ``energy``, are counted
        and left out.
    what : str
        Under this name.

    Returns
    -------
    counts : array of int, shape (B,)
        Objects an event.
    columns : dict of array, shape (N,)
        Flat.

    Examples
    --------
    >>> there = np.array([[True, False]])
    >>> counts, flat = unpadded(there, {"pt": np.array([[3.0, 0.0]])}, Account(), "Particle")
    >>> counts.tolist(), flat["pt"].tolist()
    ([1], [3.0])
    """
    good = there.copy()
    for key, values in columns.items():
        if values.dtype.kind == "f":
            good &= np.abs(values) < FINITE
        if key in {"pt", "energy"}:
            good &= values >= 0
    if (lost := int(there.sum() - good.sum())) > 0:
        account.left_out[what] += lost
    return good.sum(axis=1), {key: values[good] for key, values in columns.items()}


def numbers(
    columns: Mapping[str, NDArray[Any]], account: Account, what: str
) -> tuple[Counts, Columns]:
    """One object an event, none where a value cannot be.

    Parameters
    ----------
    columns : mapping of array, shape (B,)
        Its fields.
    account : Account
        Counts those left out.
    what : str
        Under this name.

    Returns
    -------
    counts : array of int, shape (B,)
        0 or 1.
    columns : dict of array, shape (N,)
        Flat.

    Examples
    --------
    >>> numbers({"pt": np.array([1.0, np.inf])}, Account(), "Jet")[0].tolist()
    [1, 0]
    """
    first = next(iter(columns.values()))
    wide = {key: np.asarray(values)[:, None] for key, values in columns.items()}
    return unpadded(np.ones((len(first), 1), bool), wide, account, what)

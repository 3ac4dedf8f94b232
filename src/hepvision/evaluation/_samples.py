"""What every measure asks of its arrays, refused in one line otherwise."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = [
    "Array",
    "Booleans",
    "Integers",
    "binned",
    "checked_binary",
    "checked_column",
    "checked_edges",
    "checked_weight",
]

Array = npt.NDArray[np.float64]
Booleans = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]


def checked_column(name: str, values: npt.ArrayLike, size: int | None = None) -> Array:
    """A finite column of numbers, one an event.

    Parameters
    ----------
    name : str
        What the column is, for the message.
    values : array, shape (B,)
        The numbers.
    size : int, optional
        The length it must have.

    Returns
    -------
    array, shape (B,)
        The same as float64.

    Raises
    ------
    ValueError
        If it is not one-dimensional, empty, of another length, or not finite.

    Examples
    --------
    >>> checked_column("score", [0, 1], 2)
    array([0., 1.])
    """
    column = np.asarray(values, dtype=np.float64)
    if column.ndim != 1 or (size is not None and column.size != size):
        wanted = "(B,)" if size is None else f"({size},)"
        raise ValueError(
            f"{name}: must have shape {wanted}, got {column.shape}. Give one number an event."
        )
    if column.size == 0:
        raise ValueError(f"{name}: must hold events, got none. Check the selection.")
    bad = column.size - int(np.count_nonzero(np.isfinite(column)))
    if bad:
        raise ValueError(
            f"{name}: must be finite, got {bad} of {column.size} values NaN or infinite. "
            "Look at the network's outputs or the inputs."
        )
    return column


def checked_weight(weight: npt.ArrayLike | None, size: int) -> Array:
    """Event weights, ones where none are given.

    Parameters
    ----------
    weight : array, shape (B,), optional
        Event weights of any sign.
    size : int
        Number of events.

    Returns
    -------
    array, shape (B,)
        The weights as float64.

    Raises
    ------
    ValueError
        If the shape disagrees, a weight is not finite, or they do not sum to more than 0.

    Examples
    --------
    >>> checked_weight(None, 2)
    array([1., 1.])
    """
    if weight is None:
        return np.ones(size)
    column = checked_column("weight", weight, size)
    if column.sum() <= 0.0:
        raise ValueError(
            f"weight: must sum to more than 0, got {column.sum():g}. Check the sample's weights."
        )
    return column


def checked_edges(edges: npt.ArrayLike, least: int = 1) -> Array:
    """Edges of bins that rise.

    Parameters
    ----------
    edges : array, shape (bins + 1,)
        In the unit of what is binned.
    least : int
        Bins that there must be.

    Returns
    -------
    array, shape (bins + 1,)
        The same as float64.

    Raises
    ------
    ValueError
        If they do not rise, or make fewer bins.

    Examples
    --------
    >>> checked_edges([100, 120, 180], 2)
    array([100., 120., 180.])
    """
    bounds = np.asarray(edges, dtype=np.float64)
    if bounds.ndim != 1 or bounds.size < least + 1 or not (np.diff(bounds) > 0.0).all():
        many = "a bin" if least == 1 else f"{least} bins"
        raise ValueError(
            f"edges: must rise and make {many} or more, got shape {bounds.shape}. Sort them."
        )
    return bounds


def binned(values: Array, edges: Array) -> tuple[Booleans, Integers]:
    """Which values lie between the edges, and in which bin each of those.

    Parameters
    ----------
    values : array, shape (B,)
        In the unit of the edges.
    edges : array, shape (bins + 1,)
        Rising; a value on an edge belongs to the bin above it, on the last one to none.

    Returns
    -------
    inside : array of bool, shape (B,)
        True between the first edge and the last.
    place : array of int, shape (M,)
        Bins of the M values inside, from 0.

    Examples
    --------
    >>> binned(np.array([90.0, 100.0, 130.0, 180.0]), np.array([100.0, 120.0, 180.0]))
    (array([False,  True,  True, False]), array([0, 1]))
    """
    inside = (values >= edges[0]) & (values < edges[-1])
    return inside, np.searchsorted(edges, values[inside], side="right") - 1


def checked_binary(
    score: npt.ArrayLike, is_signal: npt.ArrayLike, weight: npt.ArrayLike | None
) -> tuple[Array, Booleans, Array]:
    """Scores, labels and weights of a signal and a background that both exist.

    Parameters
    ----------
    score : array, shape (B,)
        Larger is more like signal.
    is_signal : array, shape (B,)
        Booleans, or 0 and 1.
    weight : array, shape (B,), optional
        Event weights; ones if not given.

    Returns
    -------
    score, is_signal, weight : array, shape (B,)
        As float64, bool, float64.

    Raises
    ------
    ValueError
        If shapes disagree, a number is not finite, a label is neither 0 nor 1, a class is absent,
        or a class's weights do not sum to more than 0.

    Examples
    --------
    >>> checked_binary([0.2, 0.9], [0, 1], None)[1]
    array([False,  True])
    """
    column = checked_column("score", score)
    labels = np.asarray(is_signal)
    if labels.shape != column.shape:
        raise ValueError(
            f"is_signal: must have the score's shape {column.shape}, got {labels.shape}. "
            "Give one label an event."
        )
    mask = labels.astype(bool)
    if labels.dtype != np.bool_ and not np.array_equal(mask, labels):
        raise ValueError("is_signal: must be 0 or 1, got other values. Compare with the class.")
    weights = checked_weight(weight, column.size)
    for name, chosen in (("signal", mask), ("background", ~mask)):
        if not chosen.any():
            raise ValueError(
                f"is_signal: both classes must be present, got no {name}. Add {name} events."
            )
        total = float(weights[chosen].sum())
        if total <= 0.0:
            raise ValueError(
                f"weight: the {name}'s must sum to more than 0, got {total:g}. Check the sample."
            )
    return column, mask, weights

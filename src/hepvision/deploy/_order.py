"""The order in which a model reads its representations: JSON comes back sorted by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["order_of"]


def order_of(
    names: Sequence[str], order: Sequence[str], card: Mapping[str, Any]
) -> tuple[str, ...]:
    """Representations as they were when the model was made.

    Parameters
    ----------
    names : sequence of str
        All of them, in the order of the manifest.
    order : sequence of str
        What the manifest says; empty where it is that of the manifest.
    card : mapping
        Card of the study. Bundles from before manifests said it have the order there alone.

    Returns
    -------
    tuple of str
        ``names`` in that order.

    Raises
    ------
    ValueError
        The manifest names others.

    Examples
    --------
    >>> order_of(["a", "b"], [], {"entries": [{"uses": ["b", "a"]}, {"uses": ["a"]}]})
    ('b', 'a')
    """
    if order and sorted(order) != sorted(names):
        raise ValueError(f"order: must name {', '.join(names)}, got {list(order)}")
    if order:
        return tuple(order)
    entries = card.get("entries")
    for entry in entries if isinstance(entries, list | tuple) else ():
        uses = entry.get("uses") if isinstance(entry, Mapping) else None
        if isinstance(uses, list | tuple) and sorted(map(str, uses)) == sorted(names):
            return tuple(uses)
    return tuple(names)

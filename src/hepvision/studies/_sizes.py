"""The sizes of a card: what one of them replaces."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hepvision.core.card import read_yaml
from hepvision.core.errors import CardError
from hepvision.core.names import hint

__all__ = ["merged", "size_line", "sized"]


def sized(
    data: Mapping[str, Any], size: str | None, where: str
) -> tuple[dict[str, Any], list[str]]:
    """A card at one of its sizes, and what the size replaced.

    Parameters
    ----------
    data : mapping
        A card as it is written; it is not changed.
    size : str, optional
        A key of its ``sizes``; ``quick`` by default where the card has it.
    where : str
        Name of the card, for the error.

    Returns
    -------
    dict, list of str
        The card without ``sizes``; ``key=value`` of each value that the size changes, with the one
        it replaces.

    Raises
    ------
    CardError
        There is no such size, or it is no mapping.

    Examples
    --------
    >>> card = {"training": {"epochs": 3}, "sizes": {"paper": {"training": {"epochs": 30}}}}
    >>> sized(card, "paper", "card")
    ({'training': {'epochs': 30}, 'size': 'paper'}, ['training.epochs=30 (was 3)'])
    """
    card = copy.deepcopy(dict(data))
    sizes = card.pop("sizes", None) or {}
    if not isinstance(sizes, Mapping):
        raise CardError(f"{where}: sizes: must be a mapping, got {sizes!r}. Write quick: {{}}.")
    size = size if size is not None else ("quick" if "quick" in sizes else None)
    if size is None:
        return card, []
    if size not in sizes:
        raise CardError(f"{where}: no size {size!r}. {hint(size, sizes)}")
    above = sizes[size] or {}
    if not isinstance(above, Mapping):
        raise CardError(
            f"{where}: sizes.{size}: must be a mapping, got {above!r}. Write what it changes."
        )
    return {**merged(card, above), "size": size}, list(_changed(card, above))


def _changed(below: Any, above: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for key, value in above.items():
        there = isinstance(below, Mapping) and key in below
        old = below[key] if there else None
        if isinstance(value, Mapping) and value:
            yield from _changed(old, value, f"{path}{key}.")
        elif not there or old != value:
            yield f"{path}{key}={_told(value)}" + (f" (was {_told(old)})" if there else "")


def _told(value: Any) -> Any:
    """A value on one line: of a list of blocks, as of entries, their names alone."""
    if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        return f"[{', '.join(str(one.get('name') or one.get('entry') or '…') for one in value)}]"
    return value


def merged(below: Any, above: Any) -> Any:
    """Two blocks as one; where both have a value, the one above counts.

    Parameters
    ----------
    below, above : plain data
        Mappings are merged key by key, all else is replaced.

    Returns
    -------
    plain data
        A copy.

    Examples
    --------
    >>> merged({"a": 1, "b": {"c": 2}}, {"b": {"d": 3}})
    {'a': 1, 'b': {'c': 2, 'd': 3}}
    """
    if isinstance(below, Mapping) and isinstance(above, Mapping):
        keys = dict.fromkeys((*below, *above))
        return {
            key: merged(below.get(key), above[key]) if key in above else below[key] for key in keys
        }
    return copy.deepcopy(above)


def size_line(
    card: str | Path | Mapping[str, Any], size: str | None = None, changes: Sequence[str] = ()
) -> str:
    """What the size of a run changes, for the user to read.

    Parameters
    ----------
    card, size, changes
        As ``run`` takes them.

    Returns
    -------
    str
        One line; empty if the size changes nothing that stays.

    Examples
    --------
    >>> size_line("higgs_diphoton", "paper", ["training.epochs=3"])
    'size paper: simulate.events=20000 (was 1000), training.patience=6 (was 5)'
    """
    data = card if isinstance(card, Mapping) else read_yaml(card)
    made, found = sized(data, size, str(card) if isinstance(card, str | Path) else "card")
    given = [one.partition("=")[0].strip() for one in changes]
    keys = [one.partition("=")[0] for one in found]
    stay = [
        line
        for line, key in zip(found, keys, strict=True)
        if not any(key == one or key.startswith(f"{one}.") for one in given)
    ]
    return f"size {made['size']}: {', '.join(stay)}" if stay else ""

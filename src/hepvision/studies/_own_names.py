"""Names in a card that a run needs for itself, or that would be one on a disk."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["require_apart"]

#: What a run folder holds beside its entries.
_FILES = {
    "card.yaml",
    "environment.json",
    "examples",
    "images.npz",
    "metrics.json",
    "report.html",
    "samples.json",
    "split.parquet",
    "timing.json",
}
#: What no class may be called, and why.
_TOGETHER = {
    "rest": "is what all backgrounds together are called",
    "all": "is what all backgrounds together are called where a training follows an observable",
}


def require_apart(samples: Iterable[str], entries: Iterable[str]) -> None:
    """Refuse names that collide.

    Parameters
    ----------
    samples, entries : iterable of str
        Names of a card.

    Raises
    ------
    ValueError
        With the name.

    Examples
    --------
    >>> require_apart(["higgs", "jets"], ["examples"])
    Traceback (most recent call last):
    ...
    ValueError: entries: 'examples' is a file or folder of each run. Name it otherwise.
    """
    for name in samples:
        if name in _TOGETHER:
            raise ValueError(f"samples: {name!r} {_TOGETHER[name]}. Name it otherwise.")
        if "/" in name:
            raise ValueError(
                f"samples: must be named without '/', by which measures are found, got {name!r}. "
                "Name it otherwise; its title may hold any."
            )
    known: dict[str, str] = {}
    for name in entries:
        plain = name.casefold()
        if plain in _FILES:
            raise ValueError(
                f"entries: {name!r} is a file or folder of each run. Name it otherwise."
            )
        if plain in known:
            # each has a folder, and some disks take no notice of capitals
            raise ValueError(
                "entries must have different names, whatever their capitals, got "
                f"{known[plain]!r} and {name!r}"
            )
        known[plain] = name

"""Cards that simulate unless files are given: ``files`` and what then replaces the samples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hepvision.core.errors import CardError
from hepvision.studies._sizes import merged

__all__ = ["with_files"]

#: Where the events of a sample come from; files replace it.
_SOURCES = ("simulate", "read", "store")


def with_files(data: Mapping[str, Any], where: str) -> dict[str, Any]:
    """A card on the files that it was given.

    Parameters
    ----------
    data : mapping
        A card, perhaps with ``files``: a path, several, or a mapping of them by sample; and with
        the block ``from_files`` that then replaces the sources of its samples and whatever else it
        names. Where it names representations, those that no entry uses are left out.
    where : str
        Name of the card, for errors.

    Returns
    -------
    dict
        The card without these two keys.

    Raises
    ------
    CardError
        The card has no such block, or a key holds something else.

    Examples
    --------
    >>> card = {"samples": {"top": {"simulate": {"process": "boosted_tops"}}}}
    >>> card["from_files"] = {"samples": {"top": {"read": {}, "where": "label == 1"}}}
    >>> with_files({**card, "files": "jets"}, "card")["samples"]["top"]
    {'read': {'files': ['jets']}, 'where': 'label == 1'}
    >>> with_files(card, "card")["samples"]["top"]
    {'simulate': {'process': 'boosted_tops'}}
    """
    card = dict(data)
    files, block = card.pop("files", None), card.pop("from_files", None)
    if block is not None and not _of_samples(block):
        raise CardError(f"{where}: from_files: must name samples, got {block!r:.60}. See the docs.")
    if files is None:
        return card
    if block is None:
        raise CardError(
            f"{where}: files: has no 'from_files' to read them, got {files!r}. Give a sample "
            "'read' instead."
        )
    samples = dict(card.get("samples") or {})
    words = _words(files, [key for key, one in block["samples"].items() if "read" in one], where)
    replaced = {}
    for key, one in block["samples"].items():
        replaced[key] = dict(one)
        if "read" in one:
            replaced[key]["read"] = {**(one["read"] or {}), "files": words[key]}
        if set(_SOURCES) & set(one) and isinstance(samples.get(key), Mapping):
            samples[key] = {name: v for name, v in samples[key].items() if name not in _SOURCES}
    made: dict[str, Any] = merged({**card, "samples": samples}, {**block, "samples": replaced})
    if "representations" in block:
        made["representations"] = _used(made)
    return made


def _words(files: Any, names: list[str], where: str) -> dict[str, list[str]]:
    """Paths of each sample that reads: the same for all, or a mapping by sample."""
    several = files if isinstance(files, Mapping) else dict.fromkeys(names, files)
    if sorted(several) != sorted(names):
        raise CardError(
            f"{where}: files: must name {', '.join(names)}, got {', '.join(map(str, several))}. "
            "Give each its own."
        )
    made = {key: [one] if isinstance(one, str) else one for key, one in several.items()}
    for words in made.values():
        if not isinstance(words, list) or not words or not all(isinstance(w, str) for w in words):
            raise CardError(f"{where}: files: must be a path or several, got {files!r}. Name them.")
    return made


def _used(card: Mapping[str, Any]) -> dict[str, Any]:
    """Representations that entries name: files may lack what the others read."""
    names = {
        name
        for entry in card.get("entries") or ()
        if isinstance(entry, Mapping)
        for name in entry.get("uses") or ()
    }
    return {key: one for key, one in card["representations"].items() if key in names}


def _of_samples(block: Any) -> bool:
    if not isinstance(block, Mapping) or not isinstance(block.get("samples"), Mapping):
        return False
    return all(isinstance(one, Mapping) for one in block["samples"].values())

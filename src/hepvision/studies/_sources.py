"""The files that words of a command line stand for: paths, folders, patterns, addresses."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from hepvision.core.names import load, names
from hepvision.studies._fetch import Tell, addresses, fetch, is_address, shown

__all__ = ["Source", "sources"]


@dataclass(frozen=True)
class Source:
    """One input: where it is, and what the user called it."""

    path: Path
    given: str


def sources(words: Sequence[str | Path], tell: Tell) -> tuple[list[Source], list[Path]]:
    """All files, each once, in the order of the words; those of a folder or pattern by name.

    Also the files of folders whose suffix no format has.
    """
    every: dict[Path, Source] = {}
    others: list[Path] = []
    for word in words:
        for one in _of_word(str(word), tell, others):
            every.setdefault(one.path.resolve(), one)
    if not every:
        raise FileNotFoundError("files: there must be at least one, got none. Name some.")
    return list(every.values()), others


def _of_word(word: str, tell: Tell, others: list[Path]) -> Iterator[Source]:
    word = word.removeprefix("file://")
    if is_address(word):
        for address in addresses(word):
            yield Source(fetch(address, tell), shown(address))
        return
    path = Path(word).expanduser()
    if path.exists():
        yield from _of_path(path, others)
        return
    # also a name that holds brackets: it was looked for as it stands before
    matches = sorted(glob.glob(str(path), recursive=True)) if set("*?[") & set(word) else []
    if not matches:
        raise FileNotFoundError(f"{word}: no such file. Check the path.")
    for match in matches:
        yield from _of_path(Path(match), others)


def _of_path(path: Path, others: list[Path]) -> Iterator[Source]:
    if not path.is_dir():
        yield Source(path, str(path))
        return
    if (path / "plan.json").is_file():
        raise ValueError(f"{path}: must hold files of a format, got a store. It is one already.")
    suffixes = tuple({one for name in names("readers") for one in load("readers", name).suffixes})
    files = [one for one in sorted(path.rglob("*")) if one.is_file()]
    stores = {one.parent for one in files if one.name == "plan.json"}
    files = [
        one
        for one in files
        if not stores & set(one.parents)
        and not any(part.startswith(".") for part in one.relative_to(path).parts)
    ]
    known = [one for one in files if one.name.lower().endswith(suffixes)]
    if not known:
        raise FileNotFoundError(
            f"{path}: must hold files of a known format, got {len(files)} others. "
            "See 'hepvision list readers'."
        )
    others += [one for one in files if one not in known]
    yield from (Source(one, str(one)) for one in known)

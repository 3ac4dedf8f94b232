"""A HepMC listing, cut into its events; memory holds one event at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

from hepvision.core.errors import CorruptFileError
from hepvision.readers._packed import cut

__all__ = ["Block", "STARTS", "blocks"]

#: First words of a listing, and the version that they stand for.
STARTS = {
    b"HepMC::Asciiv3-START_EVENT_LISTING": 3,
    b"HepMC::IO_GenEvent-START_EVENT_LISTING": 2,
}
MARK = b"\nHepMC::"
NAMES = 10_000  # weights that may have names


class Block(NamedTuple):
    """Lines of one event, and what its listing says of all."""

    number: int  # in the file, from 0
    version: int
    weights: tuple[str, ...]
    lines: list[bytes]


def blocks(path: Path) -> Iterator[Block]:
    """Events of a file, in its order; several listings may follow each other.

    Parameters
    ----------
    path : Path
        The file, plain or packed with gzip.

    Yields
    ------
    Block
        One an event.

    Raises
    ------
    CorruptFileError
        The listing has no start, or no end, or something else stands between.

    Examples
    --------
    >>> import tempfile
    >>> text = "HepMC::Asciiv3-START_EVENT_LISTING\\nE 7 0 0\\nHepMC::Asciiv3-END_EVENT_LISTING\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "a.hepmc")
    ...     _ = file.write_text(text)
    ...     [block.lines for block in blocks(file)]
    [[b'E 7 0 0']]
    """
    version, number = 0, 0
    names: tuple[str, ...] = ()
    for text in cut(path, repeat(b"\nE "), inside=1):
        start = 0
        if version and text.startswith(b"E "):
            mark = text.find(MARK)
            start = len(text) if mark < 0 else mark
            yield Block(number, version, names, _lines(text[:start]))
            number += 1
        rest = text[start:]
        if rest.strip():
            version, names = _between(path, rest, version, number)
    if version:
        raise CorruptFileError(
            f"{path}: must end with END_EVENT_LISTING, got {number} events and no end: it is cut "
            "off. Fetch the file again."
        )
    if not number:
        raise CorruptFileError(f"{path}: must hold events in a HepMC listing, got none.")


def _lines(text: bytes) -> list[bytes]:
    return [line.rstrip() for line in text.split(b"\n") if line.strip()]


def _between(path: Path, text: bytes, version: int, number: int) -> tuple[int, tuple[str, ...]]:
    """Ends and starts of listings: the version that is open after them, and names of weights."""
    names: tuple[str, ...] = ()
    for line in _lines(text):
        if line in STARTS and not version:
            version, names = STARTS[line], ()
        elif version and line.startswith(b"HepMC::") and line.endswith(b"END_EVENT_LISTING"):
            version = 0
        elif line.startswith(b"HepMC::Version") or (version == 3 and line[:2] in (b"T ", b"A ")):
            pass
        elif version == 3 and line[:2] == b"W ":
            names = tuple(line[2:].decode("utf-8", "replace").split("\\|")[:NAMES])
        else:
            raise CorruptFileError(
                f"{path}: must be a HepMC listing, got {line[:40].decode('ascii', 'replace')!r} "
                f"{f'after event {number - 1}' if number else 'before its events'}. "
                "Fetch the file again."
            )
    return version, names

"""A Les Houches file, cut into its events; memory holds one event at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import NamedTuple

from hepvision.core.errors import CorruptFileError
from hepvision.readers._packed import cut

__all__ = ["Text", "texts"]

#: What may stand between two events.
BETWEEN = rb"\s*(?:(?:<!--(?:(?!-->).)*-->|</?eventgroup[^<>]*>)\s*)*"
EVENT = re.compile(BETWEEN + rb"(<event(?:\s[^<>]*)?>.*</event>)", re.DOTALL)
LAST = re.compile(BETWEEN + rb"</LesHouchesEvents>\s*(?:<!--(?:(?!-->).)*-->\s*)*", re.DOTALL)


class Text(NamedTuple):
    """An element of the file; the ``init`` has the number −1."""

    number: int
    content: bytes


def texts(path: Path) -> Iterator[Text]:
    """The ``init`` of a file, then its events.

    Parameters
    ----------
    path : Path
        The file, plain or packed with gzip.

    Yields
    ------
    Text
        One element each, not yet parsed.

    Raises
    ------
    CorruptFileError
        There is no ``init``, no event, no end, or something else stands between.

    Examples
    --------
    >>> import tempfile
    >>> text = "<LesHouchesEvents><init>2</init><event>1</event></LesHouchesEvents>"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "a.lhe")
    ...     _ = file.write_text(text)
    ...     [one.content for one in texts(file)]
    [b'<init>2</init>', b'<event>1</event>']
    """
    number, rest = -1, b""
    for part in cut(path, chain([b"</init>"], repeat(b"</event>"))):
        if not part.endswith(b"</init>" if number < 0 else b"</event>"):
            rest = part
        else:
            yield Text(number, _init(path, part) if number < 0 else _event(path, part, number))
            number += 1
    if number < 0:
        raise CorruptFileError(
            f"{path}: must be a Les Houches file with an <init>, got none. Fetch the file again."
        )
    if LAST.fullmatch(rest) is None:
        raise CorruptFileError(
            f"{path}: must end with </LesHouchesEvents> after its events, got {number} events and "
            "something else: it is cut off or damaged. Fetch the file again."
        )
    if number == 0:
        raise CorruptFileError(f"{path}: must hold events, got none.")


def _init(path: Path, content: bytes) -> bytes:
    """The last ``init``; what stands before is the producer's own."""
    if b"<LesHouchesEvents" not in content:
        raise CorruptFileError(
            f"{path}: must be a Les Houches file, got no <LesHouchesEvents>. Is it another format?"
        )
    start = content.rfind(b"<init")
    if start < 0:
        raise CorruptFileError(f"{path}: must open its <init>, got only its end. Fetch it again.")
    return content[start:]


def _event(path: Path, content: bytes, number: int) -> bytes:
    found = EVENT.fullmatch(content)
    if found is None:
        raise CorruptFileError(
            f"{path}, event {number}: must follow the one before, got something else between. "
            "Fetch the file again."
        )
    return found[1]

"""Members of a large JSON object one by one, plain or gzip, with flat memory."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hepvision.core.errors import CorruptFileError
from hepvision.readers._packed import PIECE, pieces

__all__ = ["members"]

LARGEST = 4 * 2**20  # characters of one member, or of blanks; real events have 2,000
BLANK = re.compile(r"[ \t\r\n]*")
DECODER = json.JSONDecoder()


class _Text:
    """The part of a text that is being read."""

    def __init__(self, path: Path) -> None:
        self.path, self.pieces = path, pieces(path)
        self.decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self.text, self.place, self.before, self.ended = "", 0, 0, False

    def fill(self) -> None:
        """Read on; what was used is dropped."""
        block = next(self.pieces, b"")
        self.ended = not block
        self.before += self.place
        self.text = self.text[self.place :] + self.decoder.decode(block, final=self.ended)
        self.place = 0
        if len(self.text) > LARGEST + 2 * PIECE:
            raise CorruptFileError(
                f"{self.path}: events must have at most {LARGEST} letters, got more at "
                f"{self.before}. Do not trust this file."
            )

    def mark(self) -> str:
        """The next letter that is not blank, or nothing at the end."""
        blanks = 0
        while True:
            end = BLANK.match(self.text, self.place).end()  # type: ignore[union-attr]
            blanks += end - self.place
            self.place = end
            if end < len(self.text) or self.ended:
                return self.text[end : end + 1]
            if blanks > LARGEST:
                raise self.wrong("JSON")
            self.fill()

    def take(self, marks: str) -> str:
        """The next letter, one of these."""
        found = self.mark()
        if not found or found not in marks:
            raise self.wrong(" or ".join(repr(mark) for mark in marks))
        self.place += 1
        return found

    def value(self) -> Any:
        """The next value."""
        self.mark()
        while True:
            try:
                value, end = DECODER.raw_decode(self.text, self.place)
            except json.JSONDecodeError as error:
                if self.ended or len(self.text) - self.place > LARGEST:
                    self.place = min(error.pos, len(self.text))
                    raise self.wrong("JSON") from None
            else:
                if end < len(self.text) or self.ended:
                    self.place = end
                    return value
            self.fill()

    def name(self) -> str:
        """The name of a member, and its colon."""
        name = self.value()
        if not isinstance(name, str):
            raise self.wrong("a name in quotes")
        self.take(":")
        return name

    def wrong(self, rule: str) -> CorruptFileError:
        """The error for this place."""
        if self.place >= len(self.text) and self.ended:
            return CorruptFileError(
                f"{self.path}: must go on with {rule}, got its end after "
                f"{self.before + self.place} letters. Fetch the file again."
            )
        found = self.text[self.place : self.place + 20]
        return CorruptFileError(
            f"{self.path}, letter {self.before + self.place}: must be {rule}, got {found!r}. "
            "Fetch the file again."
        )


def members(path: Path, key: str) -> Iterator[tuple[str, Any]]:
    """Members of one object of a JSON file, without reading all of it at once.

    Parameters
    ----------
    path : Path
        A text of the form ``{key: {name: value, …}}``; other keys beside it are skipped.
    key : str
        Name of the object.

    Yields
    ------
    (name, value)
        In the file's order; a name may come twice.

    Raises
    ------
    CorruptFileError
        The text is no such JSON, goes on behind its end, or is a bomb.

    Examples
    --------
    >>> list(members(Path("absent.json"), "Event"))
    Traceback (most recent call last):
    ...
    FileNotFoundError: [Errno 2] No such file or directory: 'absent.json'
    """
    found = False
    text = _Text(path)
    for name in _names(text):
        if name != key:
            text.value()
            continue
        if found:
            raise text.wrong(f"one {key!r}, not two")
        found = True
        for one in _names(text):
            yield one, text.value()
    if text.mark():
        raise text.wrong("the end")
    if not found:
        raise CorruptFileError(f"{path}: must hold {key!r}, got none. Is it of this format?")


def _names(text: _Text) -> Iterator[str]:
    """Names of an object; the caller reads the value of each before it goes on."""
    text.take("{")
    if text.mark() == "}":
        text.take("}")
        return
    while True:
        yield text.name()
        if text.take(",}") == "}":
            return

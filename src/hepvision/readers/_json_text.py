"""Members of a large JSON object one by one, plain or gzip, with flat memory."""

from __future__ import annotations

import codecs
import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from hepvision.core.errors import CorruptFileError

__all__ = ["members"]

BLOCK = 2**20  # bytes read at a time
LARGEST = 4 * 2**20  # characters of one member, or of blanks; real events have 2,000
RATIO = 200  # text of numbers packs by 4 to 30
TRUSTED = 2**26  # unpacked bytes from which on the ratio counts
BLANK = re.compile(r"[ \t\r\n]*")
DECODER = json.JSONDecoder()


def _unpacked(raw: IO[bytes]) -> IO[bytes]:
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if packed else raw  # type: ignore[return-value]


class _Text:
    """The part of a text that is being read."""

    def __init__(self, path: Path, raw: IO[bytes]) -> None:
        self.path, self.raw = path, raw
        self.file = _unpacked(raw)
        self.decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self.size = path.stat().st_size
        self.text, self.place, self.before, self.bytes, self.ended = "", 0, 0, 0, False

    def fill(self) -> None:
        """Read on; what was used is dropped."""
        block = self.file.read(BLOCK)
        self.bytes += len(block)
        if self.bytes > TRUSTED and self.bytes > RATIO * self.size:
            raise CorruptFileError(
                f"{self.path}: must unpack to at most {RATIO} times its size, got more. "
                "Do not trust this file."
            )
        self.ended = not block
        self.before += self.place
        self.text = self.text[self.place :] + self.decoder.decode(block, final=self.ended)
        self.place = 0
        if len(self.text) > LARGEST + 2 * BLOCK:
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

    def __enter__(self) -> _Text:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()


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
    with path.open("rb") as raw, _Text(path, raw) as text:
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

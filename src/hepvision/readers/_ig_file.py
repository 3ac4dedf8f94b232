"""Members of an .ig file as columns; everything in it may be wrong, and says so in one line."""

from __future__ import annotations

import json
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError

__all__ = ["IgEvent", "columns", "members", "open_events", "parse"]

MEMBER = re.compile(r"Events/Run_(\d{1,10})/Event_(\d{1,20})")
LARGEST = 64 * 2**20  # bytes of one event; real ones have 0.1 to 0.7 MB
RATIO = 200  # text of numbers packs by 4 to 10
#: Strings, and outside them what older files write in Python's way.
TOKEN = re.compile(
    r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[()]|,(?=\s*[\])])|(?<![\w.])(?:nan|inf)\b""", re.DOTALL
)
BRACKETS = {"(": "[", ")": "]", "nan": "NaN", "inf": "Infinity", ",": ""}
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, struct.error, RuntimeError)


class IgEvent(NamedTuple):
    """One event as the file has it."""

    where: str  # file and member, for messages
    run: int
    event: int
    types: dict[str, Any]
    collections: dict[str, Any]


def members(path: Path) -> list[zipfile.ZipInfo]:
    """Events of a file, in its order.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    list of ZipInfo
        One an event.

    Raises
    ------
    CorruptFileError
        No zip, truncated, or without events.
    FileNotFoundError
        There is no such file.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "one.ig")
    ...     with zipfile.ZipFile(file, "w") as archive:
    ...         archive.writestr("Events/Run_1/Event_7", "{}")
    ...     [info.filename for info in members(file)]
    ['Events/Run_1/Event_7']
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such file. Give the path of an .ig file.")
    try:
        with zipfile.ZipFile(path) as archive:
            found = [info for info in archive.infolist() if MEMBER.fullmatch(info.filename)]
    except (*DAMAGE, OSError, ValueError) as error:
        raise CorruptFileError(
            f"{path}: must be a whole zip, got {_first_line(error)}. Fetch the file again."
        ) from error
    if not found:
        raise CorruptFileError(
            f"{path}: must hold members Events/Run_N/Event_M, got none. Is it an .ig file?"
        )
    return found


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120] or type(error).__name__


def _text(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str) -> str:
    """One member, no larger than an event can be, whatever its header says."""
    if info.file_size > LARGEST or info.file_size > RATIO * max(info.compress_size, 1024):
        raise CorruptFileError(
            f"{where}: must be an event of at most {LARGEST >> 20} MB packed by at most {RATIO}, "
            f"got {info.file_size} bytes from {info.compress_size}. Do not trust this file."
        )
    try:
        with archive.open(info) as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise CorruptFileError(f"{where}: must be at most {LARGEST >> 20} MB, got more.")
        return content.decode("utf-8")
    except (*DAMAGE, ValueError, OSError) as error:
        if isinstance(error, CorruptFileError):
            raise
        raise CorruptFileError(
            f"{where}: must be readable, got {_first_line(error)}. Fetch the file again."
        ) from error


def _modern(found: re.Match[str]) -> str:
    token = found.group()
    if token[0] == "'":
        body = token[1:-1].replace("\\'", "'")
        return '"' + re.sub(r'(?<!\\)"', r"\"", body) + '"'
    return BRACKETS.get(token, token)


def parse(text: str, where: str) -> dict[str, Any]:
    """Parse an event, in JSON or in the older way with ``( )``, ``' '`` and ``nan``.

    Parameters
    ----------
    text : str
        Content of a member.
    where : str
        File and member, for messages.

    Returns
    -------
    dict
        ``Types`` and ``Collections``; strings are as they were.

    Raises
    ------
    CorruptFileError
        It is neither.

    Examples
    --------
    >>> parse("{'Types': {}, 'Collections': {'A': [(1, nan, 'a (b) nan')]}}", "x")["Collections"]
    {'A': [[1, nan, 'a (b) nan']]}
    """
    try:
        try:
            found = json.loads(text)
        except json.JSONDecodeError:
            found = json.loads(TOKEN.sub(_modern, text))
    except (ValueError, RecursionError, MemoryError) as error:
        raise CorruptFileError(
            f"{where}: must be JSON, got {_first_line(error)}. Fetch the file again."
        ) from error
    if not isinstance(found, dict):
        raise CorruptFileError(f"{where}: must be a JSON object, got {type(found).__name__}.")
    for part in ("Types", "Collections"):
        if not isinstance(found.get(part), dict):
            raise CorruptFileError(
                f"{where}: must hold {part!r} as an object, got {type(found.get(part)).__name__}."
            )
    return found


def open_events(path: Path, infos: Sequence[zipfile.ZipInfo]) -> Iterator[IgEvent]:
    """Parse events one after the other.

    Parameters
    ----------
    path : Path
        The file.
    infos : sequence of ZipInfo
        Which, from ``members``.

    Yields
    ------
    IgEvent
        One an event.

    Raises
    ------
    CorruptFileError
        A member is damaged, too large, or no event.

    Examples
    --------
    >>> list(open_events(Path("none.ig"), []))
    []
    """
    if not infos:
        return
    with zipfile.ZipFile(path) as archive:
        for info in infos:
            where = f"{path}, {info.filename}"
            match = MEMBER.fullmatch(info.filename)
            if match is None:
                raise CorruptFileError(f"{where}: must be named Events/Run_N/Event_M.")
            event = parse(_text(archive, info, where), where)
            run, number = (int(part) for part in match.groups())
            if run >= 2**24 or number >= 2**40:
                raise CorruptFileError(f"{where}: must be a run and event of CMS, got others.")
            yield IgEvent(where, run, number, event["Types"], event["Collections"])


def _versions(event: IgEvent, name: str) -> list[str]:
    """Names of a collection in the file, newest version first."""
    pattern = re.compile(rf"{name}_V(\d{{1,4}})")
    found = [(int(m.group(1)), key) for key in event.types if (m := pattern.fullmatch(key))]
    return [key for _, key in sorted(found, reverse=True)]


def _index(event: IgEvent, key: str, wanted: Sequence[str]) -> list[int] | None:
    kinds = event.types[key]
    if not isinstance(kinds, list):
        raise CorruptFileError(f"{event.where}: Types.{key} must be a list of columns.")
    there = [kind[0] if isinstance(kind, list) and kind else None for kind in kinds]
    return [there.index(name) for name in wanted] if set(wanted) <= set(there) else None


def columns(
    event: IgEvent, name: str, wanted: dict[str, int], *, required: bool = True
) -> dict[str, NDArray[np.float64]]:
    """Columns of a collection by their names, from the newest version that has them all.

    Parameters
    ----------
    event : IgEvent
        The event.
    name : str
        The collection without its version.
    wanted : dict of int
        Columns, each with its number of components.
    required : bool
        Whether the collection must be there; without, it may be absent and is then empty.

    Returns
    -------
    dict of array, shape (N,) or (N, components)
        One a column.

    Raises
    ------
    SchemaError
        The collection, or a column of it, is missing.
    CorruptFileError
        A row is too short, or holds something else than numbers.

    Examples
    --------
    >>> one = IgEvent("x", 1, 1, {"A_V2": [["pt", "double"]]}, {"A_V2": [[3.0]]})
    >>> columns(one, "A", {"pt": 1})["pt"].tolist()
    [3.0]
    """
    keys = _versions(event, name)
    place = None
    for key in keys:
        place = _index(event, key, list(wanted))
        if place is not None:
            break
    if place is None:
        if keys:
            raise SchemaError(
                f"{event.where}: {keys[0]} needs the columns {', '.join(wanted)}, got others."
            )
        if required:
            raise SchemaError(
                f"{event.where}: needs the collection {name}, got none. Read a file with all hits."
            )
        return {key: np.zeros((0, n) if n > 1 else 0) for key, n in wanted.items()}
    rows = event.collections.get(key, [])
    if not isinstance(rows, list):
        raise CorruptFileError(f"{event.where}: {key} must be a list, got {type(rows).__name__}.")
    try:
        return {
            label: _numbers(rows, index, components)
            for (label, components), index in zip(wanted.items(), place, strict=True)
        }
    except (TypeError, ValueError, IndexError, KeyError, OverflowError) as error:
        raise CorruptFileError(
            f"{event.where}: {key} must hold rows of numbers, got {_first_line(error)}."
        ) from error


def _numbers(rows: list[Any], index: int, components: int) -> NDArray[np.float64]:
    values = map(itemgetter(index), rows)
    if components == 1:
        return np.fromiter(values, np.float64, len(rows))
    parts = np.array(list(values), np.float64).reshape(-1, components)
    if len(parts) != len(rows):
        raise ValueError(f"{len(parts)} vectors in {len(rows)} rows")
    return parts

"""Members of an .ig file as columns; everything in it may be wrong, and says so in one line."""

from __future__ import annotations

import lzma
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.readers._ig_text import parse
from hepvision.readers._reading import check_file, said

__all__ = [
    "FINITE",
    "Column",
    "IgEvent",
    "Table",
    "member_numbers",
    "members",
    "open_events",
    "table",
]

#: ``Events/Run_N/Event_M``, also deeper in folders, without the run, or with a suffix.
MEMBER = re.compile(r"(?:[^/\\]+/)*Event_(-?\d{1,20})(?:\.\w{1,8})?", re.IGNORECASE)
RUN = re.compile(r"(?:^|/)Run_(\d{1,10})/", re.IGNORECASE)
FINITE = 1e30  # larger numbers are taken for infinite
LARGEST = 64 * 2**20  # bytes of one event; real ones have 0.1 to 0.7 MB
RATIO = 200  # text of numbers packs by 4 to 10
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, struct.error, RuntimeError)


class IgEvent(NamedTuple):
    """One event as the file has it; ``run`` is −1 where the member's name does not say."""

    where: str  # file and member, for messages
    run: int
    event: int
    types: dict[str, Any]
    collections: dict[str, Any]


class Column(NamedTuple):
    """A column by the names it has had, and its number of components."""

    names: tuple[str, ...]
    components: int = 1


class Table(NamedTuple):
    """A collection under its full name, with the columns that were found."""

    key: str
    length: int
    values: dict[str, NDArray[np.float64]]


def member_numbers(name: str) -> tuple[int, int] | None:
    """Run and event in a member's name.

    Parameters
    ----------
    name : str
        Path inside the zip.

    Returns
    -------
    (run, event) or None
        The run is −1 where the name has none; None for what is no event.

    Examples
    --------
    >>> member_numbers("Events/Run_1/Event_7"), member_numbers("x/Event_8.json")
    ((1, 7), (-1, 8))
    >>> member_numbers("Header"), member_numbers("../Run_1/Event_7")
    (None, None)
    """
    match = MEMBER.fullmatch(name)
    if match is None or ".." in name.split("/"):
        return None
    number = int(match.group(1))
    runs = RUN.findall(name)
    # written through a signed 32-bit integer
    return (int(runs[-1]) if runs else -1), number + 2**32 if number < 0 else number


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
        No zip, truncated, without events, or with one twice.
    FileNotFoundError, IsADirectoryError, PermissionError
        The file cannot be opened.

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
    check_file(path)
    try:
        with zipfile.ZipFile(path) as archive:
            numbers = [(member_numbers(info.filename), info) for info in archive.infolist()]
    except (*DAMAGE, OSError, ValueError) as error:
        raise CorruptFileError(
            f"{path}: must be a whole zip, got {said(error)}. Fetch the file again."
        ) from error
    found = [(number, info) for number, info in numbers if number is not None]
    if not found:
        raise CorruptFileError(
            f"{path}: must hold members Events/Run_N/Event_M, got none. Is it an .ig file?"
        )
    number, most = Counter(number for number, _ in found).most_common(1)[0]
    if most > 1 and number[0] >= 0:
        raise CorruptFileError(
            f"{path}: must hold each event once, got run {number[0]}, event {number[1]} {most} "
            "times. Take the copies out of the zip."
        )
    return [info for _, info in found]


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
    except (*DAMAGE, ValueError, OSError) as error:
        raise CorruptFileError(
            f"{where}: must be readable, got {said(error)}. Fetch the file again."
        ) from error
    if len(content) > LARGEST:
        raise CorruptFileError(f"{where}: must be at most {LARGEST >> 20} MB, got more.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")  # names of people and places; numbers are ASCII


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
            numbers = member_numbers(info.filename)
            if numbers is None:
                raise CorruptFileError(f"{where}: must be named Events/Run_N/Event_M.")
            event = parse(_text(archive, info, where), where)
            yield IgEvent(where, *numbers, event["Types"], event["Collections"])


def _versions(event: IgEvent, name: str) -> list[str]:
    """Full names of a collection in the file, newest version first, those with rows before."""
    pattern = re.compile(rf"{name}(?:_V(\d{{1,4}}))?")
    found: list[tuple[bool, int, str]] = []
    for key in {**event.types, **event.collections}:
        match = pattern.fullmatch(key)
        if match is not None:
            found.append((bool(event.collections.get(key)), int(match.group(1) or 0), key))
    return [key for _, _, key in sorted(found, reverse=True)]


def _labels(event: IgEvent, key: str) -> list[Any]:
    kinds = event.types.get(key)
    if not isinstance(kinds, list):
        raise CorruptFileError(f"{event.where}: Types.{key} must be a list of columns, got none.")
    return [kind[0] if isinstance(kind, list) and kind else kind for kind in kinds]


def _rows(event: IgEvent, key: str, width: int) -> list[Any]:
    rows = event.collections.get(key) or []
    if not isinstance(rows, list):
        raise CorruptFileError(f"{event.where}: {key} must be a list, got {type(rows).__name__}.")
    for row in rows:
        if not isinstance(row, list) or len(row) != width:
            got = f"{len(row)} values" if isinstance(row, list) else type(row).__name__
            raise CorruptFileError(
                f"{event.where}: {key} must hold rows of numbers as its Types say, {width} a row, "
                f"got {got}."
            )
    return rows


def _place(labels: list[Any], column: Column) -> int | None:
    return next((labels.index(name) for name in column.names if name in labels), None)


def table(
    event: IgEvent,
    names: Sequence[str],
    required: Mapping[str, Column],
    optional: Mapping[str, Column] | None = None,
) -> Table | None:
    """A collection by the names it has had, columns by theirs.

    The first name that the event has is taken, and of its versions the newest that has rows and
    the required columns.

    Parameters
    ----------
    event : IgEvent
        The event.
    names : sequence of str
        The collection without its version; other names follow in the order of preference.
    required, optional : mapping of Column
        Columns; optional ones that the file lacks are not among the values.

    Returns
    -------
    Table or None
        None if the event has no such collection.

    Raises
    ------
    SchemaError
        A required column is missing.
    CorruptFileError
        A row is too short or too long, or holds something else than numbers.

    Examples
    --------
    >>> one = IgEvent("x", 1, 1, {"A_V2": [["pt", "double"]]}, {"A_V2": [[3.0]]})
    >>> table(one, ["A"], {"pt": Column(("pt",))}).values["pt"].tolist()
    [3.0]
    """
    keys = next((keys for name in names if (keys := _versions(event, name))), [])
    for key in keys:
        labels = _labels(event, key)
        places = {name: _place(labels, column) for name, column in required.items()}
        if None in places.values():
            continue
        wanted = {**required, **(optional or {})}
        places |= {name: _place(labels, column) for name, column in (optional or {}).items()}
        rows = _rows(event, key, len(labels))
        try:
            values = {
                name: _numbers(rows, place, wanted[name].components)
                for name, place in places.items()
                if place is not None
            }
        except (TypeError, ValueError, IndexError, KeyError, OverflowError) as error:
            raise CorruptFileError(
                f"{event.where}: {key} must hold rows of numbers, got {said(error)}."
            ) from error
        return Table(key, len(rows), values)
    if keys:
        raise SchemaError(
            f"{event.where}: {keys[0]} needs the columns {', '.join(required)}, got others."
        )
    return None


def _numbers(rows: list[Any], index: int, components: int) -> NDArray[np.float64]:
    values = map(itemgetter(index), rows)
    if components == 1:
        return np.fromiter(values, np.float64, len(rows))
    parts = np.array(list(values), np.float64).reshape(-1, components)
    if len(parts) != len(rows):
        raise ValueError(f"{len(parts)} vectors in {len(rows)} rows")
    return parts

"""GraphNeT: pulses of neutrino telescopes with their truth, in SQLite or Parquet."""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.core.names import hint
from hepvision.readers._account import Account
from hepvision.readers._momenta import finite
from hepvision.readers._parquet_rows import ParquetRows
from hepvision.readers._pulses import (
    METRE,
    PULSE_BYTES,
    direction,
    matched,
    numbers_of,
    pulse_piece,
    runs_of,
)
from hepvision.readers._reader import Reader
from hepvision.readers._reading import reading
from hepvision.readers._rows import Piece, Table
from hepvision.readers._sqlite_tables import MAGIC, SqliteTables, open_sqlite

__all__ = ["Graphnet"]

_LOG = logging.getLogger(__name__)
Columns = dict[str, NDArray[Any]]
EVENT = "event_no"
PLACE = ("dom_x", "dom_y", "dom_z", "dom_time")
#: Columns of a pulse that may be missing, and their fields.
MORE = {"charge": "charge", "string": "string", "dom_number": "module"}
TRUTH = ("energy", "zenith", "azimuth", "pid")
VERTEX = ("position_x", "position_y", "position_z")
UNKNOWN = -1  # what the extractors write where there is no truth
INTERACTIONS = {"1": "CC", "2": "NC"}


@dataclass(frozen=True)
class Graphnet(Reader):
    """Pulses of neutrino telescopes as GraphNeT's converters write them.

    Either one SQLite file (``.db``) with a table of pulses and one of truth, or Parquet files: the
    one of a table of pulses is given, ``SplitInIcePulses/SplitInIcePulses_0.parquet``, and its
    truth is found beside it or in the folder of that name, ``truth/truth_0.parquet``. Events are
    in the order of ``event_no``, which is their id.

    Positions are published in metres and become mm; times are in ns, charges in photo-electrons,
    energies in GeV. ``theta`` and ``phi`` of ``Primary`` are zenith and azimuth (wrapped to ±π):
    where the particle comes from. Its position is the vertex of a neutrino, but the end of a
    muon's track, as GraphNeT has it. Where all its truth is −1 (noise and real data), an event
    has no ``Primary``, and this is counted under ``left_out``.

    SQLite is opened to read only, and gives tables, not views; queries that take longer than the
    file can need are ended.

    Parameters
    ----------
    pulses : text
        The table of pulses; the only one with such columns where this is empty. A file may hold
        several, made with different cleaning.
    truth : text
        The table of truth.

    References
    ----------
    A. Søgaard et al., GraphNeT: Graph neural networks for neutrino telescope event
    reconstruction, J. Open Source Softw. 8 (2023) 4971, arXiv:2210.12194.

    Examples
    --------
    >>> Graphnet().recognises("pulses.csv")
    False
    """

    pulses: str = ""
    truth: str = "truth"

    suffixes: ClassVar[tuple[str, ...]] = (".db", ".sqlite", ".sqlite3", ".parquet")
    collections: ClassVar[tuple[str, ...]] = ("Pulse", "Primary")
    checked: ClassVar[str] = "published layout"
    whole: ClassVar[str] = "a file of pulses"

    def companions(self, path: str | Path) -> tuple[Path, ...]:
        """Files that are read along.

        Parameters
        ----------
        path : path
            SQLite, or a table of pulses in Parquet.

        Returns
        -------
        tuple of Path
            The truth of a Parquet table, if it is there.
        """
        path = Path(path)
        truth = _truth_file(path, self.truth) if path.suffix.lower() == ".parquet" else None
        return () if truth is None else (truth,)

    def _knows(self, path: Path) -> bool:
        if path.suffix.lower() == ".parquet":
            return {EVENT, *PLACE} <= set(pq.read_schema(path).names)
        with open_sqlite(path) as tables:
            return any({EVENT, *PLACE} <= set(names) for names in tables.columns().values())

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[Table]:
        with path.open("rb") as file:
            sqlite = file.read(len(MAGIC)) == MAGIC
        with (self._sqlite if sqlite else self._parquet)(path) as table:
            yield table

    @contextlib.contextmanager
    def _sqlite(self, path: Path) -> Iterator[Table]:
        with open_sqlite(path) as tables:
            there = tables.columns()
            name = self._table_of_pulses(path, there)
            if not tables.indexed(name, EVENT):
                _LOG.warning(
                    "%s: %s has no index on %s, so each piece reads all of it. Make one.",
                    path,
                    name,
                    EVENT,
                )
            names = [*PLACE, *(one for one in MORE if one in there[name])]
            truth = _sqlite_truth(tables, there, self.truth)
            if truth is None:
                numbers = tables.numbers(name, [EVENT], EVENT)[:, 0]
                ids = np.unique(_ids(numbers, f"{path}, {name}"))
            else:
                ids = truth[EVENT].astype(np.int64)

            def pulses(start: int, stop: int, account: Account) -> tuple[Any, Columns]:
                wanted = ids[start:stop]
                bounds = (int(wanted[0]), int(wanted[-1])) if len(wanted) else (0, -1)
                rows = tables.numbers(name, [EVENT, *names], EVENT, bounds)
                rows = rows[np.argsort(rows[:, 0], kind="stable")]
                event = np.searchsorted(wanted, _ids(rows[:, 0], f"{path}, {name}"))
                known = wanted[event] == rows[:, 0] if len(wanted) else np.zeros(0, bool)
                account.left_out["Pulse"] += int((~known).sum())
                counts = np.bincount(event[known], minlength=len(wanted))
                return counts, dict(zip(names, rows[known, 1:].T, strict=True))

            width = PULSE_BYTES * (1 + path.stat().st_size // (30 * max(1, len(ids))))
            yield Table(len(ids), width, _take(path, ids, truth, pulses), _about())

    def _table_of_pulses(self, path: Path, there: dict[str, list[str]]) -> str:
        known = [name for name, names in there.items() if {EVENT, *PLACE} <= set(names)]
        if self.pulses in known:
            return self.pulses
        if self.pulses:
            raise SchemaError(
                f"{path}: no table of pulses {self.pulses!r}. {hint(self.pulses, known)}"
            )
        if len(known) != 1:
            raise SchemaError(
                f"{path}: must have one table with {EVENT}, {', '.join(PLACE)}, got "
                f"{', '.join(known) or 'none'}. {'Name one as pulses.' if known else 'Other file?'}"
            )
        return known[0]

    @contextlib.contextmanager
    def _parquet(self, path: Path) -> Iterator[Table]:
        names = [*PLACE, *(one for one in MORE if one in pq.read_schema(path).names)]
        with contextlib.closing(ParquetRows(path, [EVENT, *names])) as rows:
            runs = runs_of(path, EVENT)
            truth = _parquet_truth(path, self.truth)
            order = np.argsort(runs.ids)
            ids = runs.ids[order] if truth is None else truth[EVENT]
            if truth is not None:
                matched(ids, runs.ids, f"the table {self.truth} of {path}")
            at = np.searchsorted(runs.ids[order], ids)
            at[at == len(order)] = 0
            found = np.append(order, 0)[at]
            counts = np.where(
                np.append(runs.ids, -1)[found] == ids, np.append(np.diff(runs.starts), 0)[found], 0
            )
            begins = runs.starts[found]

            def pulses(start: int, stop: int, account: Account) -> tuple[Any, Columns]:
                pieces: dict[str, list[NDArray[Any]]] = {name: [np.zeros(0)] for name in names}
                for low, high in _stretches(begins[start:stop], counts[start:stop]):
                    table = rows.take(low, high)
                    for name in names:
                        pieces[name].append(numbers_of(table[name], f"{path}, {name}"))
                return counts[start:stop], {k: np.concatenate(one) for k, one in pieces.items()}

            yield Table(len(ids), runs.width, _take(path, ids, truth, pulses), _about())


def _about() -> dict[str, Any]:
    return {"direction": "comes from", "interactions": INTERACTIONS}


def _ids(numbers: NDArray[np.float64], where: str) -> NDArray[np.int64]:
    if not (finite(numbers) & (numbers >= 0) & (numbers == np.floor(numbers))).all():
        raise CorruptFileError(f"{where}: {EVENT} must be whole and not negative, got others.")
    return numbers.astype(np.int64)


def _stretches(begins: NDArray[np.int64], counts: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Rows of several events, those that follow each other as one."""
    found: list[tuple[int, int]] = []
    for low, count in zip(begins.tolist(), counts.tolist(), strict=True):
        if found and found[-1][1] == low:
            found[-1] = (found[-1][0], low + count)
        elif count:
            found.append((low, low + count))
    return found


def _take(
    path: Path,
    ids: NDArray[np.int64],
    truth: Columns | None,
    pulses: Callable[[int, int, Account], tuple[Any, Columns]],
) -> Callable[[int, int, Account], Piece]:
    def take(start: int, stop: int, account: Account) -> Piece:
        counts, published = pulses(start, stop, account)
        columns = {key: METRE * published[f"dom_{key}"] for key in "xyz"}
        columns["time"] = published["dom_time"]
        columns |= {MORE[name]: values for name, values in published.items() if name in MORE}
        made = {"Pulse": pulse_piece(counts, columns, account)}
        number = ids[start:stop].astype(np.uint64)
        if truth is None:
            account.missing["truth"] += stop - start
        else:
            some = {key: values[start:stop] for key, values in truth.items()}
            made["Primary"] = _primary(some, f"{path}, truth", account)
        return Piece({"event_id": number, "event": number}, made)

    return take


def _primary(truth: Columns, where: str, account: Account) -> tuple[Any, Columns]:
    known = ~np.logical_and.reduce([truth[name] == UNKNOWN for name in TRUTH])
    account.left_out["Primary"] += int((~known).sum())
    truth = {key: values[known] for key, values in truth.items()}
    whole = [truth[name] for name in ("pid", "interaction_type") if name in truth]
    if not finite(*truth.values()).all() or any((np.abs(one) >= 2**31).any() for one in whole):
        raise CorruptFileError(f"{where}: must hold finite numbers, got others. Fetch it again.")
    columns = {"pdgId": truth["pid"], "energy": truth["energy"]}
    columns |= direction(truth["zenith"], truth["azimuth"], where)
    if all(name in truth for name in VERTEX):
        columns |= {key: METRE * truth[f"position_{key}"] for key in "xyz"}
    if "interaction_type" in truth:
        columns["interaction"] = truth["interaction_type"]
    return known.astype(np.int64), columns


def _truth_columns(where: str, there: list[str]) -> list[str]:
    lost = [name for name in (EVENT, *TRUTH) if name not in there]
    if lost:
        raise SchemaError(f"{where}: needs the column {lost[0]!r}, got none. Another format?")
    return [EVENT, *TRUTH, *(one for one in (*VERTEX, "interaction_type") if one in there)]


def _ordered(columns: Columns, where: str) -> Columns:
    ids = _ids(columns[EVENT].astype(np.float64), where)
    order = np.argsort(ids, kind="stable")
    if (ids[order][1:] == ids[order][:-1]).any():
        raise CorruptFileError(f"{where}: must have one row an event, got repeats.")
    return {key: values[order] for key, values in columns.items()} | {EVENT: ids[order]}


def _sqlite_truth(tables: SqliteTables, there: dict[str, list[str]], name: str) -> Columns | None:
    if name not in there:
        return None
    where = f"{tables.path}, {name}"
    names = _truth_columns(where, there[name])
    rows = tables.numbers(name, names, EVENT)
    return _ordered(dict(zip(names, rows.T, strict=True)), where)


def _truth_file(path: Path, name: str) -> Path | None:
    """Truth of a table of pulses, by GraphNeT's own names of files and folders."""
    number = re.search(r"_(\d+)$", path.stem)
    file = f"{name}{number.group(0) if number else ''}.parquet"
    folder = path.resolve().parent
    return next(
        (one / file for one in (folder.parent / name, folder) if (one / file).is_file()), None
    )


def _parquet_truth(path: Path, name: str) -> Columns | None:
    file = _truth_file(path, name)
    if file is None:
        return None
    with reading(file, "a Parquet file of truth"):
        names = _truth_columns(str(file), pq.read_schema(file).names)
        with contextlib.closing(ParquetRows(file, names)) as rows:
            table = rows.take(0, rows.number)
        return _ordered(
            {one: numbers_of(table[one], f"{file}, {one}", whole=one == EVENT) for one in names},
            str(file),
        )

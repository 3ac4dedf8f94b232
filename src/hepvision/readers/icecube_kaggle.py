"""IceCube on Kaggle: pulses of neutrino events, with sensors and directions beside them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.readers._account import Account
from hepvision.readers._csv_table import csv_table
from hepvision.readers._momenta import finite
from hepvision.readers._parquet_rows import ParquetRows
from hepvision.readers._pulses import (
    METRE,
    Runs,
    direction,
    matched,
    numbers_of,
    pulse_piece,
    runs_of,
)
from hepvision.readers._reader import Reader
from hepvision.readers._reading import reading
from hepvision.readers._rows import Piece, Table

__all__ = ["IcecubeKaggle"]

Columns = dict[str, NDArray[Any]]
COLUMNS = ("event_id", "time", "sensor_id", "charge", "auxiliary")
META = ("batch_id", "event_id", "first_pulse_index", "last_pulse_index", "azimuth", "zenith")
SENSOR_FILE, TRUTH_FILE = "sensor_geometry.csv", "train_meta.parquet"
GEOMETRY = {"sensor_id": "i8", "x": "f8", "y": "f8", "z": "f8"}
STRINGS, MODULES = 86, 60  # of the telescope, in the order of the sensors
SENSORS = 2**20  # more are no telescope
ROWS = 2**18  # of the directions at a time


@dataclass(frozen=True)
class IcecubeKaggle(Reader):
    """Pulses of neutrinos in the ice, as the Kaggle competition of 2023 publishes them.

    The path of a ``batch_N.parquet`` is given, with a row a pulse. ``sensor_geometry.csv``, which
    must be there, and ``train_meta.parquet`` lie beside it or one folder up, as they do in the
    published archive. Times are in ns in a window of the event, charges in photo-electrons;
    positions are published in metres and become mm. An event has the published id.

    ``Primary`` has the direction alone, as published: ``theta`` and ``phi`` (wrapped to ±π) say
    where the neutrino came from, z up. Energy and kind were never published. A batch that
    ``train_meta.parquet`` does not hold, such as those of the test set, has no ``Primary``, which
    is counted under ``missing``. String and module are counted from 1 in the order of the 5160
    sensors.

    References
    ----------
    P. Eller for the IceCube Collaboration, Public Kaggle competition "IceCube – Neutrinos in deep
    ice", arXiv:2307.15289.

    Examples
    --------
    >>> IcecubeKaggle().recognises("batch_1.csv")
    False
    """

    suffixes: ClassVar[tuple[str, ...]] = (".parquet",)
    collections: ClassVar[tuple[str, ...]] = ("Pulse", "Primary")
    checked: ClassVar[str] = "published layout"
    simulated: ClassVar[bool | None] = True
    whole: ClassVar[str] = "a Parquet file of pulses"

    def _knows(self, path: Path) -> bool:
        return set(COLUMNS) <= set(pq.read_schema(path).names)

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[Table]:
        with contextlib.closing(ParquetRows(path, COLUMNS)) as rows:
            runs = runs_of(path, "event_id")
            place, names = _geometry(path)
            truth = _truth(path, runs)

            def take(start: int, stop: int, account: Account) -> Piece:
                ids = runs.ids[start:stop]
                counts = np.diff(runs.starts[start : stop + 1])
                columns = _pulses(rows, int(runs.starts[start]), int(runs.starts[stop]), place)
                columns |= {key: one[columns["sensor"]] for key, one in names.items()}
                del columns["sensor"]
                made = {"Pulse": pulse_piece(counts, columns, account)}
                if truth is None:
                    account.missing["truth"] += stop - start
                else:
                    primary = {key: values[start:stop] for key, values in truth.items()}
                    made["Primary"] = (np.ones(stop - start, np.int64), primary)
                return Piece({"event_id": ids, "event": ids}, made)

            about = {"direction": "comes from"}
            yield Table(len(runs.ids), runs.width, take, about)

    def companions(self, path: str | Path) -> tuple[Path, ...]:
        """Files that are read along.

        Parameters
        ----------
        path : path
            The batch.

        Returns
        -------
        tuple of Path
            Those of the sensors and the directions that are there.
        """
        found = (_beside(Path(path), name) for name in (SENSOR_FILE, TRUTH_FILE))
        return tuple(one for one in found if one is not None)


def _beside(path: Path, name: str) -> Path | None:
    """A file of the archive, in the folder or the one above."""
    folder = path.resolve().parent
    return next((one / name for one in (folder, folder.parent) if (one / name).is_file()), None)


def _geometry(path: Path) -> tuple[NDArray[np.float64], dict[str, NDArray[np.int64]]]:
    """Positions of the sensors in mm, shape (sensors, 3), and their string and module."""
    file = _beside(path, SENSOR_FILE)
    if file is None:
        raise SchemaError(
            f"{path}: needs sensor_geometry.csv beside it or one folder up, got none. Fetch it too."
        )
    table = csv_table(file, GEOMETRY)
    number, place = len(table["sensor_id"]), np.stack([table[key] for key in "xyz"], 1)
    if number > SENSORS or not np.array_equal(np.sort(table["sensor_id"]), np.arange(number)):
        raise CorruptFileError(
            f"{file}: must hold each sensor from 0 on once, got others. Fetch it again."
        )
    if not finite(*place.T).all():
        raise CorruptFileError(f"{file}: must hold finite positions, got others. Fetch it again.")
    place = METRE * place[np.argsort(table["sensor_id"])]
    if number != STRINGS * MODULES:
        return place, {}
    sensor = np.arange(number)
    return place, {"string": sensor // MODULES + 1, "module": sensor % MODULES + 1}


def _pulses(rows: ParquetRows, start: int, stop: int, place: NDArray[np.float64]) -> Columns:
    table = rows.take(start, stop)
    where = f"{rows.path}, "
    sensor = numbers_of(table["sensor_id"], where + "sensor_id", whole=True)
    if ((sensor < 0) | (sensor >= len(place))).any():
        raise CorruptFileError(
            f"{rows.path}: sensors must be 0 to {len(place) - 1}, got {sensor.min()} to "
            f"{sensor.max()}. Fetch the file again."
        )
    auxiliary = numbers_of(table["auxiliary"], where + "auxiliary", whole=True)
    if not np.isin(auxiliary, (0, 1)).all():
        raise CorruptFileError(f"{rows.path}: auxiliary must be true or false, got others.")
    x, y, z = place[sensor].T
    return {
        "x": x,
        "y": y,
        "z": z,
        "time": numbers_of(table["time"], where + "time"),
        "charge": numbers_of(table["charge"], where + "charge"),
        "auxiliary": auxiliary.astype(bool),
        "sensor": sensor,
    }


def _truth(path: Path, runs: Runs) -> Columns | None:
    """Directions of the events, in their order; None where they were not published."""
    file = _beside(path, TRUTH_FILE)
    if file is None:
        return None
    named = re.search(r"batch_(\d{1,9})", path.stem)
    with reading(file, "a Parquet file of directions"):
        table = _of_batch(file, int(named.group(1)) if named else None, runs.ids)
    if not np.isin(runs.ids, table["event_id"]).any():
        return None
    row = matched(table["event_id"], runs.ids, f"{file}")
    pulses = (table["last_pulse_index"] - table["first_pulse_index"])[row] + 1
    if (pulses != np.diff(runs.starts)).any():
        event = int(np.argmax(pulses != np.diff(runs.starts)))
        raise CorruptFileError(
            f"{path}: event {runs.ids[event]} must have {pulses[event]} pulses, got "
            f"{np.diff(runs.starts)[event]}. Fetch the batch and train_meta.parquet again."
        )
    return direction(table["zenith"][row], table["azimuth"][row], f"{file}")


def _of_batch(file: Path, batch: int | None, ids: NDArray[np.int64]) -> Columns:
    """Rows of one batch, or of some events; other groups of rows are looked at, but not read."""
    found: dict[str, list[NDArray[Any]]] = {name: [] for name in META}
    key = "event_id" if batch is None else "batch_id"
    with pq.ParquetFile(file, page_checksum_verification=True) as meta:
        lost = [name for name in META if name not in meta.schema_arrow.names]
        if lost:
            raise SchemaError(f"{file}: needs the column {lost[0]!r}, got none. Fetch it again.")
        for group in range(meta.num_row_groups):
            if not any(
                _wanted(one, key, batch, ids, file).any()
                for one in meta.iter_batches(ROWS, [group], [key], use_threads=False)
            ):
                continue
            for one in meta.iter_batches(ROWS, [group], list(META), use_threads=False):
                kept = pa.array(_wanted(one, key, batch, ids, file))
                for name in META:
                    values = one.column(name).filter(kept)
                    whole = name not in ("azimuth", "zenith")
                    found[name].append(numbers_of(values, f"{file}, {name}", whole=whole))
    return {name: np.concatenate([np.zeros(0, np.int64), *one]) for name, one in found.items()}


def _wanted(
    rows: pa.RecordBatch, key: str, batch: int | None, ids: NDArray[np.int64], file: Path
) -> NDArray[np.bool_]:
    keys = numbers_of(rows.column(key), f"{file}, {key}", whole=True)
    return np.isin(keys, ids) if batch is None else keys == batch

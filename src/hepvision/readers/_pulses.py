"""Pulses of neutrino telescopes: tables with a row a pulse, and which of them are an event's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.physics.kinematics import wrap_phi
from hepvision.readers._account import Account
from hepvision.readers._momenta import finite

__all__ = ["METRE", "Runs", "direction", "matched", "numbers_of", "pulse_piece", "runs_of"]

METRE = 1000.0  # mm
BATCH = 2**18  # rows of one column at a time
LARGEST = 2**31  # whole numbers of the schema
PULSE_BYTES = 200  # memory that a pulse takes while it is read

Ids = NDArray[np.int64]


class Runs(NamedTuple):
    """Events of a table whose rows lie together."""

    ids: Ids
    starts: Ids  # one more than events

    @property
    def width(self) -> int:
        """Bytes that an event takes, on average."""
        return int(PULSE_BYTES * self.starts[-1] / max(1, len(self.ids))) + 1


def numbers_of(column: Any, where: str, *, whole: bool = False) -> NDArray[Any]:
    """A column of a Parquet table, as numbers without gaps.

    Parameters
    ----------
    column : pa.ChunkedArray or pa.Array
        The column.
    where : str
        File and column, for messages.
    whole : bool
        Whether the numbers must be whole.

    Returns
    -------
    array, shape (N,)
        int64 or float64.

    Raises
    ------
    SchemaError
        It holds something else.
    CorruptFileError
        It has gaps.

    Examples
    --------
    >>> numbers_of(pa.array([1, 2]), "table, event_no", whole=True).tolist()
    [1, 2]
    """
    kind = column.type
    right = pa.types.is_integer(kind) or pa.types.is_boolean(kind)
    if not (right or (not whole and pa.types.is_floating(kind))):
        raise SchemaError(
            f"{where}: must hold {'whole ' if whole else ''}numbers, got {kind}. Another format?"
        )
    if column.null_count:
        raise CorruptFileError(
            f"{where}: must have a number in each row, got {column.null_count} without. "
            "Fetch the file again."
        )
    values = np.asarray(
        column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column.to_numpy()
    )
    if whole and values.dtype == np.uint64 and (values >= np.uint64(2**63)).any():
        raise CorruptFileError(f"{where}: must be below 2**63, got more. Fetch the file again.")
    return values.astype(np.int64 if whole else np.float64)


def runs_of(path: Path, column: str) -> Runs:
    """Find the events of a Parquet table by a column that names them, a piece at a time.

    Parameters
    ----------
    path : Path
        The file.
    column : str
        The column.

    Returns
    -------
    Runs
        Events in the order of the file.

    Raises
    ------
    CorruptFileError
        The rows of an event do not lie together.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "a.parquet")
    ...     pq.write_table(pa.table({"event_no": [7, 7, 9]}), file)
    ...     found = runs_of(file, "event_no")
    >>> found.ids.tolist(), found.starts.tolist()
    ([7, 9], [0, 2, 3])
    """
    ids: list[Ids] = []
    starts: list[Ids] = []
    last, row = None, 0
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        for batch in file.iter_batches(BATCH, columns=[column], use_threads=False):
            values = numbers_of(batch.column(0), f"{path}, {column}", whole=True)
            if len(values) == 0:
                continue
            new = np.append(last is None or values[0] != last, values[1:] != values[:-1])
            ids.append(values[new])
            starts.append(row + np.flatnonzero(new))
            last, row = values[-1], row + len(values)
    joined = np.concatenate([np.zeros(0, np.int64), *ids])
    if len(np.unique(joined)) != len(joined):
        raise CorruptFileError(
            f"{path}: must hold the rows of an event together, got one that comes again. "
            f"Sort the file by {column}."
        )
    if (joined < 0).any():
        raise CorruptFileError(f"{path}: {column} must not be negative, got {joined.min()}.")
    return Runs(joined, np.concatenate([np.zeros(0, np.int64), *starts, [row]]))


def matched(known: Ids, wanted: Ids, where: str) -> NDArray[np.intp]:
    """Row of each wanted event in a table of truth.

    Parameters
    ----------
    known, wanted : array of int64
        Ids.
    where : str
        The table, for messages.

    Returns
    -------
    array of int, shape of ``wanted``
        Rows.

    Raises
    ------
    CorruptFileError
        An id is there twice, or not at all.

    Examples
    --------
    >>> matched(np.array([9, 7]), np.array([7]), "truth").tolist()
    [1]
    """
    order = np.argsort(known, kind="stable")
    ordered = known[order]
    if (ordered[1:] == ordered[:-1]).any():
        raise CorruptFileError(f"{where}: must have one row an event, got repeats. Fetch it again.")
    at = np.searchsorted(ordered, wanted)
    inside = at < len(known)
    found = np.zeros(len(wanted), bool)
    found[inside] = ordered[at[inside]] == wanted[inside]
    if not found.all():
        raise CorruptFileError(
            f"{where}: must have a row for each event, got none for {int((~found).sum())} of "
            f"{len(wanted)}. Fetch it again, or take it away."
        )
    return order[at]


def pulse_piece(
    counts: Ids, columns: Mapping[str, NDArray[Any]], account: Account
) -> tuple[Ids, dict[str, NDArray[Any]]]:
    """Leave out pulses that are not finite, and count them.

    Parameters
    ----------
    counts : array of int64, shape (B,)
        Pulses of each event.
    columns : mapping of array, shape (N,)
        Fields of ``Pulse``, in mm, ns and photo-electrons.
    account : Account
        Counts them.

    Returns
    -------
    counts, columns
        Of those that are left.

    Examples
    --------
    >>> counts, columns = pulse_piece(
    ...     np.array([2, 1]), {"time": np.array([0.0, np.nan, 1.0])}, Account()
    ... )
    >>> counts.tolist(), columns["time"].tolist()
    ([1, 1], [0.0, 1.0])
    """
    good = finite(*columns.values())
    for key in {"string", "module"} & set(columns):
        good &= np.abs(columns[key]) < LARGEST
    if good.all():
        return counts, dict(columns)
    account.left_out["Pulse"] += int((~good).sum())
    event = np.repeat(np.arange(len(counts)), counts)[good]
    kept = {key: values[good] for key, values in columns.items()}
    return np.bincount(event, minlength=len(counts)), kept


def direction(zenith: Any, azimuth: Any, where: str) -> dict[str, NDArray[Any]]:
    """Where a particle comes from, as fields of ``Primary``.

    Parameters
    ----------
    zenith, azimuth : array, shape (B,), rad
        Published angles.
    where : str
        The table, for messages.

    Returns
    -------
    dict of array, shape (B,), rad
        ``theta`` and ``phi``, this one wrapped.

    Raises
    ------
    CorruptFileError
        An angle cannot be: not finite, in degrees, or a zenith outside of 0 to π.

    Examples
    --------
    >>> direction([0.5], [6.0], "truth")["phi"].round(3).tolist()
    [-0.283]
    """
    zenith, azimuth = (np.asarray(one, np.float64) for one in (zenith, azimuth))
    good = finite(zenith, azimuth)
    good &= (zenith > -1e-6) & (zenith < np.pi + 1e-6) & (np.abs(azimuth) < 2 * np.pi + 1e-6)
    if not good.all():
        row = int(np.argmin(good))
        raise CorruptFileError(
            f"{where}: directions must be a zenith from 0 to pi and an azimuth, in rad, got "
            f"{zenith[row]:g} and {azimuth[row]:g}. Are they degrees?"
        )
    return {"theta": zenith, "phi": wrap_phi(azimuth)}

"""Collections of the schema from columns of a ROOT file: checked, repaired and counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError
from hepvision.events.schema import FIELDS
from hepvision.readers._account import Account
from hepvision.readers._root_column import Column

__all__ = ["Source", "as_type", "columns_of", "finite_columns"]

FINITE = 1e30  # larger numbers are taken for infinite: they square beyond float32
STEEPEST = 20.0  # pseudorapidity from which on a momentum counts as along the beam
_AZIMUTHS = ("phi", "phiEcal", "superclusterPhi", "deltaPhi")


class Source(NamedTuple):
    """Where a field comes from: the name of a column, and what turns its unit into ours."""

    name: str
    factor: float = 1.0


def as_type(values: NDArray[Any], dtype: str, name: str, where: str) -> NDArray[Any]:
    """Numbers in another type, which must be able to hold them.

    Parameters
    ----------
    values : array, shape (N,)
        Numbers.
    dtype : str
        The type.
    name, where : str
        The column and the file, for messages.

    Returns
    -------
    array, shape (N,)
        The same numbers.

    Raises
    ------
    CorruptFileError
        One does not fit: a fraction among whole numbers, or one that is too large.

    Examples
    --------
    >>> as_type(np.array([3.0, -1.0]), "i2", "Jet_genJetIdx", "x.root")
    array([ 3, -1], dtype=int16)
    >>> as_type(np.array([300]), "i1", "Muon_charge", "x.root")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: x.root: Muon_charge must fit int8, got 300. \
Fetch the file again.
    """
    wanted = np.dtype(dtype)
    if values.dtype == wanted or wanted.kind == "f":
        return values.astype(wanted, copy=False)
    if wanted.kind == "b":
        return np.asarray(values != 0)
    if values.dtype.kind != "b" and len(values):
        limit = np.iinfo(wanted)
        odd = (values < limit.min) | (values > limit.max)
        if values.dtype.kind == "f":
            odd |= values % 1 != 0
        if odd.any():
            raise CorruptFileError(
                f"{where}: {name} must fit {wanted.name}, got {values[odd][0]}. "
                "Fetch the file again."
            )
    return values.astype(wanted)


def _within(values: NDArray[Any], limit: float | np.floating[Any]) -> bool:
    """Whether all sizes are below a limit, none NaN; makes no array, for nearly all columns are."""
    with np.errstate(invalid="ignore"):
        return not len(values) or bool(values.max() < limit and values.min() > -limit)


def _finite(values: NDArray[Any], name: str, account: Account) -> NDArray[Any]:
    if values.dtype.kind != "f":
        return values
    if _within(values, FINITE):
        return values
    bad = ~(np.abs(values) < FINITE)
    account.repaired[name] += int(bad.sum())
    return np.where(bad, values.dtype.type(0), values)


def _wrapped(values: NDArray[Any], name: str, account: Account) -> NDArray[Any]:
    # in float32, where pi is a little more than pi; packed numbers exceed it by up to 1e-3
    if _within(values, np.nextafter(np.float32(np.pi), np.float32(4))):
        return values
    out = np.abs(values) > np.float32(np.pi)
    account.repaired[name] += int((np.abs(values) > np.pi + 2e-3).sum())
    turned = (values.astype(np.float64) + np.pi) % (2 * np.pi) - np.pi
    return np.where(out, turned, values).astype(values.dtype)


def finite_columns(
    collection: str,
    names: Mapping[str, str],
    columns: Mapping[str, Column],
    account: Account,
    where: str,
) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
    """Columns of as many objects an event, with 0 for what is not finite.

    Parameters
    ----------
    collection : str
        Name under which repairs are counted.
    names : mapping of str
        Names in the file by names of fields.
    columns : mapping of Column
        What was read, by the file's names.
    account : Account
        Counts repairs.
    where : str
        The file, for messages.

    Returns
    -------
    offsets : array of int64, shape (B+1,)
        Where each event's objects start.
    fields : dict of array, shape (N,)
        As the file has them.

    Raises
    ------
    CorruptFileError
        The columns disagree about the number of objects.

    Examples
    --------
    >>> one = Column(np.array([0.1, np.nan]), (np.array([0, 2, 2]),))
    >>> offsets, fields = finite_columns("Muon", {"dz": "dz"}, {"dz": one}, Account(), "x.root")
    >>> offsets.tolist(), fields["dz"].tolist()
    ([0, 2, 2], [0.1, 0.0])
    """
    offsets: NDArray[np.int64] | None = None
    fields: dict[str, NDArray[Any]] = {}
    first = ""
    for field, name in names.items():
        column = columns[name]
        if len(column.levels) > 1:
            raise CorruptFileError(
                f"{where}: {name} must hold one list of numbers an event, got lists of lists. "
                "Fetch the file again."
            )
        if offsets is None:
            offsets, first = column.offsets, name
        elif not np.array_equal(offsets, column.offsets):
            raise CorruptFileError(
                f"{where}: {first} and {name} must hold as many numbers in each event, got "
                f"{offsets[-1]} and {column.offsets[-1]} in all. Fetch the file again."
            )
        fields[field] = _finite(column.values, f"{collection}.{field}", account)
    return (np.zeros(1, np.int64) if offsets is None else offsets), fields


def _no_steeper(values: NDArray[Any], name: str, account: Account) -> NDArray[Any]:
    # what flies along the beam has pt 0 and an eta of some 20,000: no four-vector is finite there
    if _within(values, STEEPEST):
        return values
    steep = np.abs(values) > STEEPEST
    account.repaired[name] += int(steep.sum())
    return np.clip(values, -STEEPEST, STEEPEST)


def columns_of(
    collection: str,
    sources: Mapping[str, Source],
    columns: Mapping[str, Column],
    account: Account,
    where: str,
) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
    """Fields of one collection, of the schema's types and units.

    Values that are not finite become 0, pseudorapidities beyond ±20 (of particles along the beam)
    ±20, and azimuths are turned into one circle; all are counted.

    Parameters
    ----------
    collection : str
        Its name in the schema.
    sources : mapping of Source
        Where each field comes from.
    columns : mapping of Column
        What was read, by the file's names.
    account : Account
        Counts repairs.
    where : str
        The file, for messages.

    Returns
    -------
    offsets : array of int64, shape (B+1,)
        Where each event's objects start.
    fields : dict of array, shape (N,)
        By the schema's names.

    Raises
    ------
    CorruptFileError
        The columns disagree about the number of objects, or hold what is no such number.

    Examples
    --------
    >>> one = Column(np.array([0.1, np.nan]), (np.array([0, 2, 2]),))
    >>> account = Account()
    >>> offsets, fields = columns_of(
    ...     "Muon", {"dz": Source("Muon_dz", 10.0)}, {"Muon_dz": one}, account, "x.root"
    ... )
    >>> fields["dz"].tolist(), account.repaired["Muon.dz"]
    ([1.0, 0.0], 1)
    """
    names = {field: source.name for field, source in sources.items()}
    offsets, fields = finite_columns(collection, names, columns, account, where)
    for field, (name, factor) in sources.items():
        values = fields[field]
        values = values if factor == 1 else values * values.dtype.type(factor)
        values = as_type(values, FIELDS[collection][field].dtype, name, where)
        if field in _AZIMUTHS:
            values = _wrapped(values, f"{collection}.{field}", account)
        elif field == "eta":
            values = _no_steeper(values, f"{collection}.{field}", account)
        fields[field] = values
    return offsets, fields

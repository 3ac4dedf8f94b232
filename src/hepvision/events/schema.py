"""What events look like, and the check that they do."""

from collections.abc import Iterable, Mapping
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError
from hepvision.core.names import hint
from hepvision.events._fields import FIELDS, REQUIRED_SCALARS, SCALARS, Field
from hepvision.events._four_vectors import register

__all__ = [
    "FIELDS",
    "SCALARS",
    "VERSION",
    "Field",
    "build",
    "check",
    "empty",
    "flat",
    "from_columns",
    "known_fields",
    "missing_fields",
    "no_events",
]

#: Version of the schema, kept in every store.
VERSION = 1

register()


def _named(name: str, columns: Mapping[str, Any]) -> str:
    given = {"mass", "energy"} & set(columns)
    if not {"pt", "eta", "phi"} <= set(columns) or not given:
        return name
    if len(given) == 2:
        raise SchemaError(f"{name}: a four-vector has mass or energy, got both. Leave out energy.")
    return "Momentum4D"


def from_columns(offsets: Any, columns: Mapping[str, Any], name: str) -> ak.Array:
    """Make a jagged collection from flat columns.

    Parameters
    ----------
    offsets : array of int, shape (B+1,)
        Where each event's objects start and the last one's end.
    columns : mapping of array, shape (N,)
        Flat columns, all as long; converted to the schema's types where it knows them.
    name : str
        Name of the collection; one with pt, eta, phi and mass or energy becomes a four-vector.

    Returns
    -------
    ak.Array
        B lists of records.

    Raises
    ------
    SchemaError
        The offsets do not fit the columns, or a four-vector has both mass and energy.

    Examples
    --------
    >>> photons = from_columns(
    ...     [0, 1, 1], {"pt": [30.0], "eta": [0.0], "phi": [0.1], "mass": [0.0]}, "Photon"
    ... )
    >>> photons.energy.tolist()
    [[30.0], []]
    """
    offsets = np.asarray(offsets, np.int64)
    types = FIELDS.get(name, {})
    contents = []
    for key, values in columns.items():
        array = np.asarray(values)
        if key in types:
            array = array.astype(types[key].dtype, copy=False)
        if array.ndim != 1 or len(array) != offsets[-1]:
            raise SchemaError(
                f"{name}.{key}: must hold {offsets[-1]} values, got shape {array.shape}."
            )
        contents.append(ak.contents.NumpyArray(np.ascontiguousarray(array)))
    record = ak.contents.RecordArray(
        contents, list(columns), int(offsets[-1]), parameters={"__record__": _named(name, columns)}
    )
    return ak.Array(ak.contents.ListOffsetArray(ak.index.Index64(offsets), record))


def flat(collection: ak.Array) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
    """Take a jagged collection apart into offsets and flat columns.

    Parameters
    ----------
    collection : ak.Array
        B lists of records.

    Returns
    -------
    offsets : array of int64, shape (B+1,)
        Starting at 0.
    columns : dict of array, shape (N,)
        One a field, views where that is possible.

    Examples
    --------
    >>> offsets, columns = flat(from_columns([0, 2], {"x": [1.0, 2.0]}, "Vertex"))
    >>> offsets.tolist(), columns["x"].tolist()
    ([0, 2], [1.0, 2.0])
    """
    layout = collection.layout
    if not _is_packed(layout):
        layout = ak.to_packed(collection).layout
    while layout.is_option or layout.is_indexed:
        layout = layout.project()
    layout = layout.to_ListOffsetArray64(True) if layout.is_list else layout
    offsets = np.asarray(layout.offsets.data, np.int64)
    records = layout.content[: offsets[-1]]
    while records.is_indexed:
        records = records.project()
    columns = {key: ak.to_numpy(records[key], allow_missing=False) for key in records.fields}
    return offsets, columns


def _is_packed(layout: Any) -> bool:
    """Whether lists of records lie as ``from_columns`` puts them: packing would take time."""
    return (
        isinstance(layout, ak.contents.ListOffsetArray)
        and layout.offsets[0] == 0
        and isinstance(layout.content, ak.contents.RecordArray)
        and all(isinstance(one, ak.contents.NumpyArray) for one in layout.content.contents)
    )


def empty(events: int, name: str) -> ak.Array:
    """A collection with no object in any event.

    Parameters
    ----------
    events : int
        Number of events.
    name : str
        A collection of the schema.

    Returns
    -------
    ak.Array
        That many empty lists, with all fields; of a four-vector's mass and energy with the mass.

    Examples
    --------
    >>> empty(2, "Photon").pt.tolist()
    [[], []]
    """
    columns = {key: np.zeros(0, field.dtype) for key, field in FIELDS[name].items()}
    if {"pt", "mass"} <= set(columns):
        columns.pop("energy", None)
    return from_columns(np.zeros(events + 1, np.int64), columns, name)


def build(
    scalars: Mapping[str, Any],
    collections: Mapping[str, ak.Array],
    attrs: Mapping[str, Any] | None = None,
) -> ak.Array:
    """Put scalars and collections together to events, and check them.

    Parameters
    ----------
    scalars : mapping
        One value an event; ``sample`` may be one text for all.
    collections : mapping of ak.Array
        Jagged collections.
    attrs : mapping, optional
        Provenance; goes to ``events.attrs["hepvision"]`` with the schema's version.

    Returns
    -------
    ak.Array
        B records.

    Raises
    ------
    SchemaError
        See ``check``.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(2, np.uint64)
    >>> events = build(
    ...     {
    ...         "event_id": [1, 2],
    ...         "sample": "toy",
    ...         "weight": one,
    ...         "run": one,
    ...         "luminosityBlock": one,
    ...         "event": one,
    ...         "pileup": one,
    ...     },
    ...     {"Photon": empty(2, "Photon")},
    ... )
    >>> len(events), events["sample"].tolist()
    (2, ['toy', 'toy'])
    """
    number = len(scalars["event_id"])
    contents: dict[str, Any] = {}
    for key, values in scalars.items():
        if key == "sample":
            if not isinstance(values, str):
                contents[key] = ak.Array(values).layout
                continue
            text = np.frombuffer(values.encode(), np.uint8)
            letters = ak.contents.ListOffsetArray(
                ak.index.Index64(np.arange(number + 1) * len(text)),
                ak.contents.NumpyArray(np.tile(text, number), parameters={"__array__": "char"}),
                parameters={"__array__": "string"},
            )
            contents[key] = letters
        else:
            dtype = SCALARS[key].dtype if key in SCALARS else None
            contents[key] = ak.contents.NumpyArray(np.asarray(values).astype(dtype))
    contents |= {key: collection.layout for key, collection in collections.items()}
    layout = ak.contents.RecordArray(list(contents.values()), list(contents), number)
    kept = {"hepvision": {"schema": VERSION, **(attrs or {})}}
    return check(ak.Array(layout, attrs=kept))


def no_events(collections: Iterable[str]) -> ak.Array:
    """No event at all, with all scalars and fields: to try out what reads events.

    Parameters
    ----------
    collections : iterable of str
        Collections of the schema.

    Returns
    -------
    ak.Array
        Of length 0.

    Examples
    --------
    >>> nothing = no_events(["Photon"])
    >>> len(nothing), nothing.Photon.pt.tolist()
    (0, [])
    """
    scalars = {name: np.zeros(0) for name in SCALARS if name != "sample"}
    return build({**scalars, "sample": ""}, {name: empty(0, name) for name in collections})


def check(events: ak.Array) -> ak.Array:
    """Refuse events that the rest of the toolkit could misread.

    Parameters
    ----------
    events : ak.Array
        What a reader or simulation made.

    Returns
    -------
    ak.Array
        The same events.

    Raises
    ------
    SchemaError
        A scalar is missing, a field is unknown or of another kind of number, a value is not
        finite, or event ids repeat.

    Examples
    --------
    >>> import awkward as ak
    >>> check(ak.Array([{"event_id": 1}]))
    Traceback (most recent call last):
    ...
    hepvision.core.errors.SchemaError: events: need the scalar 'sample', got none. Add it.
    """
    for key in REQUIRED_SCALARS:
        if key not in events.fields:
            raise SchemaError(f"events: need the scalar {key!r}, got none. Add it.")
    for name in events.fields:
        if name in SCALARS:
            if name != "sample":
                _check_column(name, ak.to_numpy(events[name]), SCALARS[name])
            continue
        if name not in FIELDS:
            raise SchemaError(f"events: no collection {name!r}. {hint(name, FIELDS)}")
        for key, values in flat(events[name])[1].items():
            if key not in FIELDS[name]:
                advice = hint(key, FIELDS[name], otherwise="")
                raise SchemaError(f"{name}: no field {key!r}. {advice}".strip())
            _check_column(f"{name}.{key}", values, FIELDS[name][key])
    ids = np.sort(ak.to_numpy(events["event_id"]))
    if (ids[1:] == ids[:-1]).any():
        raise SchemaError("events: event_id must be unique, got repeats. Number events anew.")
    return events


def _check_column(name: str, values: NDArray[Any], field: Field) -> None:
    if values.dtype.kind != np.dtype(field.dtype).kind:
        raise SchemaError(f"{name}: must be {field.dtype}, got {values.dtype}. Convert it.")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        bad = int((~np.isfinite(values)).sum())
        raise SchemaError(f"{name}: must be finite, got {bad} values that are not. Repair them.")


def known_fields(events: ak.Array) -> tuple[str, ...]:
    """Names of all scalars and fields, as ``Collection.field``.

    Parameters
    ----------
    events : ak.Array
        Events.

    Returns
    -------
    tuple of str
        In the order of the events' fields.

    Examples
    --------
    >>> import awkward as ak
    >>> known_fields(ak.Array([{"weight": 1.0}]))
    ('weight',)
    """
    return tuple(
        f"{name}.{key}" if key else name
        for name in events.fields
        for key in (events[name].fields or ("",) if name != "sample" else ("",))
    )


def missing_fields(events: ak.Array, reads: tuple[str, ...]) -> tuple[str, ...]:
    """Fields that something reads and these events do not have.

    Parameters
    ----------
    events : ak.Array
        Events.
    reads : tuple of str
        Names as ``Collection.field`` or of scalars.

    Returns
    -------
    tuple of str
        Empty if all are there.

    Examples
    --------
    >>> import awkward as ak
    >>> missing_fields(ak.Array([{"weight": 1.0}]), ("weight", "Photon.pt"))
    ('Photon.pt',)
    """
    there = set(known_fields(events))
    return tuple(name for name in reads if name not in there)

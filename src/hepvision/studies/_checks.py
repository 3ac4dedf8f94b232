"""A card tried out on no events at all, so that a mistake is found before an hour of work."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np

from hepvision.core.card import component
from hepvision.core.errors import CardError, UnknownNameError, UserError
from hepvision.core.inputs import Dense, Inputs, InputSpec, Ragged, Sparse
from hepvision.core.names import hint
from hepvision.events.examples import examples
from hepvision.events.observables import OBSERVABLES, observable
from hepvision.events.schema import FIELDS, flat, from_columns, missing_fields, no_events
from hepvision.events.selection import selected
from hepvision.events.split import NAMES
from hepvision.events.store import Store, open_store
from hepvision.models.layers.batches import outputs_of
from hepvision.models.layers.choice import parts_of_kind
from hepvision.models.layers.device import chosen_device
from hepvision.models.layers.network import Network
from hepvision.representations._together import fields_read, represent, spec_of
from hepvision.studies._titles import require_titles
from hepvision.studies.card import Study
from hepvision.studies.entry import options_of, task_of
from hepvision.studies.samples import ExampleStream, simulation, store_folder
from hepvision.training.fit import new_network

__all__ = ["enough", "tried"]

#: What a network that does not fit its inputs, or a mistake in one's own, ends in.
_FAULTS = (
    RuntimeError,
    TypeError,
    MemoryError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
)

#: Columns of the predictions that an observable, a number of 64 bits, would replace.
_KEPT = {"event_id", "object_index", "sample", "split"}


def tried(study: Study) -> Study:
    """Build all components, select and represent no events, and make every network once.

    Parameters
    ----------
    study : Study
        A card.

    Returns
    -------
    Study
        Itself.

    Raises
    ------
    CardError, UnknownNameError, SchemaError, MissingExtraError, ValueError
        Something in the card does not exist or does not fit.

    Examples
    --------
    >>> from hepvision.studies.card import resolve
    >>> changes = ["observables=[diphoton_mas]", "mass=diphoton_mas"]
    >>> tried(resolve("higgs_diphoton", changes=changes))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    hepvision.core.errors.UnknownNameError: observables: no 'diphoton_mas'...
    """
    for sample in study.samples.values():
        if sample.simulate is not None:
            _simulated(simulation(study, sample.simulate))
        if sample.read is not None and sample.read.format is not None:
            component("readers", {**sample.read.options, "name": sample.read.format})
    require_titles(study)
    task = task_of(study)
    _require_classes(study, task)
    none = no_events(name for name in FIELDS if name)
    rows = _rows(study, none)
    for sample in study.samples.values():
        _rows(study, none, sample.where)
    representations = {
        key: component("representations", block) for key, block in study.representations.items()
    }
    for key, representation in representations.items():
        lost = missing_fields(none, representation.reads)
        if lost:
            advice = hint(lost[0], OBSERVABLES, "Mend the card.")
            raise UnknownNameError(f"representations.{key}: no field {lost[0]!r}. {advice}")
        represent({key: representation}, rows)
    for entry in study.entries:
        options = options_of(study, entry)
        spec = spec_of({key: representations[key] for key in entry.uses})
        try:
            architecture = component("models", entry.model)
            parts_of_kind(_name(entry.model), spec, architecture.reads_kinds)
            model = new_network(architecture, spec, task.outputs, study.seeds[0])
            if isinstance(model, Network):
                options.turns(spec, study.seeds[0], 0)
                chosen_device(options.accelerator)
            if architecture.output_level == "example":
                _require_outputs(model, spec, task.outputs)
        except ValueError as error:
            raise CardError(f"entry {entry.name}: {error}") from error
        except UserError:
            raise
        except _FAULTS as error:
            kind = "" if isinstance(error, RuntimeError | TypeError) else type(error).__name__ + " "
            said = " ".join(f"{kind}{error}".split())[:160].rstrip(". ")
            raise CardError(
                f"entry {entry.name}: {_name(entry.model)} must read its inputs, got {said}. "
                "Change its sizes or the representation."
            ) from error
    return study


def _name(model: Any) -> str:
    return model if isinstance(model, str) else str(model["name"])


def _require_classes(study: Study, task: Any) -> None:
    """Refuse a task whose classes a report would take for others: it goes by the samples."""
    classes, samples = tuple(task.class_names), tuple(study.samples)
    signal = getattr(task, "signal_class", study.signal)
    if classes != samples or signal != study.signal:
        raise CardError(
            f"task: classes must be the samples in their order, the first one the signal, got "
            f"{', '.join(classes)} with the signal {signal} for the samples {', '.join(samples)}. "
            "Leave classes and signal out, and put the signal's sample first."
        )


def _require_outputs(model: Any, spec: InputSpec, outputs: int) -> None:
    """Let a network see two blank examples, the first with one object where there may be any."""
    if not isinstance(model, Network):
        return
    blank: Inputs = {}
    for name, part in spec.items():
        if part.kind in {"image", "volume"}:
            none = np.zeros(3, np.int64), np.zeros(0, np.uint32), np.zeros(0, np.float32)
            blank[name] = Sparse(*none, part.shape)
        elif part.kind == "vector":
            blank[name] = Dense(np.zeros((2, *part.shape), np.float32))
        else:
            one = np.zeros((1, *part.shape[1:]), np.float32)
            blank[name] = Ragged(np.array([0, 1, 1], np.int64), one)
    found = outputs_of(model, blank, spec).shape
    if found != (2, outputs):
        raise ValueError(
            f"the network must give {outputs} outputs an example, got shape {found} for 2 "
            "examples. Give one logit a class."
        )


def _simulated(settings: dict[str, Any]) -> None:
    """Refuse what the simulation would refuse, without making anything."""
    from hepvision.simulation.simulate import settings_of

    settings_of(**settings)


def enough(study: Study) -> Study:
    """Refuse samples that are not there, or too small to have events in every part of the split.

    Parameters
    ----------
    study : Study
        A card.

    Returns
    -------
    Study
        Itself.

    Raises
    ------
    CardError
        A sample has fewer events than the split has parts, or a part of it gets none.
    SchemaError, UnknownNameError
        A store lacks what the card reads.
    CorruptFileError, FileNotFoundError
        A store or file is not there.

    Examples
    --------
    >>> from hepvision.studies.card import resolve
    >>> enough(resolve("higgs_diphoton", changes=["simulate.events=2"]))
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CardError: samples.higgs: must have 3 events or more, to be split into \
train, validation and test, got 2. Take more events.
    """
    for part in ("validation", "test"):
        if getattr(study.split, part) == 0.0 and any(s.simulate for s in study.samples.values()):
            raise CardError(
                f"split.{part}: must be more than 0, for simulated events bring no split of their "
                "own, got 0. Say 0.2."
            )
    stores: dict[str, Store] = {}
    for key, sample in study.samples.items():
        events = sample.simulate.events if sample.simulate is not None else None
        folder = store_folder(study, key)
        if sample.store is not None or (folder / "manifest.json").is_file():
            stores[key] = open_store(folder)
            events = len(stores[key])
        if events is not None and events < len(NAMES):
            raise CardError(
                f"samples.{key}: must have {len(NAMES)} events or more, to be split into "
                f"{', '.join(NAMES[:-1])} and {NAMES[-1]}, got {events}. Take more events."
            )
    representations = {
        key: component("representations", block) for key, block in study.representations.items()
    }
    stream = ExampleStream(study, stores, fields_read(representations))
    for key, store in stores.items():
        stream.columns(key)
        _rows(study, _none_of(store), study.samples[key].where)
    return study


def _rows(study: Study, events: ak.Array, where: tuple[str, ...] = ()) -> ak.Array:
    """Examples that pass the selection, whose observables can be made."""
    rows, _ = selected(examples(events, study.per), (*where, *study.select))
    for name in study.observables:
        if name in _KEPT:
            raise CardError(
                f"observables: {name!r} is kept beside each prediction anyway. Leave it out."
            )
        if name.isidentifier() and name not in {*OBSERVABLES, *rows.fields}:
            raise UnknownNameError(f"observables: no {name!r}. {hint(name, OBSERVABLES)}")
        observable(name, rows)
    return rows


def _none_of(store: Store) -> ak.Array:
    """No event at all, with the fields of a store."""
    there = dict.fromkeys(name.partition(".")[0] for name in store.fields)
    none = no_events(name for name in there if name in FIELDS)
    for name in there:
        if name in FIELDS:
            offsets, columns = flat(none[name])
            kept = {one: columns[one] for one in columns if f"{name}.{one}" in store.fields}
            none = ak.with_field(none, from_columns(offsets, kept, name), name)
    return none

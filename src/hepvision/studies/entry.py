"""One entry with one seed: train, score, judge, and keep it as a bundle."""

import dataclasses
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.card import component, parse
from hepvision.core.errors import SchemaError
from hepvision.core.files import read_json, write_json
from hepvision.core.inputs import Inputs, taken
from hepvision.core.stored_inputs import is_stored, loaded
from hepvision.deploy.bundle import Bundle, save_bundle
from hepvision.models.layers.device import on_device
from hepvision.models.layers.learner import Learner
from hepvision.representations._together import spec_of
from hepvision.studies._costs import flops, latency, timed_outputs
from hepvision.studies._mass import mass_measures
from hepvision.studies._predictions import read_predictions, write_predictions
from hepvision.studies._split_record import record_split
from hepvision.studies._subset import fewer
from hepvision.studies.card import Entry, Study
from hepvision.studies.inputs import Table
from hepvision.tasks._predictions import Predictions
from hepvision.training.decorrelation import watched
from hepvision.training.fit import Fitted, fit, new_network
from hepvision.training.learner import fit_learner
from hepvision.training.options import Options
from hepvision.training.ranks import Ranks

__all__ = ["Trained", "options_of", "task_of", "train_entry"]

#: Examples that costs are counted on where not all are in memory.
_SOME = 2048
#: Called with the history after every epoch.
AfterEpoch = Callable[[list[dict[str, float]]], None]


@dataclasses.dataclass(frozen=True)
class Trained:
    """What came of one entry and seed.

    Parameters
    ----------
    entry : str
        Name of the entry.
    seed : int
        Seed of the training.
    metrics : dict
        The task's measures, plain data, the same for the same predictions.
    timing : dict
        Seconds and rates on this machine.

    Examples
    --------
    >>> Trained("EB", 1, {}, {}).entry
    'EB'
    """

    entry: str
    seed: int
    metrics: dict[str, Any]
    timing: dict[str, Any]


def options_of(study: Study, entry: Entry) -> Options:
    """Settings of an entry's training: the study's, with the entry's own on top.

    Parameters
    ----------
    study : Study
        A checked card.
    entry : Entry
        One of its entries.

    Returns
    -------
    Options
        Checked.

    Raises
    ------
    CardError
        A key is unknown or a value wrong.
    UnknownNameError
        The training stops by an observable that the card does not have.

    Examples
    --------
    >>> from hepvision.studies.card import resolve
    >>> study = resolve("higgs_diphoton", changes=["training.epochs=3"])
    >>> options_of(study, study.entries[0]).epochs
    3
    """
    options = parse(Options, {**study.training, **entry.training}, f"training of {entry.name}")
    watched(options, study.observables)
    return options


def task_of(study: Study) -> Any:
    """The task of a study; its classes are the samples unless the card says otherwise.

    Parameters
    ----------
    study : Study
        A checked card.

    Returns
    -------
    object
        A component of ``tasks``.

    Examples
    --------
    >>> from hepvision.studies.card import resolve
    >>> task_of(resolve("higgs_diphoton")).class_names
    ('higgs', 'diphoton', 'photon_jet')
    """
    block = {"name": study.task} if isinstance(study.task, str) else dict(study.task)
    return component("tasks", {"classes": tuple(study.samples), **block})


def train_entry(
    study: Study,
    entry: Entry,
    seed: int,
    folder: Path,
    table: Table,
    inputs: Inputs,
    measured: Mapping[str, Any],
    progress: bool = True,
    ranks: Ranks | None = None,
) -> Trained:
    """Train an entry, or find that it is done.

    Parameters
    ----------
    study : Study
        A checked card.
    entry : Entry
        One of its entries.
    seed : int
        Seed of the training.
    folder : Path
        The run folder; the entry goes to ``<entry>/<seed>``.
    table : Table
        Targets, weights, splits and observables of all examples.
    inputs : Inputs
        Of all representations, in memory or stored.
    measured : mapping
        Representations with their constants.
    progress : bool
        Show a progress bar.
    ranks : Ranks, optional
        Of several processes that train together; this is the first of them.

    Returns
    -------
    Trained
        Measures and timing.

    Examples
    --------
    >>> from hepvision.core.inputs import Dense
    >>> from hepvision.studies.card import resolve
    >>> study = resolve(
    ...     {
    ...         "title": "toy",
    ...         "samples": {"a": {"store": "x"}, "b": {"store": "y"}},
    ...         "representations": {"m": "four_momenta"},
    ...         "training": {"epochs": 1, "threads": 1},
    ...         "entries": [{"name": "net", "uses": ["m"], "model": "mlp"}],
    ...     }
    ... )
    >>> target = np.arange(60) % 2
    >>> columns = {
    ...     "event_id": np.arange(60),
    ...     "object_index": np.zeros(60, int),
    ...     "split": np.arange(60) // 20,
    ...     "sample": np.array(["a", "b"])[target],
    ...     "target": target,
    ...     "weight": np.ones(60),
    ... }
    >>> momenta = np.random.default_rng(1).normal(size=(60, 5)).astype(np.float32)
    >>> import tempfile
    >>> made = train_entry(
    ...     study,
    ...     study.entries[0],
    ...     1,
    ...     Path(tempfile.mkdtemp()),
    ...     Table(columns, ("a", "b")),
    ...     {"m.vector": Dense(momenta)},
    ...     {"m": component("representations", "four_momenta")},
    ...     progress=False,
    ... )
    >>> made.timing["epochs"]
    1
    """
    home = folder / entry.name / str(seed)
    task = task_of(study)
    wanted = {key: measured[key] for key in entry.uses}
    parts = {name: inputs[name] for name in spec_of(wanted)}
    timing = home / "timing.json"
    if not is_trained(home):
        started = time.perf_counter()
        architecture, fitted, learned_from = fitted_entry(
            study, entry, seed, home, task, table, parts, wanted, progress, ranks=ranks
        )
        seconds = time.perf_counter() - started
        write_json(home / "history.json", fitted.history)
        scored = np.sort(np.concatenate([table.part(1), table.part(2)]))
        spec, coarse = spec_of(wanted), fitted.precision == "bfloat16"
        with on_device(fitted.model, options_of(study, entry).accelerator):
            outputs, rate = timed_outputs(fitted.model, parts, spec, scored, bfloat16=coarse)
        found = predictions_of(task, outputs, scored, table, study.observables)
        write_predictions(home, found, task.class_names)
        record_split(folder, table.columns, inputs)
        bundle = Bundle(
            fitted.model,
            architecture,
            wanted,
            task,
            study.select,
            study.per,
            study.observables,
            fitted.precision,
            _working_points(_judged(home, task, study)),
            study.model_dump(mode="json"),
        )
        save_bundle(home / "bundle", bundle)
        some = taken(parts, scored[:_SOME] if is_stored(parts) else scored)
        few = taken(parts, scored[:16])
        costs = {
            "flops": flops(fitted.model, some, spec),
            "latency": latency(fitted.model, few, spec, bfloat16=coarse, threads=fitted.threads),
            "scored_a_second": rate,
            "training_events": learned_from,
        }
        write_json(timing, {**_timing(fitted, seconds), **costs})
    return Trained(entry.name, seed, _judged(home, task, study), read_json(timing))


def is_trained(home: Path) -> bool:
    """Whether an entry with one seed is done, in its folder."""
    return (home / "bundle" / "manifest.json").is_file() and (home / "timing.json").is_file()


def memory_of(study: Study) -> int:
    """Most bytes of inputs that any entry keeps in memory."""
    return max(int(options_of(study, entry).memory) for entry in study.entries)


def _target(task: Any, table: Table) -> Mapping[str, Any]:
    made: Mapping[str, Any] = task.target(ak.Array({"sample": list(table.columns["sample"])}))
    return made


def fitted_entry(
    study: Study,
    entry: Entry,
    seed: int,
    home: Path,
    task: Any,
    table: Table,
    parts: Inputs,
    wanted: Mapping[str, Any],
    progress: bool,
    after_epoch: AfterEpoch | None = None,
    ranks: Ranks | None = None,
) -> tuple[Any, Fitted, int]:
    """The architecture, what came of it, and how many examples it learned from."""
    options = options_of(study, entry)
    spec = spec_of(wanted)
    architecture = component("models", entry.model)
    model = new_network(architecture, spec, task.outputs, seed)
    target, weight = _target(task, table), table.columns["weight"]
    columns = table.columns
    split = fewer(columns["split"], columns["target"], columns["event_id"], options.examples)
    if isinstance(model, Learner):
        made = fit_learner(model, task, loaded(parts), target, weight, split, options, seed=seed)
        # some thin what would cost them too much
        used = getattr(model, "examples_used", 0) or int((split == 0).sum())
        return architecture, made, used
    made = fit(
        model,
        task,
        spec,
        parts,
        target,
        weight,
        split,
        options,
        seed=seed,
        observables={name: table.columns[name] for name in study.observables},
        folder=home / "checkpoints",
        progress=progress,
        title=f"{entry.name} (seed {seed})",
        after_epoch=after_epoch,
        ranks=ranks,
    )
    return architecture, made, int((split == 0).sum())


def predictions_of(
    task: Any,
    outputs: NDArray[Any],
    rows: NDArray[np.int64],
    table: Table,
    observables: Sequence[str],
) -> Predictions:
    """What a model says of some rows of the table, with all that is known of them."""
    columns = {key: one[rows] for key, one in table.columns.items()}
    return Predictions(
        task.scores(outputs),
        {key: one[rows] for key, one in _target(task, table).items()},
        columns["weight"],
        columns["split"],
        columns["event_id"],
        columns["object_index"],
        columns["sample"],
        {name: columns[name] for name in observables},
    )


def _judged(home: Path, task: Any, study: Study) -> dict[str, Any]:
    predictions = read_predictions(home, task.class_names, study.observables)
    metrics: dict[str, Any] = dict(task.evaluate(predictions).to_dict())
    metrics |= mass_measures(study, task, predictions)
    return metrics


def _working_points(metrics: Mapping[str, Any]) -> dict[str, Any]:
    if "versus" not in metrics:
        raise SchemaError("metrics: need 'versus', got none. Report this.")
    return {
        against: {
            kind: {level: point["threshold"] for level, point in measures[kind].items()}
            for kind in ("at_background_efficiency", "at_signal_efficiency")
        }
        for against, measures in metrics["versus"].items()
    }


def _timing(fitted: Fitted, seconds: float) -> dict[str, Any]:
    epochs = len(fitted.history)
    rate = fitted.events_per_second
    return {
        "parameters": int(fitted.model.parameters_total),
        "epochs": epochs,
        "best_epoch": fitted.best_epoch,
        # learners have no epochs: all that their one call took
        "seconds": fitted.seconds or seconds,
        "seconds_an_epoch": fitted.seconds / max(epochs, 1),
        "events_a_second": rate,
        "seconds_an_example": 1 / rate if rate else 0.0,
        "precision": fitted.precision,
        "threads": fitted.threads,
        "processes": fitted.processes,
        "device": fitted.device,
    }

"""One network of a search: what it costs, its training, and what it is worth."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from hepvision.core.card import component
from hepvision.core.environment import doctor
from hepvision.core.errors import CardError, UserError
from hepvision.core.inputs import InputSpec, taken
from hepvision.evaluation.classification import signal_versus
from hepvision.evaluation.paired_measures import measure_of
from hepvision.evaluation.roc import auc
from hepvision.models.layers.device import on_device
from hepvision.models.layers.network import Network
from hepvision.representations._together import spec_of
from hepvision.studies._budget import Budget, told
from hepvision.studies._costs import flops, latency, timed_outputs
from hepvision.studies._search_block import Search
from hepvision.studies._search_data import seen
from hepvision.studies.card import Study
from hepvision.studies.entry import fitted_entry, options_of, predictions_of, task_of
from hepvision.tasks._predictions import Predictions
from hepvision.training.fit import new_network
from hepvision.training.options import chosen_precision

__all__ = ["Finished", "Refused", "Stopped", "costs_of", "hopeless", "score_of", "train_trial"]

#: Trials that cost no more and are as far, without which none is stopped.
FEW = 4


class Refused(Exception):
    """A network that is not trained: it is none, or it costs too much.

    Parameters
    ----------
    reason : str
        In one line.
    excess : mapping of float
        Logarithm of how far each cost is over its limit.
    parameters : float, optional
        How many it has, where that is known.
    """

    def __init__(self, reason: str, excess: Mapping[str, float], parameters: float | None = None):
        super().__init__(reason)
        self.reason, self.excess = reason, dict(excess)
        self.least = {} if parameters is None else {"least": parameters}


class Stopped(Exception):
    """A training that is ended early."""


@dataclass(frozen=True)
class Finished:
    """What came of a trial.

    Parameters
    ----------
    score, error : float
        What it is worth on validation events, and half of its 68 % interval.
    losses : list of float
        On validation events, one an epoch.
    seconds : float
        Of the training.
    """

    score: float
    error: float
    losses: list[float] = field(default_factory=list)
    seconds: float = 0.0


def costs_of(
    study: Study, budget: Budget, inputs: Any, measured: Mapping[str, Any]
) -> dict[str, float]:
    """Costs of the study's one network, cheap ones first; Refused as soon as one is too high."""
    entry, seed = study.entries[0], study.seeds[0]
    spec = spec_of({key: measured[key] for key in entry.uses})
    outputs = task_of(study).outputs
    try:
        architecture = component("models", entry.model)
        options = options_of(study, entry)
        found = {"parameters": _parameters(architecture, spec, outputs)}
        _refuse(budget, found)
        network = new_network(architecture, spec, outputs, seed)
    except Refused:
        raise
    except (UserError, ValueError) as error:
        raise Refused(str(error), {"network": 1.0}) from error
    parts = {name: inputs[name] for name in spec}
    few = taken(parts, np.arange(min(16, len(next(iter(parts.values()))))))
    found["parameters"] = float(network.parameters_total)
    operations = flops(network, few, spec)
    found["multiply_adds"] = 0.5 * float(operations or 0)
    _refuse(budget, found)
    # of this processor, wherever it is trained
    coarse = chosen_precision(options, spec, doctor().features) == "bfloat16"
    found["latency"] = float(
        latency(network, few, spec, bfloat16=coarse, threads=options.threads) or 0.0
    )
    _refuse(budget, found)
    return found


def _parameters(architecture: Any, spec: InputSpec, outputs: int) -> float:
    """Number of parameters, without any memory for them where the network allows it."""
    try:
        with torch.device("meta"):
            made = architecture.from_spec(spec, outputs)
    except RuntimeError:  # it computes something as it is built
        made = architecture.from_spec(spec, outputs)
    if not isinstance(made, Network):
        raise ValueError("search: the model must be a network. Name another entry.")
    return float(made.parameters_total)


def _refuse(budget: Budget, found: Mapping[str, float]) -> None:
    broken = budget.broken(found)
    if broken:
        excess = {one.cost: max(math.log(found[one.cost] / one.most), 1e-9) for one in broken}
        why = ", ".join(f"{one} (got {told(one.cost, found[one.cost])})" for one in broken)
        raise Refused(f"over budget: {why}", excess, found.get("parameters"))


def train_trial(
    study: Study, search: Search, folder: Path, home: Path, after_epoch: Callable[[Any], None]
) -> Finished:
    """Train the study's one entry on what trials may see, and score it on validation events."""
    table, inputs, measured = seen(folder, study)
    entry, task, started = study.entries[0], task_of(study), time.perf_counter()
    wanted = {key: measured[key] for key in entry.uses}
    spec = spec_of(wanted)
    parts = {name: inputs[name] for name in spec}
    seed = study.seeds[0]
    _, fitted, _ = fitted_entry(
        study, entry, seed, home, task, table, parts, wanted, False, after_epoch
    )
    rows = np.sort(table.part(1))
    coarse = fitted.precision == "bfloat16"
    with on_device(fitted.model, options_of(study, entry).accelerator):
        outputs, _ = timed_outputs(fitted.model, taken(parts, rows), spec, bfloat16=coarse)
    found = predictions_of(task, outputs, rows, table, ())
    score, error = score_of(found, task, search)
    losses = [float(row["validation"]) for row in fitted.history if "validation" in row]
    return Finished(score, error, losses, fitted.seconds or time.perf_counter() - started)


def score_of(found: Predictions, task: Any, search: Search) -> tuple[float, float]:
    """What predictions are worth, and half of the 68 % interval of it."""
    signal = task.class_names.index(task.signal_class)
    against: int | Literal["rest"] = "rest"
    if search.background != "rest":
        if search.background not in task.class_names:
            raise CardError(f"search: no class {search.background!r} to tell the signal from.")
        against = task.class_names.index(search.background)
    part = signal_versus(found.scores, found.target["class"], signal, against)
    weight = np.asarray(found.weight, np.float64)[part.rows]
    area = auc(part.score, part.is_signal, weight)
    if search.score == "auc":
        error = 0.5 * ((area.high or 1.0) - (area.low or 0.0))
        return float(area.value or 0.0), float(error)
    value = measure_of(part.score, part.is_signal, search.background_efficiency)(weight)
    of_signal = weight[part.is_signal]
    count = of_signal.sum() ** 2 / max(float(np.dot(of_signal, of_signal)), 1e-300)
    return value, math.sqrt(max(value * (1.0 - value), 0.0) / max(count, 1.0))


def hopeless(losses: Sequence[float], others: Sequence[Sequence[float]], warm_up: int) -> bool:
    """Whether a loss is above the median of others after as many epochs.

    Of each training the best loss so far counts. Too few others stop no trial.
    """
    epoch = len(losses)
    as_far = [min(one[:epoch]) for one in others if len(one) >= epoch]
    if epoch < warm_up or len(as_far) < FEW:
        return False
    return min(losses) > statistics.median(as_far)

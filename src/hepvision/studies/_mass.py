"""What an entry knows of the mass: measures at equal signal efficiency."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.core.errors import UserError
from hepvision.evaluation.classification import signal_versus
from hepvision.evaluation.correlation import background_correlation
from hepvision.evaluation.cramer_von_mises import cramer_von_mises
from hepvision.evaluation.metrics import Metrics
from hepvision.evaluation.profile import profile
from hepvision.evaluation.sculpting import sculpting
from hepvision.evaluation.working_point import choose_threshold, working_point
from hepvision.studies.card import Mass, Study
from hepvision.tasks._predictions import Predictions

__all__ = ["LEVELS", "bins_of", "mass_measures"]

LEVELS = (0.3, 0.5, 0.7)
"""ε_s at which entries are compared."""

SELECTIONS = 200
"""Random selections that tell what chance gives."""

PERMUTATIONS = 50
"""Permutations that tell what chance gives a distance correlation."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Sample:
    """Score of the signal, class numbers, weights and masses of one part of the split."""

    score: Array
    target: npt.NDArray[Any]
    weight: Array
    mass: Array

    @classmethod
    def of(cls, found: Predictions, signal: int, name: str) -> _Sample:
        target = np.asarray(found.target["class"])
        score = signal_versus(found.scores, target, signal).score
        mass = np.asarray(found.observables[name], np.float64)
        return cls(score, target, np.asarray(found.weight, np.float64), mass)

    def take(self, rows: npt.NDArray[np.bool_]) -> _Sample:
        return _Sample(self.score[rows], self.target[rows], self.weight[rows], self.mass[rows])


def bins_of(mass: Mass, values: Array) -> Array:
    """Edges of the bins, the same for all entries.

    Those of the card, or else round numbers that hold most of the values.
    """
    if mass.low is not None and mass.high is not None:
        return np.linspace(mass.low, mass.high, mass.bins + 1)
    low, high = np.percentile(values, [0.5, 97.5]).tolist()
    least = (high - low) / mass.bins if high > low else 1.0
    power = 10.0 ** math.floor(math.log10(least))
    width = power * next(step for step in (1.0, 2.0, 2.5, 5.0, 10.0) if step * power >= least)
    return np.asarray(math.floor(low / width) * width + width * np.arange(mass.bins + 1))


def _or_reason(measure: Callable[[], Any]) -> dict[str, Any]:
    """A measure, or why these events do not give it."""
    try:
        found: dict[str, Any] = dict(measure().to_dict())
    except UserError:
        raise
    except ValueError as error:
        return {"reason": str(error)}
    return found


def mass_measures(study: Study, task: Any, predictions: Predictions) -> dict[str, Any]:
    """All that is measured of score and mass, on the test split.

    Parameters
    ----------
    study : Study
        A checked card.
    task : object
        A component of ``tasks`` with classes.
    predictions : Predictions
        Of the validation and test splits; cuts are chosen on the former.

    Returns
    -------
    dict
        ``correlation``, in all backgrounds together, and ``mass``: ``observable``, ``edges`` and
        ``base`` of the Jensen–Shannon distance, ``chosen_on``, ``selections``, ``permutations``,
        ``flatness`` (of the mean score in bins of mass, a class), ``correlation`` (a background)
        and ``at_signal_efficiency``: at each the ``threshold``, the ``signal_efficiency`` and
        ``against`` each background its ``background_efficiency``, what is ``remaining`` and the
        effective count of that, ``jensen_shannon`` and ``cramer_von_mises``. A measure that the
        events do not give holds its ``reason``. Empty without an observable or without classes.
    """
    test, name = predictions.of_split(2), study.mass_observable
    if not name or "class" not in test.target:
        return {}
    classes = tuple(task.class_names)
    signal = classes.index(task.signal_class)
    validation = predictions.of_split(1)
    judged = _Sample.of(test, signal, name)
    chosen = _Sample.of(validation, signal, name) if len(validation) else judged
    edges = bins_of(study.mass, judged.mass[judged.target != signal])
    parts = {k: judged.take(judged.target == i) for i, k in enumerate(classes)}
    against = _against_each(judged, classes, signal)
    correlation = {key: _correlation(part, signal) for key, part in against.items()}
    measures = {
        "observable": name,
        "edges": edges.tolist(),
        "base": 2,
        "chosen_on": "validation" if len(validation) else "test",
        "selections": SELECTIONS,
        "permutations": PERMUTATIONS,
        "flatness": {key: _flatness(part, edges) for key, part in parts.items()},
        "correlation": correlation,
        "at_signal_efficiency": {
            f"{level:g}": _point(chosen, judged, against, signal, level, edges) for level in LEVELS
        },
    }
    found = {"mass": measures}
    if "reason" not in correlation["rest"]:
        found["correlation"] = {"observable": name, **correlation["rest"]}
    return Metrics(found).to_dict()


def _against_each(judged: _Sample, classes: tuple[str, ...], signal: int) -> dict[str, _Sample]:
    """Signal with all backgrounds, and with each where there are several."""
    single = [k for k in range(len(classes)) if k != signal and len(classes) > 2]
    pairs = {classes[k]: judged.take(np.isin(judged.target, [signal, k])) for k in single}
    return {"rest": judged, **pairs}


def _correlation(part: _Sample, signal: int) -> dict[str, Any]:
    columns = (part.score, part.mass, part.target == signal, part.weight)
    return _or_reason(lambda: background_correlation(*columns, permutations=PERMUTATIONS))


def _flatness(part: _Sample, edges: Array) -> dict[str, Any]:
    found = _or_reason(lambda: profile(part.score, part.mass, edges, part.weight))
    return {key: found[key] for key in ("reason", "chi2", "degrees", "p_value") if key in found}


def _point(
    chosen: _Sample,
    judged: _Sample,
    against: Mapping[str, _Sample],
    signal: int,
    level: float,
    edges: Array,
) -> dict[str, Any]:
    """One cut, the same for all backgrounds, chosen on one sample and judged on the other."""
    cut = choose_threshold(
        chosen.score, chosen.target == signal, chosen.weight, signal_efficiency=level
    )
    whole = working_point(cut, judged.score, judged.target == signal, judged.weight)
    return {
        "threshold": cut,
        "signal_efficiency": whole.signal_efficiency,
        "against": {key: _against(part, signal, cut, edges) for key, part in against.items()},
    }


def _against(part: _Sample, signal: int, cut: float, edges: Array) -> dict[str, Any]:
    columns = (part.score, part.mass, part.target == signal, cut)
    point = working_point(cut, part.score, part.target == signal, part.weight)
    bent = _or_reason(lambda: sculpting(*columns, edges, part.weight, selections=SELECTIONS))
    for spectrum in ("edges", "base", "passing", "reference"):
        bent.pop(spectrum, None)
    return {
        "background_efficiency": point.background_efficiency,
        "remaining": point.remaining,
        "remaining_effective": point.remaining_effective,
        "jensen_shannon": bent,
        "cramer_von_mises": _or_reason(
            lambda: cramer_von_mises(*columns, part.weight, selections=SELECTIONS)
        ),
    }

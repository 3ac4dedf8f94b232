"""What an analysis gets out of each entry: categories, luminosity-weighted yields and a fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.core.files import read_json
from hepvision.evaluation.categories import choose_boundaries, left_at_half
from hepvision.evaluation.metrics import Metrics
from hepvision.evaluation.significance import (
    ExpectedSignificance,
    expected_significance,
    significance_gain,
)
from hepvision.studies._analysis import BINS, Analysis, ordering, scaled
from hepvision.studies._predictions import read_predictions
from hepvision.studies.card import Study
from hepvision.studies.entry import Trained, options_of, task_of
from hepvision.studies.inputs import Table

__all__ = ["significances"]

Array = npt.NDArray[np.float64]
#: Events of 1 pb in 1 fb⁻¹.
_OF_A_PICOBARN = 1000.0


def _expected(
    study: Study, analysis: Analysis, samples: Mapping[str, Any], table: Table
) -> dict[str, dict[str, float]]:
    """Cross-section and selected events of each class at the luminosity."""
    found: dict[str, dict[str, float]] = {}
    for key, sample in study.samples.items():
        made = samples[key]
        section = sample.cross_section or float(made.get("cross_section_pb") or 0.0)
        if section <= 0.0:
            raise ValueError(
                f"sample {key}: has no cross-section. Give samples.{key}.cross_section in pb."
            )
        # without a record every event of the store counts: nothing was lost on the way to it
        efficiency = float(made.get("efficiency") or 1.0)
        mine = table.columns["sample"] == key
        stored = (made.get("weights") or {}).get("stored") or made["events"] or 1
        selected = float(table.columns["weight"][mine].sum()) / float(stored)
        events = section * _OF_A_PICOBARN * analysis.luminosity * efficiency * selected
        found[key] = {"cross_section_pb": section, "events": events}
    return found


def _factors(
    study: Study, one: Trained, table: Table, expected: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Expected events of each background over those trained on."""
    entry = next(entry for entry in study.entries if entry.name == one.entry)
    # fewer examples are taken of all classes alike
    alike = options_of(study, entry).examples is not None
    train = table.columns["split"] == 0
    factors = {}
    for key in expected:
        if key == study.signal:
            continue
        seen = float(table.columns["weight"][train & (table.columns["sample"] == key)].sum())
        factors[key] = expected[key]["events"] / (1.0 if alike else max(seen, 1.0))
    return factors


def _judged(
    study: Study,
    analysis: Analysis,
    home: Path,
    factors: Mapping[str, float],
    expected: Mapping[str, Mapping[str, float]],
) -> tuple[Array, ExpectedSignificance, float]:
    """Boundaries from the validation sample, everything else from the test sample."""
    classes = list(study.samples)
    found = read_predictions(home, task_of(study).class_names, study.observables)
    ratio = ordering(found.scores, classes, study.signal, factors)
    target, mass = found.target["class"], found.observables[study.mass_observable].astype(float)
    events = {key: one["events"] for key, one in expected.items()}
    edges = np.linspace(analysis.low, analysis.high, BINS + 1)
    signal = classes.index(study.signal)

    def part(number: int) -> tuple[Array, Array, Any, Array, Any]:
        rows = found.split == number
        weight = scaled(target[rows], found.weight[rows], classes, events)
        return ratio[rows], mass[rows], target[rows] == signal, weight, target[rows]

    validation = part(1)
    boundaries = choose_boundaries(
        *validation,
        edges,
        most=analysis.categories,
        minimum=analysis.minimum,
        form=analysis.background,
    )
    made = expected_significance(
        *part(2),
        boundaries,
        edges,
        minimum=analysis.minimum,
        form=analysis.background,
        replicas=analysis.replicas,
    )
    scores, _, own, weight, source = validation
    return boundaries, made, left_at_half(scores, own, weight, source)


def significances(
    study: Study, folder: Path, table: Table, trained: Sequence[Trained]
) -> dict[str, Any]:
    """Put the expected significance into the metrics of every entry.

    Parameters
    ----------
    study : Study
        A checked card.
    folder : Path
        The run folder, with ``samples.json`` and the predictions of all entries.
    table : Table
        All examples.
    trained : sequence of Trained
        Their ``metrics`` get the key ``analysis``; where no fit is possible, its ``missing``
        says why.

    Returns
    -------
    dict
        For ``metrics.json``: what all entries share; empty if the card asks for no analysis.
    """
    analysis = study.analysis
    if analysis is None:
        return {}
    try:
        if study.per != "event":
            raise ValueError(f"per: must be event for yields, got {study.per}. Leave it out.")
        if not study.mass_observable:
            raise ValueError("mass: the study keeps no observable, got none. Name one.")
        expected = _expected(study, analysis, read_json(folder / "samples.json"), table)
    except ValueError as error:
        return {"analysis": {"missing": str(error)}}
    made: dict[tuple[str, int], ExpectedSignificance] = {}
    for one in trained:
        home = folder / one.entry / str(one.seed)
        factors = _factors(study, one, table, expected)
        try:
            boundaries, found, left = _judged(study, analysis, home, factors, expected)
        except ValueError as error:
            one.metrics["analysis"] = {"missing": str(error)}
            continue
        made[one.entry, one.seed] = found
        block = {"boundaries": boundaries, "factors": factors, **found.to_dict()}
        block["left_at_half"] = left
        one.metrics["analysis"] = Metrics(block).to_dict()
    for one in trained:
        standard = made.get((analysis.standard, one.seed))
        own = made.get((one.entry, one.seed))
        if standard is not None and own is not None and one.entry != analysis.standard:
            reason = _scarce(trained, one, analysis)
            if reason:
                one.metrics["analysis"]["not_compared"] = reason
            else:
                _compare(one.metrics["analysis"], own, standard)
    return {"analysis": {"expected": Metrics(expected).to_dict()}}


def _scarce(trained: Sequence[Trained], one: Trained, analysis: Analysis) -> str:
    """Why an entry is not compared with the standard; empty if both have enough background."""
    for other in trained:
        if other.seed == one.seed and other.entry in (analysis.standard, one.entry):
            left = other.metrics["analysis"]["left_at_half"]
            if left < analysis.minimum:
                return (
                    f"not compared with the standard analysis: where half of the signal passes "
                    f"{other.entry}, {left:.1f} effective background events are left, and a "
                    f"category needs {analysis.minimum:g}. Take more events."
                )
    return ""


def _compare(
    metrics: dict[str, Any], own: ExpectedSignificance, standard: ExpectedSignificance
) -> None:
    try:
        gains = {
            "significance": significance_gain(own, standard, "significance"),
            "precision": significance_gain(own, standard, "precision"),
        }
        metrics["over_standard"] = Metrics(gains).to_dict()
    except ValueError as error:
        metrics["warnings"].append(str(error))

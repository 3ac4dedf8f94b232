"""Figures of the report's section on the mass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.evaluation.profile import LEAST
from hepvision.figures.distributions import mass_spectrum
from hepvision.figures.mass import score_against_mass, sculpting_comparison
from hepvision.physics.intervals import effective_count
from hepvision.studies._report_parts import (
    Picture,
    axis_name,
    conditions,
    drawn,
    firsts,
    versus,
)
from hepvision.studies._run_folder import EntryFolder, RunFolder
from hepvision.tasks._predictions import Predictions

__all__ = ["mass_pictures"]

Array = npt.NDArray[np.float64]
A_BIN = 15
"""Background events that a drawn bin should hold; the bins of the measures are joined for it."""


def mass_pictures(
    run: RunFolder, entries: Sequence[EntryFolder]
) -> dict[str, list[Picture] | list[str]]:
    """Score against mass, sculpting of all entries, and spectra before and after cuts.

    Parameters
    ----------
    run : RunFolder
        A run.
    entries : sequence of EntryFolder
        Its entries and seeds; the first seed of each is drawn.

    Returns
    -------
    dict
        ``mass_profiles``, ``mass_comparison`` and ``mass``: pictures, none where the run lacks
        what they need; ``mass_bare``: spectra that are not drawn, since all cuts leave too few
        events, as text.
    """
    judged = [one for one in firsts(entries) if one.metrics.get("mass")]
    scored = [
        (one, one.predictions)
        for one in judged
        if one.predictions is not None
        and one.metrics["mass"]["observable"] in one.predictions.observables
    ]
    made = [(one, key, _spectrum(run, *one, key)) for one in scored for key in _backgrounds(run)]
    bare: dict[str, list[str]] = {}
    for (one, _), key, picture in made:
        if picture is None:
            bare.setdefault(run.title_of(key), []).append(one.name)
    return {
        "mass_profiles": list(_profiles(run, scored)),
        "mass_comparison": list(_comparison(run, judged)),
        "mass": [picture for *_, picture in made if picture],
        "mass_bare": [f"{title} with cuts on {', '.join(names)}" for title, names in bare.items()],
    }


def joined_bins(edges: Sequence[float], events: float) -> list[float]:
    """Every n-th edge, so that bins hold about ``A_BIN`` events on average."""
    count = len(edges) - 1
    steps = [step for step in range(1, count) if count % step == 0]
    enough = [step for step in steps if events * step >= A_BIN * count]
    return list(edges[:: enough[0] if enough else steps[-1]])


def _profiles(
    run: RunFolder, entries: Sequence[tuple[EntryFolder, Predictions]]
) -> Iterator[Picture]:
    for one, found in entries:
        score = versus(run, found, "rest").score
        values = found.observables[one.metrics["mass"]["observable"]].astype(float)
        target = found.target["class"]
        rows = {run.title_of(key): target == k for k, key in enumerate(run.classes)}
        low, *_, high = one.metrics["mass"]["edges"]
        if found.weight[(values >= low) & (values < high)].sum() <= 0.0:
            continue
        background = target != run.classes.index(run.signal)
        edges = joined_bins(one.metrics["mass"]["edges"], background.sum() / (len(rows) - 1))
        figure = score_against_mass(
            {key: score[mine] for key, mine in rows.items()},
            {key: values[mine] for key, mine in rows.items()},
            {key: found.weight[mine] for key, mine in rows.items()},
            edges=edges,
            name=axis_name(one.metrics["mass"]["observable"]),
            score_name=f"{run.title_of(run.signal)} score of {one.name}",
            **conditions(run),
        )
        yield drawn(figure, f"Score of {one.name} against the mass, by true class", wide=True)


def _comparison(run: RunFolder, entries: Sequence[EntryFolder]) -> Iterator[Picture]:
    values: dict[str, dict[str, dict[str, tuple[float, float, float, float]]]] = {}
    for key in run.backgrounds:
        for one in entries:
            for level, point in one.metrics["mass"]["at_signal_efficiency"].items():
                found = point["against"][key]["jensen_shannon"]
                if "distance" in found:
                    ends = (found["distance"][end] for end in ("value", "low", "high"))
                    row = values.setdefault(run.title_of(key), {}).setdefault(one.name, {})
                    row[level] = (*ends, found["chance"])
    if values:
        figure = sculpting_comparison(values, **conditions(run))
        yield drawn(figure, "Jensen–Shannon distances of all entries", wide=True)


def _backgrounds(run: RunFolder) -> list[str]:
    return [key for key in run.classes if key != run.signal]


def _spectrum(run: RunFolder, one: EntryFolder, found: Predictions, key: str) -> Picture | None:
    """Mass of a background before and after cuts; none if every cut leaves too few events."""
    measures: Mapping[str, Any] = one.metrics["mass"]
    mine = found.target["class"] == run.classes.index(key)
    score = versus(run, found, "rest").score[mine]
    values = found.observables[measures["observable"]][mine].astype(float)
    weight = found.weight[mine]
    low, *_, high = measures["edges"]
    inside = (values >= low) & (values < high)
    passes = {}
    for level, point in measures["at_signal_efficiency"].items():
        kept = score >= point["threshold"]
        if effective_count(weight[kept & inside]) >= LEAST:
            passes[f"$\\epsilon_s$ = {level}"] = kept
    if not passes:
        return None
    figure = mass_spectrum(
        values,
        passes,
        weight,
        edges=joined_bins(measures["edges"], float(mine.sum()) / 3.0),
        name=axis_name(measures["observable"]),
        title=f"{run.title_of(key)}, {one.name}",
        **conditions(run),
    )
    return drawn(figure, f"Mass of {run.title_of(key)} before and after cuts, {one.name}")

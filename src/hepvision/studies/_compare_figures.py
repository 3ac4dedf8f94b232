"""Figures of a comparison."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from hepvision.evaluation.classification import signal_versus
from hepvision.evaluation.roc import roc
from hepvision.figures._spans import Span, ends
from hepvision.figures.agreement import agreement
from hepvision.figures.comparison import comparison, rejections
from hepvision.figures.curves import roc_line
from hepvision.figures.trade_off import trade_off
from hepvision.physics.intervals import effective_count
from hepvision.studies._compare_measures import EFFICIENCIES, LEADS
from hepvision.studies._compare_page import Compared, learning_curves
from hepvision.studies._report_parts import Picture, conditions, drawn

__all__ = ["pictures"]


def pictures(found: Compared) -> dict[str, list[Picture]]:
    """Every figure of the page, by section."""
    about = conditions(found.rows[0].run.folder)
    return {
        "measures": list(_measures(found, about)),
        "rejection": list(_rejection(found, about)),
        "costs": list(_costs(found, about)),
        "learning": list(_learning(found, about)),
        "agreement": list(_agreement(found, about)),
    }


def _span(found: Compared, k: int, name: str) -> Span | None:
    one = found.numbers[k].measures[name].interval()
    return None if one.value is None and one.low is None else (one.value, one.low, one.high)


def _measures(found: Compared, about: dict[str, Any]) -> Iterator[Picture]:
    against = found.title_of(found.against)
    for name, title in ((LEADS, "1/$\\epsilon_b$ at $\\epsilon_s$ = 0.5"), ("auc", "AUC")):
        spans = {one: _span(found, k, name) for k, one in enumerate(found.names)}
        known = {one: span for one, span in spans.items() if span is not None}
        if known:
            scale: Literal["linear", "log"] = "linear" if name == "auc" else "log"
            figure = comparison({against: known}, measure=title, scale=scale, **about)
            what = "AUC" if name == "auc" else "Background rejection at half the signal"
            yield drawn(figure, f"{what} of all rows with intervals", wide=True)


def _rejection(found: Compared, about: dict[str, Any]) -> Iterator[Picture]:
    signal = found.rows[0].classes.index(found.rows[0].signal)
    part = signal_versus(found.test.scores[0][0], found.test.target, signal, found.background)
    weight = found.test.weight[part.rows]
    count = effective_count(weight[~part.is_signal])
    lines = {}
    for name, numbers in zip(found.names, found.numbers, strict=True):
        curve = roc(numbers.discriminant[0], part.is_signal, weight).thinned(400)
        lines[name] = roc_line(curve.signal_efficiency, curve.background_efficiency, count)
    figure = rejections(
        lines, found.title_of(found.against), marked=tuple(sorted(EFFICIENCIES)), **about
    )
    yield drawn(figure, "Background rejection against signal efficiency of all rows", wide=True)


def _costs(found: Compared, about: dict[str, Any]) -> Iterator[Picture]:
    upward = "1/$\\epsilon_b$ at $\\epsilon_s$ = 0.5"
    for key, across, factor in (
        ("latency", "latency of one example [ms]", 1e3),
        ("seconds", "training time of one seed [s]", 1.0),
    ):
        series = {}
        for k, name in enumerate(found.names):
            cost, span = found.rows[k].cost(key), _span(found, k, LEADS)
            if cost and span is not None:
                series[name] = [(factor * cost, *span)]
        if len(series) > 1:
            figure = trade_off(series, across, upward, logarithmic=_wide(series), **about)
            yield drawn(figure, f"Background rejection against {across}")


def _wide(series: dict[str, Any]) -> bool:
    """Whether values span more than a linear axis shows."""
    values = [ends(point[1:])[0] for points in series.values() for point in points]
    return max(values) > 5 * min(values)


def _learning(found: Compared, about: dict[str, Any]) -> Iterator[Picture]:
    curves = learning_curves(found)
    for name, upward in (("auc", "AUC"), (LEADS, "1/$\\epsilon_b$ at $\\epsilon_s$ = 0.5")):
        series: dict[str, list[Any]] = {}
        for curve in curves:
            best = found.rows[curve.rows[-1]]
            title = f"{best.network}, {best.representation}".replace("_", " ")
            spans = zip(curve.events, (_span(found, k, name) for k in curve.rows), strict=True)
            points = [(events, *span) for events, span in spans if span is not None]
            if points:
                series[_free(title, series)] = points
        if series:
            figure = trade_off(series, "training events", upward, **about)
            yield drawn(figure, "Measures against the number of training events")


def _free(title: str, taken: dict[str, Any]) -> str:
    """The title, numbered where another curve has it."""
    return title if title not in taken else f"{title} ({len(taken) + 1})"


def _agreement(found: Compared, about: dict[str, Any]) -> Iterator[Picture]:
    if len(found.rows) < 2:
        return
    tables = found.agreement
    low = min(
        (math.floor(10 * float(np.nanmin(one))) / 10)
        for one in (tables.correlation_signal, tables.correlation_background)
    )
    overlaps = {
        f"background that passes at $\\epsilon_s$ = 0.5 (chance {tables.chance:.2f})": (
            tables.background
        ),
        "signal that passes": tables.signal,
    }
    yield drawn(agreement(overlaps, found.names, **about), "Overlap of what passes", wide=True)
    ranks = {
        "rank correlation, background": tables.correlation_background,
        "rank correlation, signal": tables.correlation_signal,
    }
    figure = agreement(ranks, found.names, low=min(max(low, -1.0), 0.9), **about)
    yield drawn(figure, "Correlation of scores within each class", wide=True)

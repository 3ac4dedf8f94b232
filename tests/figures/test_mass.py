"""Figures of score and mass: what is drawn is what was given."""

from __future__ import annotations

import numpy as np
import pytest

from figures.toys import CLASSES, toy_scores
from hepvision.figures.mass import score_against_mass, sculpting_comparison

EDGES = np.linspace(90.0, 190.0, 11)


def toy(power: float = 1.0) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    made = toy_scores(1, 400, power)
    mine = {name: made["target"] == k for k, name in enumerate(CLASSES)}
    return (
        {name: made["scores"][rows, 0] for name, rows in mine.items()},
        {name: made["mass"][rows] for name, rows in mine.items()},
    )


def test_columns_of_filled_bins_add_to_one() -> None:
    scores, masses = toy()
    figure = score_against_mass(scores, masses, edges=EDGES.tolist())
    panels = figure.axes[: len(CLASSES)]
    for panel, name in zip(panels, CLASSES, strict=True):
        table = np.ma.filled(panel.collections[0].get_array(), np.nan)
        counts, _ = np.histogram(masses[name], EDGES)
        for column, count in zip(table.T, counts, strict=True):
            if count >= 5:
                assert column.sum() == pytest.approx(1.0)
            else:
                assert np.isnan(column).all()


def test_line_is_the_mean_of_each_bin() -> None:
    scores, masses = toy()
    weights = {name: np.linspace(0.5, 1.5, one.size) for name, one in scores.items()}
    figure = score_against_mass(scores, masses, weights, edges=EDGES.tolist())
    name = CLASSES[1]
    line = figure.axes[1].patches[-1].get_data().values
    for k in range(3):
        mine = (masses[name] >= EDGES[k]) & (masses[name] < EDGES[k + 1])
        expected = np.average(scores[name][mine], weights=weights[name][mine])
        assert line[k] == pytest.approx(expected)


def test_class_without_events_in_the_bins_is_left_out() -> None:
    scores, masses = toy()
    masses[CLASSES[2]] = masses[CLASSES[2]] + 1000.0
    figure = score_against_mass(scores, masses, edges=EDGES.tolist())
    texts = {text.get_text() for axes in figure.axes for text in axes.texts}
    assert CLASSES[1] in texts
    assert CLASSES[2] not in texts


def test_too_few_events_for_any_shade_still_have_their_mean() -> None:
    figure = score_against_mass({"a": [0.2, 0.4]}, {"a": [91.0, 92.0]}, edges=EDGES.tolist())
    assert figure.axes[0].patches[-1].get_data().values[0] == pytest.approx(0.3)
    assert "fewer than 5 events in every bin" in [one.get_text() for one in figure.axes[0].texts]


def test_nothing_to_draw_is_refused() -> None:
    with pytest.raises(ValueError, match="got none"):
        score_against_mass({"a": [0.5]}, {"a": [5.0]})
    with pytest.raises(ValueError, match="masses"):
        score_against_mass({"a": [0.5]}, {})
    with pytest.raises(ValueError, match="one value"):
        sculpting_comparison({})


def test_points_and_chance_stand_at_their_values() -> None:
    values = {
        "γγ": {"EB": {"0.3": (0.3, 0.2, 0.35, 0.1)}, "trees": {"0.3": (0.1, 0.0, 0.1, 0.12)}},
        "γ+jet": {"trees": {"0.5": (0.2, 0.15, 0.25, 0.05)}},
    }
    figure = sculpting_comparison(values)
    ends = [line.get_xdata()[-1] for line in figure.axes[0].lines if len(line.get_xdata()) == 2]
    assert ends == [0.1, 0.12]
    points = [line.get_xdata()[0] for line in figure.axes[0].lines if len(line.get_xdata()) == 1]
    assert points == [0.3, 0.1]
    names = [tick.get_text() for tick in figure.axes[0].get_yticklabels()]
    assert names == ["EB", "trees"]


def test_no_text_lies_over_another() -> None:
    scores, masses = toy()
    figure = score_against_mass(scores, masses, edges=EDGES.tolist(), right="8 TeV, pile-up 20")
    figure.canvas.draw()
    boxes = [
        text.get_window_extent() for axes in figure.axes for text in axes.texts if text.get_text()
    ]
    for k, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[k + 1 :])

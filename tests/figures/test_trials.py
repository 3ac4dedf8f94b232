"""Figures of a search show what they are given, and nothing where there is nothing."""

import numpy as np
import pytest

from hepvision.figures.trials import choices, costs, importance, progress


def test_the_front_is_a_line_through_its_networks():
    figure = costs(
        [100.0, 1000.0, 500.0],
        [0.7, 0.9, 0.6],
        [0, 1],
        "parameters",
        "AUC",
        names={1: "7"},
        limit=2e3,
    )
    axes = figure.axes[0]
    assert axes.lines[1].get_xdata().tolist() == [100.0, 1000.0]
    assert axes.lines[-1].get_xdata() == [2e3, 2e3]
    assert "7" in [text.get_text() for text in axes.texts]


@pytest.mark.parametrize("cost", [[0.31, 0.4, 0.52], [1e3, 2e4, 3e5], [7.0, 7.1, 7.2]])
def test_a_short_axis_has_numbers_too(cost):
    axes = costs(cost, [0.7, 0.8, 0.9], [0, 2], "latency", "AUC").axes[0]
    low, high = axes.get_xlim()
    assert sum(low <= one <= high for one in axes.get_xticks()) >= 3


def test_the_most_important_choice_is_first():
    figure = importance({"a": 0.1, "b": 0.7, "c": 0.2})
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["b", "c", "a"]


def test_choices_are_numbers_or_texts():
    rate = list(np.geomspace(1e-4, 1e-1, 4))
    given = {"rate": rate, "pool": ["max", "mean", "max", None], "layers": [1, 2, 2, 3]}
    figure = choices(given, [0.5, 0.6, 0.7, 0.8], "AUC")
    scales = [axes.get_xscale() for axes in figure.axes]
    assert scales == ["log", "linear", "linear"]
    assert [text.get_text() for text in figure.axes[1].get_xticklabels()] == ["max", "mean"]
    assert len(figure.axes[1].lines[0].get_xdata()) == 3


def test_whole_numbers_are_marked_at_whole_numbers():
    figure = choices({"layers": [1, 2, 3], "dropout": [0.1, 0.3, 0.2]}, [0.5, 0.6, 0.7], "AUC")
    layers, dropout = (axes.get_xticks() for axes in figure.axes)
    assert (layers == layers.round()).all()
    assert (dropout != dropout.round()).any()


def test_best_so_far_never_falls():
    figure = progress([0, 1, 4], [0.8, 0.6, 0.9], "AUC")
    assert figure.axes[0].lines[1].get_ydata().tolist() == [0.8, 0.8, 0.9]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: costs([], [], [], "a", "b"),
        lambda: costs([0.0], [0.5], [0], "a", "b"),
        lambda: importance({}),
        lambda: choices({}, [], "a"),
        lambda: progress([], [], "a"),
    ],
)
def test_nothing_to_draw_is_refused(draw):
    with pytest.raises(ValueError, match="trials: need"):
        draw()

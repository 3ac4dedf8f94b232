"""Comparison: every classifier in every panel, published values as lines."""

import pytest

from hepvision.figures.comparison import comparison

VALUES = {
    "γγ": {"EB": (0.7, 0.68, 0.72), "trees": (0.8, 0.79, 0.81)},
    "γ + jet": {"trees": (0.9, 0.89, 0.91)},
}


def test_points_stand_at_their_values_in_the_row_of_their_name():
    figure = comparison(VALUES, {"γγ": 0.77})
    left, right = figure.axes
    points = [tuple(bar.lines[0].get_xydata()[0]) for bar in left.containers]
    assert points == [(0.7, 0.0), (0.8, 1.0)]
    assert [tuple(bar.lines[0].get_xydata()[0]) for bar in right.containers] == [(0.9, 1.0)]
    assert [text.get_text() for text in left.get_yticklabels()] == ["EB", "trees"]
    lines = [line for line in left.get_lines() if line.get_linestyle() == "--"]
    assert [line.get_xdata()[0] for line in lines] == [0.77]
    assert not [line for line in right.get_lines() if line.get_linestyle() == "--"]


def test_nothing_to_compare_is_said():
    with pytest.raises(ValueError, match="one background or more"):
        comparison({})

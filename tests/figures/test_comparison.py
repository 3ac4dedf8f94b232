"""Comparison: every classifier in every panel, published values as lines."""

import pytest

from hepvision.figures.comparison import comparison, rejections
from hepvision.figures.curves import roc_line

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


def test_rejections_over_decades_have_a_logarithmic_axis():
    spans = {"trees": (900.0, 700.0, 1200.0), "mass": (12.0, 11.0, 13.0)}
    axes = comparison({"QCD": spans}, measure="1/ε_b", scale="log").axes[0]
    assert axes.get_xscale() == "log"
    low, high = axes.get_xlim()
    assert 1 < low < 11
    assert 1200 < high < 5000
    told = [text.get_text() for text in axes.get_xticklabels()]
    assert {"10", "100", "1\u2009000"} <= set(told)


def test_nothing_to_compare_is_said():
    with pytest.raises(ValueError, match="one background or more"):
        comparison({})


def test_open_intervals_have_no_bar_on_that_side():
    figure = comparison({"QCD": {"net": (300.0, 200.0, None)}})
    (bar,) = figure.axes[0].containers
    (segment,) = bar.lines[2][0].get_segments()
    assert segment[:, 0].tolist() == [200.0, 300.0]


def test_a_limit_is_an_arrow_from_where_it_stands():
    spans = {"trees": (900.0, 700.0, 1200.0), "net": (None, 1500.0, None)}
    (axes,) = comparison({"QCD": spans}, measure="1/ε_b", scale="log").axes
    points = [tuple(bar.lines[0].get_xydata()[0]) for bar in axes.containers]
    assert points == [(900.0, 0.0), (1500.0, 1.0)]
    (drawn,) = [text for text in axes.texts if getattr(text, "arrow_patch", None) is not None]
    assert drawn.xy == (1500.0, 1)
    assert drawn.get_position()[0] > 0.0 == drawn.get_position()[1]  # to the right
    with pytest.raises(ValueError, match="value or a lower limit"):
        comparison({"QCD": {"net": (None, None, None)}})


def test_rejections_of_many_stand_beside_a_legend_of_all():
    grid = [0.0, 0.05, 0.1, 0.5, 1.0]
    lines = {f"{k} net": roc_line(grid, [x**2 for x in grid], 100) for k in range(12)}
    figure = rejections(lines, "QCD", marked=(0.3, 0.5))
    (axes,) = figure.axes
    assert len(axes.get_legend().get_texts()) == 12
    first = axes.get_lines()[0]
    # where nothing passes, and where too little does, there is no curve
    assert first.get_xdata().tolist() == [0.1, 0.5, 1.0]
    assert first.get_ydata() == pytest.approx([100.0, 4.0, 1.0])
    assert {one.get_xdata()[0] for one in axes.get_lines()[-2:]} == {0.3, 0.5}
    with pytest.raises(ValueError, match="one curve or more"):
        rejections({})

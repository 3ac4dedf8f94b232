"""Points stand at their values, with intervals; places that have no logarithm are refused."""

import pytest

from hepvision.figures.trade_off import trade_off


def test_points_and_lines_stand_at_their_values():
    series = {
        "1 net": [(1000.0, 0.9, 0.88, 0.92), (100.0, 0.8, None, 0.83)],
        "2 trees": [(300.0, 0.85, 0.84, None)],
    }
    figure = trade_off(series, "training events", "AUC")
    (axes,) = figure.axes
    line, point = (bar.lines[0] for bar in axes.containers)
    assert line.get_xydata().tolist() == [[100.0, 0.8], [1000.0, 0.9]]
    assert point.get_xydata().tolist() == [[300.0, 0.85]]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["1 net", "2 trees"]
    assert "2" in [text.get_text() for text in axes.texts]
    low, high = axes.get_xlim()
    assert low < 100 < 1000 < high


def test_a_limit_is_an_arrow_upwards():
    (axes,) = trade_off({"net": [(2.0, None, 50.0, None)]}, "ms", "1/ε", logarithmic=True).axes
    (bar,) = axes.containers
    assert bar.lines[0].get_xydata().tolist() == [[2.0, 50.0]]
    (drawn,) = [text for text in axes.texts if getattr(text, "arrow_patch", None) is not None]
    assert drawn.xy == (2.0, 50.0)
    assert drawn.get_position()[0] == 0.0 < drawn.get_position()[1]


def test_axes_are_in_plain_numbers():
    series = {"1 a": [(0.05, 3.0, 2.0, 4.0)], "2 b": [(20.0, 900.0, 800.0, 1000.0)]}
    figure = trade_off(series, "ms", "1/ε", logarithmic=True)
    (axes,) = figure.axes
    assert axes.get_yscale() == "log"
    shown = {text.get_text() for text in axes.get_yticklabels()}
    assert {"5", "10", "500"} <= shown
    assert axes.get_legend() is None


def test_no_points_and_places_at_zero_are_refused():
    for series in ({}, {"a": []}, {"a": [(0.0, 1.0, 1.0, 1.0)]}):
        with pytest.raises(ValueError, match="positive places"):
            trade_off(series, "x", "y")

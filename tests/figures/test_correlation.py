"""Curves of correlation against epoch."""

import numpy as np
import pytest

from hepvision.figures.correlation import correlation_curves


def test_every_background_the_limit_and_the_kept_epoch_are_drawn() -> None:
    figure = correlation_curves(
        {"γγ": [0.1, 0.4, 0.5], "γ+jet": [0.1, 0.1, 0.2]}, [0.2, 0.2, 0.2], 2
    )
    lines = figure.axes[0].get_lines()
    np.testing.assert_allclose(lines[0].get_ydata(), [0.1, 0.4, 0.5])
    np.testing.assert_allclose(lines[2].get_ydata(), 0.2)
    assert list(lines[3].get_xdata()) == [2, 2]
    assert figure.axes[0].get_ylim()[1] > 0.5


def test_one_epoch_is_seen_with_its_limit() -> None:
    lines = correlation_curves({"γγ": [0.1]}, [0.2]).axes[0].get_lines()
    assert [line.get_marker() for line in lines] == ["o", "_"]


def test_a_curve_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="one value an epoch, 2, got 1"):
        correlation_curves({"γγ": [0.1]}, [0.2, 0.2])

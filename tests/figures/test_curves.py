"""Curves: what is drawn is what was given, with its band around it."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from figures.toys import toy_scores
from hepvision.evaluation.roc import roc
from hepvision.figures.curves import calibration, learning_curves, roc_curves, roc_line
from hepvision.figures.style import colour


def line(power=1.0):
    toy = toy_scores(5, count=300, power=power)
    curve = roc(toy["scores"][:, 0], toy["target"] == 0)
    return roc_line(curve.signal_efficiency, curve.background_efficiency, 600, "AUC 0.8")


def test_band_holds_the_curve_and_shrinks_with_events():
    few = roc_line([0.2, 0.5], [0.01, 0.1], 50)
    many = roc_line([0.2, 0.5], [0.01, 0.1], 5000)
    for one in (few, many):
        assert np.all(one.low <= one.background_efficiency)
        assert np.all(one.high >= one.background_efficiency)
    assert np.all(many.high - many.low < 0.3 * (few.high - few.low))


@pytest.mark.parametrize("scale", ["linear", "rejection"])
def test_curve_lies_where_its_numbers_are(scale):
    one = line()
    axes = roc_curves({"EB": one}, "γγ", scale).axes[0]
    x, y = axes.get_lines()[0].get_xydata().T
    if scale == "linear":
        np.testing.assert_allclose(x, one.background_efficiency)
        np.testing.assert_allclose(y, one.signal_efficiency)
    else:
        np.testing.assert_allclose(y, 1.0 / one.background_efficiency[-y.size :])
        assert axes.get_yscale() == "log"
        assert axes.get_ylim()[1] > y[x >= 0.1].max()


@pytest.mark.parametrize("scale", ["linear", "rejection"])
def test_the_legend_of_many_covers_no_curve_and_lifts_no_axis(scale):
    axes = roc_curves({str(k): line() for k in range(14)}, scale=scale).axes[0]
    few = roc_curves({"one": line()}, scale=scale).axes[0]
    legend = axes.get_legend().get_window_extent()
    assert legend.x0 > axes.get_window_extent().x1
    assert axes.get_ylim()[1] <= few.get_ylim()[1]


def test_a_classifier_without_background_left_is_drawn():
    perfect = roc_line([0.0, 1.0, 1.0], [0.0, 0.0, 1.0], 10)
    assert roc_curves({"perfect": perfect}).axes


def test_wrong_input_is_refused():
    with pytest.raises(ValueError, match="one shape"):
        roc_line([0.1, 0.2], [0.1], 10)
    with pytest.raises(ValueError, match="count must be positive, got 0"):
        roc_line([0.1], [0.1], 0)
    with pytest.raises(ValueError, match="scale: must be linear or rejection"):
        roc_curves({"EB": line()}, scale="log")


def test_losses_of_two_seeds_share_a_colour_and_one_legend_line():
    history = {"train_loss": [1.0, 0.9, 0.8], "validation_loss": [1.1, 1.0, 1.05], "best_epoch": 2}
    axes = learning_curves({"CMS-B": [history, history], "EB": [history]}).axes[0]
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == ["CMS-B", "EB", "training sample"]
    solid = [line for line in axes.get_lines() if line.get_linestyle() == "-"]
    assert solid[0].get_color() == solid[1].get_color() != solid[2].get_color()
    assert solid[0].get_ydata().tolist() == history["validation_loss"]
    dots = [line.get_xydata()[0].tolist() for line in axes.get_lines() if line.get_marker() == "o"]
    assert dots == [[2.0, 1.0]] * 3


def test_one_epoch_is_seen_and_a_missing_loss_is_said():
    axes = learning_curves({"EB": [{"train_loss": [1.0], "validation_loss": [1.0]}]}).axes[0]
    assert [line.get_marker() for line in axes.get_lines()[:2]] == ["o", "o"]
    assert axes.get_lines()[0].get_markerfacecolor() == "none"
    with pytest.raises(ValueError, match="got no validation_loss"):
        learning_curves({"EB": [{"train_loss": [1.0]}]})


def test_calibration_draws_every_bin():
    row = {"predicted": [0.1, 0.5], "observed": [0.2, 0.4], "low": [0.1, 0.3], "high": [0.3, 0.5]}
    axes = calibration({"EB": row}).axes[0]
    assert axes.containers[0].lines[0].get_xydata().tolist() == [[0.1, 0.2], [0.5, 0.4]]


def test_of_many_curves_the_best_has_a_band():
    """Bands of a dozen curves hide the curves."""
    axis = np.linspace(0, 1, 50)
    lines = {str(k): roc_line(axis ** (1 / k), axis, 100) for k in range(1, 9)}
    (axes,) = roc_curves(lines).axes
    seen = [one for one in axes.collections if one.get_alpha()]
    assert len(seen) == 1
    assert len(roc_curves({"1": lines["1"]}).axes[0].collections) == 1
    assert np.allclose(seen[0].get_facecolor()[0, :3], to_rgb(colour(7)))

"""Distributions: normalised, with intervals; ratios of one where nothing was cut."""

import numpy as np
import pytest
from matplotlib.patches import StepPatch

from figures.toys import toy_scores
from hepvision.figures.distributions import confusion_matrix, mass_spectrum, score_distributions


def test_each_class_is_normalised_with_and_without_weights():
    toy = toy_scores(1, count=200)
    scores = {str(i): toy["scores"][toy["target"] == i, 0] for i in range(3)}
    weights = {str(i): np.full(200, 0.3 * (i + 1)) for i in range(3)}
    for given in (None, weights):
        axes = score_distributions(scores, given).axes[0]
        lines = [p for p in axes.patches if isinstance(p, StepPatch) and not p.get_fill()]
        assert [p.get_data().values.sum() for p in lines] == pytest.approx([1.0] * 3)


def _ratio(figure):
    return figure.axes[1].containers[0].lines[0].get_ydata()


def test_a_cut_that_ignores_the_mass_has_ratio_one():
    mass = np.tile(np.linspace(90.5, 189.5, 100), 4)
    half = np.repeat([True, False], 200)
    assert _ratio(mass_spectrum(mass, {"half": half})) == pytest.approx(np.ones(20))


def test_a_cut_on_the_mass_is_seen():
    mass = np.linspace(90.5, 189.5, 400)
    ratio = _ratio(mass_spectrum(mass, {"high": mass > 140.0}, weight=np.full(400, 2.0)))
    assert ratio[:10] == pytest.approx(np.zeros(10))
    assert np.all(ratio[10:] > 1.8)


def test_a_cut_that_keeps_nothing_is_drawn():
    mass = np.linspace(90.5, 189.5, 40)
    assert not _ratio(mass_spectrum(mass, {"none": np.zeros(40, bool)})).any()


def test_shapes_must_match():
    with pytest.raises(ValueError, match="one flag an event"):
        mass_spectrum(np.ones(3), {"cut": np.ones(2, bool)})
    with pytest.raises(ValueError, match=r"must have shape \(3, 3\)"):
        confusion_matrix(np.eye(2), classes=["a", "b", "c"])


def test_confusion_matrix_says_its_numbers_and_intervals():
    value = np.array([[0.9, 0.1], [0.25, 0.75]])
    axes = confusion_matrix(value, value - 0.02, value + 0.03, ["a", "b"], title="EB").axes[0]
    texts = {text.get_position(): text.get_text() for text in axes.texts if text.get_text()}
    assert texts[(0, 1)] == "0.25"
    assert texts[(1, 0)] == "0.10"
    assert sum(text == "+0.03 −0.02" for text in texts.values()) == 4

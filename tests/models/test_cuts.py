"""Cuts: the best box is found, boxes are nested, and the score is how deep an example lies."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError, UnknownNameError
from hepvision.core.inputs import Dense, PartSpec
from hepvision.evaluation.roc import auc
from hepvision.models.cuts import Cuts

NAMES = ("mass", "width", "noise")
SPEC = {"x": PartSpec("vector", (3,), NAMES, ("GeV", "", ""), (100.0, 1.0, 1.0))}


def sample(number, seed):
    """A peak in mass and narrow widths are signal (class 0), noise is noise."""
    rng = np.random.default_rng(seed)
    target = rng.integers(0, 2, number)
    signal = target == 0
    mass = np.where(signal, rng.normal(1.7, 0.1, number), rng.uniform(0, 3, number))
    width = np.where(signal, rng.exponential(0.3, number), rng.exponential(1.0, number))
    values = np.stack([mass, width, rng.normal(size=number)], axis=1).astype(np.float32)
    return {"x": Dense(values)}, target, np.ones(number)


def fitted(sizes=None, weight=None, number=3000, seed=1):
    model = (sizes or Cuts()).from_spec(SPEC, 2)
    inputs, target, ones = sample(number, seed)
    (row,) = model.fit(inputs, target, ones if weight is None else weight(target))
    return model, row


def test_the_box_is_found_and_told_with_units():
    model, row = fitted()
    told = dict.fromkeys(one.split()[0] for one in model.box)
    assert {"mass", "width"} <= set(told)
    edges = {tuple(one.split()[:2]): float(one.split()[2]) for one in model.box}
    assert 130 < edges["mass", ">="] < 160
    assert 180 < edges["mass", "<"] < 210
    assert edges["width", "<"] < 1.5
    assert ("width", ">=") not in edges
    assert row["significance"] > 1.2 * 1000 / np.sqrt(2000)


def test_no_box_of_quantiles_has_more_significance():
    """Against all boxes of a coarse grid, one feature after two others."""
    _, row = fitted(Cuts(features=("mass", "width"), bins=12), number=800)
    inputs, target, _ = sample(800, 1)
    values = inputs["x"].values.astype(float)
    places = np.linspace(0, 1, 13)[1:-1]
    ranges = []
    for column in values[:, :2].T:
        edges = [-np.inf, *np.quantile(column, places, method="higher"), np.inf]
        ranges.append([(a, b) for a, b in itertools.combinations(edges, 2)])
    most = 0.0
    for (a, b), (c, d) in itertools.product(*ranges):
        kept = (values[:, 0] >= a) & (values[:, 0] < b) & (values[:, 1] >= c) & (values[:, 1] < d)
        if (kept & (target == 1)).sum() >= 10:
            s, b = (1000 * kept[target == k].mean() for k in (0, 1))
            most = max(most, s / np.sqrt(s + b))
    # side by side it may end on a lower hill, but not a much lower one
    assert 0.98 * most < row["significance"] < most * (1 + 1e-9)


def test_scores_are_depths_of_nested_boxes():
    model, _ = fitted()
    inputs, target, _ = sample(4000, 2)
    outputs = model.predict(inputs)
    score = outputs[:, 0] - outputs[:, 1]
    values = inputs["x"].values.astype(float)
    depths = model._depth(values)
    assert (np.diff(model.arrays["odds"][:, 0]) > 0).all()
    order = np.argsort(depths, kind="stable")
    assert (np.diff(score[order]) >= 0).all()
    assert 20 < len(np.unique(score)) < 200
    # the depth of the best box is the box, as it is told
    inside = np.ones(4000, bool)
    for k in range(int(model.arrays["best"][0])):
        own = values[:, model.arrays["feature"][k]]
        edge = model.arrays["value"][k]
        inside &= own < edge if model.arrays["upper"][k] else own >= edge
    np.testing.assert_array_equal(inside, depths >= model.arrays["best"][0])
    assert 0.88 < auc(score, target == 0).value < 0.99


def test_same_cuts_for_any_seed_and_order_and_scale_of_weights():
    model, _ = fitted()
    inputs, target, weight = sample(3000, 1)
    other = np.random.default_rng(9).permutation(3000)
    again = Cuts().from_spec(SPEC, 2)
    again.fit({"x": inputs["x"].take(other)}, target[other], 7.0 * weight[other], seed=5)
    for key, one in model.state().items():
        np.testing.assert_allclose(again.state()[key], one, rtol=1e-9)


def test_weights_are_obeyed():
    """Weights that empty the sideband below the peak: no cut is needed there."""
    inputs, target, weight = sample(3000, 1)
    low = inputs["x"].values[:, 0] < 1.7
    model = Cuts(features=("mass",)).from_spec(SPEC, 2)
    model.fit(inputs, target, np.where(low & (target == 1), 1e-6, weight))
    edges = {one.split()[1]: float(one.split()[2]) for one in model.box}
    assert edges["<"] < 210
    mass = 100 * inputs["x"].values[target == 0, 0]
    lost = (mass < edges.get(">=", 0.0)).mean()
    with_sideband, _ = fitted(Cuts(features=("mass",)))
    (edge,) = [float(one.split()[2]) for one in with_sideband.box if ">=" in one]
    assert lost < 0.003 < (mass < edge).mean()


def test_an_uncertain_background_asks_for_tighter_cuts():
    kept = []
    for uncertainty in (0.0, 0.2):
        sizes = Cuts(significance="asimov", uncertainty=uncertainty, features=("mass", "width"))
        model, _ = fitted(sizes)
        inputs, target, _ = sample(4000, 2)
        inside = model._depth(inputs["x"].values[:, [0, 1]].astype(float)) >= model.arrays["best"]
        kept.append(inside[target == 0].mean())
    assert kept[1] < kept[0]


def test_few_background_examples_do_not_make_a_box():
    model, _ = fitted(Cuts(fewest=200))
    inputs, target, _ = sample(3000, 1)
    inside = model._depth(inputs["x"].values.astype(float)) >= model.arrays["best"]
    assert (inside & (target == 1)).sum() >= 200


def test_three_classes_share_what_is_not_signal():
    rng = np.random.default_rng(1)
    target = rng.choice(3, 900, p=[0.2, 0.5, 0.3])
    values = rng.normal(size=(900, 3)).astype(np.float32)
    values[:, 0] += 2 * (target == 1)
    model = Cuts(signal=1).from_spec(SPEC, 3)
    model.fit({"x": Dense(values)}, target, np.ones(900))
    odds = np.exp(model.predict({"x": Dense(values)}))
    chance = odds / odds.sum(axis=1, keepdims=True)
    assert chance[target == 1, 1].mean() > 0.7
    ratio = np.mean(target == 0) / np.mean(target == 2)
    np.testing.assert_allclose(chance[:, 0] / chance[:, 2], ratio, rtol=1e-5)
    assert chance.mean(axis=0)[1] == pytest.approx((target == 1).mean(), abs=0.02)


def test_wrong_uses_are_refused_in_one_line():
    with pytest.raises(UnknownNameError, match="Did you mean 'mass'"):
        Cuts(features=("mas",)).from_spec(SPEC, 2)
    with pytest.raises(ValueError, match="0 to 1, got 2"):
        Cuts(signal=2).from_spec(SPEC, 2)
    for wrong in ({"step": 0.0}, {"uncertainty": 0.1}, {"fewest": 0}):
        with pytest.raises(ValueError, match="got"):
            Cuts(**wrong)
    model = Cuts().from_spec(SPEC, 2)
    inputs, target, weight = sample(50, 1)
    with pytest.raises(ValueError, match="fitted first"):
        model.predict(inputs)
    with pytest.raises(ValueError, match="0 or more"):
        model.fit(inputs, target, -weight)
    with pytest.raises(ValueError, match="tells signal from background"):
        model.fit({"x": Dense(np.zeros((50, 3), np.float32))}, target, weight)
    model, _ = fitted()
    for key, bad in (("feature", np.array([9])), ("odds", np.zeros((2, 2))), ("best", 1)):
        with pytest.raises(CorruptFileError, match="cuts"):
            model.load({**model.state(), key: np.asarray(bad)})

"""Classical learners against scikit-learn itself, with weights, thinned, and as plain arrays."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError
from hepvision.core.inputs import Dense
from hepvision.models.classical import Classical
from toy_inputs import toy_spec

METHODS = (
    "logistic_regression",
    "k_nearest_neighbours",
    "support_vector_machine",
    "naive_bayes",
)


def sample(number, seed, classes=2):
    rng = np.random.default_rng(seed)
    target = rng.integers(0, classes, number)
    values = rng.normal(size=(number, 6)).astype(np.float32)
    values[:, 0] += 1.5 * target
    return {"part": Dense(values)}, target, np.ones(number)


def chances(outputs):
    odds = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("method", METHODS)
def test_it_learns_and_its_odds_are_odds(method, classes):
    model = Classical(method=method).from_spec(toy_spec("vector"), classes)
    (row,) = model.fit(*sample(600, 1, classes), sample(300, 2, classes))
    assert row["train"] < np.log(classes)
    assert row["validation"] < np.log(classes)
    inputs, target, _ = sample(1500, 3, classes)
    found = chances(model.predict(inputs))
    # the best possible is 0.77 of two and 0.70 of three
    assert (found.argmax(axis=1) == target).mean() > (0.72 if classes == 2 else 0.6)
    # of those called signal with chance p, a share p is
    assert abs(found[:, 1].mean() - (target == 1).mean()) < 0.06


@pytest.mark.parametrize("method", METHODS)
def test_same_seed_same_state_and_weights_as_repeated_examples(method):
    """An example of weight 3 counts as three of them."""
    inputs, target, weight = sample(150, 1)
    again = np.where(target == 1, 3, 1)
    rows = np.repeat(np.arange(150), again)
    spec = toy_spec("vector")
    other, truth, ones = sample(150, 2)
    later = (other, truth, ones * np.where(truth == 1, 3, 1))
    first = Classical(method=method, neighbours=20).from_spec(spec, 2)
    first.fit(inputs, target, weight * again, later, seed=1)
    same = Classical(method=method, neighbours=20).from_spec(spec, 2)
    same.fit(inputs, target, weight * again, later, seed=1)
    for key, one in first.state().items():
        np.testing.assert_array_equal(one, same.state()[key])
    plain = Classical(method=method, neighbours=20).from_spec(spec, 2)
    plain.fit(inputs, target, weight, sample(150, 2), seed=1)
    lift = (first.predict(inputs) - plain.predict(inputs)) @ [-1, 1]
    assert lift.mean() > 0.7
    if method in {"logistic_regression", "naive_bayes"}:
        repeated = Classical(method=method).from_spec(spec, 2)
        # scikit-learn multiplies the strength by the sum of weights, here brought to the count
        repeated.sizes = Classical(method=method, strength=150 / len(rows))
        repeated.fit({"part": inputs["part"].take(rows)}, target[rows], np.ones(len(rows)))
        difference = np.abs(repeated.predict(inputs) - first.predict(inputs)).max()
        assert difference < 0.02


def test_logistic_regression_and_bayes_are_scikit_learns():
    linear = pytest.importorskip("sklearn.linear_model")
    bayes = pytest.importorskip("sklearn.naive_bayes")
    inputs, target, weight = sample(300, 1, 3)
    columns = inputs["part"].values.astype(float)
    pairs = (
        ("logistic_regression", linear.LogisticRegression(tol=1e-6, max_iter=2000)),
        ("naive_bayes", bayes.GaussianNB()),
    )
    for method, theirs in pairs:
        ours = Classical(method=method, standardise=False).from_spec(toy_spec("vector"), 3)
        ours.fit(inputs, target, weight)
        wanted = theirs.fit(columns, target).predict_proba(columns)
        np.testing.assert_allclose(chances(ours.predict(inputs)), wanted, atol=2e-4)


def test_support_vectors_are_scikit_learns():
    svm = pytest.importorskip("sklearn.svm")
    inputs, target, weight = sample(200, 1)
    ours = Classical(method="support_vector_machine", standardise=False)
    model = ours.from_spec(toy_spec("vector"), 2)
    model.fit(inputs, target, weight, sample(100, 2))
    columns = inputs["part"].values.astype(float)
    theirs = svm.SVC(gamma=1 / 6).fit(columns, target).decision_function(columns)
    np.testing.assert_allclose(model._distances(columns)[:, 0], theirs, atol=1e-6)


def test_principal_axes_are_uncorrelated_and_the_widest():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(500, 6)).astype(np.float32)
    values[:, 1] = values[:, 0] + 0.1 * values[:, 1]
    model = Classical(components=2).from_spec(toy_spec("vector"), 2)
    model.fit({"part": Dense(values)}, rng.integers(0, 2, 500), np.ones(500))
    turned = model.scaling(values.astype(float))
    assert turned.shape == (500, 2)
    spread = np.cov(turned.T)
    assert spread[0, 0] > 1.8  # two columns that are one
    assert abs(spread[0, 1]) < 1e-6


@pytest.mark.parametrize("method", METHODS)
def test_many_examples_are_thinned_and_it_is_said(method, caplog):
    model = Classical(method=method, examples=100).from_spec(toy_spec("vector"), 2)
    with caplog.at_level(logging.WARNING):
        model.fit(*sample(400, 1), sample(100, 2))
    costly = method in {"k_nearest_neighbours", "support_vector_machine"}
    assert model.examples_used == (100 if costly else 400)
    assert ("learns from 100 of 400" in caplog.text) == costly


def test_constant_columns_and_zero_weights_do_no_harm():
    inputs, target, weight = sample(120, 1)
    values = inputs["part"].values.copy()
    values[:, 3] = 7.0
    weight[::4] = 0.0
    for method in METHODS:
        model = Classical(method=method).from_spec(toy_spec("vector"), 2)
        model.fit({"part": Dense(values)}, target, weight)
        assert np.isfinite(model.predict({"part": Dense(values)})).all()
        assert model.examples_used == 90


@pytest.mark.parametrize("method", METHODS)
def test_bad_weights_states_and_uses_are_refused_in_one_line(method):
    model = Classical(method=method).from_spec(toy_spec("vector"), 2)
    inputs, target, weight = sample(60, 1)
    with pytest.raises(ValueError, match="fitted first"):
        model.predict(inputs)
    with pytest.raises(ValueError, match="0 or more, got 2 of 60 below") as caught:
        model.fit(inputs, target, np.where(np.arange(60) < 2, -1.0, weight))
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match="all 2 classes"):
        model.fit(inputs, np.zeros(60, int), weight)
    model.fit(inputs, target, weight)
    assert model.parameters_total > 6
    state = model.state()
    for key in state:
        for bad in (state[key][:0], np.full_like(state[key], np.nan, float)):
            with pytest.raises(CorruptFileError, match="classical"):
                model.load({**state, key: bad})


def test_wrong_sizes_are_refused():
    with pytest.raises(ValueError, match="at most 6"):
        Classical(components=7).from_spec(toy_spec("vector"), 2)
    for wrong in ({"neighbours": 0}, {"strength": 0.0}, {"components": -1}):
        with pytest.raises(ValueError, match="must be"):
            Classical(**wrong)

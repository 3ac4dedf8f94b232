"""All measures of a classifier together, and the discriminants they rest on."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import special

from hepvision.evaluation.classification import classification_metrics, signal_versus
from hepvision.evaluation.metrics import Metrics
from hepvision.evaluation.roc import auc
from hepvision.evaluation.working_point import choose_threshold

NAMES = ("higgs", "diphoton", "photon_jet")


def toy(rng: np.random.Generator, size: int = 3000) -> tuple[np.ndarray, np.ndarray]:
    target = rng.integers(0, 3, size)
    logits = rng.normal(size=(size, 3)) + 1.5 * np.eye(3)[target]
    return logits, target


def test_logits_and_probabilities_agree(rng: np.random.Generator) -> None:
    logits, target = toy(rng)
    for against in ("rest", 1, 2):
        from_logits = signal_versus(logits, target, 0, against, logits=True)
        from_chance = signal_versus(special.softmax(logits, axis=1), target, 0, against)
        assert from_logits.score == pytest.approx(from_chance.score)
        assert np.array_equal(from_logits.rows, from_chance.rows)


def test_third_classes_are_left_out(rng: np.random.Generator) -> None:
    logits, target = toy(rng)
    part = signal_versus(logits, target, 0, 2, logits=True)
    assert set(target[part.rows]) == {0, 2}
    assert np.array_equal(part.is_signal, target[part.rows] == 0)


def test_third_class_does_not_dilute(rng: np.random.Generator) -> None:
    """The logit of a class that is not asked about has no say."""
    logits, target = toy(rng)
    changed = logits + np.array([0.0, 5.0, 0.0])
    first = signal_versus(logits, target, 0, 2, logits=True)
    assert first.score == pytest.approx(signal_versus(changed, target, 0, 2, logits=True).score)


def test_underflow_says_nothing() -> None:
    assert signal_versus([[0.0, 0.0, 1.0]], [0], 0, 1).score.tolist() == [0.5]


@pytest.mark.parametrize(
    ("scores", "target", "signal", "against", "message"),
    [
        ([[2.0, -1.0]], [0], 0, "rest", "probabilities: must be 0 or more and sum to 1"),
        ([[0.9, 0.9]], [0], 0, "rest", "a sum of 1.8"),
        ([[0.5, 0.5]], [0], 2, "rest", "classes must lie in 0 to 1, got signal 2"),
        ([[0.5, 0.5]], [0], 1, 1, "signal and background must differ"),
        ([[0.5, 0.5]], [0, 1], 0, 1, r"target: must have shape \(1,\), got \(2,\)"),
        ([[0.5, np.nan]], [0], 0, 1, "scores: must be finite, got 1 of 2"),
        ([0.5, 0.5], [0, 1], 0, 1, r"must have shape \(B, K\)"),
    ],
)
def test_discriminant_refuses(
    scores: object, target: object, signal: int, against: object, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        signal_versus(scores, target, signal, against)


def test_every_measure_is_there_and_json(rng: np.random.Generator) -> None:
    logits, target = toy(rng)
    chance = special.softmax(logits, axis=1)
    numbers = classification_metrics(chance, target, NAMES, signal="higgs")
    assert list(numbers["versus"]) == ["rest", "diphoton", "photon_jet"]
    for measures in numbers["versus"].values():
        assert measures["auc"].value > 0.8
        assert list(measures["at_background_efficiency"]) == ["0.1", "0.01"]
        assert list(measures["at_signal_efficiency"]) == ["0.3", "0.5", "0.8"]
        rejections = [
            p["background_rejection"].value for p in measures["at_signal_efficiency"].values()
        ]
        assert rejections == sorted(rejections, reverse=True)
    text = json.dumps(Metrics(numbers).to_dict(), allow_nan=False)
    again = Metrics.from_dict(json.loads(text))
    assert again.to_dict() == Metrics(numbers).to_dict()
    second = classification_metrics(chance, target, NAMES, signal=0)
    assert json.dumps(Metrics(second).to_dict()) == text


def test_cuts_come_from_validation(rng: np.random.Generator) -> None:
    logits, target = toy(rng)
    other, classes = toy(rng)
    chance, early = special.softmax(logits, axis=1), special.softmax(other, axis=1)
    numbers = classification_metrics(chance, target, NAMES, validation=(early, classes, None))
    point = numbers["versus"]["rest"]["at_background_efficiency"]["0.1"]
    cut = choose_threshold(early[:, 0], classes == 0, background_efficiency=0.1)
    assert point["threshold"] == pytest.approx(cut)
    expected = (chance[target != 0, 0] >= point["threshold"]).mean()
    assert point["background_efficiency"].value == pytest.approx(expected)
    assert numbers["chosen_on"] == "validation"
    assert classification_metrics(chance, target, NAMES)["chosen_on"] == "test"


def test_weights_reach_every_measure(rng: np.random.Generator) -> None:
    """A class that weighs nothing more than a trace leaves the others' numbers."""
    logits, target = toy(rng)
    chance = special.softmax(logits, axis=1)
    weight = np.where(target == 2, 1e-9, rng.exponential(size=target.size))
    numbers = classification_metrics(chance, target, NAMES, weight)
    plain = classification_metrics(chance, target, NAMES)
    rest, plain_rest = numbers["versus"]["rest"], plain["versus"]["rest"]
    two = target != 2
    assert rest["auc"].value == pytest.approx(
        auc(chance[two, 0], target[two] == 0, weight[two]).value
    )
    for name in ("accuracy", "log_loss"):
        assert numbers[name].value != plain[name].value
    assert numbers["calibration"]["error"] != plain["calibration"]["error"]
    assert rest["auc"].value != plain_rest["auc"].value
    assert numbers["confusion"]["weight"] != plain["confusion"]["weight"]
    assert numbers["events"]["photon_jet"]["weight"] < 1e-5


def test_few_events_are_warned_about(rng: np.random.Generator) -> None:
    logits, target = toy(rng, 200)
    warnings = classification_metrics(special.softmax(logits, axis=1), target, NAMES)["warnings"]
    assert any("remain" in warning and "0.01" in warning for warning in warnings)


def test_two_classes_have_one_background(rng: np.random.Generator) -> None:
    chance = rng.random(500)
    target = rng.random(500) < chance
    numbers = classification_metrics(
        np.stack([1 - chance, chance], 1), target.astype(int), ("jet", "photon"), signal="photon"
    )
    assert list(numbers["versus"]) == ["rest"]
    assert numbers["versus"]["rest"]["auc"] == auc(chance, target)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"signal": "tau"}, "signal: must be one of higgs, diphoton, photon_jet, got 'tau'"),
        ({"class_names": NAMES[:2]}, r"must have one column a class \(2\)"),
        ({"target": [0, 1, 1]}, "every class must be present, got no photon_jet"),
        ({"target": [0, 1, 2, 0]}, r"target: must have shape \(3,\), got \(4,\)"),
        ({"weight": [1.0, 1.0]}, "weight: must have shape"),
    ],
)
def test_wrong_input_is_refused(change: dict[str, object], message: str) -> None:
    arguments = {"probabilities": np.eye(3), "target": [0, 1, 2], "class_names": NAMES} | change
    with pytest.raises(ValueError, match=message):
        classification_metrics(**arguments)


def test_negative_weights(rng: np.random.Generator) -> None:
    logits, target = toy(rng, 2000)
    weight = rng.choice([1.0, 1.0, 1.0, -0.5], 2000)
    chance = special.softmax(logits, axis=1)
    numbers = classification_metrics(chance, target, NAMES, weight, replicas=30, seed=1)
    json.dumps(Metrics(numbers).to_dict(), allow_nan=False)
    assert numbers["versus"]["rest"]["auc"].low > 0.8

"""Stopping before the mass is learned: the rule, the measure, the training, its resumption."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepvision.core.errors import UnknownNameError
from hepvision.core.inputs import Dense, InputSpec, PartSpec
from hepvision.evaluation.correlation import distance_correlation
from hepvision.models.layers.batches import outputs_of
from hepvision.models.mlp import Mlp
from hepvision.tasks.classification import Classification
from hepvision.training._module import Course
from hepvision.training.data import balanced_weights
from hepvision.training.decorrelation import Watch, best_epoch, statistical_floor, watched
from hepvision.training.fit import Fitted, fit, new_network
from hepvision.training.options import Options
from training.interrupted import Fragile, Killed

NUMBER = 1800
SPLIT = np.arange(NUMBER) // 3 % 2
TASK = Classification(("higgs", "diphoton", "photon_jet"))
SPEC: InputSpec = {"x": PartSpec("vector", (3,), ("shape", "mass", "noise"), ("",) * 3, (1.0,) * 3)}


def sample() -> tuple[Dense, dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Photons differ from jets in shape, which is seen at once; the signal peaks in mass."""
    rng, classes = np.random.default_rng(4), np.arange(NUMBER) % 3
    mass = np.where(classes == 0, rng.normal(125, 2, NUMBER), 90 + rng.exponential(40, NUMBER))
    shape = 3.0 * (classes == 2) + rng.normal(size=NUMBER)
    # faint, so that it is learned late
    columns = [shape, 0.3 * np.abs(mass - 125) / 20, rng.normal(size=NUMBER)]
    values = np.stack(columns, axis=1).astype(np.float32)
    return Dense(values), {"class": classes}, mass, rng.random(NUMBER) + 0.5


def run(task: Any = TASK, folder: Path | None = None, **settings: Any) -> Fitted:
    chosen = {"epochs": 12, "batch": 32, "threads": 1, "learning_rate": 0.002, "patience": 0}
    options = Options(**{"stop_on": "decorrelated"} | chosen | settings)  # type: ignore[arg-type]
    part, target, mass, weight = sample()
    return fit(
        new_network(Mlp(hidden=(16,)), SPEC, 3, 5),
        task,
        SPEC,
        {"x": part},
        target,
        weight,
        SPLIT,
        options,
        seed=5,
        observables={"diphoton_mass": mass, "flat": np.ones(NUMBER)},
        folder=folder,
    )


def column(made: Fitted, name: str) -> list[float]:
    return [row[name] for row in made.history]


def same(a: Fitted, b: Fitted) -> bool:
    one, other = a.model.state(), b.model.state()
    return all(np.array_equal(one[key], other[key]) for key in one)


def history(*rows: tuple[float, float, float]) -> list[dict[str, float]]:
    names = ("validation", "correlation", "decorrelated")
    return [dict(zip(names, row, strict=True)) for row in rows]


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        # the loss falls on, but from the third epoch on the mass is known
        (history((0.9, 0.01, 1), (0.7, 0.05, 1), (0.5, 0.3, 0), (0.4, 0.4, 0)), 2),
        # it may be forgotten again
        (history((0.9, 0.01, 1), (0.7, 0.3, 0), (0.6, 0.05, 1)), 3),
        # none is decorrelated: the one that knows it least, whatever its loss
        (history((0.9, 0.4, 0), (0.7, 0.3, 0), (0.5, 0.5, 0)), 2),
        # a decorrelated one is better than any other, of equals the first is kept
        (history((0.5, 0.2, 0), (0.9, 0.09, 1), (0.9, 0.01, 1)), 2),
        ([{"validation": 0.3}, {"validation": 0.2}, {"validation": 0.4}], 2),
        ([{"train": 0.3}, {"train": 0.2}, {"train": 0.4}], 3),
        ([], 0),
    ],
)
def test_the_best_epoch(rows: list[dict[str, float]], wanted: int) -> None:
    assert best_epoch(rows) == wanted
    # the weights of an epoch are kept when it ends: none may become the best later
    before = [best_epoch(rows[:number]) for number in range(1, len(rows) + 1)]
    assert all(b in (a, k + 2) for k, (a, b) in enumerate(itertools.pairwise(before)))


@pytest.mark.parametrize("number", [300, 2000])
def test_the_floor_holds_what_chance_gives(number: int) -> None:
    rng = np.random.default_rng(number)
    watch = Watch(Classification(("s", "b")), "mass", Options(largest_correlation=0.0))
    classes, weight = np.arange(2 * number) % 2, rng.random(2 * number) + 0.5
    above = 0
    for _ in range(100):
        logits, mass = rng.normal(size=(2 * number, 2)), rng.exponential(size=2 * number)
        row = watch.measured(logits, mass, classes, weight)
        above += row["correlation"] > row["correlation_limit"]
    assert above <= 12
    assert row["correlation_limit"] < 3 / np.sqrt(number)
    assert statistical_floor(0.0, 100) == pytest.approx(np.sqrt(1.645 * np.sqrt(2) / 100), rel=1e-3)


def test_it_keeps_the_last_epoch_that_does_not_know_the_mass() -> None:
    blind, seeing = run(patience=0), run(stop_on="loss")
    correlation, losses = column(blind, "correlation"), column(blind, "validation")
    allowed = [k for k, row in enumerate(blind.history) if row["decorrelated"]]
    assert 0 < len(allowed) < len(losses)
    assert blind.best_epoch - 1 == min(allowed, key=lambda k: losses[k])
    for k, row in enumerate(blind.history):
        assert (k in allowed) == (correlation[k] <= row["correlation_limit"])
    # nothing but the choice of the epoch differs
    assert losses == column(seeing, "validation")
    assert "correlation" not in seeing.history[0]
    assert seeing.best_epoch == losses.index(min(losses)) + 1 > blind.best_epoch
    assert losses[blind.best_epoch - 1] > min(losses)


def test_the_kept_weights_are_those_that_were_measured() -> None:
    """Against the scores of the whole sample at once, with weights balanced by hand."""
    made = run()
    part, target, mass, weight = sample()
    rows = np.flatnonzero(SPLIT == 1)
    classes = target["class"][rows]
    scores = TASK.scores(outputs_of(made.model, {"x": part}, SPEC)[rows])[:, 0]
    balanced = balanced_weights(weight[rows], classes)
    row = made.history[made.best_epoch - 1]
    for name, own in {
        "/all": classes > 0,
        "/diphoton": classes == 1,
        "/photon_jet": classes == 2,
    }.items():
        wanted = distance_correlation(scores[own], mass[rows][own], balanced[own])
        assert row[f"correlation{name}"] == pytest.approx(wanted.value, abs=2e-4)
    assert row["correlation"] in (row["correlation/diphoton"], row["correlation/photon_jet"])
    together = run(decorrelate_in="together")
    assert column(together, "correlation") == column(made, "correlation/all")


@pytest.mark.parametrize(
    ("losses", "decorrelated", "ends"),
    [
        ((5, 4, 3, 2, 1), (1, 0, 0, 0, 0), False),  # the loss still falls
        ((5, 4, 3, 3, 3), (1, 0, 0, 0, 0), True),
        ((5, 1, 3, 2, 2), (0, 0, 1, 1, 0), False),  # a better epoch that may be kept
        ((5, 1, 2, 2, 2), (0, 0, 1, 0, 0), True),
    ],
)
def test_it_ends_when_neither_the_loss_nor_the_choice_gets_better(
    losses: tuple[int, ...], decorrelated: tuple[int, ...], ends: bool
) -> None:
    rows = [
        {"validation": float(loss), "correlation": 0.2, "decorrelated": float(free)}
        for loss, free in zip(losses, decorrelated, strict=True)
    ]
    assert Course(rows).finished(Options(epochs=40, patience=2)) == ends
    assert Course(rows).finished(Options(epochs=5, patience=0))


def test_if_all_epochs_know_it_the_least_is_taken() -> None:
    made = run(largest_correlation=0.0, learning_rate=0.05, epochs=4)
    assert not any(column(made, "decorrelated"))
    correlation = column(made, "correlation")
    assert made.best_epoch == correlation.index(min(correlation)) + 1


def test_the_correlation_may_be_recorded_alone() -> None:
    made, plain = run(stop_on="loss", decorrelate_from="diphoton_mass"), run(stop_on="loss")
    assert same(made, plain)
    assert column(made, "correlation") == column(run(), "correlation")
    assert "decorrelated" not in made.history[0]


@pytest.mark.parametrize("batches", [30, 130, 260])
def test_killed_and_taken_up_is_the_same(
    batches: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """900 training and 900 validation events in batches of 32: 58 batches an epoch."""
    whole = run(patience=3)
    monkeypatch.setattr(Fragile, "left", batches)
    with pytest.raises(Killed):
        run(Fragile(TASK.class_names), tmp_path, patience=3)
    monkeypatch.setattr(Fragile, "left", 10**9)
    resumed = run(Fragile(TASK.class_names), tmp_path, patience=3)
    assert same(whole, resumed)
    assert resumed.best_epoch == whole.best_epoch
    for a, b in zip(whole.history, resumed.history, strict=True):
        assert {**a, "seconds": 0} == {**b, "seconds": 0}


def test_names_of_observables() -> None:
    known = ("diphoton_mass", "pileup")
    assert watched(Options(), known) is None
    assert watched(Options(), ()) is None
    assert watched(Options(decorrelate_from="pileup"), known) == "pileup"
    with pytest.raises(
        UnknownNameError, match=r"no 'diphoton_mas'. Did you mean 'diphoton_mass'\?"
    ):
        watched(Options(decorrelate_from="diphoton_mas"), known)
    with pytest.raises(UnknownNameError, match=r"no 'zzz'. There are: diphoton_mass, pileup"):
        watched(Options(decorrelate_from="zzz"), known)
    with pytest.raises(UnknownNameError, match="needs one"):
        watched(Options(stop_on="decorrelated"), ())


def test_what_cannot_be_measured_is_refused_before_the_first_epoch() -> None:
    with pytest.raises(ValueError, match="flat: must be finite and vary"):
        run(decorrelate_from="flat")
    part, target, mass, weight = sample()

    def again(**changed: Any) -> None:
        given = {"split": SPLIT, "mass": mass} | changed
        network = new_network(Mlp(hidden=()), SPEC, 3, 1)
        options, columns = Options(stop_on="decorrelated", threads=1), {"m": given["mass"]}
        split, inputs = given["split"], {"x": part}
        fit(network, TASK, SPEC, inputs, target, weight, split, options, observables=columns)

    with pytest.raises(ValueError, match="must be finite and vary in the background, got nan"):
        again(mass=np.where(np.arange(NUMBER) == 4, np.nan, mass))
    with pytest.raises(ValueError, match="validation examples of every class, got none of higgs"):
        again(split=np.where(target["class"] == 0, 0, SPLIT))
    with pytest.raises(ValueError, match="every class, got none of higgs, diphoton, photon_jet"):
        again(split=0 * SPLIT)


def test_a_task_without_signal_is_refused() -> None:
    class Regression:
        balance_by = None

    with pytest.raises(ValueError, match="needs a task with a signal class, got Regression"):
        Watch(Regression(), "mass", Options())


def test_a_mixture_hides_what_the_score_knows_within_a_class() -> None:
    """Jets have low scores, photons high ones, with a slope in mass: that slope is found."""
    rng, classes = np.random.default_rng(3), np.arange(3000) % 3
    mass = rng.exponential(40, 3000)
    score = np.where(classes == 2, -6.0, 0.0) + 0.01 * mass + 0.3 * rng.normal(size=3000)
    logits = np.stack([score, np.zeros(3000), np.zeros(3000)], axis=1)
    for where, wanted in (("each", 0.0), ("together", 1.0)):
        options = Options(stop_on="decorrelated", decorrelate_in=where, largest_correlation=0.4)  # type: ignore[arg-type]
        row = Watch(TASK, "mass", options).measured(logits, mass, classes, np.ones(3000))
        assert row["decorrelated"] == wanted
        assert row["correlation/all"] < 0.4 < row["correlation/diphoton"]


def test_the_same_score_for_all_knows_nothing() -> None:
    watch = Watch(TASK, "mass", Options(stop_on="decorrelated"))
    row = watch.measured(np.zeros((90, 3)), np.arange(90.0), np.arange(90) % 3, np.ones(90))
    assert row["correlation"] == row["correlation/diphoton"] == 0
    assert row["decorrelated"] == 1

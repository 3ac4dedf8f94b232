"""Training: against a plain loop, interrupted, stopped early, balanced, coarse."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hepvision.core.errors import SchemaError
from hepvision.core.inputs import Dense, Inputs
from hepvision.evaluation.roc import auc
from hepvision.models.layers.batches import outputs_of
from hepvision.models.layers.network import Network
from hepvision.models.mlp import Mlp
from hepvision.models.resnet15 import Resnet15
from hepvision.tasks.classification import Classification
from hepvision.training.data import balanced_weights, epoch_rows
from hepvision.training.fit import Fitted, fit, new_network
from hepvision.training.options import Options
from toy_inputs import toy_inputs, toy_spec
from training.interrupted import Fragile, Killed, Signalled

NUMBER = 90
SPLIT = np.arange(NUMBER) % 3
MLP, RESNET = Mlp(hidden=(8,), dropout=0.2), Resnet15(maps=(2, 3), blocks=1)
TASK = Classification()


def sample(kind: str = "vector") -> tuple[Inputs, dict[str, np.ndarray], np.ndarray]:
    inputs, rng = toy_inputs(kind, NUMBER, 5), np.random.default_rng(6)
    target = (rng.random(NUMBER) < 0.7).astype(np.int64)
    if kind == "vector":
        part = inputs["part"]
        assert isinstance(part, Dense)
        part.values[:, 0] += 2 * target
    return inputs, {"class": target}, rng.random(NUMBER) + 0.5


def run(
    sizes: Any = MLP, kind: str = "vector", task: Any = TASK, seed: int = 3, **settings: Any
) -> Fitted:
    folder, told = settings.pop("folder", None), settings.pop("after_epoch", None)
    options = Options(**{"epochs": 4, "batch": 8, "threads": 1, "precision": "float32"} | settings)
    spec, (inputs, target, weight) = toy_spec(kind), sample(kind)
    network = new_network(sizes, spec, 2, seed)
    what = (network, task, spec, inputs, target, weight, SPLIT, options)
    return fit(*what, seed=seed, folder=folder, after_epoch=told)


def same(a: Fitted, b: Fitted) -> bool:
    one, other = a.model.state(), b.model.state()
    return all(np.array_equal(one[key], other[key]) for key in one)


def losses(made: Fitted, which: str = "validation") -> list[float]:
    return [row[which] for row in made.history]


@pytest.mark.parametrize(("sizes", "kind"), [(Mlp(hidden=(8,)), "vector"), (RESNET, "image")])
def test_against_a_plain_loop(sizes: Any, kind: str) -> None:
    """Nothing between the caller and torch changes a gradient."""
    made = run(sizes, kind, patience=0)
    spec, (inputs, target, weight) = toy_spec(kind), sample(kind)
    network = new_network(sizes, spec, 2, 3)
    network.channels_last()
    rows, later = np.flatnonzero(SPLIT == 0), np.flatnonzero(SPLIT == 1)
    scaled = np.zeros(NUMBER)
    for part in (rows, later):
        scaled[part] = balanced_weights(weight[part], target["class"][part])
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=1e-4)
    states = []
    for epoch in range(4):
        order = epoch_rows(rows, None, 3, epoch)
        for start in range(0, len(order), 8):
            at = order[start : start + 8]
            values = np.empty((len(at), *spec["part"].shape), np.float32)
            inputs["part"].take(at).fill(values)
            tensor = torch.from_numpy(values)
            if kind == "image":
                tensor = tensor.contiguous(memory_format=torch.channels_last)
            each = torch.nn.functional.cross_entropy(
                network({"part": tensor}), torch.from_numpy(target["class"][at]), reduction="none"
            )
            w = torch.from_numpy(scaled[at].astype(np.float32))
            optimiser.zero_grad()
            ((w * each).sum() / w.sum()).backward()
            optimiser.step()
        states.append(network.state())
    wanted = states[made.best_epoch - 1]
    for key, value in made.model.state().items():
        np.testing.assert_allclose(value, wanted[key], rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("sizes", "kind"), [(MLP, "vector"), (RESNET, "image")])
@pytest.mark.parametrize("batches", [9, 17])
def test_killed_and_taken_up_is_the_same(
    sizes: Any, kind: str, batches: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """30 training and 30 validation events in batches of 8: eight batches an epoch."""
    more: dict[str, Any] = {"schedule": "cosine", "turn": True}
    whole = run(sizes, kind, task=Fragile(), **more)
    monkeypatch.setattr(Fragile, "left", batches)
    with pytest.raises(Killed):
        run(sizes, kind, task=Fragile(), folder=tmp_path, **more)
    monkeypatch.setattr(Fragile, "left", 10**9)
    torch.rand(5)
    resumed = run(sizes, kind, task=Fragile(), folder=tmp_path, **more)
    assert same(whole, resumed)
    timeless = [{k: v for k, v in row.items() if k != "seconds"} for row in resumed.history]
    assert timeless == [{k: v for k, v in row.items() if k != "seconds"} for row in whole.history]
    # one that is finished is not trained again
    again = run(sizes, kind, task=Fragile(), folder=tmp_path, **more)
    assert again.history == resumed.history
    assert same(again, resumed)


#: A batch has the call number of the loss; 30 + 30 events are eight batches an epoch.
@pytest.mark.parametrize(("sizes", "kind"), [(MLP, "vector"), (RESNET, "image")])
@pytest.mark.parametrize("batch", [1, 4, 6, 8, 11])
def test_stopped_in_an_epoch_and_taken_up_is_the_same(
    sizes: Any, kind: str, batch: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In training, at its end, in validation and at its end; dropout and turns go on as well."""
    more: dict[str, Any] = {"schedule": "cosine", "turn": True, "shear": 0.2, "epochs": 3}
    whole = run(sizes, kind, task=Signalled(), **more)
    monkeypatch.setattr(Signalled, "left", batch)
    with pytest.raises(KeyboardInterrupt):
        run(sizes, kind, task=Signalled(), folder=tmp_path, **more)
    assert Signalled.left == 0
    assert len(list(tmp_path.iterdir())) == (1 if batch <= 8 else 2)
    torch.rand(5)
    resumed = run(sizes, kind, task=Signalled(), folder=tmp_path, **more)
    assert same(whole, resumed)
    timeless = [{k: v for k, v in row.items() if k != "seconds"} for row in resumed.history]
    assert timeless == [{k: v for k, v in row.items() if k != "seconds"} for row in whole.history]
    # no batch was trained twice; a validation begins anew
    again = max((batch - 1) % 8 + 1 - 4, 0)
    assert Signalled.left == batch - 8 * 3 - again


def test_minutes_within_an_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ends the process: the last checkpoint is of the batch before."""
    whole = run(task=Fragile())
    monkeypatch.setattr(Fragile, "left", 10)
    with pytest.raises(Killed):
        run(task=Fragile(), folder=tmp_path, checkpoint_minutes=0)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [
        "epoch-00001-batch-000000001.ckpt",
        "epoch-00001-batch-000000002.ckpt",
        "epoch-00001.ckpt",
    ]
    (tmp_path / names[1]).write_bytes(b"damaged")
    monkeypatch.setattr(Fragile, "left", 100)
    assert same(run(task=Fragile(), folder=tmp_path), whole)
    assert Fragile.left == 100 - (4 * 8 - 9)


def test_an_epoch_is_told_of_though_the_process_ended_before(tmp_path: Path) -> None:
    """What is told decides whether a trial of a search goes on."""

    def end(history: list[dict[str, float]]) -> None:
        if len(history) == 2:
            raise Killed

    with pytest.raises(Killed):
        run(folder=tmp_path, after_epoch=end)
    told: list[int] = []
    run(folder=tmp_path, after_epoch=lambda history: told.append(len(history)))
    assert told == [2, 3, 4]


def test_what_is_only_reported_is_no_setting_of_a_checkpoint(tmp_path: Path) -> None:
    run(epochs=1, folder=tmp_path)
    reported = Classification(background_efficiencies=(0.003,), least_background=30)
    assert len(run(epochs=2, folder=tmp_path, task=reported).history) == 2


def test_a_damaged_checkpoint_costs_one_epoch(tmp_path: Path) -> None:
    whole = run()
    run(epochs=3, folder=tmp_path)
    newest = max(tmp_path.iterdir())
    newest.write_bytes(newest.read_bytes()[:200])
    assert same(run(folder=tmp_path), whole)


def test_other_settings_do_not_go_on(tmp_path: Path) -> None:
    run(epochs=1, folder=tmp_path)
    with pytest.raises(SchemaError, match="other settings"):
        run(epochs=1, folder=tmp_path, batch=16)


def test_what_is_not_asked_for_is_no_setting_of_a_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trainings that were begun before images could be sheared go on."""
    keys: list[dict[str, Any]] = []
    monkeypatch.setattr("hepvision.training.fit.cache_key", lambda key: keys.append(key) or "x")
    for number, asked in enumerate(({}, {"shear": 0.1, "mirror": True})):
        run(epochs=1, folder=tmp_path / str(number), **asked)
    new = {"rotation", "mirror", "shear", "translation", "checkpoint_minutes"}
    assert [new & set(key["options"]) for key in keys] == [set(), {"shear", "mirror"}]


def test_the_seed_decides() -> None:
    assert same(run(), run())
    assert not same(run(), run(seed=4))


def test_it_stops_early_and_keeps_the_best() -> None:
    made = run(epochs=40, learning_rate=0.3, patience=3)
    validation = losses(made)
    assert len(validation) < 40
    assert made.best_epoch == validation.index(min(validation)) + 1 == len(validation) - 3
    inputs, target, weight = sample()
    later = SPLIT == 1
    logits = outputs_of(made.model, inputs, toy_spec("vector"))[later]
    chance = TASK.scores(logits)[np.arange(later.sum()), target["class"][later]]
    scaled = balanced_weights(weight[later], target["class"][later])
    assert np.average(-np.log(chance), weights=scaled) == pytest.approx(min(validation), rel=1e-5)


def test_it_learns_and_random_labels_teach_nothing() -> None:
    inputs, target, weight = sample()
    made = run(epochs=15, learning_rate=0.02)
    last = SPLIT == 2
    spec = toy_spec("vector")

    def area(model: Any, labels: np.ndarray) -> Any:
        return auc(outputs_of(model, inputs, spec)[last, 1], labels[last] == 1)

    assert area(made.model, target["class"]).low > 0.7
    shuffled = np.random.default_rng(8).permutation(target["class"])
    network = new_network(MLP, spec, 2, 1)
    options = Options(epochs=10, batch=8, threads=1)
    fit(network, TASK, spec, inputs, {"class": shuffled}, weight, SPLIT, options, seed=1)
    spoiled = area(network, shuffled)
    assert spoiled.low - 0.1 < 0.5 < spoiled.high + 0.1


@pytest.mark.parametrize("balance", ["weights", "counts", "none"])
def test_balance_centres_the_answer(balance: Any) -> None:
    """More of one class: without balance the network says so, from inputs that say nothing."""
    inputs = {"part": Dense(np.zeros((NUMBER, 6), np.float32))}
    _, target, _ = sample()
    spec, split = toy_spec("vector"), np.where(SPLIT == 0, 0, 2)
    options = Options(epochs=60, batch=64, learning_rate=0.05, threads=1, balance=balance)
    network = new_network(Mlp(hidden=()), spec, 2, 1)
    fit(network, TASK, spec, inputs, target, np.ones(NUMBER), split, options)
    share = target["class"][SPLIT == 0].mean()
    assert share > 0.55
    wanted = share if balance == "none" else 0.5
    answer = TASK.scores(outputs_of(network, inputs, spec))[0, 1]
    assert answer == pytest.approx(wanted, abs=0.01)


def test_bfloat16_is_recorded_and_close() -> None:
    exact, coarse = (run(RESNET, "image", precision=one) for one in ("float32", "bfloat16"))
    assert (exact.precision, coarse.precision) == ("float32", "bfloat16")
    assert not same(exact, coarse)
    assert losses(coarse) == pytest.approx(losses(exact), rel=0.02)


def test_only_training_images_are_turned() -> None:
    still, moving = (run(RESNET, "image", turn=turn, epochs=1) for turn in (False, True))
    assert not same(still, moving)
    spec, (inputs, target, weight) = toy_spec("image"), sample("image")
    later = SPLIT == 1
    logits = outputs_of(moving.model, inputs, spec)[later]
    chance = TASK.scores(logits)[np.arange(later.sum()), target["class"][later]]
    scaled = balanced_weights(weight[later], target["class"][later])
    assert np.average(-np.log(chance), weights=scaled) == pytest.approx(losses(moving)[0], rel=1e-5)
    vectors = [run(turn=turn, epochs=1) for turn in (False, True)]
    assert same(*vectors)


def test_each_augmentation_alone_reaches_the_training() -> None:
    asked: list[dict[str, Any]] = [{}, {"rotation": True}, {"mirror": True}]
    asked += [{"shear": 0.3}, {"translation": 0.2}]
    made = [run(RESNET, "image", epochs=1, **one) for one in asked]
    for number, one in enumerate(made):
        assert not any(same(one, other) for other in made[:number])


def test_history_counts_events_and_time() -> None:
    made = run(epochs=2, balance="counts")
    _, target, _ = sample()
    smallest = np.bincount(target["class"][SPLIT == 0]).min()
    assert [row["events"] for row in made.history] == [2 * smallest] * 2
    assert made.events_per_second > 0
    assert made.threads == 1


def test_without_validation_all_epochs_count() -> None:
    inputs, target, weight = sample()
    spec = toy_spec("vector")
    network = new_network(MLP, spec, 2, 1)
    options = Options(epochs=3, threads=1, patience=1)
    made = fit(network, TASK, spec, inputs, target, weight, 0 * SPLIT, options)
    assert (len(made.history), made.best_epoch) == (3, 3)
    assert "validation" not in made.history[0]


def test_a_loss_that_runs_away_is_named() -> None:
    with pytest.raises(ValueError, match=r"loss must be finite, got .* Lower learning_rate"):
        run(learning_rate=1e30, epochs=3)


def test_gradients_are_clipped() -> None:
    """Far below what AdamW adds to their size, so that weights stay where they were."""
    start = new_network(MLP, toy_spec("vector"), 2, 3).state()
    for clip, moves in ((1e-12, False), (0.0, True)):
        state = run(epochs=1, clip=clip, weight_decay=0.0).model.state()
        assert any(abs(state[key] - start[key]).max() > 1e-4 for key in start) == moves


def test_nothing_to_train_on() -> None:
    inputs, target, weight = sample()
    spec = toy_spec("vector")
    with pytest.raises(ValueError, match="training split"):
        fit(new_network(MLP, spec, 2, 1), TASK, spec, inputs, target, weight, 0 * SPLIT + 2)


def test_ctrl_c_comes_through() -> None:
    class Interrupted(Classification):
        def loss(self, outputs: Any, batch: Any) -> dict[str, Any]:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(task=Interrupted())


def test_it_leaves_torch_as_it_was() -> None:
    torch.manual_seed(11)
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(threads=threads + 1)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.get_num_threads() == threads


def test_a_training_starts_all_networks_inside() -> None:
    """Only those of files have something to read, however deep they lie."""

    class Started(Network):
        def start(self) -> None:
            with torch.no_grad():
                self.body.weight.fill_(7)

    class Nested(Network):
        def __init__(self) -> None:
            super().__init__("x", torch.nn.Sequential(Started("x", torch.nn.Linear(2, 2))))

    class Sizes:
        def from_spec(self, spec: object, outputs: int) -> Network:
            return Nested()

    assert (new_network(Sizes(), {}, 2, 1).body[0].body.weight == 7).all()

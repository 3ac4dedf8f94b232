"""Processes that train together: the same as one with a larger batch; killed, stopped."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torch import nn

from hepvision.core.card import component
from hepvision.core.errors import SchemaError, UserError
from hepvision.core.inputs import Dense
from hepvision.core.interruption import Terminated
from hepvision.core.own import using
from hepvision.core.stored_inputs import stored_inputs, write_inputs
from hepvision.models.layers.network import Network
from hepvision.models.mlp import Mlp
from hepvision.tasks.classification import Classification
from hepvision.training.fit import Fitted, fit, new_network
from hepvision.training.options import Options
from hepvision.training.ranks import Ranks, ranks_of
from toy_inputs import toy_spec
from training.processes import children

NUMBER = 480
MINE = """
import dataclasses
import multiprocessing

import torch

from hepvision.models.layers.network import Network


def _fails():
    if multiprocessing.parent_process() is not None:
        raise RuntimeError("only there")


class _Body(torch.nn.Linear):
    def forward(self, x):
        return super().forward(x)


@dataclasses.dataclass(frozen=True)
class MyNetwork:
    version = 1
    reads_kinds = frozenset({"vector"})
    output_level = "example"

    def from_spec(self, spec, outputs):
        (name,) = spec
        return Network(name, _Body(spec[name].shape[0], outputs))
"""
TWO = Ranks(devices=2)


def run(ranks: Ranks | None, stored: Path | None = None, **more: Any) -> Fitted:
    """300 training and 120 validation events with unequal weights."""
    rng, spec = np.random.default_rng(4), toy_spec("vector")
    target = np.arange(NUMBER) % 2
    values = rng.normal(size=(NUMBER, *spec["part"].shape)).astype(np.float32)
    values[:, 0] += target
    later = more.pop("later", 120)
    split = np.repeat([0, 1, 2], [300, later, NUMBER - 300 - later])
    weight, inputs = rng.random(NUMBER) + 0.2, {"part": Dense(values)}
    if stored is not None:
        write_inputs(stored, [inputs])
        found = stored_inputs(stored, spec)
        assert found is not None
        inputs = found  # type: ignore[assignment]
    sizes = more.pop("sizes", Mlp(hidden=(8,)))
    told = {key: more.pop(key) for key in ("folder", "after_epoch") if key in more}
    given = {"epochs": 3, "batch": 16, "threads": 1, "precision": "float32", "patience": 0} | more
    network = new_network(sizes, spec, 2, 1)
    what = (network, Classification(), spec, inputs, {"class": target}, weight, split)
    mass = {"mass": rng.random(NUMBER)}
    return fit(*what, Options(**given), seed=2, ranks=ranks, observables=mass, **told)


def curve(made: Fitted) -> list[dict[str, float]]:
    return [{key: row[key] for key in row if key != "seconds"} for row in made.history]


def close(one: Fitted, other: Fitted) -> None:
    for row, wanted in zip(curve(one), curve(other), strict=True):
        assert row == pytest.approx(wanted, rel=1e-5)
    ours, theirs = one.model.state(), other.model.state()
    for key, value in ours.items():
        np.testing.assert_allclose(value, theirs[key], rtol=1e-4, atol=1e-6)


def test_two_are_one_with_twice_the_batch(tmp_path: Path) -> None:
    """Losses, weights, and the correlation with the mass; also from disk."""
    stored = tmp_path / "inputs.parquet"
    two = run(TWO, stored, decorrelate_from="mass", memory=1)
    one = run(None, stored, decorrelate_from="mass", batch=32, memory=1)
    close(two, one)
    assert "correlation" in two.history[0]
    assert two.history[0]["events"] == 300


class Normalised:
    """A network with running statistics, which processes send each other."""

    def from_spec(self, spec: Any, outputs: int) -> Network:
        layers = [nn.Linear(spec["part"].shape[0], 8), nn.BatchNorm1d(8), nn.Linear(8, outputs)]
        return Network("part", nn.Sequential(*layers))


def test_one_may_have_fewer_validation_batches() -> None:
    """49 and 48 events in batches of 16: four and three."""
    made = run(TWO, sizes=Normalised(), later=97, epochs=2)
    assert [row["epoch"] for row in made.history] == [1.0, 2.0]
    assert np.isfinite([row["validation"] for row in made.history]).all()


def test_killed_and_taken_up(tmp_path: Path) -> None:
    """The second process dies after an epoch: one line; the same call ends as if it had not."""
    whole = run(TWO, epochs=4)

    def kill(history: list[dict[str, float]]) -> None:
        if len(history) == 2:
            os.kill(children()[0], signal.SIGKILL)

    with pytest.raises(UserError, match=r"needs all 2 processes, lost 1 \(signal 9\)\. Give the"):
        run(TWO, epochs=4, folder=tmp_path, after_epoch=kill)
    assert not children()
    with pytest.raises(SchemaError, match="other settings"):
        run(None, epochs=4, folder=tmp_path)
    resumed = run(TWO, epochs=4, folder=tmp_path)
    assert curve(resumed) == curve(whole)
    ours, theirs = resumed.model.state(), whole.model.state()
    assert all(np.array_equal(ours[key], theirs[key]) for key in ours)


def test_a_component_of_the_users_own(tmp_path: Path) -> None:
    """Other processes know it, and say what goes wrong in them alone."""
    file = tmp_path / "my_network.py"
    file.write_text(MINE)
    with using([f"{file}:MyNetwork"]):
        own = component("models", "my_network")
        close(run(TWO, epochs=1, sizes=own), run(None, epochs=1, batch=32, sizes=own))
    file.write_text(MINE.replace("return super", "_fails(); return super"))
    with (
        using([f"{file}:MyNetwork"]),
        pytest.raises(UserError, match=r"process 1: RuntimeError: only there"),
    ):
        run(TWO, epochs=1, sizes=component("models", "my_network"))
    assert not children()


def test_terminated_within_an_epoch(tmp_path: Path) -> None:
    """SIGTERM to the first process alone: all stop after the same step, and go on from there."""
    begun = threading.Event()

    def end() -> None:
        begun.wait()
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=end)
    thread.start()
    with pytest.raises(Terminated):
        run(TWO, epochs=100_000, folder=tmp_path, after_epoch=lambda history: begun.set())
    thread.join()
    assert not children()
    last = max(tmp_path.glob("*.ckpt"), key=lambda one: one.stat().st_mtime)
    done = int(last.name[6:11])
    assert done >= 1
    resumed = run(TWO, epochs=done + 2, folder=tmp_path)
    close(resumed, run(None, epochs=done + 2, batch=32))


def test_shares_are_all_rows_once() -> None:
    rows = np.arange(103)
    shares = [Ranks(devices=3, local=one).share(rows, 8) for one in range(3)]
    assert {len(one) for one in shares} == {34}
    assert sorted(np.concatenate(shares)) == list(range(102))
    # the first step of all is the first large batch
    assert sorted(np.concatenate([one[:8] for one in shares])) == list(range(24))


def test_too_few_for_each() -> None:
    with pytest.raises(ValueError, match=r"one for each of 400 processes, got 300"):
        from hepvision.training import fit as module

        network, spec = new_network(Mlp(hidden=(2,)), toy_spec("vector"), 2, 1), toy_spec("vector")
        module._fitted(
            network, Classification(), spec, {}, {"class": np.zeros(300, int)}, np.ones(300),
            np.zeros(300), Options(), 0, {}, None, False, "", None, Ranks(devices=400),
        )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"devices": 0}, "devices: must be positive, got 0"),
        ({"nodes": 2, "node": 2}, "one of 0 to 1, got 2"),
    ],
)
def test_refused(given: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Ranks(**given)


def test_where_a_node_finds_the_others() -> None:
    found = ranks_of(2, 3, {"SLURM_NODEID": "2", "MASTER_ADDR": "n7", "MASTER_PORT": "4000"})
    assert (found.rank, found.number, found.address, found.port) == (4, 6, "n7", 4000)
    with pytest.raises(ValueError, match="need MASTER_ADDR"):
        ranks_of(1, 2, {"NODE_RANK": "0"})
    with pytest.raises(ValueError, match="must be whole numbers"):
        ranks_of(1, 2, {"NODE_RANK": "one", "MASTER_ADDR": "n7"})

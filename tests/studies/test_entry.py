"""An entry that is done is not trained again, and a damaged one says what to delete."""

from itertools import pairwise

import numpy as np
import pytest
from torch import nn

from hepvision.core.card import component
from hepvision.core.errors import CardError, CorruptFileError, UnknownNameError
from hepvision.core.inputs import Dense, Ragged, Sparse
from hepvision.models.layers.network import Network
from hepvision.studies._costs import flops
from hepvision.studies._split_record import content_of, read_split
from hepvision.studies.card import resolve
from hepvision.studies.entry import options_of, task_of, train_entry
from hepvision.studies.inputs import Table
from toy_inputs import toy_inputs, toy_spec

CARD = {
    "title": "toy",
    "samples": {"a": {"store": "x"}, "b": {"store": "y"}},
    "representations": {"m": "four_momenta"},
    "training": {"epochs": 3, "threads": 1, "learning_rate": 0.01},
    "entries": [
        {"name": "net", "uses": ["m"], "model": "mlp"},
        {"name": "trees", "uses": ["m"], "model": {"name": "boosted_trees", "rounds": 20}},
    ],
}


@pytest.fixture
def data(rng):
    target = np.arange(600) % 2
    momenta = rng.normal(size=(600, 5)).astype(np.float32)
    momenta[:, 0] += 2 * target
    columns = {
        "event_id": np.arange(600),
        "object_index": np.zeros(600, int),
        "split": np.arange(600) // 200,
        "sample": np.array(["a", "b"])[target],
        "target": target,
        "weight": np.ones(600),
    }
    measured = {"m": component("representations", "four_momenta")}
    return Table(columns, ("a", "b")), {"m.vector": Dense(momenta)}, measured


@pytest.mark.parametrize("number", [0, 1])
def test_a_shift_of_two_sigma_is_found(data, tmp_path, number):
    study = resolve(CARD)
    made = train_entry(study, study.entries[number], 1, tmp_path, *data, progress=False)
    # two unit Gaussians 2 apart: AUC = Phi(2 / sqrt 2) = 0.921
    area = made.metrics["versus"]["rest"]["auc"]
    assert area["low"] - 0.03 < 0.921 < area["high"] + 0.03
    before = (tmp_path / made.entry / "1" / "timing.json").stat().st_mtime_ns
    again = train_entry(study, study.entries[number], 1, tmp_path, *data, progress=False)
    assert (tmp_path / made.entry / "1" / "timing.json").stat().st_mtime_ns == before
    assert again.metrics == made.metrics


def test_costs_and_the_split_are_kept(data, tmp_path):
    study = resolve(CARD, changes=["training.examples=50"])
    found = [train_entry(study, one, 1, tmp_path, *data, progress=False) for one in study.entries]
    net, trees = (one.timing for one in found)
    # 5 → 128 → 128 → 128 → 2, a product being a multiplication and an addition
    widths = [5, *component("models", "mlp").hidden, 2]
    assert net["flops"] == 2 * sum(a * b for a, b in pairwise(widths))
    assert trees["flops"] is None
    for one in (net, trees):
        assert one["training_events"] == 100
        assert 0 < one["latency"] < 1
        assert one["scored_a_second"] > 1 / one["latency"]
        assert one["seconds"] > 0
    table = data[0]
    kept = read_split(tmp_path)
    np.testing.assert_array_equal(kept["split"], table.columns["split"])
    np.testing.assert_array_equal(kept["event_id"], table.columns["event_id"])
    assert len(np.unique(kept["content"])) == 600


def test_equal_inputs_have_equal_content_whatever_their_kind_and_place():
    rng = np.random.default_rng(1)
    offsets = np.array([0, 3, 3, 6, 7, 10])
    values = rng.normal(size=(10, 2)).astype(np.float32)
    values[7:] = values[:3]
    index = np.array([4, 5, 6, 0, 1, 2, 3, 4, 5, 6], np.uint32)
    dense = rng.normal(size=(5, 3)).astype(np.float32)
    dense[4] = dense[0]
    dense[1] = 0
    parts = {
        "set": Ragged(offsets, values),
        "image": Sparse(offsets, index, values[:, 0].copy(), (1, 3, 3)),
        "vector": Dense(dense),
    }
    for some in ({key: parts[key]} for key in parts):
        found = content_of(some)
        assert found[4] == found[0]
        assert found[1] == 0  # nothing in it: equal to every other such
        assert len(np.unique(found)) == 4
    found = content_of(parts)
    assert found[4] == found[0]
    assert len(np.unique(found)) == 4
    turned = content_of({"set": Ragged(offsets, values[:, ::-1].copy())})
    assert turned[0] != content_of({"set": parts["set"]})[0]


def test_products_in_recurrent_layers_are_counted():
    spec = {"part": toy_spec("sequence")["part"]}
    for kind in (nn.LSTM, nn.GRU):
        layer = kind(spec["part"].shape[1], 7, batch_first=True, bidirectional=True)
        network = Network("part", _Last(layer))
        gates = 4 if kind is nn.LSTM else 3
        length, width = spec["part"].shape
        wanted = 2 * 2 * length * gates * 7 * (width + 7)
        assert flops(network, toy_inputs("sequence", 2), spec) == wanted


def test_operations_are_those_of_the_event_of_median_length():
    spec = toy_spec("set")
    counts = np.array([5, 0, 2, 1, 3])
    offsets = np.concatenate([[0], np.cumsum(counts)])
    values = np.ones((counts.sum(), spec["part"].width), np.float32)
    network = component("models", "particle_flow").from_spec(spec, 2)
    found = []
    for order in ([0, 1, 2, 3, 4], [1, 0, 4, 2, 3], [2]):
        inputs = {"part": Ragged(offsets, values).take(np.array(order))}
        found.append(flops(network, inputs, spec))
    assert found[0] == found[1] == found[2]  # always the jet of two
    assert found[0] > flops(network, {"part": Ragged(offsets, values).take(np.array([3]))}, spec)


class _Last(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, values):
        return self.layer(values)[0][:, -1]


def test_shuffled_labels_give_one_half_within_the_interval(data, tmp_path, rng):
    """The leak control of every entry: without labels there is nothing to learn."""
    table, inputs, measured = data
    columns = dict(table.columns)
    columns["target"] = rng.permutation(columns["target"])
    columns["sample"] = np.array(["a", "b"])[columns["target"]]
    study = resolve(CARD)
    for entry in study.entries:
        shuffled = Table(columns, table.classes)
        made = train_entry(study, entry, 1, tmp_path, shuffled, inputs, measured, progress=False)
        area = made.metrics["versus"]["rest"]["auc"]
        # 95 % of the time, and the seed is fixed: twice the 68 % interval
        spread = area["high"] - area["low"]
        assert abs(area["value"] - 0.5) < spread


def test_damaged_predictions_say_what_to_delete(data, tmp_path):
    study = resolve(CARD)
    train_entry(study, study.entries[1], 1, tmp_path, *data, progress=False)
    (tmp_path / "trees" / "1" / "predictions.parquet").write_bytes(b"PAR1")
    with pytest.raises(CorruptFileError, match=r"cannot be read, got .* Delete .*trees/1 and"):
        train_entry(study, study.entries[1], 1, tmp_path, *data, progress=False)


def test_options_and_task_come_from_the_card():
    study = resolve(CARD, changes=["entries.net.training={epoch: 3}"])
    with pytest.raises(CardError, match="training of net: no key 'epoch'. Did you mean 'epochs'"):
        options_of(study, study.entries[0])
    assert options_of(study, study.entries[1]).epochs == 3
    changes = ["observables=[diphoton_mass]", "training.decorrelate_from=diphoton_mas"]
    study = resolve(CARD, changes=changes)
    with pytest.raises(UnknownNameError, match="no 'diphoton_mas'. Did you mean 'diphoton_mass'"):
        options_of(study, study.entries[0])
    assert task_of(study).class_names == ("a", "b")

"""An entry that is done is not trained again, and a damaged one says what to delete."""

import numpy as np
import pytest

from hepvision.core.card import component
from hepvision.core.errors import CardError, CorruptFileError, UnknownNameError
from hepvision.core.inputs import Dense
from hepvision.studies.card import resolve
from hepvision.studies.entry import options_of, task_of, train_entry
from hepvision.studies.inputs import Table

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

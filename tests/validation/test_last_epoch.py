"""The last epoch of a row is judged on the events and by the measures of the row itself."""

from __future__ import annotations

import importlib
import types
from pathlib import Path
from typing import Any

import awkward as ak
import pytest

pytest.importorskip("torch")

from hepvision.events.store import Store
from toy_prongs import prongs, store_of

FOLDER = Path(__file__).parents[2] / "validation"
if not FOLDER.is_dir():
    pytest.skip("the validation is not beside the tests", allow_module_level=True)

ROW = types.SimpleNamespace(key="shapes-all-1", entry="shapes", seed=1)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Store]:
    """Events with a second, soft jet that the selection takes away."""
    folder, made = tmp_path_factory.mktemp("jets"), {}
    for key, count in (("top", 3), ("qcd", 1)):
        events = prongs(120, count, count)
        soft = ak.with_field(events.FatJet, 0.1 * events.FatJet.pt, "pt")
        events["FatJet"] = ak.concatenate([soft, events.FatJet], axis=1)
        made[key] = store_of(folder / key, events)
    return made


@pytest.fixture
def row(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, stores: dict[str, Store]
) -> tuple[Any, Any, dict[str, Any]]:
    """What judges the last epoch, the record, and what the row was judged with: one epoch."""
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    record = importlib.import_module("_record").Record(tmp_path / "page.json", {"version": 1})
    card = {
        "title": "Jets",
        "task": "classification",
        "seeds": [1],
        "samples": {key: {"store": str(store.path)} for key, store in stores.items()},
        "select": ["FatJet = FatJet[FatJet.pt > 300]", "num(FatJet) == 1"],
        "split": {"validation": 0.2, "test": 0.4},
        "observables": ["fatjet_mass"],
        "representations": {
            "shapes": {"name": "event_features", "features": ["FatJet[:, 0].mass"]}
        },
        "entries": [{"name": "shapes", "uses": ["shapes"], "model": {"name": "mlp"}}],
        "training": {"epochs": 1, "threads": 1, "learning_rate": 0.03},
    }
    made = record.trained(ROW, card, progress=False)
    return importlib.import_module("_last_epoch").last_epoch, record, made.metrics


def test_a_single_epoch_is_the_last_one_and_gives_the_rows_own_measures(
    row: Any, stores: dict[str, Store]
) -> None:
    last_epoch, record, metrics = row
    found = last_epoch(record, ROW, stores, "fatjet_mass")
    assert found["epoch"] == 1
    assert set(found["versus"]) == set(found["distance"]) == {"rest", "qcd"}
    want = metrics["versus"]["rest"]["auc"]["value"]
    assert found["versus"]["rest"]["value"] == pytest.approx(want, abs=1e-6)


def test_events_that_the_row_was_not_judged_on_are_refused(
    row: Any, tmp_path: Path, stores: dict[str, Store]
) -> None:
    last_epoch, record, _ = row
    other = store_of(tmp_path / "other", prongs(120, 9, 1))
    with pytest.raises(ValueError, match="shapes-all-1: the bundle must give its own scores"):
        last_epoch(record, ROW, {**stores, "qcd": other}, "fatjet_mass")


def test_without_checkpoints_there_is_nothing(row: Any, stores: dict[str, Store]) -> None:
    last_epoch, record, _ = row
    for file in (record.home / "rows").rglob("*.ckpt"):
        file.unlink()
    assert last_epoch(record, ROW, stores, "fatjet_mass") == {}

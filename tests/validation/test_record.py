"""What is done is kept, whoever adds to it, and begins anew with what decides it."""

from __future__ import annotations

import argparse
import importlib
import types
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

FOLDER = Path(__file__).parents[2] / "validation"
if not FOLDER.is_dir():
    pytest.skip("the validation is not beside the tests", allow_module_level=True)


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.syspath_prepend(str(FOLDER))
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    return importlib.import_module("_record")


def test_a_row_is_made_by_one_process_at_a_time(module: Any, tmp_path: Path) -> None:
    kept = module.Record(tmp_path / "page.json", {"version": 1})
    trees = "trees-all-1"
    with kept.claimed(trees) as one, kept.claimed(trees) as two, kept.claimed("cuts") as other:
        assert (one, two, other) == (True, False, True)
    with kept.claimed(trees) as again:
        assert again


def test_the_record_keeps_what_others_added(module: Any, tmp_path: Path) -> None:
    kept = module.Record(tmp_path / "page.json", {"version": 1}, ("pairs",))
    kept.update(lambda done: done["rows"].update(one=1))
    kept.update(lambda done: done["rows"].update(two=2))
    assert kept.read() == {"version": 1, "pairs": {}, "rows": {"one": 1, "two": 2}}


def test_another_version_begins_anew(module: Any, tmp_path: Path) -> None:
    first, second = (
        module.Record(tmp_path / "page.json", {"version": 1, "events": events})
        for events in (100, 200)
    )
    first.update(lambda done: done["rows"].update(one=1))
    assert second.read()["rows"] == {}
    assert first.home != second.home


def test_rows_are_made_once_and_the_page_is_written(module: Any, tmp_path: Path) -> None:
    kept = module.Record(tmp_path / "page.json", {"version": 1})
    rows = [types.SimpleNamespace(key=key) for key in ("cuts-1", "trees-1", "trees-2")]
    made: list[str] = []

    def make(row: Any) -> None:
        made.append(row.key)
        kept.update(lambda done: done["rows"].update({row.key: 1}))

    def page(done: Any) -> list[str]:
        return list(done["rows"])

    given = argparse.Namespace(out=tmp_path / "page.md", only="trees", minutes=1.0, page=False)
    for _ in range(2):
        module.each_row(rows, kept, given, make, page)
    with kept.claimed("cuts-1"):  # another process is at it
        given.only = ""
        module.each_row(rows, kept, given, make, page)
    assert made == ["trees-1", "trees-2"]
    assert given.out.read_text() == "trees-1\ntrees-2\n"
    given.minutes = 0.0
    module.each_row(rows, kept, given, make, page)
    assert made == ["trees-1", "trees-2"]


def test_what_a_row_said_of_each_event_is_kept_beside_the_script(
    module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = module.Record(tmp_path / "page.json", {"version": 1}, said=("score_top",))
    row = types.SimpleNamespace(key="trees-1", entry="trees", seed=1)

    def run(card: Any, folder: Path) -> Any:
        made = folder / "trees" / "1"
        made.mkdir(parents=True)
        columns = {
            "event_id": pa.array([3, 1, 2, 0], pa.uint64()),
            "split": pa.array([2, 2, 1, 0], pa.int8()),
            "sample": ["top", "qcd", "top", "qcd"],
            "score_top": [0.1, 0.2, 0.3, 0.4],
        }
        pq.write_table(pa.table(columns), made / "predictions.parquet")
        (folder / "timing.json").write_text('{"trees": {"1": {}}}')
        metrics = {"entries": {"trees": {"1": {}}}}
        return types.SimpleNamespace(folder=folder, metrics=metrics)

    with pytest.raises(FileNotFoundError, match="another machine has. Take the row out of page"):
        kept.predictions(row, 2, "score_top")
    monkeypatch.setattr(module, "run", run)
    kept.trained(row, {})
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "another"))  # of another machine
    found = kept.predictions(row, 2, "score_top")
    assert list(found["event_id"]) == [1, 3]
    assert list(found["sample"]) == ["qcd", "top"]
    np.testing.assert_allclose(found["score_top"], [0.2, 0.1], rtol=1e-6)

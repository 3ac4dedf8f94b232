"""Scoring goes on where it was stopped, gives the same in several processes, and stays small."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from hepvision.core.errors import CorruptFileError
from hepvision.deploy import _scorer
from hepvision.deploy._scorer import Scorer
from hepvision.deploy.predict import predict
from hepvision.events.store import write_store
from hepvision.models.mlp import Mlp
from toy_bundle import toy_bundle
from toy_events import toy_events
from toy_reader import toy_file, toy_reader

#: What scores 30 events in pieces of 7.
PIECES = 5


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(_scorer, "STORE_PIECE", 7)
    toy_bundle(tmp_path / "bundle")
    write_store(tmp_path / "store", toy_events(30))
    return tmp_path


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[int]]:
    """Numbers of the pieces that are scored; Ctrl-C comes after so many."""
    whole = Scorer.stream
    made: list[int] = []

    def begin(most: int = 99) -> list[int]:
        made.clear()

        def stream(self: Scorer, task: Any) -> Iterator[Any]:
            for one in whole(self, task):
                yield one
                made.append(one.number)
                if len(made) == most:
                    raise KeyboardInterrupt

        monkeypatch.setattr(Scorer, "stream", stream)
        return made

    return begin


def parts(place: Path) -> list[Path]:
    return sorted((place / ".scores.parquet.parts").glob("*"))


def test_what_was_stopped_goes_on(place: Path, counted: Callable[..., list[int]]) -> None:
    whole = predict(place / "bundle", place / "store", place / "whole.parquet")
    made = counted(2)
    with pytest.raises(KeyboardInterrupt):
        predict(place / "bundle", place / "store", place / "scores.parquet")
    assert len(parts(place)) == len(made) == 2
    assert not (place / "scores.parquet").exists()
    parts(place)[0].write_bytes(b"PAR1 cut short")
    made = counted()
    again = predict(place / "bundle", place / "store", place / "scores.parquet")
    assert made == [0, 2, 3, 4]
    assert again.flow.as_dict() == whole.flow.as_dict()
    assert again.table.equals(whole.table)
    assert not (place / ".scores.parquet.parts").exists()


def test_parts_of_other_weights_or_events_are_not_taken(
    place: Path, counted: Callable[..., list[int]]
) -> None:
    for change in ("bundle", "store"):
        counted(2)
        with pytest.raises(KeyboardInterrupt):
            predict(place / "bundle", place / "store", place / "scores.parquet")
        shutil.rmtree(place / change)
        if change == "bundle":
            toy_bundle(place / "bundle")  # with other first weights
        else:
            write_store(place / "store", toy_events(30, 3))
        made = counted()
        predict(place / "bundle", place / "store", place / "scores.parquet")
        assert made == list(range(PIECES))


def test_several_processes_give_the_same_file(place: Path) -> None:
    one = predict(place / "bundle", [place / "store", place / "store"], place / "one.parquet")
    two = predict(
        place / "bundle", [place / "store", place / "store"], place / "two.parquet", workers=2
    )
    assert one.table.equals(two.table)
    assert (place / "one.parquet").read_bytes() == (place / "two.parquet").read_bytes()
    assert one.read == two.read == 60


def test_a_file_of_a_format_of_ones_own(place: Path, counted: Callable[..., list[int]]) -> None:
    mine = place / "events.lines"
    toy_file(mine, [[n, 20.0 + n, 30.0] for n in range(8)])
    own = [toy_reader(place)]
    whole = predict(place / "bundle", mine, components=own)
    assert (whole.read, whole.passed) == (8, 8)
    counted(1)
    with pytest.raises(KeyboardInterrupt):
        predict(place / "bundle", mine, place / "scores.parquet", components=own)
    made = counted()
    again = predict(place / "bundle", mine, place / "scores.parquet", components=own)
    assert made == [1, 2]
    assert again.table.equals(whole.table)


def test_a_failure_at_once_leaves_nothing(place: Path) -> None:
    (place / "broken.ig").write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(CorruptFileError):
        predict(place / "bundle", place / "broken.ig", place / "scores.parquet")
    assert sorted(one.name for one in place.iterdir()) == ["broken.ig", "bundle", "store"]


def test_a_full_disk_keeps_what_is_there(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write, written = pq.write_table, []

    def full(*given: Any, **more: Any) -> None:
        written.append(1)
        if len(written) > 2:
            raise OSError(28, "No space left on device")
        write(*given, **more)

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(OSError, match="a full disk. Free some and run the same command again"):
        predict(place / "bundle", place / "store", place / "scores.parquet")
    assert len(parts(place)) == 2


def test_what_is_written_is_not_held_in_memory(place: Path) -> None:
    made = predict(place / "bundle", place / "store", place / "scores.parquet")
    assert made.held is None
    file = pq.ParquetFile(place / "scores.parquet")
    assert file.num_row_groups == PIECES
    assert made.table.num_rows == file.metadata.num_rows == made.passed


def test_the_bundle_may_be_given_itself(place: Path) -> None:
    from hepvision.deploy.bundle import load_bundle

    bundle = load_bundle(place / "bundle")
    assert isinstance(bundle.architecture, Mlp)
    in_memory = predict(bundle, place / "store")
    on_disk = predict(bundle, place / "store", place / "scores.parquet")
    assert in_memory.table.equals(on_disk.table)

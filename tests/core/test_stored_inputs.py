"""Inputs go to disk and come back as they were, whole or some rows at a time."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from hepvision.core import stored_inputs as module
from hepvision.core.errors import CorruptFileError
from hepvision.core.inputs import Dense, Inputs, PartSpec, Ragged, Sparse, concatenate, taken
from hepvision.core.stored_inputs import (
    bytes_of,
    is_stored,
    loaded,
    stored_inputs,
    write_inputs,
)
from toy_inputs import toy_inputs, toy_spec

KINDS = ("image", "set", "vector")
#: Names as studies give them.
SPEC = {f"a.{kind}": toy_spec(kind, kind)[kind] for kind in KINDS}


def toys(number: int, seed: int = 1) -> Inputs:
    return {f"a.{kind}": toy_inputs(kind, number, seed, kind)[kind] for kind in KINDS}


def equal(one: Inputs, other: Inputs) -> None:
    assert one.keys() == other.keys()
    for name, part in one.items():
        assert type(part) is type(other[name])
        for key, value in vars(part).items():
            np.testing.assert_array_equal(value, getattr(other[name], key))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROW_GROUP", 8)


@pytest.mark.usefixtures("small")
def test_pieces_of_any_length_become_row_groups_of_one(tmp_path: Path) -> None:
    pieces = [toys(number, number) for number in (3, 20, 8, 1)]
    assert write_inputs(tmp_path / "x.parquet", pieces) == 32
    found = stored_inputs(tmp_path / "x.parquet", SPEC)
    assert found is not None and is_stored(found)
    assert found["a.set"].starts.tolist() == [0, 8, 16, 24, 32]  # type: ignore[union-attr]
    whole = loaded(found)
    assert not is_stored(whole)
    equal(whole, concatenate(pieces))
    # what is told before anything is read; headers weigh in row groups this small
    assert 0.8 < bytes_of(found) / bytes_of(whole) < 1.5
    rows = np.random.default_rng(1).permutation(32)[:20]
    for some in (rows, np.sort(rows), rows[:1], rows[:0], np.array([5, 5, 31, 5])):
        equal(taken(found, some), taken(whole, some))


@pytest.mark.parametrize(
    "part",
    [
        Dense(np.arange(12, dtype=np.float32).reshape(3, 2, 2)),
        Ragged(np.array([0, 2, 2, 3]), np.arange(6, dtype=np.float32).reshape(3, 2)),
        Sparse(
            np.array([0, 1, 1, 3]),
            np.array([3, 1, 0], np.uint32),
            np.array([1, 2, 3], np.float32),
            (1, 2, 2),
        ),
    ],
)
def test_every_kind_of_part_goes_through_parquet(
    part: Dense | Ragged | Sparse, tmp_path: Path
) -> None:
    path = tmp_path / "part.parquet"
    write_inputs(path, [{"x": part}])
    kind, shape = {
        "Dense": ("graph", (2, 2)),
        "Ragged": ("set", (5, 2)),
        "Sparse": ("image", (1, 2, 2)),
    }[type(part).__name__]
    names = ("a", "b")[: shape[0] if kind == "image" else 2]
    spec = {"x": PartSpec(kind, shape, names, ("",) * len(names), (1.0,) * len(names))}  # type: ignore[arg-type]
    found = stored_inputs(path, spec)
    assert found is not None
    equal(loaded(found), {"x": part})


def test_what_is_damaged_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    assert stored_inputs(path, SPEC) is None
    path.write_bytes(b"PAR1 and nothing else")
    assert stored_inputs(path, SPEC) is None
    write_inputs(path, [toys(500)])
    assert stored_inputs(path, toy_spec("vector")) is None
    content = bytearray(path.read_bytes())
    content[100:2000] = bytes(1900)
    path.write_bytes(content)
    found = stored_inputs(path, SPEC)
    assert found is not None
    with pytest.raises(CorruptFileError, match=r"x\.parquet: is damaged\. Delete it"):
        loaded(found)


def test_pixels_beyond_the_image_are_damage(tmp_path: Path) -> None:
    """They would be written out of bounds."""
    index, value = np.array([480 * 2], np.uint32), np.ones(1, np.float32)
    write_inputs(
        tmp_path / "x.parquet", [{"part": Sparse(np.array([0, 1]), index, value, (2, 20, 24))}]
    )
    found = stored_inputs(tmp_path / "x.parquet", toy_spec("image"))
    assert found is not None
    with pytest.raises(CorruptFileError, match="is damaged"):
        loaded(found)


def test_an_interruption_leaves_no_file_and_says_nothing(tmp_path: Path) -> None:
    def pieces() -> Iterator[Inputs]:
        yield {"x": Dense(np.zeros((5, 2), np.float32))}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_inputs(tmp_path / "x.parquet", pieces())
    gc.collect()  # a writer that is not closed would write into the closed file, and fail
    assert not list(tmp_path.iterdir())

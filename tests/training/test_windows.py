"""What does not fit into memory is read a window at a time, and trained as if it did."""

from __future__ import annotations

import gc
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from hepvision.core import stored_inputs as module
from hepvision.core.inputs import Inputs
from hepvision.core.stored_inputs import bytes_of, loaded, stored_inputs, write_inputs
from hepvision.models.layers.batches import Buffers
from hepvision.training import fit as fit_module
from hepvision.training.data import Dealer, epoch_rows
from hepvision.training.fit import fit, new_network
from hepvision.training.options import Options
from hepvision.training.turns import Turns
from hepvision.training.windows import Windows, windows_of
from toy_inputs import toy_inputs, toy_spec
from training.interrupted import Signalled
from training.test_fit import MLP, NUMBER, SPLIT, TASK, same, sample


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROW_GROUP", 8)


def stored(folder: Path, kind: str, number: int = NUMBER, seed: int = 5) -> Inputs:
    path = folder / f"{kind}-{number}.parquet"
    write_inputs(path, [toy_inputs(kind, number, seed)])
    found = stored_inputs(path, toy_spec(kind))
    assert found is not None
    return found


def dealt(windows: Windows | None, inputs: Inputs, rows: np.ndarray, kind: str, **more: Any) -> Any:
    spec = toy_spec(kind)
    target = {"row": np.arange(NUMBER)}
    dealer = Dealer(
        Buffers(spec, 7), inputs, target, np.ones(NUMBER), rows, 7, windows=windows, **more
    )
    found = []
    for batch in dealer:
        if batch is not None:
            values = batch.inputs["part"]
            both = values if isinstance(values, tuple) else (values,)
            found.append((batch.target["row"].numpy(), *(one.numpy().copy() for one in both)))
    return found


def equal(one: Any, other: Any) -> None:
    assert len(one) == len(other)
    for mine, theirs in zip(one, other, strict=True):
        for a, b in zip(mine, theirs, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("kind", ["image", "set", "vector"])
@pytest.mark.parametrize("memory", [1, 4 * 3000, 10**9])
def test_batches_are_those_of_the_same_rows_in_memory(
    kind: str, memory: int, tmp_path: Path
) -> None:
    """Whatever a window holds, down to one row group, and wherever an epoch goes on."""
    found = stored(tmp_path, kind)
    windows = Windows(found, memory)
    turns = Turns(toy_spec(kind), 1, 2) if kind == "image" else None
    rows = epoch_rows(np.flatnonzero(SPLIT != 1), None, 1, 0)
    order = windows.ordered(rows, 1, 0)
    assert sorted(order) == sorted(rows)
    assert (windows.number == 1) == (memory == 10**9) == np.array_equal(order, rows)
    whole = dealt(None, loaded(found), order, kind, turns=turns)
    for done in (0, 1, 4, len(whole)):
        equal(dealt(windows, {}, order, kind, turns=turns, done=done), whole[done:])


def test_the_order_is_of_seed_and_epoch_and_mixes(tmp_path: Path) -> None:
    windows = Windows(stored(tmp_path, "vector"), 4 * 800)
    assert 2 < windows.number < 8
    rows = epoch_rows(np.arange(NUMBER), None, 1, 0)
    first = windows.ordered(rows, 1, 0)
    np.testing.assert_array_equal(first, windows.ordered(rows, 1, 0))
    others = [windows.ordered(rows, 2, 0), windows.ordered(rows, 1, 1)]
    assert not any(np.array_equal(first, other) for other in others)
    each = windows.described[1]
    size = 8 * each
    groups = [set(first[k : k + size] // 8) for k in range(0, NUMBER - 2 * size, size)]
    assert all(len(one) <= each + 1 for one in groups)
    assert (np.diff(first[:size]) < 0).any()


def trained(inputs: Inputs, memory: int, folder: Path | None = None, task: Any = TASK) -> Any:
    _, target, weight = sample()
    spec = toy_spec("vector")
    options = Options(epochs=3, batch=7, threads=1, precision="float32", memory=memory, patience=0)
    network = new_network(MLP, spec, 2, 3)
    return fit(network, task, spec, inputs, target, weight, SPLIT, options, seed=3, folder=folder)


def test_it_is_used_where_inputs_are_larger_than_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In one window the training is that of inputs in memory; in several it goes on the same."""
    inputs = stored(tmp_path, "vector")
    whole = trained(loaded(inputs), 10**9)
    assert same(trained(inputs, 10**9), whole)
    with monkeypatch.context() as patch:
        patch.setattr(fit_module, "loaded", None)
        patch.setattr(fit_module, "windows_of", lambda parts, _: Windows(parts, 10**9))
        assert same(trained(inputs, 1), whole)
    windowed = trained(inputs, bytes_of(inputs) - 1, task=Signalled())
    assert windows_of(inputs, bytes_of(inputs) - 1).number > 2  # type: ignore[union-attr]
    assert not same(windowed, whole)
    monkeypatch.setattr(Signalled, "left", 13)
    with pytest.raises(KeyboardInterrupt):
        trained(inputs, bytes_of(inputs) - 1, tmp_path / "kept", Signalled())
    assert same(trained(inputs, bytes_of(inputs) - 1, tmp_path / "kept", Signalled()), windowed)


def test_memory_stays_flat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times the examples take no more memory; those of the first would not have fitted."""
    monkeypatch.setattr(module, "ROW_GROUP", 64)
    limit, peaks = 400_000, []
    for number in (2_000, 8_000):
        inputs = stored(tmp_path, "image", number)
        assert bytes_of(inputs) > 1.5 * limit * (number / 8_000)
        windows = Windows(inputs, limit)
        assert windows.number > 1
        order = windows.ordered(epoch_rows(np.arange(number), None, 1, 0), 1, 0)
        gc.collect()
        arrow = pa.default_memory_pool().bytes_allocated()
        tracemalloc.start()
        for _, _, _ in windows.batches(order, 32):
            assert pa.default_memory_pool().bytes_allocated() - arrow < limit
        peaks.append(tracemalloc.get_traced_memory()[1] - 40 * number)
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]
    assert max(peaks) < 1.5 * limit

"""Every way to get scores is timed in turns; what does not work here is left out with a reason."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hepvision.core.errors import SchemaError
from hepvision.core.inputs import PartSpec, Ragged
from hepvision.deploy import _bench_runners, bench
from hepvision.deploy._bench_runners import random_inputs
from hepvision.deploy.bundle import Bundle, load_bundle
from hepvision.events.store import write_store
from hepvision.models.boosted_trees import BoostedTrees
from hepvision.representations._together import spec_of
from hepvision.representations.four_momenta import FourMomenta
from hepvision.tasks.classification import Classification
from toy_bundle import toy_bundle
from toy_events import toy_events


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def no_compiler(*given: object) -> None:
        raise RuntimeError("no compiler <g++>\nis here")

    monkeypatch.setattr(_bench_runners, "_compiled", no_compiler)  # it takes a minute
    toy_bundle(tmp_path / "bundle")
    write_store(tmp_path / "store", toy_events(80, photons=2))
    return tmp_path


def test_all_ways_are_timed_and_the_page_shows_them(folder: Path) -> None:
    made = bench.bench(
        folder / "bundle",
        folder / "speed.html",
        events=folder / "store",
        batches=(1, 4),
        threads=(1,),
        seconds=0.001,
        progress=False,
    )
    ways = {
        "PyTorch",
        "ONNX Runtime",
        "pre-processing alone",
        "PyTorch with pre-processing",
    }
    found = {one.runner for one in made.timings}
    assert ways <= found <= ways | {"ONNX Runtime, int8"}
    assert made.left_out["PyTorch compiled"] == "no compiler <g++> is here"
    for one in made.timings:
        assert 0 < one.p50 <= one.p99 and one.calls >= bench.FEW
        assert one.rate == pytest.approx(one.batch / one.p50)
    assert {one.batch for one in made.timings} == {1, 4}
    page = (folder / "speed.html").read_text()
    assert page.count("<img") == 1 and "no compiler &lt;g++&gt; is here" in page
    assert "PyTorch with pre-processing" in repr(made)
    assert "mlp" in made.about and "store" in made.about


def test_without_events_inputs_are_random(folder: Path) -> None:
    made = bench.bench(
        load_bundle(folder / "bundle"), batches=(2,), threads=(1,), seconds=0.001, progress=False
    )
    assert {one.runner for one in made.timings} == {"PyTorch", "ONNX Runtime"}
    assert made.left_out["ONNX Runtime, int8"] == "needs --events to calibrate with"
    assert "random inputs" in made.about


def test_random_sets_are_full() -> None:
    jet = {"jet": PartSpec("set", (9, 2), ("pt", "eta"), ("GeV", ""), (1.0, 1.0))}
    found = random_inputs(jet, 4)["jet"]
    assert isinstance(found, Ragged)
    assert np.diff(found.offsets).tolist() == [9] * 4


def test_slow_ways_are_called_less_often() -> None:
    waits = iter([0.0] + [0.02] * 50)

    def slow() -> None:
        import time

        time.sleep(next(waits))

    times = bench._in_turns({"slow": slow, "fast": lambda: None}, 0.002)
    assert len(times["slow"]) == bench.FEW
    assert len(times["fast"]) >= bench.CALLS


@pytest.mark.parametrize("wrong", [{"batches": ()}, {"threads": (0,)}, {"seconds": 0.0}])
def test_numbers_that_cannot_be(folder: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        bench.bench(folder / "bundle", **wrong)  # type: ignore[arg-type]


def test_trees_are_refused() -> None:
    momenta, task = {"momenta": FourMomenta()}, Classification()
    trees = BoostedTrees().from_spec(spec_of(momenta), task.outputs)
    with pytest.raises(SchemaError, match="needs a network, got boosted_trees, a learner"):
        bench.bench(Bundle(trees, BoostedTrees(), momenta, task))


@pytest.mark.slow
def test_a_compiled_network_gives_its_scores(tmp_path: Path) -> None:
    bundle = load_bundle(toy_bundle(tmp_path / "bundle"))
    inputs = random_inputs(bundle.spec, 4)
    rows = np.arange(4)
    call = _bench_runners._compiled(bundle, inputs, 1)(rows)
    np.testing.assert_allclose(call().numpy(), bundle.scores_of(inputs), atol=1e-5)

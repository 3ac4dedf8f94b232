"""Exported files run in the oldest ONNX Runtime that they are promised for."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest

from contracts.test_every_onnx import CASES, TASK, network_of, wanted
from deploy.test_bundle import network_bundle
from hepvision.deploy._onnx_feeds import feeds
from hepvision.deploy._onnx_hit_feeds import hit_feeds
from hepvision.deploy.onnx import export, graph_of
from toy_events import toy_events
from toy_inputs import toy_inputs, toy_spec

OLDEST = "1.15.1"
#: Runs there, where hepvision is not: the largest difference of a score by file.
SCRIPT = """
import json, pathlib, sys
import numpy as np
import onnxruntime

found = {"version": onnxruntime.__version__}
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    for given in sorted(file.parent.glob(file.stem + ".*.npz")):
        feeds = dict(np.load(given))
        scores = feeds.pop("wanted")
        made = session.run(["scores"], feeds)[0]
        assert made.shape == scores.shape, (given, made.shape, scores.shape)
        found[given.stem] = float(np.abs(made - scores).max(initial=0))
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("oldest") / "venv"
    venv.create(folder, with_pip=True)
    made = folder / "bin" / "python"
    words = [made, "-m", "pip", "install", "-q", f"onnxruntime=={OLDEST}", "numpy<2"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"ONNX Runtime {OLDEST} cannot be installed for Python {sys.version[:4]}")
    return made


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_every_export_runs_there(python: Path, tmp_path: Path) -> None:
    for name, kind in CASES:
        network, spec = network_of(name, kind), toy_spec(kind)
        file = tmp_path / f"{name}-{kind}.onnx"
        file.write_bytes(graph_of(network, spec, TASK).SerializeToString())
        for number in (7, 1, 0):
            inputs = toy_inputs(kind, number)
            scores = wanted(network, inputs, kind)
            np.savez(file.with_suffix(f".{number}.npz"), wanted=scores, **feeds(inputs, spec))
    bundle, events = network_bundle(), toy_events(5, 3, photons=2)
    export(bundle, tmp_path / "hits.onnx", inputs="hits")
    for number in (5, 0):
        given = hit_feeds(bundle.representations["barrel"], events[:number])
        scores = bundle.scores(events[:number])
        np.savez(tmp_path / f"hits.{number}.npz", wanted=scores, **given)
    words = [python, "-c", SCRIPT, tmp_path]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.pop("version") == OLDEST
    assert len(found) == 3 * len(CASES) + 2
    assert max(found.values()) <= 1e-5, found

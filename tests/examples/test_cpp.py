"""The C++ program prints the scores that Python gives, from the same hits."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from hepvision.core.card import component
from hepvision.deploy.bundle import Bundle
from hepvision.deploy.onnx import export
from hepvision.deploy.predict import predict
from hepvision.events.store import write_store
from hepvision.representations._together import spec_of
from hepvision.representations.detector_image import DetectorImage
from hepvision.tasks.classification import Classification
from toy_events import toy_events

CPP = Path(__file__).parents[2] / "examples" / "cpp"
PLACES = [
    *filter(None, [os.environ.get("ONNXRUNTIME_INCLUDE")]),
    "/usr/include/onnxruntime",
    "/usr/local/include/onnxruntime",
]
TASK = Classification(("higgs", "diphoton", "jet"))


def bundle(**options: object) -> Bundle:
    """A network with random weights that looks at all that an image can show."""
    image = DetectorImage(**options)  # type: ignore[arg-type]
    representations = {"image": image.measured([toy_events(5, photons=2)])}
    torch.manual_seed(3)
    sizes = component("models", {"name": "resnet15", "maps": [2, 4], "blocks": 1})
    network = sizes.from_spec(spec_of(representations), 3)
    return Bundle(network, sizes, representations, TASK, select=("num(Photon) == 2",))


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    headers = [Path(one) for one in PLACES if (Path(one) / "onnxruntime_c_api.h").is_file()]
    if not headers or shutil.which("g++") is None:
        pytest.skip("no g++ or no headers of ONNX Runtime: set ONNXRUNTIME_INCLUDE")
    library = next((Path(onnxruntime.__file__).parent / "capi").glob("libonnxruntime.so.*"), None)
    if library is None:
        pytest.skip("the package of ONNX Runtime has no library to link with")
    folder = tmp_path_factory.mktemp("cpp")
    made, named = folder / "score_hits", folder / "libonnxruntime.so.1"
    named.symlink_to(library)
    words = ["g++", "-std=c++17", "-O1", "-Wall", "-Wextra", "-Werror", "-pedantic"]
    words += ["-isystem", str(headers[0]), str(CPP / "score_hits.cpp"), str(named)]
    done = subprocess.run(
        [*words, f"-Wl,-rpath,{folder}", "-o", str(made)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return made


def run(program: Path, model: Path, hits: str) -> subprocess.CompletedProcess[str]:
    words = [str(program), str(model)]
    return subprocess.run(words, input=hits, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "options",
    [
        {"layers": ("tracks", "ecal", "hcal"), "divide_by": "diphoton_mass"},
        {
            "layers": ("ecal", "hcal"),
            "region": "hcal_centric",
            "divide_by": None,
            "without_photons": 3,
        },
    ],
)
def test_the_scores_are_those_of_python(
    program: Path, tmp_path: Path, options: dict[str, object]
) -> None:
    write_store(tmp_path / "store", toy_events(150, 4, photons=2))
    model = export(bundle(**options), tmp_path / "model.onnx", inputs="hits").path
    words = [sys.executable, str(CPP / "write_hits.py"), str(tmp_path / "store"), str(model)]
    hits = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    table = predict(bundle(**options), tmp_path / "store", progress=False).table
    done = run(program, model, hits)
    assert done.returncode == 0, done.stderr
    head, *lines = done.stdout.splitlines()
    assert head.endswith('scores of ["higgs", "diphoton", "jet"]')
    found = np.array([line.split() for line in lines], float)
    # more events than are scored together
    assert len(found) == len(table) > 64
    for column, name in enumerate(("run", "luminosityBlock", "event")):
        np.testing.assert_array_equal(found[:, column], table[name])
    scores = np.stack([table[f"score_{name}"] for name in TASK.class_names], axis=1)
    np.testing.assert_allclose(found[:, 3:], scores, rtol=0, atol=1e-5)
    assert scores.std(axis=0).max() > 1e-4


def test_no_hits_no_events_and_what_is_no_input(program: Path, tmp_path: Path) -> None:
    model = export(
        bundle(layers=("tracks", "ecal"), divide_by=None), tmp_path / "model.onnx", inputs="hits"
    ).path
    none = run(program, model, "")
    assert none.returncode == 0 and len(none.stdout.splitlines()) == 1
    empty = run(program, model, "event 1 2 3\nevent 1 2 4\nHcalHit 1 1 5e5\n")
    first, second = (line.split()[3:] for line in empty.stdout.splitlines()[1:])
    assert first == second and sum(map(float, first)) == pytest.approx(1, abs=1e-6)
    # a channel that does not exist is drawn nowhere
    nowhere = run(program, model, "event 1 2 3\nEcalBarrelHit 99 400 5e5\n")
    assert nowhere.stdout.splitlines()[1].split()[3:] == first
    lit = run(program, model, "event 1 2 3\nEcalBarrelHit 1 1 5e5\n")
    assert lit.stdout.splitlines()[1].split()[3:] != first


@pytest.mark.parametrize(
    ("hits", "said"),
    [
        ("EcalBarrelHit 1 1 5.0\n", "line 1: EcalBarrelHit stands before the first event"),
        ("event 1 2\n", "line 1: event needs run, luminosity block and event"),
        (
            "event 1 2 3\n\nEcalBarrelHit 1 5.0\n",
            'line 3: EcalBarrelHit needs a whole number, got "5.0"',
        ),
        ("event 1 2 3\nEcalBarrelHit 1 1\n", 'line 2: EcalBarrelHit needs a number, got ""'),
        ("event 1 2 3\nEcalBarrelHit 1 1 2 5\n", 'line 2: EcalBarrelHit needs no "5"'),
    ],
)
def test_lines_that_say_nothing(program: Path, tmp_path: Path, hits: str, said: str) -> None:
    model = export(bundle(layers=("ecal",)), tmp_path / "model.onnx", inputs="hits").path
    done = run(program, model, hits)
    assert done.returncode == 2 and done.stderr == f"score_hits: {said}\n"


def test_models_that_cannot_be_used(program: Path, tmp_path: Path) -> None:
    dense = export(bundle(layers=("ecal",)), tmp_path / "dense.onnx").path
    done = run(program, dense, "")
    assert done.returncode == 2 and "must take hits. Export it with --inputs hits." in done.stderr
    done = run(program, tmp_path / "none.onnx", "")
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    model = export(bundle(layers=("ecal",)), tmp_path / "model.onnx", inputs="hits").path
    (tmp_path / "model.EcalBarrelHit.csv").unlink()
    assert "no such table. Keep it beside the model." in run(program, model, "").stderr

"""A bundle as an ONNX file: the same scores, and all that a user of the file must know."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from deploy.test_bundle import TASK, network_bundle, trees_bundle
from hepvision.core.card import component
from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.deploy._onnx_feeds import feeds
from hepvision.deploy._onnx_metadata import read_metadata
from hepvision.deploy._onnx_trace import score_kind
from hepvision.deploy.bundle import Bundle, load_bundle, save_bundle
from hepvision.deploy.onnx import export
from hepvision.representations._together import spec_of
from hepvision.representations.four_momenta import FourMomenta
from hepvision.representations.particles import Particles
from toy_bundle import toy_bundle
from toy_events import toy_events
from toy_jets import jets_of


def session_of(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def test_images(tmp_path: Path) -> None:
    bundle, events = network_bundle(), toy_events(4, 3, photons=2)
    made = export(bundle, tmp_path / "model.onnx")
    session = session_of(made.path)
    found = session.run(None, feeds(bundle.inputs(events), bundle.spec))[0]
    np.testing.assert_allclose(found, bundle.scores(events), rtol=0, atol=1e-5)
    none = session.run(None, {"barrel.image": np.zeros((0, 1, 170, 360), np.float32)})[0]
    assert none.shape == (0, 3)
    assert [one.name for one in session.get_outputs()] == ["scores"]
    assert repr(made).splitlines()[1].startswith("  barrel.image: image (batch, 1, 170, 360): ecal")
    assert [one.name for one in tmp_path.iterdir()] == ["model.onnx"]
    told = read_metadata(session.get_modelmeta().custom_metadata_map, "model.onnx")
    assert told["classes"] == ["higgs", "diphoton", "jet"]
    assert told["working_points"] == {"rest": {"0.1": 0.7}}
    assert told["select"] == ["num(Photon) == 2"]
    assert told["spec"]["barrel.image"]["units"] == ["GeV/diphoton_mass"]
    assert told["representations"]["barrel"]["scale"] == list(
        bundle.representations["barrel"].scale
    )


def test_jets_of_any_length(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    counts = (5, 1, 0, 30)
    jets = jets_of(
        *({"pt": rng.random(n), "eta": rng.random(n), "phi": rng.random(n)} for n in counts)
    )
    representations = {"jet": Particles(most=20, parts=("features",), kind="sequence")}
    sizes = component("models", {"name": "recurrent", "state": 4, "layers": 1})
    network = sizes.from_spec(spec_of(representations), 3)
    bundle = load_bundle(
        save_bundle(tmp_path / "bundle", Bundle(network, sizes, representations, TASK))
    )
    path = export(tmp_path / "bundle", tmp_path / "model.onnx").path
    session, inputs = session_of(path), bundle.inputs(jets)
    for longest in (False, True):
        found = session.run(None, feeds(inputs, bundle.spec, longest=longest))[0]
        np.testing.assert_allclose(found, bundle.scores(jets), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"inputs": "hit"}, "inputs: no 'hit'."),
        ({"precision": "float16"}, "precision: no 'float16'."),
        ({"out": "model.pt"}, "must end in .onnx, got .pt"),
    ],
)
def test_what_is_no_choice(tmp_path: Path, options: dict[str, str], said: str) -> None:
    out = tmp_path / options.pop("out", "model.onnx")
    with pytest.raises(ValueError, match=said) as caught:
        export(toy_bundle(tmp_path / "bundle"), out, **options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    assert not out.exists()


def test_learners_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be a network, got boosted_trees") as caught:
        export(trees_bundle(), tmp_path / "model.onnx")
    assert "hepvision predict" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_bundles_that_cannot_be_read(tmp_path: Path) -> None:
    file = toy_bundle(tmp_path / "bundle") / "manifest.json"
    whole = json.loads(file.read_text())
    file.write_text(json.dumps(whole | {"format": 2}))
    with pytest.raises(SchemaError, match="newer hepvision, format 2"):
        export(tmp_path / "bundle", tmp_path / "model.onnx")
    file.write_text(file.read_text()[:50])
    with pytest.raises(CorruptFileError, match="must be JSON"):
        export(tmp_path / "bundle", tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


def test_a_file_in_a_bundle_is_refused(tmp_path: Path) -> None:
    bundle = toy_bundle(tmp_path / "bundle")
    with pytest.raises(ValueError, match="must not lie in a bundle"):
        export(bundle, bundle / "model.onnx")


class _Odd:
    outputs = 2

    def __init__(self, power: float):
        self.power = power

    def scores(self, outputs: np.ndarray) -> np.ndarray:
        return np.abs(outputs) ** self.power


def test_scores_that_a_graph_cannot_say() -> None:
    assert score_kind(TASK) == "softmax"
    with pytest.raises(ValueError, match="scores must be softmax, sigmoid, identity"):
        score_kind(_Odd(2.0))


def test_metadata_of_others() -> None:
    with pytest.raises(CorruptFileError, match="another ONNX file"):
        read_metadata({"format": "1"}, "a.onnx")
    with pytest.raises(CorruptFileError, match="damaged"):
        read_metadata({"hepvision.format": "{"}, "a.onnx")
    with pytest.raises(SchemaError, match="newer hepvision, format 9"):
        read_metadata({"hepvision.format": "9"}, "a.onnx")


def test_a_network_in_training_stays_in_training(tmp_path: Path) -> None:
    momenta, sizes = {"momenta": FourMomenta()}, component("models", {"name": "mlp"})
    bundle = Bundle(sizes.from_spec(spec_of(momenta), 3), sizes, momenta, TASK)
    bundle.model.train()
    export(bundle, tmp_path / "model.onnx")
    assert bundle.model.training

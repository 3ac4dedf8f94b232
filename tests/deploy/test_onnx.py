"""A bundle as an ONNX file: the same scores, and all that a user of the file must know."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from deploy.test_bundle import TASK, network_bundle, trees_bundle
from hepvision.core.card import component
from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.core.inputs import Sparse
from hepvision.deploy._onnx_feeds import feeds
from hepvision.deploy._onnx_hit_feeds import hit_feeds
from hepvision.deploy._onnx_metadata import read_metadata
from hepvision.deploy._onnx_trace import score_kind
from hepvision.deploy.bundle import Bundle, load_bundle, save_bundle
from hepvision.deploy.onnx import Precision, export
from hepvision.events.store import write_store
from hepvision.models.layers.batches import outputs_of
from hepvision.representations._together import spec_of
from hepvision.representations.four_momenta import FourMomenta
from hepvision.representations.particles import Particles
from hepvision.tasks.classification import Classification
from toy_bundle import toy_bundle
from toy_events import toy_events
from toy_jets import jets_of

IMAGE = (1, 170, 360)


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


def test_hits(tmp_path: Path) -> None:
    """Pixels are drawn in the graph: a producer hands over hits."""
    bundle, events = network_bundle(), toy_events(5, 3, photons=2)
    made = export(bundle, tmp_path / "model.onnx", inputs="hits")
    session = session_of(made.path)
    image = bundle.representations["barrel"]
    found = session.run(None, hit_feeds(image, events))[0]
    np.testing.assert_allclose(found, bundle.scores(events), rtol=0, atol=1e-5)
    for few in (events[:1], events[:0]):
        found = session.run(None, hit_feeds(image, few))[0]
        np.testing.assert_allclose(found, bundle.scores(few), rtol=0, atol=1e-5)
    given = {name: one[:0] for name, one in hit_feeds(image, events).items()}
    given |= {"EcalBarrelHit.offsets": np.zeros(3, np.int64), "divide_by": np.ones(2)}
    blank = Sparse(np.zeros(3, np.int64), np.zeros(0, np.uint32), np.zeros(0, np.float32), IMAGE)
    wanted = outputs_of(bundle.model, {"barrel.image": blank}, bundle.spec)
    np.testing.assert_allclose(session.run(None, given)[0], TASK.scores(wanted), rtol=0, atol=1e-5)
    (table,) = made.tables
    lines = table.read_text().splitlines()
    assert table.name == "model.EcalBarrelHit.csv"
    assert lines[0] == "index,ieta,iphi,eta,phi"
    assert [int(one) for one in lines[-1].split(",")[:3]] == [61199, 85, 360]
    assert len(lines) == 61201
    told = read_metadata(session.get_modelmeta().custom_metadata_map, "model.onnx")
    assert told["inputs"] == "hits"
    assert told["canvases"]["image"]["shape"] == [170, 360]


def test_hits_of_other_representations_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="hits needs detector_image of events alone, got four_mom"):
        export(toy_bundle(tmp_path / "bundle"), tmp_path / "model.onnx", inputs="hits")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Events of two classes, of which some are of each split."""
    folder = tmp_path_factory.mktemp("events") / "store"
    samples = ["higgs", "diphoton"] * 60
    write_store(folder, toy_events(120, 1, sample=samples, photons=2))
    return folder


def deep_bundle() -> Bundle:
    momenta, sizes = {"momenta": FourMomenta()}, component("models", {"name": "mlp"})
    torch.manual_seed(2)
    return Bundle(
        sizes.from_spec(spec_of(momenta), 2),
        sizes,
        momenta,
        Classification(("higgs", "diphoton")),
        working_points={"rest": {"at_signal_efficiency": {"0.5": 0.5}}},
    )


@pytest.mark.parametrize("precision", ["float32", "int8"])
def test_parity_is_reported(tmp_path: Path, store: Path, precision: Precision) -> None:
    made = export(deep_bundle(), tmp_path / "model.onnx", precision=precision, events=store)
    assert made.parity is not None
    assert 5 < made.parity.examples < 60
    assert list(made.parity.measures) == [
        "AUC against rest",
        "signal efficiency at signal efficiency 0.5, against rest",
        "background efficiency at signal efficiency 0.5, against rest",
    ]
    before, after = made.parity.measures["AUC against rest"]
    if precision == "float32":
        assert made.parity.largest < 1e-5
        assert after == pytest.approx(before, abs=1e-9)
    else:
        assert 1e-6 < made.parity.largest < 0.05
    assert "AUC against rest" in repr(made)
    model = onnx.load(made.path)
    kinds = [node.op_type for node in model.graph.node]
    assert ("QuantizeLinear" in kinds) == (precision == "int8")
    assert model.ir_version == 8
    assert {one.domain for one in model.opset_import} == {""}


def test_precisions_that_cannot_be_had(tmp_path: Path, store: Path) -> None:
    with pytest.raises(ValueError, match="int8 needs events of the training split"):
        export(deep_bundle(), tmp_path / "model.onnx", precision="int8")
    with pytest.raises(ValueError, match="int8 needs a layer between"):
        bundle = toy_bundle(tmp_path / "bundle")
        export(bundle, tmp_path / "model.onnx", precision="int8", events=store)
    with pytest.raises(ValueError, match="got bfloat16, which has none"):
        export(deep_bundle(), tmp_path / "model.onnx", precision="bfloat16")
    assert not (tmp_path / "model.onnx").exists()


def test_bfloat16_has_no_kernels_here() -> None:
    """Once it has, the refusal above must go."""
    kind, make = onnx.TensorProto.BFLOAT16, onnx.helper.make_tensor_value_info
    node = onnx.helper.make_node("Conv", ["x", "w"], ["y"])
    ends = [make(name, kind, [1, 1, 3, 3]) for name in ("x", "w")]
    graph = onnx.helper.make_graph([node], "g", ends, [make("y", kind, [1, 1, 1, 1])])
    model = onnx.helper.make_model(
        graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=8
    )
    with pytest.raises(Exception, match="(?i)bfloat16|implementation"):
        onnxruntime.InferenceSession(model.SerializeToString())


def test_events_without_the_test_split(tmp_path: Path) -> None:
    write_store(tmp_path / "store", toy_events(1, 1, photons=1))
    with pytest.raises(SchemaError, match="needs examples of the test split"):
        export(network_bundle(), tmp_path / "model.onnx", events=tmp_path / "store")

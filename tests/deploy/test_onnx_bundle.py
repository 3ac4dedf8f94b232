"""Events scored with an exported file get the scores of its bundle, without torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from deploy.test_bundle import network_bundle
from hepvision.core.card import component
from hepvision.core.errors import CorruptFileError, SchemaError, UnknownNameError
from hepvision.core.own import using
from hepvision.deploy._onnx_bundle import load_model, load_onnx
from hepvision.deploy.bundle import Bundle, save_bundle
from hepvision.deploy.onnx import export
from hepvision.deploy.predict import predict
from hepvision.events.store import write_store
from hepvision.models.mlp import Mlp
from hepvision.representations._together import spec_of
from hepvision.tasks.classification import Classification
from toy_events import toy_events

MINE = """
import dataclasses
import numpy as np
from hepvision.core.inputs import Dense, PartSpec


@dataclasses.dataclass(frozen=True)
class Mine:
    '''The number of photons.'''

    version = 1
    reads = ("Photon.pt",)
    citation = "mine"

    @property
    def spec(self):
        return {"count": PartSpec("vector", (1,), ("count",), ("",), (1.0,))}

    def measured(self, events):
        return self

    def __call__(self, examples):
        import awkward as ak
        count = ak.to_numpy(ak.num(examples["Photon"])).astype(np.float32)
        return {"count": Dense(count[:, None])}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("onnx")
    write_store(folder / "store", toy_events(40, 3))
    save_bundle(folder / "bundle", network_bundle())
    return folder


@pytest.mark.parametrize("inputs", ["dense", "hits"])
def test_the_table_is_that_of_the_bundle(place: Path, tmp_path: Path, inputs: str) -> None:
    file = export(place / "bundle", tmp_path / "model.onnx", inputs=inputs).path
    theirs, mine = (predict(one, place / "store", batch=7) for one in (place / "bundle", file))
    assert mine.flow.as_dict() == theirs.flow.as_dict()
    assert 3 < mine.passed < 37
    assert mine.table.schema == theirs.table.schema
    for name in theirs.table.column_names:
        one, other = mine.table[name], theirs.table[name]
        if name.startswith("score_"):
            np.testing.assert_allclose(one, other, rtol=0, atol=1e-5)
        else:
            assert one.equals(other)
    assert repr(load_model(file)) == (
        f"<ONNX file of resnet15 on barrel, {inputs} inputs: higgs / diphoton / jet>"
    )


def test_several_processes_give_the_same_file(place: Path, tmp_path: Path) -> None:
    file = export(place / "bundle", tmp_path / "model.onnx").path
    for name, workers in (("one", 1), ("two", 2)):
        predict(file, place / "store", tmp_path / f"{name}.parquet", threads=1, workers=workers)
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_torch_is_not_needed(place: Path, tmp_path: Path) -> None:
    file = export(place / "bundle", tmp_path / "model.onnx").path
    code = (
        "import sys\n"
        "from hepvision.deploy.predict import predict\n"
        f"print(predict({str(file)!r}, {str(place / 'store')!r}, progress=False).passed)\n"
        "assert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 3


def test_representations_of_ones_own_are_demanded(place: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    own = [f"{tmp_path / 'mine.py'}:Mine"]
    with using(own):
        representations = {"mine": component("representations", "mine")}
        network = Mlp(hidden=(4,)).from_spec(spec_of(representations), 2)
        task = Classification(("higgs", "jet"))
        made = Bundle(network, Mlp(hidden=(4,)), representations, task)
        file = export(made, tmp_path / "model.onnx").path
    with pytest.raises(UnknownNameError, match=r"needs mine\.py with SHA-256 .*--component"):
        predict(file, place / "store")
    assert predict(file, place / "store", components=own).passed == 40
    (tmp_path / "mine.py").write_text(MINE + "\n# other\n")
    with pytest.raises(SchemaError, match=r"needs mine\.py with SHA-256"):
        predict(file, place / "store", components=own)


def test_files_that_are_not_ours_or_damaged(place: Path, tmp_path: Path) -> None:
    file = export(place / "bundle", tmp_path / "model.onnx").path
    with pytest.raises(FileNotFoundError, match="no such file"):
        predict(tmp_path / "none.onnx", place / "store")
    (tmp_path / "cut.onnx").write_bytes(file.read_bytes()[:-900])
    with pytest.raises(CorruptFileError, match="cannot be loaded"):
        load_onnx(tmp_path / "cut.onnx")
    one = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])
    two = helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Neg", ["x"], ["y"])], "g", [one], [two])
    other = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 18)])
    onnx.save(other, tmp_path / "other.onnx")
    with pytest.raises(CorruptFileError, match="must be a file of hepvision export"):
        load_onnx(tmp_path / "other.onnx")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("representations", '{"barrel": {"name": "four_momenta", "version": 1}}'),
        ("representations", '["barrel"]'),
        ("task", "7"),
        ("classes", '["higgs"]'),
        ("spec", "{}"),
        ("inputs", '"pixels"'),
        ("model", "3"),
        ("select", "5"),
        ("components", "[1]"),
    ],
)
def test_metadata_that_were_changed(place: Path, tmp_path: Path, key: str, text: str) -> None:
    model = onnx.load(export(place / "bundle", tmp_path / "model.onnx").path)
    kept = {one.key: one.value for one in model.metadata_props} | {f"hepvision.{key}": text}
    helper.set_model_props(model, kept)
    onnx.save(model, tmp_path / "changed.onnx")
    with pytest.raises(CorruptFileError, match="metadata is damaged"):
        load_onnx(tmp_path / "changed.onnx")

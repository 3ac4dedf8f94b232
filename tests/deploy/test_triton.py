"""A model repository as the published protocol of Triton wants it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import onnx
import pytest

from deploy.test_bundle import TASK, network_bundle, trees_bundle
from hepvision.core.card import component
from hepvision.deploy.bundle import Bundle
from hepvision.deploy.triton import configuration, triton_repository
from hepvision.representations._together import spec_of
from hepvision.representations.particles import Particles

#: Fields of ``inference.ModelConfig`` and of its messages, as model_config.proto has them.
PROTOCOL: dict[str, dict[str, Any]] = {
    "": {
        "name": str,
        "platform": str,
        "backend": str,
        "max_batch_size": int,
        "input": "tensor",
        "output": "tensor",
        "dynamic_batching": "batching",
        "version_policy": "policy",
    },
    "tensor": {"name": str, "data_type": "enum", "dims": [int], "label_filename": str},
    "batching": {"preferred_batch_size": [int], "max_queue_delay_microseconds": int},
    "policy": {"latest": "latest"},
    "latest": {"num_versions": int},
}
TYPES = {"TYPE_BOOL", "TYPE_INT64", "TYPE_FP32", "TYPE_FP64"}
WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+|[A-Za-z_]\w*|[:{}\[\],]')


def parsed(words: list[str], message: str = "") -> dict[str, list[Any]]:
    """Protocol buffer text, every field checked for its name and type."""
    found: dict[str, list[Any]] = {}
    while words and words[0] != "}":
        name = words.pop(0)
        kind = PROTOCOL[message][name]
        if isinstance(kind, str) and kind != "enum":
            assert words.pop(0) == "{"
            found.setdefault(name, []).append(parsed(words, kind))
            assert words.pop(0) == "}"
            continue
        assert words.pop(0) == ":"
        word = words.pop(0)
        if isinstance(kind, list):
            assert word == "["
            numbers = []
            while word != "]":
                numbers.append(int(words.pop(0)))
                word = words.pop(0)
            found[name] = numbers
        elif kind == "enum":
            assert word in TYPES
            found[name] = [word]
        else:
            assert name not in found
            found[name] = [word[1:-1] if kind is str and word[0] == '"' else int(word)]
    return found


def configured(path: Path) -> dict[str, list[Any]]:
    text = path.read_text("utf-8")
    words = WORDS.findall(text)
    assert "".join(words) == re.sub(r"\s", "", text)
    made = parsed(words)
    assert not words
    return made


def test_the_parser_refuses_other_fields() -> None:
    with pytest.raises(KeyError):
        parsed(WORDS.findall('nam: "a"'))
    with pytest.raises(ValueError, match="abc"):
        parsed(WORDS.findall("max_batch_size: abc"))


def test_a_sequence(tmp_path: Path) -> None:
    representations = {"jet": Particles(most=20, parts=("features",), kind="sequence")}
    sizes = component("models", {"name": "particle_flow", "inside": [4], "outside": [4]})
    network = sizes.from_spec(spec_of(representations), 3)
    (tmp_path / "other").mkdir()
    made = triton_repository(Bundle(network, sizes, representations, TASK), tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["other", "particle_flow"]
    home = tmp_path / "particle_flow"
    assert made.path == home / "1" / "model.onnx"
    assert made.path.is_file()
    found = configured(home / "config.pbtxt")
    assert found["name"] == ["particle_flow"]
    assert found["max_batch_size"] == [64]
    assert found["dynamic_batching"][0]["preferred_batch_size"] == [16, 64]
    width = spec_of(representations)["jet.features"].width
    assert [(one["name"], one["data_type"], one["dims"]) for one in found["input"]] == [
        (["jet.features"], ["TYPE_FP32"], [-1, width]),
        (["jet.features.mask"], ["TYPE_BOOL"], [-1]),
    ]
    assert found["output"][0]["dims"] == [3]
    assert (home / "labels.txt").read_text().split() == ["higgs", "diphoton", "jet"]


def test_hits_are_not_put_together(tmp_path: Path) -> None:
    make, kinds = onnx.helper.make_tensor_value_info, onnx.TensorProto
    ends = [make("EcalBarrelHit.index", kinds.INT64, ["hits"]), make("w", kinds.DOUBLE, ["batch"])]
    graph = onnx.helper.make_graph([], "g", ends, [make("scores", kinds.FLOAT, ["b", 2])])
    file = tmp_path / "config.pbtxt"
    file.write_text(configuration("n", graph, ("s", "b"), batched=False), "utf-8")
    found = configured(file)
    assert found["max_batch_size"] == [0]
    assert "dynamic_batching" not in found
    assert [one["dims"] for one in found["input"]] == [[-1], [-1]]
    assert found["input"][1]["data_type"] == ["TYPE_FP64"]
    assert found["output"][0]["dims"] == [-1, 2]


def test_nothing_is_left_of_what_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must be a network, got boosted_trees"):
        triton_repository(trees_bundle(), tmp_path)
    with pytest.raises(ValueError, match="int8 needs events"):
        triton_repository(network_bundle(), tmp_path, precision="int8")
    assert list(tmp_path.iterdir()) == []

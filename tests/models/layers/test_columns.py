"""Networks find columns by name, wherever a representation puts them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from hepvision.core.inputs import InputSpec, PartSpec
from hepvision.models.layers.batches import Buffers
from hepvision.models.layers.columns import columns, mask_of, values_at
from toy_inputs import COLUMNS, toy_inputs, toy_spec


def part(*names: str, most: int = 5, kind: str = "set") -> PartSpec:
    width = len(names)
    return PartSpec(kind, (most, width), names, ("",) * width, (1.0,) * width)  # type: ignore[arg-type]


def test_columns_of_two_parts_of_a_jet() -> None:
    spec: InputSpec = {"jet.features": part("a", "b"), "jet.momenta": part("c")}
    found = columns("m", spec, ["c", "a"])
    assert found == {"c": ("jet.momenta", 0), "a": ("jet.features", 0)}
    mask = torch.tensor([[True, False]])
    batch = {
        "jet.features": (torch.tensor([[[1.0, 2.0], [0.0, 0.0]]]), mask),
        "jet.momenta": (torch.tensor([[[3.0], [0.0]]]), mask),
    }
    assert values_at(batch, found).tolist() == [[[3.0, 1.0], [0.0, 0.0]]]
    assert torch.equal(mask_of(batch, found), mask)


@pytest.mark.parametrize("kind", ["set", "sequence"])
def test_another_order_of_columns_changes_nothing(kind: str) -> None:
    spec, inputs = toy_spec(kind), toy_inputs(kind, 6)
    wanted = values_at(
        Buffers(spec, 6).tensors(inputs, np.arange(6)), columns("m", spec, ["energy", "pz"])
    )
    turned = dataclasses.replace(spec["part"], names=COLUMNS[::-1])
    inputs["part"] = dataclasses.replace(inputs["part"], values=inputs["part"].values[:, ::-1])  # type: ignore[union-attr, type-var]
    batch = Buffers({"part": turned}, 6).tensors(inputs, np.arange(6))
    assert torch.equal(values_at(batch, columns("m", {"part": turned}, ["energy", "pz"])), wanted)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"x": part("a")}, r"m: reads columns b, got a\. Use the representation 'particles'\."),
        ({"x": part("b"), "y": part("b")}, r"m: reads one column b, got it in x, y\."),
        ({"i": PartSpec("vector", (1,), ("b",), ("",), (1.0,))}, "got none"),
    ],
)
def test_what_is_missing_or_there_twice_is_refused(spec: InputSpec, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        columns("m", spec, ["b"])


def test_parts_of_different_objects_are_refused() -> None:
    spec: InputSpec = {"x": part("a", most=3), "y": part("b", most=4)}
    with pytest.raises(ValueError, match=r"m: parts must have the same objects, got x \(3\), y"):
        columns("m", spec, ["a", "b"])


def test_a_part_without_mask_is_full() -> None:
    assert mask_of({"x": torch.zeros(2, 3, 1)}, {"a": ("x", 0)}).all()

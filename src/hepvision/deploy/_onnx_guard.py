"""Graphs that take an empty batch, and examples without objects: padded inside, cut outside."""

from collections.abc import Mapping
from typing import Any

from hepvision.core.names import require

__all__ = ["never_empty"]


def never_empty(model: Any, varying: Mapping[str, int]) -> Any:
    """Let a graph see one example and one object at least, whatever it is given.

    Some kernels of ONNX Runtime end the process on a batch of none. What is added is zero, with
    a mask that says so, and its scores are cut off again.

    Parameters
    ----------
    model : onnx.ModelProto
        One output, whose first axis is the batch.
    varying : mapping of int
        Inputs, and how many of their first axes may be empty: 1, or 2 with objects.

    Returns
    -------
    onnx.ModelProto
        The same model, changed in place.
    """
    helper = require("onnx.helper", "deploy")
    numbers = require("onnx.numpy_helper", "deploy")
    numpy = require("numpy")
    graph = model.graph
    constants: dict[str, list[int]] = {"guard.none": [0], "guard.first": [1], "guard.two": [2]}
    before: list[Any] = []
    for place, given in enumerate(graph.input):
        axes = varying.get(given.name, 0)
        if not axes:
            continue
        rank, new = len(given.type.tensor_type.shape.dim), f"{given.name}.padded"
        _replace(graph, given.name, new)
        key = f"guard.{place}"
        constants |= {f"{key}.front": [0] * rank, f"{key}.back": [0] * (rank - axes)}
        until = "guard.first" if axes == 1 else "guard.two"
        before += [
            helper.make_node("Shape", [given.name], [f"{key}.shape"]),
            helper.make_node("Slice", [f"{key}.shape", "guard.none", until], [f"{key}.sizes"]),
            helper.make_node("Sub", ["guard.first", f"{key}.sizes"], [f"{key}.lack"]),
            helper.make_node("Max", [f"{key}.lack", "guard.none"], [f"{key}.more"]),
            helper.make_node(
                "Concat",
                [f"{key}.front", f"{key}.more", *([f"{key}.back"] if rank > axes else [])],
                [f"{key}.pads"],
                axis=0,
            ),
            helper.make_node("Pad", [given.name, f"{key}.pads"], [new], name=f"{key}.pad"),
        ]
    if not before:
        return model
    scores = graph.output[0].name
    _replace(graph, scores, f"{scores}.padded")
    last = f"guard.{next(k for k, one in enumerate(graph.input) if one.name in varying)}"
    after = [
        helper.make_node("Slice", [f"{last}.sizes", "guard.none", "guard.first"], ["guard.batch"]),
        helper.make_node(
            "Slice", [f"{scores}.padded", "guard.none", "guard.batch", "guard.none"], [scores]
        ),
    ]
    nodes = [*before, *graph.node, *after]
    del graph.node[:]
    graph.node.extend(nodes)
    graph.initializer.extend(
        numbers.from_array(numpy.array(value, numpy.int64), name)
        for name, value in constants.items()
        if value
    )
    # what was inferred of shapes in between holds no longer
    del graph.value_info[:]
    return model


def _replace(graph: Any, old: str, new: str) -> None:
    """Another name for a value, in all nodes."""
    for node in graph.node:
        for names in (node.input, node.output):
            for place, name in enumerate(names):
                if name == old:
                    names[place] = new

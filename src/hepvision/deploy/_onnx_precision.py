"""Eight-bit graphs, calibrated on events that the network was trained with."""

import contextlib
import logging
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from hepvision.core.names import require
from hepvision.deploy._onnx_trace import IR_VERSION

__all__ = ["eight_bits"]

#: What has weights, and kernels for eight bits.
_QUANTISED = ("Conv", "Gemm", "MatMul")


def eight_bits(model: Any, feeds: Iterable[Mapping[str, NDArray[Any]]]) -> Any:
    """A graph whose inner layers compute with eight bits.

    The first layer, which reads energies over many orders of magnitude, and the last one, which
    gives the scores, stay in float32.

    Parameters
    ----------
    model : onnx.ModelProto
        In float32.
    feeds : iterable of mapping
        Inputs of training events, by name; ranges of values are taken from them.

    Returns
    -------
    onnx.ModelProto
        With the same inputs and outputs.

    Raises
    ------
    ValueError
        There is no layer between the first and the last.
    """
    onnx = require("onnx", "deploy")
    with tempfile.TemporaryDirectory() as folder, _quiet():
        tools = require("onnxruntime.quantization", "deploy")
        prepare = require("onnxruntime.quantization.shape_inference", "deploy")
        given, ready, made = (Path(folder) / f"{name}.onnx" for name in ("given", "ready", "made"))
        onnx.save(model, given)
        # the symbolic shapes of our graphs are known already
        prepare.quant_pre_process(str(given), str(ready), skip_symbolic_shape=True)
        inner = _inner(onnx.load(ready).graph)
        if not inner:
            raise ValueError(
                "precision: int8 needs a layer between the first and the last, got none. "
                "Take float32."
            )
        tools.quantize_static(
            str(ready),
            str(made),
            _reader(tools, feeds),
            quant_format=tools.QuantFormat.QDQ,
            op_types_to_quantize=list(_QUANTISED),
            nodes_to_quantize=inner,
            per_channel=True,
            activation_type=tools.QuantType.QUInt8,
            weight_type=tools.QuantType.QInt8,
        )
        found = onnx.load(made)
    found.ir_version = IR_VERSION
    used = {node.domain for node in found.graph.node} | {""}
    kept = [one for one in found.opset_import if one.domain in used]
    del found.opset_import[:]
    found.opset_import.extend(kept)
    return found


def _inner(graph: Any) -> list[str]:
    """Names of the layers with weights, without the first and the last."""
    weights = {one.name for one in graph.initializer}
    layers = [
        node.name
        for node in graph.node
        if node.op_type in _QUANTISED and any(name in weights for name in node.input[1:2])
    ]
    return layers[1:-1]


def _reader(tools: Any, feeds: Iterable[Mapping[str, NDArray[Any]]]) -> Any:
    """Calibration data in the form that the quantiser asks for."""

    class Reader(tools.CalibrationDataReader):
        def __init__(self) -> None:
            self.left = iter(feeds)

        def get_next(self) -> Any:
            return next(self.left, None)

    return Reader()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without advice on the preparation that has been done."""
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        root.setLevel(before)

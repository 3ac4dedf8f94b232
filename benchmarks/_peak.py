"""The processor's matrix peak, and what share of it a network reaches.

The peak is not a data sheet's: square matrices are multiplied in turn with what is compared, with
as many threads, by the library that does it fastest, and the fastest round counts, as other
programs only ever slow it. In float32 the library may be ONNX Runtime, twice as fast as PyTorch,
whose own keeps to AVX2 on some processors that have AVX-512.
"""

from __future__ import annotations

import importlib.util
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from _pairs import spread
from torch.utils.flop_counter import FlopCounterMode

__all__ = ["operations", "products", "share"]

#: Matrices of this many rows and columns, so many times: tens of milliseconds.
SIZE, TIMES = 1024, 10


def products(precision: str, threads: int | None = None) -> Callable[[], None]:
    """A function that multiplies matrices, for ``interleaved``.

    Parameters
    ----------
    precision : "float32" or "bfloat16"
        Of the matrices.
    threads : int, optional
        As many as PyTorch has, if not given.
    """
    number = threads or torch.get_num_threads()
    left, right = (torch.rand(SIZE, SIZE).to(getattr(torch, precision)) for _ in range(2))
    made = torch.empty_like(left)

    def pytorch() -> None:
        torch.set_num_threads(number)
        for _ in range(TIMES):
            torch.mm(left, right, out=made)

    if precision != "float32" or importlib.util.find_spec("onnxruntime") is None:
        return pytorch
    session, given = _session(number), {"left": left.numpy(), "right": right.numpy()}

    def runtime() -> None:
        for _ in range(TIMES):
            session.run(None, given)

    return min(pytorch, runtime, key=_seconds)


def _seconds(once: Callable[[], None]) -> float:
    """What the second call takes."""
    once()
    start = time.perf_counter()
    once()
    return time.perf_counter() - start


def _session(threads: int) -> Any:
    """A matrix product in ONNX Runtime."""
    from onnx import TensorProto, helper, save

    from hepvision.deploy._session import session_of

    sides = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [SIZE, SIZE])
        for name in ("left", "right", "made")
    ]
    node = helper.make_node("MatMul", ["left", "right"], ["made"])
    graph = helper.make_graph([node], "product", sides[:2], sides[2:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "product.onnx"
        save(model, path)
        return session_of(path, threads)


def operations(step: Callable[[], object]) -> float:
    """Additions and multiplications of matrix products and convolutions that a call takes.

    Parameters
    ----------
    step : callable
        Calculates with PyTorch, in this thread.
    """
    with FlopCounterMode(display=False) as counter:
        step()
    return float(counter.get_total_flops())


def share(work: float, seconds: np.ndarray, peak: np.ndarray, precision: str) -> str:
    """Rate of what was done, and its share of the peak, round by round.

    Parameters
    ----------
    work : float
        Operations, see ``operations``.
    seconds : array
        That they took, one a round.
    peak : array
        Seconds that ``products`` took in the same rounds.
    precision : str
        Of those.
    """
    most = 2.0 * TIMES * SIZE**3 / peak.min()
    part = spread(100.0 * work / seconds / most, " %")
    return (
        f"{np.median(work / seconds) / 1e9:,.0f} GFLOP/s, {part} of the matrix peak in "
        f"{precision}, {most / 1e9:,.0f}"
    )

"""Inputs to tensors through one reused buffer, and the outputs of any model."""

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from hepvision.core.inputs import Dense, Inputs, InputSpec, Ragged, Sparse
from hepvision.models.layers.allocator import keep_freed_memory
from hepvision.models.layers.device import device_of, moved
from hepvision.models.layers.learner import Learner
from hepvision.models.layers.network import Network

__all__ = ["Buffers", "limited_threads", "outputs_of"]


class Buffers:
    """Memory for one batch of inputs, filled again and again.

    Images lie in memory channels last, which is what convolutions on a CPU are fastest with; the
    tensors are views, valid until the next call.

    Parameters
    ----------
    spec : InputSpec
        What the inputs are.
    batch : int
        Most examples at a time.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> buffers = Buffers({"x": PartSpec("vector", (1,), ("pt",), ("GeV",), (1.0,))}, 2)
    >>> buffers.tensors({"x": Dense(np.ones((9, 1), np.float32))}, np.array([3, 4]))["x"].shape
    torch.Size([2, 1])
    """

    def __init__(self, spec: InputSpec, batch: int):
        self._arrays: dict[str, NDArray[np.float32]] = {}
        self._masks: dict[str, NDArray[np.bool_]] = {}
        for name, part in spec.items():
            shape = part.shape
            if part.kind in {"image", "volume"}:
                shape = (*shape[1:], shape[0])
            self._arrays[name] = np.zeros((batch, *shape), np.float32)
            if part.masked:
                self._masks[name] = np.zeros((batch, part.shape[0]), np.bool_)
        self._images = {key for key, part in spec.items() if part.kind in {"image", "volume"}}

    def tensors(
        self, inputs: Inputs, rows: NDArray[np.int64]
    ) -> dict[str, Tensor | tuple[Tensor, Tensor]]:
        """Rows of the inputs as tensors.

        Parameters
        ----------
        inputs : Inputs
            All examples.
        rows : array of int, shape (b,)
            Which; at most as many as the buffer holds.

        Returns
        -------
        dict
            A tensor a part, or a tensor and a mask.
        """
        made: dict[str, Tensor | tuple[Tensor, Tensor]] = {}
        for name, array in self._arrays.items():
            out, part = array[: len(rows)], inputs[name]
            view = np.moveaxis(out, -1, 1) if name in self._images else out
            mask = self._masks[name][: len(rows)] if name in self._masks else None
            if isinstance(part, Sparse):
                part.fill(view, rows=rows)
            elif isinstance(part, Dense):
                view[...] = part.values[rows]
            else:
                part.take(rows).fill(view, mask)
            if mask is not None and not isinstance(part, Ragged):
                mask[...] = True
            tensor = torch.from_numpy(view)
            made[name] = tensor if mask is None else (tensor, torch.from_numpy(mask))
        return made


@contextlib.contextmanager
def limited_threads(threads: int | None) -> Iterator[None]:
    """Let torch use so many threads for a while; memory that it frees is kept for good.

    Parameters
    ----------
    threads : int, optional
        As now if not given.

    Yields
    ------
    None
        The number before comes back afterwards.

    Examples
    --------
    >>> with limited_threads(1):
    ...     torch.get_num_threads()
    1
    """
    keep_freed_memory()
    before = torch.get_num_threads()
    if threads is not None:
        torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def outputs_of(
    model: Network | Learner,
    inputs: Inputs,
    spec: InputSpec,
    *,
    batch: int = 64,
    bfloat16: bool = False,
    threads: int | None = None,
) -> NDArray[np.float32]:
    """Outputs of a model for all examples.

    Parameters
    ----------
    model : Network or Learner
        Trained; a network computes where its weights are.
    inputs : Inputs
        B examples.
    spec : InputSpec
        What they are.
    batch : int
        Examples at a time.
    bfloat16 : bool
        Whether convolutions and dense layers run in bfloat16.
    threads : int, optional
        Threads of torch; as set if not given.

    Returns
    -------
    array, shape (B, outputs)
        Logits.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> spec = {"x": PartSpec("vector", (1,), ("pt",), ("GeV",), (1.0,))}
    >>> network = Network("x", torch.nn.Linear(1, 3))
    >>> outputs_of(network, {"x": Dense(np.ones((5, 1), np.float32))}, spec, batch=2).shape
    (5, 3)
    """
    if not isinstance(model, Network):
        return np.asarray(model.predict(inputs), np.float32)
    total = len(next(iter(inputs.values())))
    buffers, pieces = Buffers(spec, min(batch, max(total, 1))), []
    was_training = model.training
    model.eval()
    model.channels_last()
    device = device_of(model)
    autocast: Any = torch.autocast(device.type, torch.bfloat16, enabled=bfloat16)
    with torch.inference_mode(), autocast, limited_threads(threads):
        for start in range(0, max(total, 1), batch):
            rows = np.arange(start, min(start + batch, total))
            tensors = moved(buffers.tensors(inputs, rows), device)
            pieces.append(model(tensors).cpu().numpy().copy())
    model.train(was_training)
    return np.concatenate(pieces)

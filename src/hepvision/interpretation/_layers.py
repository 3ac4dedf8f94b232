"""Layers of a network as they run: names, shapes, parameters, and what comes out of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from hepvision.core.inputs import Dense, Inputs, InputSpec
from hepvision.models.layers.batches import Buffers
from hepvision.models.layers.network import Network

__all__ = ["Layer", "blank", "filters_of", "layers_of"]

#: What changes values one by one, and is told of with the layer before.
_PLAIN = (
    nn.ReLU,
    nn.GELU,
    nn.ELU,
    nn.SiLU,
    nn.Sigmoid,
    nn.Tanh,
    nn.LeakyReLU,
    nn.Dropout,
    nn.Dropout2d,
    nn.Flatten,
    nn.Softmax,
)


@dataclass(frozen=True)
class Layer:
    """One step of a network.

    Parameters
    ----------
    name : str
        Where it is in the network.
    kind : str
        In words, with its kernel.
    shape : tuple of int
        Of what comes out, of one example.
    parameters : int
        Its own.
    multiply_adds : int, optional
        For one example; of convolutions, dense and recurrent layers. None where a block multiplies
        with its weights by itself.
    after : tuple of str
        What follows value by value, such as rectifiers and dropout.
    values : array, optional
        What comes out, of one example.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int | None = 0
    after: tuple[str, ...] = ()
    values: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)


def blank(spec: InputSpec) -> Inputs:
    """One example of zeros, for shapes alone."""
    return {name: Dense(np.zeros((1, *part.shape), np.float32)) for name, part in spec.items()}


def layers_of(network: Network, spec: InputSpec, inputs: Inputs | None = None) -> list[Layer]:
    """Layers in the order in which they run; with values if there are inputs.

    Parameters
    ----------
    network : Network
        Any.
    spec : InputSpec
        What it reads.
    inputs : Inputs, optional
        One example.
    """
    found: list[Layer] = []
    kept = inputs is not None
    was_training = network.training
    network.eval()
    with torch.inference_mode(), _watched(network, found, kept):
        network(Buffers(spec, 1).tensors(inputs or blank(spec), np.zeros(1, np.int64)))
    network.train(was_training)
    return found


@contextmanager
def _watched(network: nn.Module, found: list[Layer], kept: bool) -> Iterator[None]:
    names = {module: name for name, module in network.named_modules()}
    counted: set[nn.Parameter] = set()

    def after(module: nn.Module, given: Any, made: Any) -> None:
        # of a block, what none of its layers has: they are called before it is done
        own = {one for one in module.parameters() if one.requires_grad} - counted
        out = made[0] if isinstance(made, tuple) else made
        if isinstance(module, nn.Identity) or not isinstance(out, Tensor):
            return
        if list(module.children()) and not own:
            return
        if isinstance(module, _PLAIN) and found:
            before = found.pop()
            values = _values(out) if kept and out.dim() == 4 else before.values
            found.append(_replaced(before, (*before.after, _words(module)), values))
            return
        found.append(
            Layer(
                names.get(module, ""),
                _words(module),
                tuple(out.shape[1:]),
                sum(one.numel() for one in own),
                _multiply_adds(module, given, out, own),
                values=_values(out) if kept else None,
            )
        )
        counted.update(own)

    hooks = [one.register_forward_hook(after) for one in network.modules()]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _replaced(layer: Layer, after: tuple[str, ...], values: Any) -> Layer:
    return Layer(
        layer.name,
        layer.kind,
        layer.shape,
        layer.parameters,
        layer.multiply_adds,
        after,
        values,
    )


def _values(out: Tensor) -> NDArray[np.float32]:
    return np.asarray(out[0].float().cpu().numpy(), np.float32).copy()


def _multiply_adds(
    module: nn.Module, given: Any, out: Tensor, own: set[nn.Parameter]
) -> int | None:
    weight = getattr(module, "weight", None)
    if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d) and isinstance(weight, Tensor):
        return int(out.numel() * weight[0].numel())
    if isinstance(module, nn.Linear):  # of all objects of the example
        return int(out.numel() * module.in_features)
    if isinstance(module, nn.RNNBase):
        packed = isinstance(given[0], nn.utils.rnn.PackedSequence)
        steps = len(given[0].data) if packed else given[0].shape[:-1].numel()
        return int(steps * sum(one.numel() for one in module.parameters() if one.dim() > 1))
    return None if any(one.dim() > 1 for one in own) else 0


def _words(module: nn.Module) -> str:
    """What a layer is, in few words."""
    if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d):
        size = " × ".join(str(one) for one in module.kernel_size)
        step = max(int(one) for one in module.stride)
        return f"convolution {size}" + (f", step {step}" if step > 1 else "")
    if isinstance(module, nn.Linear):
        return "dense"
    if isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
        kind = "maximum" if isinstance(module, nn.MaxPool2d) else "mean"
        sides: Any = module.kernel_size
        rows, columns = (sides, sides) if isinstance(sides, int) else sides
        return f"{kind} of {rows} × {columns}"
    if isinstance(module, nn.Dropout | nn.Dropout2d):
        return f"dropout {module.p:.2g}"
    name = type(module).__name__.lstrip("_")
    known = {
        "ReLU": "rectifier",
        "Flatten": "flat",
        "AdaptiveMaxPool2d": "maximum of each map",
        "GlobalMaximum": "maximum of each map",
        "AdaptiveAvgPool2d": "mean of each map",
        "BatchNorm2d": "batch norm",
        "LayerNorm": "layer norm",
    }
    return known.get(name, name)


def filters_of(network: Network, most: int = 4) -> dict[str, NDArray[np.float32]]:
    """Kernels of the first 2-D convolutions larger than a pixel, shape (outputs, inputs, h, w)."""
    found: dict[str, NDArray[np.float32]] = {}
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d) and max(module.kernel_size) > 1:
            found[name] = module.weight.detach().float().cpu().numpy().copy()
            if len(found) == most:
                break
    return found

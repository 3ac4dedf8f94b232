"""A network as an ONNX graph: padded inputs with masks in, scores out."""

import contextlib
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from hepvision.core.inputs import InputSpec
from hepvision.core.names import require
from hepvision.models.layers.network import Network

__all__ = [
    "IR_VERSION",
    "OPSET",
    "Scored",
    "example_tensors",
    "input_names",
    "score_kind",
    "traced",
]

#: What ONNX Runtime 1.15 reads, and all that came after it.
OPSET, IR_VERSION = 18, 8
#: Logits to scores, as a graph can say it.
_SCORES: dict[str, Callable[[Tensor], Tensor]] = {
    "softmax": lambda logits: logits.softmax(dim=1),
    "sigmoid": lambda logits: logits.sigmoid(),
    "identity": lambda logits: logits,
}


def score_kind(task: Any) -> str:
    """Which of the functions of a graph a task's scores are; found by trying.

    Parameters
    ----------
    task : object
        With ``outputs`` and ``scores``.

    Returns
    -------
    str
        ``softmax``, ``sigmoid`` or ``identity``.

    Raises
    ------
    ValueError
        None of them.

    Examples
    --------
    >>> from hepvision.tasks.classification import Classification
    >>> score_kind(Classification())
    'softmax'
    """
    logits = np.random.default_rng(0).normal(0, 3, (50, task.outputs)).astype(np.float32)
    wanted = np.asarray(task.scores(logits))
    for name, function in _SCORES.items():
        found = function(torch.from_numpy(logits).double()).numpy()
        if found.shape == wanted.shape and np.allclose(found, wanted, atol=1e-6):
            return name
    raise ValueError(
        f"export: scores must be {', '.join(_SCORES)} of the logits, got those of "
        f"{type(task).__name__}. Give the task one of them."
    )


def input_names(spec: InputSpec) -> tuple[str, ...]:
    """Names of the inputs of a graph: each part, and its mask where it has one.

    Parameters
    ----------
    spec : InputSpec
        What a network reads.

    Returns
    -------
    tuple of str
        In order.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> input_names({"jet": PartSpec("set", (9, 1), ("pt",), ("GeV",), (1.0,))})
    ('jet', 'jet.mask')
    """
    return tuple(
        name
        for part, one in spec.items()
        for name in ((part, f"{part}.mask") if one.masked else (part,))
    )


class Scored(nn.Module):
    """Tensors in the order of ``input_names`` to scores; padding is never read.

    Parameters
    ----------
    network : Network
        Trained.
    spec : InputSpec
        What it reads.
    kind : str
        As ``score_kind`` gives it.
    """

    def __init__(self, network: Network, spec: InputSpec, kind: str):
        super().__init__()
        self.network, self.kind = network, kind
        self.masked = {part: one.masked for part, one in spec.items()}

    def forward(self, *tensors: Tensor) -> Tensor:
        """Scores of a batch.

        Parameters
        ----------
        *tensors : Tensor
            Values of each part, and its mask where it has one.

        Returns
        -------
        Tensor, shape (B, K)
            Float32.
        """
        left = iter(tensors)
        given: dict[str, Tensor | tuple[Tensor, Tensor]] = {}
        for part, masked in self.masked.items():
            values = next(left)
            if masked:
                mask = next(left)
                # NaN there would spread where padding is multiplied by zero
                given[part] = torch.where(mask[..., None], values, 0.0), mask
            else:
                given[part] = values
        scores: Tensor = _SCORES[self.kind](self.network(given))
        return scores


def example_tensors(spec: InputSpec, number: int = 3) -> tuple[Tensor, ...]:
    """Any tensors of the right shapes.

    Parameters
    ----------
    spec : InputSpec
        What a network reads.
    number : int
        Examples.

    Returns
    -------
    tuple of Tensor
        In the order of ``input_names``.
    """
    made: list[Tensor] = []
    for part in spec.values():
        # a size of one would be taken for a constant
        shape = (max(part.shape[0], 2), *part.shape[1:]) if part.masked else part.shape
        made.append(torch.rand(number, *shape))
        if part.masked:
            made.append(torch.ones(number, shape[0], dtype=torch.bool))
    return tuple(made)


def traced(
    module: nn.Module,
    tensors: Sequence[Tensor],
    names: Sequence[str],
    axes: Sequence[Mapping[int, str]],
) -> Any:
    """A module as an ONNX model in memory.

    Parameters
    ----------
    module : nn.Module
        Tensors → scores.
    tensors : sequence of Tensor
        An example of the inputs.
    names : sequence of str
        Theirs.
    axes : sequence of mapping
        Names of the axes of each input whose length may vary.

    Returns
    -------
    onnx.ModelProto
        With one output, ``scores``.

    Raises
    ------
    MissingExtraError
        A package of the extra ``deploy`` is not installed.
    """
    for package in ("onnx", "onnxscript"):
        require(package, "deploy")
    with _quiet(), torch.no_grad():
        program = torch.onnx.export(
            module.eval(),
            tuple(tensors),
            dynamo=True,
            dynamic_shapes=(tuple(dict(one) for one in axes),),
            external_data=False,
            opset_version=OPSET,
            input_names=list(names),
            output_names=["scores"],
            verbose=False,
        )
    if program is None:
        raise ValueError("export: must give a graph, got none. Update torch.")
    program.model.ir_version = IR_VERSION
    return program.model_proto


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without what torch and its converter say to their own developers."""
    found = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    before = [one.level for one in found]
    for one in found:
        one.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for one, level in zip(found, before, strict=True):
            one.setLevel(level)

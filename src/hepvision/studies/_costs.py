"""What a trained model costs: operations an example, events a second, latency of a single one."""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from hepvision.core.inputs import Inputs, InputSpec, Ragged, taken
from hepvision.models.layers.batches import Buffers, outputs_of
from hepvision.models.layers.learner import Learner
from hepvision.models.layers.network import Network

__all__ = ["flops", "latency", "timed_outputs"]

#: Calls of which the median is taken, and the seconds after which there are no more.
_CALLS, _SECONDS = 50, 2.0

#: A multiple of the batch, so that pieces change no batch.
_AT_ONCE = 1 << 13


def flops(model: Network | Learner, inputs: Inputs, spec: InputSpec) -> int | None:
    """Operations of matrix products and convolutions of one example, forward.

    A multiplication and an addition count as two; what is done element by element does not count.

    Parameters
    ----------
    model : Network or Learner
        Trained.
    inputs : Inputs
        One example or more; of sets and sequences the one of median length is taken. Networks that
        leave out padding do so here too.
    spec : InputSpec
        What they are.

    Returns
    -------
    int or None
        None for learners.

    Examples
    --------
    >>> from hepvision.core.inputs import Dense, PartSpec
    >>> spec = {"x": PartSpec("vector", (4,), tuple("abcd"), ("",) * 4, (1.0,) * 4)}
    >>> network = Network("x", nn.Linear(4, 3))
    >>> flops(network, {"x": Dense(np.ones((1, 4), np.float32))}, spec)
    24
    """
    if not isinstance(model, Network) or not len(next(iter(inputs.values()))):
        return None
    counter = FlopCounterMode(display=False)
    recurrent = [one for one in model.modules() if isinstance(one, nn.RNNBase)]
    missed = _Missed(counter)
    hooks = [one.register_forward_pre_hook(missed.before) for one in recurrent]
    hooks += [one.register_forward_hook(missed.after) for one in recurrent]
    was_training = model.training
    model.eval()
    # the counter follows what wants a gradient, and fails where that is a view of a parameter
    learned = [one for one in model.parameters() if one.requires_grad]
    for one in learned:
        one.requires_grad_(False)
    with torch.no_grad(), counter:
        model(Buffers(spec, 1).tensors(inputs, np.array([_median(inputs)])))
    for one in learned:
        one.requires_grad_(True)
    model.train(was_training)
    for hook in hooks:
        hook.remove()
    return int(counter.get_total_flops()) + missed.total


def _median(inputs: Inputs) -> int:
    """Number of the example with the median number of objects; the first if none has any."""
    sizes = [np.diff(part.offsets) for part in inputs.values() if isinstance(part, Ragged)]
    if not sizes:
        return 0
    longest = np.max(sizes, axis=0)
    return int(np.argsort(longest, kind="stable")[(len(longest) - 1) // 2])


class _Missed:
    """Products inside recurrent layers, where torch runs them as one operation and counts none."""

    def __init__(self, counter: FlopCounterMode):
        self.counter, self.total, self.counted = counter, 0, 0

    def before(self, layer: nn.Module, given: Any) -> None:
        """Remember what is counted so far."""
        self.counted = int(self.counter.get_total_flops())

    def after(self, layer: nn.Module, given: Any, made: Any) -> None:
        """Count by the shapes of the weights, if nothing was."""
        if int(self.counter.get_total_flops()) == self.counted:
            values = given[0]
            packed = isinstance(values, nn.utils.rnn.PackedSequence)
            steps = len(values.data) if packed else int(np.prod(values.shape[:-1]))
            weights = sum(one.numel() for one in layer.parameters() if one.dim() == 2)
            self.total += 2 * steps * weights


def latency(
    model: Network | Learner,
    inputs: Inputs,
    spec: InputSpec,
    *,
    bfloat16: bool = False,
    threads: int | None = None,
) -> float | None:
    """Median time from the inputs of one example, in memory, to its outputs.

    Parameters
    ----------
    model : Network or Learner
        Trained.
    inputs : Inputs
        Examples, taken in turn.
    spec : InputSpec
        What they are.
    bfloat16 : bool
        Whether it runs in bfloat16.
    threads : int, optional
        Threads of torch.

    Returns
    -------
    float or None
        Seconds; None if there is no example.

    Examples
    --------
    >>> from hepvision.core.inputs import Dense, PartSpec
    >>> spec = {"x": PartSpec("vector", (1,), ("pt",), ("GeV",), (1.0,))}
    >>> inputs = {"x": Dense(np.ones((5, 1), np.float32))}
    >>> 0 < latency(Network("x", nn.Linear(1, 3)), inputs, spec) < 1
    True
    """
    total = len(next(iter(inputs.values())))
    if not total:
        return None
    single = [taken(inputs, np.array([k])) for k in range(min(total, 16))]
    found: list[float] = []
    ends = time.perf_counter() + _SECONDS
    while len(found) < 3 or (len(found) < _CALLS + 2 and time.perf_counter() < ends):
        one = single[len(found) % len(single)]
        started = time.perf_counter()
        outputs_of(model, one, spec, batch=1, bfloat16=bfloat16, threads=threads)
        found.append(time.perf_counter() - started)
    return statistics.median(found[2:])  # the first calls find memory and choose kernels


def timed_outputs(
    model: Network | Learner,
    inputs: Inputs,
    spec: InputSpec,
    rows: NDArray[np.int64] | None = None,
    *,
    bfloat16: bool = False,
) -> tuple[NDArray[np.float32], float]:
    """Outputs of some examples, and how many a second.

    Parameters
    ----------
    model : Network or Learner
        Trained.
    inputs : Inputs
        B examples.
    spec : InputSpec
        What they are.
    rows : array of int, shape (b,), optional
        Which; all if not given. They are taken some thousand at a time.
    bfloat16 : bool
        Whether it runs in bfloat16.

    Returns
    -------
    array, shape (b, outputs)
        Logits.
    float
        Examples a second.

    Examples
    --------
    >>> from hepvision.core.inputs import Dense, PartSpec
    >>> spec = {"x": PartSpec("vector", (1,), ("pt",), ("GeV",), (1.0,))}
    >>> inputs = {"x": Dense(np.ones((5, 1), np.float32))}
    >>> timed_outputs(Network("x", nn.Linear(1, 3)), inputs, spec)[0].shape
    (5, 3)
    """
    started = time.perf_counter()
    if rows is None:
        outputs = outputs_of(model, inputs, spec, bfloat16=bfloat16)
    else:
        pieces = [rows[start : start + _AT_ONCE] for start in range(0, max(len(rows), 1), _AT_ONCE)]
        outputs = np.concatenate(
            [outputs_of(model, taken(inputs, one), spec, bfloat16=bfloat16) for one in pieces]
        )
    return outputs, len(outputs) / max(time.perf_counter() - started, 1e-9)

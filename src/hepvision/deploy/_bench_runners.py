"""What is timed: ways to get scores from the same inputs, and to make the inputs."""

from __future__ import annotations

import copy
import dataclasses
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import torch
from numpy.typing import NDArray

from hepvision.core.inputs import Dense, Inputs, InputSpec, Ragged, taken
from hepvision.deploy._engine import engine_of
from hepvision.deploy._onnx_feeds import feeds
from hepvision.deploy._onnx_trace import Scored, input_names, score_kind
from hepvision.deploy.bundle import Bundle
from hepvision.deploy.onnx import export
from hepvision.models.layers.batches import limited_threads
from hepvision.models.layers.device import chosen_device

__all__ = ["Call", "random_inputs", "runners"]

#: Does the work once.
Call = Callable[[], Any]
#: From a batch of examples, by number, to the work on it.
Runner = Callable[[NDArray[np.int64]], Call]


def random_inputs(spec: InputSpec, number: int, seed: int = 0) -> Inputs:
    """Inputs of the right shapes, for models whose time does not depend on values.

    Parameters
    ----------
    spec : InputSpec
        What the model reads.
    number : int
        Examples.
    seed : int
        Of the values.

    Returns
    -------
    Inputs
        Sets and sequences are as long as can be: no event takes longer.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> jet = {"jet": PartSpec("set", (9, 2), ("pt", "eta"), ("GeV", ""), (1.0, 1.0))}
    >>> random_inputs(jet, 3)["jet"].values.shape
    (27, 2)
    """
    rng = np.random.default_rng(seed)
    made: Inputs = {}
    for name, part in spec.items():
        values = rng.random((number, *part.shape), np.float32)
        if part.masked:
            most = part.shape[0]
            offsets = np.arange(number + 1) * most
            made[name] = Ragged(offsets, values.reshape(number * most, *part.shape[1:]))
        else:
            made[name] = Dense(values)
    return made


@contextmanager
def runners(
    bundle: Bundle,
    inputs: Inputs,
    rows: ak.Array | None,
    events: Path | None,
    threads: int,
    *,
    compiled: bool,
) -> Iterator[tuple[dict[str, Runner], dict[str, str]]]:
    """All ways that work here, and why others do not.

    Parameters
    ----------
    bundle : Bundle
        A network.
    inputs : Inputs
        Examples that are scored.
    rows : ak.Array, optional
        The same examples before they became inputs.
    events : Path, optional
        What eight bits are calibrated with.
    threads : int
        Of each of them.
    compiled : bool
        Whether PyTorch's compiler is one of them.

    Yields
    ------
    (dict, dict)
        Runners by name, and reasons by name.
    """
    made: dict[str, Runner] = {}
    left_out: dict[str, str] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hepvision-")))
        made["PyTorch"] = lambda chosen: _eager(bundle, taken(inputs, chosen), threads)
        if compiled:
            _try(made, left_out, "PyTorch compiled", lambda: _compiled(bundle, inputs, threads))
        if chosen_device().type != "cpu":
            name = "PyTorch on the GPU"
            _try(made, left_out, name, lambda: _on_gpu(bundle, inputs, threads))
        name = "ONNX Runtime"
        _try(made, left_out, name, lambda: _exported(bundle, inputs, folder, threads))
        if events is not None:
            _try(
                made,
                left_out,
                "ONNX Runtime, int8",
                lambda: _exported(bundle, inputs, folder, threads, precision="int8", events=events),
            )
        else:
            left_out["ONNX Runtime, int8"] = "needs --events to calibrate with"
        if rows is not None:
            made["pre-processing alone"] = lambda chosen: _prepared(bundle, rows[chosen])
            made["PyTorch with pre-processing"] = lambda chosen: _whole(
                bundle, rows[chosen], threads
            )
        yield made, left_out


def _try(
    made: dict[str, Runner], left_out: dict[str, str], name: str, make: Callable[[], Runner]
) -> None:
    """Add one way if it works on an example; a machine may lack a compiler or a package."""
    try:
        runner = make()
        runner(np.zeros(1, np.int64))()
    except Exception as error:  # noqa: BLE001 - told in the table
        left_out[name] = " ".join(str(error).split())[:250] or type(error).__name__
    else:
        made[name] = runner


def _eager(bundle: Bundle, inputs: Inputs, threads: int) -> Call:
    batch = len(next(iter(inputs.values())))
    return lambda: bundle.scores_of(inputs, batch=batch, threads=threads)


def _prepared(bundle: Bundle, rows: ak.Array) -> Call:
    return lambda: bundle.inputs(rows)


def _whole(bundle: Bundle, rows: ak.Array, threads: int) -> Call:
    return lambda: bundle.scores(rows, batch=len(rows), threads=threads)


def _tensors(bundle: Bundle, inputs: Inputs) -> list[torch.Tensor]:
    given = feeds(inputs, bundle.spec, longest=True)
    return [torch.from_numpy(given[name]) for name in input_names(bundle.spec)]


def _compiled(bundle: Bundle, inputs: Inputs, threads: int) -> Runner:
    scored = Scored(bundle.model, bundle.spec, score_kind(bundle.task)).eval()
    with warnings.catch_warnings():
        # torch's compiler imports parts of torch that torch itself calls old
        warnings.simplefilter("ignore", DeprecationWarning)
        compiled = torch.compile(scored)

    def runner(chosen: NDArray[np.int64]) -> Call:
        tensors = _tensors(bundle, taken(inputs, chosen))

        def call() -> Any:
            with torch.inference_mode(), limited_threads(threads):
                return compiled(*tensors)

        call()  # it is compiled now
        return call

    return runner


def _on_gpu(bundle: Bundle, inputs: Inputs, threads: int) -> Runner:
    """With the way there and back; the network stays there."""
    there = dataclasses.replace(bundle, model=copy.deepcopy(bundle.model)).placed("gpu")
    return lambda chosen: _eager(there, taken(inputs, chosen), threads)


def _exported(bundle: Bundle, inputs: Inputs, folder: Path, threads: int, **options: Any) -> Runner:
    file = folder / f"{options.get('precision', 'float32')}.onnx"
    export(bundle, file, **options)
    engine = engine_of(file, threads)

    def runner(chosen: NDArray[np.int64]) -> Call:
        given: Mapping[str, NDArray[Any]] = feeds(taken(inputs, chosen), bundle.spec, longest=True)
        return lambda: engine.apply(given)

    return runner

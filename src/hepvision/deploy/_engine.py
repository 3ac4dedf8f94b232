"""Whatever gives scores, by the names of its tensors: a bundle, or an ONNX file in its runtime."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepvision.core.inputs import Dense, Inputs, InputSpec, Ragged
from hepvision.deploy._kserve import TensorSpec, datatype_of
from hepvision.deploy._session import session_of
from hepvision.deploy.bundle import Bundle, load_bundle

__all__ = ["Engine", "engine_of"]

#: What ONNX Runtime calls its types.
_ONNX_TYPES = {
    "float": np.float32,
    "double": np.float64,
    "float16": np.float16,
    "bool": np.bool_,
    **{name: np.dtype(name) for name in ("int8", "int16", "int32", "int64")},
    **{name: np.dtype(name) for name in ("uint8", "uint16", "uint32", "uint64")},
}


@dataclasses.dataclass(frozen=True, eq=False)
class Engine:
    """A model as a function of named tensors.

    Parameters
    ----------
    name : str
        Of the model.
    platform : str
        What runs it.
    inputs, outputs : tuple of TensorSpec
        What it takes and gives.
    apply : callable
        Tensors by name → outputs by name; ValueError where they do not fit together.
    together : bool
        Whether the first axis of every tensor is that of the examples, so that several requests
        may be scored as one batch.
    """

    name: str
    platform: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    apply: Callable[[Mapping[str, NDArray[Any]]], dict[str, NDArray[Any]]]
    together: bool = True

    def checked(self, tensors: Mapping[str, NDArray[Any]]) -> Mapping[str, NDArray[Any]]:
        """The same tensors, if they have as many examples each.

        Raises
        ------
        ValueError
            They have not.
        """
        lengths = {name: len(one) for name, one in tensors.items()}
        if self.together and len(set(lengths.values())) > 1:
            told = ", ".join(f"{name} {number}" for name, number in lengths.items())
            raise ValueError(f"inputs: must have as many examples each, got {told}.")
        return tensors


def engine_of(model: str | Path | Bundle, threads: int = 1) -> Engine:
    """Load a model once, for all that is asked of it.

    Parameters
    ----------
    model : path or Bundle
        A bundle, or a file that ``hepvision export`` wrote; a network of a folder goes to a GPU
        where PyTorch finds one.
    threads : int
        Of torch, or of ONNX Runtime.

    Returns
    -------
    Engine
        Ready.

    Raises
    ------
    CorruptFileError
        It is neither, or damaged.
    MissingExtraError
        The extra ``deploy`` is not installed.

    Examples
    --------
    >>> from hepvision.models.mlp import Mlp
    >>> from hepvision.representations.four_momenta import FourMomenta
    >>> from hepvision.tasks.classification import Classification
    >>> spec = {f"m.{key}": one for key, one in FourMomenta().spec.items()}
    >>> network = Mlp().from_spec(spec, 2)
    >>> made = engine_of(Bundle(network, Mlp(), {"m": FourMomenta()}, Classification()))
    >>> made.outputs[0].as_dict()
    {'name': 'scores', 'datatype': 'FP32', 'shape': [-1, 2]}
    """
    if isinstance(model, Bundle):
        return _of_bundle(model, "model", threads)
    path = Path(model)
    if path.suffix.lower() == ".onnx":
        return _of_onnx(path, threads)
    resolved = path.resolve()
    inside_run = resolved.name == "bundle"  # RUN/ENTRY/SEED/bundle
    name = resolved.parent.parent.name if inside_run else resolved.name
    return _of_bundle(load_bundle(path).placed(), name or "model", threads)


def _of_bundle(bundle: Bundle, name: str, threads: int) -> Engine:
    spec = bundle.spec
    inputs: list[TensorSpec] = []
    for part, one in spec.items():
        if one.masked:
            most = (0, one.shape[0])
            inputs.append(TensorSpec(part, "FP32", (-1, -1, *one.shape[1:]), (*most, 0)))
            inputs.append(TensorSpec(f"{part}.mask", "BOOL", (-1, -1), most))
        else:
            inputs.append(TensorSpec(part, "FP32", (-1, *one.shape)))

    def apply(tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        found = bundle.scores_of(_inputs(tensors, spec), threads=threads)
        return {"scores": found.astype(np.float32)}

    outputs = (TensorSpec("scores", "FP32", (-1, len(bundle.task.class_names))),)
    return Engine(name, "hepvision", tuple(inputs), outputs, apply)


def _inputs(tensors: Mapping[str, NDArray[Any]], spec: InputSpec) -> Inputs:
    """Padded tensors as what models read; padding is left out, whatever it holds."""
    made: Inputs = {}
    for part, one in spec.items():
        values = tensors[part]
        if not one.masked:
            made[part] = Dense(values)
            continue
        mask = tensors[f"{part}.mask"]
        if mask.shape != values.shape[:2]:
            raise ValueError(
                f"input {part}.mask: shape must be {list(values.shape[:2])}, got "
                f"{list(mask.shape)}."
            )
        offsets = np.concatenate([[0], np.cumsum(mask.sum(axis=1))])
        made[part] = Ragged(offsets, values[mask])
    return made


def _of_onnx(path: Path, threads: int) -> Engine:
    session = session_of(path, threads)
    names = [one.name for one in session.get_outputs()]

    def apply(tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        try:
            return dict(zip(names, session.run(names, dict(tensors)), strict=True))
        except Exception as error:  # the same graph works with other tensors
            reason = " ".join(str(error).split())[:120]
            raise ValueError(f"inputs: must fit together, got {reason}") from error

    inputs, outputs = (
        tuple(_of_node(one) for one in nodes)
        for nodes in (session.get_inputs(), session.get_outputs())
    )
    # hits of all examples follow one another: their axis is not that of the examples
    about = session.get_modelmeta().custom_metadata_map
    together = about.get("hepvision.inputs", '"dense"') == '"dense"'
    return Engine(path.stem, "onnxruntime_onnx", inputs, outputs, apply, together)


def _of_node(node: Any) -> TensorSpec:
    dtype = _ONNX_TYPES[node.type.removeprefix("tensor(").removesuffix(")")]
    shape = tuple(one if isinstance(one, int) else -1 for one in node.shape)
    return TensorSpec(node.name, datatype_of(dtype), shape)

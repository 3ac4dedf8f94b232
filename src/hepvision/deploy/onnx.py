"""Trained networks as ONNX files, which any program can run without this library."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, get_args

from hepvision.core.card import described
from hepvision.core.files import atomic_write
from hepvision.core.inputs import InputSpec
from hepvision.core.names import hint, require
from hepvision.core.outputs import output_file
from hepvision.core.own import using
from hepvision.deploy._onnx_guard import never_empty
from hepvision.deploy._onnx_metadata import metadata_of, told, write_metadata
from hepvision.deploy._onnx_trace import (
    MASKED,
    Scored,
    example_tensors,
    input_names,
    score_kind,
    traced,
)
from hepvision.deploy.bundle import Bundle, load_bundle
from hepvision.models.layers.network import Network

__all__ = ["Exported", "GraphInputs", "Precision", "export"]

GraphInputs = Literal["dense"]
Precision = Literal["float32"]


@dataclasses.dataclass(frozen=True, eq=False)
class Exported:
    """What ``export`` wrote.

    Parameters
    ----------
    path : Path
        The ONNX file.
    inputs : str
        ``dense``.
    precision : str
        Of weights and sums.
    told : dict of str
        One line on each input, by its name.
    classes : tuple of str
        Of the columns of the output ``scores``.

    Examples
    --------
    >>> Exported(Path("a.onnx"), "dense", "float32", {"x": "vector (batch, 2): a, b"}, ("s", "b"))
    a.onnx: dense inputs, float32
      x: vector (batch, 2): a, b
      scores (batch, 2): s, b
    """

    path: Path
    inputs: str
    precision: str
    told: dict[str, str]
    classes: tuple[str, ...]

    def __repr__(self) -> str:
        lines = [f"{self.path}: {self.inputs} inputs, {self.precision}"]
        lines += [f"  {name}: {text}" for name, text in self.told.items()]
        lines.append(f"  scores (batch, {len(self.classes)}): {', '.join(self.classes)}")
        return "\n".join(lines)


def export(
    bundle: str | Path | Bundle,
    out: str | Path,
    *,
    inputs: GraphInputs = "dense",
    precision: Precision = "float32",
    components: Iterable[str] = (),
) -> Exported:
    """Write a network with its scores as an ONNX file.

    The number of examples may vary, and so may that of the objects of sets and sequences: pad
    them no further than the longest of a batch needs. No example, and examples without objects,
    are valid. ONNX Runtime 1.15 and all that came after it read the file.

    Parameters
    ----------
    bundle : path or Bundle
        A folder that a study made, or what ``load_bundle`` gave.
    out : path
        File to write; appears only when it is whole.
    inputs : "dense"
        The network's own inputs: padded arrays, and masks of sets and sequences.
    precision : "float32"
        Of weights and sums.
    components : iterable of str
        The user's own components that the bundle was made with, ``path/to/file.py:Class`` each.

    Returns
    -------
    Exported
        What is in the file.

    Raises
    ------
    ValueError
        The bundle holds no network, or there is no such kind of inputs or precision.
    CorruptFileError
        The bundle is damaged.
    SchemaError
        A newer hepvision wrote it.
    MissingExtraError
        A package of the extra ``deploy`` is not installed.

    Examples
    --------
    >>> export("nowhere", "model.onnx")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: nowhere: no bundle is there. Check the path; a run \
keeps its bundles in <entry>/<seed>/bundle.
    """
    _known("inputs", inputs, get_args(GraphInputs))
    _known("precision", precision, get_args(Precision))
    path = output_file(out, suffix=".onnx")
    with using([components] if isinstance(components, str) else list(components)):
        loaded = bundle if isinstance(bundle, Bundle) else load_bundle(bundle)
        if loaded.kind != "network":
            raise ValueError(
                f"export: must be a network, got {described(loaded.architecture)['name']}, a "
                "learner. Score events with 'hepvision predict', or train a network."
            )
        model = graph_of(loaded.model, loaded.spec, loaded.task)
        docs = told(loaded.spec)
        write_metadata(model, metadata_of(loaded, inputs, precision), docs)
    with atomic_write(path) as file:
        file.write(model.SerializeToString())
    return Exported(path, inputs, precision, docs, tuple(loaded.task.class_names))


def _known(what: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise ValueError(f"{what}: no {given!r}. {hint(given, known)}")


def graph_of(network: Network, spec: InputSpec, task: Any) -> Any:
    """A network and the scores of a task as a graph with dense inputs, without metadata."""
    require("onnxruntime", "deploy")
    was_training = network.training
    try:
        scored = Scored(network, spec, score_kind(task))
        model = traced(scored, example_tensors(spec), input_names(spec), _axes(spec))
    finally:
        network.train(was_training)
    masked = any(part.kind in MASKED for part in spec.values())
    return never_empty(model, _varying(spec)) if masked else model


def _axes(spec: InputSpec) -> list[dict[int, str]]:
    """Axes of the inputs whose length may vary."""
    made: list[dict[int, str]] = []
    for name, part in spec.items():
        objects = {1: f"objects_{len(made)}"} if part.kind in MASKED else {}
        made += [{0: "batch"} | objects for _ in input_names({name: part})]
    return made


def _varying(spec: InputSpec) -> dict[str, int]:
    """How many of the first axes of the inputs may be empty."""
    return {
        name: 1 + (part.kind in MASKED)
        for key, part in spec.items()
        for name in input_names({key: part})
    }

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
from hepvision.deploy._onnx_channels import canvases_told, hits_told, write_channels
from hepvision.deploy._onnx_feeds import feeds_of
from hepvision.deploy._onnx_guard import never_empty
from hepvision.deploy._onnx_hits import FromHits
from hepvision.deploy._onnx_metadata import metadata_of, told, write_metadata
from hepvision.deploy._onnx_precision import eight_bits
from hepvision.deploy._onnx_trace import (
    Scored,
    example_tensors,
    input_names,
    score_kind,
    traced,
)
from hepvision.deploy._split_rows import Events, paths_of, rows_of
from hepvision.deploy.bundle import Bundle, opened
from hepvision.deploy.parity import Parity, parity
from hepvision.models.layers.network import Network
from hepvision.representations.detector_image import DetectorImage

__all__ = ["Exported", "GraphInputs", "Precision", "export"]

GraphInputs = Literal["dense", "hits"]
Precision = Literal["float32", "bfloat16", "int8"]

#: Training examples that ranges of int8 are taken from, and test examples that files are held
#: against.
CALIBRATION, HELD = 256, 5000


@dataclasses.dataclass(frozen=True, eq=False)
class Exported:
    """What ``export`` wrote.

    Parameters
    ----------
    path : Path
        The ONNX file.
    inputs : str
        ``dense`` or ``hits``.
    precision : str
        Of weights and sums.
    told : dict of str
        One line on each input, by its name.
    classes : tuple of str
        Of the columns of the output ``scores``.
    tables : tuple of Path
        Channels of each collection of hits, written beside the file.
    parity : Parity, optional
        How far it is from PyTorch, where events were given.

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
    tables: tuple[Path, ...] = ()
    parity: Parity | None = None

    def __repr__(self) -> str:
        lines = [f"{self.path}: {self.inputs} inputs, {self.precision}"]
        lines += [f"  {name}: {text}" for name, text in self.told.items()]
        lines.append(f"  scores (batch, {len(self.classes)}): {', '.join(self.classes)}")
        lines += [f"  channels: {one}" for one in self.tables]
        return "\n".join([*lines, *([repr(self.parity)] if self.parity else [])])


def export(
    bundle: str | Path | Bundle,
    out: str | Path,
    *,
    inputs: GraphInputs = "dense",
    precision: Precision = "float32",
    events: Events | None = None,
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
    inputs : "dense" or "hits"
        The network's own inputs: padded arrays, and masks of sets and sequences. Or, for bundles
        whose one representation is ``detector_image``, hits one behind the other: channels,
        energies and offsets; images are then drawn in the graph, and tables of the channels are
        written beside the file.
    precision : "float32", "bfloat16" or "int8"
        Of weights and sums. With eight bits the first and the last layer stay in float32.
    events : path or sequence of paths, optional
        Stores or files of the study, with all its classes: the training split calibrates int8, on
        the test split the file is held against PyTorch.
    components : iterable of str
        The user's own components that the bundle was made with, ``path/to/file.py:Class`` each.

    Returns
    -------
    Exported
        What is in the file.

    Raises
    ------
    ValueError
        The bundle holds no network, there is no such kind of inputs or precision, it cannot be
        had for this bundle, or events are missing that it needs.
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
    if precision == "bfloat16":
        raise ValueError(
            "precision: must have kernels in ONNX Runtime on a CPU, got bfloat16, which has none. "
            "Take float32 or int8."
        )
    if precision == "int8" and events is None:
        raise ValueError(
            "precision: int8 needs events of the training split, got none. Give them with --events."
        )
    path = output_file(out, *paths_of(events), suffix=".onnx")
    with using(components):
        loaded = opened(bundle)
        return _exported(loaded, path, inputs, precision, events)


def _exported(
    bundle: Bundle, path: Path, inputs: str, precision: str, events: Events | None
) -> Exported:
    if bundle.kind != "network":
        raise ValueError(
            f"export: must be a network, got {described(bundle.architecture)['name']}, a "
            "learner. Score events with 'hepvision predict', or train a network."
        )
    image = _image(bundle) if inputs == "hits" else None
    if image is None:
        model, docs = graph_of(bundle.model, bundle.spec, bundle.task), told(bundle.spec)
    else:
        model, docs = hits_graph(bundle), hits_told(image)
    if precision == "int8" and events is not None:
        rows = rows_of(bundle, events, "train", CALIBRATION)
        model = eight_bits(model, feeds_of(bundle.representations, rows, inputs, 16))
    data = metadata_of(bundle, inputs, precision)
    write_metadata(model, data | ({"canvases": canvases_told(image)} if image else {}), docs)
    tables = write_channels(image, path) if image else ()
    with atomic_write(path) as file:
        file.write(model.SerializeToString())
    held = None if events is None else parity(bundle, path, rows_of(bundle, events, "test", HELD))
    classes = tuple(bundle.task.class_names)
    return Exported(path, inputs, precision, docs, classes, tables, held)


def _image(bundle: Bundle) -> DetectorImage:
    """The one representation of a bundle that can be exported with hits."""
    found = list(bundle.representations.values())
    if len(found) != 1 or type(found[0]) is not DetectorImage or bundle.per != "event":
        names = ", ".join(described(one)["name"] for one in found)
        raise ValueError(
            f"inputs: hits needs detector_image of events alone, got {names} per {bundle.per}. "
            "Export it with inputs 'dense'."
        )
    return found[0]


def hits_graph(bundle: Bundle) -> Any:
    """A network behind the drawing of its images as a graph, without metadata."""
    require("onnxruntime", "deploy")
    (key,), network = bundle.representations, bundle.model
    was_training = network.training
    try:
        scored = Scored(network, bundle.spec, score_kind(bundle.task))
        module = FromHits(key, _image(bundle), scored)
        given = module.example()
        axes = [{0: _axis(name)} for name in given]
        return traced(module, tuple(given.values()), tuple(given), axes)
    finally:
        network.train(was_training)


def _axis(name: str) -> str:
    """Name of the first axis of an input of hits."""
    if name.endswith(".offsets"):
        return "batch_plus_one"
    return f"hits_{name.partition('.')[0]}" if "." in name else "batch"


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
    masked = any(part.masked for part in spec.values())
    return never_empty(model, _varying(spec)) if masked else model


def _axes(spec: InputSpec) -> list[dict[int, str]]:
    """Axes of the inputs whose length may vary."""
    made: list[dict[int, str]] = []
    for name, part in spec.items():
        objects = {1: f"objects_{len(made)}"} if part.masked else {}
        made += [{0: "batch"} | objects for _ in input_names({name: part})]
    return made


def _varying(spec: InputSpec) -> dict[str, int]:
    """How many of the first axes of the inputs may be empty."""
    return {
        name: 1 + (part.masked) for key, part in spec.items() for name in input_names({key: part})
    }

"""A model repository for a Triton inference server, around an exported network."""

import json
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from hepvision.core.card import described
from hepvision.core.files import atomic_folder
from hepvision.core.names import require
from hepvision.core.outputs import output_folder
from hepvision.core.own import using
from hepvision.deploy._split_rows import Events
from hepvision.deploy.bundle import Bundle, opened
from hepvision.deploy.onnx import Exported, GraphInputs, Precision, export

__all__ = ["configuration", "triton_repository"]

#: Most examples that the server puts together, and how long the first of them waits, in µs.
MOST, DELAY = 64, 500
#: Types of tensors: ONNX number, name in the configuration.
_TYPES = {1: "TYPE_FP32", 7: "TYPE_INT64", 9: "TYPE_BOOL", 11: "TYPE_FP64"}


def triton_repository(
    bundle: str | Path | Bundle,
    folder: str | Path,
    *,
    inputs: GraphInputs = "dense",
    precision: Precision = "float32",
    events: Events | None = None,
    components: Iterable[str] = (),
) -> Exported:
    """Write a network as a model that a Triton server loads.

    The model has the name of the architecture; other models of the repository stay as they are.
    Requests with dense inputs are put together by the server. One with hits holds a batch by its
    offsets, and is computed as it comes.

    Parameters
    ----------
    bundle : path or Bundle
        A folder that a study made, or what ``load_bundle`` gave.
    folder : path
        The repository: gets ``<model>/config.pbtxt``, ``<model>/labels.txt`` and
        ``<model>/1/model.onnx``.
    inputs : "dense" or "hits"
        See ``hepvision.deploy.onnx.export``, also for the others.
    precision : "float32", "bfloat16" or "int8"
        Of weights and sums.
    events : path or sequence of paths, optional
        Stores or files of the study.
    components : iterable of str
        The user's own components that the bundle was made with.

    Returns
    -------
    Exported
        What is in the ONNX file.

    Raises
    ------
    ValueError
        The bundle holds no network, or see ``export``.
    CorruptFileError
        The bundle is damaged.

    Examples
    --------
    >>> triton_repository("nowhere", "models")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: nowhere: no bundle is there. Check the path; a run \
keeps its bundles in <entry>/<seed>/bundle.
    """
    with using(components):
        loaded = opened(bundle)
        name = described(loaded.architecture)["name"]
        home = output_folder(folder) / name
        with tempfile.TemporaryDirectory() as apart:
            # what is refused must leave no folder behind
            done = export(
                loaded,
                Path(apart) / "model.onnx",
                inputs=inputs,
                precision=precision,
                events=events,
            )
            model = require("onnx", "deploy").load(done.path, load_external_data=False)
            text = configuration(name, model.graph, done.classes, batched=inputs == "dense")
            with atomic_folder(home) as made:
                (made / "config.pbtxt").write_text(text, "utf-8")
                (made / "labels.txt").write_text("\n".join(done.classes) + "\n", "utf-8")
                (made / "1").mkdir()
                for one in (done.path, *done.tables):
                    shutil.copyfile(one, made / "1" / one.name)
    version = home / "1"
    tables = tuple(version / one.name for one in done.tables)
    return Exported(
        version / "model.onnx",
        done.inputs,
        done.precision,
        done.told,
        done.classes,
        tables,
        done.parity,
    )


def configuration(name: str, graph: Any, classes: Sequence[str], *, batched: bool) -> str:
    """Text of a ``config.pbtxt``.

    Parameters
    ----------
    name : str
        Of the model.
    graph : onnx.GraphProto
        With its inputs and outputs.
    classes : sequence of str
        Of the columns of the scores.
    batched : bool
        Whether the first axis of all tensors is the batch, which the server may put together.

    Returns
    -------
    str
        Protocol buffer text of an ``inference.ModelConfig``.

    References
    ----------
    NVIDIA Triton Inference Server, model_config.proto; ``tritonclient[grpc]`` has it compiled.

    Examples
    --------
    >>> helper = require("onnx.helper")
    >>> ends = [[helper.make_tensor_value_info(name, 1, ["batch", 4])] for name in ("x", "scores")]
    >>> graph = helper.make_graph([], "graph", *ends)
    >>> print(configuration("mlp", graph, ("signal", "background"), batched=True)[:60])
    name: "mlp"
    platform: "onnxruntime_onnx"
    backend: "onnxrunti
    """
    lines = [
        f"name: {_quoted(name)}",
        'platform: "onnxruntime_onnx"',
        'backend: "onnxruntime"',
        f"max_batch_size: {MOST if batched else 0}",
    ]
    for key, tensors in (("input", graph.input), ("output", graph.output)):
        for one in tensors:
            lines += [f"{key} {{", *_tensor(one, len(classes), key, batched), "}"]
    if batched:
        lines += [
            "dynamic_batching {",
            f"  preferred_batch_size: [ {MOST // 4}, {MOST} ]",
            f"  max_queue_delay_microseconds: {DELAY}",
            "}",
        ]
    lines += ["version_policy {", "  latest {", "    num_versions: 1", "  }", "}"]
    return "\n".join(lines) + "\n"


def _tensor(one: Any, classes: int, key: str, batched: bool) -> list[str]:
    kind = one.type.tensor_type
    sizes = [axis.dim_value or -1 for axis in kind.shape.dim]
    if key == "output":
        # one axis of the batch, one of the classes, whatever the graph says
        sizes = [-1, classes]
    made = [
        f"  name: {_quoted(one.name)}",
        f"  data_type: {_TYPES[kind.elem_type]}",
        f"  dims: [ {', '.join(map(str, sizes[batched:]))} ]",
    ]
    return [*made, '  label_filename: "labels.txt"'] if key == "output" else made


def _quoted(text: str) -> str:
    # JSON without its Unicode escapes is a string of the text format
    return json.dumps(text, ensure_ascii=False)

"""What an ONNX file says of itself: inputs, classes, cuts, and how inputs are made."""

import json
from collections.abc import Mapping
from typing import Any

from hepvision.core.card import described
from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.core.inputs import InputSpec
from hepvision.core.names import require
from hepvision.deploy.bundle import Bundle, own_of

__all__ = ["ONNX_FORMAT", "metadata_of", "read_metadata", "told", "write_metadata"]

#: Format of the metadata; there is a reader for every older one.
ONNX_FORMAT = 1
#: All keys start with it, values are JSON.
PREFIX = "hepvision."


def metadata_of(bundle: Bundle, inputs: str, precision: str) -> dict[str, Any]:
    """What is written beside a graph.

    Parameters
    ----------
    bundle : Bundle
        What was exported.
    inputs, precision : str
        How.

    Returns
    -------
    dict
        Plain data.
    """
    task = bundle.task
    data = {
        "format": ONNX_FORMAT,
        "inputs": inputs,
        "precision": precision,
        "spec": {name: part.as_dict() for name, part in bundle.spec.items()},
        "classes": list(task.class_names),
        "working_points": dict(bundle.working_points),
        "task": described(task),
        "model": described(bundle.architecture),
        "representations": {
            key: {**described(one), "version": one.version}
            for key, one in bundle.representations.items()
        },
        "order": list(bundle.representations),
        "select": list(bundle.select),
        "per": bundle.per,
        "observables": list(bundle.observables),
        "versions": dict(bundle.versions),
    }
    own = own_of(data)
    return data | ({"components": own} if own else {})


def told(spec: InputSpec) -> dict[str, str]:
    """One line on each input of a dense graph.

    Parameters
    ----------
    spec : InputSpec
        What a network reads.

    Returns
    -------
    dict of str
        By name of the input.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> told({"jet": PartSpec("set", (9, 2), ("pt", "eta"), ("GeV", ""), (10.0, 1.0))})["jet"]
    'set (batch, objects, 2): pt in GeV / 10, eta'
    """
    made = {}
    for name, part in spec.items():
        columns = ", ".join(
            column + (f" in {unit}" if unit else "") + (f" / {scale:g}" if scale != 1 else "")
            for column, unit, scale in zip(part.names, part.units, part.scale, strict=True)
        )
        masked = part.masked
        shape = ("batch", "objects", *part.shape[1:]) if masked else ("batch", *part.shape)
        made[name] = f"{part.kind} ({', '.join(map(str, shape))}): {columns}"
        if masked:
            made[f"{name}.mask"] = "bool (batch, objects): true where there is an object"
    return made


def write_metadata(model: Any, data: Mapping[str, Any], docs: Mapping[str, str]) -> None:
    """Put metadata, and a line on each input, into a model.

    Parameters
    ----------
    model : onnx.ModelProto
        Changed in place.
    data : mapping
        As ``metadata_of`` gives it; what is there under other keys is kept.
    docs : mapping of str
        By name of the input.
    """
    helper = require("onnx.helper", "deploy")
    kept = {one.key: one.value for one in model.metadata_props}
    kept |= {PREFIX + key: json.dumps(value, ensure_ascii=False) for key, value in data.items()}
    helper.set_model_props(model, kept)
    model.producer_name = "hepvision"
    for given in model.graph.input:
        given.doc_string = docs.get(given.name, given.doc_string)


def read_metadata(properties: Mapping[str, str], where: str) -> dict[str, Any]:
    """The reverse, from what any runtime says of a file.

    Parameters
    ----------
    properties : mapping of str
        Such as ``InferenceSession.get_modelmeta().custom_metadata_map``.
    where : str
        The file, for messages.

    Returns
    -------
    dict
        As ``metadata_of`` gave it.

    Raises
    ------
    CorruptFileError
        The file was not written by ``hepvision export``, or is damaged.
    SchemaError
        A newer hepvision wrote it.

    Examples
    --------
    >>> read_metadata({}, "a.onnx")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: a.onnx: must be a file of hepvision export, got \
another ONNX file. Export the bundle.
    """
    try:
        found = {
            key.removeprefix(PREFIX): json.loads(value)
            for key, value in properties.items()
            if key.startswith(PREFIX)
        }
    except ValueError as error:
        raise CorruptFileError(f"{where}: metadata is damaged. Export the bundle anew.") from error
    if not isinstance(found.get("format"), int):
        raise CorruptFileError(
            f"{where}: must be a file of hepvision export, got another ONNX file. "
            "Export the bundle."
        )
    if found["format"] > ONNX_FORMAT:
        raise SchemaError(
            f"{where}: written by a newer hepvision, format {found['format']}. Update hepvision."
        )
    return found

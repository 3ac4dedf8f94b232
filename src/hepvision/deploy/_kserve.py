"""Requests and answers of the Open Inference Protocol, version 2: JSON, and tensors as raw bytes.

What KServe, Triton and CMSSW's SONIC speak over HTTP, with Triton's extension for binary tensors.
Nothing here knows of sockets, models or units: bytes in, arrays out, or one line that says why not.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["DATATYPES", "Request", "TensorSpec", "answer", "datatype_of", "request_of"]

#: Names of the protocol, and what they are in memory, little-endian.
DATATYPES = {
    "BOOL": "?",
    "UINT8": "<u1",
    "UINT16": "<u2",
    "UINT32": "<u4",
    "UINT64": "<u8",
    "INT8": "<i1",
    "INT16": "<i2",
    "INT32": "<i4",
    "INT64": "<i8",
    "FP16": "<f2",
    "FP32": "<f4",
    "FP64": "<f8",
}


@dataclasses.dataclass(frozen=True)
class TensorSpec:
    """An input or output of a model.

    Parameters
    ----------
    name : str
        Of the tensor.
    datatype : str
        One of ``DATATYPES``.
    shape : tuple of int
        With −1 for what may vary.
    most : tuple of int, optional
        Largest sizes, for axes that may vary; 0 where there is no limit. No limits if not given.
    """

    name: str
    datatype: str
    shape: tuple[int, ...]
    most: tuple[int, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As a model's metadata lists it."""
        return {"name": self.name, "datatype": self.datatype, "shape": list(self.shape)}


@dataclasses.dataclass(frozen=True, eq=False)
class Request:
    """What a client asks for.

    Parameters
    ----------
    tensors : mapping of array
        Inputs by name, all that the model has.
    identity : str
        The client's own name for the request; may be empty.
    wanted : mapping of bool
        Outputs, and whether each is to be sent as raw bytes.
    """

    tensors: Mapping[str, NDArray[Any]]
    identity: str
    wanted: Mapping[str, bool]


def datatype_of(dtype: Any) -> str:
    """The protocol's name of a numpy type.

    Examples
    --------
    >>> datatype_of(np.float32)
    'FP32'
    """
    return next(name for name, code in DATATYPES.items() if np.dtype(code) == np.dtype(dtype))


def request_of(
    body: bytes,
    header_length: int | None,
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
) -> Request:
    """Read a request for inference.

    Parameters
    ----------
    body : bytes
        JSON, and after it the raw bytes of tensors that are sent so.
    header_length : int, optional
        Bytes of the JSON; all if not given.
    inputs, outputs : sequence of TensorSpec
        The model's.

    Returns
    -------
    Request
        With finite numbers in the shapes of the model.

    Raises
    ------
    ValueError
        It is no such request, in one line.

    Examples
    --------
    >>> x = TensorSpec("x", "FP32", (-1, 2))
    >>> one = {"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1, 2]}
    >>> request_of(json.dumps({"inputs": [one]}).encode(), None, [x], []).tensors["x"].tolist()
    [[1.0, 2.0]]
    """
    if header_length is not None and not 0 <= header_length <= len(body):
        raise ValueError(
            f"Inference-Header-Content-Length: must be 0 to {len(body)}, got {header_length}."
        )
    head, tail = body[:header_length], memoryview(body)[len(body[:header_length]) :]
    data = _json(head)
    given = _list(data, "inputs")
    known = {one.name: one for one in inputs}
    tensors: dict[str, NDArray[Any]] = {}
    for one in given:
        name = _text(one, "name", "inputs")
        if name not in known or name in tensors:
            raise ValueError(
                f"inputs: must be {', '.join(known)}, each once, got {name[:60]!r}"
                f"{' again' if name in tensors else ''}."
            )
        tensors[name], tail = _tensor(one, known[name], tail)
    missing = [name for name in known if name not in tensors]
    if missing:
        raise ValueError(f"inputs: must hold {', '.join(known)}, got none of {missing[0]!r}.")
    if len(tail):
        raise ValueError(f"body: must end with the last tensor, got {len(tail)} more bytes.")
    identity = data.get("id", "")
    if not isinstance(identity, str):
        raise ValueError("id: must be text.")
    return Request(tensors, identity, _wanted(data, outputs))


def answer(
    request: Request, model: str, outputs: Mapping[str, NDArray[Any]]
) -> tuple[bytes, int | None]:
    """The body that answers a request, and how many bytes of it are JSON.

    Parameters
    ----------
    request : Request
        What was asked.
    model : str
        Its name.
    outputs : mapping of array
        By name.

    Returns
    -------
    (bytes, int or None)
        None where all is JSON.
    """
    told: list[dict[str, Any]] = []
    raw: list[bytes] = []
    for name, binary in request.wanted.items():
        values = np.ascontiguousarray(outputs[name])
        one: dict[str, Any] = {"name": name, "datatype": datatype_of(values.dtype)}
        one["shape"] = list(values.shape)
        if binary:
            raw.append(values.tobytes())
            one["parameters"] = {"binary_data_size": len(raw[-1])}
        else:
            one["data"] = values.reshape(-1).tolist()
        told.append(one)
    head: dict[str, Any] = {"model_name": model, "model_version": "1", "outputs": told}
    head |= {"id": request.identity} if request.identity else {}
    text = json.dumps(head, separators=(",", ":")).encode()
    return b"".join([text, *raw]), len(text) if raw else None


def _json(head: bytes) -> dict[str, Any]:
    try:
        data = json.loads(head)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"body: must be JSON, got {type(error).__name__}.") from error
    if not isinstance(data, dict):
        raise ValueError("body: must be an object with inputs, got something else.")
    return data


def _list(data: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    found = data.get(key)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ValueError(f"{key}: must be a list of objects.")
    return found


def _text(one: Mapping[str, Any], key: str, where: str) -> str:
    found = one.get(key)
    if not isinstance(found, str):
        raise ValueError(f"{where}: must have a {key}, which is text.")
    return found


def _parameters(one: Mapping[str, Any], where: str) -> Mapping[str, Any]:
    found = one.get("parameters", {})
    if not isinstance(found, dict):
        raise ValueError(f"{where}: parameters must be an object.")
    return found


def _tensor(
    one: Mapping[str, Any], spec: TensorSpec, tail: memoryview
) -> tuple[NDArray[Any], memoryview]:
    """One tensor, and the raw bytes that are left for the others."""
    where = f"input {spec.name}"
    if one.get("datatype") != spec.datatype:
        raise ValueError(
            f"{where}: datatype must be {spec.datatype}, got {str(one.get('datatype'))[:20]!r}."
        )
    shape = _shape(one.get("shape"), spec)
    size, dtype = math.prod(shape), np.dtype(DATATYPES[spec.datatype])
    raw = _parameters(one, where).get("binary_data_size")
    if raw is not None:
        if not isinstance(raw, int) or isinstance(raw, bool) or raw != size * dtype.itemsize:
            raise ValueError(
                f"{where}: binary_data_size must be {size * dtype.itemsize}, got {str(raw)[:20]}."
            )
        if raw > len(tail):
            raise ValueError(f"{where}: must have {raw} bytes, got {len(tail)}.")
        values, tail = np.frombuffer(tail[:raw], dtype), tail[raw:]
        if spec.datatype == "BOOL" and not (np.frombuffer(values, np.uint8) <= 1).all():
            raise ValueError(f"{where}: BOOL must be bytes of 0 or 1.")
    else:
        values = _from_json(one.get("data"), size, dtype, where)
    if dtype.kind == "f" and not np.isfinite(values).all():
        raise ValueError(f"{where}: must be finite.")
    return values.reshape(shape), tail


def _shape(given: Any, spec: TensorSpec) -> tuple[int, ...]:
    """A shape that the model takes."""
    wanted = str(list(spec.shape))
    if not isinstance(given, list) or len(given) != len(spec.shape):
        raise ValueError(f"input {spec.name}: shape must be {wanted}, got {str(given)[:60]}.")
    most = spec.most or (0,) * len(spec.shape)
    for one, fixed, limit in zip(given, spec.shape, most, strict=True):
        right = isinstance(one, int) and not isinstance(one, bool) and one >= 0
        if not right or (fixed >= 0 and one != fixed) or (limit and one > limit):
            limits = f", at most {list(most)}" if any(most) else ""
            raise ValueError(
                f"input {spec.name}: shape must be {wanted}{limits}, got {str(given)[:60]}."
            )
    return tuple(given)


def _from_json(data: Any, size: int, dtype: np.dtype[Any], where: str) -> NDArray[Any]:
    """Numbers, flat or nested, of one kind."""
    flat: list[Any] = []
    left = [data]
    while left:  # nested lists as deep as JSON allows
        one = left.pop()
        if isinstance(one, list):
            left.extend(reversed(one))
        else:
            flat.append(one)
    if not isinstance(data, list) or len(flat) != size:
        raise ValueError(f"{where}: data must hold {size} numbers, got {len(flat)}.")
    right: tuple[type, ...] = {"b": (bool,), "f": (int, float)}.get(dtype.kind, (int,))
    if not all(isinstance(one, right) and isinstance(one, bool) == (bool in right) for one in flat):
        raise ValueError(
            f"{where}: data must be {'true or false' if bool in right else 'numbers'}."
        )
    try:
        with np.errstate(over="ignore"):
            return np.array(flat, dtype)
    except OverflowError as error:
        raise ValueError(f"{where}: data must fit into {dtype.name}.") from error


def _wanted(data: Mapping[str, Any], outputs: Sequence[TensorSpec]) -> dict[str, bool]:
    """Outputs that are asked for, all by default, and which as raw bytes."""
    binary = _parameters(data, "body").get("binary_data_output", False)
    known = [one.name for one in outputs]
    if "outputs" not in data:
        return dict.fromkeys(known, binary is True)
    found: dict[str, bool] = {}
    for one in _list(data, "outputs"):
        name = _text(one, "name", "outputs")
        if name not in known:
            raise ValueError(f"outputs: must be {', '.join(known)}, got {name[:60]!r}.")
        asked = _parameters(one, "outputs")
        if asked.get("classification"):
            raise ValueError("outputs: classification is not offered. Ask for the scores.")
        found[name] = asked.get("binary_data", binary) is True
    return found or dict.fromkeys(known, binary is True)

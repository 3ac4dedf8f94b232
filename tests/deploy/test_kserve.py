"""Requests are read, or refused in one line; nothing else comes of any bytes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepvision.deploy._kserve import DATATYPES, Request, TensorSpec, answer, datatype_of, request_of

X = TensorSpec("x", "FP32", (-1, 2))
MASK = TensorSpec("x.mask", "BOOL", (-1, -1), (0, 3))
Y = TensorSpec("y", "FP32", (-1, 2))


def asked(*inputs: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"inputs": list(inputs), **more}).encode()


def x(**changes: Any) -> dict[str, Any]:
    return {"name": "x", "datatype": "FP32", "shape": [1, 2], "data": [1.5, 2]} | changes


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "body: must be JSON, got JSONDecodeError"),
        (b"\xff\xfe{", "body: must be JSON, got UnicodeDecodeError"),
        (b"[" * 100_000, "body: must be JSON, got RecursionError"),
        (b"[]", "body: must be an object with inputs"),
        (b"{}", "inputs: must be a list of objects"),
        (asked(), "inputs: must hold x, got none of 'x'"),
        (asked(x(name=3)), "inputs: must have a name, which is text"),
        (asked(x(name="z")), "inputs: must be x, each once, got 'z'"),
        (asked(x(), x()), "inputs: must be x, each once, got 'x' again"),
        (asked(x(datatype="FP64")), "input x: datatype must be FP32, got 'FP64'"),
        (asked(x(shape=[2, 1])), r"input x: shape must be \[-1, 2\], got \[2, 1\]"),
        (asked(x(shape=[-1, 2])), r"input x: shape must be \[-1, 2\], got \[-1, 2\]"),
        (asked(x(shape=[True, 2])), r"input x: shape must be"),
        (asked(x(shape=[10**30, 2])), "input x: data must hold 2.* numbers, got 2"),
        (asked(x(data=[1])), "input x: data must hold 2 numbers, got 1"),
        (asked(x(data=3)), "input x: data must hold 2 numbers"),
        (asked(x(data=["1", "2"])), "input x: data must be numbers"),
        (asked(x(data=[True, 2])), "input x: data must be numbers"),
        (asked(x(data=[float("nan"), 2])), "input x: must be finite"),
        (asked(x(data=[1e300, 2])), "input x: must be finite"),
        (asked(x(data=[10**400, 2])), "input x: data must fit into float32"),
        (asked(x(parameters=3)), "input x: parameters must be an object"),
        (asked(x(parameters={"binary_data_size": 9})), "binary_data_size must be 8, got 9"),
        (asked(x(parameters={"binary_data_size": 8})), "input x: must have 8 bytes, got 0"),
        (asked(x(), id=4), "id: must be text"),
        (asked(x(), outputs=[{"name": "z"}]), "outputs: must be y, got 'z'"),
        (
            asked(x(), outputs=[{"name": "y", "parameters": {"classification": 2}}]),
            "outputs: classification is not offered",
        ),
    ],
)
def test_refused_in_one_line(body: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        request_of(body, None, [X], [Y])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_raw_bytes_follow_in_the_order_of_the_inputs() -> None:
    values = np.array([[1, 2], [3, 4]], np.float32)
    mask = np.array([[True], [False]])
    head = asked(
        {"name": "x.mask", "datatype": "BOOL", "shape": [2, 1]}
        | {"parameters": {"binary_data_size": 2}},
        x(shape=[2, 2], parameters={"binary_data_size": 16}),
    )
    body = head + mask.tobytes() + values.tobytes()
    found = request_of(body, len(head), [X, MASK], [Y]).tensors
    assert (found["x"] == values).all() and (found["x.mask"] == mask).all()
    with pytest.raises(ValueError, match="must end with the last tensor, got 3 more bytes"):
        request_of(body + b"abc", len(head), [X, MASK], [Y])
    with pytest.raises(ValueError, match="BOOL must be bytes of 0 or 1"):
        request_of(head + b"\x02\x00" + values.tobytes(), len(head), [X, MASK], [Y])
    with pytest.raises(ValueError, match=f"must be 0 to {len(body)}, got {len(body) + 1}"):
        request_of(body, len(body) + 1, [X, MASK], [Y])


def test_no_more_objects_than_the_model_reads() -> None:
    one = {"name": "x.mask", "datatype": "BOOL", "shape": [1, 4], "data": [True] * 4}
    with pytest.raises(ValueError, match=r"at most \[0, 3\], got \[1, 4\]"):
        request_of(asked(one), None, [MASK], [])


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("name", DATATYPES)
def test_every_type_comes_back_as_it_was(name: str, binary: bool) -> None:
    values = np.array([[0, 1], [1, 0]]).astype(DATATYPES[name])
    spec = TensorSpec("x", name, (-1, 2))
    assert datatype_of(values.dtype) == name
    request = Request({}, "seven", {"x": binary})
    body, length = answer(request, "toy", {"x": values})
    assert (length is not None) == binary
    head = json.loads(body[:length])
    assert head["model_name"] == "toy" and head["id"] == "seven"
    again = asked(*head["outputs"])
    raw = b"" if length is None else body[length:]
    found = request_of(again + raw, len(again), [spec], []).tensors["x"]
    assert found.dtype == values.dtype and (found == values).all()


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "data", "shape", "parameters"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(changes=st.dictionaries(st.sampled_from([*x(), "parameters"]), PLAIN), more=PLAIN)
def test_whatever_is_sent_is_read_or_refused(changes: dict[str, Any], more: Any) -> None:
    body = asked(x(**changes), parameters=more)
    found, told = None, ""
    try:
        found = request_of(body, None, [X], [Y]).tensors["x"]
    except ValueError as error:
        told = str(error)
    assert (found is None) == bool(told) and "\n" not in told
    assert found is None or (found.shape[1] == 2 and np.isfinite(found).all())

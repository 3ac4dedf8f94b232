"""The container: deterministic JSON, no infinity, a table for a notebook."""

from __future__ import annotations

import json

import numpy as np
import pytest

from hepvision.evaluation.metrics import Metrics
from hepvision.physics.intervals import Interval


def test_round_trip_keeps_every_digit() -> None:
    metrics = Metrics({"a": {"auc": Interval(1 / 3, 0.3, None)}, "list": [0.1, None, "x"], "n": 3})
    again = Metrics.from_dict(json.loads(json.dumps(metrics.to_dict(), allow_nan=False)))
    assert again == metrics
    assert again["a"]["auc"].value == 1 / 3


def test_numpy_becomes_plain() -> None:
    plain = Metrics({"x": np.float64(0.5), "n": np.int64(2), "b": np.bool_(True)}).to_dict()
    assert [type(v) for v in plain.values()] == [float, int, bool]
    assert Metrics({"m": np.eye(2)}).to_dict() == {"m": [[1.0, 0.0], [0.0, 1.0]]}


@pytest.mark.parametrize("value", [np.nan, np.inf, np.array([0.0, np.nan]), [[-np.inf]]])
def test_not_finite_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="metric rest/auc: must be finite"):
        Metrics({"rest": {"auc": value}})


def test_names_are_paths() -> None:
    with pytest.raises(ValueError, match="names must be text without '/'"):
        Metrics({"a/b": 1})
    with pytest.raises(ValueError, match="metric a: names must be text"):
        Metrics({"a": {1: 1}})


def test_strange_values_are_refused() -> None:
    with pytest.raises(TypeError, match="metric a: must be a number, .* got object"):
        Metrics({"a": object()})


def test_later_changes_outside_do_not_reach_it() -> None:
    source = {"a": {"b": 1}}
    metrics = Metrics(source)
    source["a"]["b"] = 2
    assert metrics["a"]["b"] == 1


def test_html_is_a_table_and_escaped() -> None:
    shown = Metrics({"a": {"<b>": Interval(None, 3.0, None)}})._repr_html_()
    assert "<tr><td>a/&lt;b&gt;</td><td>&gt; 3</td></tr>" in shown


def test_text_lists_every_measure() -> None:
    assert str(Metrics({"a": {"x": 0.123456, "y": None}, "l": [1, 2]})) == (
        "a/x  0.1235\na/y  –\nl    [2 entries]"
    )
    assert str(Metrics({})) == ""

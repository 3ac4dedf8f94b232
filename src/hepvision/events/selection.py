"""Selections: cuts over the schema's fields, applied one after the other, with their cut flow."""

from collections.abc import Sequence
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError
from hepvision.events._expression import evaluate, field_of, kind_of, names_in
from hepvision.events._expression_syntax import NARROWED

__all__ = ["CutFlow", "evaluate", "names_in", "select", "selected"]


class CutFlow:
    """How many events pass each cut, one after the other.

    Parameters
    ----------
    cuts : sequence of str
        The expressions.
    passed : sequence of int
        Events before any cut and after each, one more than cuts.
    weights : sequence of float
        Sums of weights likewise.

    Examples
    --------
    >>> (CutFlow(["a > 1"], [10, 4], [10.0, 4.0]) + CutFlow(["a > 1"], [2, 1], [2.0, 1.0])).passed
    [12, 5]
    """

    def __init__(self, cuts: Sequence[str], passed: Sequence[int], weights: Sequence[float]):
        self.cuts, self.passed, self.weights = list(cuts), list(passed), list(weights)

    def __add__(self, other: "CutFlow") -> "CutFlow":
        if self.cuts != other.cuts:
            raise ValueError("cut flows: must have the same cuts to be added.")
        passed = [a + b for a, b in zip(self.passed, other.passed, strict=True)]
        weights = [a + b for a, b in zip(self.weights, other.weights, strict=True)]
        return CutFlow(self.cuts, passed, weights)

    def as_dict(self) -> dict[str, list[Any]]:
        """Plain data: cuts, passed, weights.

        Returns
        -------
        dict
            Lists under these keys.
        """
        return {"cuts": self.cuts, "passed": self.passed, "weights": self.weights}

    def __repr__(self) -> str:
        rows = zip(["all", *self.cuts], self.passed, strict=True)
        return "\n".join(f"{passed:>12,}  {cut}" for cut, passed in rows)


def select(events: ak.Array, cuts: Sequence[str]) -> tuple[NDArray[np.bool_], CutFlow]:
    """Apply cuts one after the other; a later cut sees only events that passed the earlier ones.

    Parameters
    ----------
    events : ak.Array
        Events or examples.
    cuts : sequence of str
        Expressions that give one truth value an event. ``Photon = Photon[Photon.pt > 20]`` is no
        cut: it narrows a collection for the cuts that follow.

    Returns
    -------
    passed : array of bool, shape (B,)
        Which events pass all.
    flow : CutFlow
        Counts after each cut.

    Raises
    ------
    SchemaError
        A cut gives no truth value an event.

    Examples
    --------
    >>> passed, flow = select(ak.Array([{"weight": 2.0}, {"weight": 3.0}]), ["weight > 2.5"])
    >>> passed.tolist(), flow.passed
    ([False, True], [2, 1])
    """
    _, rows, flow = _applied(events, cuts)
    passed = np.zeros(len(events), bool)
    passed[rows] = True
    return passed, flow


def selected(events: ak.Array, cuts: Sequence[str]) -> tuple[ak.Array, CutFlow]:
    """The events that pass all cuts, with their collections narrowed as the cuts say.

    Parameters
    ----------
    events : ak.Array
        Events or examples.
    cuts : sequence of str
        As in ``select``.

    Returns
    -------
    events : ak.Array
        Those that pass.
    flow : CutFlow
        Counts after each cut.

    Raises
    ------
    SchemaError
        A cut gives no truth value an event.

    Examples
    --------
    >>> events = ak.Array([{"weight": 1.0, "Photon": [{"pt": 30.0}, {"pt": 10.0}]}])
    >>> kept, _ = selected(events, ["Photon = Photon[Photon.pt > 20]", "num(Photon) == 1"])
    >>> kept.Photon.pt.tolist()
    [[30.0]]
    """
    kept, _, flow = _applied(events, cuts)
    return kept, flow


def _applied(events: ak.Array, cuts: Sequence[str]) -> tuple[ak.Array, NDArray[Any], CutFlow]:
    alive, rows = events, np.arange(len(events))
    weight = ak.to_numpy(events["weight"]) if "weight" in events.fields else np.ones(len(events))
    counts, sums, named = [len(events)], [float(weight.sum())], []
    for cut in cuts:
        if narrowed := NARROWED.match(cut):
            name, expression = narrowed.groups()
            alive = ak.with_field(alive, _narrowed(alive, name, expression, cut), name)
            continue
        result = evaluate(cut, alive)
        one_each = isinstance(result, ak.Array) and result.ndim == 1 and kind_of(result) == "b"
        value = ak.to_numpy(result) if one_each else np.zeros(0)
        if value.shape != rows.shape or value.dtype != bool:
            raise SchemaError(
                f"selection: must give one truth value an event, got {cut!r}. Use any, all or num."
            )
        alive, rows = alive[value], rows[value]
        named.append(cut)
        counts.append(len(rows))
        sums.append(float(weight[rows].sum()))
    return alive, rows, CutFlow(named, counts, sums)


def _narrowed(events: ak.Array, name: str, expression: str, cut: str) -> ak.Array:
    """A collection with fewer objects of its own; ``weight = 3`` is a slip for ``==``."""
    before = field_of(events, name, "events")
    after = evaluate(expression, events)
    same = isinstance(after, ak.Array) and after.fields == before.fields and before.fields
    if not (same and after.ndim == before.ndim == 2 and len(after) == len(before)):
        raise SchemaError(
            f"selection: '=' narrows a collection, got {cut!r}. Write {name} = {name}[…], or == "
            "to compare."
        )
    return after

"""Selections: expressions over fields, parsed and allow-listed, with their cut flow."""

import ast
import operator
import re
from collections.abc import Sequence
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError, UnknownNameError
from hepvision.core.names import near

__all__ = ["CutFlow", "evaluate", "names_in", "select", "selected"]

_FUNCTIONS: dict[str, Any] = {
    "num": lambda x: ak.num(x, axis=1),
    "any": lambda x: ak.any(x, axis=-1),
    "all": lambda x: ak.all(x, axis=-1),
    "max": lambda x: ak.fill_none(ak.max(x, axis=-1), -np.inf),
    "min": lambda x: ak.fill_none(ak.min(x, axis=-1), np.inf),
    "sum": lambda x: ak.sum(x, axis=-1),
    "abs": abs,
    "sqrt": np.sqrt,
    "log": np.log,
    "exp": np.exp,
    "cos": np.cos,
    "sin": np.sin,
    "cosh": np.cosh,
    "sinh": np.sinh,
}
_BINARY: dict[type[ast.operator], Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Mod: operator.mod,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
}
_UNARY: dict[type[ast.unaryop], Any] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
    ast.Not: operator.invert,
}
_COMPARE: dict[type[ast.cmpop], Any] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_FOUR_VECTOR = {"mass", "pt", "eta", "phi", "energy", "px", "py", "pz", "rapidity", "mt"}
_METHODS = {"deltaR", "deltaphi", "deltaeta"}
_LONGEST = 2000


def _parsed(expression: str) -> ast.expr:
    if len(expression) > _LONGEST:
        raise SchemaError(f"selection: at most {_LONGEST} characters, got {len(expression)}.")
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = getattr(error, "offset", None)
        raise SchemaError(
            f"selection: must be an expression, got {expression!r} (stopped at character {place}). "
            "Write for example 'num(Photon) == 2'."
        ) from error


def names_in(expression: str) -> tuple[str, ...]:
    """Names of scalars and collections that an expression reads.

    Parameters
    ----------
    expression : str
        A selection or observable.

    Returns
    -------
    tuple of str
        Sorted, each once.

    Examples
    --------
    >>> names_in("num(Photon) == 2")
    ('Photon',)
    """
    narrowed = _NARROWED.match(expression)
    nodes = ast.walk(_parsed(narrowed.group(2) if narrowed else expression))
    found = {node.id for node in nodes if isinstance(node, ast.Name)}
    return tuple(sorted(found - set(_FUNCTIONS)))


def evaluate(expression: str, events: ak.Array) -> Any:
    """Value of an expression for each event.

    Parameters
    ----------
    expression : str
        Names of scalars and collections, ``Collection.field``, numbers, arithmetic, comparisons,
        ``&``, ``|``, ``~``, the functions num, any, all, max, min, sum, abs, sqrt, log, exp, cos,
        sin, cosh, sinh, indexing ``Photon[:, 0]``, sums of four-vectors and their mass, pt, eta …
    events : ak.Array
        Events; each must have the objects that are indexed.

    Returns
    -------
    ak.Array, shape (B,) or (B, var)
        One value an event or object.

    Raises
    ------
    UnknownNameError
        A field or function does not exist; a near name is suggested.
    SchemaError
        The expression holds something else than allowed.

    Examples
    --------
    >>> events = ak.Array([{"weight": 2.0}, {"weight": 3.0}])
    >>> evaluate("weight**2 > 5", events).tolist()
    [False, True]
    """
    try:
        with np.errstate(all="ignore"):  # a division by zero fails no cut by itself
            return _value(_parsed(expression), events, expression)
    except (ValueError, TypeError, IndexError, AttributeError) as error:
        if isinstance(error, SchemaError):
            raise
        raise SchemaError(
            f"selection: cannot be computed, got {expression!r}: "
            f"{str(error).strip().splitlines()[0][:100]}. Require enough objects in a cut before."
        ) from error


def _value(node: ast.expr, events: ak.Array, whole: str) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str):
        return node.value
    if isinstance(node, ast.Name):
        return _field(events, node.id, "events")
    if isinstance(node, ast.Attribute):
        return _attribute(_value(node.value, events, whole), node.attr, whole)
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        left, right = _value(node.left, events, whole), _value(node.right, events, whole)
        if isinstance(left, str) or isinstance(right, str):
            raise SchemaError(f"selection: text can only be compared, got {whole[:80]!r}.")
        small = isinstance(right, int | float) and abs(right) <= 10
        if isinstance(node.op, ast.Pow) and not small:
            raise SchemaError(f"selection: powers up to 10 only, got {whole!r}.")
        return _BINARY[type(node.op)](left, right)
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return _UNARY[type(node.op)](_value(node.operand, events, whole))
    if isinstance(node, ast.BoolOp):
        values = [_value(one, events, whole) for one in node.values]
        combine = operator.and_ if isinstance(node.op, ast.And) else operator.or_
        result = values[0]
        for value in values[1:]:
            result = combine(result, value)
        return result
    if isinstance(node, ast.Compare) and all(type(op) in _COMPARE for op in node.ops):
        values = [_value(one, events, whole) for one in (node.left, *node.comparators)]
        pairs = zip(values, node.ops, values[1:], strict=False)
        parts = [_COMPARE[type(op)](a, b) for a, op, b in pairs]
        result = parts[0]
        for part in parts[1:]:
            result = result & part
        return result
    if isinstance(node, ast.Subscript):
        plain = isinstance(node.slice, ast.Tuple | ast.Slice | ast.Constant | ast.UnaryOp)
        mask = not plain or (isinstance(node.slice, ast.UnaryOp) and not _number(node.slice))
        index = _value(node.slice, events, whole) if mask else _index(node.slice, whole)
        return _value(node.value, events, whole)[index]
    if isinstance(node, ast.Call):
        return _call(node, events, whole)
    raise SchemaError(
        f"selection: {type(node).__name__} is not allowed, got {whole[:80]!r}. "
        "See 'hepvision simulate --help' for what is."
    )


def _field(record: Any, name: str, what: str) -> Any:
    if name not in record.fields:
        close = near(name, record.fields)
        hint = f"Did you mean {close!r}?" if close else f"There are: {', '.join(record.fields)}."
        raise UnknownNameError(f"{what}: no field {name!r}. {hint}")
    return record[name]


def _attribute(value: Any, name: str, whole: str) -> Any:
    fields = getattr(value, "fields", [])
    if name in fields:
        return value[name]
    if name in _FOUR_VECTOR and {"pt", "eta", "phi"} & set(fields) | {"px", "x", "rho"} & set(
        fields
    ):
        return getattr(value, name)
    return _field(value, name, f"selection {whole[:60]!r}")


def _number(node: ast.UnaryOp) -> bool:
    return isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant)


def _index(node: ast.expr, whole: str) -> Any:
    if isinstance(node, ast.Tuple):
        return tuple(_index(one, whole) for one in node.elts)
    if isinstance(node, ast.Slice):
        bounds = (node.lower, node.upper, node.step)
        return slice(*(None if one is None else _index(one, whole) for one in bounds))
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_index(node.operand, whole)
    raise SchemaError(f"selection: an index must be a whole number or slice, got {whole!r}.")


def _call(node: ast.Call, events: ak.Array, whole: str) -> Any:
    if node.keywords:
        raise SchemaError(f"selection: functions take plain arguments, got {whole!r}.")
    arguments = [_value(one, events, whole) for one in node.args]
    if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
        return getattr(_value(node.func.value, events, whole), node.func.attr)(*arguments)
    name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
    if name not in _FUNCTIONS:
        close = near(name, [*_FUNCTIONS, *_METHODS])
        hint = f"Did you mean {close!r}?" if close else f"There are: {', '.join(_FUNCTIONS)}."
        raise UnknownNameError(f"selection: no function {name!r}. {hint}")
    if len(arguments) != 1:
        raise SchemaError(f"selection: {name} takes one argument, got {len(arguments)}.")
    return _FUNCTIONS[name](arguments[0])


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


_NARROWED = re.compile(r"^\s*(\w+)\s*=(?!=)(.+)$", re.DOTALL)


def _applied(events: ak.Array, cuts: Sequence[str]) -> tuple[ak.Array, NDArray[Any], CutFlow]:
    alive, rows = events, np.arange(len(events))
    weight = ak.to_numpy(events["weight"]) if "weight" in events.fields else np.ones(len(events))
    counts, sums, named = [len(events)], [float(weight.sum())], []
    for cut in cuts:
        if narrowed := _NARROWED.match(cut):
            name, expression = narrowed.groups()
            _field(alive, name, "events")
            alive = ak.with_field(alive, evaluate(expression, alive), name)
            continue
        result = evaluate(cut, alive)
        one_each = getattr(result, "ndim", 0) == 1 and not getattr(result, "fields", ())
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

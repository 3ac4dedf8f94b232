"""Expressions over fields: parsed, allow-listed, bounded; never run as Python."""

import ast
import operator
from typing import Any

import awkward as ak
import numpy as np

from hepvision.core.errors import SchemaError, UnknownNameError, UserError
from hepvision.core.names import hint
from hepvision.events._expression_syntax import ALLOWED, BRACKETS, NARROWED, parsed, short

__all__ = ["evaluate", "field_of", "kind_of", "names_in"]

#: Of the objects of an event: one value an event.
_OF_OBJECTS: dict[str, Any] = {
    "num": lambda x: ak.num(x, axis=1),
    "any": lambda x: ak.any(x, axis=-1),
    "all": lambda x: ak.all(x, axis=-1),
    "max": lambda x: ak.fill_none(ak.max(x, axis=-1), -np.inf),
    "min": lambda x: ak.fill_none(ak.min(x, axis=-1), np.inf),
    "sum": lambda x: ak.sum(x, axis=-1),
}
_OF_VALUES: dict[str, Any] = {
    "abs": abs,
    "sqrt": np.sqrt,
    "log": np.log,
    "log10": np.log10,
    "exp": np.exp,
    "cos": np.cos,
    "sin": np.sin,
    "tan": np.tan,
    "cosh": np.cosh,
    "sinh": np.sinh,
    "tanh": np.tanh,
}
_FUNCTIONS = {**_OF_OBJECTS, **_OF_VALUES}
_ARITHMETIC: dict[type[ast.operator], Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.Mod: operator.mod,
}
_LOGIC: dict[type[ast.AST], tuple[str, Any]] = {
    ast.BitAnd: ("&", operator.and_),
    ast.BitOr: ("|", operator.or_),
    ast.And: ("and", operator.and_),
    ast.Or: ("or", operator.or_),
}
_COMPARE: dict[type[ast.cmpop], Any] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_FOUR_VECTOR = {"mass", "pt", "eta", "phi", "energy", "px", "py", "pz", "p", "theta"}
_FOUR_VECTOR |= {"rapidity", "mt"}
_METHODS = {"deltaR", "deltaphi", "deltaeta"}
_LARGEST, _POWER = 2**63, 10


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
    narrowed = NARROWED.match(expression)
    nodes = ast.walk(parsed(narrowed.group(2) if narrowed else expression))
    found = {node.id for node in nodes if isinstance(node, ast.Name)}
    return tuple(sorted(found - set(_FUNCTIONS)))


def evaluate(expression: str, events: ak.Array) -> Any:
    """Value of an expression for each event.

    Parameters
    ----------
    expression : str
        Names of scalars and collections, ``Collection.field``, numbers, arithmetic, comparisons,
        ``&``, ``|``, ``~``, ``and``, ``or``, ``not``; of the objects of an event num, any, all,
        max, min, sum; abs, sqrt, log, log10, exp, cos, sin, tan, cosh, sinh, tanh; the object
        ``Photon[:, 0]``, objects ``Photon[:, :2]`` and ``Photon[Photon.pt > 20]``; sums of
        four-vectors and their mass, pt, eta, phi, energy, px, py, pz, p, theta, rapidity, mt, and
        ``a.deltaR(b)``, ``deltaphi``, ``deltaeta``.
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
    tree = parsed(expression)
    try:
        with np.errstate(all="ignore"):  # a division by zero fails no cut by itself
            return _value(tree, events)
    except UserError:
        raise
    except Exception as error:
        said = next(iter(str(error).strip().splitlines()), type(error).__name__)[:100].rstrip(" .:")
        raise SchemaError(
            f"selection: cannot be computed, got {short(expression)}: {said}. Require enough "
            "objects in a cut before."
        ) from error


def kind_of(value: Any) -> str:
    """Kind of the numbers in an array: ``b i u f`` as NumPy has them, ``U`` text, ``V`` records.

    Parameters
    ----------
    value : object
        An array of any depth, or a number.

    Returns
    -------
    str
        Empty if nothing tells, as in an empty list.

    Examples
    --------
    >>> kind_of(ak.Array([[1.5], []])), kind_of(True), kind_of(ak.Array([{"x": 1}]))
    ('f', 'b', 'V')
    """
    if not isinstance(value, ak.Array):
        return str(np.asarray(value).dtype.kind)
    layout = value.layout
    while True:
        if layout.parameter("__array__") in {"string", "bytestring"}:
            return "U"
        if layout.is_numpy:
            return str(layout.dtype.kind)
        if layout.is_record:
            return "V"
        if not (layout.is_list or layout.is_option or layout.is_indexed):
            return ""
        layout = layout.content


def _value(node: ast.expr, events: ak.Array) -> Any:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float | str):
        return _bounded(node.value, node)
    if isinstance(node, ast.Name):
        return field_of(events, node.id, "events")
    if isinstance(node, ast.Attribute):
        return _attribute(_value(node.value, events), node)
    if isinstance(node, ast.BinOp) and type(node.op) in _LOGIC:
        return _logic(node.op, [_value(one, events) for one in (node.left, node.right)], node)
    if isinstance(node, ast.BoolOp):
        return _logic(node.op, [_value(one, events) for one in node.values], node)
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        return _arithmetic(node, _value(node.left, events), _value(node.right, events))
    if isinstance(node, ast.UnaryOp):
        return _unary(node, _value(node.operand, events))
    if isinstance(node, ast.Compare) and all(type(op) in _COMPARE for op in node.ops):
        return _comparison(node, [_value(one, events) for one in (node.left, *node.comparators)])
    if isinstance(node, ast.Subscript):
        return _value(node.value, events)[_index(node.slice, events)]
    if isinstance(node, ast.Call):
        return _call(node, events)
    raw = type(node.op).__name__ if isinstance(node, ast.BinOp) else type(node).__name__
    hint = "Powers are written **." if raw == "BitXor" else ALLOWED
    raise SchemaError(f"selection: {raw} is not allowed, got {short(ast.unparse(node))}. {hint}")


def _bounded(value: Any, node: ast.AST) -> Any:
    """A number that an array can hold."""
    number = isinstance(value, int | float) and abs(value) < _LARGEST
    if number or isinstance(value, float | str) or not isinstance(value, int | complex):
        return value
    raise SchemaError(
        f"selection: numbers below 2**63 only, got {short(ast.unparse(node))}. Write 1e20."
    )


def _arithmetic(node: ast.BinOp, left: Any, right: Any) -> Any:
    if isinstance(left, str) or isinstance(right, str):
        raise SchemaError(
            f"selection: text can only be compared, got {short(ast.unparse(node))}. Use == or !=."
        )
    if isinstance(node.op, ast.Pow):
        if not (isinstance(right, int | float) and abs(right) <= _POWER):
            raise SchemaError(
                f"selection: powers up to {_POWER} only, got {short(ast.unparse(node))}. "
                "Use exp and log."
            )
    return _bounded(_ARITHMETIC[type(node.op)](_wide(left), _wide(right)), node)


def _wide(value: Any) -> Any:
    """Whole numbers of eight bits would overflow, unsigned ones below 0, truth values at 2."""
    kind = kind_of(value) if isinstance(value, ak.Array) else ""
    # numbers of events may be hashes of 64 bits
    if kind == "u" and ak.any(ak.values_astype(value, np.uint64) >= np.uint64(_LARGEST), axis=None):
        return value
    if kind in {"b", "i", "u"}:
        return ak.values_astype(value, np.int64)
    return value


def _logic(op: ast.AST, values: list[Any], node: ast.AST) -> Any:
    sign, combine = _LOGIC[type(op)]
    kinds = {kind_of(value) for value in values} - {""}
    bits = kinds <= {"i", "u"} and isinstance(op, ast.BitAnd | ast.BitOr)
    if not (bits or kinds <= {"b"}):
        raise SchemaError(
            f"selection: {sign!r} joins truth values, got {short(ast.unparse(node))}. {BRACKETS}"
        )
    result = values[0]
    for value in values[1:]:
        result = combine(result, value)
    return result


def _unary(node: ast.UnaryOp, value: Any) -> Any:
    if isinstance(node.op, ast.USub | ast.UAdd) and not isinstance(value, str):
        return -_wide(value) if isinstance(node.op, ast.USub) else +_wide(value)
    if kind_of(value) not in {"b", ""} or isinstance(value, bool):
        raise SchemaError(
            f"selection: '~' and 'not' need truth values, got {short(ast.unparse(node))}. "
            "Put brackets around what is negated: ~(a > 1)."
        )
    return ~value


def _comparison(node: ast.Compare, values: list[Any]) -> Any:
    kinds = [kind_of(value) for value in values]
    if "V" in kinds:
        raise SchemaError(
            f"selection: must compare numbers, got {short(ast.unparse(node))}. Name a field."
        )
    plain = all(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops)
    if "U" in kinds and not (plain and set(kinds) == {"U"}):
        raise SchemaError(
            f"selection: text compares with text by == or !=, got {short(ast.unparse(node))}. "
            "Mend it."
        )
    values = [_wide(value) for value in values]
    pairs = zip(values, node.ops, values[1:], strict=False)
    parts = [_COMPARE[type(op)](a, b) for a, op, b in pairs]
    result = parts[0]
    for part in parts[1:]:
        result = result & part
    return result


def field_of(record: Any, name: str, what: str) -> Any:
    """A field, or the error that names the near ones.

    Parameters
    ----------
    record : ak.Array
        Records.
    name : str
        The field.
    what : str
        What has the field, for the error.

    Returns
    -------
    ak.Array
        The field.

    Raises
    ------
    UnknownNameError
        There is none.

    Examples
    --------
    >>> field_of(ak.Array([{"pt": 1.0}]), "ptt", "Photon")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.UnknownNameError: Photon: no field 'ptt'. Did you mean 'pt'?
    """
    fields = list(getattr(record, "fields", ()))
    if name not in fields:
        advice = hint(name, fields) if fields else "It has no fields."
        raise UnknownNameError(f"{what}: no field {name!r}. {advice}")
    return record[name]


def _attribute(value: Any, node: ast.Attribute) -> Any:
    what = short(ast.unparse(node.value))[1:-1]
    if isinstance(value, ak.Array) and node.attr not in value.fields and _is_vector(value):
        if node.attr in _FOUR_VECTOR:
            return getattr(value, node.attr)
        advice = hint(node.attr, [*value.fields, *sorted(_FOUR_VECTOR - {*value.fields})])
        raise UnknownNameError(f"{what}: no field {node.attr!r}. {advice}")
    return field_of(value, node.attr, what)


def _is_vector(value: Any) -> bool:
    return isinstance(value, ak.Array) and hasattr(value, "deltaR")


def _index(node: ast.expr, events: ak.Array) -> Any:
    """``[:, 0]``, ``[:, :2]``, or a mask of objects; never one that picks events."""
    if isinstance(node, ast.Tuple):
        first, *rest = [_place(one) for one in node.elts]
        if first == slice(None) and len(rest) == 1:
            return (first, *rest)
    elif not isinstance(node, ast.Slice | ast.Constant):
        mask = _value(node, events)
        if isinstance(mask, ak.Array) and kind_of(mask) in {"b", ""} and mask.ndim >= 2:
            return mask
    raise SchemaError(
        f"selection: an index must be [:, number], [:, from:to] or a mask of objects, got "
        f"[{short(ast.unparse(node))[1:-1]}]. The first place is the event's, so write [:, 0]."
    )


def _place(node: ast.expr) -> int | slice:
    if isinstance(node, ast.Slice):
        parts = (node.lower, node.upper, node.step)
        low, high, step = (None if one is None else _place(one) for one in parts)
        if step == 0:  # awkward would never end
            raise SchemaError("selection: a step must not be 0, got [::0]. Write [:, ::2].")
        return slice(low, high, step)
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        node, sign = node.operand, -1
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value < 2**31:
        return sign * node.value
    raise SchemaError(
        f"selection: an index must be a whole number or slice, got {short(ast.unparse(node))}. "
        "Write [:, 0]."
    )


def _call(node: ast.Call, events: ak.Array) -> Any:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
    method = isinstance(node.func, ast.Attribute)
    known = _METHODS if method else {*_FUNCTIONS}
    if name not in known or not isinstance(node.func, ast.Attribute | ast.Name):
        there = f"There are: {', '.join(sorted(_METHODS) if method else _FUNCTIONS)}."
        every = {*_FUNCTIONS, *_METHODS}
        advice = there if name in every else hint(name, every, otherwise=there)
        raise UnknownNameError(f"selection: no function {short(name)}. {advice}")
    if node.keywords or len(node.args) != 1 or isinstance(node.args[0], ast.Starred):
        raise SchemaError(
            f"selection: {name} takes one argument, got {short(ast.unparse(node))}. Give it one."
        )
    value = _value(node.args[0], events)
    if isinstance(node.func, ast.Attribute):
        left = _value(node.func.value, events)
        if not (_is_vector(left) and _is_vector(value)):
            raise SchemaError(
                f"selection: {name} needs two four-vectors, got {short(ast.unparse(node))}. "
                "Both must have pt, eta, phi and a mass or energy."
            )
        return getattr(left, name)(value)
    if name in _OF_OBJECTS and not (isinstance(value, ak.Array) and value.ndim >= 2):
        raise SchemaError(
            f"selection: {name} is of the objects of an event, got {short(ast.unparse(node))}. "
            "Give it a collection or its field."
        )
    if name == "num" and kind_of(value) == "b":
        raise SchemaError(
            f"selection: num counts objects, whether true or not, got {short(ast.unparse(node))}. "
            "Write sum for those that are true, or num(Jet[Jet.pt > 30])."
        )
    return _FUNCTIONS[name](value)

"""What pydantic found wrong with a card, in one line of the field's words."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

__all__ = ["counted", "fault", "infinite"]

#: Rule, and what to do, of each kind of error; braces stand for pydantic's context.
_RULES = {
    "missing": ("must be given", "Add it."),
    "too_short": ("must hold at least {min_length}", "Add to it."),
    "too_long": ("must hold at most {max_length}", "Take some away."),
    "string_type": ("must be text", "Quote it."),
    "string_pattern_mismatch": ("must match {pattern}", "Take another name."),
    "string_too_short": ("must have at least {min_length} characters", "Write more."),
    "int_type": ("must be a whole number", "Give one."),
    "int_parsing": ("must be a whole number", "Give one."),
    "int_from_float": ("must be a whole number", "Round it."),
    "float_type": ("must be a number", "Give one."),
    "float_parsing": ("must be a number", "Give one."),
    "finite_number": ("must be a finite number", "Give one."),
    "bool_type": ("must be true or false", "Write one of them."),
    "bool_parsing": ("must be true or false", "Write one of them."),
    "none_required": ("must be null", "Leave it out."),
    "literal_error": ("must be {expected}", "Take one of them."),
    "greater_than": ("must be greater than {gt}", "Give more."),
    "greater_than_equal": ("must be greater than or equal to {ge}", "Give more."),
    "less_than": ("must be less than {lt}", "Give less."),
    "less_than_equal": ("must be less than or equal to {le}", "Give less."),
    **dict.fromkeys(
        ("dict_type", "model_type", "model_attributes_type", "mapping_type", "dataclass_type"),
        ("must be a mapping of keys to values", "Write key: value."),
    ),
    **dict.fromkeys(
        ("tuple_type", "list_type", "sequence_type", "iterable_type", "set_type"),
        ("must be a list", "Put it into [ ]."),
    ),
}


def _path(data: Any, error: Mapping[str, Any]) -> tuple[Any, ...]:
    """The part of pydantic's place that the data has; it also names the branches of a union."""
    found: list[Any] = []
    for number, part in enumerate(error["loc"], 1):
        lost = error["type"] == "missing" and number == len(error["loc"])
        if isinstance(data, Mapping) and (part in data or lost):
            data = data.get(part)
        elif isinstance(data, list | tuple) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            continue
        found.append(part)
    return tuple(found)


def fault(errors: Sequence[Mapping[str, Any]], data: Any, where: str) -> str:
    """The first fault as ``<where>: <rule>, got <value>. <what to do>``.

    Parameters
    ----------
    errors : sequence of mapping
        As ``pydantic.ValidationError.errors()`` gives them, at least one.
    data : plain data
        What was checked.
    where : str
        Name of the file or block.

    Returns
    -------
    str
        One line. What may be of several kinds is told of all of them.

    Examples
    --------
    >>> error = {"type": "int_parsing", "loc": ("seeds", 0), "input": "a", "msg": "…"}
    >>> fault([error], {"seeds": ["a"]}, "card")
    "card: seeds.0: must be a whole number, got 'a'. Give one."
    """
    place = _path(data, errors[0])
    same = [one for one in errors if _path(data, one) == place]
    head = ": ".join(filter(None, (where, ".".join(str(part) for part in place))))
    first = same[0]
    if first["type"] == "missing":
        return f"{head}: must be given, got nothing. Add it."
    if first["type"] == "value_error":
        rule = first["msg"].removeprefix("Value error, ").rstrip(".")
        whole = isinstance(first.get("input"), Mapping) or ", got " in rule
        return f"{head}: {rule}{'' if whole else _got(first)}" + ("" if rule[-1] == "?" else ".")
    rules, advice = [], ""
    for one in same:
        rule, advice = _RULES.get(one["type"], (f"is wrong: {one['msg']}", "Look at the docs."))
        context = one.get("ctx", {})
        bounds = {k: f"{v:g}" if isinstance(v, float) else v for k, v in context.items()}
        rule = rule.format(**bounds) if bounds else rule
        rules.append(rule.removeprefix("must be "))
    kinds = list(dict.fromkeys(rules))
    alone = len(kinds) == 1
    rule = kinds[0] if alone else " or ".join(kinds)
    must = rule if rule.startswith(("must", "is wrong")) else f"must be {rule}"
    return f"{head}: {must}{_got(first)}. {advice if alone else 'Write one of them.'}"


def _got(error: Mapping[str, Any]) -> str:
    return f", got {repr(error.get('input'))[:60]}"


def infinite(data: Any, path: str = "") -> str:
    """Where plain data first holds a number that is not finite.

    Parameters
    ----------
    data : plain data
        As read from YAML.
    path : str
        Where it lies.

    Returns
    -------
    str
        Keys with dots between; empty if all are finite.

    Examples
    --------
    >>> infinite({"training": {"clip": [1.0, float("inf")]}})
    'training.clip.1'
    """
    return _first(
        data, None, path, lambda one, _: isinstance(one, float) and not math.isfinite(one)
    )


def counted(given: Any, made: Any, path: str = "") -> str:
    """Where plain data first has a truth value that was taken for a number.

    Parameters
    ----------
    given : plain data
        As read from YAML.
    made : plain data
        What pydantic made of it.
    path : str
        Where it lies.

    Returns
    -------
    str
        Keys with dots between; empty if there is none.

    Examples
    --------
    >>> counted({"epochs": True, "turn": True}, {"epochs": 1, "turn": True})
    'epochs'
    """
    return _first(
        given,
        made,
        path,
        lambda one, other: (
            isinstance(one, bool) and isinstance(other, int | float) and not isinstance(other, bool)
        ),
    )


def _first(data: Any, beside: Any, path: str, wrong: Callable[[Any, Any], bool]) -> str:
    """Where plain data is first wrong, given what lies at the same place of other data."""
    if wrong(data, beside):
        return path or "value"
    pairs: Iterable[tuple[Any, Any]] = ()
    if isinstance(data, Mapping):
        pairs = data.items()
    elif isinstance(data, list | tuple):
        pairs = enumerate(data)
    below = (
        _first(one, _at(beside, key), f"{path}.{key}".lstrip("."), wrong) for key, one in pairs
    )
    return next(filter(None, below), "")


def _at(data: Any, key: Any) -> Any:
    """What plain data holds there; None if it holds nothing."""
    if isinstance(data, Mapping):
        return data.get(key)
    inside = isinstance(data, list | tuple) and isinstance(key, int) and key < len(data)
    return data[key] if inside else None

"""Tables as HTML, escaped, for the report and for notebooks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from hepvision.physics.intervals import clopper_pearson

__all__ = ["cut_flow_table", "number", "table"]

_THIN = "\N{NARROW NO-BREAK SPACE}"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: Any, digits: int = 3) -> str:
    """A number as a reader wants it: few digits, thousands set apart, powers of ten written.

    Parameters
    ----------
    value : object
        A number; anything else becomes its text.
    digits : int
        Significant digits of a fraction.

    Returns
    -------
    str
        Plain text, not yet escaped.

    Examples
    --------
    >>> number(309), number(0.7694), number(2.1e-9), number(None), number("x")
    ('309', '0.769', '2.1·10⁻⁹', '–', 'x')
    """
    if value is None:
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return _digits(value, digits).replace("-", "−")


def _digits(value: float, digits: int) -> str:
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    if isinstance(value, int) or (value.is_integer() and abs(value) < 1e9):
        return f"{int(value):,}".replace(",", _THIN)
    if 1e-3 <= abs(value) < 1e5:
        decimals = max(0, digits - 1 - _exponent(value))
        return f"{value:,.{decimals}f}".replace(",", _THIN)
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}·10{str(int(exponent)).translate(_RAISED)}"


def _exponent(value: float) -> int:
    return int(f"{abs(value):e}".partition("e")[2])


def table(
    header: Sequence[str], rows: Sequence[Sequence[Any]], caption: str = "", numeric: bool = True
) -> str:
    """An HTML table.

    Parameters
    ----------
    header : sequence of str
        Names of the columns.
    rows : sequence of sequence
        Cells: numbers are written by :func:`number`, all else as text; everything is escaped.
    caption : str
        Above the table.
    numeric : bool
        Align all but the first column to the right.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> table(["a", "b"], [["<x>", 1]]).count("&lt;x&gt;")
    1
    """
    kind = ' class="numeric"' if numeric else ""
    parts = [f'<div class="scroll"><table{kind}>']
    if caption:
        parts.append(f"<caption>{escape(caption)}</caption>")
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    parts.append(f"<thead><tr>{heads}</tr></thead><tbody>")
    for row in rows:
        first, *rest = (escape(number(cell)) for cell in row)
        cells = "".join(f"<td>{cell}</td>" for cell in rest)
        parts.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    return "".join([*parts, "</tbody></table></div>"])


def cut_flow_table(steps: Sequence[Mapping[str, Any]], caption: str = "") -> str:
    """What each cut leaves, with efficiencies and their 68 % intervals.

    Parameters
    ----------
    steps : sequence of mapping
        In order: ``name`` and ``events``; optionally ``weight``, the sum of weights.
    caption : str
        The sample.

    Returns
    -------
    str
        An HTML table: events, efficiency of the cut, efficiency since the first step.

    Raises
    ------
    ValueError
        If a step has more events than the one before.

    Examples
    --------
    >>> html = cut_flow_table([{"name": "all", "events": 200}, {"name": "2 γ", "events": 50}])
    >>> "25.0 % +3.4 −3.2" in html
    True
    """
    rows = []
    before = first = None
    for step in steps:
        events = int(step["events"])
        if before is not None and events > before:
            raise ValueError(
                f"cut flow: {step['name']} must not keep more than the {before} events before it, "
                f"got {events}. Check the order of the cuts."
            )
        relative = "" if before is None else _percent(events, before)
        since = "" if first is None else _percent(events, first)
        first = events if first is None else first
        before = events
        rows.append([str(step["name"]), events, relative, since])
    return table(["step", "events", "of the step before", "of all"], rows, caption)


def _percent(passed: int, total: int) -> str:
    if total == 0:
        return "–"
    share = 100.0 * passed / total
    low, high = (100.0 * float(end) for end in clopper_pearson(passed, total))
    digits = 1 if high - low >= 0.2 else 2
    return f"{share:.{digits}f} % +{high - share:.{digits}f} −{share - low:.{digits}f}"

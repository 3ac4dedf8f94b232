"""The tables that an inspection shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from hepvision.readers._options import options_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, ConsoleOptions, RenderResult

    from hepvision.events.ranges import Range
    from hepvision.studies.inspect import Inspection

__all__ = ["tables"]

FEW = 3  # missing fields that are named
HEADS = ("field", "type", "unit", "lowest", "mean", "highest", "meaning")
NUMBERS = {"lowest", "mean", "highest"}
GAP = 2  # columns of the screen between two of the table
LEAST = 30  # that a meaning needs to be worth showing


def tables(found: Inspection) -> RenderableType:
    """What was found, as tables one below the other.

    Parameters
    ----------
    found : Inspection
        From ``inspect``.

    Returns
    -------
    Group
        For a console of ``rich``.
    """
    parts: list[RenderableType] = [Text(found.path, style="bold", overflow="fold"), _head(found)]
    if found.ranges.fields:
        parts += [Text(), _Fields(found)]
    if found.lacks:
        parts += [Text(), _representations(found)]
    parts += [Text(), _findings(found)]
    return Group(*parts)


def _plain(title: str) -> Table:
    return Table(title=title, title_justify="left", box=None, padding=(0, GAP, 0, 0))


def _head(found: Inspection) -> RenderableType:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("format", escape(f"{found.format}: {found.summary}"))
    table.add_row("why", escape(found.why))
    entries = f"{found.entries:,}"
    if found.looked != found.entries:
        entries += f", the first {found.looked:,} looked at"
    table.add_row("events", entries)
    told = {} if found.format == "store" else _texts(found.format)
    for name, value in found.options.items():
        text = told.get(name, "")
        table.add_row("option", escape(f"{name}={_value(value)}  {text}"))
    for name, value in found.attributes.items():
        table.add_row(name, escape(_value(value)))
    return Padding(table, (0, 0, 0, 2))


def _texts(name: str) -> dict[str, str]:
    return {option.name: f"({option.kind}) {option.text}" for option in options_of(name)}


def _value(value: Any) -> str:
    """A value of an attribute in a few words; long ones are cut."""
    if isinstance(value, dict):
        text = ", ".join(f"{key} {_value(one)}" for key, one in value.items())
    elif isinstance(value, list | tuple):
        text = f"({', '.join(map(_value, value))})"
    else:
        text = str(value)
    return text if len(text) <= 300 else f"{text[:297]}…"


def _number(value: float) -> str:
    return f"{int(value):,}" if value == int(value) and abs(value) < 1e8 else f"{value:.4g}"


def _row(name: str, one: Range) -> tuple[str, ...]:
    known = one.field
    if not one.count:
        return name, known.dtype, known.unit, "", "", "", known.meaning
    span = (_number(one.low), f"{one.mean:.4g}", _number(one.high))
    return name, known.dtype, known.unit, *span, known.meaning


class _Fields:
    """Fields and ranges as wide as they need; only the meaning gives way on a narrow screen."""

    def __init__(self, found: Inspection) -> None:
        self._ranges = found.ranges

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        rows = list(self._rows())
        needed = [max(len(cells[n]) for cells in (HEADS, *rows)) for n in range(len(HEADS))]
        left = options.max_width - sum(needed[:-1]) - GAP * len(needed)
        # a narrow screen keeps the numbers and their units
        shown = [n for n in range(len(HEADS)) if n < len(HEADS) - 1 or left >= LEAST]
        table = _plain("fields")
        for n in shown:
            last = n == len(HEADS) - 1
            table.add_column(
                HEADS[n],
                style="dim" if last else "",
                justify="right" if HEADS[n] in NUMBERS else "left",
                overflow="ellipsis",
                no_wrap=True,
                width=min(needed[n], left) if last else needed[n],
            )
        for cells in rows:
            bold = "bold" if cells[0] in self._ranges.objects else ""
            table.add_row(*(Text(cells[n], bold if n == 0 else "") for n in shown))
        yield table
        if len(shown) < len(HEADS):
            yield Text("Beside a collection: objects an event. A wider screen shows meanings.")

    def _rows(self) -> Iterator[tuple[str, ...]]:
        ranges = self._ranges
        for name, one in ranges.fields.items():
            if "." not in name:
                yield _row(name, one)
        for collection, (total, most) in ranges.objects.items():
            mean = total / max(1, ranges.events)
            each = f"{mean:,.0f}" if mean > 100 else f"{mean:.3g}"
            numbers = "", each, f"{most:,}", f"objects an event, {total:,} in all"
            yield collection, "", "", *numbers
            for name, one in ranges.fields.items():
                if name.startswith(f"{collection}."):
                    yield _row(f"  {name.partition('.')[2]}", one)


def _representations(found: Inspection) -> Table:
    table = _plain("representations")
    table.add_column("name", no_wrap=True)
    table.add_column("can be made", overflow="fold")
    for name, lacks in found.lacks.items():
        more = f" and {len(lacks) - FEW} more" if len(lacks) > FEW else ""
        state = f"no: lacks {', '.join(lacks[:FEW])}{more}" if lacks else "[green]yes[/green]"
        table.add_row(name, state)
    return table


def _findings(found: Inspection) -> RenderableType:
    if not found.findings:
        return Text("no warnings")
    table = _plain("warnings")
    table.add_column("where", style="yellow", overflow="fold", max_width=48)
    table.add_column("what", overflow="fold")
    for one in found.findings:
        table.add_row(escape(one.where), escape(one.text))
    return table

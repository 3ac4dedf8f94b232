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
    from hepvision.events.ranges import Range
    from hepvision.studies.inspect import Inspection

__all__ = ["tables"]

FEW = 3  # missing fields that are named


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
        parts += [Text(), _fields(found)]
    if found.lacks:
        parts += [Text(), _representations(found)]
    parts += [Text(), _findings(found)]
    return Group(*parts)


def _plain(title: str) -> Table:
    return Table(title=title, title_justify="left", box=None, padding=(0, 2, 0, 0))


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


def _fields(found: Inspection) -> Table:
    table = _plain("fields")
    # else the long meanings would squeeze the numbers
    widest = max(map(len, (key.rpartition(".")[2] for key in found.ranges.fields)), default=0)
    table.add_column("field", no_wrap=True, min_width=min(widest + 2, 28))
    table.add_column("type", no_wrap=True, min_width=4)
    table.add_column("unit", no_wrap=True, min_width=4)
    for head in ("lowest", "mean", "highest"):
        table.add_column(head, justify="right", no_wrap=True, min_width=10)
    table.add_column("meaning", style="dim", overflow="ellipsis", no_wrap=True)
    ranges = found.ranges
    for name, one in ranges.fields.items():
        if "." not in name:
            table.add_row(*_row(name, one))
    for collection, (total, most) in ranges.objects.items():
        mean = total / max(1, ranges.events)
        each = f"{mean:,.0f}" if mean > 100 else f"{mean:.3g}"
        numbers = "", each, f"{most:,}", f"objects an event, {total:,} in all"
        table.add_row(f"[bold]{collection}[/bold]", "", "", *numbers)
        for name, one in ranges.fields.items():
            if name.startswith(f"{collection}."):
                table.add_row(*_row(f"  {name.partition('.')[2]}", one))
    return table


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

"""Say what is in a file: format, fields, what they are fit for, and what is odd."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["inspect"]

WIDE = 120  # columns of a file or pipe, where no screen says how wide it is


def inspect(
    files: Annotated[list[Path], typer.Argument(help="Files of any known format, or stores.")],
    format: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", help="Take it for this format; see 'hepvision list readers'."
        ),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", help="KEY=VALUE for the reader, may be repeated; see above."),
    ] = None,
    events: Annotated[
        int, typer.Option("--events", "-n", help="Look at this many events, from the first.")
    ] = 10_000,
    json: Annotated[bool, typer.Option("--json", help="As JSON, one line a file.")] = False,
    component: Annotated[
        list[str] | None,
        typer.Option("--component", help="A reader of your own: path/to/file.py:Class."),
    ] = None,
) -> None:
    """Say what is in a file: format, fields, what they are fit for, and what is odd.

    Tells the format and why, the events, all collections with their fields, units and ranges,
    which representations can be made of them, and warns of what spoils a training: values that
    are not finite, MeV taken for GeV, azimuths out of range, negative weights, repeated events,
    constant columns, columns that give the label away, a name that the truth does not bear out.

    Parameters
    ----------
    files : list of path
        Files or stores.
    format : str, optional
        Name of a reader.
    option : list of str, optional
        Options of the reader.
    events : int
        How many to look at, from the first.
    json : bool
        Print JSON in place of tables.
    component : list of str, optional
        A reader of one's own.

    Raises
    ------
    Exit
        A file cannot be read; the others are shown.

    Examples
    --------
    $ hepvision inspect events.ig
    $ hepvision inspect events.ig more.ig --events 10 --json
    """
    from hepvision.cli._app import one_line
    from hepvision.cli._settings import settings
    from hepvision.core.errors import UserError
    from hepvision.studies.inspect import inspect as look

    options = settings(option or (), "option", "--option channels=hit")
    failed = False
    for file in files:
        try:
            found = look(file, format, options, events=events, components=component or ())
        except (UserError, OSError) as error:
            if len(files) == 1:
                raise
            typer.echo(f"error: {one_line(error)}", err=True)
            failed = True
            continue
        if json:
            from json import dumps

            typer.echo(dumps(found.to_dict(), default=str))
        else:
            _console().print(found, end="\n\n" if len(files) > 1 else "\n")
    if failed:
        raise typer.Exit(2)


def _console() -> Console:
    from rich.console import Console

    console = Console()
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDE
    return console

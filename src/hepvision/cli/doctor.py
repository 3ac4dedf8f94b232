"""Say what is installed, what the processor can do, and how much room there is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["doctor"]


def doctor(
    folder: Annotated[
        Path, typer.Argument(help="Folder whose disk is looked at.", show_default=True)
    ] = Path(),
    json: Annotated[bool, typer.Option("--json", help="As JSON, for a bug report.")] = False,
) -> None:
    """Say what is installed, what the processor can do, and how much room there is.

    Paste the output into a bug report.

    Parameters
    ----------
    folder : path
        Folder whose disk is looked at.
    json : bool
        Print JSON in place of tables.

    Examples
    --------
    $ hepvision doctor
    """
    from rich.console import Console

    from hepvision.core.environment import doctor as look

    if not folder.exists():
        above = next(one for one in folder.absolute().parents if one.exists())
        typer.echo(f"{folder}: not there; this is the disk of {above}", err=True)
    found = look(folder)
    if json:
        typer.echo(found.to_json())
    else:
        Console().print(found)

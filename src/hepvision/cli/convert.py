"""Read files of any known format and store their events."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["convert"]


def convert(
    files: Annotated[
        list[str],
        typer.Argument(help="Files, folders, patterns with stars, or addresses (https://…)."),
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of the store.")],
    label: Annotated[str, typer.Option(help="Name of the sample.")],
    format: Annotated[
        str | None,
        typer.Option(
            help="One of 'hepvision list readers'; else the files tell.", show_default=False
        ),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            help="KEY=VALUE of the format, where it leaves a choice. May be repeated.",
            show_default=False,
        ),
    ] = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            help="Store events that pass, such as 'num(Photon) == 2'. May be repeated.",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler.", show_default=False)
    ] = None,
    skip_broken: Annotated[
        bool, typer.Option("--skip-broken", help="Leave out files that are damaged.")
    ] = False,
    component: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE.py:CLASS",
            help="A reader of your own. May be repeated.",
            show_default=False,
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
) -> None:
    """Read files of any known format and store their events.

    The format is found by what is in the files. What was interrupted goes on when the same
    command is given again. One broken file stops all, and is named; with --skip-broken it is left
    out, and the store says so.

    Parameters
    ----------
    files : list of str
        Files, folders, patterns or addresses.
    out : path
        Folder of the store.
    label : str
        Name of the sample.
    format : str, optional
        A reader.
    option : list of str, optional
        Options of the reader.
    select : list of str, optional
        Cuts.
    workers : int
        Processes.
    scheduler : str, optional
        Address of a Dask scheduler.
    skip_broken : bool
        Leave out broken files.
    component : list of str, optional
        Readers of the user's own.
    quiet : bool
        No progress bar.

    Raises
    ------
    UserError
        A file is broken, or a setting is wrong.

    Examples
    --------
    $ hepvision convert 'data/*.root' -o top --label top --select 'num(Jet) >= 4' --workers 2
    """
    from rich.console import Console

    from hepvision.cli._settings import settings
    from hepvision.studies.convert import convert as run

    store = run(
        list(files),
        out,
        label=label,
        format=format,
        options=settings(option or [], "option", "--option channels=hit"),
        select=select,
        workers=workers,
        scheduler=scheduler,
        skip_broken=skip_broken,
        progress=not quiet,
        components=component or [],
    )
    made = store.manifest["provenance"]
    console = Console(soft_wrap=True, highlight=False, markup=False)
    number = len(made["files"])
    text = f"{out}: {len(store):,} events of {number:,} {made['reader']} file"
    console.print(text + ("s" if number != 1 else ""))
    if made["select"]:
        from hepvision.events.selection import CutFlow

        console.print(repr(CutFlow(**made["cut_flow"])))
    for one in made["skipped"]:
        console.print(f"left out: {one['error']}")

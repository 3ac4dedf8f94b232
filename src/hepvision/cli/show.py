"""Draw one event as a page that any browser opens."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["show"]


def show(
    source: Annotated[Path, typer.Argument(help="A store, or a file that a reader knows.")],
    event: Annotated[int, typer.Option("--event", "-e", help="Which event, from 0.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="The page; else event_N.html.", show_default=False),
    ] = None,
) -> None:
    """Draw one event as a page that any browser opens.

    The page shows the unrolled barrel, the event along the beam and from the side, and an η–φ
    map; it needs no network.

    Parameters
    ----------
    source : path
        A store, or a file that a reader knows.
    event : int
        Which event, from 0.
    out : path, optional
        The page.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    CorruptFileError
        It is neither a store nor a file that a reader knows, or it is damaged.
    ValueError
        There is no such event.

    Examples
    --------
    $ hepvision show gun --event 3 -o event.html
    """
    from hepvision.figures.show import show as draw

    path = out or Path(f"event_{event}.html")
    draw(source, event, path)
    typer.echo(path)

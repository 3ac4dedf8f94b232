"""Draw the network of a bundle: layers, filters, and what an event becomes in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hepvision.cli._settings import OfBundle

__all__ = ["draw"]


def draw(
    bundle: Annotated[Path, typer.Argument(help="Bundle: <run>/<entry>/<seed>/bundle.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="The page; pictures go beside it as PNG.")
    ] = Path("network.html"),
    events: Annotated[
        Path | None,
        typer.Option("--events", help="Store or file with an event to follow through the layers."),
    ] = None,
    event: Annotated[int, typer.Option("--event", "-e", help="Which event, from 0.")] = 0,
    component: OfBundle = None,
) -> None:
    """Draw the network of a bundle: layers, filters, and what an event becomes in it.

    The page has the layers as blocks with their shapes and numbers of parameters, the filters of
    the first convolutions, and with --events the feature maps of one event. Each picture also goes
    beside the page as PNG. The page needs no network.

    Parameters
    ----------
    bundle : path
        A bundle.
    out : path
        The page.
    events : path, optional
        Store or file.
    event : int
        Which event, from 0.
    component : list of str, optional
        The user's own components that the bundle names.

    Raises
    ------
    CorruptFileError
        The bundle or file is damaged, or not there.
    ValueError
        There is no such event.

    Examples
    --------
    $ hepvision draw runs/my_card/EB/1/bundle --events gun --event 3 -o network.html
    """
    from hepvision.interpretation.draw import draw as make

    made = make(bundle, out, source=events, event=event, components=component or ())
    typer.echo(repr(made))
    typer.echo(out)

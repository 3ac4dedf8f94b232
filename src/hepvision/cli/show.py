"""Draw one event as a page that any browser opens."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["show"]


def show(
    files: Annotated[list[Path], typer.Argument(help="Files of any known format, or stores.")],
    event: Annotated[int, typer.Option("--event", "-e", help="Which event of each, from 0.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="The page; else event_N.html.", show_default=False),
    ] = None,
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
    component: Annotated[
        list[str] | None,
        typer.Option("--component", help="A reader of your own: path/to/file.py:Class."),
    ] = None,
) -> None:
    """Draw one event as a page that any browser opens.

    The page shows all that the event holds and nothing else: an η–φ map with towers, tracks,
    particles, jets, leptons and missing energy; the crystals of the barrel and the endcaps; tracks
    and hits along the beam and from the side; cells of a calorimeter and modules of a telescope in
    space; published pictures; the hard process. Beside them stand its collections, its hardest
    objects, and what the reader left out or put right. 'hepvision list views' has all views. Of
    several files one event each is drawn, one below the other. The page needs no network.

    Parameters
    ----------
    files : list of path
        Files or stores.
    event : int
        Which event of each, from 0.
    out : path, optional
        The page.
    format : str, optional
        Name of a reader.
    option : list of str, optional
        Options of the reader.
    component : list of str, optional
        A reader of one's own.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    CorruptFileError
        It is neither a store nor a file that a reader knows, or it is damaged.
    ValueError
        There is no such event, or nothing to draw in it.

    Examples
    --------
    $ hepvision show gun --event 3 -o event.html
    $ hepvision show events.ig more.ig --event 1 -o collisions.html
    """
    from hepvision.cli._settings import settings
    from hepvision.figures.show import show as draw

    path = out or Path(f"event_{event}.html")
    options = settings(option or (), "option", "--option channels=hit")
    draw(files, event, path, format=format, options=options, components=component or ())
    typer.echo(path)

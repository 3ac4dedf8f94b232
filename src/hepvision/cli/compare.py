"""Hold entries of one or more runs against each other in one table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["compare"]


def compare(
    runs: Annotated[list[Path], typer.Argument(help="Folders of runs.", metavar="RUN...")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Page to write.")] = Path("compare.html"),
    against: Annotated[
        str, typer.Option(help="Background, by the name of its class; rest for all.")
    ] = "rest",
    shared: Annotated[
        bool, typer.Option("--shared", help="Judge on test events that all rows share.")
    ] = False,
) -> None:
    """Hold entries of one or more runs against each other in one table.

    All on the same test events, with intervals over seeds and events, costs, agreement, and a word
    on which rows are not told apart. The numbers go beside the page, with the suffix .json.

    Parameters
    ----------
    runs : list of path
        Run folders; unfinished ones give the entries that are finished.
    out : path
        Page to write.
    against : str
        Background.
    shared : bool
        Judge on the test events that all rows share, where they differ.

    Examples
    --------
    $ hepvision compare runs/higgs_diphoton-quick runs/my_card -o compare.html --shared
    """
    from hepvision.studies.compare import compare as hold

    typer.echo(repr(hold(runs, out, against=against, shared=shared)))

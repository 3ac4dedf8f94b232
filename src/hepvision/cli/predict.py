"""Score the events of stores or files with a trained bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hepvision.cli._settings import OfBundle

__all__ = ["predict"]


def predict(
    bundle: Annotated[
        Path, typer.Argument(help="Folder of a trained model, or its ONNX file.", metavar="BUNDLE")
    ],
    inputs: Annotated[
        list[Path], typer.Argument(help="Stores or files.", metavar="STORE_OR_FILES...")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="Parquet file to write.")],
    batch: Annotated[int, typer.Option(help="Examples at a time.", min=1)] = 64,
    threads: Annotated[
        int | None, typer.Option(help="Threads of the network.", min=1, show_default=False)
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler.", show_default=False)
    ] = None,
    component: OfBundle = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
) -> None:
    """Score the events of stores or files with a trained bundle.

    The bundle's own selection is applied first; the output has one row an event that passes, with
    a score for each class. What was interrupted goes on when the same command is given again.

    Parameters
    ----------
    bundle : path
        Folder of a trained model, or a file that ``hepvision export`` wrote, which needs no torch.
    inputs : list of path
        Stores or files.
    out : path
        Parquet file to write.
    batch, threads : int
        Examples at a time, and threads of the network.
    workers : int
        Processes.
    scheduler : str, optional
        Address of a Dask scheduler.
    component : list of str, optional
        The user's own components.
    quiet : bool
        No progress bar.

    Examples
    --------
    $ hepvision predict runs/higgs_diphoton/EB/1/bundle DoublePhoton.ig -o scores.parquet
    """
    from hepvision.deploy.predict import predict as score

    made = score(
        bundle,
        inputs,
        out,
        batch=batch,
        threads=threads,
        workers=workers,
        scheduler=scheduler,
        progress=not quiet,
        components=component or [],
    )
    typer.echo(repr(made))

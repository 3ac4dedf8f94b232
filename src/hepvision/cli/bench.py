"""Time a trained network on this machine, in PyTorch and in ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hepvision.cli._settings import OfBundle

__all__ = ["bench"]


def bench(
    bundle: Annotated[Path, typer.Argument(help="Folder of a trained model.", metavar="BUNDLE")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Page to write.", show_default=False)
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option(
            help="Store or file of the study: pre-processing and int8 are timed too.",
            show_default=False,
        ),
    ] = None,
    batch: Annotated[
        list[int] | None,
        typer.Option(help="Examples a call. May be repeated.", min=1, show_default="1, 32, 256"),
    ] = None,
    threads: Annotated[
        list[int] | None,
        typer.Option(help="Threads. May be repeated.", min=1, show_default="1, 2"),
    ] = None,
    seconds: Annotated[float, typer.Option(help="For each line of the table.", min=0.001)] = 1.0,
    compiled: Annotated[
        bool, typer.Option("--compile/--no-compile", help="Time torch.compile; takes a minute.")
    ] = True,
    component: OfBundle = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
) -> None:
    """Time a trained network on this machine, in PyTorch and in ONNX Runtime.

    All ways take turns, call by call. Nothing else should run meanwhile.

    Parameters
    ----------
    bundle : path
        Folder of a trained model.
    out : path, optional
        Page to write.
    events : path, optional
        Store or file of the study.
    batch, threads : list of int, optional
        Examples a call, and threads.
    seconds : float
        For each line of the table.
    compiled : bool
        Whether PyTorch's compiler is timed too.
    component : list of str, optional
        The user's own components.
    quiet : bool
        No progress bar.

    Raises
    ------
    UserError
        The bundle or the events are damaged.

    Examples
    --------
    $ hepvision bench runs/higgs_diphoton/EB/1/bundle --batch 1 --no-compile -o speed.html
    """
    from hepvision.deploy.bench import bench as run

    made = run(
        bundle,
        out,
        events=events,
        batches=batch or (1, 32, 256),
        threads=threads or (1, 2),
        seconds=seconds,
        compiled=compiled,
        progress=not quiet,
        components=component or [],
    )
    typer.echo(repr(made))

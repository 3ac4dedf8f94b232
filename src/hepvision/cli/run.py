"""Run a study from events to a report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["run"]


def run(
    study: Annotated[str, typer.Argument(help="A name of 'hepvision list studies', or a card.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", help="Run folder; else runs/<study>-<size>.", show_default=False
        ),
    ] = None,
    size: Annotated[
        str | None, typer.Option(help="A size of the card, such as quick or paper.")
    ] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="KEY=VALUE, such as training.epochs=3. May be repeated.",
            metavar="KEY=VALUE",
        ),
    ] = None,
    component: Annotated[
        list[str] | None,
        typer.Option(
            help="A component of your own; the card calls it FILE. May be repeated.",
            metavar="FILE.py:CLASS",
        ),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes that simulate.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler.", show_default=False)
    ] = None,
    devices: Annotated[
        int, typer.Option(help="Processes, or GPUs, of a machine that train a network together.")
    ] = 1,
    nodes: Annotated[
        int, typer.Option(help="Machines that train it; each gets the same command.")
    ] = 1,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and stop.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bars.")] = False,
) -> None:
    """Run a study from events to a report.

    What was interrupted goes on when the same command is given again: stores at the last finished
    chunk, trainings at the last checkpoint. SIGTERM and Ctrl-C make them write one.

    Parameters
    ----------
    study : str
        A study or card.
    out : path, optional
        Run folder; ``runs/<study>-<size>`` by default.
    size : str, optional
        A size of the card.
    changes : list of str, optional
        Values that replace those of the card.
    component : list of str, optional
        The user's own components that the card names.
    workers : int
        Processes.
    scheduler : str, optional
        Address of a Dask scheduler.
    devices : int
        Processes of a machine that train a network together, each with a batch a step, and with a
        GPU of its own where there are any.
    nodes : int
        Machines that do, each with the same command, as ``srun`` starts it. MASTER_ADDR names the
        first one, and NODE_RANK or SLURM_NODEID this one.
    dry_run : bool
        Print the plan with its cost and stop.
    quiet : bool
        No progress bars.

    Raises
    ------
    CardError
        The card or a change is wrong.

    Examples
    --------
    $ hepvision run higgs_diphoton --dry-run
    $ hepvision run higgs_diphoton --devices 2 --set training.batch=16 --dry-run
    $ hepvision run my_card.yaml --component my_linear.py:MyLinear --dry-run
    """
    from rich.console import Console

    from hepvision.core.own import using
    from hepvision.studies._sizes import size_line
    from hepvision.studies.plan import plan
    from hepvision.studies.run import checked
    from hepvision.studies.run import run as go

    console = Console(soft_wrap=True, highlight=False)
    line = size_line(study, size, changes or [])
    if line:
        console.print(line)
    if dry_run:
        with using(component or []):
            card, _ = checked(study, out, size=size, changes=changes or [])
            console.print(str(plan(card, workers)))
        return
    made = go(
        study,
        out,
        size=size,
        changes=changes or [],
        workers=workers,
        scheduler=scheduler,
        progress=not quiet,
        components=component or [],
        devices=devices,
        nodes=nodes,
    )
    console.print(str(made))

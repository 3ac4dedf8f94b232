"""Search a study's network for the smallest that is as good."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["search"]


def search(
    study: Annotated[str, typer.Argument(help="A study, or a card, with a search block.")],
    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", help="Folder; else runs/<study>-<size>-search.", show_default=False
        ),
    ] = None,
    trials: Annotated[
        int | None, typer.Option(help="Networks to train in all, instead of the card's number.")
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(
            help='Limits, such as "parameters<50e3, latency<1ms".', metavar="COST<NUMBER,..."
        ),
    ] = None,
    storage: Annotated[
        str | None,
        typer.Option(help="Address of an Optuna storage that machines share.", show_default=False),
    ] = None,
    reference: Annotated[
        Path | None,
        typer.Option(help="Run with the entry that is judged against, trained already."),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(help="Begin no trial after so many minutes.")
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
    workers: Annotated[int, typer.Option(help="Processes, one trial each.")] = 1,
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Address of a Dask scheduler, to use --workers of its workers.",
            show_default=False,
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing of single trials.")] = False,
) -> None:
    """Search a study's network for the smallest that is as good.

    The card's search block names an entry and ranges for any of its settings. Each trial draws
    values, is refused if the network is over the budget, else trained and scored on validation
    events. The best are judged on test events, which no trial saw, against a named entry. What was
    interrupted goes on when the same command is given again.

    Parameters
    ----------
    study : str
        A study or card.
    out : path, optional
        Folder.
    trials : int, optional
        Networks to train in all.
    budget : str, optional
        Limits on costs.
    storage : str, optional
        Optuna storage.
    reference : path, optional
        Run with the entry that is judged against.
    minutes : float, optional
        After which no trial is begun.
    size : str, optional
        A size of the card.
    changes : list of str, optional
        Values that replace those of the card.
    component : list of str, optional
        The user's own components that the card names.
    workers : int
        Processes.
    scheduler : str, optional
        Address of a Dask scheduler, of whose workers so many are used.
    quiet : bool
        Say nothing of single trials.

    Raises
    ------
    CardError
        The card or budget is wrong, or no network is valid.
    UserError
        Every trial failed; the report is written all the same.
    OSError
        Another process works in the folder, or holds the storage.

    Examples
    --------
    $ hepvision search my_card.yaml --trials 2 --budget "parameters<50e3"
    """
    from rich.console import Console

    from hepvision.core.errors import UserError
    from hepvision.studies._sizes import size_line
    from hepvision.studies.search import search as go

    console = Console(soft_wrap=True, highlight=False, markup=False)
    line = size_line(study, size, changes or [])
    if line:
        console.print(line)
    made = go(
        study,
        out,
        trials=trials,
        budget=budget,
        storage=storage,
        reference=reference,
        minutes=minutes,
        size=size,
        changes=changes or [],
        workers=workers,
        scheduler=scheduler,
        progress=not quiet,
        components=component or [],
    )
    console.print(str(made))
    outcomes = made.numbers["outcomes"]
    if outcomes.get("failed") and not outcomes.get("trained"):
        reasons = (one.get("reason") for one in made.numbers["trials"])
        raise UserError(
            f"search: needs a trial that can be trained, got {outcomes['failed']} that failed, "
            f"the first with {next(filter(None, reasons), 'no reason')}. See {made.page}."
        )

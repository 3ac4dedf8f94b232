"""Simulate collisions in a CMS-like detector and store them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["simulate"]


def simulate(
    process: Annotated[str, typer.Argument(help="One of 'hepvision list processes'.")],
    events: Annotated[int, typer.Option("-n", "--events", help="Events to store.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder of the store.")],
    pileup: Annotated[float, typer.Option(help="Mean pile-up interactions an event.")] = 20.0,
    energy: Annotated[float, typer.Option(help="Centre-of-mass energy in GeV.")] = 8000.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same events.")] = 1,
    workers: Annotated[int, typer.Option(help="Processes.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler.", show_default=False)
    ] = None,
    readout: Annotated[
        str,
        typer.Option(
            help="full, reduced to what analysis files keep, or particles: the leading jet as "
            "generated."
        ),
    ] = "full",
    select: Annotated[
        list[str] | None,
        typer.Option(
            help="Store events that pass, such as 'num(Photon) == 2'. May be repeated.",
            show_default=False,
        ),
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option(
            "-p",
            "--parameter",
            help="NAME=VALUE of the process. May be repeated.",
            show_default=False,
        ),
    ] = None,
    content: Annotated[
        str, typer.Option(help="Whose hits and tracks are stored: all, hard or pileup.")
    ] = "all",
    reconstruct: Annotated[
        list[str] | None,
        typer.Option(
            help="Reconstruct beside photons: Electron, Muon, Jet, FatJet or MET. May be repeated.",
            show_default=False,
        ),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bar.")] = False,
) -> None:
    """Simulate collisions in a CMS-like detector and store them.

    What was interrupted goes on when the same command is given again.

    Parameters
    ----------
    process : str
        A process.
    events : int
        Events to store.
    out : path
        Folder of the store.
    pileup : float
        Mean number of pile-up interactions.
    energy : float
        Centre-of-mass energy, GeV.
    seed : int
        Seed.
    workers : int
        Processes.
    scheduler : str, optional
        Address of a Dask scheduler.
    readout : str
        full, reduced or particles.
    select : list of str, optional
        Cuts.
    parameter : list of str, optional
        Parameters of the process.
    content : str
        Whose hits and tracks are stored.
    reconstruct : list of str, optional
        Objects beside photons.
    quiet : bool
        No progress bar.

    Raises
    ------
    UserError
        A setting is wrong.

    Examples
    --------
    $ hepvision simulate particle_gun -n 50 -o gun --pileup 0
    """
    from rich.console import Console

    from hepvision.cli._settings import settings
    from hepvision.core.outputs import output_folder
    from hepvision.simulation.simulate import simulate as run

    store = run(
        process,
        events,
        output_folder(out),
        pileup=pileup,
        energy=energy,
        seed=seed,
        workers=workers,
        scheduler=scheduler,
        readout=readout,
        select=select,
        parameters=settings(parameter or [], "parameter", "-p pdg_id=11"),
        content=content,
        progress=not quiet,
        reconstruct=reconstruct or (),
    )
    made = store.manifest["provenance"]
    counts = made["counts"]
    text = f"{out}: {len(store):,} events, {counts['tried']:,} tried"
    spare = counts["selected"] - counts["stored"]
    if spare > 0:
        text += f", {spare:,} more passed than were asked for"
    if made["cross_section_pb"] > 0:
        text += f", cross-section {made['cross_section_pb']:.4g} pb"
        text += f", efficiency {made['efficiency']:.3g}"
    Console(soft_wrap=True, highlight=False).print(text)

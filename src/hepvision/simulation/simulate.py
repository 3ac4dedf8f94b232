"""From a process to a store of simulated events."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import shutil
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import hepvision
from hepvision.core.card import component, parse
from hepvision.core.chunks import check_scheduler, each_chunk
from hepvision.core.names import load
from hepvision.core.outputs import resumable
from hepvision.core.own import code_of
from hepvision.events.selection import CutFlow, selected
from hepvision.events.split import Split
from hepvision.events.store import Store, StoreWriter, open_store
from hepvision.reconstruction.objects import check_objects
from hepvision.simulation._chunk import PARTICLES, Made, Settings, is_compiled, make_chunk
from hepvision.simulation._contents import no_simulated_events
from hepvision.simulation._pool_file import POOL_EVENTS, open_pool
from hepvision.simulation._progress import Progress
from hepvision.simulation.processes._pythia import check_between

__all__ = ["simulate"]

CONTENTS = ("all", "hard", "pileup")
#: Events that are tried in one chunk; small stores take smaller ones. A generator starts anew for
#: each, which costs as much as a hundred events.
ATTEMPTS = 500
#: Events that are detected without one passing the selection before it is taken to pass none.
PATIENCE = 5000
#: Most events of a store.
MOST = 10**9
#: The version of what is made from equal settings.
VERSION = 4


def simulate(
    process: str,
    events: int,
    out: str | Path,
    *,
    pileup: float = 20.0,
    energy: float = 8000.0,
    seed: int = 1,
    workers: int = 1,
    scheduler: str | None = None,
    readout: str = "full",
    select: str | Sequence[str] | None = None,
    split: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    content: str = "all",
    pool_events: int = POOL_EVENTS,
    progress: bool = True,
    reconstruct: Sequence[str] = (),
) -> Store:
    r"""Generate events, send them through the detector and store those that pass a selection.

    A run that was interrupted goes on when it is started again with the same settings.

    Parameters
    ----------
    process : str
        One of ``hepvision list processes``.
    events : int
        Events to store.
    out : path
        Folder of the store.
    pileup : float
        Mean number of additional interactions an event; 0 for none.
    energy : float, GeV
        Centre-of-mass energy of the collisions.
    seed : int
        The same seed gives the same events, with any number of workers.
    workers : int
        Processes.
    scheduler : str, optional
        Address of a Dask scheduler to use instead.
    readout : {"full", "reduced", "particles"}
        Every cell above twice its noise; what analysis files keep; or no detector at all: the
        leading jet of a process of jets and its particles as generated, without pile-up.
    select : str or sequence of str, optional
        Events must pass these expressions over the schema's fields.
    split : mapping, optional
        ``seed``, ``validation`` and ``test``: fractions of events.
    parameters : mapping, optional
        Parameters of the process.
    content : {"all", "hard", "pileup"}
        Whose hits and tracks are stored; reconstructed objects, forward towers and selection are
        always those of the whole event. For leak controls.
    pool_events : int
        Minimum-bias events that pile-up is drawn from.
    progress : bool
        Show a progress bar.
    reconstruct : sequence of str
        What is reconstructed beside photons: Electron, Muon, Jet, FatJet, MET. Such events also
        hold ``Tower``, the forward calorimeter, and ``GenJet``.

    Returns
    -------
    Store
        The events. ``manifest["provenance"]`` holds cross-section, counts and cut flow;
        ``luminosity_weight`` times its own weight is what an event stands for in 1 pb⁻¹.

    Raises
    ------
    UnknownNameError
        There is no such process or field.
    CardError
        A parameter is unknown or wrong.
    ValueError
        A setting is out of range, or no event passes the selection.
    SchemaError
        The selection cannot be computed, or the folder holds something else, or a store made with
        other settings.
    MissingExtraError
        A package is not installed.
    OSError
        The disk is full or too small, or no scheduler answers.

    Examples
    --------
    >>> import tempfile
    >>> store = simulate("particle_gun", 3, tempfile.mkdtemp() + "/gun", pileup=0, progress=False)
    >>> len(store), store.manifest["provenance"]["counts"]["tried"]
    (3, 10)
    """
    settings = settings_of(
        process,
        events,
        pileup=pileup,
        energy=energy,
        seed=seed,
        readout=readout,
        select=select,
        split=split,
        parameters=parameters,
        content=content,
        pool_events=pool_events,
        reconstruct=reconstruct,
    )
    if workers < 1:
        raise ValueError(f"workers: must be positive, got {workers}. Give 1 or more.")
    with resumable(out):
        writer = StoreWriter(out, _plan(settings, events))
        if writer.finished:
            return open_store(out)
        if scheduler is not None:
            check_scheduler(scheduler)
        with Progress(events, process, shown=progress) as bar:
            if scheduler is None and readout != PARTICLES and not is_compiled():
                bar.say("compiling the detector, once: about a minute")
            if settings.pileup > 0:
                open_pool(
                    settings.pool_energy,
                    pool_events,
                    workers=workers,
                    scheduler=scheduler,
                    progress=bar.pool,
                )
            entries = _fill(writer, settings, events, workers, scheduler, bar)
        return writer.finish(entries, _provenance(settings, entries))


def settings_of(
    process: str,
    events: int,
    *,
    pileup: float,
    energy: float,
    seed: int,
    readout: str,
    select: str | Sequence[str] | None = None,
    split: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    content: str = "all",
    pool_events: int = POOL_EVENTS,
    reconstruct: Sequence[str] = (),
) -> Settings:
    """Check everything before anything is made.

    Parameters
    ----------
    process, events, pileup, energy, seed, readout, select, split, parameters, content, pool_events,
    reconstruct
        As :func:`simulate` takes them.

    Returns
    -------
    Settings
        What decides the events.

    Raises
    ------
    UnknownNameError, CardError, SchemaError, ValueError
        As :func:`simulate`.

    Examples
    --------
    >>> one = {"pileup": 0.0, "energy": 8000.0, "seed": 1, "readout": "full"}
    >>> settings_of("particle_gun", 5, **one).attempts
    10
    """
    kind = load("processes", process)
    fields = {field.name for field in dataclasses.fields(kind)}
    check_between("energy", energy, 500.0, 200_000.0)
    given = dict(parameters or {})
    if "energy" in fields and "energy" not in given:
        given["energy"] = float(energy)
    made = component("processes", {"name": process, **given})
    if events < 1:
        raise ValueError(f"events: must be positive, got {events}. Give 1 or more.")
    if events > MOST:
        raise ValueError(
            f"events: must be at most {MOST:,} in a store, got {events}. Give fewer, or make more "
            "stores with other seeds."
        )
    if not 0.0 <= pileup <= 500.0:
        raise ValueError(
            f"pile-up: must lie between 0 and 500, got {pileup:g}. Give another --pileup."
        )
    if seed < 0:
        raise ValueError(f"seed: must not be negative, got {seed}. Give 0 or more.")
    if content not in CONTENTS:
        known = ", ".join(CONTENTS)
        raise ValueError(f"content: must be one of {known}, got {content!r}. Take one of them.")
    if pool_events < 50:
        raise ValueError(f"pool_events: must be 50 or more, got {pool_events}. Give more.")
    nothing = no_simulated_events(made, process, readout, pileup, content, reconstruct)
    cuts = (select,) if isinstance(select, str) else tuple(select or ())
    selected(nothing, cuts)
    return Settings(
        process=process,
        parameters=given,
        pileup=float(pileup),
        pool_events=pool_events,
        pool_energy=float(energy),
        seed=seed,
        readout=readout,
        content=content,
        select=cuts,
        split=parse(Split, dict(split or {}), "split"),
        attempts=min(ATTEMPTS, max(10, events * (4 if cuts or readout == PARTICLES else 1))),
        reconstruct=check_objects(reconstruct),
    )


def _plan(settings: Settings, events: int) -> dict[str, Any]:
    plan = {field.name: getattr(settings, field.name) for field in dataclasses.fields(settings)}
    plan |= {"select": list(settings.select), "split": settings.split.model_dump()}
    plan["reconstruct"] = list(settings.reconstruct)
    # the size of a chunk follows from the rest
    del plan["attempts"]
    return {**plan, **code_of("processes", settings.process), "events": events, "version": VERSION}


def _fill(
    writer: StoreWriter,
    settings: Settings,
    events: int,
    workers: int,
    scheduler: str | None,
    bar: Progress,
) -> list[dict[str, Any]]:
    """Write chunks in order until they hold enough events; the last one is cut."""
    done = writer.done()
    missing = (chunk for chunk in itertools.count() if chunk not in done)
    items = ((settings, chunk) for chunk in missing)
    entries: list[dict[str, Any]] = []
    stored = detected = passed = size = 0
    with contextlib.closing(_results(items, workers, scheduler)) as results:
        for chunk in itertools.count():
            if chunk in done:
                entry = done[chunk]
            else:
                made = next(results)
                left = events - stored
                made.record["weights"]["stored"] = float(np.sum(made.weight[:left]))
                entry = writer.add(chunk, made.events.first(left), made.record)
            entries.append(entry)
            stored += entry["events"]
            detected += entry["record"]["detected"]
            passed += entry["record"]["cut_flow"]["passed"][-1]
            size += entry["bytes"]
            bar.advance(stored, passed, detected)
            if stored >= events:
                return entries
            if stored == 0 and detected >= PATIENCE:
                raise ValueError(
                    f"selection: must pass some events, got 0 of {detected}. Loosen the selection."
                )
            if stored > 0:
                _check_space(writer.path, size / stored * (events - stored), events)
    return entries


def _check_space(folder: Path, needed: float, events: int) -> None:
    """Stop before the disk is full; what an event needs is what the stored ones take."""
    free = shutil.disk_usage(folder).free
    if needed > free:
        raise OSError(
            f"{folder}: needs about {needed / 1e9:,.3g} GB more for {events:,} events, got "
            f"{free / 1e9:,.3g} GB free. Free some and run the same command again, or ask for "
            "fewer events in another folder."
        )


def _results(
    items: Iterator[tuple[Settings, int]], workers: int, scheduler: str | None
) -> Generator[Made, None, None]:
    yield from each_chunk(make_chunk, items, workers=workers, scheduler=scheduler)


def _provenance(settings: Settings, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Counts of all chunks, the cross-section, and what a stored event stands for."""
    records = [entry["record"] for entry in entries]
    names = records[0]["counts"]
    counts = {name: sum(record["counts"][name] for record in records) for name in names}
    flows = [CutFlow(**record["cut_flow"]) for record in records]
    flow = sum(flows[1:], flows[0])
    tried = np.array([record["counts"]["tried"] for record in records], float)
    sigma = np.array([record["cross_section_pb"] for record in records])
    error = np.array([record["cross_section_error_pb"] for record in records])
    cross_section = float(np.average(sigma, weights=tried))
    weights = {
        name: sum(record["weights"][name] for record in records) for name in records[0]["weights"]
    }
    weights |= {"detected": flow.weights[0], "passed": flow.weights[-1]}
    generated = counts["tried"] - counts["vetoed"] - counts["failed"]
    # a chunk hands on only as many accepted events as were asked for
    accepted = generated / counts["tried"] * weights["accepted"] / weights["generated"]
    efficiency = accepted * weights["passed"] / weights["detected"]
    stored = sum(int(entry["events"]) for entry in entries)
    return {
        "made_by": f"hepvision {hepvision.__version__} simulate",
        "detector": "none" if settings.readout == PARTICLES else "cms_like",
        "sample": settings.process,
        "process": {"name": settings.process, **settings.parameters},
        "seed": settings.seed,
        "pileup": settings.pileup,
        "readout": settings.readout,
        "content": settings.content,
        "select": list(settings.select),
        "reconstruct": list(settings.reconstruct),
        "split": settings.split.model_dump(),
        "cross_section_pb": cross_section,
        "cross_section_error_pb": float(np.sqrt(np.sum((tried * error) ** 2)) / tried.sum()),
        "filter_efficiency": accepted,
        "efficiency": efficiency,
        "luminosity_weight": cross_section * efficiency / weights["stored"],
        "weights": weights,
        "counts": {
            **counts,
            "detected": flow.passed[0],
            "selected": flow.passed[-1],
            "stored": stored,
        },
        "cut_flow": flow.as_dict(),
    }

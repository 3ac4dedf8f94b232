"""One chunk of a simulated store: from the generator to selected events."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, NamedTuple

import awkward as ak
import numpy as np
import numpy.typing as npt

from hepvision.core.card import component
from hepvision.core.seeds import generator
from hepvision.events.schema import build, from_columns
from hepvision.events.selection import CutFlow, select
from hepvision.events.split import Split, split_of
from hepvision.events.store import Encoded, encoded
from hepvision.reconstruction._barrel import barrel_kernel
from hepvision.reconstruction.objects import reconstructed
from hepvision.reconstruction.photons import photons
from hepvision.simulation._overlay import _read_out, hit_columns, read_out
from hepvision.simulation._pool import Pool
from hepvision.simulation._pool_file import open_pool
from hepvision.simulation.detector import Response, _respond, respond
from hepvision.simulation.forward import forward_energy, forward_towers, laid_over
from hepvision.simulation.generation import Generated, generate
from hepvision.simulation.jets import generated_jets, leading_jets
from hepvision.simulation.pileup import Uses, draw_uses, overlaid_tracks
from hepvision.simulation.readout import Readout
from hepvision.simulation.tracker import COLUMNS
from hepvision.simulation.vertices import fit_vertices

__all__ = ["PARTICLES", "Made", "Settings", "is_compiled", "make_chunk"]

Array = npt.NDArray[Any]
#: The readout without a detector: the leading jet as generated.
PARTICLES = "particles"


@dataclasses.dataclass(frozen=True)
class Settings:
    """What decides the events of a store, but for their number."""

    process: str
    parameters: dict[str, Any]
    pileup: float
    pool_events: int
    pool_energy: float
    seed: int
    readout: str
    content: str
    select: tuple[str, ...]
    split: Split
    attempts: int  # a chunk
    reconstruct: tuple[str, ...] = ()


class Made(NamedTuple):
    """A finished chunk, ready to be written: workers do the packing."""

    events: Encoded
    weight: Array  # float64, (B,)
    record: dict[str, Any]


def _gen_part(made: Generated, response: Response) -> ak.Array:
    """Truth with the photons that converted."""
    converted = np.zeros(int(made.truth_offsets[-1]), np.bool_)
    index = made.particles["genPartIdx"]
    event = np.repeat(np.arange(len(made)), np.diff(made.offsets))
    rows = np.flatnonzero(response.converted & (index >= 0))
    converted[made.truth_offsets[event[rows]] + index[rows]] = True
    return from_columns(made.truth_offsets, {**made.truth, "converted": converted}, "GenPart")


def _hits(
    settings: Settings, chunk: int, response: Response, pool: Pool | None, uses: Uses, content: str
) -> dict[str, ak.Array]:
    rng = generator(settings.seed, "readout", settings.process, chunk)
    readout = Readout.named(settings.readout)
    read = hit_columns(*read_out(rng, response, pool, uses, readout, content))
    return {name: from_columns(*value, name) for name, value in read.items()}


def _forward(
    settings: Settings, chunk: int, made: Generated, pool: Pool | None, uses: Uses
) -> ak.Array:
    """Towers of the forward calorimeter, those of pile-up too."""
    rng = generator(settings.seed, "detector", settings.process + " forward", chunk)
    energy = forward_energy(made.offsets, made.particles, rng)
    return forward_towers(energy if pool is None else laid_over(energy, pool.forward, uses))


def _tracks(
    settings: Settings,
    chunk: int,
    made: Generated,
    response: Response,
    pool: Pool | None,
    uses: Uses,
) -> tuple[ak.Array, ak.Array, ak.Array]:
    """Tracks, vertices, and which tracks are the hard interaction's."""
    place = np.stack([made.vertex[axis] for axis in "xyz"], axis=1)
    overlaid = overlaid_tracks(response, place, pool, uses)
    offsets, table, interaction = overlaid[:3]
    columns = {name: table[:, column] for column, name in enumerate(COLUMNS)}
    rng = generator(settings.seed, "detector", settings.process + " vertices", chunk)
    vertex_offsets, vertices, index = fit_vertices(
        rng, offsets, columns, interaction, *overlaid[3:]
    )
    tracks = from_columns(offsets, {**columns, "vertexIdx": index}, "Track")
    hard = ak.unflatten(interaction == 0, np.diff(offsets))
    return tracks, from_columns(vertex_offsets, vertices, "Vertex"), hard


def is_compiled() -> bool:
    """Whether the kernels that take longest to compile lie in Numba's cache.

    Returns
    -------
    bool
        False in a fresh installation. After an update it may be True all the same: Numba compares
        the sources when it loads the kernels.
    """
    for kernel in (_respond, _read_out, barrel_kernel):
        stats = getattr(kernel, "stats", None)  # none where compiling is switched off
        if stats is None or not stats.cache_path:
            continue
        source = Path(kernel.py_func.__code__.co_filename)
        if not any(Path(stats.cache_path).glob(f"{source.stem}.{kernel.py_func.__name__}-*.nbi")):
            return False
    return True


def make_chunk(item: tuple[Settings, int]) -> Made:
    """Generate, simulate, read out, reconstruct and select one chunk.

    Parameters
    ----------
    item : tuple of Settings and int
        What to make, and the number of the chunk.

    Returns
    -------
    Made
        Events that pass, and counts; the same for the same item, in any process.
    """
    settings, chunk = item
    process = component("processes", {"name": settings.process, **settings.parameters})
    made = generate(
        process, settings.attempts, seed=settings.seed, sample=settings.process, chunk=chunk
    )
    event_id = (np.uint64(chunk) << np.uint64(20)) | np.arange(len(made), dtype=np.uint64)
    scalars = {
        "event_id": event_id,
        "sample": settings.process,
        "weight": made.weight,
        "run": np.ones(len(made)),
        "luminosityBlock": np.full(len(made), chunk + 1),
        "event": event_id,
        "pileup": np.zeros(len(made)),
        "split": split_of(event_id, settings.split),
    }
    if settings.readout == PARTICLES:
        return _jets(settings, made, process, scalars)
    return _detected(settings, chunk, made, scalars)


def _jets(settings: Settings, made: Generated, process: Any, scalars: dict[str, Any]) -> Made:
    """Events whose leading jet the process takes, without a detector."""
    truth = from_columns(made.truth_offsets, made.truth, "GenPart")
    events = build(scalars, {**leading_jets(made, process), "GenPart": truth})
    passed, flow = select(events, (f"num({process.collection}) == 1", *settings.select))
    return _made(events[passed], made, flow)


def _detected(settings: Settings, chunk: int, made: Generated, scalars: dict[str, Any]) -> Made:
    """Events as the detector sees them."""
    rng = generator(settings.seed, "detector", settings.process, chunk)
    response = respond(made.offsets, made.particles, rng)
    pool = open_pool(settings.pool_energy, settings.pool_events) if settings.pileup > 0 else None
    rng = generator(settings.seed, "pileup", settings.process, chunk)
    uses = draw_uses(rng, settings.pileup, scalars["split"], pool)
    tracks, vertices, hard = _tracks(settings, chunk, made, response, pool, uses)
    scalars = {**scalars, "pileup": np.diff(uses.offsets)}
    collections = _hits(settings, chunk, response, pool, uses, "all")
    collections |= {"Track": tracks, "Vertex": vertices, "GenPart": _gen_part(made, response)}
    if settings.reconstruct:
        collections["Tower"] = _forward(settings, chunk, made, pool, uses)
        collections["GenJet"] = generated_jets(made)
    events = build(scalars, collections)
    events = ak.with_field(events, photons(events), "Photon")
    if settings.reconstruct:
        rng = generator(settings.seed, "detector", settings.process + " objects", chunk)
        for name, collection in reconstructed(events, settings.reconstruct, rng).items():
            events = ak.with_field(events, collection, name)
    passed, flow = select(events, settings.select)
    if settings.content != "all":
        part = _hits(settings, chunk, response, pool, uses, settings.content)
        part["Track"] = tracks[hard if settings.content == "hard" else ~hard]
        for name, collection in part.items():
            events = ak.with_field(events, collection, name)
    return _made(events[passed], made, flow)


def _made(events: ak.Array, made: Generated, flow: CutFlow) -> Made:
    record = {
        "weights": dict(made.weight_sums),
        "counts": {name: int(count) for name, count in made.counts.items()},
        "detected": len(made),
        "cut_flow": flow.as_dict(),
        "cross_section_pb": float(made.cross_section_pb),
        "cross_section_error_pb": float(made.cross_section_error_pb),
    }
    return Made(encoded(ak.to_packed(events)), ak.to_numpy(events["weight"]), record)

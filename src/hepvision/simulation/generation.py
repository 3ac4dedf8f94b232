"""Run a process and hand its events on as flat arrays with their truth."""

import functools
import math
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import numpy.typing as npt

from hepvision.core.names import require
from hepvision.core.seeds import generator
from hepvision.physics.propagation import SPEED_OF_LIGHT
from hepvision.simulation.processes._pythia import check_between
from hepvision.simulation.processes._record import (
    Record,
    charge,
    final_state,
    pythia_record,
    truth,
)

__all__ = ["BeamSpot", "Generated", "generate"]

Columns = dict[str, npt.NDArray[Any]]
#: Events that Pythia hands over at a time, about 0.2 MB each.
BATCH = 250
#: Generated events without an accepted one after which a filter is taken to pass none.
PATIENCE = 20_000


@dataclass(frozen=True)
class BeamSpot:
    """Gaussian spread of the primary vertices about the centre of the detector.

    Parameters
    ----------
    sigma_xy, sigma_z : float, mm
        Across and along the beam.
    sigma_time : float, ns
        Of the collision time.

    Raises
    ------
    ValueError
        A spread is negative.

    Examples
    --------
    >>> BeamSpot().sigma_z
    50.0
    """

    sigma_xy: float = 0.02
    sigma_z: float = 50.0
    sigma_time: float = 0.2

    def __post_init__(self) -> None:
        """Refuse negative spreads."""
        check_between("sigma_xy", self.sigma_xy, 0.0, 10.0, "mm")
        check_between("sigma_z", self.sigma_z, 0.0, 1000.0, "mm")
        check_between("sigma_time", self.sigma_time, 0.0, 10.0, "ns")


@dataclass(frozen=True)
class Generated:
    """Events of one chunk before the detector.

    Parameters
    ----------
    offsets : array of int64, shape (B + 1,)
        Rows of ``particles`` of each event.
    particles : dict of arrays, shape (N,)
        The final state, neutrinos too: pdgId (int32), px, py, pz, energy (float64, GeV), charge
        (float32, e), vx, vy, vz (mm), time (ns), genPartIdx (int32, row in the event's truth, −1:
        none), motherPdgId (int32, the hadron or lepton it comes from, 0: none).
    truth_offsets : array of int64, shape (B + 1,)
        Rows of ``truth`` of each event.
    truth : dict of arrays, shape (M,)
        ``GenPart``: pt, eta, phi, mass, pdgId, status, genPartIdxMother, vx, vy, vz.
    vertex : dict of arrays, shape (B,)
        x, y, z (mm) and time (ns) of the collision.
    weight : array of float64, shape (B,)
        The generator's own weight, 1 for unweighted events.
    counts : dict of int
        tried = vetoed + failed + filtered + accepted. Of the accepted ones B are handed over.
    weight_sums : dict of float
        Sum of the weights of all that was generated, and of what the filter accepted.
    cross_section_pb, cross_section_error_pb : float, pb
        Of the process within its phase-space cuts, before veto and filter; 0 for a gun.

    Examples
    --------
    >>> from hepvision.simulation.processes.particle_gun import ParticleGun
    >>> electrons = generate(ParticleGun(pdg_id=11), 2)
    >>> electrons.counts["accepted"], electrons.efficiency, electrons.truth["pdgId"].tolist()
    (2, 1.0, [11, 11])
    """

    offsets: npt.NDArray[np.int64]
    particles: Columns
    truth_offsets: npt.NDArray[np.int64]
    truth: Columns
    vertex: Columns
    weight: npt.NDArray[np.float64]
    counts: dict[str, int]
    weight_sums: dict[str, float]
    cross_section_pb: float
    cross_section_error_pb: float

    def __len__(self) -> int:
        """Number of events."""
        return len(self.offsets) - 1

    @property
    def efficiency(self) -> float:
        """Accepted over tried: veto and filter together."""
        return self.counts["accepted"] / self.counts["tried"]


@dataclass(frozen=True)
class _Batch:
    """Accepted events of one batch, with what was refused."""

    offsets: npt.NDArray[np.int64]
    particles: Columns
    truth_offsets: npt.NDArray[np.int64]
    truth: Columns
    weight: npt.NDArray[np.float64]
    generated: int
    generated_weight: float


def _rows_of(
    offsets: npt.NDArray[np.int64], keep: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    counts = np.diff(offsets)
    return np.concatenate([[0], np.cumsum(counts[keep])]), np.repeat(keep, counts)


def _batch(process: Any, record: Record, weight: npt.NDArray[np.float64]) -> _Batch:
    """Final state and truth of a record, for the events that the process accepts."""
    offsets, final = final_state(record)
    truth_offsets, columns, index, mother = truth(record, final)
    names = ("px", "py", "pz", "energy")
    particles: Columns = {"pdgId": record.pdg_id[final]}
    particles |= {name: part[final] for name, part in zip(names, record.momentum, strict=True)}
    particles["charge"] = charge(particles["pdgId"])
    particles |= {
        name: part[final] for name, part in zip(("vx", "vy", "vz"), record.vertex, strict=False)
    }
    particles["time"] = record.vertex[3][final] / SPEED_OF_LIGHT
    particles |= {"genPartIdx": index, "motherPdgId": mother}
    keep = process.accepts(offsets, particles)
    offsets, rows = _rows_of(offsets, keep)
    truth_offsets, truth_rows = _rows_of(truth_offsets, keep)
    return _Batch(
        offsets,
        {name: column[rows] for name, column in particles.items()},
        truth_offsets,
        {name: column[truth_rows] for name, column in columns.items()},
        weight[keep],
        len(keep),
        float(weight.sum()),
    )


def _initialised(process: Any) -> tuple[Any, Any]:
    """A Pythia that has read the process's settings, and its hook; state set by a fixed seed."""
    pythia8 = require("pythia8mc", extra="simulate")
    pythia = pythia8.Pythia("", False)
    lines = ("Print:quiet = on", "Random:setSeed = on", "Random:seed = 1", *process.settings())
    for line in lines:
        if not pythia.readString(line):
            raise ValueError(f"pythia: must be a setting it knows, got {line!r}. Mend the process.")
    hook = process.hooks()
    if hook is not None:
        pythia.setUserHooksPtr(hook)
    with tempfile.TemporaryDirectory() as folder:
        if masses := process.slha():
            file = Path(folder) / "masses.slha"
            file.write_text(masses)
            # quiet: Pythia says of couplings that it fills in what it needs
            pythia.readString("SLHA:verbose = 0")
            # not readString, which ends a word at a blank
            pythia.settings.word("SLHA:file", str(file))
        started = pythia.init()
    if not started:
        raise ValueError(f"pythia: cannot start, got {process}. Try other parameters.")
    return pythia, hook


#: One generator that costs seconds to start serves all chunks of a worker.
_shared = functools.lru_cache(maxsize=1)(_initialised)


def _run_pythia(
    process: Any, events: int, seed: int
) -> tuple[list[_Batch], dict[str, int], float, float]:
    """Batches that hold at least so many accepted events, counts and cross-section."""
    pythia, hook = (_shared if process.reusable else _initialised)(process)
    tried, vetoed = pythia.infoPython().nSelected(), hook.vetoed if hook else 0
    pythia.rndm.init(seed)
    batches: list[_Batch] = []
    accepted = generated = 0
    while accepted < events:
        pass_rate = (accepted + 1) / (generated + 1)
        raw = pythia.nextBatch(min(BATCH, math.ceil((events - accepted) / pass_rate)))
        weight = ak.to_numpy(raw.info.weights[:, 0])
        batch = _batch(process, pythia_record(raw), weight)
        batches.append(batch)
        accepted += len(batch.weight)
        generated += batch.generated
        if not accepted and generated >= PATIENCE:
            raise ValueError(
                f"filter: must pass some events, got 0 of {generated}. Loosen {process}."
            )
    info = pythia.infoPython()
    tried, vetoed = info.nSelected() - tried, (hook.vetoed if hook else 0) - vetoed
    counts = {
        "tried": tried,
        "vetoed": vetoed,
        "failed": tried - vetoed - generated,
        "filtered": generated - accepted,
        "accepted": accepted,
    }
    known = process.known_cross_section_pb(pythia)
    if known is not None:
        return batches, counts, known, 0.0
    # Pythia's own figure has the veto in it; 1 mb = 1e9 pb
    undo = 1e9 * info.nSelected() / info.nAccepted()
    return batches, counts, info.sigmaGen() * undo, info.sigmaErr() * undo


def _joined(offsets: list[npt.NDArray[np.int64]], events: int) -> npt.NDArray[np.int64]:
    counts = np.concatenate([np.diff(part) for part in offsets])[:events]
    return np.concatenate([[0], np.cumsum(counts)])


def generate(
    process: Any,
    events: int,
    *,
    seed: int = 0,
    sample: str = "",
    chunk: int = 0,
    beam_spot: BeamSpot | None = None,
) -> Generated:
    """Generate one chunk of events of a process.

    Parameters
    ----------
    process : object
        One of ``hepvision.simulation.processes``.
    events : int
        How many accepted events to hand over.
    seed : int
        The sample's seed.
    sample : str
        The sample's name; part of the random stream.
    chunk : int
        Number of the chunk; part of the random stream.
    beam_spot : BeamSpot, optional
        Spread of the vertices.

    Returns
    -------
    Generated
        The same for the same arguments, whatever ran before.

    Raises
    ------
    ValueError
        ``events`` is not positive, or no event passes the filter.
    MissingExtraError
        Pythia is not installed.

    References
    ----------
    C. Bierlich et al., "A comprehensive guide to the physics and usage of PYTHIA 8.3",
    arXiv:2203.11601.

    Examples
    --------
    >>> from hepvision.simulation.processes.particle_gun import ParticleGun
    >>> photons = generate(ParticleGun(pdg_id=22, per_event=2), 3, seed=1)
    >>> len(photons), photons.particles["pdgId"].tolist()
    (3, [22, 22, 22, 22, 22, 22])
    """
    if events < 1:
        raise ValueError(f"events: must be positive, got {events}. Give 1 or more.")
    rng = generator(seed, "generate", sample, chunk)
    pythia_seed = int(rng.integers(1, 900_000_000))
    if hasattr(process, "draw"):
        batches = [_batch(process, process.draw(events, rng), np.ones(events))]
        counts = {"tried": events, "vetoed": 0, "failed": 0, "filtered": 0, "accepted": events}
        sigma = error = 0.0
    else:
        batches, counts, sigma, error = _run_pythia(process, events, pythia_seed)
    offsets = _joined([batch.offsets for batch in batches], events)
    truth_offsets = _joined([batch.truth_offsets for batch in batches], events)
    particles = {
        name: np.concatenate([batch.particles[name] for batch in batches])[: offsets[-1]]
        for name in batches[0].particles
    }
    gen_part = {
        name: np.concatenate([batch.truth[name] for batch in batches])[: truth_offsets[-1]]
        for name in batches[0].truth
    }
    vertex = _vertices(beam_spot or BeamSpot(), events, rng)
    for axis in ("x", "y", "z"):
        particles[f"v{axis}"] += np.repeat(vertex[axis], np.diff(offsets))
        gen_part[f"v{axis}"] += np.repeat(vertex[axis], np.diff(truth_offsets))
    particles["time"] += np.repeat(vertex["time"], np.diff(offsets))
    weight = np.concatenate([batch.weight for batch in batches])
    weight_sums = {
        "generated": sum(batch.generated_weight for batch in batches),
        "accepted": float(weight.sum()),
    }
    return Generated(
        offsets=offsets,
        particles=particles,
        truth_offsets=truth_offsets,
        truth=gen_part,
        vertex=vertex,
        weight=weight[:events],
        counts=counts,
        weight_sums=weight_sums,
        cross_section_pb=sigma,
        cross_section_error_pb=error,
    )


def _vertices(spot: BeamSpot, events: int, rng: np.random.Generator) -> Columns:
    x, y, z, time = rng.standard_normal((4, events))
    return {
        "x": spot.sigma_xy * x,
        "y": spot.sigma_xy * y,
        "z": spot.sigma_z * z,
        "time": spot.sigma_time * time,
    }

"""Small HepMC 3 listings: two protons make a pair of particles that decay, and remnants."""

from __future__ import annotations

from pathlib import Path

import numpy as np

__all__ = ["SUFFIX", "write"]

SUFFIX = ".hepmc"
BEAM = 6500.0


def _line(number: int, parent: int, pdg: int, p: np.ndarray, mass: float, status: int) -> str:
    words = " ".join(f"{value:.16e}" for value in (*p, mass))
    return f"P {number} {parent} {pdg} {words} {status}"


def _decay(rng: np.random.Generator, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two massless particles of a four-momentum (px, py, pz, E)."""
    mass = np.sqrt(p[3] ** 2 - (p[:3] ** 2).sum())
    way = rng.normal(size=3)
    way *= mass / 2 / np.linalg.norm(way)
    beta, energy = p[:3] / p[3], mass / 2
    gamma = p[3] / mass
    along = beta @ way
    push = gamma * (gamma / (gamma + 1) * along + energy)
    one = np.append(way + push * beta, gamma * (energy + along))
    return one, p - one


def write(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """Each event: p p → Z + remnant, Z → e e at a displaced vertex; momentum is conserved."""
    rng = np.random.default_rng(seed)
    text = ["HepMC::Version 3.02.06", "HepMC::Asciiv3-START_EVENT_LISTING"]
    text += ["W nominal\\|scale_up", "T Toy\\|1.0\\|"]
    electrons, weights, places = [], [], []
    for number in range(events):
        boson = np.append(rng.normal(0, 20, 2), rng.normal(0, 300))
        boson = np.append(boson, np.sqrt((boson**2).sum() + 91.2**2))
        one, other = _decay(rng, boson)
        rest = np.array([0, 0, 0, 2 * BEAM]) - boson
        rest_mass = np.sqrt(rest[3] ** 2 - (rest[:3] ** 2).sum())
        weight, place = rng.normal(1, 0.5), rng.normal(0, 5, 3)
        at = " ".join(f"{value:.16e}" for value in (*place, 0.0))
        text += [f"E {100 + number} 2 6", "U GEV MM", f"W {weight:.16e} {2 * weight:.16e}"]
        text += ["A 0 GenCrossSection 1.5000e+03 2.5e+00 100 100", "A 0 signal_process_id 221"]
        text += [_line(1, 0, 2212, np.array([0, 0, BEAM, BEAM]), 0.0, 4)]
        text += [_line(2, 0, 2212, np.array([0, 0, -BEAM, BEAM]), 0.0, 4)]
        text += [f"V -1 0 [1,2] @ {at}", _line(3, -1, 23, boson, 91.2, 22)]
        text += [_line(4, -1, 90, rest, rest_mass, 1)]
        # the boson decays where it is made: a vertex that is not written
        text += [_line(5, 3, 11, one, 0.0, 1), _line(6, 3, -11, other, 0.0, 1)]
        electrons.append((one, other))
        weights.append(weight)
        places.append(place)
    path.write_text("\n".join([*text, "HepMC::Asciiv3-END_EVENT_LISTING", ""]), encoding="ascii")
    return {
        "electrons": np.array(electrons),
        "weight": np.array(weights),
        "place": np.array(places),
    }

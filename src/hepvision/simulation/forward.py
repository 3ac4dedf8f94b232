"""The forward calorimeter, 3 < |η| < 5: without it missing momentum is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import awkward as ak
import numpy as np
import numpy.typing as npt

from hepvision.events.schema import from_columns

if TYPE_CHECKING:
    from hepvision.simulation.pileup import Uses

__all__ = ["ETA_EDGES", "SHAPE", "forward_energy", "forward_towers", "laid_over"]

Array = npt.NDArray[Any]

#: Rings of one side in |η|.
_RINGS = (3.0, 3.139, 3.314, 3.489, 3.664, 3.839, 4.013, 4.191, 4.363, 4.538, 4.716, 4.889, 5.0)
ETA_EDGES = np.concatenate([-np.array(_RINGS[::-1]), _RINGS])
#: Rings, and towers of 10° in φ: as many as the turns of pile-up.
SHAPE = (2 * (len(_RINGS) - 1), 36)
_FACE = 11_150.0  # mm
#: σ/E = a/√E ⊕ b of photons and electrons, and of hadrons.
_SHOWERS, _HADRONS = (1.98, 0.09), (2.80, 0.11)
_LEAST = 1.0  # GeV, zero suppression
_UNSEEN = (12, 13, 14, 16)


def forward_energy(
    offsets: npt.NDArray[np.int64], particles: Mapping[str, Array], rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    r"""Energy that particles leave in the forward towers.

    A particle leaves all in the tower that it flies to, without the little that the field bends
    it: parametrised, because no picture shows it. The energy fluctuates by
    :math:`\sigma/E = 1.98/\sqrt E \oplus 0.09` for photons and electrons and by
    :math:`2.80/\sqrt E \oplus 0.11` for hadrons, with a mean that is right; it follows the gamma
    distribution, so it is never negative.

    Parameters
    ----------
    offsets : array of int64, shape (B + 1,)
        Rows of ``particles`` of each event.
    particles : mapping of arrays, shape (P,)
        pdgId, px, py, pz, energy (GeV), vz (mm).
    rng : Generator
        Random numbers.

    Returns
    -------
    array of float32, shape (B, 24, 36), GeV
        By ring, from the lowest η, and by 10° of φ from 0.

    References
    ----------
    CMS Collaboration, Design, performance, and calibration of CMS forward calorimeter wedges,
    Eur. Phys. J. C 53 (2008) 139.

    Examples
    --------
    >>> one = {"pdgId": np.array([211]), "px": np.ones(1), "py": np.zeros(1), "vz": np.zeros(1)}
    >>> one |= {"pz": np.array([-30.0]), "energy": np.array([30.0])}
    >>> energy = forward_energy(np.array([0, 1]), one, np.random.default_rng(1))
    >>> [int(place[0]) for place in np.nonzero(energy)]
    [0, 5, 0]
    """
    px, py, pz = (np.asarray(particles[name], float) for name in ("px", "py", "pz"))
    kind = np.abs(particles["pdgId"])
    across = np.hypot(px, py)
    steep = np.abs(pz) > np.sinh(_RINGS[0] - 0.2) * across
    rows = np.flatnonzero(steep & ~np.isin(kind, _UNSEEN) & (across > 0))
    side = np.sign(pz[rows])
    way = (_FACE - side * np.asarray(particles["vz"], float)[rows]) / np.abs(pz[rows])
    eta = side * np.arcsinh(_FACE / np.maximum(way * across[rows], 1e-9))
    ring = np.searchsorted(ETA_EDGES, eta, side="right") - 1
    inside = (np.abs(eta) < _RINGS[-1]) & (np.abs(eta) >= _RINGS[0])
    rows, ring = rows[inside], ring[inside]
    # the gap between the two sides is one of the intervals between the edges
    ring -= ring >= len(_RINGS)
    column = np.floor(np.arctan2(py[rows], px[rows]) * (SHAPE[1] / (2 * np.pi))).astype(np.int64)
    energy = np.maximum(np.asarray(particles["energy"], float)[rows], 1e-3)
    shower = np.isin(kind[rows], (11, 22))
    stochastic, constant = np.where(shower[:, None], _SHOWERS, _HADRONS).T
    square = stochastic**2 / energy + constant**2
    seen = rng.gamma(1.0 / square, square * energy)
    event = np.searchsorted(offsets, rows, side="right") - 1
    place = (event * SHAPE[0] + ring) * SHAPE[1] + column % SHAPE[1]
    size = (len(offsets) - 1) * SHAPE[0] * SHAPE[1]
    made = np.bincount(place, seen, minlength=size).astype(np.float32)
    return made.reshape(-1, *SHAPE)


def laid_over(hard: Array, pool: Array, uses: Uses) -> npt.NDArray[np.float32]:
    """Forward energy of events with their pile-up.

    Parameters
    ----------
    hard : array of float32, shape (B, 24, 36), GeV
        Of the hard events.
    pool : array of float32, shape (N, 24, 36), GeV
        Of the events of a pool.
    uses : Uses
        Which, and how turned.

    Returns
    -------
    array of float32, shape (B, 24, 36), GeV
        The sums.

    Examples
    --------
    >>> from hepvision.simulation.pileup import Uses
    >>> one = np.ones(1, int)
    >>> uses = Uses(np.array([0, 1]), 0 * one, 2 * one, one > 0)
    >>> pool = np.zeros((1, 24, 36), np.float32)
    >>> pool[0, 0, 35] = 3.0
    >>> [int(place[0]) for place in np.nonzero(laid_over(0 * pool, pool, uses))]
    [0, 23, 1]
    """
    made = np.array(hard, np.float32)
    event = np.repeat(np.arange(len(made)), np.diff(uses.offsets))
    for turn in range(SHAPE[1]):
        for mirrored in (False, True):
            rows = np.flatnonzero((uses.turn == turn) & (uses.mirrored == mirrored))
            if len(rows):
                more = np.roll(pool[uses.row[rows]], turn, axis=2)
                np.add.at(made, event[rows], more[:, ::-1] if mirrored else more)
    return made


def forward_towers(energy: Array) -> ak.Array:
    """Forward towers with energy as a collection.

    Parameters
    ----------
    energy : array, shape (B, 24, 36), GeV
        Of all towers.

    Returns
    -------
    ak.Array
        B lists of ``Tower`` records above 1 GeV: eta, phi, et, energy.

    Examples
    --------
    >>> energy = np.zeros((1, 24, 36))
    >>> energy[0, 12, 0] = 20.0
    >>> forward_towers(energy).energy.tolist()
    [[20.0]]
    """
    event, ring, column = np.nonzero(energy > _LEAST)
    low = ring + (ring >= len(_RINGS) - 1)
    eta = 0.5 * (ETA_EDGES[low] + ETA_EDGES[low + 1])
    phi = (column + 0.5) * (2 * np.pi / SHAPE[1])
    value = energy[event, ring, column].astype(float)
    columns = {
        "eta": eta,
        "phi": np.where(phi >= np.pi, phi - 2 * np.pi, phi),
        "et": value / np.cosh(eta),
        "energy": value,
    }
    counts = np.bincount(event, minlength=len(energy))
    return from_columns(np.concatenate([[0], np.cumsum(counts)]), columns, "Tower")

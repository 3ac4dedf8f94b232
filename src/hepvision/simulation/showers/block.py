"""Showers in a block of crystals without gaps, as a test beam or Geant4 would measure them."""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from hepvision.physics.shower_profile import LEAD_TUNGSTATE
from hepvision.simulation.showers.electromagnetic import SPOT_CAPACITY, electromagnetic_shower

__all__ = ["RADIAL_EDGES", "SLABS", "Block", "measure", "quantities"]

SLABS = (0.0, 5.0, 10.0, 15.0)
"""Where slabs of depth begin, in radiation lengths; the last ends with the crystals."""

RADIAL_EDGES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 15.0, 30.0)
"""Edges of the radial bins, in cm."""

_X0 = LEAD_TUNGSTATE.radiation_length / 10.0
_CRYSTAL, _LENGTH, _ENDLESS = 2.2, 23.0, 1e4
_EDGES = np.array(RADIAL_EDGES)


class Block(NamedTuple):
    """What a block of 5×5 crystals of 2.2×2.2×23 cm measures.

    Attributes
    ----------
    energy : array, shape (N, 5, 5), GeV
        Energy in each crystal; the first axis is x.
    impact : array, shape (N, 2), cm
        Where the particles enter, from the centre of the central crystal.
    contained : array, shape (N,)
        Share of the energy that ends within the depth of the crystals, at any radius.
    mean_depth : array, shape (N,), radiation lengths
        Centre of gravity of that energy.
    radial : array, shape (4, 15)
        Share of each slab's energy in bins of radius.
    longitudinal : array, shape (30,)
        Share of the energy in each radiation length, in an endless block.

    Examples
    --------
    >>> measure(np.random.default_rng(1), 5.0, False, 10).energy.shape
    (10, 5, 5)
    """

    energy: np.ndarray
    impact: np.ndarray
    contained: np.ndarray
    mean_depth: np.ndarray
    radial: np.ndarray
    longitudinal: np.ndarray


def measure(
    rng: np.random.Generator, energy: float, is_photon: bool, showers: int, spread: float = 2.2
) -> Block:
    """Send particles at normal incidence onto the central crystal.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the fluctuations.
    energy : float, GeV
        Energy of each particle.
    is_photon : bool
        Photons, else electrons.
    showers : int
        How many, N.
    spread : float, cm
        Side of the square that the points of impact fill evenly.

    Returns
    -------
    Block
        What is measured.

    Raises
    ------
    ValueError
        If the energy is not above 0, or there is no shower.

    Examples
    --------
    >>> block = measure(np.random.default_rng(1), 10.0, True, 200)
    >>> bool(0.96 < block.energy.sum() / 2000.0 < 0.99)
    True
    """
    if not energy > 0.0:
        raise ValueError(f"energy: must be above 0 GeV, got {energy}. Give more.")
    if showers < 1:
        raise ValueError(f"showers: at least 1, got {showers}. Ask for more.")
    impact = spread * (rng.random((showers, 2)) - 0.5)
    cells = np.zeros((showers, 5, 5))
    depths = np.zeros((showers, 2))
    radial = np.zeros((len(SLABS), len(RADIAL_EDGES) - 1))
    longitudinal = np.zeros(31)
    _measure(rng, energy, is_photon, impact, cells, depths, radial, longitudinal)
    return Block(
        cells,
        impact,
        depths[:, 0] / energy,
        depths[:, 1] / depths[:, 0],
        radial / radial.sum(axis=1, keepdims=True),
        longitudinal[:30] / longitudinal.sum(),
    )


def quantities(cells: np.ndarray, impact: np.ndarray, energy: float) -> dict[str, np.ndarray]:
    r"""What is read off the crystals, shower by shower.

    Positions and widths weight a crystal by :math:`\max(0, 4.7 + \ln E_i/E_{25})`.

    Parameters
    ----------
    cells : array, shape (N, 5, 5), GeV
        Energy in each crystal; the first axis is x.
    impact : array, shape (N, 2), cm
        Where the particles enter.
    energy : float, GeV
        Energy of each particle.

    Returns
    -------
    dict of array, shape (N,)
        ``E1_over_E25``, ``E9_over_E25``, ``E25_over_E``, ``log_weighted_width_crystals`` (along
        x), ``log_weight_position_residual_mm`` (true minus measured x) and, of the showers that
        enter within 3 mm of the centre in both directions, shape (M,),
        ``E1_over_E25_impact_within_3mm_of_centre``.

    References
    ----------
    T. C. Awes et al., A simple method of shower localization and identification in laterally
    segmented calorimeters, Nucl. Instrum. Meth. A 311 (1992) 130.

    Examples
    --------
    >>> block = measure(np.random.default_rng(1), 10.0, True, 100)
    >>> found = quantities(block.energy, block.impact, 10.0)
    >>> bool(0.9 < found["E9_over_E25"].mean() < 1.0)
    True
    """
    total = cells.sum(axis=(1, 2))
    shares = cells / total[:, None, None]
    with np.errstate(divide="ignore"):
        weight = np.maximum(0.0, 4.7 + np.log(shares)).sum(axis=2)
    place = np.arange(5.0) - 2.0
    mean = weight @ place / weight.sum(axis=1)
    variance = weight @ place**2 / weight.sum(axis=1) - mean**2
    central = (np.abs(impact) < 0.3).all(axis=1)
    return {
        "E1_over_E25": shares[:, 2, 2],
        "E1_over_E25_impact_within_3mm_of_centre": shares[central, 2, 2],
        "E9_over_E25": shares[:, 1:4, 1:4].sum(axis=(1, 2)),
        "E25_over_E": total / energy,
        "log_weighted_width_crystals": np.sqrt(np.maximum(variance, 0.0)),
        "log_weight_position_residual_mm": 10.0 * (impact[:, 0] - _CRYSTAL * mean),
    }


@numba.njit(cache=True)
def _measure(
    rng: np.random.Generator,
    energy: float,
    is_photon: bool,
    impact: np.ndarray,
    cells: np.ndarray,
    depths: np.ndarray,
    radial: np.ndarray,
    longitudinal: np.ndarray,
) -> None:
    """Fill the sums, shower by shower."""
    spots = np.empty((4, SPOT_CAPACITY), np.float32)
    for shower in range(impact.shape[0]):
        rows = electromagnetic_shower(rng, energy, is_photon, 0.0, _ENDLESS, spots)
        for row in range(rows):
            depth, x, y, spot = spots[0, row], spots[1, row], spots[2, row], spots[3, row]
            longitudinal[min(int(depth / _X0), 30)] += spot
            if depth > _LENGTH:
                continue
            depths[shower, 0] += spot
            depths[shower, 1] += spot * depth / _X0
            i = int(np.floor((impact[shower, 0] + x) / _CRYSTAL + 2.5))
            j = int(np.floor((impact[shower, 1] + y) / _CRYSTAL + 2.5))
            if 0 <= i < 5 and 0 <= j < 5:
                cells[shower, i, j] += spot
            radius = np.sqrt(x * x + y * y)
            if radius < _EDGES[-1]:
                slab = min(int(depth / _X0 / 5.0), 3)
                radial[slab, np.searchsorted(_EDGES, radius, side="right") - 1] += spot

"""Showers into cells: what one particle at the calorimeter's face deposits."""

from __future__ import annotations

import math

import numba
import numpy as np

from hepvision.events.geometry.ecal_barrel import MODULE_ETA, barrel_flat
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.physics.propagation import BARREL, SPEED_OF_LIGHT
from hepvision.simulation._channels import ENDCAP_FIRST, THERE, Work, add, crystal, tower
from hepvision.simulation._frozen import thaw
from hepvision.simulation._kinds import ELECTRON, HADRON, MUON, PHOTON
from hepvision.simulation.showers.electromagnetic import electromagnetic_shower
from hepvision.simulation.showers.hadronic import hadronic_shower, muon_deposit

__all__ = ["deposit", "preshower"]

#: Softer particles take their shower from a library.
_SOFT_ET = 8.0  # GeV
BARREL_LENGTH, ENDCAP_LENGTH = 23.0, 22.0  # cm
_FACE, _PITCH = EcalEndcap.face, EcalEndcap.pitch


@numba.njit(cache=True)
def preshower(eta: float) -> float:
    """Lead in front of the endcap crystals.

    Parameters
    ----------
    eta : float
        Direction from the centre of the detector.

    Returns
    -------
    float, radiation lengths
        3 between 1.65 and 2.6, else 0.

    Examples
    --------
    >>> preshower(1.5), preshower(-2.0)
    (0.0, 3.0)
    """
    return 3.0 if 1.65 < abs(eta) < 2.6 else 0.0


@numba.njit(cache=True)
def deposit(
    rng: np.random.Generator,
    kind: int,
    energy: float,
    surface: int,
    place: tuple[float, float, float],
    direction: tuple[float, float, float],
    time: float,
    work: Work,
) -> None:
    """Let one particle shower and add its energy to the cells.

    Parameters
    ----------
    rng : Generator
        Random numbers.
    kind : int
        ``PHOTON``, ``ELECTRON``, ``MUON``, ``HADRON`` (charged) or ``NEUTRAL_HADRON``.
    energy : float, GeV
        Energy, kinetic for hadrons.
    surface : int
        ``BARREL`` or ``ENDCAP``.
    place : tuple of 3 float, mm
        Entry.
    direction : tuple of 3 float
        Unit vector along which it flies.
    time : float, ns
        Arrival.
    work : Work
        Where the energy is added, with the library of soft showers.

    Examples
    --------
    >>> from hepvision.simulation._channels import work_space
    >>> work = work_space(spots=32768)
    >>> east = (1290.0, 0.0, 0.0), (1.0, 0.0, 0.0)
    >>> deposit(np.random.default_rng(1), PHOTON, 20.0, BARREL, *east, 4.3, work)
    >>> bool(19.5 < work.sums[:, 0].sum() < 20.0)
    True
    """
    x, y, z = place
    distance = math.sqrt(x * x + y * y + z * z)
    length = BARREL_LENGTH if surface == BARREL else ENDCAP_LENGTH
    radius = math.sqrt(x * x + y * y)
    upstream = 0.0
    if surface != BARREL and kind in (PHOTON, ELECTRON):
        upstream = preshower(math.asinh(z / max(radius, 1e-6)))
    if kind == MUON:
        rows = muon_deposit(rng, energy, length, work.spots)
    elif energy * radius < _SOFT_ET * distance and len(work.frozen_offsets) > 1:
        length = BARREL_LENGTH
        rows = thaw(
            rng, kind, upstream > 0.0, energy, work.frozen_offsets, work.frozen_spots, work.spots
        )
    elif kind in (PHOTON, ELECTRON):
        rows = electromagnetic_shower(rng, energy, kind == PHOTON, upstream, length, work.spots)
    else:
        rows = hadronic_shower(rng, energy, kind == HADRON, length, work.spots)
    delay = time - distance / SPEED_OF_LIGHT
    if surface == BARREL:
        _find_barrel(work, rows, place, direction)
    else:
        _find_endcap(work, rows, place, direction)
    _place(work, rows, length, place, direction, delay)


@numba.njit(cache=True)
def _axes(ux: float, uy: float, uz: float) -> tuple[float, float, float, float, float]:
    """Unit vectors across a direction: the first without z, then all of the second."""
    across = max(math.sqrt(ux * ux + uy * uy), 1e-9)
    ax, ay = -uy / across, ux / across
    return ax, ay, -uz * ay, uz * ax, ux * ay - uy * ax


@numba.njit(cache=True)
def _place(
    work: Work,
    rows: int,
    length: float,
    place: tuple[float, float, float],
    direction: tuple[float, float, float],
    delay: float,
) -> None:
    """Add spots, given in cm along and across the direction, to the cells they fall into."""
    spots, found = work.spots, work.found
    x, y, z = place
    ux, uy, uz = direction
    ax, ay, bx, by, bz = _axes(ux, uy, uz)
    for row in range(rows):
        energy = spots[3, row]
        if energy <= 0.0:
            continue
        channel = found[row]
        if channel >= ENDCAP_FIRST and not THERE[channel - ENDCAP_FIRST]:
            channel = -1
        if channel < 0 or spots[0, row] > length:
            depth, a, b = 10.0 * spots[0, row], 10.0 * spots[1, row], 10.0 * spots[2, row]
            px = x + depth * ux + a * ax + b * bx
            py = y + depth * uy + a * ay + b * by
            pz = z + depth * uz + b * bz
            channel = crystal(px, py, pz) if spots[0, row] <= length else tower(px, py, pz)
        if channel >= 0:
            add(work, channel, energy, delay)


@numba.njit(cache=True, error_model="numpy")
def _find_barrel(
    work: Work,
    rows: int,
    place: tuple[float, float, float],
    direction: tuple[float, float, float],
) -> None:
    r"""Crystals of a barrel shower's spots near its axis; −1 for the others.

    Directions are series about the point of entry, good to :math:`10^{-5}`: with
    :math:`t = \tan\Delta\phi` and :math:`w = \sinh\eta`,
    :math:`\Delta\phi = t - t^3/3` and
    :math:`\Delta\eta = \delta/c - w\delta^2/2c^3 + (2w^2 - 1)\delta^3/6c^5`, where
    :math:`c^2 = 1 + w^2`.
    """
    spots, found = work.spots, work.found
    radius = math.sqrt(place[0] * place[0] + place[1] * place[1])
    cosine, sine = place[0] / radius, place[1] / radius
    w = place[2] / radius
    c = math.sqrt(1.0 + w * w)
    eta, phi = math.asinh(w), math.atan2(place[1], place[0])
    one, two, three = 1.0 / c, -0.5 * w / c**3, (2.0 * w * w - 1.0) / (6.0 * c**5)
    # the axes of the shower, turned so that the point of entry lies along the first axis
    ur, ut = (
        direction[0] * cosine + direction[1] * sine,
        direction[1] * cosine - direction[0] * sine,
    )
    uz = direction[2]
    ar, at, br, bt, bz = _axes(ur, ut, uz)
    far = 0.1 * c
    for row in range(rows):
        depth, a, b = 10.0 * spots[0, row], 10.0 * spots[1, row], 10.0 * spots[2, row]
        r = max(radius + depth * ur + a * ar + b * br, 1.0)
        t = (depth * ut + a * at + b * bt) / r
        flat = place[2] + depth * uz + b * bz
        delta = flat / (r * math.sqrt(1.0 + t * t)) - w
        shift = delta * (one + delta * (two + delta * three))
        channel = barrel_flat(eta + shift, phi + t * (1.0 - t * t / 3.0))
        found[row] = channel if abs(t) < 0.1 and abs(delta) < far else -1


@numba.njit(cache=True, error_model="numpy")
def _find_endcap(
    work: Work,
    rows: int,
    place: tuple[float, float, float],
    direction: tuple[float, float, float],
) -> None:
    """Crystals of an endcap shower's spots; −1 for those that may lie beside the endcap."""
    spots, found = work.spots, work.found
    x, y, z = place
    ux, uy, uz = direction
    ax, ay, bx, by, bz = _axes(ux, uy, uz)
    first = ENDCAP_FIRST + (10000 if z > 0.0 else 0)
    steepest = 1.0 / math.sinh(MODULE_ETA[-1])
    scale = _FACE / _PITCH
    for row in range(rows):
        depth, a, b = 10.0 * spots[0, row], 10.0 * spots[1, row], 10.0 * spots[2, row]
        pz = max(abs(z + depth * uz + b * bz), 1.0)
        tx = (x + depth * ux + a * ax + b * bx) / pz
        ty = (y + depth * uy + a * ay + b * by) / pz
        i, j = tx * scale + 50.0, ty * scale + 50.0
        inside = tx * tx + ty * ty < steepest * steepest
        inside = inside & (i >= 0.0) & (i < 100.0) & (j >= 0.0) & (j < 100.0)
        channel = first + 100 * np.int64(j) + np.int64(i)
        found[row] = channel if inside else -1

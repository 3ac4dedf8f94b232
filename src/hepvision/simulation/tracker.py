"""What the tracker measures of charged particles: efficiency and resolution."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from hepvision.physics.kinematics import turn_between
from hepvision.physics.propagation import (
    LOST,
    advance,
    closest_approach,
    curvature,
    way_to_face,
)
from hepvision.simulation._kinds import MUON

__all__ = ["COLUMNS", "efficiency", "measure", "relative_resolution"]

#: Columns of a measured track.
COLUMNS = ("pt", "eta", "phi", "charge", "dz", "dxy", "etaEcal", "phiEcal")
ETA_MAX, PT_MIN = 2.5, 0.2
#: Secondary particles born further out leave too few hits.
_LAST_BIRTH = 400.0  # mm


@numba.njit(cache=True)
def relative_resolution(pt: float, eta: float) -> float:
    """Relative resolution of the transverse momentum.

    Parameters
    ----------
    pt : float, GeV
        Transverse momentum.
    eta : float
        Pseudorapidity.

    Returns
    -------
    float
        0.7 % at low pT and 1.7 % at 100 GeV in the barrel, worse forward.

    References
    ----------
    CMS Collaboration, JINST 9 (2014) P10009.

    Examples
    --------
    >>> round(relative_resolution(5.0, 0.0), 4), round(relative_resolution(100.0, 0.0), 4)
    (0.007, 0.0166)
    """
    forward = max(abs(eta) - 1.0, 0.0)
    scattering = 0.007 * (1.0 + 0.6 * forward)
    curved = 1.5e-4 * (1.0 + 1.6 * forward * forward) * pt
    return math.hypot(scattering, curved)


@numba.njit(cache=True)
def efficiency(kind: int, pt: float, eta: float, birth: float) -> float:
    """Chance that a charged particle leaves a track.

    Parameters
    ----------
    kind : int
        ``ELECTRON``, ``MUON`` or ``HADRON``.
    pt : float, GeV
        Transverse momentum.
    eta : float
        Pseudorapidity.
    birth : float, mm
        Distance from the beam at which it was made.

    Returns
    -------
    float
        0 to 1: hadrons, which may interact, 0.95 to 0.85; muons 0.99.

    References
    ----------
    CMS Collaboration, JINST 9 (2014) P10009.

    Examples
    --------
    >>> from hepvision.simulation._kinds import HADRON
    >>> efficiency(MUON, 20.0, 0.0, 0.0), efficiency(HADRON, 0.1, 0.0, 0.0)
    (0.99, 0.0)
    """
    a = abs(eta)
    if a >= ETA_MAX or pt < PT_MIN or birth >= _LAST_BIRTH:
        return 0.0
    if kind == MUON:
        best = 0.99
    else:
        best = 0.95 - 0.1 * min(max(a - 0.8, 0.0) / 0.8, 1.0)
        best *= 1.0 - 0.4 * math.exp(-(pt - PT_MIN) / 0.15)
    far = max(birth - 20.0, 0.0) / (_LAST_BIRTH - 20.0)
    return best * (1.0 - far) * (1.0 - far)


@numba.njit(cache=True)
def _pseudorapidity(x: float, y: float, z: float) -> float:
    return math.asinh(z / max(math.hypot(x, y), 1e-6))


@numba.njit(cache=True)
def measure(
    rng: np.random.Generator,
    kind: int,
    place: tuple[float, float, float],
    momentum: tuple[float, float, float],
    charge: float,
    out: npt.NDArray[Any],
) -> bool:
    """Measure one charged particle, or miss it.

    Parameters
    ----------
    rng : Generator
        Random numbers.
    kind : int
        ``ELECTRON``, ``MUON`` or ``HADRON``.
    place : tuple of 3 float, mm
        Where it was made.
    momentum : tuple of 3 float, GeV
        Its momentum there.
    charge : float, e
        Its charge.
    out : array, shape (8,)
        Filled as ``COLUMNS`` tell.

    Returns
    -------
    bool
        Whether there is a track.

    Examples
    --------
    >>> out = np.zeros(8)
    >>> rng = np.random.default_rng(1)
    >>> measure(rng, MUON, (0.0, 0.0, 3.0), (30.0, 0.0, 0.0), 1.0, out)
    True
    >>> out[[0, 4]].round(1).tolist()
    [30.2, 3.0]
    """
    x, y, z = place
    pt = max(math.hypot(momentum[0], momentum[1]), 1e-6)
    slope = momentum[2] / pt
    eta = math.asinh(slope)
    if rng.random() >= efficiency(kind, pt, eta, math.hypot(x, y)):
        return False
    phi = math.atan2(momentum[1], momentum[0])
    kappa = curvature(pt, charge)
    cosine, sine = math.cos(phi), math.sin(phi)
    surface, path = way_to_face(x, y, z, cosine, sine, slope, kappa)
    near, dxy, dz = closest_approach(x, y, z, phi, slope, kappa)
    soft = 1.0 / pt
    long = math.cosh(eta)
    out[0] = pt * max(1.0 + relative_resolution(pt, eta) * rng.standard_normal(), 0.05)
    out[1] = eta + math.hypot(3e-4, 1.0e-3 * soft) * rng.standard_normal()
    phi_shift = math.hypot(3e-4, 1.5e-3 * soft) * rng.standard_normal()
    out[2] = turn_between(near + phi_shift, 0.0)
    out[3] = charge
    out[4] = dz + math.hypot(0.03, 0.08 * soft) * long * rng.standard_normal()
    out[5] = dxy + math.hypot(0.01, 0.08 * soft) * rng.standard_normal()
    if surface == LOST:
        out[6], out[7] = out[1], out[2]
    else:
        x, y, z, _, _ = advance(x, y, z, cosine, sine, slope, kappa, path)
        out[6] = _pseudorapidity(x, y, z)
        out[7] = turn_between(math.atan2(y, x) + phi_shift, 0.0)
    return True

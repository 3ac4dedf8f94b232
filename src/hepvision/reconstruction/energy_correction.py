r"""From the summed crystals to the energy of the photon.

The sum of a super-cluster is pile-up, which adds energy in proportion to the other vertices, and
the share of the photon that is not lost behind the crystals, beside the window, below the
thresholds, in the preshower and in the tracker:

.. math::

   \frac{E_\mathrm{raw}}{\cosh\eta} = k\,(n_\mathrm{vertices} - 1) + \mu(E_T, \eta, R_9,
   \sigma_{i\eta i\eta}, \sigma_{i\phi i\phi})\,\frac{E}{\cosh\eta},

with a polynomial :math:`\mu` whose coefficients ``validation/photon_response.py`` fits on simulated
photons (median regression, converted and unconverted photons weighing the same); its table of what
is left is in ``validation/photon_response.md``. :math:`E_T` is the true one in the fit, so that no
bin of it is biased; here the equation is solved for it in a few steps.

Behind the preshower photons that converted before it lose more than the others. No more than R9
and the widths tells them apart there (tracks add nothing to these), which leaves a difference.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["barrel_terms", "corrected_energy", "endcap_terms"]

#: GeV of transverse energy for each vertex besides the primary: barrel, endcaps. These and
#: the coefficients below: python validation/photon_response.py
PILEUP = (0.0072, 0.0181)
# fmt: off
BARREL = (
    0.9898, -0.0119, -0.0190, 0.3172, -0.3710, 0.1428, -0.1437, 0.0112, -0.0040,
    -0.0050, 0.0202, 0.0902, -0.2542,
)
ENDCAP = (
    1.0126, -0.0693, -0.0183, 0.0107, -0.0222, 0.0883, -0.0838, -0.0249, -0.0014,
    -1.1762, 0.7827, -0.0282, -0.0346, 0.0047, 0.0188, 0.1797, 0.0487, 0.3275,
    -0.0288, 0.0321, -0.0046, 0.3509, -0.3026, -0.0539, -0.0349,
)
# fmt: on
#: No photon of the fit lies outside; shapes that no photon has could.
LEAST_SHARE, LARGEST_SHARE = 0.75, 1.10
STEPS = 3
PRESHOWER_FROM, PRESHOWER_TO = 1.65, 2.6


def barrel_terms(et: Any, eta: Any, r9: Any) -> NDArray[np.float64]:
    r"""Terms of the polynomial :math:`\mu` of the barrel.

    Parameters
    ----------
    et : array, shape (N,), GeV
        Transverse energy.
    eta : array, shape (N,)
        Seen from the centre of the detector.
    r9 : array, shape (N,)
        E3×3 over the super-cluster's energy.

    Returns
    -------
    array, shape (N, 13)
        Terms, all of the order of one.

    Examples
    --------
    >>> barrel_terms([50.0], [0.0], [1.0]).shape
    (1, 13)
    """
    et, eta, r9 = (np.asarray(value, float) for value in (et, eta, r9))
    t = 10.0 / np.clip(et, 10.0, None)
    u = (eta / 1.5) ** 2
    s = np.clip(1.0 - r9, 0.0, 0.5)
    edge = np.clip(s - 0.06, 0.0, None)
    terms = (t**0, t, t**2, s, edge, edge**2, edge * t, edge**2 * t, u, u**2, u * t, u * edge)
    return np.stack([*terms, u**2 * edge], axis=-1)


def endcap_terms(et: Any, eta: Any, r9: Any, sieie: Any, sipip: Any) -> NDArray[np.float64]:
    r"""Terms of the polynomial :math:`\mu` of the endcaps.

    Parameters
    ----------
    et : array, shape (N,), GeV
        Transverse energy.
    eta : array, shape (N,)
        Seen from the centre of the detector; the preshower lies between 1.65 and 2.6.
    r9 : array, shape (N,)
        E3×3 over the super-cluster's energy.
    sieie, sipip : array, shape (N,)
        Widths.

    Returns
    -------
    array, shape (N, 25)
        Terms, all of the order of one.

    Examples
    --------
    >>> endcap_terms([50.0], [2.0], [1.0], [0.025], [0.025]).shape
    (1, 25)
    """
    et, eta, r9, sieie, sipip = (np.asarray(value, float) for value in (et, eta, r9, sieie, sipip))
    size = np.abs(eta)
    behind = ((size > PRESHOWER_FROM) & (size < PRESHOWER_TO)).astype(float)
    t = 10.0 / np.clip(et, 10.0, None)
    u = np.clip(size, 1.45, PRESHOWER_TO) - 2.0
    s = np.clip(1.0 - r9, 0.0, 0.5)
    edge = np.clip(s - 0.06, 0.0, None)
    v, w = (np.clip(width / 0.03, 0.3, 1.5) - 0.8 for width in (sieie, sipip))
    terms = (t**0, t, t**2, u, u**2, u**3, s, edge, edge**2, edge * t, s * t)
    widths = (w, w * t, w**2, v, v * t, w * edge, v * edge)
    lost = (behind, behind * t, behind * u, behind * s, behind * edge, behind * w, behind * v)
    return np.stack([*terms, *widths, *lost], axis=-1)


def corrected_energy(
    raw: Any, eta: Any, r9: Any, sieie: Any, sipip: Any, barrel: Any, vertices: Any = 1
) -> NDArray[np.float64]:
    """Energy with what is lost put back and what pile-up adds taken away.

    Parameters
    ----------
    raw : array, shape (N,), GeV
        Summed energy of the crystals.
    eta : array, shape (N,)
        Seen from the centre of the detector.
    r9 : array, shape (N,)
        E3×3 over the super-cluster's energy.
    sieie, sipip : array, shape (N,)
        Widths; only the endcaps' correction takes them.
    barrel : array of bool, shape (N,)
        Whether in the barrel.
    vertices : array of int, shape (N,)
        Vertices of the event, the primary included.

    Returns
    -------
    array, shape (N,), GeV
        Corrected energy.

    Examples
    --------
    >>> corrected_energy([100.0], [0.5], [0.95], [0.009], [0.009], [True]).round(-1).tolist()
    [100.0]
    """
    raw, eta, r9, sieie, sipip = (
        np.asarray(value, float) for value in (raw, eta, r9, sieie, sipip)
    )
    barrel = np.broadcast_to(np.asarray(barrel, bool), raw.shape)
    added = np.where(barrel, *PILEUP) * np.maximum(np.asarray(vertices) - 1, 0) * np.cosh(eta)
    net = np.maximum(raw - added, 0.1 * raw)
    energy, share = raw.copy(), np.ones_like(raw)
    inside, outside = np.flatnonzero(barrel), np.flatnonzero(~barrel)
    for _ in range(STEPS):
        et = energy / np.cosh(eta)
        share[inside] = barrel_terms(et[inside], eta[inside], r9[inside]) @ np.array(BARREL)
        seen = (values[outside] for values in (et, eta, r9, sieie, sipip))
        share[outside] = endcap_terms(*seen) @ np.array(ENDCAP)
        energy = net / np.clip(share, LEAST_SHARE, LARGEST_SHARE)
    return energy

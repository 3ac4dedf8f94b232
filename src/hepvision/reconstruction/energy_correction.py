r"""From the summed crystals to the energy of the photon.

The sum of a super-cluster is pile-up, which adds energy in proportion to the other vertices, and
the share of the photon that is not lost behind the crystals, beside the window, below the
thresholds, in the preshower and in the tracker:

.. math::

   \frac{E_\mathrm{raw}}{\cosh\eta} = k\,(n_\mathrm{vertices} - 1) + \mu(E_T, \eta, R_9,
   \sigma_{i\eta i\eta}, \sigma_{i\phi i\phi})\,\frac{E}{\cosh\eta},

with a polynomial :math:`\mu` whose coefficients ``validation/photon_response.py`` fits on simulated
photons; its table of what is left is in ``validation/photon_response.md``. :math:`E_T` is the true
one in the fit, so that no bin of it is biased; here the equation is solved for it in a few steps.

Photons that converted in the tracker lose more than the others: behind the preshower, where their
showers begin earlier, and at low :math:`E_T`, where the field bends a leg of the pair out of the
window. R9 and the widths tell most of the two apart. Median regression alone leans on them only as
far as the width of the response gains, which leaves converted photons low and the others high. So
the fit also draws the mean residual to zero in each bin of conversion and :math:`p_T`, :math:`\eta`
or pile-up, which widens the response by a fiftieth. Tracks that point at the cluster, which one in
four converted photons of the endcaps has, tell next to nothing more.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["barrel_terms", "corrected_energy", "endcap_terms"]

#: GeV of transverse energy for each vertex besides the primary: barrel, endcaps. These and
#: the coefficients below: python validation/photon_response.py
PILEUP = (0.0086, 0.0264)
# fmt: off
BARREL = (
    0.9971, -0.0283, 0.0031, 0.1664, -0.1706, 0.0364, -0.3258, 0.4153, -0.0010,
    -0.0054, 0.0171, 0.0775, -0.2452,
)
ENDCAP = (
    0.9382, -0.0934, 0.0123, -0.1823, -0.0059, 0.0478, -0.1372, -0.1894, -0.1442,
    -0.8460, 0.9489, 0.0815, -0.1864, -0.0723, 0.0879, 0.0941, 0.1971, 0.2815,
    0.2587, -0.3966, 0.0526, 0.0368, 0.1853, 0.1069, -0.1920, -0.1880, -0.1287,
    0.1923, -0.0213, -0.2162,
)
# fmt: on
#: Of the photons of the fit 3 in 10,000 lie outside; shapes that no photon has could be anywhere.
LEAST_SHARE, LARGEST_SHARE = 0.75, 1.10
STEPS = 3
PRESHOWER_FROM, PRESHOWER_TO = 1.65, 2.6
#: Below, showers leak into the gap between barrel and endcap.
LEAK_TO = 1.6


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
    return np.stack([*terms, u**2 * edge]).T


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
    array, shape (N, 30)
        Terms, all of the order of one.

    Examples
    --------
    >>> endcap_terms([50.0], [2.0], [1.0], [0.025], [0.025]).shape
    (1, 30)
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
    widths = (w, w * t, w**2, v, v * t, v**2, v * w, w * edge, v * edge)
    lost = (behind, behind * t, behind * u, behind * s, behind * edge, behind * w, behind * v)
    leak = np.clip(LEAK_TO - size, 0.0, 0.15) / 0.1
    return np.stack([*terms, *widths, *lost, behind * w**2, leak, leak * s]).T


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

r"""From the summed crystals to the energy of the photon.

The sum of a super-cluster is pile-up, which adds energy in proportion to the other vertices, and
the share of the photon that is not lost behind the crystals, beside the window, below the
thresholds and in the tracker:

.. math::

   \frac{E_\mathrm{raw}}{\cosh\eta} = k\,(n_\mathrm{vertices} - 1) + \mu(E_T, \eta, R_9)\,
   \frac{E}{\cosh\eta},

with a polynomial :math:`\mu` whose coefficients ``validation/photon_response.py`` fits on simulated
photons (median regression); its table of what is left is in ``validation/photon_response.md``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CMS_CALIBRATION", "corrected_energy", "response_terms"]

#: Energy of CMS's photons over the corrected energy of the same crystals: simulated hits are on the
#: scale of CMS's (``simulation/readout.py``), so that nothing is left.
CMS_CALIBRATION = 1.0
#: GeV of transverse energy for each vertex besides the primary: barrel, endcaps. These and
#: the coefficients below: python validation/photon_response.py
PILEUP = (0.0073, 0.0299)
# fmt: off
BARREL = (
    0.9977, 0.0001, -0.0333, 0.3098, -0.3709, 0.1783, -0.1377,
    0.0108, 0.0037, -0.0082, -0.0079, 0.0826, -0.2445,
)
ENDCAP = (
    1.0156, -0.1011, -0.0666, -0.5229, 1.0461, 0.0762, -0.4550,
    0.9692, -0.0092, 0.0031, 0.0298, -1.0502, 0.3636,
)
# fmt: on


def response_terms(et: Any, eta: Any, r9: Any) -> NDArray[np.float64]:
    r"""Terms of the polynomial :math:`\mu`.

    Parameters
    ----------
    et : array, shape (N,), GeV
        Summed transverse energy.
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
    >>> response_terms([50.0], [0.0], [1.0]).shape
    (1, 13)
    """
    et, eta, r9 = (np.asarray(value, float) for value in (et, eta, r9))
    t = 10.0 / np.clip(et, 10.0, None)
    u = (eta / 1.5) ** 2
    s = np.clip(1.0 - r9, 0.0, 0.5)
    edge = np.clip(s - 0.06, 0.0, None)
    terms = (t**0, t, t**2, s, edge, edge**2, edge * t, edge**2 * t, u, u**2, u * t, u * edge)
    return np.stack([*terms, u**2 * edge], axis=-1)


def corrected_energy(
    raw: Any, eta: Any, r9: Any, barrel: Any, vertices: Any = 1
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
    >>> corrected_energy([100.0], [0.5], [0.95], [True]).round(-1).tolist()
    [100.0]
    """
    raw, eta, r9 = (np.asarray(value, float) for value in (raw, eta, r9))
    barrel = np.asarray(barrel, bool)
    terms = response_terms(raw / np.cosh(eta), eta, r9)
    share = np.where(barrel, terms @ np.array(BARREL), terms @ np.array(ENDCAP))
    added = np.where(barrel, *PILEUP) * np.maximum(np.asarray(vertices) - 1, 0) * np.cosh(eta)
    return np.maximum(raw - added, 0.1 * raw) / share

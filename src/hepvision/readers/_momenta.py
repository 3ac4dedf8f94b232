"""Cartesian momenta to transverse ones, along the beam too."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["FINITE", "STEEPEST", "finite", "transverse"]

FINITE = 1e30  # larger numbers are taken for infinite: they square beyond float32
STEEPEST = 20.0  # pseudorapidity from which on a momentum counts as along the beam

Values = NDArray[np.float64]


def finite(*columns: Any) -> NDArray[np.bool_]:
    """Rows in which all numbers are finite.

    Parameters
    ----------
    *columns : array, shape (N,)
        Numbers.

    Returns
    -------
    array of bool, shape (N,)
        False also for numbers that single precision could not square or hold.

    Examples
    --------
    >>> finite([1.0, np.nan], [2.0, 2.0]).tolist()
    [True, False]
    """
    return np.logical_and.reduce([np.abs(np.asarray(one, np.float64)) < FINITE for one in columns])


def transverse(px: Any, py: Any, pz: Any) -> dict[str, Values]:
    r"""Transverse momentum, pseudorapidity and azimuth.

    A momentum along the beam has no pseudorapidity. It is given :math:`\pm 20` and the transverse
    momentum that leaves :math:`p_z` as it was: some keV at 7 TeV.

    Parameters
    ----------
    px, py, pz : array, shape (N,), GeV
        Finite momenta.

    Returns
    -------
    dict of array, shape (N,), GeV, -, rad
        ``pt``, ``eta``, ``phi``; the azimuth in :math:`[-\pi, \pi)`.

    Examples
    --------
    >>> found = transverse([0.0, 3.0], [0.0, 4.0], [7000.0, 0.0])
    >>> found["pt"].round(4).tolist(), found["eta"].tolist()
    ([0.0, 5.0], [20.0, 0.0])
    >>> float((found["pt"] * np.sinh(found["eta"]))[0].round(3))
    7000.0
    """
    px, py, pz = (np.asarray(one, np.float64) for one in (px, py, pz))
    pt = np.hypot(px, py)
    steep = np.abs(pz) > pt * np.sinh(STEEPEST)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        eta = np.where(pt > 0, np.arcsinh(pz / pt), 0.0)
    eta = np.where(steep, np.copysign(STEEPEST, pz), eta)
    phi = np.arctan2(py, px)
    return {
        "pt": np.where(steep, np.abs(pz) / np.sinh(STEEPEST), pt),
        "eta": eta,
        "phi": np.where(phi >= np.pi, -np.pi, phi),
    }

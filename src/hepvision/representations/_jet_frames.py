"""The plane of a jet's constituents: centred, rotated, flipped, one small function each.

All take one jet's constituents: x along η and y along φ relative to the jet's axis, and their pT.
"""

import math

import numba

__all__ = ["all_placed", "centroid", "heavier_side", "placed", "principal_axis"]

#: Moments that differ by less, relative to their sum, have no principal axis.
ROUND = 1e-10


@numba.njit(cache=True)
def centroid(x, y, pt):  # type: ignore[no-untyped-def]
    """Mean place, weighted by pT.

    Parameters
    ----------
    x, y, pt : array, shape (N,), -, rad, GeV
        Constituents, with a pT.

    Returns
    -------
    float, float
        Along x and y; 0 for no constituent.

    Examples
    --------
    >>> import numpy as np
    >>> centroid(np.array([0.0, 0.4]), np.array([0.2, 0.2]), np.array([3.0, 1.0]))
    (0.1, 0.2)
    """
    total, along_x, along_y = 0.0, 0.0, 0.0
    for i in range(x.size):
        total += pt[i]
        along_x += pt[i] * x[i]
        along_y += pt[i] * y[i]
    if total > 0:
        return along_x / total, along_y / total
    return 0.0, 0.0


@numba.njit(cache=True)
def principal_axis(x, y, pt):  # type: ignore[no-untyped-def]
    r"""Angle of the axis along which the pT is spread most.

    It is that of the larger eigenvalue of the second moments,
    :math:`\tan 2\theta = 2 \langle xy\rangle / (\langle x^2\rangle - \langle y^2\rangle)`, about
    the origin.

    Parameters
    ----------
    x, y, pt : array, shape (N,), -, rad, GeV
        Constituents.

    Returns
    -------
    float, rad
        From the x axis, in (−π/2, π/2]; 0 for a jet that is round or a point.

    Examples
    --------
    >>> import numpy as np
    >>> principal_axis(np.array([0.1, -0.1]), np.array([0.1, -0.1]), np.ones(2)) * 4 / np.pi
    1.0
    """
    xx, yy, xy = 0.0, 0.0, 0.0
    for i in range(x.size):
        xx += pt[i] * x[i] * x[i]
        yy += pt[i] * y[i] * y[i]
        xy += pt[i] * x[i] * y[i]
    if math.hypot(xx - yy, 2 * xy) <= ROUND * (xx + yy):
        return 0.0
    return 0.5 * math.atan2(2 * xy, xx - yy)


@numba.njit(cache=True)
def heavier_side(x, pt):  # type: ignore[no-untyped-def]
    """Sign of the side on which there is more pT.

    Parameters
    ----------
    x, pt : array, shape (N,), -, GeV
        Constituents.

    Returns
    -------
    float
        −1 or 1; 1 where both have the same.

    Examples
    --------
    >>> import numpy as np
    >>> heavier_side(np.array([0.1, -0.1]), np.array([1.0, 2.0]))
    -1.0
    """
    balance = 0.0
    for i in range(x.size):
        # without branches: signs are as good as random, and guessing them wrong takes longer
        balance += pt[i] * (int(x[i] > 0) - int(x[i] < 0))
    return -1.0 if balance < 0 else 1.0


@numba.njit(cache=True)
def placed(x, y, pt, centred, rotated, flipped):  # type: ignore[no-untyped-def]
    """Centre, rotate and flip one jet, in this order and in place.

    Parameters
    ----------
    x, y, pt : array, shape (N,), -, rad, GeV
        Constituents; x and y are overwritten.
    centred : bool
        Put the centroid at the origin.
    rotated : bool
        Lay the principal axis along x, and the half with more pT on the side of positive x.
    flipped : bool
        Mirror such that there is more pT at positive y and, where it was not rotated, x.

    Examples
    --------
    >>> import numpy as np
    >>> x, y = np.array([0.0, 0.0]), np.array([0.2, -0.2])
    >>> placed(x, y, np.array([1.0, 3.0]), False, True, True)
    >>> x.round(3).tolist()
    [-0.2, 0.2]
    """
    if centred:
        middle_x, middle_y = centroid(x, y, pt)
        for i in range(x.size):
            x[i] -= middle_x
            y[i] -= middle_y
    if rotated:
        angle = principal_axis(x, y, pt)
        cosine, sine = math.cos(angle), math.sin(angle)
        for i in range(x.size):
            x[i], y[i] = x[i] * cosine + y[i] * sine, y[i] * cosine - x[i] * sine
    if rotated or flipped:
        side = heavier_side(x, pt)
        for i in range(x.size):
            x[i] *= side
            if rotated:
                y[i] *= side
    if flipped:
        side = heavier_side(y, pt)
        for i in range(x.size):
            y[i] *= side


@numba.njit(cache=True)
def all_placed(offsets, x, y, pt, centred, rotated, flipped):  # type: ignore[no-untyped-def]
    """Centre, rotate and flip many jets, in place.

    Parameters
    ----------
    offsets : array of int, shape (B+1,)
        Where the constituents of each jet begin and end.
    x, y, pt : array, shape (ΣN,), -, rad, GeV
        Constituents of all jets; x and y are overwritten.
    centred, rotated, flipped : bool
        As of ``placed``.

    Examples
    --------
    >>> import numpy as np
    >>> x, y = np.array([0.0, 0.0]), np.array([0.2, -0.2])
    >>> all_placed(np.array([0, 2]), x, y, np.array([1.0, 3.0]), False, True, True)
    >>> x.round(3).tolist()
    [-0.2, 0.2]
    """
    for jet in range(offsets.size - 1):
        one = slice(offsets[jet], offsets[jet + 1])
        placed(x[one], y[one], pt[one], centred, rotated, flipped)

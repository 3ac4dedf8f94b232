"""Which track belongs to a cluster."""

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.physics.kinematics import turn_between

__all__ = ["CONE", "LEAST_PT", "nearest_track"]

#: Tracks further than this from a cluster, in ΔR on the face of the crystals, are not its own.
CONE = 0.1
#: Softer tracks are pile-up, or curl.
LEAST_PT = 1.0  # GeV


@numba.njit(cache=True)
def nearest_track(
    offsets: NDArray[np.int64],
    tracks: NDArray[np.float64],
    eta: NDArray[np.float64],
    phi: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The track that meets the crystals nearest to a cluster.

    Parameters
    ----------
    offsets : array of int, shape (B+1,)
        Where each event's tracks start.
    tracks : array, shape (T, 3), GeV, -, rad
        pt, and η and φ on the face of the crystals.
    eta, phi : array, shape (B,), -, rad
        Place of a cluster an event, seen from the centre of the detector.

    Returns
    -------
    array, shape (B, 4), -, rad, GeV, -
        |Δη| and |Δφ| to it, its pt, and the number of tracks in the cone. Without a track in the
        cone: the cone's size twice, 0, 0.

    Examples
    --------
    >>> tracks = np.array([[40.0, 0.01, 0.0], [3.0, 0.05, 0.05], [0.5, 0.0, 0.0]])
    >>> at = np.zeros(1)
    >>> nearest_track(np.array([0, 3]), tracks, at, at).tolist()
    [[0.01, 0.0, 40.0, 2.0]]
    """
    found = np.zeros((len(eta), 4))
    for b in range(len(eta)):
        found[b, 0] = found[b, 1] = nearest = CONE
        for k in range(offsets[b], offsets[b + 1]):
            if tracks[k, 0] < LEAST_PT:
                continue
            down = abs(tracks[k, 1] - eta[b])
            right = abs(turn_between(tracks[k, 2], phi[b]))
            distance = np.hypot(down, right)
            if distance >= CONE:
                continue
            found[b, 3] += 1.0
            if distance < nearest:
                nearest = distance
                found[b, 0], found[b, 1], found[b, 2] = down, right, tracks[k, 0]
    return found

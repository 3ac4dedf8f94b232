"""Jets of particles: clustering by FastJet, event by event."""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from typing import Any, Literal, NamedTuple

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.names import require

__all__ = ["Jets", "anti_kt", "clustered"]

Algorithm = Literal["antikt_algorithm", "cambridge_algorithm", "kt_algorithm"]


class Jets(NamedTuple):
    """Jets of a batch of events, in each event by falling transverse momentum.

    Parameters
    ----------
    offsets : array of int64, shape (B + 1,)
        Jets of each event.
    momenta : array of float64, shape (M, 4), GeV
        px, py, pz, energy: the sum of the constituents.
    members : array of int64, shape (K,)
        Rows of the particles that were clustered, jet after jet, by falling pT.
    member_offsets : array of int64, shape (M + 1,)
        Members of each jet.
    """

    offsets: NDArray[np.int64]
    momenta: NDArray[np.float64]
    members: NDArray[np.int64]
    member_offsets: NDArray[np.int64]


def anti_kt(offsets: Any, momenta: Any, radius: float, pt_min: float) -> Jets:
    r"""Cluster the particles of each event by the anti-:math:`k_T` algorithm.

    Parameters
    ----------
    offsets : array of int, shape (B + 1,)
        Particles of each event.
    momenta : array, shape (N, 4), GeV
        px, py, pz, energy; none along the beam.
    radius : float
        R of the algorithm.
    pt_min : float, GeV
        Softer jets are left out.

    Returns
    -------
    Jets
        An event may have none.

    Raises
    ------
    ValueError
        The radius is not positive.
    MissingExtraError
        FastJet is not installed.

    References
    ----------
    M. Cacciari, G. P. Salam, G. Soyez, "The anti-kt jet clustering algorithm", arXiv:0802.1189;
    the same, "FastJet user manual", arXiv:1111.6097.

    Examples
    --------
    >>> two = [[100.0, 0.0, 0.0, 100.0], [50.0, 5.0, 0.0, 50.3], [-90.0, 0.0, 0.0, 90.0]]
    >>> jets = anti_kt([0, 3, 3], two, radius=0.8, pt_min=10.0)
    >>> jets.offsets.tolist(), jets.members.tolist()
    ([0, 2, 2], [0, 1, 2])
    """
    if not radius > 0:
        raise ValueError(f"radius: must be positive, got {radius}. Take 0.4 or 0.8.")
    starts = np.asarray(offsets, np.int64)
    vectors = np.asarray(momenta, np.float64).reshape(-1, 4)
    if not len(vectors):
        none = np.zeros(0, np.int64)
        return Jets(np.zeros_like(starts), np.zeros((0, 4)), none, np.zeros(1, np.int64))
    kept = np.flatnonzero(np.diff(starts))  # FastJet's arrays are of events with particles
    sequence = clustered(vectors, np.diff(starts)[kept], "antikt_algorithm", radius)
    index = sequence.constituent_index(min_pt=pt_min)
    return _sorted(starts, vectors, kept, index)


def clustered(
    momenta: NDArray[np.float64], counts: NDArray[np.int64], algorithm: Algorithm, radius: float
) -> Any:
    """FastJet's history of the clustering of each event, with the E-scheme.

    Parameters
    ----------
    momenta : array, shape (N, 4), GeV
        px, py, pz, energy.
    counts : array of int, shape (B,)
        Particles of each event; at least one.
    algorithm : "antikt_algorithm", "cambridge_algorithm" or "kt_algorithm"
        As FastJet calls it.
    radius : float
        R of the algorithm.

    Returns
    -------
    fastjet.ClusterSequence
        Of all events.

    Raises
    ------
    MissingExtraError
        FastJet is not installed.

    Examples
    --------
    >>> pair = np.array([[1.0, 0.1, 0.0, 1.00499], [1.0, -0.1, 0.0, 1.00499]])
    >>> len(clustered(pair, np.array([2]), "kt_algorithm", 1.0).inclusive_jets()[0])
    1
    """
    _greet()
    return _clustered(momenta, counts, algorithm, radius)


def _clustered(
    momenta: NDArray[np.float64], counts: NDArray[np.int64], algorithm: Algorithm, radius: float
) -> Any:
    fastjet = require("fastjet", extra="simulate")
    columns = dict(zip(("px", "py", "pz", "E"), momenta.T, strict=True))
    events = ak.unflatten(ak.zip(columns, with_name="Momentum4D"), counts)
    return fastjet.ClusterSequence(
        events, fastjet.JetDefinition(getattr(fastjet, algorithm), radius)
    )


@functools.cache
def _greet() -> None:
    """Take FastJet's banner, which it prints once a process into what belongs to the caller.

    Its manual lets programs turn it off, which its Python bindings cannot; so the first clustering
    is of one particle, while standard output leads nowhere.
    """
    if os.name != "posix" or sys.stdout is None:
        return
    library = ctypes.CDLL(None)
    sys.stdout.flush()
    library.fflush(None)
    try:
        kept = os.dup(1)
    except OSError:  # nothing is open there
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        _clustered(np.array([[1.0, 0.0, 0.0, 1.0]]), np.array([1]), "antikt_algorithm", 0.4)
        library.fflush(None)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _sorted(
    starts: NDArray[np.int64],
    vectors: NDArray[np.float64],
    kept: NDArray[np.int64],
    index: ak.Array,
) -> Jets:
    """Members as rows of all particles; jets and members by falling pT, sums from the members."""
    per_event = ak.to_numpy(ak.num(index, axis=1))
    counts = ak.to_numpy(ak.flatten(ak.num(index, axis=2)))
    jet_event = np.repeat(kept, per_event)
    jet = np.repeat(np.arange(len(counts)), counts)
    members = ak.to_numpy(ak.flatten(index, axis=None)).astype(np.int64) + starts[jet_event[jet]]
    pt = np.hypot(vectors[:, 0], vectors[:, 1])
    sums = np.zeros((len(counts), 4))
    np.add.at(sums, jet, vectors[members])
    order = np.lexsort((-np.hypot(sums[:, 0], sums[:, 1]), jet_event))
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    rows = np.lexsort((-pt[members], place[jet]))
    number = np.bincount(jet_event, minlength=len(starts) - 1)
    return Jets(
        np.concatenate([[0], np.cumsum(number)]).astype(np.int64),
        sums[order],
        members[rows],
        np.concatenate([[0], np.cumsum(counts[order])]).astype(np.int64),
    )

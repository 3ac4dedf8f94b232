"""Substructure of jets: sums, shapes, N-subjettiness, energy correlations, soft drop."""

import math
from typing import Any, Literal, NamedTuple

import awkward as ak
import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.physics.jets import clustered
from hepvision.physics.kinematics import delta_phi, turn_between

__all__ = [
    "Axes",
    "Shapes",
    "energy_correlations",
    "jet_shapes",
    "n_subjettiness",
    "rapidity",
    "soft_drop_mass",
]

Floats = NDArray[np.float64]
#: Axes of N-subjettiness: those of exclusive kT jets, or minimised once from them; with the
#: E-scheme, or the winner taking all.
Axes = Literal["onepass_kt", "kt", "onepass_wta_kt", "wta_kt"]
_AXES = {
    "onepass_kt": "OnePass_KT_Axes",
    "kt": "KT_Axes",
    "onepass_wta_kt": "OnePass_WTA_KT_Axes",
    "wta_kt": "WTA_KT_Axes",
}
#: Reclustering takes all constituents into one jet, however far apart they are.
EVERYTHING = 1000.0


def rapidity(momenta: Any) -> Floats:
    r"""Rapidity :math:`y = \mathrm{arsinh}(p_z / m_T)`.

    Parameters
    ----------
    momenta : array, shape (N, 4), GeV
        px, py, pz, energy; none along the beam.

    Returns
    -------
    array, shape (N,)
        The pseudorapidity, where there is no mass.

    Examples
    --------
    >>> rapidity([[3.0, 4.0, 0.0, 5.0], [1.0, 0.0, 1.0, 2**0.5]]).round(4).tolist()
    [0.0, 0.8814]
    """
    x, y, z, energy = np.asarray(momenta, np.float64).reshape(-1, 4).T
    squared = x * x + y * y
    # rounding may leave E² − p² below 0
    transverse = np.sqrt(np.maximum(energy * energy - z * z, squared))
    return np.arcsinh(np.divide(z, transverse, out=np.zeros_like(z), where=transverse > 0))


class Shapes(NamedTuple):
    """What a jet's constituents sum up to.

    Parameters
    ----------
    mass, pt : array, shape (B,), GeV
        Of the sum of the four-momenta.
    width : array, shape (B,)
        Mean distance from the axis of the sum, weighted by pT: the girth.
    dispersion : array, shape (B,)
        Root of the sum of pT², over the sum of pT: 1 for one constituent.
    multiplicity : array, shape (B,)
        Number of constituents.
    """

    mass: Floats
    pt: Floats
    width: Floats
    dispersion: Floats
    multiplicity: Floats


def jet_shapes(offsets: Any, momenta: Any) -> Shapes:
    r"""Mass, pT, width, :math:`p_T^D` and multiplicity.

    .. math::
        g = \frac{\sum_i p_{T,i}\,\Delta R_{i,\mathrm{jet}}}{\sum_i p_{T,i}}, \qquad
        p_T^D = \frac{\sqrt{\sum_i p_{T,i}^2}}{\sum_i p_{T,i}}

    Parameters
    ----------
    offsets : array of int, shape (B+1,)
        Where each jet's constituents start.
    momenta : array, shape (N, 4), GeV
        px, py, pz, energy; none along the beam.

    Returns
    -------
    Shapes
        All 0 for a jet without constituents.

    References
    ----------
    J. Gallicchio, M. D. Schwartz, Quark and Gluon Tagging at the LHC, Phys. Rev. Lett. 107 (2011)
    172001, arXiv:1106.3076 (girth). CMS Collaboration, Performance of quark/gluon discrimination
    in 8 TeV pp data, CMS-PAS-JME-13-002 (2013) (dispersion).

    Examples
    --------
    >>> shapes = jet_shapes([0, 2], [[1.0, 0.1, 0.0, 1.00499], [1.0, -0.1, 0.0, 1.00499]])
    >>> shapes.mass.round(3).tolist(), shapes.width.round(3).tolist()
    ([0.2], [0.1])
    """
    counts: NDArray[np.int64] = np.diff(np.asarray(offsets, np.int64)).astype(np.int64)
    vectors = np.asarray(momenta, np.float64).reshape(-1, 4)
    owner = np.repeat(np.arange(len(counts)), counts)

    def total(values: Floats) -> Floats:
        return np.bincount(owner, values, len(counts)).astype(np.float64)

    jets = np.stack([total(column) for column in vectors.T], axis=1)
    pt = np.hypot(vectors[:, 0], vectors[:, 1])
    squared = jets[:, 3] ** 2 - (jets[:, :3] ** 2).sum(axis=1)
    phi, axis = (np.arctan2(one[:, 1], one[:, 0]) for one in (vectors, jets))
    apart = np.hypot(rapidity(vectors) - rapidity(jets)[owner], delta_phi(phi, axis[owner]))
    scalar = total(pt)
    safe = np.where(scalar > 0, scalar, 1.0)
    return Shapes(
        # that of physical constituents is below 0 by rounding at most
        np.sqrt(np.maximum(squared, 0.0)),
        np.hypot(jets[:, 0], jets[:, 1]),
        total(pt * apart) / safe,
        np.sqrt(total(pt * pt)) / safe,
        counts.astype(np.float64),
    )


@numba.njit(cache=True)
def _correlations(offsets, share, y, phi, beta):  # type: ignore[no-untyped-def]
    jets = offsets.size - 1
    second, third = np.zeros(jets), np.zeros(jets)
    longest = 1
    for b in range(jets):
        longest = max(longest, offsets[b + 1] - offsets[b])
    angle, row = np.zeros((longest, longest)), np.zeros(longest)
    for b in range(jets):
        first, number = offsets[b], offsets[b + 1] - offsets[b]
        for i in range(number):
            for j in range(i):
                across = turn_between(phi[first + i], phi[first + j])
                apart = (y[first + i] - y[first + j]) ** 2 + across * across
                power = math.sqrt(apart) if beta == 1 else apart ** (0.5 * beta)
                pair = math.sqrt(share[first + i] * share[first + j])
                angle[i, j] = pair * power
                second[b] += pair * angle[i, j]
        # a triple is the product of its three entries; summed by rows, so that the innermost
        # loop adds to many numbers instead of one and can be vectorised
        for i in range(number):
            row[:i] = 0.0
            for j in range(i):
                for k in range(j):
                    row[k] += angle[i, j] * angle[j, k]
            for k in range(i):
                third[b] += row[k] * angle[i, k]
    return second, third


def energy_correlations(offsets: Any, momenta: Any, beta: float = 1.0) -> tuple[Floats, Floats]:
    r"""Normalised energy correlation functions of two and three constituents.

    .. math::
        e_2 = \sum_{i<j} z_i z_j \Delta R_{ij}^\beta, \qquad
        e_3 = \sum_{i<j<k} z_i z_j z_k (\Delta R_{ij} \Delta R_{jk} \Delta R_{ki})^\beta

    with shares :math:`z_i = p_{T,i} / \sum p_T` and distances in rapidity and azimuth. From them
    :math:`C_2 = e_3 / e_2^2` and :math:`D_2 = e_3 / e_2^3`.

    Parameters
    ----------
    offsets : array of int, shape (B+1,)
        Where each jet's constituents start.
    momenta : array, shape (N, 4), GeV
        px, py, pz, energy; none along the beam.
    beta : float
        Power of the angles; positive, else soft or collinear radiation counts.

    Returns
    -------
    e2, e3 : array, shape (B,)
        0 for jets of fewer than two and three constituents.

    Raises
    ------
    ValueError
        The power is not positive.

    References
    ----------
    A. J. Larkoski, G. P. Salam, J. Thaler, Energy Correlation Functions for Jet Substructure,
    JHEP 06 (2013) 108, arXiv:1305.0007 (C2). A. J. Larkoski, I. Moult, D. Neill, Power Counting
    to Better Jet Observables, JHEP 12 (2014) 009, arXiv:1409.6298 (D2).

    Examples
    --------
    >>> pair = [[1.0, 0.1, 0.0, 1.00499], [1.0, -0.1, 0.0, 1.00499]]
    >>> e2, e3 = energy_correlations([0, 2], pair)
    >>> e2.round(4).tolist(), e3.tolist()
    ([0.0498], [0.0])
    """
    if not beta > 0:
        raise ValueError(f"beta: must be positive, got {beta}. Take 1 or 2.")
    starts = np.asarray(offsets, np.int64)
    vectors = np.asarray(momenta, np.float64).reshape(-1, 4)
    pt = np.hypot(vectors[:, 0], vectors[:, 1])
    owner = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    total = np.bincount(owner, pt, len(starts) - 1)
    share = pt / np.where(total > 0, total, 1.0)[owner]
    phi = np.arctan2(vectors[:, 1], vectors[:, 0])
    found: tuple[Floats, Floats] = _correlations(starts, share, rapidity(vectors), phi, float(beta))
    return found


def n_subjettiness(
    offsets: Any,
    momenta: Any,
    number: int,
    *,
    beta: float = 1.0,
    radius: float = 0.8,
    axes: Axes = "onepass_kt",
) -> Floats:
    r"""N-subjettiness of jets, for 1 to ``number`` axes, by FastJet's contributed code.

    .. math:: \tau_N = \frac{\sum_i p_{T,i} \min_a \Delta R_{a,i}^\beta}{R^\beta \sum_i p_{T,i}}

    Parameters
    ----------
    offsets : array of int, shape (B+1,)
        Where each jet's constituents start.
    momenta : array, shape (N, 4), GeV
        px, py, pz, energy; none along the beam.
    number : int
        Most axes.
    beta : float
        Power of the distances.
    radius : float
        R of the jets.
    axes : "onepass_kt", "kt", "onepass_wta_kt" or "wta_kt"
        Those of the exclusive kT jets, or of one minimisation that starts from them.

    Returns
    -------
    array, shape (B, number)
        0 where there are no more constituents than axes.

    Raises
    ------
    ValueError
        A power or radius is not positive.
    MissingExtraError
        FastJet is not installed.

    References
    ----------
    J. Thaler, K. Van Tilburg, Identifying Boosted Objects with N-subjettiness, JHEP 03 (2011)
    015, arXiv:1011.2268; the same, Maximizing Boosted Top Identification by Minimizing
    N-subjettiness, JHEP 02 (2012) 093, arXiv:1108.2701.

    Examples
    --------
    >>> pair = [[1.0, 0.1, 0.0, 1.00499], [1.0, -0.1, 0.0, 1.00499]]
    >>> n_subjettiness([0, 2, 2], pair, 2).round(3).tolist()
    [[0.125, 0.0], [0.0, 0.0]]
    """
    if not (beta > 0 and radius > 0):
        raise ValueError(f"beta, radius: must be positive, got {beta}, {radius}.")
    counts: NDArray[np.int64] = np.diff(np.asarray(offsets, np.int64)).astype(np.int64)
    vectors = np.asarray(momenta, np.float64).reshape(-1, 4)
    made = np.zeros((len(counts), number))
    # fewer than two constituents have no distance from their axis
    there = counts > 1
    if not there.any():
        return made
    sequence = clustered(
        vectors[np.repeat(there, counts)], counts[there], "kt_algorithm", EVERYTHING
    )
    found = sequence.njettiness(
        njets=list(range(1, number + 1)),
        measure_definition="NormalizedMeasure",
        axes_definition=_AXES[axes],
        beta=beta,
        R0=radius,
    )
    made[there] = ak.to_numpy(found).reshape(-1, number)
    few = counts[:, None] <= np.arange(1, number + 1)
    return np.where(few, 0.0, np.maximum(made, 0.0))


def soft_drop_mass(
    offsets: Any, momenta: Any, *, z_cut: float = 0.1, beta: float = 0.0, radius: float = 0.8
) -> Floats:
    r"""Mass after soft drop, by FastJet's contributed code.

    The constituents are clustered again by Cambridge/Aachen; going back, the softer branch is
    dropped until :math:`\min(p_{T1}, p_{T2}) / (p_{T1} + p_{T2}) > z_\mathrm{cut}
    (\Delta R_{12} / R)^\beta`. With β = 0 it is the modified mass-drop tagger.

    Parameters
    ----------
    offsets : array of int, shape (B+1,)
        Where each jet's constituents start.
    momenta : array, shape (N, 4), GeV
        px, py, pz, energy; none along the beam.
    z_cut, beta : float
        What is soft, and how that depends on the angle.
    radius : float
        R of the jets.

    Returns
    -------
    array, shape (B,), GeV
        0 for jets of fewer than two constituents.

    Raises
    ------
    ValueError
        The radius is not positive.
    MissingExtraError
        FastJet is not installed.

    References
    ----------
    A. J. Larkoski, S. Marzani, G. Soyez, J. Thaler, Soft Drop, JHEP 05 (2014) 146,
    arXiv:1402.2657. M. Dasgupta, A. Fregoso, S. Marzani, G. P. Salam, Towards an understanding of
    jet substructure, JHEP 09 (2013) 029, arXiv:1307.0007.

    Examples
    --------
    >>> pair = [[1.0, 0.1, 0.0, 1.00499], [1.0, -0.1, 0.0, 1.00499]]
    >>> soft_drop_mass([0, 2, 2], pair).round(3).tolist()
    [0.2, 0.0]
    """
    if not radius > 0:
        raise ValueError(f"radius: must be positive, got {radius}. Take that of the jets.")
    counts: NDArray[np.int64] = np.diff(np.asarray(offsets, np.int64)).astype(np.int64)
    vectors = np.asarray(momenta, np.float64).reshape(-1, 4)
    made = np.zeros(len(counts))
    there = counts > 1
    if not there.any():
        return made
    sequence = clustered(
        vectors[np.repeat(there, counts)], counts[there], "cambridge_algorithm", EVERYTHING
    )
    found = sequence.exclusive_jets_softdrop_grooming(
        njets=1, beta=beta, symmetry_cut=z_cut, R0=radius
    )
    # FastJet gives −√−m² where rounding leaves m² below 0
    made[there] = np.maximum(ak.to_numpy(found["msoftdrop"]), 0.0)
    return made

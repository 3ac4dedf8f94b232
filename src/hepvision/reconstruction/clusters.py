"""Super-clusters: the energy of one photon or electron, gathered from crystals."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.schema import flat
from hepvision.reconstruction._barrel import barrel_kernel
from hepvision.reconstruction._endcap import endcap_kernel
from hepvision.reconstruction._seeds import SEED_ET
from hepvision.reconstruction._table import COLUMNS

__all__ = ["Clusters", "superclusters"]


class Clusters(NamedTuple):
    """Super-clusters of a batch, flat, sorted by event.

    Examples
    --------
    >>> "raw" in Clusters._fields
    True
    """

    event: NDArray[np.int64]
    barrel: NDArray[np.bool_]
    seed: NDArray[np.int64]
    raw: NDArray[np.float64]
    eta: NDArray[np.float64]
    phi: NDArray[np.float64]
    e3x3: NDArray[np.float64]
    e5x5: NDArray[np.float64]
    sieie: NDArray[np.float64]
    sipip: NDArray[np.float64]


def _found(
    events: ak.Array, geometry: Any, kernel: Any, least_et: float, *centres: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Table of the super-clusters in the crystals of one part."""
    if geometry.collection not in events.fields:
        return np.zeros((0, len(COLUMNS)))
    offsets, hits = flat(events[geometry.collection])
    energy = hits["energy"].astype(np.float64)
    crystal = geometry.flat_index(*(hits[name] for name in geometry.fields)).astype(np.int64)
    table = np.zeros((int((energy >= SEED_ET).sum()), len(COLUMNS)))
    return table[: kernel(offsets, crystal, energy, *centres, least_et, table)]


def superclusters(events: ak.Array, least_et: float = 8.0) -> Clusters:
    """Find super-clusters in the crystals of barrel and endcaps.

    A seed is a crystal above its eight neighbours with a transverse energy of 1 GeV. In the
    barrel a cluster is the 5×5 crystals around it and, within 0.3 rad of azimuth and two
    crystals in η, the clusters that bremsstrahlung and conversions left: columns of five
    crystals above 0.1 GeV, the highest of each cluster above 0.35 GeV. In the endcaps clusters
    of 5×5 crystals within 0.07 in η and 0.3 rad are joined. Each crystal is used once, by the
    seed with the highest transverse energy. Noise and pile-up enter beside the core only where
    a crystal is above twice its noise; inside it negative energies count, because they balance
    the positive noise.

    Parameters
    ----------
    events : ak.Array, shape (B,)
        With ``EcalBarrelHit`` or ``EcalEndcapHit`` or both.
    least_et : float, GeV
        Raw transverse energy from which a super-cluster is kept.

    Returns
    -------
    Clusters
        Event number in the batch, whether in the barrel, flat index of the seed, energies in
        GeV, log-weighted η and φ [rad] seen from the centre of the detector, widths.

    References
    ----------
    CMS Collaboration, Performance of photon reconstruction and identification with the CMS
    detector in proton-proton collisions at √s = 8 TeV, JINST 10 (2015) P08010,
    arXiv:1502.02702.

    Examples
    --------
    >>> import awkward as ak
    >>> hits = ak.Array([{"EcalBarrelHit": [{"ieta": 1, "iphi": 11, "energy": 30.0}]}])
    >>> found = superclusters(hits)
    >>> found.raw.tolist(), found.phi.round(4).tolist()
    ([30.0], [0.0087])
    """
    barrel, endcap = EcalBarrel(), EcalEndcap()
    rows = barrel.eta_edges
    inner = _found(events, barrel, barrel_kernel, least_et, 0.5 * (rows[1:] + rows[:-1]))
    crystals = endcap.eta_phi(*endcap.numbers(np.arange(math.prod(endcap.shape))))
    table = np.concatenate([inner, _found(events, endcap, endcap_kernel, least_et, *crystals)])
    order = np.argsort(table[:, 0], kind="stable")
    columns = dict(zip(COLUMNS, table[order].T.copy(), strict=True))
    event, seed = (columns.pop(name).astype(np.int64) for name in ("event", "seed"))
    return Clusters(event, order < len(inner), seed, **columns)

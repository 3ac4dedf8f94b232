"""Photons reconstructed from real crystals against those that CMS stored in the same files."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pytest
from numpy.typing import NDArray

from hepvision.readers.ispy import Ispy

from shared_data import shared

FIELDS = (
    "pt",
    "r9",
    "sieie",
    "hoe",
    "trkSumPtHollowConeDR03",
    "ecalRecHitSumEtDR03",
    "hcalTowerSumEtDR03",
)
Pairs = dict[str, NDArray[np.float64]]


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    """CMS's photons above 15 GeV with the nearest of ours: shape (N, 2) a field, and ΔR."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in FIELDS}
    place = []
    for path in sorted(shared("data", "cms_ispy").glob("*.ig")):
        events = Ispy().read(path)
        stored = events.StoredPhoton[events.StoredPhoton.pt > 15]
        both = ak.cartesian({"stored": stored, "own": events.Photon}, nested=True)
        distance = both.stored.deltaR(both.own)
        nearest = ak.argmin(distance, axis=-1, keepdims=True)
        matched = ak.flatten(ak.flatten(both[nearest], axis=-1))
        for name in FIELDS:
            found[name] += zip(matched.stored[name], matched.own[name], strict=True)
        place += zip(
            ak.flatten(ak.flatten(distance[nearest], axis=-1)),
            matched.own.superclusterEta,
            strict=True,
        )
    return {name: np.array(values, float) for name, values in found.items()} | {
        "place": np.array(place, float)
    }


def barrel(pairs: Pairs) -> NDArray[np.bool_]:
    return (np.abs(pairs["place"][:, 1]) < 1.44) & (pairs["place"][:, 0] < 0.05)


def share(good: NDArray[np.bool_]) -> float:
    return float(good.mean())


def test_most_are_found_at_their_place_with_their_energy(pairs: Pairs) -> None:
    ratio = pairs["pt"][:, 1] / pairs["pt"][:, 0]
    assert len(ratio) > 100
    assert share(pairs["place"][:, 0] < 0.05) > 0.97
    assert share(pairs["place"][barrel(pairs), 0] < 0.01) > 0.9
    assert share((ratio > 0.8) & (ratio < 1.2)) > 0.9
    assert share(np.abs(ratio[barrel(pairs)] - 1.0) < 0.06) > 0.9


def test_shapes_are_cms_own(pairs: Pairs) -> None:
    """R9, σ_iηiη and H/E of the barrel, definition for definition."""
    own = barrel(pairs)
    r9, sieie, hoe = (pairs[name][own] for name in ("r9", "sieie", "hoe"))
    assert share(np.abs(r9[:, 1] / r9[:, 0] - 1) < 0.05) > 0.9
    assert share(np.abs(sieie[:, 1] / sieie[:, 0] - 1) < 0.02) > 0.9
    assert share(np.abs(hoe[:, 1] - hoe[:, 0]) < 0.1) > 0.9
    endcap = ~own & (pairs["place"][:, 0] < 0.05)
    sieie = pairs["sieie"][endcap]
    assert share(np.abs(sieie[:, 1] / sieie[:, 0] - 1) < 0.05) > 0.9


def test_isolation_is_cms_own(pairs: Pairs) -> None:
    own = barrel(pairs)
    for name, within, least in (
        ("trkSumPtHollowConeDR03", 1.5, 0.85),
        ("ecalRecHitSumEtDR03", 1.0, 0.85),
        ("hcalTowerSumEtDR03", 2.0, 0.75),
    ):
        theirs, ours = pairs[name][own].T
        assert share(np.abs(ours - theirs) < within) > least, name
        assert np.corrcoef(np.log1p(theirs), np.log1p(ours))[0, 1] > 0.75, name

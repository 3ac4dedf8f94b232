"""Photons from a file's crystals against those that CMS stored beside them, by region and R9.

Tolerances are what the four files hold with margin: barrel medians to 1.5 %, endcap ones to 10 %,
where CMS adds the preshower's energy and the crystals alone do not have it.
"""

from __future__ import annotations

import awkward as ak
import numpy as np
import pytest
from numpy.typing import NDArray

from hepvision.readers.ispy import Ispy

from shared_data import shared

Photons = dict[str, NDArray[np.float64]]
LEAST = 10.0  # GeV


@pytest.fixture(scope="module")
def photons() -> Photons:
    """CMS's photons above 10 GeV in all four files, each with the nearest of ours."""
    found = []
    for path in sorted(shared("data", "cms_ispy").glob("*.ig")):
        events = Ispy().read(path)
        stored = events.StoredPhoton[events.StoredPhoton.pt > LEAST]
        both = ak.cartesian({"stored": stored, "own": events.Photon}, nested=True)
        distance = both.stored.deltaR(both.own)
        nearest = ak.argmin(distance, axis=-1, keepdims=True)
        pair = ak.flatten(ak.flatten(both[nearest], axis=-1))
        columns = (
            ak.flatten(ak.flatten(distance[nearest], axis=-1)),
            pair.stored.pt,
            pair.own.pt,
            pair.stored.r9,
            pair.own.superclusterEta,
        )
        found.append([np.array(ak.to_list(column), float) for column in columns])
    names = ("distance", "stored", "own", "r9", "eta")
    values = {
        name: np.concatenate(part)
        for name, part in zip(names, zip(*found, strict=True), strict=True)
    }
    return values | {"ratio": values["own"] / values["stored"], "eta": np.abs(values["eta"])}


def test_nearly_all_are_found(photons: Photons) -> None:
    assert len(photons["stored"]) > 110
    matched = photons["distance"] < 0.05
    assert matched.mean() > 0.95
    assert matched[photons["eta"] < 1.4442].mean() > 0.97
    assert matched[photons["eta"] > 1.566].mean() > 0.9


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.85), (0.85, 0.94), (0.94, 1.5)])
def test_barrel_energies_are_cms_own_at_every_r9(photons: Photons, low: float, high: float) -> None:
    own = (photons["eta"] < 1.4442) & (photons["distance"] < 0.05)
    own &= (photons["r9"] > low) & (photons["r9"] <= high)
    ratio = photons["ratio"][own]
    assert len(ratio) >= 8
    assert np.median(ratio) == pytest.approx(1.0, abs=0.015)
    assert np.mean(np.abs(ratio - 1.0) < 0.05) > 0.85
    assert np.median(photons["distance"][own]) < 0.008


def test_endcap_energies_and_places(photons: Photons) -> None:
    own = (photons["eta"] > 1.566) & (photons["eta"] < 2.5) & (photons["distance"] < 0.05)
    assert own.sum() > 25
    assert np.median(photons["ratio"][own]) == pytest.approx(1.0, abs=0.1)
    assert np.mean(np.abs(photons["ratio"][own] - 1.0) < 0.2) > 0.85
    assert np.median(photons["distance"][own]) < 0.02

"""The honest baseline's features."""

from __future__ import annotations

import numpy as np
import pytest

from hepvision.core.inputs import Dense
from hepvision.representations.four_momenta import FourMomenta
from hepvision.representations.photon_features import NAMES, PhotonFeatures
from toy_events import toy_events


def column(values: np.ndarray, name: str) -> np.ndarray:
    return values[:, NAMES.index(name)]


def test_features_are_the_photons_own() -> None:
    events = toy_events(10, 1, photons=3)
    part = PhotonFeatures()(events)["vector"]
    momenta = FourMomenta()(events)["vector"]
    assert isinstance(part, Dense)
    assert isinstance(momenta, Dense)
    np.testing.assert_array_equal(part.values[:, :5], momenta.values)
    first, second = events["Photon"][:, 0], events["Photon"][:, 1]
    np.testing.assert_allclose(column(part.values, "sieie1"), first.sieie)
    np.testing.assert_allclose(column(part.values, "r92"), second.r9)
    relative = second.ecalRecHitSumEtDR03 / second.pt
    np.testing.assert_allclose(column(part.values, "ecalRecHitSumEtDR032_over_pt"), relative, 1e-5)


def test_measured_features_average_to_one() -> None:
    events = toy_events(50, 2, photons=2)
    features = PhotonFeatures().measured([events[:20], events[20:]])
    part = features(events)["vector"]
    assert isinstance(part, Dense)
    assert np.abs(part.values).mean(axis=0) == pytest.approx(np.ones(17), rel=1e-4)
    assert features.measured([events]) == features


def test_wrong_constants_are_refused() -> None:
    with pytest.raises(ValueError, match="17 positive"):
        PhotonFeatures(scale=(1.0, 2.0))

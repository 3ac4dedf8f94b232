"""Features of one cluster: its own fields, and the track that points at it."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.inputs import Dense
from hepvision.events.examples import examples
from hepvision.events.schema import from_columns
from hepvision.representations._track_match import nearest_track
from hepvision.representations.cluster_features import KNOWN, ClusterFeatures
from toy_events import toy_events, turned


def values(features: ClusterFeatures, events: ak.Array) -> dict[str, np.ndarray]:
    part = features(events)["vector"]
    assert isinstance(part, Dense)
    return dict(zip(features.features, part.values.T, strict=True))


def _with_tracks(events: ak.Array, tracks: list[tuple[float, float, float]]) -> ak.Array:
    """The same events, each with tracks at a distance from its leading photon: pT, Δη, Δφ."""
    lead = events["Photon"][:, 0]
    pt, eta, phi = np.tile(tracks, (len(events), 1)).T
    many = len(tracks)
    eta = eta + np.repeat(ak.to_numpy(lead.superclusterEta), many)
    phi = phi + np.repeat(ak.to_numpy(lead.superclusterPhi), many)
    phi = (phi + np.pi) % (2 * np.pi) - np.pi
    columns = {"pt": pt, "eta": eta, "phi": phi, "etaEcal": eta, "phiEcal": phi}
    offsets = np.arange(len(events) + 1) * many
    return ak.with_field(events, from_columns(offsets, columns, "Track"), "Track")


def test_shapes_are_the_photons_own() -> None:
    events = toy_events(10, 1, photons=3)
    for which in range(3):
        found = values(
            ClusterFeatures(features=("r9", "sieie", "sipip", "hoe"), which=which), events
        )
        for name, column in found.items():
            np.testing.assert_array_equal(column, events["Photon"][name][:, which])
    each = values(ClusterFeatures(), examples(events, per="Photon"))
    np.testing.assert_array_equal(each["r9"], ak.flatten(events["Photon"].r9))


def test_the_nearest_track_in_the_cone_counts() -> None:
    tracks = [(40.0, 0.02, -0.01), (30.0, -0.05, 0.05), (0.9, 0.0, 0.0), (99.0, 0.2, 0.0)]
    events = _with_tracks(toy_events(12, 2, photons=1), tracks)
    found = values(ClusterFeatures(features=KNOWN), events)
    lead = events["Photon"][:, 0]
    assert found["track_delta_eta"] == pytest.approx(0.02, abs=1e-5)
    assert found["track_delta_phi"] == pytest.approx(0.01, abs=1e-5)
    et = lead.energyRaw / np.cosh(lead.superclusterEta)
    assert found["track_pt_over_et"] == pytest.approx(40.0 / ak.to_numpy(et), rel=1e-5)
    assert found["tracks"].tolist() == [2.0] * 12


def test_without_a_track_the_distance_is_that_of_the_cone() -> None:
    events = _with_tracks(toy_events(3, 2, photons=1), [(99.0, 0.09, 0.09)])
    found = values(ClusterFeatures(features=KNOWN), events)
    for name, expected in (("track_delta_eta", 0.1), ("track_delta_phi", 0.1), ("tracks", 0.0)):
        assert found[name] == pytest.approx(expected)
    assert not found["track_pt_over_et"].any()


def test_turned_events_have_equal_features() -> None:
    events = _with_tracks(toy_events(20, 4, photons=1), [(40.0, 0.02, -0.01), (3.0, 0.05, 0.05)])
    features = ClusterFeatures(features=KNOWN)
    still, moved = values(features, events), values(features, turned(events, 100))
    for name in KNOWN:
        np.testing.assert_allclose(moved[name], still[name], atol=2e-6)


def test_no_cluster_gives_zeros() -> None:
    events = toy_events(6, 3, photons=1)
    found = values(ClusterFeatures(features=KNOWN, which=1), events)
    assert not any(column.any() for column in found.values())


def test_the_match_of_no_track_at_all() -> None:
    none = nearest_track(np.zeros(3, np.int64), np.zeros((0, 3)), np.zeros(2), np.zeros(2))
    assert none.tolist() == [[0.1, 0.1, 0.0, 0.0]] * 2


def test_measured_features_average_to_one() -> None:
    events = toy_events(50, 2, photons=1)
    features = ClusterFeatures().measured([events[:20], events[20:]])
    for column in values(features, events).values():
        assert np.abs(column).mean() == pytest.approx(1.0, rel=1e-4)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"features": ("sieieta",)}, "no feature 'sieieta'. Did you mean 'sieie'"),
        ({"features": ()}, "must be one or more"),
        ({"which": -1}, "which: must be 0 or more"),
        ({"scale": (1.0,)}, "must be 3 positive numbers"),
    ],
)
def test_wrong_parameters_are_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ClusterFeatures(**wrong)

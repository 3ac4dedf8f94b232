"""Five numbers of a pair, from which the mass cannot be had back."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pytest

from hepvision.core.card import component
from hepvision.core.inputs import Dense
from hepvision.representations.four_momenta import FourMomenta
from toy_events import toy_events, turned


def values(events: ak.Array) -> np.ndarray:
    part = FourMomenta()(events)["vector"]
    assert isinstance(part, Dense)
    return part.values


def test_against_vector() -> None:
    events = toy_events(20, 1, photons=2)
    first, second = events["Photon"][:, 0], events["Photon"][:, 1]
    mass = (first + second).mass
    wanted = [
        first.pt / mass,
        first.eta,
        second.pt / mass,
        second.eta,
        np.cos(first.deltaphi(second)),
    ]
    np.testing.assert_allclose(values(events), np.column_stack(wanted), rtol=2e-5, atol=1e-6)


def test_energy_scale_cancels() -> None:
    events = toy_events(20, 2, photons=2)
    photons = ak.with_field(events["Photon"], 3 * events["Photon"].pt, "pt")
    scaled = ak.with_field(events, photons, "Photon")
    np.testing.assert_allclose(values(scaled), values(events), rtol=1e-5)


def test_turning_changes_nothing() -> None:
    events = toy_events(20, 3, photons=2)
    np.testing.assert_allclose(values(turned(events, 77)), values(events), atol=2e-6)


def test_photons_are_ordered_by_pt() -> None:
    events = toy_events(20, 4, photons=3)
    backwards = ak.with_field(events, events["Photon"][:, ::-1], "Photon")
    np.testing.assert_array_equal(values(backwards), values(events))


def test_without_a_pair_there_are_zeros() -> None:
    events = ak.concatenate([toy_events(2, 5, photons=1), toy_events(1, 6, photons=2)])
    assert values(events).any(axis=1).tolist() == [False, False, True]


@pytest.mark.parametrize("name", ["four_momenta", "photon_features"])
def test_a_pair_without_a_mass_has_no_ratios(name: str) -> None:
    """The same photon twice, or one without pT, must not look millions of times as hard."""
    events = toy_events(6, 7, photons=2)
    usual = component("representations", name)(events)["vector"]
    photons = events["Photon"]
    twice = ak.with_field(events, photons[:, [0, 0]], "Photon")
    weak = ak.with_field(photons, photons.pt * np.array([[1.0, 0.0]]), "pt")
    for odd in (twice, ak.with_field(events, weak, "Photon")):
        part = component("representations", name)(odd)["vector"]
        assert isinstance(part, Dense)
        assert isinstance(usual, Dense)
        assert not part.values[:, [0, 2]].any()
        assert np.abs(part.values).max() < 10 * np.abs(usual.values).max()


def test_nothing_is_measured() -> None:
    assert FourMomenta().measured([]) == FourMomenta()
    assert FourMomenta().spec["vector"].width == pytest.approx(5)

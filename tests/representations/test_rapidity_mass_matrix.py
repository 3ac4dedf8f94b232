"""Rapidity-mass matrices: every element against vector, and what boosts leave."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.inputs import Dense, Sparse
from hepvision.representations.rapidity_mass_matrix import RapidityMassMatrix
from toy_events import toy_events
from toy_jets import jets_of

INSIDE: dict[str, Any] = {"collections": ("Particle",)}


def matrix(events: ak.Array, **chosen: Any) -> np.ndarray:
    part = RapidityMassMatrix(**chosen)(events)["image"]
    assert isinstance(part, Sparse)
    out = np.empty((len(part), *part.shape), np.float32)
    part.fill(out)
    return out[:, 0]


def moved(events: ak.Array, eta: float, phi: float) -> ak.Array:
    """Jets and particles elsewhere; for massless ones a boost along the beam and a turn."""
    for name in ("FatJet", "Particle"):
        objects = events[name]
        azimuth = (objects.phi + phi + np.pi) % (2 * np.pi) - np.pi
        objects = ak.with_field(ak.with_field(objects, azimuth, "phi"), objects.eta + eta, "eta")
        events = ak.with_field(events, objects, name)
    return events


def test_every_element_against_vector() -> None:
    chosen: dict[str, Any] = {"collections": ("FatJet", "Photon"), "most": 3, "sqrt_s": 8000.0}
    events = toy_events(6, 1, photons=2, jets=4)
    found = matrix(events, **chosen)
    for b, event in enumerate(events):
        met = event["MET"][int(np.argmax(event["MET"].pt))]
        objects: list[Any] = []
        for name in ("FatJet", "Photon"):
            order = np.argsort(-event[name].pt.to_numpy())[:3]
            objects += [event[name][int(k)] for k in order] + [None] * (3 - len(order))
        wanted = np.zeros((7, 7))
        wanted[0, 0] = met.pt / 8000
        for i, one in enumerate(objects, 1):
            if one is None:
                continue
            x = one.px + met.pt * np.cos(met.phi)
            y = one.py + met.pt * np.sin(met.phi)
            wanted[0, i] = np.sqrt((one.Et + met.pt) ** 2 - x**2 - y**2) / 8000
            wanted[i, 0] = 0.15 * (np.cosh(one.rapidity) - 1)
            before = objects[i - 2] if i not in (1, 4) else None
            wanted[i, i] = (
                one.Et / 8000 if before is None else (before.Et - one.Et) / (before.Et + one.Et)
            )
            for j, other in enumerate(objects[i:], i + 1):
                if other is not None:
                    wanted[i, j] = (one + other).mass / 8000
                    apart = 0.5 * (one.rapidity - other.rapidity)
                    wanted[j, i] = 0.15 * (np.cosh(apart) - 1)
        np.testing.assert_allclose(found[b], wanted, rtol=2e-4, atol=2e-7)


def test_turning_an_event_changes_nothing() -> None:
    events = toy_events(6, 2, jets=2)
    chosen: dict[str, Any] = {"collections": ("FatJet",), "missing": False}
    np.testing.assert_allclose(
        matrix(moved(events, 0, 2.0), **chosen), matrix(events, **chosen), rtol=1e-4, atol=1e-7
    )


def test_boosts_leave_masses_and_differences() -> None:
    """And of a jet's constituents everything."""
    rng = np.random.default_rng(3)
    jets = [
        {
            "pt": list(rng.exponential(20, 6) + 1),
            "eta": list(rng.normal(0.3, 0.2, 6)),
            "phi": list(rng.normal(0.1, 0.2, 6)),
        }
        for _ in range(5)
    ]
    events = jets_of(*jets, eta=0.3, phi=0.1)
    before, after = matrix(events, **INSIDE), matrix(moved(events, 1.1, -0.7), **INSIDE)
    np.testing.assert_allclose(after, before, rtol=2e-4, atol=2e-6)
    objects = toy_events(5, 4, jets=3)
    massless = ak.with_field(objects, ak.with_field(objects["FatJet"], 0.0, "mass"), "FatJet")
    chosen: dict[str, Any] = {"collections": ("FatJet",), "missing": False}
    before, after = matrix(massless, **chosen), matrix(moved(massless, 0.8, 0), **chosen)
    np.testing.assert_allclose(after[:, :, 1:], before[:, :, 1:], rtol=1e-4, atol=1e-6)
    assert abs(after[:, 1:, 0] - before[:, 1:, 0]).max() > 1e-3


def test_constituents_are_in_units_of_their_jet() -> None:
    pair = {"pt": [60.0, 40.0], "eta": [0.0, 0.0], "phi": [0.2, -0.3]}
    found = matrix(jets_of(pair), **INSIDE, most=2)[0]
    mass = np.sqrt(2 * 60 * 40 * (1 - np.cos(0.5))) / 100
    wanted = [[0, 0, 0], [0, 0.6, mass], [0, 0, 0.2]]
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-7)


def test_vector_has_the_same_elements_with_names() -> None:
    events = toy_events(4, 5, photons=2)
    chosen: dict[str, Any] = {"collections": ("Photon", "Muon"), "most": 2}
    one = RapidityMassMatrix(**chosen, kind="vector")
    part = one(events)["vector"]
    assert isinstance(part, Dense)
    whole = matrix(events, **chosen)
    np.testing.assert_array_equal(part.values, whole.reshape(4, 25))
    place = one.spec["vector"].names.index
    np.testing.assert_array_equal(part.values[:, place("m_Photon1_Muon2")], whole[:, 1, 4])
    np.testing.assert_array_equal(part.values[:, place("h_Photon1_Muon2")], whole[:, 4, 1])
    np.testing.assert_array_equal(part.values[:, place("imbalance_Muon2")], whole[:, 4, 4])
    np.testing.assert_array_equal(part.values[:, place("hl_Photon2")], whole[:, 2, 0])


def test_what_is_not_there_gives_zeros() -> None:
    none: dict[str, list[float]] = {"pt": [], "eta": [], "phi": []}
    one = {"pt": [7.0], "eta": [0.0], "phi": [0.0]}
    alike = {"pt": [5.0, 5.0], "eta": [0.1, 0.1], "phi": [0.0, 0.0]}
    found = matrix(jets_of(none, one, alike), **INSIDE)
    assert np.isfinite(found).all()
    assert not found[0].any() and np.argwhere(found[1]).tolist() == [[1, 1]]
    assert found[2, 1, 2] == pytest.approx(0, abs=1e-6) and found[2, 2, 2] == 0
    assert not matrix(jets_of(one, pt=0.0), **INSIDE).any()
    assert not matrix(toy_events(2, 6, mean=0)).any()


def test_measured_elements_have_size_one() -> None:
    events = toy_events(20, 7, jets=2)
    part = RapidityMassMatrix().measured([events[:9], events[9:]])(events)["image"]
    assert isinstance(part, Sparse)
    assert np.sqrt(np.mean(part.value.astype(float) ** 2)) == pytest.approx(1, rel=1e-4)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"collections": ("Photons",)}, "Photon"),
        ({"collections": ()}, "collections"),
        ({"collections": ("Particle", "Jet")}, "alone"),
        ({"collections": ("HcalHit",)}, "HcalHit"),
        ({"collections": ("GenPart",)}, "GenPart"),
        ({"most": 0}, "most"),
        ({"sqrt_s": 0.0}, "sqrt_s"),
        ({"scale": -1.0}, "scale"),
    ],
)
def test_nonsense_is_refused(chosen: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        RapidityMassMatrix(**chosen)

"""The gun: momenta as asked for, pion decays that conserve, angles that are flat."""

import numpy as np
import pytest

from hepvision.simulation.generation import generate
from hepvision.simulation.processes.particle_gun import ParticleGun


@pytest.mark.parametrize("pdg_id", [22, 11, -11, 13, 211, -211, 321, 2212, 2112, 130])
@pytest.mark.parametrize("quantity", ["pt", "energy"])
def test_momenta_lie_in_the_range(pdg_id, quantity):
    gun = ParticleGun(
        pdg_id=pdg_id, quantity=quantity, low=5, high=9, eta_min=1, eta_max=2, per_event=3
    )
    generated = generate(gun, 50)
    p = generated.particles
    pt = np.hypot(p["px"], p["py"])
    value = pt if quantity == "pt" else p["energy"]
    assert len(value) == 150
    assert value.min() > 5 - 1e-9
    assert value.max() < 9 + 1e-9
    eta = np.arcsinh(p["pz"] / pt)
    assert eta.min() > 1 - 1e-9
    assert eta.max() < 2 + 1e-9
    assert np.array_equal(np.diff(generated.offsets), np.full(50, 3))
    assert np.array_equal(generated.truth["pdgId"], np.full(150, pdg_id))


def test_phi_and_eta_are_flat():
    p = generate(ParticleGun(), 40_000).particles
    phi = np.arctan2(p["py"], p["px"])
    eta = np.arcsinh(p["pz"] / np.hypot(p["px"], p["py"]))
    for value, high in ((phi, np.pi), (eta, 1.4)):
        counts, _ = np.histogram(value, bins=20, range=(-high, high))
        assert np.sum((counts - 2000) ** 2 / 2000) < 50  # 19 degrees of freedom, p = 1e-4


def test_pions_decay_to_two_photons_of_their_mass():
    generated = generate(ParticleGun(pdg_id=111, low=10, high=60, per_event=2), 500)
    p = generated.particles
    assert np.all(p["pdgId"] == 22)
    assert np.all(p["motherPdgId"] == 111)
    four = np.stack([p[name] for name in ("px", "py", "pz", "energy")]).reshape(4, -1, 2)
    mass2 = four[3] ** 2 - (four[:3] ** 2).sum(axis=0)
    assert mass2 == pytest.approx(0, abs=1e-9)
    pion = four.sum(axis=2)
    # the difference of two squares of 100 GeV leaves 1e-12 of them
    assert pion[3] ** 2 - (pion[:3] ** 2).sum(axis=0) == pytest.approx(0.134977**2, rel=1e-5)
    pt = np.hypot(pion[0], pion[1])
    assert pt.min() > 10 - 1e-6
    assert pt.max() < 60 + 1e-6
    # isotropic: the share of one photon is flat but for the pion's speed
    share = four[3, :, 0] / pion[3]
    assert np.mean(share) == pytest.approx(0.5, abs=4 * np.sqrt(1 / 12 / len(share)))
    assert np.std(share) == pytest.approx(np.sqrt(1 / 12), rel=0.06)


def test_photons_of_a_pion_point_at_it_in_the_truth():
    truth = generate(ParticleGun(pdg_id=111, low=50, high=60), 20).truth
    pions = truth["pdgId"] == 111
    assert pions.sum() == 20
    photons = ~pions
    assert np.all(truth["pt"][photons] > 0)
    assert np.all(truth["genPartIdxMother"][photons] == 0)
    assert np.all(truth["genPartIdxMother"][pions] == -1)
    assert np.all(truth["status"][pions] == 2)


def test_both_charges_change_nothing_but_the_sign():
    one, both = (
        generate(ParticleGun(pdg_id=11, low=50, high=50, per_event=2, both_charges=on), 300)
        for on in (False, True)
    )
    sign = both.truth["pdgId"] // 11
    assert set(sign.tolist()) == {-1, 1}
    assert abs(sign.mean()) < 4 / np.sqrt(len(sign))
    assert np.array_equal(both.particles["charge"], -both.particles["pdgId"] / 11)
    for name in ("px", "py", "pz", "energy"):
        assert np.array_equal(one.particles[name], both.particles[name])


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"pdg_id": 5}, "pdg_id: must be one of"),
        ({"low": 0.0}, "low: must lie between"),
        ({"low": 50.0, "high": 20.0}, "high: must lie between"),
        ({"eta_min": 2.0, "eta_max": 1.0}, "eta_max: must lie between"),
        ({"per_event": 0}, "per_event: must lie between"),
        ({"pdg_id": 2212, "quantity": "energy", "low": 0.5}, "low: must lie between 0.9"),
        ({"quantity": "mass"}, "quantity: must be"),
        ({"pdg_id": 22, "both_charges": True}, "both_charges: 22 is its own antiparticle"),
    ],
)
def test_wrong_parameters_are_refused(wrong, rule):
    with pytest.raises(ValueError, match=rule):
        ParticleGun(**wrong)

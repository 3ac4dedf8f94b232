"""The whole response of single particles."""

import math

import numpy as np
import pytest

from hepvision.physics.kinematics import delta_phi
from hepvision.simulation._channels import ENDCAP_FIRST, HCAL_FIRST
from hepvision.simulation.detector import Response, respond
from hepvision.simulation.material import conversion_probability


def particles(
    pdg_id: int,
    energy: float,
    eta: np.ndarray,
    phi: np.ndarray,
    charge: float = 0.0,
    mass: float = 0.0,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """One particle an event, from the centre."""
    momentum = math.sqrt(energy**2 - mass**2)
    pt = momentum / np.cosh(eta)
    zero = np.zeros(len(eta))
    columns = dict.fromkeys(("vx", "vy", "vz", "time"), zero)
    columns |= {"px": pt * np.cos(phi), "py": pt * np.sin(phi), "pz": pt * np.sinh(eta)}
    columns |= {"energy": zero + energy, "charge": zero + charge}
    columns["pdgId"] = np.full(len(eta), pdg_id)
    return np.arange(len(eta) + 1), columns


def shot(
    pdg_id: int, energy: float, eta: float, n: int = 200, charge: float = 0.0, mass: float = 0.0
) -> Response:
    rng = np.random.default_rng(abs(pdg_id) + n)
    phi = rng.uniform(-math.pi, math.pi, n)
    offsets, columns = particles(pdg_id, energy, np.full(n, eta), phi, charge, mass)
    return respond(offsets, columns, rng)


def total(response: Response, first: int = 0, last: int = 10**6) -> np.ndarray:
    """Energy of each event in a range of channels."""
    event = np.repeat(np.arange(len(response)), np.diff(response.offsets))
    inside = (response.channel >= first) & (response.channel < last)
    return np.bincount(event, response.energy * inside, len(response))


def test_photon_response_is_constant_in_the_barrel() -> None:
    for eta in (0.02, 0.5, 0.9, 1.3):
        ratio = total(shot(22, 60.0, eta)) / 60.0
        assert ratio.mean() == pytest.approx(0.994, abs=0.006), eta
        assert ratio.std() < 0.02


def test_energy_is_never_made() -> None:
    for pdg_id, charge, mass in ((22, 0.0, 0.0), (11, -1.0, 0.000511)):
        for eta in (0.3, 1.479, 2.2):
            assert total(shot(pdg_id, 40.0, eta, 100, charge, mass)).max() < 40.1


@pytest.mark.parametrize("eta", [0.0, 0.8, 1.5, 2.3])
def test_share_of_converted_photons(eta: float) -> None:
    n = 600
    found = shot(22, 5.0, eta, n).converted.mean()
    expected = float(conversion_probability(eta))
    assert abs(found - expected) < 4 * math.sqrt(expected * (1 - expected) / n)


def spreads(response: Response) -> tuple[np.ndarray, np.ndarray]:
    """Energy-weighted widths of each event in the barrel, in crystals along η and φ."""
    events = len(response)
    event = np.repeat(np.arange(events), np.diff(response.offsets))
    barrel = response.channel < ENDCAP_FIRST
    numbers = np.divmod(response.channel[barrel].astype(int), 360)
    event, energy = event[barrel], response.energy[barrel].astype(float)
    found = []
    for number in numbers:
        angle = 2 * math.pi * number / 360
        axis = np.arctan2(
            np.bincount(event, energy * np.sin(angle), events),
            np.bincount(event, energy * np.cos(angle), events),
        )
        off = np.degrees(delta_phi(angle, axis[event])) ** 2
        square = np.bincount(event, energy * off, events) / np.bincount(event, energy, events)
        found.append(np.sqrt(square))
    return found[0], found[1]


def test_conversions_open_in_azimuth() -> None:
    """The energy of converted photons spreads along φ, not along η."""
    response = shot(22, 20.0, 0.5, 400)
    converted = response.converted
    along, across = spreads(response)
    assert np.median(across[converted]) > 1.5 * np.median(across[~converted])
    assert np.median(along[converted]) < 1.2 * np.median(along[~converted])


def test_electrons_radiate_on_their_way() -> None:
    """Photons radiated along a bent track land beside the electron, in azimuth only."""
    photons = shot(22, 25.0, 0.9, 400)
    electrons = shot(11, 25.0, 0.9, 400, -1.0)
    bare = ~photons.converted
    for part, (least, most) in enumerate([(0.7, 1.6), (1.7, 10.0)]):
        ratio = np.mean(spreads(electrons)[part]) / np.mean(spreads(photons)[part][bare])
        assert least < ratio < most
    assert len(electrons.tracks) > 300


def test_turning_the_event_rolls_the_response() -> None:
    """With equal random numbers 7 crystals in φ move each barrel deposit by 7 columns."""
    eta, phi = np.linspace(-1.2, 1.2, 30), np.linspace(-2.0, 2.0, 30)
    images = []
    for turn in (0, 7):
        angle = phi + math.radians(turn)
        offsets, columns = particles(22, 30.0, eta, angle)
        response = respond(offsets, columns, np.random.default_rng(3))
        image = np.zeros((30, 170 * 360))
        event = np.repeat(np.arange(30), np.diff(response.offsets))
        barrel = response.channel < ENDCAP_FIRST
        image[event[barrel], response.channel[barrel]] = response.energy[barrel]
        images.append(image.reshape(30, 170, 360))
    difference = np.abs(np.roll(images[0], 7, axis=2) - images[1]).sum()
    assert difference < 1e-3 * images[0].sum()


def test_neutrinos_and_late_curlers_leave_nothing() -> None:
    assert len(shot(12, 50.0, 0.3, 20).energy) == 0
    assert len(shot(211, 0.4, 0.0, 20, 1.0, 0.13957).energy) == 0


def test_curlers_may_reach_the_endcap() -> None:
    """Below 0.7 GeV of pT no pion reaches the barrel; with momentum along z some energy arrives."""
    eta = 2.0
    response = shot(211, 0.5 * math.cosh(eta), eta, 100, 1.0, 0.13957)
    assert total(response, 0, ENDCAP_FIRST).sum() < 0.05 * total(response).sum()
    assert total(response, ENDCAP_FIRST, HCAL_FIRST).sum() > 0


def test_annihilation_adds_energy() -> None:
    protons = total(shot(2212, 3.0, 0.3, 300, 1.0, 0.938272)).mean()
    antiprotons = total(shot(-2212, 3.0, 0.3, 300, -1.0, 0.938272)).mean()
    assert antiprotons > 1.3 * protons


def test_events_do_not_mix() -> None:
    """A batch gives each event its own rows; an empty event none."""
    _offsets, columns = particles(22, 30.0, np.array([0.1, -1.0]), np.array([0.0, 2.0]))
    response = respond(np.array([0, 1, 1, 2]), columns, np.random.default_rng(1))
    assert len(response) == 3 and np.diff(response.offsets)[1] == 0
    assert total(response)[[0, 2]] == pytest.approx([30.0, 30.0], rel=0.03)
    for event in (0, 2):
        rows = response.channel[response.offsets[event] : response.offsets[event + 1]]
        assert (np.diff(rows.astype(int)) > 0).all()


def test_wrong_offsets_are_refused() -> None:
    offsets, columns = particles(22, 30.0, np.zeros(2), np.zeros(2))
    with pytest.raises(ValueError, match=r"detector: offsets must end at 2, got"):
        respond(offsets[:-1], columns, np.random.default_rng(1))

"""The energy correction: near one, smooth, and what simulated photons need."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pytest

from hepvision.reconstruction.energy_correction import (
    BARREL,
    barrel_terms,
    corrected_energy,
    endcap_terms,
)
from hepvision.simulation.simulate import simulate

GRID = np.array(
    np.meshgrid(
        np.geomspace(10, 1000, 20),
        np.linspace(-1.44, 1.44, 13),
        np.linspace(0.3, 1.05, 16),
        indexing="ij",
    )
).reshape(3, -1)


WIDTHS = {True: 0.0095, False: 0.025}


def correct(
    raw: np.ndarray, eta: np.ndarray, r9: np.ndarray, barrel: bool, width: float, vertices: int = 1
) -> np.ndarray:
    raw, eta, r9 = np.broadcast_arrays(raw, eta, r9)
    one = np.ones_like(raw)
    return corrected_energy(raw, eta, r9, width * one, width * one, one * barrel > 0, vertices)


def factor(
    et: np.ndarray, eta: np.ndarray, r9: np.ndarray, barrel: bool, width: float | None = None
) -> np.ndarray:
    raw = et * np.cosh(eta)
    return correct(raw, eta, r9, barrel, WIDTHS[barrel] if width is None else width) / raw


@pytest.mark.parametrize("width", [0.0, 0.01, 0.03, 0.1])
def test_it_is_a_small_correction_everywhere(width: float) -> None:
    """Also far from the photons that it was fitted on."""
    et, eta, r9 = GRID
    for barrel in (True, False):
        place = eta if barrel else np.sign(eta + 1e-9) * (2.0 + 0.3 * eta)
        found = factor(et, place, r9, barrel, width)
        assert np.isfinite(found).all()
        assert (found > 0.9).all()
        assert (found < (1.2 if barrel else 1.0 / 0.75 + 1e-9)).all()


def test_it_is_symmetric_and_keeps_the_order() -> None:
    et, eta, r9 = GRID
    for barrel in (True, False):
        place = eta if barrel else 2.0 + 0.3 * eta
        np.testing.assert_allclose(factor(et, place, r9, barrel), factor(et, -place, r9, barrel))
    rising = np.linspace(15.0, 300.0, 500)
    for value in (0.5, 0.8, 0.95):
        assert (np.diff(correct(rising, 0.0, value, True, 0.0095)) > 0).all()
        assert (np.diff(correct(4.0 * rising, 2.0, value, False, 0.025)) > 0).all()


def test_the_share_is_taken_at_the_corrected_energy() -> None:
    """Energy times the share at that energy is the sum, to a ten-thousandth."""
    et, eta, r9 = GRID
    energy = correct(et * np.cosh(eta), eta, r9, True, 0.0095)
    share = barrel_terms(energy / np.cosh(eta), eta, r9) @ np.array(BARREL)
    np.testing.assert_allclose(energy * share, et * np.cosh(eta), rtol=2e-4)


def test_other_vertices_take_energy_away() -> None:
    fifty = np.array([50.0])
    few, many = (correct(fifty, 1.0, 0.95, True, 0.0095, n) for n in (1, 21))
    assert 0.1 < float((few - many)[0]) < 0.6
    assert (correct(np.array([1.0]), 2.0, 0.9, False, 0.025, 1000) > 0).all()
    assert correct(fifty, 1.0, 0.95, True, 0.0095, 0) == few


def test_terms_are_of_order_one() -> None:
    et, eta, r9 = GRID
    for found, number in (
        (barrel_terms(et, eta, r9), 13),
        (endcap_terms(et, 2.0 + 0.3 * eta, r9, 0.1 * r9, 0.0 * r9), 25),
    ):
        assert found.shape == (GRID.shape[1], number)
        assert (found[:, 0] == 1).all()
        assert np.abs(found).max() <= 1.0


def test_barrel_and_endcaps_are_told_apart_photon_by_photon() -> None:
    together = corrected_energy(
        [60.0, 200.0], [0.5, 2.0], [0.9, 0.9], [0.01, 0.03], [0.01, 0.03], [True, False], [9, 3]
    )
    barrel = corrected_energy([60.0], [0.5], [0.9], [0.01], [0.01], [True], [9])
    endcap = corrected_energy([200.0], [2.0], [0.9], [0.03], [0.03], [False], [3])
    assert together.tolist() == [*barrel, *endcap]


@pytest.fixture(scope="module")
def guns(tmp_path_factory: pytest.TempPathFactory) -> ak.Array:
    gun = {"low": 30.0, "high": 100.0, "eta_min": -1.4, "eta_max": 1.4}
    folder = tmp_path_factory.mktemp("gun") / "store"
    return simulate(
        "particle_gun", 400, folder, pileup=0, parameters=gun, seed=7, progress=False
    ).read()


@pytest.mark.parametrize("converted", [False, True])
def test_the_response_of_simulated_photons_is_one(guns: ak.Array, converted: bool) -> None:
    """Within 0.5 % and the error of the toy sample, converted or not; prompt and in place."""
    gen = ak.firsts(guns.GenPart[guns.GenPart.status == 1])
    photon = ak.firsts(guns.Photon)
    good = ak.fill_none((photon.genPartFlav == 1) & (gen.converted == converted), False)
    ratio = ak.to_numpy(
        ak.drop_none((photon.energyCorrected / (gen.pt * np.cosh(gen.eta)))[good])
    ).astype(float)
    assert len(ratio) > 100
    spread = 0.5 * (np.percentile(ratio, 84) - np.percentile(ratio, 16))
    assert np.median(ratio) == pytest.approx(1.0, abs=0.005 + 3 * 1.25 * spread / len(ratio) ** 0.5)
    assert spread < (0.025 if converted else 0.016)


def test_the_response_in_the_endcaps_is_one(tmp_path: Path) -> None:
    gun = {"low": 40.0, "high": 100.0, "eta_min": 1.7, "eta_max": 2.4}
    events = simulate(
        "particle_gun", 400, tmp_path / "store", pileup=0, parameters=gun, seed=8, progress=False
    ).read()
    gen, photon = ak.firsts(events.GenPart[events.GenPart.status == 1]), ak.firsts(events.Photon)
    measured = ak.drop_none(photon.energyCorrected / (gen.pt * np.cosh(gen.eta)))
    ratio = ak.to_numpy(measured).astype(float)
    spread = 0.5 * (np.percentile(ratio, 84) - np.percentile(ratio, 16))
    assert len(ratio) > 390
    assert np.median(ratio) == pytest.approx(1.0, abs=0.005 + 3 * 1.25 * spread / len(ratio) ** 0.5)
    assert spread < 0.03


def test_simulated_photons_look_like_those_of_cms(guns: ak.Array) -> None:
    """σ_iηiη 0.0092 ± 0.0005; most R9 between the numbers of simulated CMS photons."""
    photon = ak.flatten(guns.Photon[guns.Photon.genPartFlav == 1])
    assert np.median(photon.sieie) == pytest.approx(0.0092, abs=0.0005)
    assert np.percentile(photon.r9, 16) == pytest.approx(0.856, abs=0.06)
    assert np.median(photon.r9) == pytest.approx(0.950, abs=0.02)
    assert np.mean(photon.hoe < 0.05) > 0.95

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
        (endcap_terms(et, 2.0 + 0.3 * eta, r9, 0.1 * r9, 0.0 * r9), 30),
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


def photons_of_guns(folder: Path, events: int, seed: int, **gun: float) -> ak.Array:
    return simulate(
        "particle_gun", events, folder, pileup=0, parameters=gun, seed=seed, progress=False
    ).read()


def measured(events: ak.Array) -> tuple[np.ndarray, np.ndarray]:
    """Corrected over true energy of prompt photons in place, and which of them converted."""
    gen, photon = ak.firsts(events.GenPart[events.GenPart.status == 1]), ak.firsts(events.Photon)
    good = ak.to_numpy(ak.fill_none(photon.genPartFlav == 1, False))
    ratio = (photon.energyCorrected / (gen.pt * np.cosh(gen.eta)))[good]
    return ak.to_numpy(ak.drop_none(ratio)).astype(float), ak.to_numpy(gen.converted)[good] > 0


def median(ratio: np.ndarray) -> tuple[float, float, float]:
    """Median, its error and the spread."""
    spread = 0.5 * float(np.percentile(ratio, 84) - np.percentile(ratio, 16))
    return float(np.median(ratio)), 1.25 * spread / len(ratio) ** 0.5, spread


@pytest.fixture(scope="module")
def guns(tmp_path_factory: pytest.TempPathFactory) -> ak.Array:
    gun = {"low": 30.0, "high": 100.0, "eta_min": -1.4, "eta_max": 1.4}
    return photons_of_guns(tmp_path_factory.mktemp("gun") / "store", 400, 7, **gun)


@pytest.fixture(scope="module")
def endcap_guns(tmp_path_factory: pytest.TempPathFactory) -> ak.Array:
    gun = {"low": 20.0, "high": 100.0, "eta_min": 1.66, "eta_max": 2.45}
    return photons_of_guns(tmp_path_factory.mktemp("gun") / "store", 3000, 8, **gun)


@pytest.mark.parametrize("converted", [False, True])
def test_the_response_of_simulated_photons_is_one(guns: ak.Array, converted: bool) -> None:
    """Within 0.5 % and the error of the toy sample, converted or not; prompt and in place."""
    ratio, made_a_pair = measured(guns)
    ratio = ratio[made_a_pair == converted]
    assert len(ratio) > 100
    value, error, spread = median(ratio)
    assert value == pytest.approx(1.0, abs=0.005 + 3 * error)
    assert spread < (0.025 if converted else 0.016)


def test_soft_photons_of_the_barrel_keep_the_energy_of_a_lost_leg(tmp_path: Path) -> None:
    """Converted ones, which the field tears apart, are as right as the others."""
    gun = {"low": 15.0, "high": 25.0, "eta_min": -1.4, "eta_max": 1.4}
    ratio, converted = measured(photons_of_guns(tmp_path / "store", 2000, 9, **gun))
    for kind in (converted, ~converted):
        value, error, _ = median(ratio[kind])
        assert value == pytest.approx(1.0, abs=0.005)
        assert error < 0.002


@pytest.mark.parametrize("converted", [False, True])
def test_the_response_in_the_endcaps_is_one(endcap_guns: ak.Array, converted: bool) -> None:
    ratio, made_a_pair = measured(endcap_guns)
    assert len(ratio) > 2950
    value, error, spread = median(ratio[made_a_pair == converted])
    assert value == pytest.approx(1.0, abs=0.005)
    assert error < 0.0015
    assert spread < (0.033 if converted else 0.023)


def test_conversions_behind_the_preshower_leave_no_difference(endcap_guns: ak.Array) -> None:
    """Fitted for the width alone converted photons would be 1 % below the others."""
    ratio, converted = measured(endcap_guns)
    assert abs(np.median(ratio[converted]) - np.median(ratio[~converted])) < 0.006


def test_simulated_photons_look_like_those_of_cms(guns: ak.Array) -> None:
    """σ_iηiη 0.0092 ± 0.0005; most R9 between the numbers of simulated CMS photons."""
    photon = ak.flatten(guns.Photon[guns.Photon.genPartFlav == 1])
    assert np.median(photon.sieie) == pytest.approx(0.0092, abs=0.0005)
    assert np.percentile(photon.r9, 16) == pytest.approx(0.856, abs=0.06)
    assert np.median(photon.r9) == pytest.approx(0.950, abs=0.02)
    assert np.mean(photon.hoe < 0.05) > 0.95

"""Photons from made-up hits with known answers."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.schema import FIELDS, from_columns
from hepvision.reconstruction import photons
from hepvision.reconstruction.photons import shower_point

BARREL = EcalBarrel()


def barrel_events(*events: dict[tuple[int, int], float], **others: ak.Array) -> ak.Array:
    """Events from {(row, column): energy}."""
    offsets = np.cumsum([0, *(len(event) for event in events)])
    cells = [cell for event in events for cell in event]
    flat = np.array([row * 360 + column % 360 for row, column in cells], np.int64)
    ieta, iphi = BARREL.numbers(flat)
    energy = np.array([value for event in events for value in event.values()], float)
    hits = {"ieta": ieta, "iphi": iphi, "energy": energy, "time": 0.0 * energy}
    return ak.zip(
        {"EcalBarrelHit": from_columns(offsets, hits, "EcalBarrelHit"), **others}, depth_limit=1
    )


def block(row: int, column: int, energies: Any) -> dict[tuple[int, int], float]:
    energies = np.asarray(energies, float)
    n = len(energies) // 2
    return {
        (row + i - n, column + j - n): float(energies[i, j])
        for i in range(len(energies))
        for j in range(len(energies))
        if energies[i, j] != 0
    }


SHOWER = np.full((3, 3), 1.0) + np.diag([0, 39.0, 0])


def test_fields_are_the_schemas() -> None:
    found = photons(barrel_events(block(100, 50, SHOWER)))
    assert set(found.fields) == set(FIELDS["Photon"])


def test_a_3x3_shower_has_its_sum_place_and_shape() -> None:
    photon = photons(barrel_events(block(100, 50, SHOWER)))[0, 0]
    eta, phi = BARREL.eta_phi(*BARREL.numbers(100 * 360 + 50))
    assert photon.energyRaw == pytest.approx(48.0)
    assert photon.r9 == pytest.approx(1.0)
    assert photon.superclusterEta == pytest.approx(eta, abs=1e-5)
    assert photon.superclusterPhi == pytest.approx(phi, abs=1e-5)
    weight = 4.7 + np.log(np.array([40.0, 1.0]) / 48.0)
    width = np.sqrt(6 * weight[1] / (weight[0] + 8 * weight[1])) * 0.01745
    assert photon.sieie == pytest.approx(width, rel=1e-5)
    assert photon.sipip == pytest.approx(width, rel=1e-5)
    assert photon.isScEtaEB
    assert photon.genPartIdx == -1


def test_a_single_crystal_has_no_width() -> None:
    photon = photons(barrel_events({(10, 7): 60.0}))[0, 0]
    assert (photon.sieie, photon.sipip, photon.r9) == (0.0, 0.0, 1.0)


@pytest.mark.parametrize("column", [0, 1, 189, 190, 191, 359])
def test_phi_has_no_seam(column: int) -> None:
    """Clusters over iphi 360 → 1 and over φ = ±π are like all others."""
    rng = np.random.default_rng(3)
    energies = SHOWER * rng.uniform(0.8, 1.2, (3, 3))
    here = photons(barrel_events(block(100, column, energies)))[0, 0]
    there = photons(barrel_events(block(100, 100, energies)))[0, 0]
    for field in ("energyRaw", "r9", "sieie", "sipip", "superclusterEta", "pt"):
        assert here[field] == pytest.approx(there[field], rel=1e-6)
    turn = np.deg2rad(column - 100)
    assert np.cos(here.phi - there.phi - turn) == pytest.approx(1.0, abs=1e-9)
    assert -np.pi <= here.phi < np.pi


@pytest.mark.parametrize("row", [0, 1, 84, 85, 168, 169])
def test_the_edges_in_eta_lose_no_crystal(row: int) -> None:
    cells = {cell: value for cell, value in block(row, 20, SHOWER).items() if 0 <= cell[0] < 170}
    photon = photons(barrel_events(cells))[0, 0]
    assert photon.energyRaw == pytest.approx(sum(cells.values()))
    assert np.sign(photon.superclusterEta) == (1 if row > 84 else -1)


def test_a_conversion_is_gathered_along_phi() -> None:
    cells = block(100, 50, SHOWER) | block(100, 62, 0.3 * SHOWER) | block(101, 40, 0.2 * SHOWER)
    photon = photons(barrel_events(cells))[0]
    assert len(photon) == 1
    assert photon.energyRaw[0] == pytest.approx(1.5 * 48.0)
    assert photon.r9[0] == pytest.approx(1 / 1.5)
    _, phi = BARREL.eta_phi(*BARREL.numbers(100 * 360 + 50))
    shift = (0.3 * 12 - 0.2 * 10) / 1.5
    assert photon.superclusterPhi[0] - phi == pytest.approx(np.deg2rad(shift), abs=1e-4)


def test_clusters_far_in_eta_stay_apart_and_share_nothing() -> None:
    cells = block(100, 50, SHOWER) | block(104, 50, 0.5 * SHOWER)
    found = photons(barrel_events(cells))[0]
    assert found.energyRaw.tolist() == pytest.approx([48.0, 24.0])
    touching = block(100, 50, np.full((5, 5), 0.5) + 40 * np.eye(5) * (np.arange(5) == 2))
    touching |= block(104, 50, SHOWER[:1, :1] * 0 + 20.0)
    found = photons(barrel_events(touching))[0]
    assert sum(found.energyRaw) == pytest.approx(sum(touching.values()))


def test_noise_and_pileup_beside_the_core_stay_out() -> None:
    rng = np.random.default_rng(4)
    noise = {
        (r, c): rng.uniform(-0.2, 0.09)
        for r in range(95, 106)
        for c in range(30, 71)
        if abs(r - 100) > 2 or abs(c - 50) > 2
    }
    soft = {(100, 60): 0.3, (101, 38): 0.2}
    photon = photons(barrel_events(noise | soft | block(100, 50, SHOWER)))[0]
    assert photon.energyRaw.tolist() == pytest.approx([48.0])


def test_negative_crystals() -> None:
    """Inside the core they count; they never break the widths; alone they make nothing."""
    energies = np.zeros((5, 5))
    energies[1:4, 1:4] = SHOWER
    energies[0, 0], energies[4, 2] = -0.5, -0.2
    found = photons(barrel_events(block(100, 50, energies), {(3, 3): -50.0}))
    assert found[0].energyRaw[0] == pytest.approx(47.3)
    assert found[0].r9[0] == pytest.approx(48 / 47.3)
    assert np.isfinite(found[0].sieie[0])
    assert len(found[1]) == 0


def test_nothing_comes_of_nothing() -> None:
    found = photons(barrel_events({}, {(3, 3): 5.0}, {}))
    assert ak.num(found).tolist() == [0, 0, 0]
    assert set(found.fields) == set(FIELDS["Photon"])
    assert len(photons(barrel_events({})[:0])) == 0


def toy(rng: np.random.Generator, number: int) -> list[dict[tuple[int, int], float]]:
    """Showers on soft background."""
    events = []
    for _ in range(number):
        cells = {
            (int(rng.integers(170)), int(rng.integers(360))): float(rng.exponential(0.4))
            for _ in range(600)
        }
        for _ in range(3):
            shape = rng.exponential(1.0, (5, 5)) * rng.uniform(0.2, 2)
            shape[2, 2] += rng.uniform(10, 60)
            cells |= block(int(rng.integers(3, 167)), int(rng.integers(360)), shape)
        events.append({(r, c % 360): energy for (r, c), energy in cells.items()})
    return events


@pytest.mark.parametrize("turn", [1, 77, 190])
def test_turning_the_event_turns_the_photons(turn: int, rng: np.random.Generator) -> None:
    events = toy(rng, 4)
    turned = [{(r, (c + turn) % 360): e for (r, c), e in event.items()} for event in events]
    here, there = photons(barrel_events(*events)), photons(barrel_events(*turned))
    assert ak.num(here).tolist() == ak.num(there).tolist()
    assert sum(ak.num(here)) > 8
    for field in ("pt", "eta", "r9", "sieie", "sipip", "ecalRecHitSumEtDR03", "energyRaw"):
        np.testing.assert_allclose(ak.flatten(here[field]), ak.flatten(there[field]), rtol=1e-4)
    step = ak.to_numpy(ak.flatten(there.phi)) - ak.to_numpy(ak.flatten(here.phi))
    np.testing.assert_allclose(np.cos(step - np.deg2rad(turn)), 1.0, atol=1e-6)


def test_mirroring_the_event_mirrors_the_photons(rng: np.random.Generator) -> None:
    events = toy(rng, 4)
    mirrored = [{(169 - r, c): e for (r, c), e in event.items()} for event in events]
    here, there = photons(barrel_events(*events)), photons(barrel_events(*mirrored))
    np.testing.assert_allclose(ak.flatten(here.eta), -ak.flatten(there.eta), atol=1e-5)
    np.testing.assert_allclose(ak.flatten(here.pt), ak.flatten(there.pt), rtol=1e-5)


def test_alone_or_in_a_batch_and_in_any_order(rng: np.random.Generator) -> None:
    events = toy(rng, 3)
    batch = photons(barrel_events(*events))
    alone = ak.concatenate([photons(barrel_events(event)) for event in events])
    shuffled = photons(barrel_events(*(dict(reversed(list(event.items()))) for event in events)))
    for field in batch.fields:
        assert batch[field].tolist() == alone[field].tolist()
        np.testing.assert_allclose(
            ak.flatten(batch[field]), ak.flatten(shuffled[field]), rtol=1e-5, atol=1e-6
        )


def test_direction_is_from_the_primary_vertex() -> None:
    """A shower on the line from a displaced vertex comes out at the photon's own η."""
    eta, vertex = 0.6, 60.0
    energy = 48.0
    point = shower_point([energy], [0.0], [0.0], [True])[0]
    radius = float(point[0])
    for _ in range(20):  # the depth depends on η, which depends on the depth
        z = vertex + radius * np.sinh(eta)
        seen = np.arcsinh(z / radius)
        radius = float(np.hypot(*shower_point([energy], [seen], [0.0], [True])[0, :2]))
    vertices = from_columns(
        [0, 2],
        {"x": [0.0, 0.0], "y": [0.0, 0.0], "z": [vertex, -30.0], "sumPt2": [9.0, 1.0]},
        "Vertex",
    )
    ieta, iphi, _ = BARREL.locate(seen, 0.0)
    row, column = (int(value) for value in BARREL.row_column(ieta, iphi))
    photon = photons(barrel_events(block(row, column, SHOWER), Vertex=vertices))[0, 0]
    off = photon.superclusterEta - seen
    assert photon.eta - eta == pytest.approx(off, abs=3e-3)
    assert abs(photon.eta - photon.superclusterEta) > 0.03
    assert photon.pt == pytest.approx(photon.energyCorrected / np.cosh(photon.eta), rel=1e-5)

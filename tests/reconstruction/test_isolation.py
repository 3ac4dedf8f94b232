"""Cones around photons: what counts, what is left out, and that φ is round."""

from __future__ import annotations

import numpy as np
import pytest

from hepvision.reconstruction.isolation import crystal_sum, tower_sums, track_sum

ONE = np.zeros(1, np.int64)


def at(value: float) -> np.ndarray:
    return np.array([value])


def tracks(*rows: tuple[float, float, float, float, float]) -> np.ndarray:
    return np.array(rows, float).reshape(-1, 5)


def sum_of_tracks(*rows: tuple[float, ...], phi: float = 0.0, z: float = 0.0) -> float:
    offsets = np.array([0, len(rows)])
    return float(track_sum(ONE, at(0.0), at(phi), offsets, tracks(*rows), at(z))[0])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ((5.0, 0.1, 0.1, 0.0, 0.0), True),
        ((5.0, 0.01, 0.1, 0.0, 0.0), False),  # strip
        ((5.0, 0.03, 0.01, 0.0, 0.0), False),  # hollow
        ((5.0, 0.25, 0.25, 0.0, 0.0), False),  # outside
        ((5.0, 0.1, 0.1, 2.5, 0.0), False),  # another vertex
        ((5.0, 0.1, 0.1, -1.5, 0.9), True),
        ((5.0, 0.1, 0.1, 0.0, -1.5), False),  # not from the beam
    ],
)
def test_tracks(row: tuple[float, ...], counts: bool) -> None:
    assert sum_of_tracks(row) == (5.0 if counts else 0.0)


def test_tracks_of_the_right_vertex_across_the_seam() -> None:
    row = (5.0, 0.1, -np.pi + 0.05, 80.0, 0.0)
    assert sum_of_tracks(row, phi=np.pi - 0.05, z=80.0) == 5.0
    assert sum_of_tracks(row, phi=np.pi - 0.05, z=0.0) == 0.0


def test_crystals() -> None:
    hits = np.array(
        [
            [1.0, 0.1, 0.1],
            [1.0, 0.05, 0.02],  # within 3.5 crystals
            [1.0, 0.02, 0.2],  # in the strip
            [0.09, 0.1, 0.1],  # noise
            [-3.0, 0.1, 0.1],
            [1.0, 0.3, 0.1],  # outside
        ]
    )
    offsets = np.array([0, len(hits)])
    expected = 1.0 / np.cosh(0.1)
    assert crystal_sum(ONE, at(0.0), at(0.0), offsets, hits, True)[0] == pytest.approx(expected)


def test_endcap_crystals_count_by_transverse_energy() -> None:
    hits = np.array([[1.0, 2.15, 0.15], [0.4, 2.15, -0.15]])
    found = crystal_sum(ONE, at(2.0), at(0.0), np.array([0, 2]), hits, False)
    assert found[0] == pytest.approx(1.0 / np.cosh(2.15))


def test_towers() -> None:
    hits = np.array([[5.0, 0.0, 0.1], [0.6, 0.0, 0.1], [4.0, 0.1, 0.2], [4.0, 0.3, 0.3]])
    behind, around = tower_sums(ONE, at(0.0), at(0.0), np.array([0, 4]), hits)
    assert behind.tolist() == [5.0]
    assert around.tolist() == pytest.approx([4.0 / np.cosh(0.1)])


def test_each_photon_sees_its_own_event() -> None:
    event, zero = np.array([0, 1, 1]), np.zeros(3)
    hits = np.array([[5.0, 0.0, 0.1], [7.0, 0.0, 0.1]])
    behind, _ = tower_sums(event, zero, zero, np.array([0, 1, 2]), hits)
    assert behind.tolist() == [5.0, 7.0, 7.0]

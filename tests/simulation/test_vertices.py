"""Vertices: found, merged, sorted, with their tracks."""

import numpy as np
import pytest

from hepvision.simulation.vertices import fit_vertices


def fitted(z: list[float], pt: list[list[float]], seed: int = 1) -> tuple[np.ndarray, ...]:
    """One event with interactions at z and tracks of these momenta."""
    size = [len(one) for one in pt]
    interaction = np.repeat(np.arange(len(z)), size)
    flat = np.concatenate([np.array(one, float) for one in pt])
    tracks = {"pt": flat, "dz": np.array(z)[interaction], "dxy": np.zeros(len(flat))}
    places = np.stack([np.zeros(len(z)), np.zeros(len(z)), np.array(z)], axis=1)
    ends = np.array([0, len(flat)])
    found = fit_vertices(
        np.random.default_rng(seed), ends, tracks, interaction, np.array([0, len(z)]), places
    )
    return found[1]["z"], found[1]["sumPt2"], found[2]


def test_sorted_by_sum_of_squared_momenta() -> None:
    z, sums, index = fitted([0.0, 50.0, -30.0], [[1, 1], [20, 5], [3, 3]])
    np.testing.assert_allclose(z, [50.0, -30.0, 0.0], atol=0.3)
    np.testing.assert_allclose(sums, [425.0, 18.0, 2.0])
    assert index.tolist() == [2, 2, 0, 0, 1, 1]


def test_near_interactions_merge() -> None:
    z, sums, _ = fitted([10.0, 10.2, 40.0], [[2, 2], [2, 2], [1, 1]])
    assert len(z) == 2 and sums[0] == pytest.approx(16.0)
    assert z[0] == pytest.approx(10.1, abs=0.2)


def test_interactions_without_tracks_are_not_seen() -> None:
    z, _, index = fitted([10.0, 40.0], [[], [2, 2, 2]])
    assert len(z) == 1 and (index == 0).all()


def test_an_event_without_tracks_has_the_beam_spot() -> None:
    z, sums, index = fitted([37.0], [[]])
    assert z.tolist() == [0.0] and sums.tolist() == [0.0] and len(index) == 0


def test_resolution_improves_with_momentum() -> None:
    soft, hard = (
        np.std([fitted([5.0], [[pt, pt]], seed)[0][0] for seed in range(300)]) for pt in (0.5, 50.0)
    )
    assert 0.05 < soft < 0.1 and hard < 0.02


def test_displaced_tracks_belong_to_no_vertex() -> None:
    tracks = {"pt": np.array([5.0, 5.0, 9.0]), "dz": np.zeros(3), "dxy": np.array([0.0, 0.0, 8.0])}
    found = fit_vertices(
        np.random.default_rng(1),
        np.array([0, 3]),
        tracks,
        np.zeros(3, int),
        np.array([0, 1]),
        np.zeros((1, 3)),
    )
    assert found[2].tolist() == [0, 0, -1]
    assert found[1]["sumPt2"].tolist() == [50.0]

"""Clustering: sums of constituents, every particle in one jet, the algorithm's own definition."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from hepvision.physics.jets import anti_kt

pytest.importorskip("fastjet")


def particles(seed: int, number: int) -> np.ndarray:
    """Massless particles in (px, py, pz, energy)."""
    rng = np.random.default_rng(seed)
    pt, eta = rng.exponential(5.0, number) + 0.1, rng.uniform(-2, 2, number)
    phi = rng.uniform(-np.pi, np.pi, number)
    return np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), pt * np.cosh(eta)], 1)


def slow_anti_kt(vectors: np.ndarray, radius: float) -> list[set[int]]:
    """The definition, word by word: the smallest distance is merged until all are jets."""
    open_ = {(n,): one for n, one in enumerate(vectors)}
    jets = []
    while open_:
        keys = list(open_)
        p = np.array([open_[key] for key in keys])
        pt2, y = p[:, 0] ** 2 + p[:, 1] ** 2, np.arctanh(p[:, 2] / p[:, 3])
        turn = np.arctan2(p[:, 1], p[:, 0])
        turn = np.abs(turn[:, None] - turn[None])
        turn = np.minimum(turn, 2 * np.pi - turn)
        apart = ((y[:, None] - y[None]) ** 2 + turn**2) / radius**2
        distance = np.minimum(1 / pt2[:, None], 1 / pt2[None]) * apart
        np.fill_diagonal(distance, 1 / pt2)
        i, j = np.unravel_index(np.argmin(distance), distance.shape)
        if i == j:
            jets.append(set(keys[i]))
            del open_[keys[i]]
            continue
        open_[keys[i] + keys[j]] = open_.pop(keys[i]) + open_.pop(keys[j])
    return jets


def test_it_is_the_published_algorithm() -> None:
    vectors = particles(1, 40)
    found = anti_kt([0, 40], vectors, radius=0.8, pt_min=0.0)
    split = np.split(found.members, found.member_offsets[1:-1])
    assert sorted(map(sorted, split)) == sorted(map(sorted, slow_anti_kt(vectors, 0.8)))


def test_jets_are_sums_of_their_members_by_falling_pt() -> None:
    counts = [30, 0, 1, 50]
    offsets = np.concatenate([[0], np.cumsum(counts)])
    vectors = particles(2, sum(counts))
    found = anti_kt(offsets, vectors, radius=0.4, pt_min=0.0)
    assert sorted(found.members) == list(range(sum(counts)))
    pt = np.hypot(*found.momenta[:, :2].T)
    for event, (first, last) in enumerate(zip(found.offsets, found.offsets[1:], strict=False)):
        assert (np.diff(pt[first:last]) <= 0).all()
        for jet in range(first, last):
            rows = found.members[found.member_offsets[jet] : found.member_offsets[jet + 1]]
            assert ((rows >= offsets[event]) & (rows < offsets[event + 1])).all()
            assert (np.diff(np.hypot(*vectors[rows][:, :2].T)) <= 0).all()
            np.testing.assert_allclose(found.momenta[jet], vectors[rows].sum(0), rtol=1e-12)


def test_soft_jets_are_left_out_and_no_particles_are_no_jets() -> None:
    found = anti_kt([0, 40], particles(3, 40), radius=0.4, pt_min=10.0)
    assert (np.hypot(*found.momenta[:, :2].T) >= 10.0).all()
    assert len(found.members) < 40
    none = anti_kt([0, 0, 0], np.zeros((0, 4)), radius=0.4, pt_min=0.0)
    assert none.offsets.tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="radius: must be positive, got 0"):
        anti_kt([0, 1], particles(1, 1), radius=0, pt_min=0.0)


def test_nothing_is_printed() -> None:
    """FastJet greets every process on standard output, where results of a command may go."""
    code = (
        "import numpy as np; from hepvision.physics.jets import clustered; print('before'); "
        "clustered(np.array([[1.0, 0.0, 0.0, 1.0]]), np.array([1]), 'kt_algorithm', 0.4); "
        "print('after')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "before\nafter\n"

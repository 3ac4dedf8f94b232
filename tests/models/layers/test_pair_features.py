"""Features of pairs against float64 arithmetic, and where float32 has nothing left."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import vector

from hepvision.models.layers.pair_features import FEATURES, PairEmbedding, pair_features

PAIR = torch.tensor([0]), torch.tensor([1])


def momenta(pt: object, eta: object, phi: object, mass: object) -> np.ndarray:
    made = vector.array({"pt": pt, "eta": eta, "phi": phi, "mass": mass})
    return np.stack([made.energy, made.px, made.py, made.pz], axis=1)


@pytest.mark.parametrize("mass", [0.0, 0.14, 5.0])
def test_against_vector(mass: float) -> None:
    rng = np.random.default_rng(4)
    size = 200
    p = momenta(
        rng.exponential(30.0, size) + 1,
        rng.normal(0, 1, size),
        rng.uniform(-np.pi, np.pi, size),
        np.full(size, mass),
    )
    first, second = rng.integers(0, size, (2, 300))
    first, second = first[first != second], second[first != second]
    found = pair_features(
        torch.from_numpy(p.astype(np.float32)), torch.from_numpy(first), torch.from_numpy(second)
    )
    assert found.dtype == torch.float32
    every = vector.array({"E": p[:, 0], "px": p[:, 1], "py": p[:, 2], "pz": p[:, 3]})
    a, b = every[first], every[second]
    delta = np.hypot(a.rapidity - b.rapidity, a.deltaphi(b))
    least = np.minimum(a.pt, b.pt)
    wanted = np.log(np.stack([least * delta, least / (a.pt + b.pt), delta, (a + b).mass2], axis=1))
    np.testing.assert_allclose(found.numpy(), wanted, atol=5e-3)


@pytest.mark.parametrize("apart", [1e-2, 1e-4])
def test_nearly_collinear_massless_particles_keep_their_mass(apart: float) -> None:
    """E² − p² in float32 would have lost it: m² ≈ pT² ΔR² is 10⁻⁸ of E²."""
    p = torch.from_numpy(momenta([100.0, 100.0], [0.0, 0.0], [0.0, apart], [0.0, 0.0]).astype("f4"))
    found = dict(zip(FEATURES, pair_features(p, *PAIR)[0].exp().tolist(), strict=True))
    assert found["log_delta_r"] == pytest.approx(apart, rel=1e-3)
    assert found["log_kt"] == pytest.approx(100 * apart, rel=1e-3)
    assert found["log_z"] == pytest.approx(0.5)
    # what is left is the mass of each that rounding of the momenta makes: 10⁻⁷ E²
    assert found["log_mass2"] == pytest.approx((100 * apart) ** 2, rel=1e-3, abs=4e-3)


@pytest.mark.parametrize(
    "rows",
    [
        [[5.0, 3.0, 0.0, 4.0]] * 2,  # identical
        [[0.0, 0.0, 0.0, 0.0]] * 2,  # zero
        [[5.0, 3.0, 0.0, 4.0], [0.0, 0.0, 0.0, 0.0]],
        [[50.0, 30.0, 0.0, 40.0], [5.0, 3.0, 0.0, 4.0]],  # collinear
        [[3.0, 3.0, 0.0, 0.0], [3.0, -3.0, 0.0, 0.0]],  # back to back
        [[7.0, 0.0, 0.0, 7.0], [7.0, 0.0, 0.0, -7.0]],  # along both beams
        [[1.0, 3.0, 0.0, 4.0], [1.0, 0.0, 3.0, 4.0]],  # less energy than momentum
        [[1e6, 1e6, 0.0, 0.0], [1e-6, 0.0, 1e-6, 0.0]],
    ],
)
def test_bad_pairs_are_finite_and_so_are_gradients(rows: list[list[float]]) -> None:
    p = torch.tensor(rows, requires_grad=True)
    found = pair_features(p, *PAIR)
    assert found.isfinite().all()
    assert (found >= np.log(1e-8) - 1e-5).all()
    found.sum().backward()
    assert p.grad is not None
    assert p.grad.isfinite().all()


def test_a_pair_is_the_same_both_ways() -> None:
    p = torch.from_numpy(momenta([10.0, 3.0], [0.4, -1.0], [3.1, -3.1], [0.1, 1.0]).astype("f4"))
    torch.testing.assert_close(pair_features(p, *PAIR), pair_features(p, *PAIR[::-1]))


def test_float32_whatever_the_autocast() -> None:
    p = torch.from_numpy(momenta([10.0, 3.0], [0.4, -1.0], [3.1, -3.1], [0.1, 1.0]).astype("f4"))
    wanted = pair_features(p, *PAIR)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(pair_features(p, *PAIR), wanted, rtol=0, atol=0)


def test_no_pairs_embed_to_nothing() -> None:
    assert PairEmbedding((8,), 2).train()(torch.zeros(0, 4)).shape == (0, 2)

"""Mass sculpting: none where the cut does not know the mass, nearly one where it is the mass."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

from hepvision.evaluation.sculpting import jensen_shannon, sculpting

EDGES = np.linspace(100.0, 180.0, 17)


def toy(rng: np.random.Generator, size: int = 3000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return rng.random(size), rng.uniform(100, 180, size), np.arange(size) < 10


def test_independent_score_does_not_sculpt(rng: np.random.Generator) -> None:
    results = [sculpting(*toy(rng, 1000), 0.5, EDGES).distance.low for _ in range(20)]
    assert np.mean(np.array(results) == 0.0) > 0.6


def test_small_sculpting_is_seen(rng: np.random.Generator) -> None:
    score, mass, labels = toy(rng, 20_000)
    bent = np.where(labels, 0.5, score + 0.005 * (mass - 140))
    result = sculpting(bent, mass, labels, 0.5, EDGES)
    assert result.distance.low > 0.05
    assert result.distance.value > 3 * result.chance


def test_interval_covers(rng: np.random.Generator) -> None:
    """Efficiency linear in mass: the true spectra are known in closed form."""
    centres = 0.5 * (EDGES[1:] + EDGES[:-1])
    kept = 0.5 + 0.01 * (centres - 140)
    truth = jensen_shannon(kept, 1 - kept)
    inside = []
    for _ in range(150):
        score, mass, labels = toy(rng, 1500)
        score = np.where(labels, 0.5, (score < 0.5 + 0.01 * (mass - 140)).astype(float))
        found = sculpting(score, mass, labels, 0.5, EDGES, selections=20)
        inside.append(found.distance.contains(truth))
    assert 0.55 < np.mean(inside) < 0.9


def test_against_all_is_closer_than_against_failing(rng: np.random.Generator) -> None:
    _, mass, labels = toy(rng)
    failing = sculpting(mass, mass, labels, 140.0, EDGES)
    everything = sculpting(mass, mass, labels, 140.0, EDGES, against="all")
    assert failing.distance.value == 1.0
    assert 0.3 < everything.distance.value < 0.8
    assert everything.reference.sum() == pytest.approx(1.0)


def test_signal_does_not_count(rng: np.random.Generator) -> None:
    score, mass, _ = toy(rng)
    labels = np.arange(3000) % 2 == 0
    plain = sculpting(score, mass, labels, 0.5, EDGES)
    moved = sculpting(np.where(labels, mass, score), mass, labels, 0.5, EDGES)
    assert plain.distance == moved.distance


def test_weights_shape_the_spectra(rng: np.random.Generator) -> None:
    score, mass, labels = toy(rng)
    result = sculpting(score, mass, labels, 0.5, EDGES, np.where(mass < 140, 3.0, 1.0))
    assert result.passing[:8].sum() == pytest.approx(0.75, abs=0.03)


def test_outside_is_counted(rng: np.random.Generator) -> None:
    score, mass, labels = toy(rng)
    result = sculpting(score, mass, labels, 0.5, [100, 120, 140])
    assert result.outside == pytest.approx((mass[10:] >= 140).mean())


def test_same_seed_same_result(rng: np.random.Generator) -> None:
    sample = toy(rng)
    first = sculpting(*sample, 0.5, EDGES, seed=3).to_dict()
    assert first == sculpting(*sample, 0.5, EDGES, seed=3).to_dict()


def test_wrong_input_is_refused(rng: np.random.Generator) -> None:
    score, mass, labels = toy(rng, 50)
    with pytest.raises(ValueError, match="edges: must rise and make 2 bins or more"):
        sculpting(score, mass, labels, 0.5, [100, 90, 180])
    with pytest.raises(ValueError, match="contents must not be negative nor all empty"):
        sculpting(score, mass, labels, 2.0, EDGES)
    with pytest.raises(ValueError, match="selections: must be 1 or more"):
        sculpting(score, mass, labels, 0.5, EDGES, selections=0)
    with pytest.raises(ValueError, match="mass: must be finite"):
        sculpting(score, np.full(50, np.nan), labels, 0.5, EDGES)
    with pytest.raises(ValueError, match="histograms must share one shape"):
        jensen_shannon([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="contents must not be negative"):
        jensen_shannon([1, -1], [1, 2])


def test_distance_is_scipys(rng: np.random.Generator) -> None:
    score, mass, labels = toy(rng)
    weight = rng.random(3000)
    found = sculpting(score, mass, labels, 0.7, EDGES, weight)
    spectra = [
        np.histogram(mass[mine], EDGES, weights=weight[mine])[0]
        for mine in (~labels & (score >= 0.7), ~labels & (score < 0.7))
    ]
    assert found.distance.value == pytest.approx(jensenshannon(*spectra, base=2), rel=1e-9)
    assert found.to_dict()["base"] == 2


def test_p_value_is_flat_without_sculpting(rng: np.random.Generator) -> None:
    found = [sculpting(*toy(rng, 400), 0.6, EDGES, selections=40).p_value for _ in range(200)]
    assert np.mean(found) == pytest.approx(0.5, abs=0.08)
    _, mass, labels = toy(rng)
    assert sculpting(mass, mass, labels, 130.0, EDGES).p_value == pytest.approx(1 / 201)


def test_chance_knows_the_weights_of_those_that_pass(rng: np.random.Generator) -> None:
    """Heavy events seldom pass; no side knows the mass."""
    found = []
    for _ in range(100):
        heavy = rng.random(600) < 0.5
        score = np.where(rng.random(600) < np.where(heavy, 0.1, 0.7), 1.0, 0.0)
        weight = np.where(heavy, 1.0, 0.01)
        given = (score, rng.uniform(100, 180, 600), np.arange(600) < 10)
        found.append(sculpting(*given, 0.5, EDGES, weight, selections=40).p_value)
    assert np.mean(found) == pytest.approx(0.5, abs=0.1)

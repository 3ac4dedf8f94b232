"""Toy events, images and scores, drawn from a seed, for the tests of figures and of the report."""

from __future__ import annotations

from typing import Any

import numpy as np

CLASSES = ("higgs", "prompt_diphoton", "photon_jet")


def toy_image(seed: int, jet: bool = False) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """A barrel image in GeV with noise, pile-up, and two photons, or a photon and a jet."""
    rng = np.random.default_rng(seed)
    image = np.zeros((3, 170, 360))
    hits = rng.integers(0, [170, 360], (450, 2))
    image[1, hits[:, 0], hits[:, 1]] = rng.exponential(0.35, 450)
    rows, columns = rng.integers(0, [34, 72], (45, 2)).T
    towers = np.zeros((34, 72))
    towers[rows, columns] = rng.exponential(1.2, 45)
    image[2] = np.kron(towers, np.ones((5, 5))) / 25.0
    tracks = rng.integers(0, [170, 360], (90, 2))
    image[0, tracks[:, 0], tracks[:, 1]] = 0.5 + rng.exponential(1.5, 90)
    centres = rng.integers([25, 10], [145, 350], (2, 2))
    energies = np.array([68.0, 45.0])
    for i, ((row, column), energy) in enumerate(zip(centres, energies, strict=True)):
        spread = 1.0 if not (jet and i) else 4.0
        spots = np.rint(rng.normal([row, column], 0.55 * spread, (400, 2))).astype(int)
        inside = (spots[:, 0] >= 0) & (spots[:, 0] < 170)
        np.add.at(image[1], (spots[inside, 0], spots[inside, 1] % 360), energy / 400)
        if jet and i:
            near = np.rint(rng.normal([row, column], 6.0, (12, 2))).astype(int)
            image[0, near[:, 0].clip(0, 169), near[:, 1] % 360] = rng.exponential(5.0, 12) + 0.5
            image[2, row // 5 * 5 : row // 5 * 5 + 5, column // 5 * 5 : column // 5 * 5 + 5] += 0.8
    eta = (centres[:, 0] - 84.5) * 0.0174
    phi = np.deg2rad(centres[:, 1] - 9.5)
    photons = {"eta": eta, "phi": phi, "pt": energies / np.cosh(eta)}
    return image, photons


def toy_average(seed: int) -> np.ndarray:
    """Average of events of a class, GeV a pixel and event."""
    rng = np.random.default_rng(seed)
    shape = 1.0 + 0.2 * seed * np.cos(np.linspace(-1.4, 1.4, 170))[:, None]
    scales = np.array([0.002, 0.004, 0.001])[:, None, None]
    return scales * shape * rng.gamma(4.0, 0.25, (3, 170, 360))


def toy_scores(seed: int, count: int = 900, power: float = 1.0) -> dict[str, Any]:
    """Scores of three classes that add to one, targets, masses."""
    rng = np.random.default_rng(seed)
    target = np.repeat(np.arange(3), count)
    logits = rng.normal(0.0, 1.0, (target.size, 3))
    logits[np.arange(target.size), target] += power * np.array([0.9, 0.8, 2.0])[target]
    scores = np.exp(logits)
    scores /= scores.sum(axis=1, keepdims=True)
    mass = np.where(
        target == 0, rng.normal(125.0, 1.6, target.size), 90.0 + rng.exponential(35.0, target.size)
    )
    return {"target": target, "scores": scores, "mass": mass}

"""Boosts and rotations as 4 × 4 matrices, float64."""

from __future__ import annotations

import math

import torch

__all__ = ["boost", "rotation"]


def _unit(axis: tuple[float, float, float]) -> torch.Tensor:
    made = torch.tensor(axis, dtype=torch.float64)
    return made / made.norm()


def boost(gamma: float, axis: tuple[float, float, float]) -> torch.Tensor:
    """A boost along an axis."""
    unit, beta = _unit(axis), math.sqrt(1 - 1 / gamma**2)
    made = torch.eye(4, dtype=torch.float64)
    made[0, 0] = gamma
    made[0, 1:] = made[1:, 0] = gamma * beta * unit
    made[1:, 1:] += (gamma - 1) * torch.outer(unit, unit)
    return made


def rotation(angle: float, axis: tuple[float, float, float]) -> torch.Tensor:
    """A rotation about an axis."""
    x, y, z = _unit(axis).tolist()
    cross = torch.tensor([[0, -z, y], [z, 0, -x], [-y, x, 0]], dtype=torch.float64)
    made = torch.eye(4, dtype=torch.float64)
    made[1:, 1:] += math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross
    return made

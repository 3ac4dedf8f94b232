"""Four-vectors of vector whose field ``tau2`` is what the field calls it, the 2-subjettiness."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
import vector
from vector.backends import awkward as backend

__all__ = ["register"]


_PROPER_TIME: Any = backend.MomentumArray4D.tau2


def _tau2(one: Any) -> Any:
    """The field, where there is one; else, as in vector, the square of the proper time."""
    return one["tau2"] if "tau2" in one.fields else one.mass2


def _mass2(one: Any) -> Any:
    """Square of the mass, negative where the momentum is larger than the energy."""
    return _PROPER_TIME.fget(one)


#: In vector the other way round: the squares of the mass are taken from ``tau2``.
_OURS = {"tau2": property(_tau2)} | dict.fromkeys(("mass2", "M2", "m2"), property(_mass2))
MomentumArray4D = type("MomentumArray4D", (backend.MomentumArray4D,), _OURS)
MomentumRecord4D = type("MomentumRecord4D", (backend.MomentumRecord4D,), _OURS)


def register() -> None:
    """Make records with four-momenta four-vectors, also where vector registers its own again."""
    backend.behavior.update(
        {
            ("*", "Momentum4D"): MomentumArray4D,
            "Momentum4D": MomentumRecord4D,
            (np.square, "Momentum4D"): lambda one: one.mass2,
            (np.sqrt, "Momentum4D"): lambda one: one.mass2**0.25,
            (np.cbrt, "Momentum4D"): lambda one: one.mass2 ** (1 / 6),
            (np.power, "Momentum4D", numbers.Real): _power,
        }
    )
    vector.register_awkward()


def _power(one: Any, exponent: float) -> Any:
    return one.mass2 if exponent == 2 else one.tau**exponent

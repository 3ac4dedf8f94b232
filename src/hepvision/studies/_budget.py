"""What a network may cost: ``parameters<50e3, latency<1ms``, parsed and never evaluated."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from hepvision.core.errors import CardError
from hepvision.core.names import hint

__all__ = ["COSTS", "Budget", "Limit", "parse_budget", "told"]

#: Costs of a network, with the units that a limit on them may have and what these multiply with.
COSTS: Mapping[str, Mapping[str, float]] = {
    "parameters": {"": 1.0},
    "multiply_adds": {"": 1.0},
    "latency": {"s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6},
}
#: No budget that a person writes is longer.
_LONGEST = 300
_LIMIT = re.compile(
    r"\s*([A-Za-z_]+)\s*(<=|<)\s*([0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?)\s*([a-zµ]*)\s*"
)
_EXAMPLE = "Write parameters<50e3, latency<1ms."


@dataclass(frozen=True)
class Limit:
    """The most that one cost may be.

    Parameters
    ----------
    cost : str
        A key of ``COSTS``.
    most : float
        In its own unit: a count, or s.
    inclusive : bool
        Whether it may be just as much.
    """

    cost: str
    most: float
    inclusive: bool = False

    def holds(self, value: float) -> bool:
        """Whether a cost is within it; what is not a number never is."""
        return value <= self.most if self.inclusive else value < self.most

    def __str__(self) -> str:
        return f"{self.cost}{'<=' if self.inclusive else '<'}{_plain(self.cost, self.most)}"


@dataclass(frozen=True)
class Budget:
    """Limits that all must hold; none at all by default."""

    limits: tuple[Limit, ...] = ()

    def broken(self, costs: Mapping[str, float]) -> list[Limit]:
        """Limits that costs do not hold; a cost that is not given is not judged."""
        return [one for one in self.limits if one.cost in costs and not one.holds(costs[one.cost])]

    def __str__(self) -> str:
        return ", ".join(map(str, self.limits))


def parse_budget(text: str) -> Budget:
    """Read a budget; CardError if it is anything else than upper limits on known costs."""
    if not text.strip():
        return Budget()
    if len(text) > _LONGEST:
        raise CardError(
            f"budget: must have at most {_LONGEST} letters, got {len(text)}. {_EXAMPLE}"
        )
    found: dict[str, Limit] = {}
    for part in text.split(","):
        match = _LIMIT.fullmatch(part)
        if match is None:
            raise CardError(f"budget: must be COST<NUMBER, got {part.strip()!r}. {_EXAMPLE}")
        cost, sign, digits, unit = match.groups()
        if cost not in COSTS:
            raise CardError(f"budget: no cost {cost!r}. {hint(cost, COSTS)}")
        if cost in found:
            raise CardError(f"budget: must name each cost once, got {cost!r} twice. Keep one.")
        if unit not in COSTS[cost]:
            units = ", ".join(filter(None, COSTS[cost])) or "none"
            raise CardError(
                f"budget: unit of {cost} must be one of: {units}, got {unit or 'none'!r}. "
                f"{_EXAMPLE}"
            )
        most = float(digits) * COSTS[cost][unit]
        if not 0.0 < most < math.inf:
            raise CardError(
                f"budget: limit on {cost} must be positive and finite, got {digits}. {_EXAMPLE}"
            )
        found[cost] = Limit(cost, most, sign == "<=")
    return Budget(tuple(found.values()))


def told(cost: str, value: float | None) -> str:
    """A cost for people: thousands set apart, latencies in ms."""
    if value is None:
        return "–"
    if cost == "latency":
        return f"{1e3 * value:.3g} ms"
    return f"{value:,.0f}"


def _plain(cost: str, value: float) -> str:
    return f"{1e3 * value:.12g}ms" if cost == "latency" else f"{value:.12g}"

"""A value with the ends of its confidence interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

__all__ = ["LEVEL", "Interval", "checked_level", "normal_quantile"]

LEVEL = 0.6827
"""Confidence level of every interval unless another is asked for: one standard deviation."""


@dataclass(frozen=True)
class Interval:
    """A measured value and the ends of its confidence interval.

    Parameters
    ----------
    value : float or None
        Best value; None where the data give only a limit.
    low, high : float or None
        Ends of the interval; None where that side is unbounded, so that no infinity is stored.

    Raises
    ------
    ValueError
        If a number is not finite, or ``low > high``.

    Examples
    --------
    >>> print(Interval(0.912, 0.907, 0.916))
    0.912 +0.004 −0.005
    >>> print(Interval(None, 350.0, None))
    > 350
    >>> Interval(0.5, 0.25, 0.75).to_dict()
    {'value': 0.5, 'low': 0.25, 'high': 0.75}
    """

    value: float | None
    low: float | None
    high: float | None

    def __post_init__(self) -> None:
        for name in ("value", "low", "high"):
            number = getattr(self, name)
            if number is None:
                continue
            if not math.isfinite(number):
                raise ValueError(
                    f"interval {name}: must be finite, got {number}. Use None for an open side."
                )
            object.__setattr__(self, name, float(number))
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(
                f"interval: low must not exceed high, got {self.low} and {self.high}. Swap them."
            )

    def __str__(self) -> str:
        if self.value is None:
            if self.low is not None:
                return f"> {self.low:.3g}"
            return f"< {self.high:.3g}" if self.high is not None else "undefined"
        up = None if self.high is None else self.high - self.value
        down = None if self.low is None else self.value - self.low
        digits = _decimals(self.value, up, down)
        text = f"{self.value:.{digits}f}"
        text += " +∞" if up is None else f" +{up:.{digits}f}"
        return text + (" −∞" if down is None else f" −{down:.{digits}f}")

    def _repr_html_(self) -> str:
        return f"<span>{str(self).replace('<', '&lt;').replace('>', '&gt;')}</span>"

    def contains(self, truth: float) -> bool:
        """Whether ``truth`` lies inside; an open side holds everything.

        Parameters
        ----------
        truth : float
            The number asked about.

        Returns
        -------
        bool
            True from ``low`` to ``high``, ends included.

        Examples
        --------
        >>> Interval(0.5, 0.4, 0.6).contains(0.45)
        True
        """
        above = self.low is None or truth >= self.low
        return above and (self.high is None or truth <= self.high)

    def to_dict(self) -> dict[str, float | None]:
        """As a plain dict for JSON, every digit kept.

        Returns
        -------
        dict
            Keys ``value``, ``low``, ``high``; None where unbounded.

        Examples
        --------
        >>> Interval(None, 3.5, None).to_dict()
        {'value': None, 'low': 3.5, 'high': None}
        """
        return {"value": self.value, "low": self.low, "high": self.high}


def _decimals(value: float, *errors: float | None) -> int:
    """Decimals that show the smaller error with one digit, two if that digit is a 1.

    An error of less than a tenth of the other may vanish.
    """
    sizes = [abs(error) for error in errors if error]
    if not sizes:
        return 3
    smallest = max(min(sizes), 0.1 * max(sizes))
    exponent = math.floor(math.log10(smallest))
    leading = smallest / 10.0**exponent
    return int(min(max(0, -exponent + (1 if leading < 1.95 else 0)), 12))


def checked_level(level: float) -> float:
    """A confidence level that has been checked.

    Parameters
    ----------
    level : float
        Confidence level.

    Returns
    -------
    float
        The same.

    Raises
    ------
    ValueError
        If it does not lie between 0 and 1.

    Examples
    --------
    >>> checked_level(0.95)
    0.95
    """
    if not 0.0 < level < 1.0:
        raise ValueError(
            f"level: must lie between 0 and 1, got {level}. Give 0.6827 for one sigma."
        )
    return float(level)


def normal_quantile(level: float = LEVEL) -> float:
    r"""Half-width, in standard deviations, of a central normal interval.

    Parameters
    ----------
    level : float
        Confidence level.

    Returns
    -------
    float
        :math:`z` with :math:`\Phi(z) - \Phi(-z)` = ``level``.

    Raises
    ------
    ValueError
        If ``level`` is not between 0 and 1.

    Examples
    --------
    >>> round(normal_quantile(0.95), 3)
    1.96
    """
    return float(special.ndtri(0.5 + 0.5 * checked_level(level)))

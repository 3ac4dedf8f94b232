"""Numbers along logarithmic axes, as they are read."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

__all__ = ["plain"]

#: Numbers without which nobody can read between them.
_FEW = 3


class _Marks(LogLocator):
    """1, 2 and 5 of each decade; round numbers where an axis is too short for them."""

    def tick_values(self, vmin: float, vmax: float) -> Sequence[float]:
        found: Sequence[float] = super().tick_values(vmin, vmax)
        if sum(vmin <= one <= vmax for one in found) >= _FEW:
            return found
        return MaxNLocator(4).tick_values(vmin, vmax)


def plain(axis: Axis) -> None:
    """Numbers as they are read, at 1, 2 and 5 of each decade, or closer on a short axis.

    Parameters
    ----------
    axis : Axis
        A logarithmic one.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> axes.set_xscale("log")
    >>> plain(axes.xaxis)
    >>> axes.xaxis.get_major_formatter()(2000.0).split()
    ['2', '000']
    """
    axis.set_major_locator(_Marks(subs=(1.0, 2.0, 5.0), numticks=12))
    axis.set_major_formatter(FuncFormatter(_told))
    axis.set_minor_formatter(NullFormatter())


def _told(value: float, _: int | None) -> str:
    """As tables tell large numbers."""
    number, sign = (value / 1e6, "\u2009M") if value >= 1e6 else (value, "")
    return f"{number:,.10g}".replace(",", "\u2009") + sign

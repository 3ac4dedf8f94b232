"""Numbers along logarithmic axes, as they are read."""

from __future__ import annotations

from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

__all__ = ["plain"]


def plain(axis: Axis) -> None:
    """Numbers as they are read, at 1, 2 and 5 of each decade.

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
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=12))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}".replace(",", "\u2009")))
    axis.set_minor_formatter(NullFormatter())

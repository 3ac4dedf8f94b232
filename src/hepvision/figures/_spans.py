"""A value with its interval, or only the limit that it exceeds, as figures draw it."""

from __future__ import annotations

from matplotlib.axes import Axes

__all__ = ["Span", "arrow", "ends"]

#: A value and the ends of its interval. An end that is open is None; so is the value where only
#: its lower limit is known, as that of a background rejection when no background passes.
Span = tuple[float | None, float | None, float | None]
LENGTH = 22.0  # of an arrow, in points


def ends(span: Span) -> tuple[float, float, float]:
    """Where a point stands, and how far its error bars reach down and up.

    Parameters
    ----------
    span : tuple
        Value and interval.

    Returns
    -------
    (float, float, float)
        A limit stands where it is, without bars.

    Raises
    ------
    ValueError
        Neither a value nor a lower limit is given.

    Examples
    --------
    >>> ends((12.0, 10.0, 15.0)), ends((12.0, 10.0, None)), ends((None, 10.0, None))
    ((12.0, 2.0, 3.0), (12.0, 2.0, 0.0), (10.0, 0.0, 0.0))
    """
    value, low, high = span
    if value is None:
        if low is None:
            raise ValueError(f"span: needs a value or a lower limit, got {span}. Leave it out.")
        return low, 0.0, 0.0
    below, above = (0.0 if low is None else value - low), (0.0 if high is None else high - value)
    return value, max(below, 0.0), max(above, 0.0)


def arrow(axes: Axes, point: tuple[float, float], colour: str, *, upward: bool) -> None:
    """An arrow away from a limit, upwards or to the right.

    Parameters
    ----------
    axes : Axes
        Where.
    point : (float, float)
        The limit.
    colour : str
        Of the arrow.
    upward : bool
        Whether the value is on the upward axis.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> arrow(axes, (10.0, 0.0), "black", upward=False)
    >>> len(axes.texts)
    1
    """
    axes.annotate(
        "",
        point,
        xytext=(0.0, LENGTH) if upward else (LENGTH, 0.0),
        textcoords="offset points",
        arrowprops={"arrowstyle": "<-", "color": colour, "lw": 1.4, "shrinkA": 0, "shrinkB": 0},
    )

"""Published pictures, channel by channel."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hepvision.figures._conventions import axes_of
from hepvision.figures._event import Event
from hepvision.figures._heat import MOST_SIDE, added, heat_map, scale
from hepvision.figures._view import Panel
from hepvision.figures.tables import number

__all__ = ["Pictures"]

MOST_LIT = 400_000
"""Where more pixels are lit, pictures are added up in larger blocks."""


@dataclass(frozen=True)
class Pictures:
    """The lit pixels of each channel.

    Parameters
    ----------
    most : int
        Channels that are drawn, from the first.

    Examples
    --------
    >>> pixel = {"index": np.array([0, 5]), "value": np.array([1.0, 2.0])}
    >>> about = {"image": {"shape": [2, 2, 2], "channels": ["ecal", "hcal"], "unit": "GeV"}}
    >>> [panel.title for panel in Pictures()(Event({}, {"Pixel": pixel}, about))]
    ['Picture: ecal', 'Picture: hcal']
    """

    most: int = 12

    reads: ClassVar[tuple[str, ...]] = ("Pixel",)
    place: ClassVar[int] = 80

    def __call__(self, event: Event) -> Iterator[Panel]:
        """A panel a channel that has a lit pixel."""
        told = dict(event.about.get("image") or {})
        shape = [int(one) for one in told.get("shape") or ()]
        pixels = event.columns("Pixel", "index", "value")
        if len(shape) != 3 or min(shape) < 1 or not pixels:
            return
        index, value = pixels["index"].astype(np.int64), pixels["value"].astype(np.float64)
        inside = index < np.prod(shape)
        channels, height, width = shape
        channel, at = index // (height * width), index % (height * width)
        names = [*map(str, told.get("channels") or ()), *(f"channel {k}" for k in range(channels))]
        unit = str(told.get("unit") or "")
        rows_are, columns_are = axes_of(event)
        axes = (f"{rows_are} [pixels]", f"{columns_are} [pixels]")
        blank = [names[k] for k in range(channels) if not (inside & (channel == k)).any()]
        side = MOST_SIDE if index.size <= MOST_LIT else int(np.sqrt(MOST_LIT / self.most))
        last = f" Blank: {', '.join(blank)}." if blank else ""
        if channels > self.most:
            last += f" Drawn: the first {self.most} of {channels} channels."
        for k in range(min(channels, self.most)):
            rows = inside & (channel == k)
            if not rows.any():
                continue
            lit, sums, small, block = added(at[rows], value[rows], (height, width), side)
            look = scale(sums, _over(unit))
            figure = heat_map(lit, sums, small, look, axes, unit, block)
            text = (
                f"Lit pixels: {int(rows.sum()):,} of {height * width:,}, together "
                f"{number(float(value[rows].sum()), 4)} {unit.partition(',')[0]}".rstrip()
                + ". Colours are logarithmic, blank pixels white."
            )
            if block > 1:
                text += f" Blocks of {block} × {block} pixels are added up."
            yield Panel(f"picture_{k}", f"Picture: {names[k]}", text + last, figure)
            last = ""


def _over(unit: str) -> str:
    return f"value [{unit}]" if unit else "value"

"""Hits of a tracker, along the beam and from the side, with those of the hardest particles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from hepvision.figures._event import Columns, Event
from hepvision.figures._particles import particle
from hepvision.figures._traces import (
    EXTRA,
    INVISIBLE,
    Array,
    Figure,
    Trace,
    layout,
    numbers,
    points,
    rows_of,
)
from hepvision.figures._view import Panel
from hepvision.figures.style import ENTRY_COLOURS

__all__ = ["Tracker"]

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Tracker:
    """x–y and z–r of hits, a colour a part of the tracker; lines join those of a particle.

    Parameters
    ----------
    most : int
        Hits that are drawn; of more, every so many.
    hardest : int
        Particles whose hits are joined, where the truth is known.

    Examples
    --------
    >>> hit = {key: np.array([30.0]) for key in "xyz"}
    >>> [panel.name for panel in Tracker()(Event({}, {"TrackerHit": hit}))]
    ['hits_along', 'hits_beside']
    """

    most: int = 10_000
    hardest: int = 12

    reads: ClassVar[tuple[str, ...]] = ("TrackerHit",)
    place: ClassVar[int] = 18

    def __call__(self, event: Event) -> Iterator[Panel]:
        """Two panels, if hits have places."""
        hits = event.columns("TrackerHit", "x", "y", "z")
        if not hits:
            return
        found = hits["x"].size
        step = -(-found // self.most)
        kept = {key: one[::step] for key, one in hits.items()}
        side = np.where(hits["y"] >= 0, 1.0, -1.0) * np.hypot(hits["x"], hits["y"])
        joined = self._joined(event, hits)
        said = f"Hits: {found:,}."
        if step > 1:
            said = f"Drawn: {kept['x'].size:,} of {found:,} hits, one of every {step}."
        if joined:
            said += f" Lines join those of the hardest generated particles, {len(joined)} of them."
        coloured = " A colour is a part of the tracker." if "volume" in hits else ""
        for name, title, text, x, y in (
            ("along", "Hits along the beam", "", hits["x"], hits["y"]),
            (
                "beside",
                "Hits from the side",
                " Above the beam: y > 0; below: the other half.",
                hits["z"],
                side,
            ),
        ):
            data = _marks(kept, x[::step], y[::step]) + _lines(event, joined, x, y)
            figure = _figure(data, x, y, name == "beside")
            yield Panel(f"hits_{name}", title, said + coloured + text, figure)

    def _joined(self, event: Event, hits: Columns) -> list[tuple[int, Rows]]:
        """Particles with their hits from the inside outward, the hardest first."""
        truth = event.columns("GenPart", "pt")
        if not truth or "genPartIdx" not in hits:
            return []
        made: list[tuple[int, Rows]] = []
        distance = np.sqrt(sum(hits[key].astype(np.float64) ** 2 for key in "xyz"))
        owner = hits["genPartIdx"].astype(np.int64)
        number = np.bincount(owner[owner >= 0], minlength=truth["pt"].size)
        for one in np.argsort(-truth["pt"], kind="stable").tolist():
            if len(made) == self.hardest:
                break
            if number[one] >= 3:
                rows = np.flatnonzero(owner == one)
                made.append((one, rows[np.argsort(distance[rows], kind="stable")]))
        return made


def _marks(hits: Columns, x: Array, y: Array) -> list[Trace]:
    """Points, a trace a part of the tracker."""
    part = hits.get("volume", np.zeros(x.size, int))
    made = []
    for number, one in enumerate(np.unique(part).tolist()):
        rows = part == one
        name = f"volume {one}" if "volume" in hits else "hits"
        layer = hits["layer"][rows] if "layer" in hits else np.zeros(int(rows.sum()))
        data = rows_of(*(hits[key][rows] for key in "xyz"), layer)
        text = (
            f"<b>{name}</b>"
            + (", layer %{customdata[3]}" if "layer" in hits else "")
            + "<br>x %{customdata[0]:.1f}, y %{customdata[1]:.1f}, z %{customdata[2]:.1f} mm"
            + EXTRA
        )
        shade = ENTRY_COLOURS[number % len(ENTRY_COLOURS)]
        marker = {"size": 3, "color": shade, "opacity": 0.7}
        made.append(
            {**points(name, x[rows], y[rows], customdata=data, hovertemplate=text)}
            | {"marker": marker, "legendgroup": name}
        )
        # hits are small, their names need not be
        made[-1]["x"], made[-1]["y"] = numbers(x[rows], 1), numbers(y[rows], 1)
    return made


def _lines(event: Event, joined: list[tuple[int, Rows]], x: Array, y: Array) -> list[Trace]:
    if not joined:
        return []
    truth = event.collections["GenPart"]
    lines: list[float | None] = []
    across: list[float | None] = []
    ends, words = [], []
    for one, rows in joined:
        lines += [*numbers(x[rows], 1), None]
        across += [*numbers(y[rows], 1), None]
        ends.append(rows[-1])
        name = particle(int(truth["pdgId"][one])) if "pdgId" in truth else "particle"
        words.append(f"{name}, p<sub>T</sub> {truth['pt'][one]:.2f} GeV, {rows.size} hits")
    name = "hardest particles"
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": name,
            "legendgroup": name,
            "x": lines,
            "y": across,
            "line": {"color": "#111111", "width": 1.2},
            "hoverinfo": "skip",
        },
        points(
            name,
            x[ends],
            y[ends],
            text=words,
            hovertemplate=f"%{{text}}{EXTRA}",
            marker=INVISIBLE,
            legendgroup=name,
            showlegend=False,
        ),
    ]


def _figure(data: list[Trace], x: Array, y: Array, beside: bool) -> Figure:
    far, high = (1.05 * max(1.0, float(np.abs(one).max())) for one in (x, y))
    if not beside:
        far = high = max(far, high)
    words = ("z [mm]", "± r [mm]") if beside else ("x [mm]", "y [mm]")
    axes = [
        {"title": {"text": word}, "range": numbers([-end, end], 1)}
        for word, end in zip(words, (far, high), strict=True)
    ]
    aspect = high / far if not beside else float(np.clip(high / far, 0.35, 1.0))
    return {
        "data": data,
        "layout": layout(axes[0], axes[1], sized=True),
        "aspect": aspect,
        "equal": not beside,
    }

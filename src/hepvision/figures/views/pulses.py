"""Pulses of a telescope: its modules in space with their first light, and time against depth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hepvision.figures._event import Columns, Event
from hepvision.figures._space import space
from hepvision.figures._traces import (
    EXTRA,
    TRUTH,
    Array,
    Figure,
    Trace,
    colour_bar,
    layout,
    numbers,
    points,
    rows_of,
    steps,
    strongest,
    words_of,
)
from hepvision.figures._view import Panel

__all__ = ["Pulses"]

METRE = 1000.0  # mm
#: From early to late; viridis without its palest end.
TIMES = ("#440154", "#414487", "#2a788e", "#22a884", "#7ad151", "#bddf26")


@dataclass(frozen=True)
class Pulses:
    """Modules with light, colour by time, size by charge; the direction, where it is known.

    Parameters
    ----------
    most : int
        Modules, and pulses, that are drawn; of more, those with the most charge.

    Examples
    --------
    >>> pulse = {key: np.array([1.0, 2.0]) for key in ("x", "y", "z", "time", "charge")}
    >>> [panel.name for panel in Pulses()(Event({}, {"Pulse": pulse}))]
    ['modules', 'times']
    """

    most: int = 6000

    reads: ClassVar[tuple[str, ...]] = ("Pulse",)
    place: ClassVar[int] = 70

    def __call__(self, event: Event) -> Iterator[Panel]:
        """Two panels, if pulses have places and times."""
        pulses = event.columns("Pulse", "x", "y", "z", "time")
        if not pulses:
            return
        modules = _modules(pulses)
        rows = strongest(modules["charge"], self.most)
        text = (
            f"Pulses: {pulses['x'].size:,}; modules: {modules['x'].size:,}. Colour: time of the "
            "first pulse of a module; size: its charge."
        )
        text += words_of(rows.size, modules["x"].size, "modules", "those with the most charge")
        drawn = {key: one[rows] for key, one in modules.items()}
        line = _direction(event, modules)
        if line:
            text += " The line is the direction of the primary particle"
            text += " through its vertex." if "x" in event.collections["Primary"] else (
                ", drawn through the middle of the charge: no file tells its vertex."
            )  # fmt: skip
        yield Panel("modules", "Modules in space", text + " Drag to turn.", _figure(drawn, line))
        rows = strongest(pulses.get("charge", pulses["time"]), self.most)
        kept = {key: one[rows] for key, one in pulses.items()}
        said = words_of(rows.size, pulses["x"].size, "pulses", "those with the most charge")
        text = f"All pulses, size by their charge.{said}"
        yield Panel("times", "Time against depth", text, _times(kept))


def _modules(pulses: Columns) -> dict[str, Array]:
    """First time and summed charge of each place."""
    place = np.stack([pulses[key] for key in "xyz"], axis=1).astype(float)
    where, which = np.unique(place, axis=0, return_inverse=True)
    which = which.ravel()
    first = np.full(len(where), np.inf)
    np.minimum.at(first, which, pulses["time"].astype(float))
    charge = np.bincount(which, pulses.get("charge", np.ones(which.size)), len(where))
    count = np.bincount(which, minlength=len(where))
    made = {key: where[:, k] for k, key in enumerate("xyz")}
    return made | {"time": first, "charge": charge, "count": count.astype(float)}


def _sizes(charge: Array, least: float, most: float) -> list[float | None]:
    share = np.log10(1 + np.maximum(charge, 0)) / np.log10(1 + max(10.0, float(charge.max())))
    return numbers(least + (most - least) * share, 1)


def _direction(event: Event, modules: dict[str, Array]) -> list[Trace]:
    """A line of where the primary particle comes from or flies to."""
    primary = event.columns("Primary", "theta", "phi")
    if not primary:
        return []
    theta, phi = float(primary["theta"][0]), float(primary["phi"][0])
    way = np.array([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)])
    weight = np.maximum(modules["charge"], 0) + 1e-9
    if "x" in primary:
        middle = np.array([float(primary[key][0]) for key in "xyz"])
    else:
        middle = np.array([np.average(modules[key], weights=weight) for key in "xyz"])
    far = max(100 * METRE, *(float(np.ptp(modules[key])) for key in "xyz"))
    ends = (middle + np.array([[-0.6], [0.6]]) * far * way) / METRE
    came = event.about.get("direction") == "comes from"
    words = "comes from" if came else "flies to"
    return [
        {
            "type": "scatter3d",
            "mode": "lines",
            "name": "primary particle",
            **{key: numbers(ends[:, k], 1) for k, key in enumerate("xyz")},
            "line": {"color": TRUTH, "width": 5, "dash": "dash"},
            "hovertemplate": f"{words} θ {theta:.3f}, φ {phi:.3f}{EXTRA}",
        }
    ]


def _bar(times: Array) -> Trace:
    low, high = float(times.min()), float(max(times.max(), times.min() + 1.0))
    ticks = steps(low, high)
    return {
        "color": numbers(times, 1),
        "colorscale": [[k / (len(TIMES) - 1), one] for k, one in enumerate(TIMES)],
        "cmin": low,
        "cmax": high,
        "showscale": True,
        "colorbar": colour_bar("first time [ns]", ticks, [f"{one:.0f}" for one in ticks]),
    }


def _figure(modules: dict[str, Array], line: list[Trace]) -> Figure:
    text = (
        "<b>module</b> x %{x:.1f}, y %{y:.1f}, z %{z:.1f} m<br>first light %{customdata[0]:.1f} ns"
        "<br>%{customdata[1]:.3g} photo-electrons in %{customdata[2]} pulses" + EXTRA
    )
    bar = _bar(modules["time"])
    marks: Trace = {
        "type": "scatter3d",
        "mode": "markers",
        "name": "modules",
        **{key: numbers(modules[key] / METRE, 2) for key in "xyz"},
        "customdata": rows_of(modules["time"], modules["charge"], modules["count"]),
        "hovertemplate": text,
        "marker": {
            "size": _sizes(modules["charge"], 5.0, 18.0), "opacity": 0.85, "line": {"width": 0},
            **bar,
        },
    }  # fmt: skip
    return space([marks, *line], ("x [m]", "y [m]", "z [m]"))


def _times(pulses: Columns) -> Figure:
    charge = np.asarray(pulses.get("charge", np.ones(pulses["x"].size)), float)
    noise = pulses.get("auxiliary", np.zeros(charge.size, bool)).astype(bool)
    data = []
    for name, rows, shade, symbol in (
        ("pulses", ~noise, "#2a788e", "circle"),
        ("auxiliary pulses, may be noise", noise, "#94a4a2", "circle-open"),
    ):
        if not rows.any():
            continue
        text = (
            "<b>pulse</b> %{x:.1f} ns<br>z %{y:.1f} m<br>%{customdata[0]:.3g} photo-electrons"
            + EXTRA
        )
        data.append(
            points(
                name,
                pulses["time"][rows],
                pulses["z"][rows] / METRE,
                customdata=rows_of(charge[rows]),
                hovertemplate=text,
                marker={
                    "symbol": symbol,
                    "size": _sizes(charge[rows], 6.0, 18.0),
                    "color": shade,
                    "opacity": 0.7,
                },
            )
        )
    made = layout({"title": {"text": "time [ns]"}}, {"title": {"text": "z [m]"}})
    return {"data": data, "layout": made, "aspect": 0.8}

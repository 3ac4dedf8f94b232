"""Interactive event display: one event in all views that it fills, a page that needs no other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

from hepvision.core.files import atomic_write
from hepvision.figures._aside import aside
from hepvision.figures._event import Event, event_of
from hepvision.figures._view import Panel, panels
from hepvision.figures.frame import page, script
from hepvision.figures.style import pretty

__all__ = ["EventDisplay", "event_display", "together"]

FLAT = 0.75
"""Height over width of a picture that may take the whole width."""
HINT = (
    "Drag to zoom or turn, double-click to go back, point to read, click in a legend to hide. On a "
    "telephone choose zoom or turn above a picture first."
)


@dataclass(frozen=True)
class EventDisplay:
    """An event to look at: in a notebook by itself, or as a page.

    Parameters
    ----------
    title : str
        What event it is.
    body : str
        HTML of the display, to stand in a page that has the frame's style and plotly.
    panels : tuple of str
        Names of the pictures and tables that the event fills.

    Examples
    --------
    >>> EventDisplay("toy", "<p>nothing</p>").title
    'toy'
    """

    title: str
    body: str
    panels: tuple[str, ...] = ()

    @property
    def html(self) -> str:
        """The whole page, with plotly inside."""
        return page(self.title, self.body, plots=True)

    def write(self, path: str | Path) -> Path:
        """Write the page.

        Parameters
        ----------
        path : path
            An HTML file; missing folders are made.

        Returns
        -------
        Path
            The file.

        Examples
        --------
        >>> import tempfile
        >>> made = EventDisplay("toy", "<p>nothing</p>").write(tempfile.mkdtemp() + "/toy.html")
        >>> made.stat().st_size > 1_000_000
        True
        """
        path = Path(path)
        with atomic_write(path, "w") as file:
            file.write(self.html)
        return path

    def _repr_html_(self) -> str:
        frame = 'style="width:100%;height:900px;border:0"'
        return f'<iframe {frame} srcdoc="{escape(self.html, quote=True)}"></iframe>'


def event_display(
    event: Any, key: str = "event", where: str = "", about: Mapping[str, Any] | None = None
) -> EventDisplay:
    """Draw one event.

    Parameters
    ----------
    event : ak.Record
        One event of the schema; only what is in it is shown.
    key : str
        Distinguishes several displays in one page: letters, digits and underscores.
    where : str
        File or store, and which of its events.
    about : mapping, optional
        What is told of the whole file; from the event's attributes by default.

    Returns
    -------
    EventDisplay
        With ``html``, ``body``, ``panels`` and ``write``.

    Raises
    ------
    ValueError
        If the key is no identifier.

    Examples
    --------
    >>> import awkward as ak
    >>> hit = {"ieta": 1, "iphi": 1, "energy": 2.0}
    >>> display = event_display(ak.Array([{"event": 7, "EcalBarrelHit": [hit]}])[0])
    >>> display.title, display.panels
    ('event 7', ('barrel', 'eta_phi', 'transverse', 'longitudinal'))
    """
    if not key.isidentifier():
        raise ValueError(f"display key: must be an identifier, got {key!r}. Use letters only.")
    made = event_of(event, about)
    found = panels(made)
    title = _title(made)
    parts = [
        f'<section class="display" aria-label="event display"><h2>{escape(title)}</h2>',
        f'<div class="beside">{aside(made, where)}<div class="panels">',
        *(_html(panel, f"{key}_{panel.name}") for panel in _arranged(found)),
        f'</div></div><p class="note">{HINT if found else "There is nothing to draw."}</p>',
        "</section>",
    ]
    return EventDisplay(title, "".join(parts), tuple(panel.name for panel in found))


def together(displays: Sequence[EventDisplay]) -> EventDisplay:
    """Several displays, with different keys, one below the other.

    Parameters
    ----------
    displays : sequence of EventDisplay
        At least one.

    Returns
    -------
    EventDisplay
        The only one itself.

    Examples
    --------
    >>> together([EventDisplay("a", "<p>1</p>"), EventDisplay("b", "<p>2</p>")]).title
    'a · b'
    """
    if len(displays) == 1:
        return displays[0]
    title = " · ".join(one.title for one in displays)
    names = tuple(name for one in displays for name in one.panels)
    return EventDisplay(title, "".join(one.body for one in displays), names)


def _arranged(found: Sequence[Panel]) -> list[Panel]:
    """A flat picture that would stand alone beside nothing takes the whole width."""
    made: list[Panel] = []
    left = False
    for number, panel in enumerate(found):
        alone = not left and (number + 1 == len(found) or found[number + 1].wide)
        flat = panel.figure is None or panel.figure["aspect"] <= FLAT
        if not panel.wide and alone and flat:
            panel = replace(panel, wide=True)
        left = not panel.wide and not left
        made.append(panel)
    return made


def _html(panel: Panel, place: str) -> str:
    wide = " wide" if panel.wide else ""
    title, text = escape(panel.title), escape(_apart(panel.text))
    if panel.figure is None:
        inside, data = panel.table, ""
    else:
        kind = "plot space" if panel.figure.get("space") else "plot"
        inside = f'<div class="{kind}" id="{place}" role="img" aria-label="{title}"></div>'
        data = script(place, panel.figure)
    caption = f"<figcaption>{text}</figcaption>" if text else ""
    return f'<figure class="panel{wide}"><h3>{title}</h3>{inside}{caption}</figure>{data}'


def _apart(text: str) -> str:
    """Thousands as in the tables."""
    return re.sub(r"(?<=\d),(?=\d{3})", "\N{NARROW NO-BREAK SPACE}", text)


def _title(event: Event) -> str:
    scalars = event.scalars
    words = [pretty(str(scalars["sample"]))] if scalars.get("sample") else []
    for key, name in (("run", "run"), ("luminosityBlock", "lumi block"), ("event", "event")):
        # simulation has run 1 throughout, which says nothing
        if key in scalars and (key == "event" or int(scalars["run"]) != 1):
            words.append(f"{name} {int(scalars[key])}")
    return ", ".join(words) or "event"

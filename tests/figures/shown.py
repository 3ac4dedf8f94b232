"""Events for the tests of views, and what their panels hold."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np

from hepvision.events.schema import FIELDS
from hepvision.figures._event import Event
from hepvision.figures._view import Panel

__all__ = ["Event", "event", "figure", "lit", "panels", "trace", "traces", "xy"]


def event(about: dict[str, Any] | None = None, **collections: dict[str, Any]) -> Event:
    """An event of lists, in the schema's types."""
    columns = {
        name: {key: np.asarray(one, FIELDS[name][key].dtype) for key, one in fields.items()}
        for name, fields in collections.items()
    }
    return Event({"event": 7}, columns, about or {})


def panels(view: Any, shown: Event) -> dict[str, Panel]:
    """Panels by name; their data is what a page can hold."""
    found = {panel.name: panel for panel in view(shown)}
    for panel in found.values():
        json.dumps(panel.figure, allow_nan=False)
        assert "<" not in panel.title.replace("< φ <", "")
    return found


def figure(view: Any, shown: Event, name: str) -> dict[str, Any]:
    made = panels(view, shown)[name].figure
    assert made is not None
    return made


def traces(made: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [one for one in made["data"] if one["name"] == name]


def trace(made: dict[str, Any], name: str, mode: str = "markers") -> dict[str, Any]:
    """The one trace of a name with marks (or lines)."""
    found = [one for one in traces(made, name) if mode in one.get("mode", one["type"])]
    assert len(found) == 1, [one["name"] for one in made["data"]]
    return found[0]


def xy(one: dict[str, Any]) -> np.ndarray:
    """Places of marks, shape (N, 2)."""
    return np.stack([np.array(one["x"], float), np.array(one["y"], float)], axis=1)


def lit(one: dict[str, Any]) -> np.ndarray:
    """The picture that the page's script makes of a sparse trace."""
    sparse = one["sparse"]
    index = np.frombuffer(base64.b64decode(sparse["index"]), "<u4")
    value = np.frombuffer(base64.b64decode(sparse["value"]), "<f4")
    image = np.zeros(np.prod(sparse["shape"]))
    image[index] = value
    return image.reshape(sparse["shape"])

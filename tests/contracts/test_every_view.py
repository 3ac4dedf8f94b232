"""What every view promises: fields of the schema, nothing from nothing, data that a page can hold.

A new file in ``figures/views`` is tried here by itself.
"""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from hepvision.core.names import load, names
from hepvision.events.schema import FIELDS
from hepvision.figures._event import Event, event_of
from hepvision.figures._view import Panel
from toy_events import TOY_IMAGE, toy_events

VIEWS = names("views")
FULL = event_of(toy_events(1, seed=5, photons=2, mean=40)[0], {"image": TOY_IMAGE})
NUMBERS = np.random.default_rng(1)
#: Generated particles, which the toys have not.
TRUTH = {
    "pt": NUMBERS.exponential(5.0, 9),
    "eta": NUMBERS.normal(0.0, 1.0, 9),
    "phi": NUMBERS.uniform(-3.1, 3.1, 9),
    "pdgId": np.array([21, 21, 25, 22, 22, 211, -211, 130, 11]),
    "status": np.array([21, 21, 22, 23, 1, 1, 1, 1, 1]),
}
FULL = Event(FULL.scalars, {**FULL.collections, "GenPart": TRUTH}, FULL.about)
#: One jet, which is what the close-up waits for.
ONE = {key: np.array([0.5]) for key in ("pt", "eta", "phi")}
LONE = Event({"event": 1}, {"FatJet": ONE, "Particle": ONE})


def drawn(name: str, event: Event) -> list[Panel]:
    return list(load("views", name)()(event))


@pytest.mark.parametrize("name", VIEWS)
def test_it_says_what_it_draws_and_where_it_stands(name: str) -> None:
    view = load("views", name)
    assert view.reads
    assert set(view.reads) <= set(FIELDS)
    assert isinstance(view.place, int)
    assert dataclasses.is_dataclass(view)
    assert view() == view()


@pytest.mark.parametrize("name", VIEWS)
def test_nothing_is_drawn_of_nothing(name: str) -> None:
    empty = {
        key: {field: values[:0] for field, values in columns.items()}
        for key, columns in FULL.collections.items()
    }
    for event in (Event({}, {}), Event(FULL.scalars, empty, FULL.about)):
        assert drawn(name, event) == []


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("field", ["eta", "energy", "x", "pt"])
def test_collections_without_a_field_do_no_harm(name: str, field: str) -> None:
    less = {
        key: {one: values for one, values in columns.items() if one != field}
        for key, columns in FULL.collections.items()
    }
    for panel in drawn(name, Event(FULL.scalars, less, FULL.about)):
        json.dumps(panel.figure, allow_nan=False)


@pytest.mark.parametrize("name", VIEWS)
def test_panels_are_what_a_page_can_hold(name: str) -> None:
    found = [*drawn(name, FULL), *drawn(name, LONE)]
    assert found, "give the toys what this view draws"
    for panel in found:
        assert panel.name.isidentifier()
        assert panel.title
        assert panel.text
        assert (panel.figure is None) == bool(panel.table)
        if panel.figure is None:
            continue
        text = json.dumps(panel.figure, allow_nan=False)
        assert len(text) < 2_000_000
        assert panel.figure["data"], "an empty panel"
        assert panel.figure["aspect"] > 0
        _has_units(panel.figure["layout"])


#: Axes that have no unit.
BARE = {"η", "iη", "iφ", "ix", "iy", "layer", ""}


def _has_units(layout: dict) -> None:  # type: ignore[type-arg]
    axes = layout.get("scene", layout)
    titles = [axes[key]["title"]["text"] for key in ("xaxis", "yaxis")]
    titles += [axes["zaxis"]["title"]["text"]] if "zaxis" in axes else []
    for title in titles:
        assert title in BARE or ("[" in title and title.endswith("]")), title


@pytest.mark.parametrize("name", VIEWS)
def test_the_event_is_left_as_it_was(name: str) -> None:
    before = {
        (key, field): values.copy()
        for key, columns in FULL.collections.items()
        for field, values in columns.items()
    }
    first, second = drawn(name, FULL), drawn(name, FULL)
    assert first == second
    for (key, field), values in before.items():
        np.testing.assert_array_equal(FULL.collections[key][field], values)


def test_names_and_places_differ() -> None:
    found = [panel.name for name in VIEWS for panel in drawn(name, FULL)]
    assert len(found) == len(set(found))
    # the map and the close-up never stand together
    places = sorted(load("views", name).place for name in VIEWS if name != "jet")
    assert len(places) == len(set(places))

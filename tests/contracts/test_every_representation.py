"""What every representation promises; a new file inherits these tests."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core import names
from hepvision.core.card import component
from hepvision.core.inputs import Dense, Inputs, Ragged, Sparse
from hepvision.events.schema import known_fields
from toy_events import toy_events

#: Parameters that change the parts of the inputs, tested like a representation of their own.
VARIANTS = {
    "detector_image, ecal_centric": {"name": "detector_image", "region": "ecal_centric"},
    "detector_image, hcal_centric": {"name": "detector_image", "region": "hcal_centric"},
    "detector_image, windows": {
        "name": "detector_image",
        "region": "hcal_centric",
        "only_photons": 60,
        "without_photons": 1,
        "least": 0.01,
    },
    "jet_image, in colour": {
        "name": "jet_image",
        "channels": ("charged_pt", "neutral_pt", "charged_multiplicity", "d0"),
        "rotate": True,
        "flip": True,
        "normalise": "sum",
    },
    "jet_features, powers": {
        "name": "jet_features",
        "features": ("tau32", "d2"),
        "subjettiness_beta": (1.0, 2.0),
        "axes": "wta_kt",
    },
    "rapidity_mass_matrix, constituents": {
        "name": "rapidity_mass_matrix",
        "collections": ("Particle",),
        "kind": "vector",
    },
    "object_circles, discs": {
        "name": "object_circles",
        "filled": True,
        "kinds": ("electron", "muon", "b_jet"),
        "palette": {"electron": "#ff8c00", "muon": "#008000", "b_jet": "#8b0000"},
        "b_tag": "btagDeepB",
        "b_cut": 0.3,
        "rows": "eta",
        "size": 50,
    },
    "particles, identities": {"name": "particles", "identities": True, "kind": "sequence"},
    "particles, momenta": {"name": "particles", "parts": ("momenta",), "jet": "Jet"},
}
EVERY = (*names.names("representations"), *VARIANTS)


def filled(inputs: Inputs, representation: Any) -> dict[str, np.ndarray]:
    """Each part in a buffer of the shape that the spec promises."""
    made = {}
    for name, part in inputs.items():
        out = np.full((len(part), *representation.spec[name].shape), np.nan, np.float32)
        part.fill(out)
        made[name] = out
    return made


def measured(name: str) -> Any:
    chosen = component("representations", VARIANTS.get(name, name))
    return chosen.measured([toy_events(10, 9, jets=2)])


def hardest(events: ak.Array, number: int) -> ak.Array:
    """The hardest objects of each collection that has a pT, and of constituents in their jet."""
    for name in events.fields:
        objects = events[name]
        if name == "Particle" or "pt" not in objects.fields or objects.ndim == 1:
            continue
        rank = ak.argsort(ak.argsort(objects.pt, axis=1, ascending=False), axis=1)
        events = ak.with_field(events, objects[rank < number], name)
    return events


def only_leading(events: ak.Array, most: int | None) -> ak.Array:
    """Events with their leading jet alone, and of its constituents the hardest."""
    lead = ak.argmax(events["FatJet"].pt, axis=1, keepdims=True)
    for name in ("FatJet", "Jet"):
        events = ak.with_field(events, events[name][lead], name)
    inside = events["Particle"][events["Particle"].jetIdx == ak.flatten(lead)]
    order = ak.argsort(inside.pt, axis=1, ascending=False)
    inside = inside[order][:, :most]
    return ak.with_field(events, ak.with_field(inside, 0 * inside.jetIdx, "jetIdx"), "Particle")


@pytest.mark.parametrize("name", EVERY)
def test_spec_matches_output(name: str) -> None:
    one = measured(name)
    inputs = one(toy_events(5, 1, jets=2))
    assert inputs.keys() == one.spec.keys()
    for key, part in inputs.items():
        assert len(part) == 5
        assert isinstance(part, Dense | Ragged | Sparse)
        assert (one.spec[key].kind in {"image", "volume"}) >= isinstance(part, Sparse)
        if isinstance(part, Sparse):
            assert part.shape == one.spec[key].shape
            assert part.index.dtype == np.uint32
            assert (part.index < np.prod(part.shape)).all()
    for out in filled(inputs, one).values():
        assert np.isfinite(out).all()
        assert out.any()


@pytest.mark.parametrize("name", EVERY)
def test_same_alone_or_in_a_batch(name: str) -> None:
    one, events = measured(name), toy_events(6, 2, jets=2)
    whole = filled(one(events), one)
    for b in range(len(events)):
        for key, out in filled(one(events[b : b + 1]), one).items():
            np.testing.assert_array_equal(out[0], whole[key][b])


@pytest.mark.parametrize("name", EVERY)
def test_input_is_not_touched(name: str) -> None:
    one, events = measured(name), toy_events(4, 3, jets=2)
    before = ak.to_list(events)
    one(events)
    assert ak.to_list(events) == before


@pytest.mark.parametrize("name", EVERY)
def test_empty_events_are_valid(name: str) -> None:
    one = measured(name)
    for events in (toy_events(3, 4, mean=0), toy_events(3, 4)[:0]):
        for out in filled(one(events), one).values():
            assert len(out) == len(events)
            assert np.isfinite(out).all()


@pytest.mark.parametrize("name", EVERY)
def test_too_many_objects_keep_the_hardest(name: str) -> None:
    """More objects than are read: the softer photons, jets and constituents change nothing."""
    one, most = measured(name), None
    if "most" in {field.name for field in dataclasses.fields(one)}:
        most = 2
        one = dataclasses.replace(one, most=most)
    events = toy_events(4, 5, photons=6, jets=3)
    fewer = ak.with_field(events, events["Photon"][:, :2], "Photon")
    if any(field.startswith("Particle.") for field in one.reads):
        fewer = only_leading(fewer, most)
    elif most is not None:
        fewer = hardest(fewer, most)
    few = filled(one(fewer), one)
    for key, out in filled(one(events), one).items():
        np.testing.assert_array_equal(out, few[key])


@pytest.mark.parametrize("name", EVERY)
def test_reads_is_enough(name: str) -> None:
    """Events that hold only what a representation says it reads give the same inputs."""
    one, events = measured(name), toy_events(4, 6, jets=2)
    assert set(one.reads) <= set(known_fields(events))
    wanted: dict[str, list[str]] = {}
    for field in one.reads:
        collection, _, key = field.partition(".")
        wanted.setdefault(collection, []).extend([key] if key else [])
    columns = {
        key: events[key][fields] if fields else events[key] for key, fields in wanted.items()
    }
    slim = ak.zip(columns, depth_limit=1)
    whole = filled(one(events), one)
    for key, out in filled(one(slim), one).items():
        np.testing.assert_array_equal(out, whole[key])


@pytest.mark.parametrize("name", EVERY)
def test_fields_describe_it_whole(name: str) -> None:
    """A bundle stores the fields; the same component must come back from them."""
    one = measured(name)
    fields = json.loads(json.dumps(dataclasses.asdict(one)))
    component_name = name.partition(",")[0]
    assert component("representations", {"name": component_name, **fields}) == one
    assert isinstance(one.version, int)

"""Objects drawn as circles: against distances pixel by pixel, and under turns and mirrors."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import SchemaError
from hepvision.core.inputs import Sparse
from hepvision.events.schema import flat, from_columns
from hepvision.representations.object_circles import ObjectCircles
from toy_events import toy_events

from shared_data import shared

PI = np.pi
ONE_EACH = {"palette": "kinds"}


def image(events: ak.Array, **chosen: Any) -> np.ndarray:
    part = ObjectCircles(**chosen)(events)["image"]
    assert isinstance(part, Sparse)
    out = np.empty((len(part), *part.shape), np.float32)
    part.fill(out)
    return out


def some(seed: int, number: int = 4, most: int = 5) -> ak.Array:
    """Events of up to five objects a kind, on and beyond the canvas, and one MET."""
    rng = np.random.default_rng(seed)
    made = {}
    for name in ("Jet", "Electron", "Muon", "MET"):
        counts = np.full(number, 1) if name == "MET" else rng.integers(0, most + 1, number)
        size = int(counts.sum())
        columns = {
            "pt": rng.exponential(60, size),
            "phi": rng.uniform(-PI, PI, size),
        }
        if name != "MET":
            columns |= {"eta": rng.uniform(-3.5, 3.5, size)}
        if name == "Jet":
            columns |= {"bTag": rng.random(size) < 0.5, "btagCSV": rng.uniform(-1, 1, size)}
        made[name] = from_columns(np.concatenate([[0], np.cumsum(counts)]), columns, name)
    return ak.zip(made, depth_limit=1)


def event(**objects: list[dict[str, Any]]) -> ak.Array:
    """One event of the objects given by kind of collection."""
    keys = {"Jet": ("pt", "eta", "phi", "bTag"), "MET": ("pt", "phi")}
    made = {}
    for name in ("Jet", "Electron", "Muon", "MET"):
        given = objects.get(name, [])
        columns = {
            key: np.array([one.get(key, 0) for one in given], bool if key == "bTag" else float)
            for key in keys.get(name, ("pt", "eta", "phi"))
        }
        made[name] = from_columns(np.array([0, len(given)]), columns, name)
    return ak.zip(made, depth_limit=1)


def wide(events: ak.Array) -> ak.Array:
    """The same in double precision: turned and mirrored to the last pixel."""
    for name in events.fields:
        for key in events[name].fields:
            if key in {"pt", "eta", "phi"}:
                objects = ak.with_field(
                    events[name], ak.values_astype(events[name][key], float), key
                )
                events = ak.with_field(events, objects, name)
    return events


def changed(events: ak.Array, key: str, change: Any) -> ak.Array:
    """A field of all objects that have it, changed."""
    for name in events.fields:
        if key in events[name].fields:
            objects = ak.with_field(events[name], change(events[name][key]), key)
            events = ak.with_field(events, objects, name)
    return events


def reference(events: ak.Array, one: ObjectCircles, colours: np.ndarray) -> np.ndarray:
    """Distance of each pixel's centre to each circle, around the cylinder; rows are φ."""
    size = one.size
    out = np.zeros((len(events), colours.shape[1], size, size))
    centre = np.arange(size) + 0.5
    factor = (one.scale or {"paper": 10.5, "code": 5.25}[one.convention]) * size / 224
    opacity = one.opacity or (0.5 if one.filled else 1.0)
    for number, kind in enumerate(one.kinds):
        name = {"jet": "Jet", "b_jet": "Jet", "electron": "Electron", "muon": "Muon", "met": "MET"}
        offsets, found = flat(events[name[kind]])
        for b in range(len(events)):
            for i in range(offsets[b], offsets[b + 1]):
                if name[kind] == "Jet" and found["bTag"][i] != (kind == "b_jet"):
                    continue
                eta = float(found["eta"][i]) if kind != "met" else 0.0
                energy = float(found["pt"][i])
                if one.convention == "paper":
                    energy *= np.cosh(eta)
                radius = factor * np.log(energy)
                if radius <= 0:
                    continue
                x = (eta + 3) / 6 * size
                y = (float(found["phi"][i]) + PI) / (2 * PI) * size
                lit = np.zeros((size, size), bool)
                for turn in range(-6, 7):
                    away = np.hypot(centre[:, None] - y - turn * size, centre - x)
                    if one.filled:
                        lit |= away < radius
                    else:
                        lit |= abs(away - radius) < one.width / 2
                for c, ink in enumerate(colours[number]):
                    if one.palette == "kinds" and ink == 0:  # none of its channels
                        continue
                    out[b, c][lit] = (1 - opacity) * out[b, c][lit] + opacity * ink
    return out


PAPER = 1 - np.array([[255, 128, 128], [139, 0, 0], [0, 0, 255], [0, 128, 0], [0, 0, 0]]) / 255


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"size": 37, "width": 2.5},
        {"convention": "code", "palette": "kinds", "size": 112},
        {"filled": True, "size": 112},
        {"filled": True, "opacity": 0.25, "palette": "kinds", "size": 50},
        {"opacity": 0.75, "size": 64, "width": 4.0},
        # circles that go around the beam and cross themselves
        {"scale": 60.0, "size": 40},
        {"scale": 60.0, "size": 40, "filled": True},
        {"filled": True, "opacity": 1.0, "size": 60},
        {"filled": True, "opacity": 1.0, "size": 60, "palette": "kinds"},
    ],
)
def test_same_pixels_as_distances_to_circles(chosen: dict[str, Any]) -> None:
    events, one = some(1), ObjectCircles(**chosen)
    colours = np.eye(5) if chosen.get("palette") == "kinds" else PAPER
    wanted, drawn = reference(events, one, colours), image(events, **chosen)
    np.testing.assert_array_equal(drawn != 0, wanted != 0)
    np.testing.assert_allclose(drawn, wanted, rtol=1e-5, atol=1e-6)
    assert drawn.any(axis=(1, 2, 3)).all()
    sideways = image(events, **chosen, rows="eta")
    np.testing.assert_array_equal(sideways, drawn.swapaxes(-1, -2))


@pytest.mark.parametrize("filled", [False, True])
@pytest.mark.parametrize("size", [112, 45])
def test_turning_the_event_rolls_the_picture(size: int, filled: bool) -> None:
    """By any number of pixels, and all the way around."""
    events = wide(some(2))
    before = image(events, size=size, filled=filled)
    for pixels in (1, 17, size // 2, size):
        angle = 2 * PI * pixels / size
        turned = changed(events, "phi", lambda phi, by=angle: (phi + by + PI) % (2 * PI) - PI)
        after = image(turned, size=size, filled=filled)
        np.testing.assert_array_equal(after, np.roll(before, pixels, axis=-2))


@pytest.mark.parametrize("palette", ["paper", "kinds"])
def test_many_events_are_as_few(palette: Any) -> None:
    """More than marks can count: nothing of an event is left for a later one."""
    events = some(7, 300, 2)
    chosen: dict[str, Any] = {"size": 24, "palette": palette}
    whole = image(events, **chosen)
    for b in range(0, 300, 23):
        np.testing.assert_array_equal(image(events[b : b + 1], **chosen)[0], whole[b])


def test_mirrored_events_are_mirrored_pictures() -> None:
    events = wide(some(3))
    before = image(events, size=112)
    for key, axis in (("eta", -1), ("phi", -2)):
        after = image(changed(events, key, lambda values: -values), size=112)
        np.testing.assert_array_equal(after, np.flip(before, axis))
        assert not np.array_equal(after, before)


def test_neither_seam_nor_order_of_objects_shows() -> None:
    """φ = π is φ = −π, and objects of an event are a set."""
    jet = {"pt": 80.0, "eta": 0.4}
    ends = [image(event(Jet=[{**jet, "phi": phi}])) for phi in (np.nextafter(PI, 4), -PI)]
    np.testing.assert_array_equal(*ends)
    whole = image(event(Jet=[{**jet, "phi": 0.0}]))
    assert ends[0].sum() == pytest.approx(whole.sum())
    events = some(4)
    back = events
    for name in events.fields:
        back = ak.with_field(back, events[name][:, ::-1], name)
    for filled in (False, True):
        np.testing.assert_array_equal(image(events, filled=filled), image(back, filled=filled))


@pytest.mark.parametrize(
    ("convention", "eta", "radius"),
    [("paper", 0.0, 48.35), ("paper", 2.0, 62.26), ("code", 2.0, 24.18)],
)
def test_radius_is_that_of_the_convention(convention: Any, eta: float, radius: float) -> None:
    """100 GeV of pT: 10.5 ln E, or 5.25 ln pT, whatever the η."""
    muon = event(Muon=[{"pt": 100.0, "eta": eta, "phi": 0.3}])
    drawn = image(muon, convention=convention, largest_eta=8.0, **ONE_EACH)[0, 3]
    rows, columns = np.nonzero(drawn)
    centre = ((0.3 + PI) / (2 * PI) * 224, (eta + 8) / 16 * 224)
    away = np.hypot(rows + 0.5 - centre[0], columns + 0.5 - centre[1])
    assert abs(away - radius).max() < 0.51
    assert len(rows) == pytest.approx(2 * PI * radius, rel=0.03)
    disc = image(muon, convention=convention, largest_eta=8.0, filled=True, **ONE_EACH)[0, 3]
    assert np.count_nonzero(disc) == pytest.approx(PI * radius**2, rel=0.01)


def test_smaller_canvases_show_the_same() -> None:
    """Radii go with the size: discs cover the same share of the canvas."""
    events = some(5)
    shares = [
        (image(events, size=size, filled=True, **ONE_EACH) > 0).mean(axis=(2, 3))
        for size in (224, 112, 448)
    ]
    np.testing.assert_allclose(shares[1], shares[0], atol=0.002)
    np.testing.assert_allclose(shares[2], shares[0], atol=0.002)


def test_colours_of_the_paper() -> None:
    """Values are what white loses; each kind lies alone on its own canvas here."""
    one = {"pt": 50.0, "eta": 0.2, "phi": 1.0}
    kinds = {
        "jet": {"Jet": [one]},
        "b_jet": {"Jet": [{**one, "bTag": True}]},
        "electron": {"Electron": [one]},
        "muon": {"Muon": [one]},
        "met": {"MET": [one]},
    }
    for number, (kind, objects) in enumerate(kinds.items()):
        drawn = image(event(**objects))[0]
        lit = drawn.any(axis=0)
        np.testing.assert_allclose(drawn[:, lit], np.tile(PAPER[number][:, None], lit.sum()), 1e-6)
        own = image(event(**objects), **ONE_EACH)[0]
        assert own[number].sum() == lit.sum() == own.sum()
        assert not image(event(**objects), kinds=tuple(set(kinds) - {kind, "jet"})).any() or (
            kind == "jet"
        )


def test_later_kinds_lie_above() -> None:
    """Where circles cross: missing energy over muons over electrons over jets."""
    one = {"pt": 50.0, "eta": 0.0, "phi": 1.0}
    events = event(**{name: [one] for name in ("Jet", "Electron", "Muon", "MET")})
    lit = image(events)[0]
    np.testing.assert_array_equal(lit, image(event(MET=[one]))[0])
    order = ("met", "muon", "electron", "jet", "b_jet")
    np.testing.assert_array_equal(
        image(events, kinds=order)[0], image(event(Jet=[one]), kinds=order)[0]
    )
    discs = image(events, filled=True, opacity=0.5)[0][:, 146, 112]
    wanted = np.zeros(3)
    for number in (0, 2, 3, 4):
        wanted = 0.5 * wanted + 0.5 * PAPER[number]
    np.testing.assert_allclose(discs, wanted, rtol=1e-6)


def test_missing_energy_lies_in_the_middle() -> None:
    drawn = image(event(MET=[{"pt": 40.0, "phi": -1.2}]), kinds=("met",), palette="kinds")[0, 0]
    rows, columns = np.nonzero(drawn)
    assert columns.mean() == pytest.approx(111.5, abs=0.01)
    assert rows.mean() + 0.5 == pytest.approx((PI - 1.2) / (2 * PI) * 224, abs=0.3)


@pytest.mark.parametrize(("field", "cut"), [("btagCSV", None), ("btagCSV", 0.2), ("bTag", None)])
def test_b_tags(field: str, cut: float | None) -> None:
    events = some(6, 8)
    chosen: dict[str, Any] = {"b_tag": field, "b_cut": cut, "palette": "kinds", "size": 64}
    drawn = image(events, **chosen)
    tag = events.Jet[field] > {"bTag": 0.5, "btagCSV": 0.679}[field] if cut is None else None
    tag = events.Jet[field] > cut if cut is not None else tag
    for number, kept in ((0, ~tag), (1, tag)):
        alone = ak.with_field(events, events.Jet[kept], "Jet")
        np.testing.assert_array_equal(image(alone, **chosen)[:, number], drawn[:, number])
        assert not image(alone, **chosen)[:, 1 - number].any()
    together = image(events, kinds=("jet",), palette="kinds", size=64)[:, 0]
    np.testing.assert_array_equal(together > 0, drawn[:, :2].any(axis=1))
    assert "Jet." + field in ObjectCircles(**chosen).reads
    assert not any("ag" in name for name in ObjectCircles(kinds=("jet",)).reads)


def test_what_cannot_be_drawn_is_left_out() -> None:
    """1 GeV or less, far beyond the canvas, not a number; circles beside it reach into it."""
    odd: list[dict[str, Any]] = [
        {"pt": 1.0, "eta": 0.0, "phi": 0.0},
        {"pt": 0.3, "eta": 1.0, "phi": 0.0},
        {"pt": 0.0, "eta": 1.0, "phi": 0.0},
        {"pt": 20.0, "eta": 60.0, "phi": 0.0},
        {"pt": 20.0, "eta": -9.0, "phi": 0.0},
        {"pt": np.nan, "eta": 0.0, "phi": 0.0},
        {"pt": np.inf, "eta": 0.0, "phi": 0.0},
        {"pt": 20.0, "eta": np.nan, "phi": 0.0},
        {"pt": 20.0, "eta": 0.0, "phi": np.nan},
        {"pt": 20.0, "eta": np.inf, "phi": 0.0},
    ]
    met: list[dict[str, Any]] = [{"pt": np.nan, "phi": 0.3}]
    assert not image(event(Jet=odd, Muon=odd, Electron=odd, MET=met)).any()
    assert not image(event()).any()
    kept = {"pt": 30.0, "eta": 0.5, "phi": 0.5}
    np.testing.assert_array_equal(image(event(Jet=[*odd, kept])), image(event(Jet=[kept])))
    beside = image(event(Muon=[{"pt": 30.0, "eta": 3.2, "phi": 0.5}]), **ONE_EACH)[0, 3]
    assert beside[:, 180:].any() and not beside[:, :112].any()
    inside = image(event(Muon=[{"pt": 30.0, "eta": 2.99999, "phi": 0.5}]), **ONE_EACH)[0, 3]
    edge = image(event(Muon=[{"pt": 30.0, "eta": 3.00001, "phi": 0.5}]), **ONE_EACH)[0, 3]
    assert np.count_nonzero(inside != edge) < 10


def test_own_colours() -> None:
    chosen: dict[str, Any] = {"kinds": ("muon", "photon"), "palette": {"muon": "#000000"}}
    with pytest.raises(ValueError, match="photon"):
        ObjectCircles(**chosen)
    chosen["palette"]["photon"] = "#00ff7f"
    events = toy_events(2, 1, photons=1)
    one = ObjectCircles(**chosen)
    assert one.reads == tuple(f"{c}.{k}" for c in ("Muon", "Photon") for k in ("pt", "eta", "phi"))
    values = one(events)["image"]
    assert isinstance(values, Sparse)
    assert set(np.round(values.value, 4)) == {np.float32(1.0), np.float32(0.502)}


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"size": 0}, "size"),
        ({"scale": 0.0}, "scale"),
        ({"width": 0.0}, "width"),
        ({"opacity": 0.0}, "opacity"),
        ({"opacity": 1.5}, "opacity"),
        ({"largest_eta": 0.0}, "largest_eta"),
        ({"kinds": ()}, "kinds"),
        ({"kinds": ("jet", "jet")}, "kinds"),
        ({"kinds": ("jets",)}, "'jet'"),
        ({"convention": "papers"}, "convention"),
        ({"palette": {"jet": "red"}, "kinds": ("jet",)}, "#rrggbb"),
        ({"palette": "papr"}, "palette"),
        ({"b_tag": "btagCVS"}, "btagCSV"),
        ({"b_tag": "btagDeepFlavB"}, "b_cut"),
        ({"b_tag": ""}, "b_jet"),
    ],
)
def test_nonsense_is_refused(chosen: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        ObjectCircles(**chosen)


def test_events_without_a_direction_of_missing_energy_say_so() -> None:
    from hepvision.readers.cms_json import CmsJson

    events = CmsJson().read(shared("data", "cms_json", "short.json"))
    with pytest.raises(SchemaError, match=r"MET\.phi.*kinds"):
        image(events, b_tag="btagCSV")
    kinds = ("jet", "b_jet", "electron", "muon")
    assert image(events, b_tag="btagCSV", kinds=kinds).any(axis=(1, 2, 3)).all()


def test_published_events_have_a_circle_an_object() -> None:
    """Each within the canvas is lit at its own radius to the left or right of its centre."""
    from hepvision.readers.cms_json import CmsJson

    events = CmsJson().read(shared("data", "cms_json", "ttbar_7TeV.json.gz"), range(200))
    drawn = image(events, b_tag="btagCSV", **ONE_EACH)
    for number, name in ((2, "Electron"), (3, "Muon")):
        objects = events[name]
        radius = 10.5 * np.log(objects.pt * np.cosh(objects.eta))
        x = (objects.eta + 3) / 6 * 224
        row = ak.to_numpy(ak.flatten(objects.phi + PI)) / (2 * PI) * 224
        at = np.floor(row).astype(int) % 224
        owner = np.repeat(np.arange(len(events)), ak.to_numpy(ak.num(objects)))
        left = np.floor(ak.to_numpy(ak.flatten(x - radius))).astype(int)
        right = np.floor(ak.to_numpy(ak.flatten(x + radius))).astype(int)
        for side in (left, right):
            there = (side >= 1) & (side < 223) & (ak.to_numpy(ak.flatten(radius)) > 2)
            near = np.stack([drawn[owner, number, at, (side + k) % 224] for k in (-1, 0, 1)])
            assert there.sum() > 50
            assert (near.max(axis=0)[there] == 1).all()

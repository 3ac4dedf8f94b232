"""Turning an image is turning the event, in every part of the detector."""

from __future__ import annotations

import dataclasses
from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.inputs import Dense, Frame, Inputs, InputSpec, PartSpec, Sparse
from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import Hcal, tower_columns
from hepvision.events.schema import from_columns
from hepvision.representations.detector_image import DetectorImage
from hepvision.representations.object_circles import ObjectCircles
from hepvision.training.turns import Turn, Turns
from toy_events import toy_events
from toy_inputs import toy_inputs, toy_spec

EVENTS = 40
BARREL, ENDCAP = EcalBarrel(), EcalEndcap()
SHAPES = {"a.barrel": BARREL.shape, "a.endcap_minus": (100, 100), "a.endcap_plus": (100, 100)}


def image(shape: tuple[int, int], scale: float = 1.0, frame: Frame = "crystals") -> PartSpec:
    return PartSpec("image", (1, *shape), ("a",), ("GeV",), (scale,), frame)


def frame_of(name: str) -> Frame:
    return "crystals" if name.endswith("barrel") else "endcap"


SPEC = {name: image(shape, frame=frame_of(name)) for name, shape in SHAPES.items()}


def sparse(event: Any, row: Any, column: Any, value: Any, shape: tuple[int, int]) -> Sparse:
    order = np.argsort(event, kind="stable")
    offsets = np.concatenate([[0], np.cumsum(np.bincount(event, minlength=EVENTS))])
    index = (row * shape[1] + column)[order].astype(np.uint32)
    return Sparse(offsets.astype(np.int64), index, value[order].astype(np.float32), (1, *shape))


def dense(part: Any) -> np.ndarray:
    out = np.empty((len(part), *part.shape), np.float32)
    part.fill(out)
    return out


def hits(seed: int = 1) -> dict[str, np.ndarray]:
    """Directions of crystals that were hit, some in the barrel, some in both endcaps."""
    rng = np.random.default_rng(seed)
    ieta, iphi = BARREL.numbers(rng.choice(BARREL.channels, EVENTS * 30))
    eta, phi = BARREL.eta_phi(ieta, iphi)
    there = np.flatnonzero(np.concatenate([ENDCAP.exists(), ENDCAP.exists()]))
    far_eta, far_phi = ENDCAP.eta_phi(*ENDCAP.numbers(rng.choice(there, EVENTS * 30)))
    eta, phi = np.concatenate([eta, far_eta]), np.concatenate([phi, far_phi])
    event = np.concatenate([np.arange(EVENTS * 30) % EVENTS] * 2)
    barrel = np.arange(len(eta)) < EVENTS * 30
    energy = rng.integers(1, 1000, len(eta)).astype(float)
    return {"event": event, "eta": eta, "phi": phi, "barrel": barrel, "energy": energy}


def images(found: dict[str, np.ndarray]) -> Inputs:
    """From directions, by the geometry alone."""
    event, eta, phi, energy = (found[key] for key in ("event", "eta", "phi", "energy"))
    near = found["barrel"]
    row, column = BARREL.row_column(*BARREL.locate(eta[near], phi[near])[:2])
    made: Inputs = {"a.barrel": sparse(event[near], row, column, energy[near], BARREL.shape)}
    for side, name in ((-1, "a.endcap_minus"), (1, "a.endcap_plus")):
        here = ~near & (np.sign(eta) == side)
        ix, iy, _, _ = ENDCAP.locate(eta[here], phi[here])
        row, column = ENDCAP.row_column(ix, iy, -1)
        made[name] = sparse(event[here], row, column, energy[here], (100, 100))
    return made


def turned_hits(found: dict[str, np.ndarray], turn: Turn, steps: int) -> dict[str, np.ndarray]:
    swapped, mirrored, number = (one[found["event"]] for one in turn)
    eta = np.where(swapped, -1, 1) * found["eta"]
    phi = np.where(mirrored, -1, 1) * found["phi"] + 2 * np.pi * number / steps
    return found | {"eta": eta, "phi": (phi + np.pi) % (2 * np.pi) - np.pi}


def test_the_turned_image_is_the_image_of_the_turned_event() -> None:
    """Every hit of barrel and endcaps, exactly; all sixteen turns occur."""
    turns, found = Turns(SPEC, 1, 0), hits()
    assert turns.steps == 4
    number = np.arange(EVENTS)
    turn = Turn(number % 2 == 1, number // 2 % 2 == 1, number // 4 % 4)
    before = images(found)
    copies = {name: dense(part) for name, part in before.items()}
    made, wanted = turns.apply(before, turn), images(turned_hits(found, turn, 4))
    for name in SPEC:
        np.testing.assert_array_equal(dense(made[name]), dense(wanted[name]))
        assert not np.array_equal(dense(made[name]), copies[name])
        np.testing.assert_array_equal(dense(before[name]), copies[name])


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_right_angles_against_numpy(number: int) -> None:
    """A picture with y upwards turns as np.rot90 turns one with y downwards."""
    turn = Turn(*(np.zeros(EVENTS, bool) for _ in range(2)), np.full(EVENTS, number))
    before = images(hits())
    made = Turns(SPEC, 1, 0).apply(before, turn)
    flipped = dense(before["a.endcap_plus"])[..., ::-1, :]
    wanted = np.rot90(flipped, number, axes=(2, 3))[..., ::-1, :]
    np.testing.assert_array_equal(dense(made["a.endcap_plus"]), wanted)
    rolled = np.roll(dense(before["a.barrel"]), 90 * number, axis=-1)
    np.testing.assert_array_equal(dense(made["a.barrel"]), rolled)


def test_barrel_alone_turns_by_every_column() -> None:
    spec, found = {"a.barrel": SPEC["a.barrel"]}, hits()
    turns, number = Turns(spec, 1, 0), 9 * np.arange(EVENTS)
    assert turns.steps == 360
    turn = Turn(np.zeros(EVENTS, bool), np.zeros(EVENTS, bool), number)
    made = turns.apply({"a.barrel": images(found)["a.barrel"]}, turn)
    wanted = images(turned_hits(found, turn, 360))["a.barrel"]
    np.testing.assert_array_equal(dense(made["a.barrel"]), dense(wanted))


def test_towers_of_ten_degrees_stay_whole() -> None:
    """Each pixel of a tower beyond ieta 20 goes where the tower turned by 10° lies."""
    shape = (280, 360)
    spec = {"b.image": image(shape)}
    turns = Turns(spec, 1, 0)
    assert turns.steps == 36
    rng, hcal = np.random.default_rng(2), Hcal()
    ieta = rng.choice(np.setdiff1d(np.arange(-28, 29), 0), EVENTS)
    wide = np.abs(ieta) >= 21
    iphi = rng.integers(0, 36, EVENTS) * 2 + 1

    def picture(ieta: np.ndarray, iphi: np.ndarray) -> Sparse:
        row = np.repeat(hcal.row_column(ieta, iphi)[0] * 5, 50) + np.tile(
            np.arange(50) // 10, EVENTS
        )
        column = (np.repeat(tower_columns(iphi), 50) + np.tile(np.arange(50) % 10, EVENTS)) % 360
        kept = np.repeat(wide, 50) | (np.tile(np.arange(50) % 10, EVENTS) < 5)
        event = np.repeat(np.arange(EVENTS), 50)[kept]
        return sparse(event, row[kept], column[kept], 1.0 + event, shape)

    turn = turns.drawn(np.random.default_rng(1), EVENTS)
    made = turns.apply({"b.image": picture(ieta, iphi)}, turn)["b.image"]
    # columns are mirrored about φ = −10°, the edge before iphi 71
    first = np.where(turn.mirrored, np.where(wide, 66, 67) - (iphi - 1), iphi - 1)
    wanted = picture(np.where(turn.swapped, -ieta, ieta), (first + 2 * turn.number) % 72 + 1)
    np.testing.assert_array_equal(dense(made), dense(wanted))


def test_a_turned_image_is_rolled_and_mirrored() -> None:
    part, spec = toy_inputs("image", 60)["part"], toy_spec("image")
    turns = Turns(spec, 1, 0)
    before = dense(part)
    after = dense(turns.apply({"part": part}, turns.drawn(np.random.default_rng(2), 60))["part"])
    seen = set()
    for one, made in zip(before, after, strict=True):
        found = [
            (upside, reverse, shift)
            for upside in (False, True)
            for reverse in (False, True)
            for shift in range(spec["part"].shape[2])
            if np.allclose(
                np.roll(one[:, :: -1 if upside else 1, :: -1 if reverse else 1], shift, -1), made
            )
        ]
        assert found
        seen.add(found[0])
    assert len({one[:2] for one in seen}) == 4
    assert len({one[2] for one in seen}) > 10


def test_all_parts_of_an_event_turn_alike() -> None:
    """Two pictures of the same hits stay the same; what is no image is left alone."""
    spec: InputSpec = {"b.image": SPEC["a.barrel"]} | SPEC | toy_spec("vector", "c.vector")
    inputs = images(hits())
    inputs |= {"b.image": inputs["a.barrel"]} | toy_inputs("vector", EVENTS, name="c.vector")
    turns = Turns(spec, 4, 2)
    made = turns.apply(inputs, turns.drawn(turns.generator(), EVENTS))
    np.testing.assert_array_equal(dense(made["b.image"]), dense(made["a.barrel"]))
    assert isinstance(made["c.vector"], Dense)
    assert made["c.vector"] is inputs["c.vector"]


def test_energy_is_kept_and_all_turns_are_drawn() -> None:
    turns, inputs = Turns(SPEC, 1, 0), images(hits())
    turn = turns.drawn(turns.generator(), EVENTS)
    assert len(set(zip(*(one.tolist() for one in turn), strict=True))) > 10
    made = turns.apply(inputs, turn)
    for names in (["a.barrel"], ["a.endcap_minus", "a.endcap_plus"]):
        sums = [
            sum(dense(one[name]).sum(axis=(1, 2, 3)) for name in names) for one in (inputs, made)
        ]
        np.testing.assert_array_equal(*sums)


def test_exchanged_endcaps_keep_their_energy_in_gev() -> None:
    """Each side was divided by a constant of its own."""
    scaled = {"a.endcap_minus": 2.0, "a.endcap_plus": 5.0}
    spec = SPEC | {name: image((100, 100), scale, "endcap") for name, scale in scaled.items()}
    inputs = images(hits())
    divided = dict(inputs)
    for name, scale in scaled.items():
        part = inputs[name]
        assert isinstance(part, Sparse)
        divided[name] = dataclasses.replace(part, value=part.value / np.float32(scale))
    turn = Turns(SPEC, 3, 0).drawn(np.random.default_rng(1), EVENTS)
    assert 0 < turn.swapped.sum() < EVENTS
    wanted, made = Turns(SPEC, 3, 0).apply(inputs, turn), Turns(spec, 3, 0).apply(divided, turn)
    for name, scale in scaled.items():
        np.testing.assert_allclose(dense(made[name]) * scale, dense(wanted[name]), rtol=1e-6)


def test_one_endcap_alone_is_not_mirrored_in_eta() -> None:
    spec = {name: SPEC[name] for name in ("a.barrel", "a.endcap_plus")}
    turn = Turns(spec, 1, 0).drawn(np.random.default_rng(1), EVENTS)
    assert not turn.swapped.any()
    assert turn.mirrored.any()


def test_an_event_without_hits_stays_empty() -> None:
    empty = {
        name: Sparse(
            np.zeros(3, np.int64), np.zeros(0, np.uint32), np.zeros(0, np.float32), part.shape
        )
        for name, part in SPEC.items()
    }
    turns = Turns(SPEC, 1, 0)
    made = turns.apply(empty, turns.drawn(turns.generator(), 2))
    assert all(len(one) == 2 and not dense(one).any() for one in made.values())


def circle_events(seed: int = 5) -> ak.Array:
    """Jets and missing energy in double precision."""
    rng, jets = np.random.default_rng(seed), 3 * EVENTS
    columns = {
        "pt": rng.uniform(20, 200, jets),
        "eta": rng.uniform(-2.8, 2.8, jets),
        "phi": rng.uniform(-np.pi, np.pi, jets),
        "bTag": rng.random(jets) < 0.5,
    }
    made = {"Jet": from_columns(3 * np.arange(EVENTS + 1), columns, "Jet")}
    missing = {key: columns[key][:EVENTS] for key in ("pt", "phi")}
    made["MET"] = from_columns(np.arange(EVENTS + 1), missing, "MET")
    for name, keys in (("Jet", ("eta", "phi")), ("MET", ("phi",))):
        for key in keys:
            wide = ak.values_astype(made[name][key], np.float64)
            made[name] = ak.with_field(made[name], wide, key)
    return ak.zip(made, depth_limit=1)


def moved_events(events: ak.Array, turn: Turn, steps: int) -> ak.Array:
    sign, way = (ak.Array(np.where(one, -1.0, 1.0)) for one in turn[:2])
    for name in ("Jet", "MET"):
        objects = events[name]
        if name == "Jet":
            objects = ak.with_field(objects, objects.eta * sign, "eta")
        phi = objects.phi * way + ak.Array(2 * np.pi * turn.number / steps)
        phi = (phi + np.pi) % (2 * np.pi) - np.pi
        events = ak.with_field(events, ak.with_field(objects, phi, "phi"), name)
    return events


@pytest.mark.parametrize("rows", ["phi", "eta"])
def test_circles_of_turned_events(rows: Any) -> None:
    """Whichever way the picture lies, it is the picture of the event turned by any pixel."""
    events = circle_events()
    one = ObjectCircles(size=64, kinds=("jet", "b_jet", "met"), rows=rows)
    turns = Turns(one.spec, 1, 0)
    assert turns.steps == 64
    turn = turns.drawn(turns.generator(), EVENTS)
    assert len(set(turn.number)) > 20 and 0 < turn.swapped.sum() < EVENTS
    made = turns.apply(one(events), turn)["image"]
    wanted = one(moved_events(events, turn, 64))["image"]
    np.testing.assert_array_equal(dense(made), dense(wanted))
    assert not np.array_equal(dense(made), dense(one(events)["image"]))


def test_circles_turn_with_the_detector() -> None:
    """Mirrored about the same azimuth, turned by angles that both can."""
    circles = ObjectCircles(size=72, kinds=("jet", "b_jet", "met"))
    events, found = circle_events(), hits()
    spec = {"a.barrel": SPEC["a.barrel"], "b.image": circles.spec["image"]}
    turns = Turns(spec, 1, 0)
    assert turns.steps == 72
    turn = turns.drawn(turns.generator(), EVENTS)
    before = {"a.barrel": images(found)["a.barrel"], "b.image": circles(events)["image"]}
    made = turns.apply(before, turn)
    wanted = images(turned_hits(found, turn, 72))["a.barrel"]
    np.testing.assert_array_equal(dense(made["a.barrel"]), dense(wanted))
    drawn = circles(moved_events(events, turn, 72))["image"]
    np.testing.assert_array_equal(dense(made["b.image"]), dense(drawn))


def test_windows_are_mirrored_and_never_rolled() -> None:
    spec = {"c.image": image((9, 11), frame="window"), "a.barrel": SPEC["a.barrel"]}
    rng = np.random.default_rng(1)
    row, column = rng.integers(0, 9, 4 * EVENTS), rng.integers(0, 11, 4 * EVENTS)
    event, value = np.repeat(np.arange(EVENTS), 4), 1.0 + np.arange(4 * EVENTS)
    window = sparse(event, row, column, value, (9, 11))
    turns = Turns(spec, 1, 0)
    assert turns.steps == 360
    turn = turns.drawn(turns.generator(), EVENTS)
    barrel = images(hits())["a.barrel"]
    made = turns.apply({"c.image": window, "a.barrel": barrel}, turn)["c.image"]
    row = np.where(turn.swapped[event], 8 - row, row)
    column = np.where(turn.mirrored[event], 10 - column, column)
    wanted = sparse(event, row, column, value, (9, 11))
    np.testing.assert_array_equal(dense(made), dense(wanted))
    assert Turns({"c.image": spec["c.image"]}, 1, 0).steps == 1


def test_images_that_do_not_say_what_they_are_must_not_be_turned() -> None:
    with pytest.raises(ValueError, match=r"turn: .*x\.image"):
        Turns({"x.image": image((8, 8), frame="")}, 1, 0)


def test_turns_and_mirrors_are_each_off_or_on() -> None:
    spec, many = {"a.barrel": SPEC["a.barrel"]}, 500
    for rotation, mirror in ((True, False), (False, True)):
        turns = Turns(spec, 1, 0, rotation=rotation, mirror=mirror)
        turn = turns.drawn(turns.generator(), many)
        both = turn.swapped.any() and turn.mirrored.any()
        assert (len(set(turn.number)) > 100) == rotation and both == mirror
        assert rotation or not turn.number.any()
    whole = Turns(spec, 1, 0).drawn(Turns(spec, 1, 0).generator(), many)
    assert len(set(whole.number)) > 100 and whole.mirrored.any()


def turned_events(events: ak.Array, turn: Turn, steps: int, axis: int) -> ak.Array:
    """By the numbers of crystals and towers; the mirror is that of φ = axis in degrees."""
    sign = ak.Array(np.where(turn.swapped, -1, 1))
    quarter = ak.Array(turn.number * 4 // steps)
    degrees = turn.number * 360 // steps + np.where(turn.mirrored, 2 * axis, 0)
    shift, way = ak.Array(degrees), ak.Array(np.where(turn.mirrored, -1, 1))
    names = "EcalBarrelHit", "HcalHit", "EcalEndcapHit"
    barrel, towers, crystals = (ak.values_astype(events[name], np.float64) for name in names)
    tracks = events["Track"]
    # φ is 0 between iphi 10 and 11 of crystals, between 72 and 1 of towers
    iphi = ((2 * barrel.iphi - 21) * way + 21) // 2 + shift
    barrel = ak.with_field(barrel, (iphi - 1) % 360 + 1, "iphi")
    barrel = ak.with_field(barrel, barrel.ieta * sign, "ieta")
    iphi = ((2 * towers.iphi - 1) * way + 1) // 2 + shift // 5
    towers = ak.with_field(towers, (iphi - 1) % 72 + 1, "iphi")
    towers = ak.with_field(towers, towers.ieta * sign, "ieta")
    x, y = 2 * crystals.ix - 101, (2 * crystals.iy - 101) * way
    for number in (1, 2, 3):
        x, y = ak.where(quarter >= number, -y, x), ak.where(quarter >= number, x, y)
    crystals = ak.with_field(ak.with_field(crystals, (x + 101) // 2, "ix"), (y + 101) // 2, "iy")
    crystals = ak.with_field(crystals, crystals.side * sign, "side")
    phi = tracks.phi * way + np.deg2rad(degrees)
    tracks = ak.with_field(tracks, (phi + np.pi) % (2 * np.pi) - np.pi, "phi")
    tracks = ak.with_field(tracks, tracks.eta * sign, "eta")
    made = ak.with_field(ak.with_field(events, barrel, "EcalBarrelHit"), towers, "HcalHit")
    return ak.with_field(ak.with_field(made, crystals, "EcalEndcapHit"), tracks, "Track")


@pytest.mark.parametrize("region", ["barrel", "ecal_centric", "hcal_centric"])
def test_representations_of_turned_events(region: Any) -> None:
    """All layers of every geometry, as far as its grids allow."""
    events, image = toy_events(EVENTS, 3), DetectorImage(region=region)
    tracks = events["Track"]
    # just beyond the seam a track goes to the nearest crystal, of which there may be two
    seam = (abs(tracks.eta) > 1.479) & (abs(tracks.eta) < 1.52)
    events = ak.with_field(events, tracks[~seam], "Track")
    turns = Turns(image.spec, 1, 0)
    turn = turns.drawn(np.random.default_rng(5), EVENTS)
    if region == "barrel":
        # towers lie in fives
        turn.number[:] -= turn.number % 5
    moved = turned_events(events, turn, turns.steps, 0 if turns.endcaps else -10)
    made, wanted = turns.apply(image(events), turn), image(moved)
    for name, part in made.items():
        one, other = dense(part), dense(wanted[name])
        if name == "image":
            exact = np.ones(one.shape, bool)
            # endcap crystals are squares, which only right angles keep
            exact[:, 1, :55] = exact[:, 1, -55:] = region == "barrel"
        elif name != "barrel":
            # crystals on the diagonals lie between two towers and belong to the next in φ
            exact = np.broadcast_to(
                (np.arange(3) != 2)[:, None, None] | ~turn.mirrored[:, None, None, None], one.shape
            )
        else:
            exact = np.ones(one.shape, bool)
        assert one.any()
        np.testing.assert_allclose(one[exact], other[exact], rtol=1e-5)

"""Pictures of events: sums, turns, the seam, and cells at their places."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pytest

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import Hcal
from hepvision.events.schema import build, from_columns
from hepvision.representations._eta_phi_cells import GEOMETRIES, numbers_of, pixel_at, shares
from hepvision.representations._strokes import Strokes, draw
from hepvision.representations.event_image import EventImage
from toy_events import toy_events, turned


def picture(one: EventImage, events: ak.Array) -> np.ndarray:
    """Dense pictures, shape (B, C, H, W)."""
    part = one(events)["image"]
    out = np.empty((len(events), *part.shape), np.float32)
    part.fill(out)
    return out


def inside(events: ak.Array, name: str, geometry, field="energy", eta_max=3.0) -> np.ndarray:
    """Sum of the hits whose centre lies in the acceptance, event by event."""
    hits = events[name]
    counts = ak.num(hits)
    eta, _ = geometry.eta_phi(*(ak.to_numpy(ak.flatten(hits[key])) for key in geometry.fields))
    return ak.sum(hits[field] * (abs(ak.unflatten(eta, counts)) < eta_max), axis=1).to_numpy()


def cells(name: str, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every cell as an event of its own: where its pixels begin, they, and its share in each."""
    geometry = GEOMETRIES[name]
    number = np.arange(geometry.shape[0] * geometry.shape[1])
    down, right = numbers_of(name, *geometry.numbers(number))
    one = np.ones(len(number), np.float32)
    each = np.arange(len(number) + 1)
    stroke = Strokes(0, each, one, right, down, shares(name, size, 3.0))
    return draw([stroke], len(number), np.ones(1), size[0] * size[1])


@pytest.mark.parametrize("share", [True, False])
@pytest.mark.parametrize(("size", "eta_max"), [((64, 64), 3.0), ((224, 224), 2.5), ((7, 13), 1.1)])
def test_sums_are_those_of_what_lies_inside(size, eta_max, share) -> None:
    events = toy_events(6, 3, mean=200)
    one = EventImage(pixels=size, eta_max=eta_max, share=share)
    ecal, hcal, tracks = picture(one, events).sum(axis=(2, 3), dtype=float).T
    crystals = inside(events, "EcalBarrelHit", EcalBarrel(), eta_max=eta_max)
    crystals = crystals + inside(events, "EcalEndcapHit", EcalEndcap(), eta_max=eta_max)
    np.testing.assert_allclose(ecal, crystals, rtol=1e-5)
    np.testing.assert_allclose(hcal, inside(events, "HcalHit", Hcal(), eta_max=eta_max), rtol=1e-5)
    track = events.Track
    np.testing.assert_allclose(
        tracks, ak.sum(track.pt[abs(track.eta) < eta_max], axis=1).to_numpy(), rtol=1e-5
    )
    both = picture(EventImage(size, ("calorimeter",), eta_max, share=share), events)
    np.testing.assert_allclose(both.sum(axis=(1, 2, 3)), ecal + hcal, rtol=1e-5)


def test_turning_an_event_rolls_the_picture() -> None:
    """A quarter is a whole number of pixels, crystals and of wide towers."""
    events = toy_events(5, 4, mean=100)
    events = ak.with_field(events, events.EcalEndcapHit[:, :0], "EcalEndcapHit")
    for share in (True, False):
        one = EventImage(share=share)
        np.testing.assert_allclose(
            picture(one, turned(events, 90)), np.roll(picture(one, events), 16, axis=3), atol=1e-4
        )


def test_endcap_crystals_turn_by_quarters() -> None:
    rng = np.random.default_rng(2)
    there = np.argwhere(EcalEndcap().exists())[rng.integers(0, 5000, 50)]
    iy, ix = there.T + 1
    energy = rng.exponential(3.0, 50)

    def events(x, y):
        columns = {"ix": x, "iy": y, "side": np.ones(50, int), "energy": energy}
        columns["time"] = np.zeros(50)
        made = from_columns(np.array([0, 50]), columns, "EcalEndcapHit")
        barrel = toy_events(1, mean=0).EcalBarrelHit
        scalars = {key: np.ones(1) for key in ("weight", "run", "luminosityBlock", "event")}
        scalars |= {"event_id": np.ones(1, np.uint64), "sample": "a", "pileup": np.zeros(1)}
        return build(scalars, {"EcalEndcapHit": made, "EcalBarrelHit": barrel})

    one = EventImage(channels=("ecal",))
    straight, quarter = events(ix, iy), events(101 - iy, ix)
    np.testing.assert_allclose(
        picture(one, quarter), np.roll(picture(one, straight), 16, axis=3), atol=1e-4
    )


def test_nothing_is_lost_or_doubled_at_the_seam() -> None:
    """Of a flat field of energy each pixel gets its share: no gap and no double row."""
    whole = np.zeros(64 * 64)
    for name in ("EcalBarrelHit", "HcalHit"):
        begin, lit, share = cells(name, (64, 64))
        geometry = GEOMETRIES[name]
        number = np.arange(len(begin) - 1)
        row, column = np.divmod(number, geometry.shape[1])
        first, span = geometry._columns(row, column)
        area = np.diff(geometry.eta_edges)[row] * np.deg2rad(360 / geometry.shape[1]) * span
        area = np.where(first == column, area, 0.0)  # a wide tower is counted once
        shared = np.repeat(area, np.diff(begin)) * share
        drawn = np.bincount(lit, shared, 64 * 64).reshape(64, 64)
        pixel = 6.0 / 64 * 2 * np.pi / 64
        if name == "HcalHit":
            np.testing.assert_allclose(drawn, pixel, rtol=1e-5)
        else:
            rows = np.abs(np.linspace(-3, 3, 65))
            full = np.maximum(rows[:-1], rows[1:]) < 1.48
            np.testing.assert_allclose(drawn[full], pixel, rtol=2e-3)
            assert drawn.sum() == pytest.approx(2 * 85 * 0.0174 * 2 * np.pi, rel=5e-3)
            whole += drawn.ravel()
    begin, lit, _ = cells("EcalEndcapHit", (64, 64))
    there = np.repeat(np.tile(EcalEndcap().exists().ravel(), 2), np.diff(begin))
    lit = np.unique(lit[there] // 64)
    # rows of the seam hold both, all others one kind alone
    assert set(np.flatnonzero(whole.reshape(64, 64).any(axis=1))) & set(lit) == {16, 47}


def test_a_cell_is_drawn_where_it_is() -> None:
    """The centre of gravity of a cell's pixels is its centre, within a pixel."""
    for name in ("EcalBarrelHit", "HcalHit"):
        begin, pixel, share = cells(name, (224, 224))
        number = np.arange(len(begin) - 1)
        eta, phi = GEOMETRIES[name].eta_phi(*GEOMETRIES[name].numbers(number))
        cell = np.repeat(number, np.diff(begin))
        at_eta = -3 + (pixel // 224 + 0.5) * 6 / 224
        at_phi = -np.pi + (pixel % 224 + 0.5) * 2 * np.pi / 224
        turn = (at_phi - phi[cell] + np.pi) % (2 * np.pi) - np.pi
        mean_eta = np.bincount(cell, share * at_eta, len(number))
        mean_turn = np.bincount(cell, share * turn, len(number))
        inside = np.diff(begin) > 0
        assert inside.sum() > 0.9 * len(number)
        assert np.abs(mean_eta - eta)[inside].max() < 0.02
        assert np.abs(mean_turn)[inside].max() < 0.02
        np.testing.assert_allclose(np.bincount(cell, share, len(number))[inside], 1.0, rtol=1e-5)


def test_pi_and_minus_pi_are_neighbours() -> None:
    assert pixel_at([0.0, 0.0], [np.pi, -np.pi], (2, 8), 3.0).tolist() == [8, 8]
    assert pixel_at([0.0], [3.1], (2, 8), 3.0).tolist() == [15]
    # a crystal astride φ = π lights the last and the first column
    begin, pixel, _ = cells("EcalBarrelHit", (4, 100))
    lit = pixel[begin[189] : begin[190]] % 100
    assert set(lit) <= {0, 99}


def test_any_field_of_any_collection() -> None:
    events = toy_events(4, 6, mean=50)
    one = EventImage((8, 8), ("Tower.et", "Track", "Jet.pt", "HcalHit"), eta_max=1.0)
    sums = picture(one, events).sum(axis=(2, 3))
    tower = events.Tower
    np.testing.assert_allclose(sums[:, 0], ak.sum(tower.et[abs(tower.eta) < 1], axis=1), rtol=1e-5)
    np.testing.assert_array_equal(sums[:, 1], ak.sum(abs(events.Track.eta) < 1, axis=1))
    assert (sums[:, 3] == np.round(sums[:, 3])).all()
    assert one.spec["image"].units == ("GeV", "", "GeV", "")
    assert "Tower.phi" in one.reads and "HcalHit.energy" not in one.reads


def test_what_is_no_cell_is_left_out() -> None:
    """Tower 29, which lies in the forward calorimeter: neither drawn nor read beyond a table."""
    events = toy_events(3, 8, mean=60)
    towers = {"ieta": [29, -29, 1], "iphi": [1, 71, 1], "energy": [5.0, 7.0, 2.0]}
    towers["depth"] = [1, 1, 1]
    hits = from_columns(np.array([0, 2, 2, 3]), towers, "HcalHit")
    events = ak.with_field(events, hits, "HcalHit")
    for chosen in ({}, {"share": False}, {"transverse": True}):
        drawn = picture(EventImage(channels=("hcal",), **chosen), events)
        np.testing.assert_array_equal(drawn.any(axis=(1, 2, 3)), [False, False, True])


def test_directions_that_are_not_finite_are_left_out() -> None:
    events = toy_events(1, 8, mean=60)
    none = np.zeros(4)
    tracks = {"pt": [5.0, 2.0, 3.0, 1.0], "eta": [0.5, 0.5, np.nan, 0.5], "dz": none}
    tracks["phi"] = [np.nan, np.inf, 0.0, 0.0]
    events = ak.with_field(events, from_columns(np.array([0, 4]), tracks, "Track"), "Track")
    drawn = picture(EventImage(channels=("tracks",), share=False), events)
    assert drawn.sum() == pytest.approx(1.0)
    assert not drawn[0, 0, 0, 0]


def test_transverse_energy() -> None:
    events = toy_events(3, 8, mean=60)
    full, across = (
        picture(EventImage(channels=("hcal",), transverse=flag, share=False), events)
        for flag in (False, True)
    )
    lit = full > 0
    row = np.nonzero(lit)[2]
    eta = -3 + (row + 0.5) * 6 / 64
    np.testing.assert_allclose((across[lit] * np.cosh(eta) / full[lit]), 1.0, atol=0.06)


def test_constants_are_measured_on_lit_pixels() -> None:
    events = toy_events(5, 9)
    one = EventImage(channels=("ecal", "tracks")).measured([events[:3], events[3:]])
    drawn = picture(one, events)
    for channel in range(2):
        lit = drawn[:, channel][drawn[:, channel] != 0]
        assert np.sqrt((lit**2).mean()) == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"channels": ("ecl",)}, "channels: no channel 'ecl'. Did you mean 'ecal'"),
        ({"channels": ("Track.ptt",)}, "channels: no field 'ptt' of Track. Did you mean 'pt'"),
        ({"channels": ("Pixel.value",)}, "channels: no channel 'Pixel.value'"),
        ({"channels": ("ecal", "ecal")}, "must be one or more and differ"),
        ({"pixels": (0, 64)}, "pixels: must be 1 or more"),
        ({"eta_max": 0.0}, "eta_max: must lie between 0.1 and 10"),
        ({"scale": (1.0,)}, "scale: must be a positive number a channel"),
    ],
)
def test_nonsense_is_refused_in_one_line(given, message) -> None:
    with pytest.raises(ValueError, match=message) as error:
        EventImage(**given)
    assert "\n" not in str(error.value)

"""Images of the whole detector: sums, seam, places, turns and alignment in every geometry."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pytest

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import Hcal
from hepvision.events.schema import from_columns
from hepvision.physics.kinematics import delta_phi
from hepvision.representations._canvas import canvases
from hepvision.representations.detector_image import DetectorImage
from representations.toy_images import dense
from toy_events import toy_events, turned

REGIONS = ("barrel", "ecal_centric", "hcal_centric")
FORWARD = ("ecal_centric", "hcal_centric")
GEOMETRIES = {one.collection: one for one in (EcalBarrel(), EcalEndcap(), Hcal())}


def wide_events(number: int, seed: int, **options: int) -> ak.Array:
    """Toy events whose tracks reach beyond |η| = 3 and whose crystals exist."""
    events = toy_events(number, seed, **options)
    track, rng = events["Track"], np.random.default_rng(seed)
    for key in ("eta", "etaEcal"):
        eta = rng.uniform(-3.3, 3.3, int(ak.sum(ak.num(track)))).astype(np.float32)
        track = ak.with_field(track, ak.unflatten(eta, ak.num(track)), key)
    crystal = events["EcalEndcapHit"]
    there = EcalEndcap().exists()[ak.flatten(crystal.iy) - 1, ak.flatten(crystal.ix) - 1]
    events = ak.with_field(events, crystal[ak.unflatten(there, ak.num(crystal))], "EcalEndcapHit")
    return ak.with_field(events, track, "Track")


def only(events: ak.Array, name: str, **columns: object) -> ak.Array:
    """One event with nothing but the given hits."""
    empty = toy_events(1, 0, mean=0)
    size = len(next(iter(columns.values())))  # type: ignore[arg-type]
    return ak.with_field(empty, from_columns([0, size], columns, name), name)


def track_at(eta: list[float], phi: list[float]) -> ak.Array:
    fields = {"pt": np.ones(len(eta)), "eta": eta, "phi": phi}
    return only(None, "Track", **fields, etaEcal=eta, phiEcal=phi)


@pytest.mark.parametrize("at", ["vertex", "ecal_face"])
@pytest.mark.parametrize("region", REGIONS)
def test_sum_of_a_layer_is_the_sum_of_its_hits(region: str, at: str) -> None:
    events = wide_events(6, 1, mean=200)
    images = dense(DetectorImage(region=region, tracks_at=at), events)
    sums = sum(one.sum(axis=(2, 3), dtype=float) for one in images.values())
    track, tower = events["Track"], events["HcalHit"]
    reach, towers = (1.479, 17) if region == "barrel" else (3.0, 28)
    eta = track.eta if at == "vertex" else track.etaEcal
    ecal = ak.sum(events["EcalBarrelHit"].energy, axis=1)
    if region != "barrel":
        ecal = ecal + ak.sum(events["EcalEndcapHit"].energy, axis=1)
    assert sums[:, 0] == pytest.approx(ak.sum(track.pt[abs(eta) < reach], axis=1))
    assert sums[:, 1] == pytest.approx(ecal)
    assert sums[:, 2] == pytest.approx(ak.sum(tower.energy[abs(tower.ieta) <= towers], axis=1))


@pytest.mark.parametrize("region", FORWARD)
@pytest.mark.parametrize("name", GEOMETRIES)
def test_every_channel_is_drawn_in_exactly_one_part(region: str, name: str) -> None:
    geometry = GEOMETRIES[name]
    parts = np.zeros(np.prod(geometry.shape), int)
    for canvas in canvases(region).values():
        if name in canvas.tables:
            table = canvas.tables[name]
            parts += np.diff(table.begin) > 0
            assert table.cells.max() < np.prod(canvas.shape)
            assert table.cells.min() >= 0
    assert (parts == 1).all()


@pytest.mark.parametrize("region", REGIONS)
def test_no_pixel_shows_two_towers(region: str) -> None:
    """Only the two names that a 10° tower may go by share their pixels."""
    for name, canvas in canvases(region).items():
        table = canvas.tables["HcalHit"]
        ieta, iphi = Hcal().numbers(np.repeat(np.arange(56 * 72), np.diff(table.begin)))
        odd = (abs(ieta) < 21) | (iphi % 2 == 1)
        shown = np.bincount(table.cells[odd], minlength=np.prod(canvas.shape))
        assert shown.max() == 1
        if name.startswith("endcap"):
            np.testing.assert_array_equal(shown.reshape(100, 100), EcalEndcap().exists())
        else:
            assert shown.min() == 1


@pytest.mark.parametrize("region", FORWARD)
def test_seam_and_ends_of_tracks(region: str) -> None:
    image = DetectorImage(region=region, layers=("tracks",))
    seam, end = np.float32(1.479), np.float32(3.0)
    for phi in np.deg2rad([0.0, 44.99, 90.0, 179.99, -90.0, -45.0]).tolist():
        for sign in (-1, 1):
            inner, beyond = np.nextafter(seam, np.float32(0)), np.nextafter(seam, end)
            last = np.nextafter(end, np.float32(0))
            for eta in (inner, seam, beyond, last):
                parts = dense(image, track_at([sign * eta], [phi]))
                assert sum(one.sum() for one in parts.values()) == 1
                lit = [name for name, one in parts.items() if one.any()]
                if region == "ecal_centric":
                    side = "endcap_plus" if sign > 0 else "endcap_minus"
                    assert lit == ["barrel" if float(eta) < 1.479 else side]
            assert not any(
                one.any() for one in dense(image, track_at([sign * end], [phi])).values()
            )


@pytest.mark.parametrize("region", FORWARD)
def test_towers_at_the_seam_and_the_end(region: str) -> None:
    ieta = np.array([-28, -18, -17, 17, 18, 28])
    image = DetectorImage(region=region, layers=("hcal",))
    for one in ieta:
        hit = {"ieta": [one], "iphi": [37], "depth": [1], "energy": [3.0]}
        parts = dense(image, only(None, "HcalHit", **hit))
        assert sum(part.sum(dtype=float) for part in parts.values()) == pytest.approx(3.0)
        lit = [name for name, part in parts.items() if part.any()]
        if region == "ecal_centric":
            side = "endcap_plus" if one > 0 else "endcap_minus"
            assert lit == ["barrel" if abs(one) <= 17 else side]


@pytest.mark.parametrize("region", REGIONS)
def test_channels_that_do_not_exist_are_not_drawn(region: str) -> None:
    towers = {"ieta": [-29, 29, -128, 127], "iphi": [1, 72, 1, 1], "depth": [1] * 4}
    crystals = {"ieta": [-86, 86], "iphi": [1, 360], "energy": [1.0] * 2, "time": [0.0] * 2}
    events = only(None, "HcalHit", **towers, energy=[1.0] * 4)
    hits = from_columns([0, 2], crystals, "EcalBarrelHit")
    for one in (events, ak.with_field(events, hits, "EcalBarrelHit")):
        for part in dense(DetectorImage(region=region), one).values():
            assert not part.any()


def test_middle_rows_of_the_whole_are_the_barrel() -> None:
    events = wide_events(4, 3)
    barrel, parts = (
        dense(DetectorImage(), events),
        dense(DetectorImage(region="ecal_centric"), events),
    )
    whole = dense(DetectorImage(region="hcal_centric"), events)["image"]
    np.testing.assert_array_equal(whole[:, :, 55:225], barrel["image"])
    np.testing.assert_array_equal(parts["barrel"], barrel["image"])
    for name, rows in (("endcap_minus", whole[:, :, :55]), ("endcap_plus", whole[:, :, 225:])):
        sums = rows.sum(axis=(2, 3), dtype=float)
        assert parts[name].sum(axis=(2, 3), dtype=float) == pytest.approx(sums)


def test_a_wide_tower_gives_half_to_each_cell() -> None:
    image = DetectorImage(region="hcal_centric", layers=("hcal",))
    for iphi in (71, 72):  # both are names of the same tower
        hit = {"ieta": [21], "iphi": [iphi], "depth": [1], "energy": [50.0]}
        picture = dense(image, only(None, "HcalHit", **hit))["image"][0, 0]
        cells = picture[48 * 5 : 49 * 5]
        assert picture.sum() == cells.sum() == pytest.approx(50.0)
        # 350° to 360°: columns start at −10°
        np.testing.assert_allclose(cells[:, :10], 1.0)


@pytest.mark.parametrize("region", REGIONS)
def test_every_tower_lies_at_its_own_place(region: str) -> None:
    hcal = Hcal()
    for canvas in canvases(region).values():
        table = canvas.tables["HcalHit"]
        channel = np.repeat(np.arange(56 * 72), np.diff(table.begin))
        eta, phi = (one.ravel()[table.cells] for one in canvas.eta_phi())
        ieta, iphi = hcal.numbers(channel)
        own_eta, own_phi = hcal.eta_phi(ieta, iphi)
        row, _ = hcal.row_column(ieta, iphi)
        half = np.diff(hcal.eta_edges)[row] / 2
        # modules of barrel crystals end up to 0.013 from the edges of towers
        assert (abs(eta - own_eta) <= half + np.where(abs(eta) < 1.479, 0.014, 1e-9)).all()
        width = np.deg2rad(np.where(abs(ieta) >= 21, 5.0, 2.5))
        assert (abs(delta_phi(phi, own_phi)) <= width + 1e-6).all()


def test_every_endcap_crystal_lies_at_its_own_place_in_the_whole() -> None:
    """Within half a crystal, or half a pixel where pixels are larger."""
    endcap, canvas = EcalEndcap(), canvases("hcal_centric")["image"]
    table = canvas.tables["EcalEndcapHit"]
    channel = np.repeat(np.arange(20000), np.diff(table.begin))
    ix, iy, side = endcap.numbers(channel)
    there = endcap.exists()[iy - 1, ix - 1]
    eta, phi = (one.ravel()[table.cells] for one in canvas.eta_phi())
    assert (np.sign(eta) == side).all()
    radius = endcap.face / endcap.pitch / np.sinh(abs(eta))
    apart = [radius * np.cos(phi) - (ix - 50.5), radius * np.sin(phi) - (iy - 50.5)]
    worst = np.max(np.abs(apart), axis=0)[there]
    # else it is the pixel that holds the crystal's centre
    assert np.mean(worst <= 0.5) > 0.8
    assert worst.max() < 1.0
    assert (np.diff(table.begin) > 0).all()


@pytest.mark.parametrize("region", FORWARD)
def test_tracks_and_crystals_of_one_direction_share_a_pixel(region: str) -> None:
    rng, endcap = np.random.default_rng(5), EcalEndcap()
    row, column = np.nonzero(endcap.exists())
    side = rng.choice([-1, 1], len(row))
    eta, phi = endcap.eta_phi(column + 1, row + 1, side)
    inside = abs(eta) > 1.479
    channel = endcap.flat_index(column + 1, row + 1, side)[inside]
    for canvas in canvases(region).values():
        if "EcalEndcapHit" not in canvas.tables:
            continue
        pixel = canvas.locate(eta[inside], phi[inside])
        offsets, cells = canvas.tables["EcalEndcapHit"].of(channel)
        shared = np.add.reduceat(
            np.append(cells == np.repeat(pixel, np.diff(offsets)), 0), offsets[:-1]
        )
        drawn = np.diff(offsets) > 0
        assert (pixel[~drawn] == -1).all()
        assert (shared[drawn] == 1).all()


def quarter(events: ak.Array) -> ak.Array:
    """The same events turned by 90°, endcap crystals too."""
    made = turned(events, 90)
    crystal = events["EcalEndcapHit"]
    ix, iy = (ak.values_astype(crystal[key], np.int16) for key in ("ix", "iy"))
    crystal = ak.with_field(ak.with_field(crystal, 101 - iy, "ix"), ix, "iy")
    return ak.with_field(made, crystal, "EcalEndcapHit")


def test_a_quarter_turn_turns_every_part() -> None:
    events = wide_events(4, 2, mean=150)
    still = dense(DetectorImage(region="ecal_centric", layers=("ecal", "hcal")), events)
    moved = dense(DetectorImage(region="ecal_centric", layers=("ecal", "hcal")), quarter(events))
    np.testing.assert_array_equal(moved["barrel"], np.roll(still["barrel"], 90, axis=-1))
    for name in ("endcap_minus", "endcap_plus"):
        # rows rise with y, so a turn from x to y is one from columns to rows
        expected = np.rot90(still[name], -1, axes=(2, 3))
        np.testing.assert_allclose(moved[name], expected, rtol=1e-5)
    image = DetectorImage(region="hcal_centric", layers=("ecal", "hcal"))
    whole, after = dense(image, events)["image"], dense(image, quarter(events))["image"]
    np.testing.assert_allclose(after, np.roll(whole, 90, axis=-1), rtol=1e-5)


@pytest.mark.parametrize("turn", [10, 50, 350])
def test_turning_by_wide_towers_rolls_the_whole(turn: int) -> None:
    events = wide_events(4, 2)
    track = events["Track"]
    # a track in the middle of a pixel stays clear of rounding at the edges
    phi = np.deg2rad(np.floor(np.rad2deg(track.phi)) + 0.5)
    events = ak.with_field(events, ak.with_field(track, phi, "phi"), "Track")
    events = ak.with_field(events, events["EcalEndcapHit"][:, :0], "EcalEndcapHit")
    image = DetectorImage(region="hcal_centric")
    moved = dense(image, turned(events, turn))["image"]
    np.testing.assert_array_equal(moved, np.roll(dense(image, events)["image"], turn, axis=-1))


def _matched(number: int) -> ak.Array:
    """One event in which each particle lights the track, crystal and tower at its direction."""
    rng = np.random.default_rng(11)
    eta, phi = rng.uniform(-2.95, 2.95, number), rng.uniform(-np.pi, np.pi, number)
    energy = rng.exponential(5.0, number)
    event = toy_events(1, 0, mean=0)
    fields = {"pt": energy, "eta": eta, "phi": phi, "etaEcal": eta, "phiEcal": phi}
    event = ak.with_field(event, from_columns([0, number], fields, "Track"), "Track")
    for name, geometry in GEOMETRIES.items():
        *numbers, inside = geometry.locate(eta, phi)
        columns = {key: one[inside] for key, one in zip(geometry.fields, numbers, strict=True)} | {
            "energy": energy[inside]
        }
        hits = from_columns([0, int(inside.sum())], columns, name)
        event = ak.with_field(event, hits, name)
    return event


@pytest.mark.parametrize("region", REGIONS)
def test_layers_of_the_same_particles_match_best_unshifted(region: str) -> None:
    for picture in dense(DetectorImage(region=region), _matched(1500)).values():
        tracks, ecal, hcal = (np.fft.rfft2(one - one.mean()) for one in picture[0])
        # a tower is flat over five pixels
        for other, reach in ((ecal, 0), (hcal, 1)):
            match = np.fft.irfft2(tracks.conj() * other, picture.shape[2:])
            row, column = np.unravel_index(match.argmax(), match.shape)
            height, width = match.shape
            assert min(row, height - row) <= reach
            assert min(column, width - column) <= reach


def test_measured_constants_hold_for_all_parts() -> None:
    events = wide_events(20, 6)
    image = DetectorImage(region="ecal_centric").measured([events[:10], events[10:]])
    parts = dense(image, events)
    for layer in range(3):
        pixels = np.concatenate([one[:, layer].ravel() for one in parts.values()]).astype(float)
        assert np.sqrt(np.mean(pixels[pixels != 0] ** 2)) == pytest.approx(1.0, rel=1e-3)
    assert {part.scale for part in image.spec.values()} == {image.scale}

"""Pixels that are left out on purpose: around photons, far from them, faint ones."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pytest

from hepvision.events.observables import observable
from hepvision.representations._canvas import canvases
from hepvision.representations.detector_image import DetectorImage
from representations.toy_images import dense
from toy_events import toy_events

REGIONS = ("barrel", "ecal_centric", "hcal_centric")


def crowded(seed: int) -> ak.Array:
    """Photons everywhere up to |η| = 2.9, the first at φ = π and the second near the seam."""
    events = toy_events(4, seed, photons=2, mean=3000)
    photon = events["Photon"]
    eta = np.array([[0.2, 2.0], [-1.46, 1.3], [1.49, -2.9], [-2.0, 2.2]], np.float32)
    phi = np.array([[np.pi, 0.3], [-0.18, -3.1], [0.0, 0.8], [-1.5, -0.17]], np.float32)
    for key, one in (("superclusterEta", eta), ("superclusterPhi", phi)):
        photon = ak.with_field(photon, ak.from_regular(one), key)
    return ak.with_field(events, photon, "Photon")


def near(name: str, region: str, photon: ak.Array, window: int) -> np.ndarray:
    """Pixels of a part within squares around photons, by eye."""
    canvas = canvases(region)[name]
    row, column = np.indices(canvas.shape)
    made = np.zeros(canvas.shape, bool)
    for pixel in canvas.locate(
        np.asarray(photon.superclusterEta), np.asarray(photon.superclusterPhi)
    ):
        if pixel >= 0:
            apart = np.abs(column - pixel % canvas.shape[1])
            if canvas.periodic:
                apart = np.minimum(apart, canvas.shape[1] - apart)
            made |= (np.abs(row - pixel // canvas.shape[1]) <= window) & (apart <= window)
    return made


@pytest.mark.parametrize("region", REGIONS)
def test_what_is_kept_and_what_is_blanked_make_the_whole(region: str) -> None:
    events = crowded(7)
    whole = dense(DetectorImage(region=region), events)
    kept = dense(DetectorImage(region=region, only_photons=4), events)
    rest = dense(DetectorImage(region=region, without_photons=4), events)
    for name, picture in whole.items():
        for b in range(len(events)):
            close = near(name, region, events["Photon"][b], 4)
            np.testing.assert_array_equal(kept[name][b], picture[b] * close)
            np.testing.assert_array_equal(rest[name][b], picture[b] * ~close)
    assert all(one.any() for one in kept.values())


def test_both_leave_rings() -> None:
    events = crowded(8)
    whole = dense(DetectorImage(), events)["image"]
    rings = dense(DetectorImage(without_photons=2, only_photons=6), events)["image"]
    for b in range(len(events)):
        photon = events["Photon"][b]
        ring = near("image", "barrel", photon, 6) & ~near("image", "barrel", photon, 2)
        np.testing.assert_array_equal(rings[b], whole[b] * ring)


def test_nothing_is_kept_without_photons() -> None:
    events = toy_events(3, 1, photons=0, mean=200)
    assert not dense(DetectorImage(only_photons=7), events)["image"].any()


def test_a_square_crosses_the_seam_of_the_whole() -> None:
    events = crowded(9)
    kept = dense(DetectorImage(region="hcal_centric", only_photons=7), events)["image"][1].any(0)
    rows = np.flatnonzero(kept[:, :20].any(axis=1))
    assert rows.min() < 55 <= rows.max()


@pytest.mark.parametrize("region", REGIONS)
def test_faint_pixels_are_left_out_after_the_division(region: str) -> None:
    events = toy_events(5, 5, photons=2, mean=400)
    events = ak.with_field(
        events, ak.with_field(events["HcalHit"], -events["HcalHit"].energy, "energy"), "HcalHit"
    )
    options = {"region": region, "divide_by": "diphoton_mass"}
    median = float(np.median(observable("diphoton_mass", events)))
    least, scale = 1.0 / median, (3.0, 0.2, 5.0)
    plain = dense(DetectorImage(**options), events)
    cut = dense(DetectorImage(**options, least=least, scale=scale), events)
    for name, picture in plain.items():
        expected = np.where(picture > least, picture, 0) / np.reshape(scale, (3, 1, 1))
        np.testing.assert_allclose(cut[name], expected, rtol=1e-5)
        assert (picture[:, 2] < 0).any()
    part = DetectorImage(**options, least=least)(events)
    assert all((one.value > least).all() for one in part.values())


def test_zero_keeps_negative_pixels() -> None:
    events = toy_events(2, 3, mean=50)
    crystal = events["EcalBarrelHit"]
    events = ak.with_field(
        events, ak.with_field(crystal, -crystal.energy, "energy"), "EcalBarrelHit"
    )
    total = dense(DetectorImage(layers=("ecal",)), events)["image"].sum(dtype=float)
    assert total == pytest.approx(float(ak.sum(events["EcalBarrelHit"].energy)))


def test_a_least_intensity_takes_the_ruler_away() -> None:
    """Noise is cut at a fixed energy: divided by the mass, the faintest pixel measures it."""
    events = toy_events(300, 2, photons=2, mean=300)
    mass = observable("diphoton_mass", events)
    events = events[(mass > 80) & (mass < 160)]
    crystal = events["EcalBarrelHit"]
    events = ak.with_field(
        events, ak.with_field(crystal, 0.08 + crystal.energy / 5, "energy"), "EcalBarrelHit"
    )
    mass = observable("diphoton_mass", events)
    least = 0.08 / mass.min()
    image = DetectorImage(layers=("ecal",), divide_by="diphoton_mass")
    cut = DetectorImage(layers=("ecal",), divide_by="diphoton_mass", least=float(least))
    slopes = []
    for part in (image(events)["image"], cut(events)["image"]):
        faintest = np.minimum.reduceat(part.value, part.offsets[:-1])
        slopes.append(np.polyfit(np.log(mass), np.log(faintest), 1)[0])
    assert slopes[0] == pytest.approx(-1.0, abs=0.02)
    assert abs(slopes[1]) < 0.02


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"region": "forward"}, "must be one of"),
        ({"only_photons": -1}, "0 or more"),
        ({"least": -0.1}, "0 or more"),
        ({"least": float("nan")}, "0 or more"),
        ({"only_photons": 2, "without_photons": 2}, "more than without_photons"),
    ],
)
def test_wrong_parameters_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DetectorImage(**wrong)  # type: ignore[arg-type]

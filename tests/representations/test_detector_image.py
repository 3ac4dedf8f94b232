"""The barrel image: sums, rotations, edges, constants, blanking."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pytest

from hepvision.core.inputs import Sparse
from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.hcal import Hcal
from hepvision.events.observables import observable
from hepvision.events.schema import from_columns
from hepvision.representations.detector_image import DetectorImage
from toy_events import toy_events, turned


def dense(image: DetectorImage, events: ak.Array) -> np.ndarray:
    part = image(events)["image"]
    assert isinstance(part, Sparse)
    out = np.empty((len(events), *part.shape), np.float32)
    part.fill(out)
    return out


def test_sum_of_a_layer_is_the_sum_of_its_hits() -> None:
    events = toy_events(6, 1)
    layers = dense(DetectorImage(), events).sum(axis=(2, 3), dtype=float)
    track, tower = events["Track"], events["HcalHit"]
    assert layers[:, 0] == pytest.approx(ak.sum(track.pt[abs(track.eta) < 1.479], axis=1))
    assert layers[:, 1] == pytest.approx(ak.sum(events["EcalBarrelHit"].energy, axis=1))
    assert layers[:, 2] == pytest.approx(ak.sum(tower.energy[abs(tower.ieta) <= 17], axis=1))


@pytest.mark.parametrize("turn", [5, 10, 185, 355])
def test_turning_an_event_rolls_its_image(turn: int) -> None:
    events = toy_events(4, 2)
    # a track in the middle of a crystal stays clear of rounding at the edges
    track = events["Track"]
    phi = np.deg2rad(np.floor(np.rad2deg(track.phi)) + 0.5)
    events = ak.with_field(events, ak.with_field(track, phi, "phi"), "Track")
    still, moved = dense(DetectorImage(), events), dense(DetectorImage(), turned(events, turn))
    np.testing.assert_array_equal(moved, np.roll(still, turn, axis=-1))


@pytest.mark.parametrize("turn", [1, 7])
def test_ecal_rolls_by_single_crystals(turn: int) -> None:
    events, image = toy_events(4, 2), DetectorImage(layers=("ecal",))
    moved = dense(image, turned(events, turn))
    np.testing.assert_array_equal(moved, np.roll(dense(image, events), turn, axis=-1))


def test_every_hit_lies_at_its_own_place() -> None:
    events = toy_events(1, 3)
    barrel, hcal = EcalBarrel(), Hcal()
    for layer, name, geometry in (("ecal", "EcalBarrelHit", barrel), ("hcal", "HcalHit", hcal)):
        picture = dense(DetectorImage(layers=(layer,)), events)[0, 0]
        hits = events[name][0]
        inside = abs(hits.ieta) <= (85 if layer == "ecal" else 17)
        eta, phi = geometry.eta_phi(hits.ieta[inside], hits.iphi[inside])
        ieta, iphi, _ = barrel.locate(eta, phi)
        assert (picture[barrel.row_column(ieta, iphi)] > 0).all()


def test_a_tower_lies_behind_its_crystals() -> None:
    """PHYSICS: tower iphi h is behind crystals iphi 5h + 6 to 5h + 10."""
    events = toy_events(1, 0, mean=0)
    hit = from_columns(
        [0, 1], {"ieta": [1], "iphi": [72], "depth": [1], "energy": [50.0]}, "HcalHit"
    )
    picture = dense(DetectorImage(layers=("hcal",)), ak.with_field(events, hit, "HcalHit"))[0, 0]
    rows, columns = np.nonzero(picture)
    assert sorted(set(rows)) == list(range(85, 90))
    assert sorted(set(columns + 1)) == list(range(6, 11))
    assert picture[85, 5] == pytest.approx(2.0)


def test_a_track_beyond_the_barrel_is_dropped() -> None:
    events = toy_events(1, 0, mean=0)
    fields = {"pt": [5.0, 7.0], "eta": [1.4791, 1.4789], "phi": [0.0, 0.0]}
    fields |= {"etaEcal": [0.0, 2.0], "phiEcal": [0.0, 0.0]}
    events = ak.with_field(events, from_columns([0, 2], fields, "Track"), "Track")
    assert dense(DetectorImage(layers=("tracks",)), events).sum() == pytest.approx(7.0)
    at_face = DetectorImage(layers=("tracks",), tracks_at="ecal_face")
    assert dense(at_face, events).sum() == pytest.approx(5.0)


def test_each_pixel_is_stored_once() -> None:
    part = DetectorImage()(toy_events(3, 4, mean=400))["image"]
    assert isinstance(part, Sparse)
    for b in range(3):
        index = part.index[part.offsets[b] : part.offsets[b + 1]]
        assert len(np.unique(index)) == len(index)


def test_dividing_by_the_mass() -> None:
    events = toy_events(5, 5, photons=2)
    plain, divided = DetectorImage(), DetectorImage(divide_by="diphoton_mass")
    mass = observable("diphoton_mass", events)[:, None, None, None]
    np.testing.assert_allclose(dense(divided, events), dense(plain, events) / mass, rtol=1e-5)
    assert "Photon.mass" in divided.reads


def test_an_event_without_the_pair_is_blank() -> None:
    events = ak.concatenate([toy_events(2, 5, photons=1), toy_events(2, 6, photons=2)])
    lit = dense(DetectorImage(divide_by="diphoton_mass"), events).any(axis=(1, 2, 3))
    assert lit.tolist() == [False, False, True, True]


def test_measured_constants_bring_lit_pixels_to_one() -> None:
    events = toy_events(20, 6)
    image = DetectorImage().measured([events[:10], events[10:]])
    pixels = dense(image, events)
    for layer in range(3):
        lit = pixels[:, layer][pixels[:, layer] != 0].astype(float)
        assert np.sqrt(np.mean(lit**2)) == pytest.approx(1.0, rel=1e-3)
    assert image.spec["image"].scale == image.scale
    assert image.measured([events]) == image


def test_constants_of_a_dark_layer_are_one() -> None:
    assert DetectorImage().measured([toy_events(2, mean=0)]).scale == (1.0, 1.0, 1.0)


def test_blanking_takes_the_photons_and_nothing_else() -> None:
    events = toy_events(4, 7, photons=2, mean=300)
    whole = dense(DetectorImage(), events)
    rest = dense(DetectorImage(without_photons=3), events)
    barrel = EcalBarrel()
    row, column = np.indices(barrel.shape)
    for b in range(len(events)):
        near = np.zeros(barrel.shape, bool)
        photon = events["Photon"][b]
        ieta, iphi, inside = barrel.locate(photon.superclusterEta, photon.superclusterPhi)
        for r, c in zip(*barrel.row_column(ieta[inside], iphi[inside]), strict=True):
            apart = np.abs(column - c)
            near |= (np.abs(row - r) <= 3) & (np.minimum(apart, 360 - apart) <= 3)
        assert not rest[b][:, near].any()
        np.testing.assert_array_equal(rest[b][:, ~near], whole[b][:, ~near])
    assert whole.sum() > rest.sum()


def test_layers_come_in_the_fixed_order() -> None:
    image = DetectorImage(layers=("hcal", "tracks"))
    assert image.spec["image"].names == ("tracks", "hcal")
    assert image == DetectorImage(layers=("tracks", "hcal"))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"layers": ()}, "one or more"),
        ({"layers": ("ecal", "ecal")}, "one or more"),
        ({"layers": ("muons",)}, "must be of"),
        ({"scale": (1.0,)}, "a layer"),
        ({"scale": (1.0, 0.0, 1.0)}, "positive"),
        ({"without_photons": -1}, "0 or more"),
    ],
)
def test_wrong_parameters_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DetectorImage(**wrong)  # type: ignore[arg-type]

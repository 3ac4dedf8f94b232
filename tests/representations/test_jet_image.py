"""Pictures of jets: nothing is lost, and jets that differ by a symmetry look the same."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.inputs import Sparse
from hepvision.representations.jet_image import JetImage
from toy_events import toy_events
from toy_jets import jets_of

from shared_data import shared

COLOUR = ("charged_pt", "neutral_pt", "charged_multiplicity")


def image(events: ak.Array, **chosen: Any) -> np.ndarray:
    part = JetImage(**chosen)(events)["image"]
    assert isinstance(part, Sparse)
    out = np.empty((len(part), *part.shape), np.float32)
    part.fill(out)
    return out


def changed(events: ak.Array, x: Any, y: Any) -> ak.Array:
    """The same jets with constituents at other places relative to the axis."""
    particles = ak.with_field(ak.with_field(events["Particle"], x, "eta"), y, "phi")
    return ak.with_field(events, particles, "Particle")


def round_jets(number: int, seed: int) -> ak.Array:
    """Jets around (0, 0) of ten constituents each, spread along a random direction."""
    rng = np.random.default_rng(seed)
    jets = []
    for angle in rng.uniform(0, np.pi, number):
        along, across = rng.normal(0.05, 0.25, 10), rng.normal(0.02, 0.08, 10)
        jets.append(
            {
                "pt": list(rng.exponential(10, 10) + 1),
                "eta": list(along * np.cos(angle) - across * np.sin(angle)),
                "phi": list(along * np.sin(angle) + across * np.cos(angle)),
                "charge": list(rng.integers(-1, 2, 10).astype(float)),
            }
        )
    return jets_of(*jets)


def test_sum_of_pixels_is_the_pt_inside() -> None:
    events = toy_events(6, 1, jets=2)
    lead = ak.argmax(events["FatJet"].pt, axis=1)
    inside = events["Particle"][events["Particle"].jetIdx == lead]
    total = ak.to_numpy(ak.sum(inside.pt, axis=1))
    np.testing.assert_allclose(image(events, width=(6, 6)).sum(axis=(1, 2, 3)), total, rtol=1e-5)
    axis = events["FatJet"][ak.local_index(events["FatJet"].pt) == lead][:, 0]
    near = (abs(inside.eta - axis.eta) < 0.2) & (abs(inside.deltaphi(axis)) < 0.4)
    drawn = image(events, width=(0.4, 0.8), centre="jet", pixels=(7, 12))
    wanted = ak.to_numpy(ak.sum(inside[near].pt, axis=1))
    np.testing.assert_allclose(drawn.sum(axis=(1, 2, 3)), wanted, rtol=1e-5)


def test_against_numpy_histogram() -> None:
    events = round_jets(5, 2)
    drawn = image(events, pixels=(9, 14), width=(1.0, 1.2), centre="jet")
    for b, event in enumerate(events["Particle"]):
        wanted = np.histogram2d(
            event.eta, event.phi, (9, 14), ((-0.5, 0.5), (-0.6, 0.6)), weights=event.pt
        )[0]
        np.testing.assert_allclose(drawn[b, 0], wanted, rtol=1e-5)


def test_rows_rise_with_eta_and_columns_with_phi() -> None:
    one = {"pt": [5.0], "eta": [0.3], "phi": [-3.0]}
    drawn = image(jets_of(one, eta=0.1, phi=3.0), centre="jet", pixels=(8, 8), width=(1.6, 1.6))
    assert np.argwhere(drawn[0, 0]).tolist() == [[5, 5]]


@pytest.mark.parametrize("angle", [0.3, 1.7, 3.0, -2.2])
def test_turning_a_jet_about_its_axis_leaves_the_rotated_image(angle: float) -> None:
    events = round_jets(20, 3)
    x, y = events["Particle"].eta, events["Particle"].phi
    cosine, sine = np.cos(angle), np.sin(angle)
    turned = changed(events, x * cosine - y * sine, x * sine + y * cosine)
    chosen: dict[str, Any] = {"rotate": True, "channels": COLOUR, "width": (4.0, 4.0)}
    before, after = image(events, **chosen), image(turned, **chosen)
    np.testing.assert_allclose(after, before, rtol=1e-5, atol=1e-5)
    assert abs(image(turned) - image(events)).sum() > 0.5 * image(events).sum()


def test_shifting_constituents_leaves_the_centred_image() -> None:
    events = round_jets(20, 4)
    moved = changed(events, events["Particle"].eta + 0.1234, events["Particle"].phi - 0.2345)
    np.testing.assert_allclose(image(moved, width=(4, 4)), image(events, width=(4, 4)), rtol=1e-5)
    assert not np.array_equal(image(moved, centre="jet"), image(events, centre="jet"))


@pytest.mark.parametrize("rotate", [False, True])
def test_mirrored_jets_have_the_same_flipped_image(rotate: bool) -> None:
    events = round_jets(20, 5)
    x, y = events["Particle"].eta, events["Particle"].phi
    before = image(events, flip=True, rotate=rotate, width=(4, 4))
    for mirrored in (changed(events, -x, y), changed(events, x, -y), changed(events, -x, -y)):
        after = image(mirrored, flip=True, rotate=rotate, width=(4, 4))
        np.testing.assert_allclose(after, before, rtol=1e-5)
        assert not np.array_equal(image(mirrored), image(events))


def test_flipped_halves_hold_more() -> None:
    drawn = image(round_jets(20, 6), flip=True, pixels=(8, 8), width=(4, 4))[:, 0]
    assert (drawn[:, 4:].sum(axis=(1, 2)) >= drawn[:, :4].sum(axis=(1, 2))).all()
    assert (drawn[:, :, 4:].sum(axis=(1, 2)) >= drawn[:, :, :4].sum(axis=(1, 2))).all()


def test_rotated_jets_lie_along_the_rows() -> None:
    drawn = image(round_jets(20, 7), rotate=True, width=(4, 4))[:, 0].astype(float)
    place = np.linspace(-2, 2, 67)[1::2]
    rows, columns = (np.average(drawn, axis=(0, axis)) for axis in (2, 1))
    along = np.average(place**2, weights=rows)
    across = np.average(place**2, weights=columns)
    assert along > 3 * across


def test_colour() -> None:
    events = round_jets(10, 8)
    colour = image(events, channels=COLOUR, width=(4, 4))
    grey = image(events, width=(4, 4))
    np.testing.assert_allclose(colour[:, 0] + colour[:, 1], grey[:, 0], rtol=1e-5)
    charged = ak.sum(events["Particle"].charge != 0, axis=1)
    np.testing.assert_array_equal(colour[:, 2].sum(axis=(1, 2)), charged)
    every = image(events, channels=("multiplicity", "charge"), width=(4, 4))
    np.testing.assert_array_equal(every[:, 0].sum(axis=(1, 2)), 10)
    total = ak.sum(events["Particle"].charge, axis=1)
    np.testing.assert_allclose(every[:, 1].sum(axis=(1, 2)), total)


@pytest.mark.parametrize(
    ("normalise", "size"),
    [
        ("sum", lambda one: one.sum(axis=(1, 2))),
        ("maximum", lambda one: one.max(axis=(1, 2))),
        ("euclidean", lambda one: np.sqrt((one**2).sum(axis=(1, 2)))),
    ],
)
def test_normalised(normalise: Any, size: Any) -> None:
    events = round_jets(10, 9)
    grey = image(events, normalise=normalise)[:, 0]
    np.testing.assert_allclose(size(grey), 1, rtol=1e-5)
    colour = image(events, normalise=normalise, channels=COLOUR)
    np.testing.assert_allclose(size(colour[:, 0] + colour[:, 1]), 1, rtol=1e-5)
    assert colour[:, 2].max() >= 1


def test_odd_jets_are_pictures_like_any() -> None:
    none: dict[str, list[float]] = {"pt": [], "eta": [], "phi": []}
    one = {"pt": [7.0], "eta": [0.0], "phi": [0.0]}
    zero = {"pt": [0.0], "eta": [0.1], "phi": [0.0]}
    alike = {"pt": [1.0, 1.0], "eta": [0.1, 0.1], "phi": [0.2, 0.2]}
    events = jets_of(none, one, zero, alike)
    for normalise, sums in (("none", [0, 7, 0, 2]), ("sum", [0, 1, 0, 1])):
        drawn = image(events, rotate=True, flip=True, normalise=normalise)
        assert np.isfinite(drawn).all()
        np.testing.assert_allclose(drawn.sum(axis=(1, 2, 3)), sums)
    assert image(events, rotate=True)[3, 0, 16, 16] == 2
    assert not image(jets_of(one, pt=0.0)).any()


def test_measured_pixels_have_size_one() -> None:
    events = round_jets(10, 10)
    one = JetImage(channels=COLOUR).measured([events[:5], events[5:]])
    part = one(events)["image"]
    assert isinstance(part, Sparse)
    channel = part.index // (33 * 33)
    for c in range(3):
        assert np.sqrt(np.mean(part.value[channel == c] ** 2)) == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"pixels": (0, 5)}, "pixels"),
        ({"width": (0.0, 1.0)}, "width"),
        ({"channels": ("charged_pT",)}, "charged_pt"),
        ({"channels": ("pt", "pt")}, "differ"),
        ({"scale": (1.0, 2.0)}, "scale"),
    ],
)
def test_nonsense_is_refused(chosen: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        JetImage(**chosen)


def test_published_jets_fit_into_their_radius() -> None:
    from hepvision.readers.top_tagging import TopTagging

    events = TopTagging().read(shared("data", "top_tagging", "test.h5"), range(100))
    inside = image(events, centre="jet").sum(axis=(1, 2, 3))
    share = inside / ak.to_numpy(ak.sum(events["Particle"].pt, axis=1))
    assert (share < 1 + 1e-5).all() and share.min() > 0.9 and share.mean() > 0.995

"""Constituents of jets: relative kinematics that do not know where the jet is."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import SchemaError
from hepvision.core.inputs import Ragged
from hepvision.events.examples import examples
from hepvision.events.schema import from_columns
from hepvision.representations.particles import IDENTITIES, Particles
from toy_events import toy_events
from toy_jets import jets_of

from shared_data import shared


def columns(events: ak.Array, **chosen: object) -> dict[str, np.ndarray]:
    """All columns of both parts, as they were before the division."""
    one = Particles(**chosen)  # type: ignore[arg-type]
    made = {}
    for name, part in one(events).items():
        assert isinstance(part, Ragged)
        spec = one.spec[name]
        made |= dict(zip(spec.names, (part.values * np.array(spec.scale)).T, strict=True))
    return made


def moved(events: ak.Array, eta: float, phi: float, sign: int = 1) -> ak.Array:
    """The same jets elsewhere; with sign −1 mirrored along the beam first."""
    for name in ("FatJet", "Particle"):
        objects = events[name]
        azimuth = (objects.phi + phi + np.pi) % (2 * np.pi) - np.pi
        objects = ak.with_field(ak.with_field(objects, azimuth, "phi"), sign * objects.eta, "eta")
        events = ak.with_field(events, ak.with_field(objects, objects.eta + eta, "eta"), name)
    return events


def test_turning_and_mirroring_change_nothing_relative() -> None:
    events = toy_events(8, 1, jets=1)
    before = columns(events)
    for after in (columns(moved(events, 0, 2.5)), columns(moved(events, 0, -1.0, sign=-1))):
        for name in ("delta_eta", "delta_phi", "log_pt", "log_energy", "delta_r", "pt_share"):
            np.testing.assert_allclose(after[name], before[name], atol=2e-5, err_msg=name)


@pytest.mark.parametrize("angle", [0.0, 0.4, 1.9, -2.6])
@pytest.mark.parametrize("mirrored", [False, True])
def test_jets_in_order_look_the_same_however_they_lay(angle: float, mirrored: bool) -> None:
    place = np.array([[0.3, 0.1], [-0.25, 0.05], [0.02, -0.15], [0.1, 0.2]])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])

    def jet(where: np.ndarray) -> ak.Array:
        axis = np.array([0.6, 0.1])
        eta, phi = (where + axis).T.tolist()
        return jets_of({"pt": [70.0, 50.0, 30.0, 20.0], "eta": eta, "phi": phi}, eta=0.6, phi=0.1)

    lain = place @ turn.T * ([1, -1] if mirrored else [1, 1])
    before, after = (columns(jet(one), rotate=True, flip=True) for one in (place, lain))
    plain = columns(jet(lain))
    for name in ("delta_eta", "delta_phi", "log_pt", "delta_r", "pt_share"):
        np.testing.assert_allclose(after[name], before[name], atol=1e-5, err_msg=name)
    np.testing.assert_allclose(
        np.hypot(after["delta_eta"], after["delta_phi"]), plain["delta_r"], atol=1e-5
    )
    np.testing.assert_allclose(after["px"], plain["px"])
    pt = np.array([70.0, 50.0, 30.0, 20.0])
    assert abs((pt * after["delta_eta"] * after["delta_phi"]).sum()) < 1e-3  # no slope is left
    for name in ("delta_eta", "delta_phi"):
        assert (pt * np.sign(after[name])).sum() >= 0


def test_boost_along_the_beam_leaves_differences() -> None:
    jet = {"pt": [60.0, 40.0], "eta": [0.5, 0.7], "phi": [0.1, -0.1]}
    events = jets_of(jet, eta=0.6)
    before, after = columns(events), columns(moved(events, 1.0, 0))
    for name in ("delta_eta", "delta_phi", "log_pt", "log_pt_share", "delta_r"):
        np.testing.assert_allclose(after[name], before[name], atol=1e-5)


def test_momenta_against_vector() -> None:
    events = toy_events(8, 2, jets=2)
    part = Particles(momentum_scale=1.0)(events)["momenta"]
    assert isinstance(part, Ragged)
    lead = ak.argmax(events["FatJet"].pt, axis=1)
    inside = events["Particle"][events["Particle"].jetIdx == lead]
    inside = inside[ak.argsort(inside.pt, axis=1, ascending=False)]
    np.testing.assert_array_equal(np.diff(part.offsets), ak.num(inside, axis=1))
    flat = ak.flatten(inside)
    wanted = np.column_stack([flat.energy, flat.px, flat.py, flat.pz])
    np.testing.assert_allclose(part.values, wanted, rtol=2e-5, atol=1e-4)


def test_shares_and_logarithms() -> None:
    jet = {"pt": [75.0, 25.0], "eta": [0.1, -0.3], "phi": [0.0, 0.0], "mass": [0.0, 3.0]}
    found = columns(jets_of(jet))
    np.testing.assert_allclose(found["pt_share"], [0.75, 0.25])
    np.testing.assert_allclose(found["log_pt_share"], np.log([0.75, 0.25]), rtol=1e-6)
    energy = np.hypot([75.0, 25.0] * np.cosh([0.1, -0.3]), [0.0, 3.0])
    np.testing.assert_allclose(found["log_energy"], np.log(energy), rtol=1e-6)
    np.testing.assert_allclose(found["log_energy_share"], np.log(energy / 100), rtol=1e-5)
    np.testing.assert_allclose(found["delta_r"], [0.1, 0.3], rtol=1e-6)


def test_azimuth_is_wrapped() -> None:
    jet = {"pt": [50.0], "eta": [0.0], "phi": [-3.1]}
    found = columns(jets_of(jet, phi=3.1))
    np.testing.assert_allclose(found["delta_phi"], [2 * np.pi - 6.2], atol=1e-6)


def test_identities() -> None:
    kinds = [211, -321, 22, 130, 11, -13, 12, 0, 0]
    charge = [1, -1, 0, 0, -1, 1, 0, 0, 1]
    jet = {"pt": list(range(9, 0, -1)), "pdgId": kinds, "charge": charge}
    found = columns(jets_of({**jet, "eta": [0.0] * 9, "phi": [0.0] * 9}), identities=True)
    np.testing.assert_array_equal(found["charge"], charge)
    flags = np.stack([found[name] for name in IDENTITIES[1:]])
    wanted = [[1, 1, 0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 1] + [0] * 5, [0, 0, 1] + [0] * 6]
    wanted += [[0] * 4 + [1] + [0] * 4, [0] * 5 + [1] + [0] * 3]
    np.testing.assert_array_equal(flags, wanted)


def test_odd_jets_are_examples_like_any() -> None:
    one = {"pt": [100.0], "eta": [0.0], "phi": [0.0]}
    none: dict[str, list[float]] = {"pt": [], "eta": [], "phi": []}
    soft = {"pt": [0.0, 3.0, 0.0], "eta": [0.0] * 3, "phi": [0.0] * 3}
    many = {"pt": [1.0, 3.0, 2.0, 3.0], "eta": [0.1, 0.2, 0.3, 0.4], "phi": [0.0] * 4}
    other = {"pt": [5.0], "eta": [0.0], "phi": [0.0], "jetIdx": [-1.0]}
    events = jets_of(one, none, soft, many, other)
    part = Particles(most=3)(events)["features"]
    assert isinstance(part, Ragged)
    assert np.diff(part.offsets).tolist() == [1, 0, 1, 3, 0]
    assert np.isfinite(part.values).all()
    kept = part.take(np.array([3])).values[:, 0] * 0.25
    np.testing.assert_allclose(kept, [0.2, 0.4, 0.3], rtol=1e-6)


def test_jets_of_zero_pt_are_empty() -> None:
    events = jets_of({"pt": [1.0], "eta": [0.0], "phi": [0.0]}, pt=0.0)
    for part in Particles()(events).values():
        assert len(part) == 1
        assert isinstance(part, Ragged) and not len(part.values)


def test_jets_may_be_the_examples() -> None:
    events = toy_events(5, 3, jets=2)
    rows = examples(events, per="FatJet")
    parts = Particles()(rows)
    lead = ak.to_numpy(ak.argmax(events["FatJet"].pt, axis=1)) + 2 * np.arange(5)
    for name, part in Particles()(events).items():
        np.testing.assert_array_equal(parts[name].take(lead).values, part.values)  # type: ignore[union-attr]
    with pytest.raises(SchemaError, match="per: FatJet"):
        Particles()(examples(events, per="Photon"))


def test_energies_instead_of_masses() -> None:
    parts = {"pt": [3.0], "eta": [0.0], "phi": [0.0], "jetIdx": [0]}
    events = jets_of({"pt": [3.0], "eta": [0.0], "phi": [0.0]})
    particles = from_columns([0, 1], {**parts, "energy": [5.0]}, "Particle")
    with_energy = ak.with_field(events, particles, "Particle")
    np.testing.assert_allclose(columns(with_energy, masses="from_energy")["energy"], [5.0])
    np.testing.assert_allclose(columns(with_energy, masses="zero")["energy"], [3.0])


@pytest.mark.parametrize(
    ("chosen", "said"),
    [({"most": 0}, "most"), ({"parts": ()}, "parts"), ({"momentum_scale": 0.0}, "momentum_scale")],
)
def test_nonsense_is_refused(chosen: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Particles(**chosen)  # type: ignore[arg-type]


def test_published_jets_are_the_sum_of_their_constituents() -> None:
    from hepvision.readers.top_tagging import TopTagging

    events = TopTagging().read(shared("data", "top_tagging", "test.h5"), range(50))
    one = Particles(most=200)
    momenta = one(events)["momenta"]
    assert isinstance(momenta, Ragged)
    owner = np.repeat(np.arange(50), np.diff(momenta.offsets))
    for column, wanted in zip(momenta.values.T, ("energy", "px", "py", "pz"), strict=True):
        total = np.bincount(owner, column) * one.momentum_scale
        np.testing.assert_allclose(
            total, ak.flatten(getattr(events["FatJet"], wanted)), rtol=1e-4, atol=1e-2
        )
    shares = one(events)["features"].values[:, 7]  # type: ignore[union-attr]
    assert (np.bincount(owner, shares) >= 1 - 1e-5).all()


@pytest.mark.parametrize("jet", ["FatJet", "Jet"])
def test_constituents_of_cms_jets_sum_up_to_them_before_correction(jet: str) -> None:
    from hepvision.readers.nanoaod import Nanoaod

    path = shared("data", "cms_nanoaod", "pfnano.root")
    events = Nanoaod(constituents=jet).read(path)  # type: ignore[arg-type]
    part = Particles(jet=jet, most=500, parts=("momenta",))(events)["momenta"]  # type: ignore[arg-type]
    assert isinstance(part, Ragged)
    owner = np.repeat(np.arange(len(part)), np.diff(part.offsets))
    x, y = (np.bincount(owner, part.values[:, k], len(part)) * 20.0 for k in (1, 2))
    jets = events[jet][ak.argmax(events[jet].pt, axis=1, keepdims=True)]
    raw = ak.to_numpy(ak.flatten(jets.pt * (1 - jets.rawFactor)))
    np.testing.assert_allclose(np.hypot(x, y), raw, rtol=0.01)

"""EnergyFlow's archives, against NumPy."""

from __future__ import annotations

import zipfile
from pathlib import Path

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError, UserError
from hepvision.readers.energyflow_npz import EnergyflowNpz
from readers.written.energyflow_npz import write

MASSES = {22: 0, 211: 0.13957, 321: 0.493677, 130: 0.497611, 2212: 0.938272, 2112: 0.939565}
MASSES |= {11: 0.000511, 13: 0.105658}


@pytest.mark.parametrize("packed", [True, False])
def test_jets_and_constituents(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "QG_jets.npz"
    write(path, 12, packed=packed)
    with np.load(path) as file:
        inside, y = file["X"], file["y"]
    assert EnergyflowNpz().recognises(path)
    events = EnergyflowNpz().read(path)
    np.testing.assert_array_equal(events["label"], y)
    there = inside[..., 0] > 0
    particle = events["Particle"]
    assert ak.num(particle).tolist() == there.sum(axis=1).tolist()
    np.testing.assert_allclose(ak.flatten(particle.pt), inside[there, 0], rtol=1e-6)
    np.testing.assert_array_equal(ak.flatten(particle.pdgId), inside[there, 3])
    assert abs(ak.to_numpy(ak.flatten(particle.phi))).max() <= np.float32(np.pi)
    np.testing.assert_allclose(
        np.cos(ak.flatten(particle.phi)), np.cos(inside[there, 2]), atol=1e-5
    )


def test_rapidity_is_not_pseudorapidity(tmp_path: Path) -> None:
    """Back from η and mass comes the published rapidity; the four-vectors sum to the jet."""
    path = tmp_path / "QG_jets.npz"
    truth = write(path, 12)["X"]
    events = EnergyflowNpz().read(path)
    pt, y, phi, pdg = (truth[..., k] for k in range(4))
    mass = np.vectorize(lambda one: MASSES.get(abs(int(one)), 0))(pdg)
    np.testing.assert_allclose(
        ak.flatten(events["Particle"].rapidity), y[pt > 0], rtol=2e-5, atol=1e-5
    )
    transverse = np.where(pt > 0, np.hypot(pt, mass), 0)
    energy, pz = (transverse * np.cosh(y)).sum(1), (transverse * np.sinh(y)).sum(1)
    px, py = (pt * np.cos(phi)).sum(1), (pt * np.sin(phi)).sum(1)
    jet = ak.flatten(events["Jet"])
    for made, wanted in ((jet.px, px), (jet.py, py), (jet.pz, pz), (jet.E, energy)):
        np.testing.assert_allclose(made, wanted, rtol=1e-4, atol=1e-2)
    massless = EnergyflowNpz(masses="zero").read(path)["Particle"]
    np.testing.assert_allclose(ak.flatten(massless.eta), y[pt > 0], rtol=1e-6)


def test_charges_follow_the_ids(tmp_path: Path) -> None:
    path = tmp_path / "QG_jets.npz"
    write(path, 12)
    particle = ak.flatten(EnergyflowNpz().read(path)["Particle"])
    pairs = set(zip(particle.pdgId.tolist(), particle.charge.tolist(), strict=True))
    assert {(22, 0), (211, 1), (-211, -1), (11, -1), (-11, 1), (2212, 1), (130, 0)} <= pairs


def test_unknown_ids_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    np.savez(path, X=np.array([[[10.0, 0.1, 0.2, 9999], [5.0, 0.1, 0.2, 22]]]), y=np.array([1]))
    about = EnergyflowNpz().read(path).attrs["hepvision"]
    assert about["repaired"] == {"Particle.mass of unknown pdgId": 1}


def test_rows_are_unpacked_as_they_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "many.npz"
    write(path, 5000, particles=60)
    whole = EnergyflowNpz().read(path)
    rows = np.array([4999, 3, 4000, 3, 0])
    assert ak.array_equal(EnergyflowNpz().read(path, rows), whole[rows])
    pieces = list(EnergyflowNpz().stream(path, 1500))
    assert [len(piece) for piece in pieces] == [1500, 1500, 1500, 500]
    assert ak.array_equal(ak.concatenate(pieces), whole)


def test_without_classes(tmp_path: Path) -> None:
    path = tmp_path / "one.npz"
    np.savez(path, X=np.ones((2, 3, 4)))
    assert not EnergyflowNpz().recognises(path)  # by X alone it might be anything
    assert EnergyflowNpz().read(path).attrs["hepvision"]["missing"] == {"label": 2}


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"X": np.ones((2, 3)), "y": np.ones(2)}, r"must have shape \(N, M, 4\)"),
        ({"X": np.ones((2, 3, 4)), "y": np.ones(3)}, "y must be as long as X"),
        ({"X": np.ones((2, 3, 4)), "y": np.array([1, 2])}, "classes must be 0 to 1"),
        ({"Z": np.ones((2, 3, 4))}, "needs X"),
        ({"X": np.full((2, 3, 4), "a")}, "must hold numbers"),
        ({"X": np.asfortranarray(np.ones((2, 3, 4)))}, "must be stored by rows"),
        ({"X": np.ones((0, 3, 4)), "y": np.ones(0)}, "must hold events, got none"),
    ],
)
def test_wrong_layouts(tmp_path: Path, arrays: dict[str, np.ndarray], says: str) -> None:
    path = tmp_path / "wrong.npz"
    np.savez(path, **arrays)
    with pytest.raises((CorruptFileError, SchemaError), match=says):
        EnergyflowNpz().read(path)


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "objects.npz"
    np.savez(path, X=np.array([[1, "a"]], object), allow_pickle=True)
    with pytest.raises(SchemaError, match="must hold numbers, got object"):
        EnergyflowNpz().read(path)


def test_a_flipped_bit_is_found_by_the_checksum(tmp_path: Path) -> None:
    path = tmp_path / "flipped.npz"
    write(path, 50, packed=False)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(bytes(content))
    with pytest.raises(CorruptFileError, match="Bad CRC-32"):
        EnergyflowNpz().read(path)


def test_a_header_that_lies(tmp_path: Path) -> None:
    """A member far longer or shorter than its header says, as in a bomb."""
    good, path = tmp_path / "good.npz", tmp_path / "bomb.npz"
    write(good, 5)
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name in source.namelist():
            made.writestr(name, source.read(name) + bytes(10_000_000))
    with pytest.raises(UserError, match="must have .* bytes"):
        EnergyflowNpz().read(path)

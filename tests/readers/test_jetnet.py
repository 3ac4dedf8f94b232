"""JetNet, against h5py and NumPy."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import h5py
import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.readers.jetnet import Jetnet
from readers.written.jetnet import write


@pytest.mark.parametrize("particles", [30, 150])
def test_constituents_and_jets(tmp_path: Path, particles: int) -> None:
    path = tmp_path / "t.hdf5"
    write(path, 11, particles=particles)
    with h5py.File(path) as file:
        inside, jets = file["particle_features"][...], file["jet_features"][...]
    assert Jetnet().recognises(path)
    events = Jetnet().read(path)
    mask = inside[..., 3] == 1
    assert ak.num(events["Particle"]).tolist() == mask.sum(axis=1).tolist()
    for key, column in (("deltaEta", 0), ("deltaPhi", 1), ("relPt", 2)):
        np.testing.assert_array_equal(ak.flatten(events["Particle"][key]), inside[mask, column])
    pt = (inside[..., 2] * jets[:, :1])[mask]
    np.testing.assert_allclose(ak.flatten(events["Particle"].pt), pt, rtol=1e-6)
    eta = (inside[..., 0] + jets[:, 1:2])[mask]
    np.testing.assert_allclose(ak.flatten(events["Particle"].eta), eta, rtol=1e-5, atol=1e-6)
    jet = events["FatJet"]
    assert ak.num(jet).tolist() == [1] * 11
    for key, column in (("pt", 0), ("eta", 1), ("mass", 2), ("nConstituents", 3)):
        np.testing.assert_array_equal(ak.flatten(jet[key]), jets[:, column])
    assert not ak.any(jet.phi)


def test_four_vectors_are_massless_and_sum_near_the_jet(tmp_path: Path) -> None:
    path = tmp_path / "g.hdf5"
    write(path, 20, particles=30)
    events = Jetnet().read(path)
    particle = events["Particle"]
    np.testing.assert_allclose(
        ak.flatten(particle.E), ak.flatten(particle.pt * np.cosh(particle.eta)), rtol=1e-5
    )
    total = ak.sum(particle.pt, axis=1)
    with h5py.File(path) as file:
        shares = file["particle_features"][..., 2].sum(axis=1)
    np.testing.assert_allclose(total / events["FatJet"].pt[:, 0], shares, rtol=1e-5)


@pytest.mark.parametrize(
    ("stem", "option", "label"),
    [
        ("g", "file_name", 0),
        ("q150", "file_name", 1),
        ("T30", "file_name", 2),
        ("w_train", "file_name", 3),
        ("z", "file_name", 4),
        ("jets", "file_name", None),
        ("gluons", "file_name", None),
        ("gluons", "g", 0),
        ("g", "z", 4),
    ],
)
def test_label_is_in_the_name_or_given(
    tmp_path: Path, stem: str, option: str, label: int | None
) -> None:
    path = tmp_path / f"{stem}.hdf5"
    write(path, 3)
    events = Jetnet(jets=option).read(path)
    if label is None:
        assert "label" not in events.fields
        assert events.attrs["hepvision"]["missing"] == {"label": 3}
    else:
        assert events["label"].tolist() == [label] * 3
    names = ["gluon", "light quark", "top", "W", "Z"]
    assert list(events.attrs["hepvision"]["labels"].values()) == names


def test_numbers_that_are_not_finite(tmp_path: Path) -> None:
    path = tmp_path / "g.hdf5"
    write(path)
    with h5py.File(path, "r+") as file:
        file["particle_features"][6, 2, 1] = np.inf
        file["particle_features"][6, 4, 2] = -0.1
        file["jet_features"][2, 0] = np.nan
        lost = int((file["particle_features"][2, :, 3] == 1).sum()) + 2
    events = Jetnet().read(path)
    assert events.attrs["hepvision"]["left_out"] == {"FatJet": 1, "Particle": lost}
    assert ak.num(events["FatJet"]).tolist() == [1, 1, 0, 1, 1, 1, 1]


def test_broken(tmp_path: Path) -> None:
    path = tmp_path / "g.hdf5"
    write(path)
    with h5py.File(path, "r+") as file:
        del file["jet_features"]
        file["jet_features"] = np.ones((6, 4))
    with pytest.raises(CorruptFileError, match="all must be as long"):
        Jetnet().count(path)
    with h5py.File(path, "r+") as file:
        del file["jet_features"]
        file["jet_features"] = np.ones((7, 3))
    with pytest.raises(SchemaError, match=r"must have shape \(N, 4\), got \(7, 3\)"):
        Jetnet().count(path)
    with h5py.File(path, "r+") as file:
        del file["jet_features"]
    with pytest.raises(SchemaError, match="needs jet_features"):
        Jetnet().count(path)
    assert not Jetnet().recognises(path)


def test_a_stream_says_once_what_a_user_should_know(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "jets.hdf5"
    write(path, 20)
    assert len(list(Jetnet().stream(path, 3))) == 7
    assert [record.message for record in caplog.records] == [
        f"{path}: 20 of 20 events have no label."
    ]

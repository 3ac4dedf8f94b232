"""CaloGAN's showers, against h5py and NumPy."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import h5py
import numpy as np
import pytest

from hepvision.core.errors import SchemaError
from hepvision.readers.calogan import LAYERS, Calogan
from readers.written.calogan import write


def test_layers(tmp_path: Path) -> None:
    path = tmp_path / "gamma.hdf5"
    write(path, 9)
    assert Calogan().recognises(path)
    events = Calogan().read(path)
    cell = events["Cell"]
    event = np.repeat(np.arange(9), ak.num(cell))
    flat = {key: ak.to_numpy(ak.flatten(cell[key])) for key in cell.fields}
    with h5py.File(path) as file:
        for part, (name, shape) in enumerate(LAYERS.items()):
            mine = flat["part"] == part
            made = np.zeros((9, *shape))
            made[event[mine], flat["row"][mine], flat["column"][mine]] = flat["energy"][mine]
            np.testing.assert_allclose(made, file[name][...] / 1000, rtol=1e-6)
            assert set(flat["layer"][mine]) == {part}
        energy = file["energy"][:, 0]
    np.testing.assert_allclose(ak.flatten(events["Primary"].energy), energy, rtol=1e-6)
    assert set(ak.flatten(events["Primary"].pdgId).tolist()) == {22}
    share = ak.sum(cell.energy, axis=1) / energy
    assert 0.7 < ak.min(share) < ak.max(share) < 0.86


def test_overflow_is_kept_or_counted(tmp_path: Path) -> None:
    path = tmp_path / "eplus.hdf5"
    truth = write(path, 9)
    lost = int((truth["overflow"] > 0).sum())
    plain = Calogan().read(path)
    assert plain.attrs["hepvision"]["left_out"] == {"deposits outside the cells": lost}
    cell = Calogan(overflow="cells").read(path)["Cell"]
    outside = cell[cell.row == -1]
    assert ak.count(outside.energy) == lost
    np.testing.assert_allclose(
        ak.sum(outside.energy, axis=1), truth["overflow"].sum(axis=1) / 1000, rtol=1e-6
    )
    assert ak.array_equal(cell[cell.row >= 0], plain["Cell"])
    np.testing.assert_array_equal(
        np.unique(ak.to_numpy(ak.flatten(outside.part))), np.flatnonzero(truth["overflow"].any(0))
    )


@pytest.mark.parametrize(
    ("stem", "option", "pdg"),
    [
        ("gamma", "file_name", 22),
        ("eplus", "file_name", -11),
        ("piplus_1", "file_name", 211),
        ("showers", "file_name", 0),
        ("showers", "gamma", 22),
    ],
)
def test_particle(tmp_path: Path, stem: str, option: str, pdg: int) -> None:
    path = tmp_path / f"{stem}.hdf5"
    write(path, 3)
    primary = Calogan(particle=option).read(path)["Primary"]
    assert ak.flatten(primary.pdgId).tolist() == [pdg] * 3


def test_units_that_cannot_be(tmp_path: Path) -> None:
    """Layers in keV, or energies in TeV, would pass for showers of another energy."""
    path = tmp_path / "gamma.hdf5"
    truth = write(path, 5)
    with h5py.File(path, "r+") as file:
        file["layer_1"][...] = truth["layer_1"] * 1000
    with pytest.raises(SchemaError, match="must not hold more than its particle"):
        Calogan().read(path)
    with pytest.raises(SchemaError, match="Give unit"):
        Calogan(unit="GeV").read(path)
    with h5py.File(path, "r+") as file:
        for name in LAYERS:
            file[name][...] = truth[name] / 1000
    in_gev = Calogan(unit="GeV").read(path)
    write(path, 5)
    np.testing.assert_allclose(
        ak.sum(in_gev["Cell"].energy, axis=1),
        ak.sum(Calogan().read(path)["Cell"].energy, axis=1),
        rtol=1e-6,
    )


def test_broken(tmp_path: Path) -> None:
    path = tmp_path / "gamma.hdf5"
    write(path, 5)
    with h5py.File(path, "r+") as file:
        del file["layer_2"]
        file["layer_2"] = np.ones((5, 6, 12))
    with pytest.raises(SchemaError, match=r"layer_2: must have shape \(N, 12, 6\)"):
        Calogan().read(path)
    assert not Calogan().recognises(path)

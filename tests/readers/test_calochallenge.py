"""CaloChallenge showers, against h5py and NumPy."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import h5py
import numpy as np
import pytest

from hepvision.core.errors import SchemaError
from hepvision.readers.calochallenge import Calochallenge
from readers.written.calochallenge import write

#: Bins in α and r of each layer, from the challenge's own description of its detectors.
BINS = {
    368: [(1, 8), (10, 16), (10, 19), (1, 5), (1, 5)],
    533: [(1, 8), (10, 10), (10, 10), (1, 5), (10, 15), (10, 16), (1, 10)],
    6480: [(16, 9)] * 45,
    40500: [(50, 18)] * 45,
}


@pytest.mark.parametrize("voxels", list(BINS))
def test_voxels(tmp_path: Path, voxels: int) -> None:
    """Radius runs fastest, then α, then the layer."""
    path = tmp_path / "dataset.hdf5"
    write(path, 5, voxels=voxels)
    assert Calochallenge().recognises(path)
    events = Calochallenge().read(path)
    cell = events["Cell"]
    flat = {key: ak.to_numpy(ak.flatten(cell[key])).astype(int) for key in cell.fields[:-1]}
    starts = np.cumsum([0, *(alpha * radial for alpha, radial in BINS[voxels])])
    radial = np.array([one for _, one in BINS[voxels]])
    index = starts[flat["layer"]] + flat["row"] * radial[flat["layer"]] + flat["column"]
    made = np.zeros((5, voxels))
    made[np.repeat(np.arange(5), ak.num(cell)), index] = ak.flatten(cell.energy)
    with h5py.File(path) as file:
        np.testing.assert_allclose(made, file["showers"][...] / 1000, rtol=1e-6)
        energy = file["incident_energies"][:, 0]
    np.testing.assert_allclose(ak.flatten(events["Primary"].energy), energy / 1000, rtol=1e-6)
    assert ak.all(ak.count(cell.energy, axis=1) > 0)


def test_particles_and_parts(tmp_path: Path) -> None:
    path = tmp_path / "dataset.hdf5"
    for voxels, pdg, parts in ((368, 22, 5), (533, 211, 7), (6480, 11, 1), (40500, 11, 1)):
        write(path, 2, voxels=voxels)
        events = Calochallenge().read(path)
        assert set(ak.flatten(events["Primary"].pdgId).tolist()) == {pdg}
        about = events.attrs["hepvision"]["cells"]
        assert [one["part"] for one in about.values()] == list(range(parts))
        assert sum(np.prod(one["shape"]) for one in about.values()) == voxels
        assert set(np.unique(ak.to_numpy(ak.flatten(events["Cell"].part)))) <= set(range(parts))
    write(path, 2, voxels=368)
    names = list(Calochallenge().read(path).attrs["hepvision"]["cells"])
    assert names == ["layer_0", "layer_1", "layer_2", "layer_3", "layer_12"]


def test_gev_is_not_taken_for_mev(tmp_path: Path) -> None:
    path = tmp_path / "dataset.hdf5"
    truth = write(path, 5)
    with h5py.File(path, "r+") as file:
        for name, values in truth.items():
            file[name][...] = values / 1000
    with pytest.raises(SchemaError, match="energies must be in MeV"):
        Calochallenge().read(path)
    events = Calochallenge(unit="GeV").read(path)
    wanted = truth["showers"].sum(axis=1) / 1000
    np.testing.assert_allclose(ak.sum(events["Cell"].energy, axis=1), wanted, rtol=1e-5)
    low = ak.sum(Calochallenge(unit="MeV").read(path)["Cell"].energy, axis=1)
    np.testing.assert_allclose(low, wanted / 1000, rtol=1e-5)


def test_rows_and_pieces_of_large_showers(tmp_path: Path) -> None:
    path = tmp_path / "dataset.hdf5"
    write(path, 70, voxels=40500)
    whole = Calochallenge().read(path)
    rows = np.array([60, 1, 2])
    assert ak.array_equal(Calochallenge().read(path, rows), whole[rows])
    assert ak.array_equal(ak.concatenate(list(Calochallenge().stream(path, 64))), whole)


def test_broken(tmp_path: Path) -> None:
    path = tmp_path / "dataset.hdf5"
    with h5py.File(path, "w") as file:
        file["incident_energies"], file["showers"] = np.ones((3, 1)), np.ones((3, 500))
    with pytest.raises(SchemaError, match=r"must have shape \(N, 368|533|6480|40500\)"):
        Calochallenge().read(path)
    assert not Calochallenge().recognises(path)

"""CLIC showers, against h5py and NumPy."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import h5py
import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.readers.clic_lcd import ClicLcd
from readers.written.clic_lcd import write


def volume(events: ak.Array, part: int, shape: tuple[int, ...]) -> np.ndarray:
    """Cells of a part put back into the published array."""
    cell = events["Cell"]
    cell = cell[cell.part == part]
    made = np.zeros((len(events), *shape), np.float32)
    event = np.repeat(np.arange(len(events)), ak.num(cell))
    place = [ak.to_numpy(ak.flatten(cell[key])) for key in ("row", "column", "layer")]
    made[(event, *place)] = ak.to_numpy(ak.flatten(cell.energy))
    return made


@pytest.mark.parametrize("side", [51, 25])
def test_cells(tmp_path: Path, side: int) -> None:
    path = tmp_path / "EleEscan_1.h5"
    write(path, 5, side=side)
    with h5py.File(path) as file:
        ecal, hcal, total = (file[name][...] for name in ("ECAL", "HCAL", "ECAL_E"))
    assert ClicLcd().recognises(path)
    events = ClicLcd().read(path)
    np.testing.assert_array_equal(volume(events, 0, ecal.shape[1:]), ecal.astype(np.float32))
    np.testing.assert_array_equal(volume(events, 1, hcal.shape[1:]), hcal.astype(np.float32))
    first = events["Cell"].energy[events["Cell"].part == 0]
    np.testing.assert_allclose(ak.sum(first, axis=1), total, rtol=1e-5)
    about = events.attrs["hepvision"]["cells"]
    assert about["HCAL"] == {"part": 1, "shape": [11, 11, 60], "axes": ["row", "column", "layer"]}


def test_particles(tmp_path: Path) -> None:
    path = tmp_path / "one.h5"
    truth = write(path, 40, side=25)
    events = ClicLcd().read(path)
    primary = ak.flatten(events["Primary"])
    np.testing.assert_array_equal(primary.pdgId, truth["pdgID"])
    np.testing.assert_allclose(primary.energy, truth["energy"], rtol=1e-6)
    np.testing.assert_allclose(-np.log(np.tan(primary.theta / 2)), truth["eta"], atol=1e-6)
    np.testing.assert_allclose(np.cos(primary.phi), np.cos(truth["phi"]), atol=1e-6)
    kinds = {22: 0, 11: 1, 111: 2, 211: 3, 13: 4}
    assert events["label"].tolist() == [kinds[abs(one)] for one in truth["pdgID"].tolist()]


def test_parts_are_chosen(tmp_path: Path) -> None:
    path = tmp_path / "one.h5"
    write(path, 3, side=25, directions=False)
    both = ClicLcd().read(path)
    for name, part in (("ecal", 0), ("hcal", 1)):
        cells = ClicLcd(parts=name).read(path)["Cell"]
        assert ak.array_equal(cells, both["Cell"][both["Cell"].part == part])
    assert both["Primary"].fields == ["energy", "pdgId"]


def test_without_hcal(tmp_path: Path) -> None:
    path = tmp_path / "one.h5"
    write(path, 3, side=25)
    with h5py.File(path, "r+") as file:
        del file["HCAL"]
    assert ClicLcd().recognises(path)
    assert ClicLcd().read(path).attrs["hepvision"]["missing"] == {"HCAL": 3}
    with pytest.raises(SchemaError, match="needs HCAL"):
        ClicLcd(parts="hcal").read(path)


def test_in_groups(tmp_path: Path) -> None:
    """Some files keep ECAL in a group ECAL."""
    path, other = tmp_path / "one.h5", tmp_path / "other.h5"
    write(path, 3, side=25)
    with h5py.File(path) as old, h5py.File(other, "w") as file:
        for name in old:
            key = f"{name}/{name}" if name in {"ECAL", "HCAL"} else name
            file[key] = old[name][...]
    assert ClicLcd().recognises(other)
    assert ak.array_equal(ClicLcd().read(other)["Cell"], ClicLcd().read(path)["Cell"])


def test_broken(tmp_path: Path) -> None:
    path = tmp_path / "one.h5"
    write(path, 3, side=25)
    with h5py.File(path, "r+") as file:
        del file["energy"]
        file["energy"] = np.ones(2)
    with pytest.raises(CorruptFileError, match="all must be as long"):
        ClicLcd().read(path)
    with h5py.File(path, "r+") as file:
        del file["ECAL"]
        file["ECAL"] = np.ones((3, 25, 25))
    with pytest.raises(SchemaError, match="ECAL: must have shape"):
        ClicLcd().read(path)

"""Top-tagging jets: against h5py alone, by both layouts of pandas, and broken in many ways."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import awkward as ak
import h5py
import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError, UserError
from hepvision.readers._pytables import column_names
from hepvision.readers.top_tagging import TopTagging
from readers.written.top_tagging import NAMES, pickled, write

from shared_data import shared


def plain(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """The two blocks of a sample file, by h5py."""
    pytest.importorskip("hdf5plugin")
    with h5py.File(path) as file:
        rows = file["table/table"][:]
    return rows["values_block_0"].astype(float).reshape(-1, 200, 4), rows["values_block_1"]


def area(score: np.ndarray, label: np.ndarray) -> float:
    """Area under the ROC curve, by ranks."""
    rank = np.empty(len(score))
    rank[np.argsort(score)] = np.arange(1, len(score) + 1)
    top = int((label == 1).sum())
    return float((rank[label == 1].sum() - top * (top + 1) / 2) / (top * (len(label) - top)))


@pytest.mark.parametrize(("name", "ttv", "split"), [("val.h5", 2, 1), ("test.h5", 1, 2)])
def test_the_sample_is_what_h5py_reads(name: str, ttv: int, split: int) -> None:
    path = shared("data", "top_tagging", name)
    momenta, flags = plain(path)
    there = (momenta != 0).any(axis=2)
    events = TopTagging().read(path)
    assert (flags[:, 0] == ttv).all()
    assert (events["split"] == split).to_numpy().all()
    np.testing.assert_array_equal(events["label"], flags[:, 1])
    np.testing.assert_array_equal(ak.num(events.Particle), there.sum(axis=1))
    energy, px, py, pz = momenta[there].T
    flat = ak.flatten(events.Particle)
    for mine, theirs in ((flat.px, px), (flat.py, py), (flat.pz, pz), (flat.energy, energy)):
        assert np.abs(mine.to_numpy() - theirs).max() < 1e-6 * energy.max()
    np.testing.assert_allclose(flat.energy.to_numpy(), energy, rtol=1e-6)
    jet = momenta.sum(axis=1)
    mass = np.sqrt(jet[:, 0] ** 2 - (jet[:, 1:] ** 2).sum(axis=1))
    found = ak.flatten(events.FatJet)
    np.testing.assert_allclose(found.mass, mass, rtol=1e-4)
    np.testing.assert_allclose(found.pt, np.hypot(jet[:, 1], jet[:, 2]), rtol=1e-6)
    np.testing.assert_array_equal(found.nConstituents, there.sum(axis=1))


def test_the_mass_tells_top_from_qcd_as_published() -> None:
    path = shared("data", "top_tagging", "test.h5")
    pytest.importorskip("hdf5plugin")
    events = TopTagging().read(path)
    jets = ak.flatten(events.FatJet)
    assert area(jets.mass.to_numpy(), events["label"].to_numpy()) == pytest.approx(0.90, abs=0.01)
    assert float(ak.min(jets.pt)) >= 550
    assert float(ak.max(jets.pt)) <= 650
    assert events.attrs["hepvision"]["labels"] == {"0": "QCD", "1": "top"}


def test_pieces_of_the_sample_are_the_whole() -> None:
    path = shared("data", "top_tagging", "val.h5")
    pytest.importorskip("hdf5plugin")
    reader = TopTagging()
    whole = reader.read(path)
    pieces = list(reader.stream(path, 1999))
    assert [len(piece) for piece in pieces] == [1999, 1999, 1002]
    assert ak.array_equal(ak.concatenate(pieces), whole)
    some = np.array([4999, 3, 2500, 3999])
    assert ak.array_equal(reader.read(path, some), whole[some])


@pytest.mark.parametrize("layout", ["table", "fixed"])
@pytest.mark.parametrize("filters", [{}, {"compression": "gzip", "chunks": True}])
def test_what_was_written_is_read(tmp_path: Path, layout: str, filters: dict[str, Any]) -> None:
    if layout == "table":
        filters = {key: value for key, value in filters.items() if key != "chunks"}
    told = write(tmp_path / "jets.h5", 9, layout=layout, **filters)
    reader = TopTagging()
    assert reader.recognises(tmp_path / "jets.h5")
    assert reader.count(tmp_path / "jets.h5") == 9
    events = reader.read(tmp_path / "jets.h5")
    assert ak.num(events.Particle).tolist() == told["number"].tolist()
    jet = told["momenta"].astype(float).sum(axis=1)
    for k, name in enumerate(("energy", "px", "py", "pz")):
        mine = ak.flatten(getattr(events.FatJet, name)).to_numpy()
        np.testing.assert_allclose(mine, jet[:, k], rtol=2e-5, atol=1e-4)
    assert events["label"].tolist() == told["label"].tolist()
    assert events["split"].tolist() == [[0, 2, 1][ttv] for ttv in told["ttv"]]
    assert ak.num(events.GenPart).tolist() == told["label"].tolist()
    quarks = told["quarks"][told["label"] == 1].astype(float)
    np.testing.assert_allclose(ak.flatten(events.GenPart.px), quarks[:, 1], rtol=1e-5)
    np.testing.assert_allclose(ak.flatten(events.GenPart.mass), 172.5, rtol=1e-4)
    assert set(ak.flatten(events.GenPart.pdgId)) == {6}


def test_massless_constituents_stay_massless_and_massive_ones_do_not(tmp_path: Path) -> None:
    write(tmp_path / "jets.h5")
    with h5py.File(tmp_path / "jets.h5", "r+") as file:
        rows = file["table/table"][:]
        rows["values_block_0"][0, :4] = [5.0, 3.0, 0.0, 0.0]
        file["table/table"][:] = rows
    mass = TopTagging().read(tmp_path / "jets.h5").Particle.mass
    assert mass[0, 0] == 4.0
    assert ak.all(mass[1:] == 0)
    assert ak.all(mass[0, 1:] == 0)


def test_blosc_needs_its_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = pytest.importorskip("hdf5plugin")
    write(tmp_path / "jets.h5", **plugin.Blosc(cname="zstd"))
    assert len(TopTagging().read(tmp_path / "jets.h5")) == 7
    monkeypatch.setattr(h5py.h5z, "filter_avail", lambda code: False)
    monkeypatch.setitem(sys.modules, "hdf5plugin", None)
    with pytest.raises(UserError, match=r"hepvision\[files\]"):
        TopTagging().read(tmp_path / "jets.h5")


def change(path: Path, **blocks: Any) -> Path:
    """Change the rows of a written file: name of a field: function of its values."""
    with h5py.File(path, "r+") as file:
        rows = file["table/table"][:]
        for name, function in blocks.items():
            function(rows[name])
        file["table/table"][:] = rows
    return path


def test_odd_constituents_are_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "jets.h5"
    write(path)

    def spoil(values: np.ndarray) -> None:
        values[0, 1] = np.nan
        values[1, 0] = np.inf
        values[2, 1:3] = 0.0  # along the beam
        values[6, :] = 0.0  # a jet without constituents

    events = TopTagging().read(change(path, values_block_0=spoil))
    whole = np.linspace(12, 1, 7).astype(int)
    assert ak.num(events.Particle).tolist() == [*(whole[:3] - 1), *whole[3:6], 0]
    assert ak.num(events.FatJet).tolist() == [1, 1, 1, 1, 1, 1, 0]
    counted = events.attrs["hepvision"]["left_out"]
    assert counted == {"FatJet without constituents": 1, "Particle": 3}


@pytest.mark.parametrize(
    ("block", "place", "value", "rule"),
    [
        ("values_block_1", 0, 3, r"row 2: ttv must be one of 0 to 2, got 3"),
        ("values_block_1", 1, -1, r"row 2: is_signal_new must be one of 0 to 1, got -1"),
        ("values_block_0", 0, 1e-3, r"momenta must not exceed energies, got 1 that do"),
        ("values_block_0", 0, -50.0, r"momenta must not exceed energies"),
    ],
)
def test_impossible_values(tmp_path: Path, block: str, place: int, value: Any, rule: str) -> None:
    path = tmp_path / "jets.h5"
    write(path)

    def spoil(values: np.ndarray) -> None:
        values[2, place] = value

    with pytest.raises(UserError, match=rule) as error:
        TopTagging().read(change(path, **{block: spoil}))
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_a_table_of_what_is_not_finite_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "jets.h5"
    write(path)

    def spoil(values: np.ndarray) -> None:
        values[:] = np.nan

    with pytest.raises(CorruptFileError, match="must hold finite momenta, got none in 7 rows"):
        TopTagging().read(change(path, values_block_0=spoil))


def names(path: Path, block: int, texts: list[str] | bytes) -> Path:
    with h5py.File(path, "r+") as file:
        value = np.bytes_(texts) if isinstance(texts, bytes) else pickled(texts)
        file["table/table"].attrs[f"values_block_{block}_kind"] = value
    return path


def test_columns_may_lie_in_any_order(tmp_path: Path) -> None:
    write(tmp_path / "jets.h5")
    one = TopTagging().read(tmp_path / "jets.h5")
    order = np.random.default_rng(2).permutation(len(NAMES))
    other = tmp_path / "other"
    other.mkdir()
    path = Path(shutil.copy(tmp_path / "jets.h5", other))

    def shuffle(values: np.ndarray) -> None:
        values[:, : len(order)] = values[:, order]

    change(path, values_block_0=shuffle)
    names(path, 0, [*(NAMES[k] for k in order), "truthE", "truthPX", "truthPY", "truthPZ"])
    assert ak.array_equal(TopTagging().read(path), one)


def test_missing_columns(tmp_path: Path) -> None:
    path = tmp_path / "jets.h5"
    write(path)
    names(path, 1, ["ttv", "is_signal"])
    with pytest.raises(SchemaError, match=r"need the column 'is_signal_new'.*you mean 'is_signal'"):
        TopTagging().read(path)
    events = TopTagging(labelled=False).read(path)
    assert "label" not in events.fields
    assert events.attrs["hepvision"]["missing"] == {"is_signal_new": 7}
    names(path, 1, ["train", "is_signal_new"])
    events = TopTagging().read(path)
    assert "split" not in events.fields
    assert events.attrs["hepvision"]["missing"] == {"ttv": 7}
    texts = [*NAMES, "truthE", "truthPX", "truthPY", "truthPZ"]
    texts[9] = "PX_two"
    names(path, 0, texts)
    with pytest.raises(SchemaError, match="need the column 'PX_2'"):
        TopTagging().read(path)


def test_names_are_never_unpickled(tmp_path: Path) -> None:
    """A pickle that would run a command is no list of names."""
    evil = b"cbuiltins\nexec\n(S'raise SystemExit'\ntR."
    assert column_names(evil) is None
    path = tmp_path / "jets.h5"
    write(path)
    with pytest.raises(CorruptFileError, match="must name its .* got no list of names"):
        TopTagging().read(names(path, 0, evil))
    with pytest.raises(CorruptFileError, match="got 'ttv' twice"):
        write(path)
        TopTagging().read(names(path, 1, ["ttv", "ttv"]))


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_truncated(tmp_path: Path, share: float) -> None:
    write(tmp_path / "jets.h5", 200)
    path = tmp_path / "cut.h5"
    content = (tmp_path / "jets.h5").read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(CorruptFileError, match=r"cut\.h5") as error:
        TopTagging().read(path)
    assert "\n" not in str(error.value)
    assert not TopTagging().recognises(path)


def test_rows_that_are_not_there_are_not_zeros(tmp_path: Path) -> None:
    """HDF5 itself fills missing chunks in silence."""
    path = tmp_path / "jets.h5"
    write(path)
    with h5py.File(path, "r+") as file:
        file["table/table"].resize((100,))
    with pytest.raises(CorruptFileError, match="must be written whole, got 2 of 25 chunks"):
        TopTagging().read(path)
    write(path)
    with h5py.File(path, "r+") as file:
        file["table/table"].resize((5,))
    with pytest.raises(
        CorruptFileError, match="the table must hold the 7 rows that it says, got 5"
    ):
        TopTagging().read(path)


def test_other_files(tmp_path: Path) -> None:
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["X"] = np.zeros((3, 4))
    assert not TopTagging().recognises(path)
    with pytest.raises(CorruptFileError, match="must hold a table of pandas under 'table'"):
        TopTagging().read(path)
    write(path, 0)
    with pytest.raises(CorruptFileError, match="must hold jets, got none"):
        TopTagging().read(path)
    with pytest.raises(IsADirectoryError):
        TopTagging().read(tmp_path)
    with pytest.raises(FileNotFoundError, match="no such file"):
        TopTagging().count(tmp_path / "absent.h5")


def test_text_where_numbers_belong(tmp_path: Path) -> None:
    path = tmp_path / "text.h5"
    kinds = [(name, "<f4") for name in NAMES] + [("ttv", "<i8"), ("is_signal_new", "S3")]
    rows = np.zeros(3, kinds)
    with h5py.File(path, "w") as file:
        file["table/table"] = rows
    with pytest.raises(SchemaError, match="column 'is_signal_new' must hold numbers, got 'S'"):
        TopTagging().read(path)


def test_columns_of_their_own(tmp_path: Path) -> None:
    """As pandas writes data columns, and as plain structured tables have them."""
    told = write(tmp_path / "jets.h5")
    path = tmp_path / "own.h5"
    kinds = [(name, "<f4") for name in NAMES] + [("ttv", "<i8"), ("is_signal_new", "?")]
    rows = np.zeros(7, kinds)
    for k, name in enumerate(NAMES):
        rows[name] = told["momenta"].reshape(7, -1)[:, k]
    rows["ttv"], rows["is_signal_new"] = told["ttv"], told["label"]
    with h5py.File(path, "w") as file:
        file["jets/table"] = rows
    mine, theirs = TopTagging().read(path), TopTagging().read(tmp_path / "jets.h5")
    assert ak.array_equal(mine.FatJet, theirs.FatJet)
    assert ak.array_equal(mine.Particle, theirs.Particle)
    assert mine["label"].tolist() == theirs["label"].tolist()


def test_rows_that_do_not_exist(tmp_path: Path) -> None:
    path = tmp_path / "jets.h5"
    write(path)
    with pytest.raises(IndexError, match="rows: must lie between"):
        TopTagging().read(path, np.array([7]))
    assert len(TopTagging().read(path, np.array([-1]))) == 1
    assert len(TopTagging().read(path, np.array([], int))) == 0

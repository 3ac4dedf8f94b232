"""Columns of ROOT files, held against what was written and against plain uproot."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pytest
import uproot

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.readers._root import find_tree, open_tree
from hepvision.readers._root_column import Column, flat_column

from shared_data import shared

KINDS = ("tree", "ntuple")
NUMBER = np.arange(20, dtype=np.uint32)
LISTS = ak.unflatten(np.arange(int((NUMBER % 7).sum()), dtype=np.float32), NUMBER % 7)


@pytest.fixture(params=KINDS)
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The same columns in a tree of two baskets, or in an RNTuple of two clusters."""
    path = tmp_path / "one.root"
    with uproot.recreate(path) as file:
        whole = {"number": NUMBER, "lists": LISTS}
        half = {key: values[:10] for key, values in whole.items()}
        make = file.mktree if request.param == "tree" else file.mkrntuple
        out = make("Events", {"number": "u4", "lists": "var * float32"})
        out.extend(half)
        out.extend({key: values[10:] for key, values in whole.items()})
    return path


def columns(path: Path, name: str, names: list[str]) -> dict[str, Column]:
    with open_tree(path, (name,)) as tree:
        return tree.read(names)


def test_rows_and_pieces(written: Path) -> None:
    names = ["number", "lists"]
    with open_tree(written, ("Other", "Events")) as tree:
        assert tree.entries == 20
        assert set(names) <= set(tree.names)
        for rows in (None, np.arange(3, 17), np.arange(0, 20, 4), np.array([3, 12, 19])):
            found = tree.read(names, rows)
            wanted = NUMBER if rows is None else NUMBER[rows]
            assert found["number"].values.tolist() == wanted.tolist()
            lists = ak.unflatten(found["lists"].values, np.diff(found["lists"].offsets))
            assert lists.tolist() == LISTS[wanted].tolist()
        for size in (1, 3, 7, 10, 40):
            pieces = list(tree.pieces(names, size))
            assert [start for start, _ in pieces] == list(range(0, 20, size))
            assert all(len(one["number"]) == min(size, 20 - start) for start, one in pieces)
            values = np.concatenate([one["lists"].values for _, one in pieces])
            assert values.tolist() == ak.flatten(LISTS).tolist()
        assert len(tree.read(names, np.zeros(0, int))["lists"]) == 0


def test_what_is_not_there(written: Path, tmp_path: Path) -> None:
    assert find_tree(written, ("Delphes", "Events")) == "Events"
    assert find_tree(written, ("Delphes",)) is None
    assert find_tree(tmp_path, ("Events",)) is None
    with pytest.raises(SchemaError, match="must hold the tree Delphes, got Events"):
        columns(written, "Delphes", [])
    with pytest.raises(SchemaError, match="must hold 'numbr', got only 'number'"):
        columns(written, "Events", ["numbr"])
    with pytest.raises(IsADirectoryError):
        columns(tmp_path, "Events", [])


def test_damage_is_said_in_one_line(written: Path) -> None:
    content = written.read_bytes()
    for part in (b"root", content[: len(content) // 2], b"rootrootroot" * 100):
        written.write_bytes(part)
        with pytest.raises(CorruptFileError) as error:
            columns(written, "Events", ["number", "lists"])
        assert "\n" not in str(error.value)


def test_nested_fields_have_flat_names(tmp_path: Path) -> None:
    photons = ak.Array([[{"pt": 1.0, "eta": 2.0}], [], [{"pt": 3.0, "eta": 4.0}] * 2])
    with uproot.recreate(tmp_path / "one.root") as file:
        file.mkrntuple("Events", {"Photon": photons}).extend({"Photon": photons})
    with open_tree(tmp_path / "one.root", ("Events",)) as tree:
        assert tree.names == ("Photon_pt", "Photon_eta")
        found = tree.read(tree.names)
        total = tree.entries
    assert found["Photon_eta"].values[-2:].tolist() == [4.0, 4.0]
    assert np.diff(found["Photon_pt"].offsets).sum() == len(found["Photon_eta"].values)
    assert len(found["Photon_pt"]) == total


def test_text_is_no_number() -> None:
    for array in (["a"], [{"x": 1}], [None, 1.0], [[None, 1]]):
        assert flat_column(ak.Array(array)) is None


def test_real_branches_agree_with_uproot() -> None:
    path = shared("data", "cms_nanoaod", "ttH_M125_2017.root")
    with open_tree(path, ("Events",)) as tree, uproot.open(path) as file:
        names = [name for name in tree.names if name.startswith(("Photon_", "run", "MET_"))]
        assert len(names) > 40
        found = tree.read(names)
        for name in names:
            plain = file["Events"][name].array()
            assert found[name].values.dtype == ak.to_numpy(ak.flatten(plain, None)).dtype
            assert found[name].values.tolist() == ak.flatten(plain, None).tolist()
            if plain.ndim == 2:
                assert np.diff(found[name].offsets).tolist() == ak.num(plain).tolist()


@pytest.mark.parametrize("promise", [0x70000000, 5000])
def test_a_basket_that_promises_too_much_is_refused(tmp_path: Path, promise: int) -> None:
    path = tmp_path / "one.root"
    with uproot.recreate(path) as file:
        tree = file.mktree("Events", {"number": "u4"})
        tree.extend({"number": np.zeros(1000, np.uint32)})
    with uproot.open(path) as file:
        seek = int(file["Events/number"].member("fBasketSeek")[0])
    content = bytearray(path.read_bytes())
    content[seek + 6 : seek + 10] = promise.to_bytes(4, "big")
    path.write_bytes(content)
    with pytest.raises(CorruptFileError, match=f"a record at byte {seek} that is not whole"):
        columns(path, "Events", ["number"])

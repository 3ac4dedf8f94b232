"""Images of the CMS end-to-end group, against the arrays that were written."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.readers._rows import BLOCK
from hepvision.readers.e2e_images import E2eImages
from hepvision.representations.published_image import PublishedImage
from hepvision.studies.convert import convert
from readers.written import e2e_images as written


def drawn(events: ak.Array) -> np.ndarray:
    image = PublishedImage()(events)["image"]
    out = np.full((len(image), *image.shape), np.nan, np.float32)
    image.fill(out)
    return out


def test_electrons_and_photons(tmp_path: Path) -> None:
    path = tmp_path / "electrons.hdf5"
    truth = written.write_electrons(path, 11)
    assert E2eImages().recognises(path)
    events = E2eImages().read(path)
    np.testing.assert_array_equal(drawn(events), truth["X"].transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(events["label"], truth["y"])
    about = events.attrs["hepvision"]
    assert about["labels"] == {"0": "photon", "1": "electron"}
    assert about["image"] == {"shape": [2, 32, 32], "channels": ["energy", "time"], "unit": ""}


def test_quark_and_gluon_hdf5(tmp_path: Path) -> None:
    path = tmp_path / "jets.h5"
    written.write_quark_gluon(path, 5)
    with h5py.File(path) as file:
        image, mass, pt, y = (file[name][...] for name in ("X_jets", "m0", "pt", "y"))
    events = E2eImages().read(path)
    np.testing.assert_array_equal(drawn(events), np.moveaxis(image, -1, 1))
    np.testing.assert_allclose(ak.flatten(events["Jet"].mass), mass, rtol=1e-6)
    np.testing.assert_allclose(ak.flatten(events["Jet"].pt), pt, rtol=1e-6)
    np.testing.assert_array_equal(events["label"], y)
    sums = ak.sum(events["Pixel"].value, axis=1)
    np.testing.assert_allclose(sums, image.sum(axis=(1, 2, 3)), rtol=1e-5)


@pytest.mark.parametrize(
    ("name", "channels"), [("X_jets", 3), ("X_jet", 3), ("X_jet", 5), ("X_jet", 8)]
)
def test_parquet(tmp_path: Path, name: str, channels: int) -> None:
    path = tmp_path / "jets.parquet"
    written.write_parquet(path, 5, channels=channels, name=name)
    table = pq.read_table(path)
    image = np.array(table.column(name).to_pylist(), np.float32)
    assert E2eImages().recognises(path)
    assert E2eImages().count(path) == 5
    events = E2eImages().read(path)
    np.testing.assert_array_equal(drawn(events), image)
    jet = events["Jet" if name == "X_jets" else "FatJet"]
    pt = np.array(table.column("pt").to_pylist()).reshape(-1)
    np.testing.assert_allclose(ak.flatten(jet.pt), pt, rtol=1e-6)
    assert len(events.attrs["hepvision"]["image"]["channels"]) == channels
    assert list(events.attrs["hepvision"]["labels"]) == ["0", "1"]


def test_rows_of_one_large_row_group(tmp_path: Path) -> None:
    """Files written anew often have all jets in one row group."""
    path, one = tmp_path / "one.parquet", tmp_path / "many.parquet"
    written.write_parquet(one, 9)
    pq.write_table(pq.read_table(one), path, row_group_size=1000)
    rows = np.array([7, 2, 3, 0])
    np.testing.assert_array_equal(
        drawn(E2eImages().read(path, rows)), drawn(E2eImages().read(one))[rows]
    )
    pieces = list(E2eImages().stream(path, 4))
    assert [len(piece) for piece in pieces] == [4, 4, 1]
    assert ak.array_equal(ak.concatenate(pieces)["Pixel"], E2eImages().read(one)["Pixel"])


def test_jets_of_2025(tmp_path: Path) -> None:
    path = tmp_path / "2025.h5"
    truth = written.write_2025(path, 4)
    assert E2eImages().recognises(path)
    events = E2eImages(tops_class_one="other").read(path)
    np.testing.assert_array_equal(drawn(events), np.moveaxis(truth["jet"], -1, 1))
    np.testing.assert_allclose(ak.flatten(events["FatJet"].mass), truth["m"], rtol=1e-6)
    assert events.attrs["hepvision"]["labels"] == {"0": "top", "1": "other"}


def test_conflicting_sources_are_options(tmp_path: Path) -> None:
    path = tmp_path / "jets.h5"
    written.write(path, 3)
    plain = E2eImages().read(path).attrs["hepvision"]
    other = E2eImages(order="ecal_first", class_one="gluon").read(path).attrs["hepvision"]
    assert plain["image"]["channels"] == ["tracks", "ecal", "hcal"]
    assert plain["labels"] == {"0": "gluon", "1": "quark"}
    assert other["image"]["channels"] == ["ecal", "hcal", "tracks"]
    assert other["labels"] == {"0": "quark", "1": "gluon"}


def test_unlabelled_files_say_so(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "unlabelled.h5"
    with h5py.File(path, "w") as file:
        file["jet"] = written.pictures((3, 125, 125, 8), 1)
    events = E2eImages().read(path)
    assert "label" not in events.fields
    assert events.attrs["hepvision"]["missing"] == {"label": 3}
    assert "have no label" in caplog.text


def test_values_that_are_not_finite_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "nan.h5"
    written.write(path, 3)
    with h5py.File(path, "r+") as file:
        file["X_jets"][1, 4, 5, 0] = np.nan
        file["m0"][2] = np.inf
    events = E2eImages().read(path)
    left = events.attrs["hepvision"]["left_out"]
    assert left == {"Jet": 1, "Pixel values that are not finite": 1}
    assert ak.num(events["Jet"]).tolist() == [1, 1, 0]


def test_large_pictures_are_read_in_blocks(tmp_path: Path) -> None:
    path = tmp_path / "many.h5"
    number = BLOCK // (125 * 125 * 8 * 4) + 5
    truth = written.write_2025(path, number)
    events = E2eImages().read(path, slice(1, None))
    np.testing.assert_array_equal(drawn(events), np.moveaxis(truth["jet"], -1, 1)[1:])
    assert events["event_id"].tolist() == list(range(1, number))


def broken(path: Path, change: str) -> None:
    written.write(path, 4)
    with h5py.File(path, "r+") as file:
        if change == "class":
            file["y"][2] = 7
        elif change == "short":
            del file["pt"]
            file["pt"] = np.ones(3)
        elif change == "text":
            del file["m0"]
            file["m0"] = np.array([b"a", b"b", b"c", b"d"])
        elif change == "shape":
            del file["X_jets"]
            file["X_jets"] = np.zeros((4, 125, 125, 4))
        elif change == "none":
            for name in list(file):
                del file[name]
                file[name] = np.zeros((0, 125, 125, 3) if name == "X_jets" else 0)
        elif change == "elsewhere":
            del file["X_jets"]
            file["X_jets"] = h5py.ExternalLink("/etc/other.h5", "/X_jets")
        elif change == "not written":
            del file["X_jets"]
            file.create_dataset("X_jets", (4, 125, 125, 3), "f4", chunks=(1, 125, 125, 3))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("class", "classes must be 0 to 1, got 7 in 1 rows"),
        ("short", "all must be as long"),
        ("text", "m0: must hold numbers"),
        ("shape", r"X_jets: must have shape \(N, 125, 125, 3|5|8\)"),
        ("none", "must hold events, got none"),
        ("elsewhere", "needs X, X_jets or jet, got none"),
        ("not written", "must be written whole, got 0 of 4 chunks"),
    ],
)
def test_broken_hdf5(tmp_path: Path, change: str, says: str) -> None:
    path = tmp_path / "broken.h5"
    broken(path, change)
    with pytest.raises((CorruptFileError, SchemaError), match=says) as error:
        E2eImages().read(path)
    assert "\n" not in str(error.value)
    assert "broken.h5" in str(error.value)


def test_broken_parquet(tmp_path: Path) -> None:
    path = tmp_path / "broken.parquet"
    truth = written.write_parquet(path, 3)
    ragged = truth["X_jets"].tolist()
    del ragged[2][1][5][-1]
    for image, says in (
        (ragged, "lists must be as long as each other"),
        ([["a"]] * 3, "must hold numbers"),
        (truth["X_jets"][:, :2].tolist(), "must have shape"),
    ):
        pq.write_table(pa.table({"X_jets": image, "y": [0, 1, 0]}), path)
        with pytest.raises((CorruptFileError, SchemaError), match=says):
            E2eImages().read(path)
    pq.write_table(pa.table({"X_jets": truth["X_jets"].tolist(), "y": ["a", "b", "c"]}), path)
    with pytest.raises(SchemaError, match="y: must hold numbers"):
        E2eImages().read(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(CorruptFileError, match="Fetch the file again"):
        E2eImages().read(path)
    assert not E2eImages().recognises(path)


def test_no_such_rows(tmp_path: Path) -> None:
    path = tmp_path / "jets.h5"
    written.write(path, 3)
    with pytest.raises(IndexError, match="must lie between -3 and 2, got 3"):
        E2eImages().read(path, np.array([3]))
    assert len(E2eImages().read(path, np.array([], int))) == 0
    assert E2eImages().read(path, slice(None, None, -1))["event"].tolist() == [2, 1, 0]
    assert E2eImages().read(path, np.array([-1, -1]))["event"].tolist() == [2, 2]


def test_a_store_still_holds_the_published_pictures(tmp_path: Path) -> None:
    """Two files, converted with a selection, and read back by the representation alone."""
    truth = [written.write(tmp_path / f"jets{k}.h5", 5, seed=k + 1) for k in range(2)]
    files = sorted(tmp_path.glob("jets*.h5"))
    store = convert(files, tmp_path / "out", label="jets", select="label == 1", progress=False)
    one = PublishedImage(keep=("ecal", "hcal")).measured(store.stream())
    assert one.shape == (3, 125, 125)
    image = one(store.read(one.reads))["image"]
    out = np.full((len(image), *image.shape), np.nan, np.float32)
    image.fill(out)
    wanted = np.concatenate([np.moveaxis(each["X_jets"], -1, 1)[each["y"] == 1] for each in truth])
    assert one.scale is not None
    np.testing.assert_allclose(
        out, wanted[:, 1:] / np.array(one.scale)[:, None, None], rtol=1e-6, atol=1e-7
    )

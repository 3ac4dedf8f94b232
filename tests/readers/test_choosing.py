"""Which reader takes a file, what is said of a file, and what a library raises."""

from __future__ import annotations

import gzip
import sqlite3
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import uproot

from hepvision.core.errors import CardError, CorruptFileError, SchemaError
from hepvision.core.own import using
from hepvision.readers._contents import contents
from hepvision.readers._momenta_twice import disagreeing
from hepvision.readers._options import options_of
from hepvision.readers._reading import looking, reading, said
from hepvision.readers._which import name_of, which
from reader_samples import write
from toy_own import toy_component

from shared_data import shared


def _root(path: Path) -> None:
    with uproot.recreate(path) as file:
        file.mktree("strange", {"x": np.float64}).extend({"x": np.zeros(3)})


def _hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["deep/strange"] = np.zeros((2, 3))


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("strange.txt", "x")


def _sqlite(path: Path) -> None:
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE strange (x REAL)")
    file.close()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (_root, "ROOT with strange (TTree)"),
        (_hdf5, "HDF5 with deep/strange (2, 3)"),
        (_zip, "zip with strange.txt"),
        (_sqlite, "SQLite with strange"),
        (lambda path: pq.write_table(pa.table({"strange": [1]}), path), "Parquet with strange"),
        (
            lambda path: path.write_bytes(gzip.compress(b"strange")),
            "gzip with text that begins 'strange'",
        ),
        (lambda path: path.write_text("a,strange\n1,2\n"), "text that begins 'a,strange 1,2'"),
        (
            lambda path: path.write_bytes(zlib.compress(b"x")),
            "zlib stream with text that begins 'x'",
        ),
        (lambda path: path.write_bytes(bytes(range(256))), "binary data of no known kind"),
    ],
)
def test_what_nobody_reads_is_told(
    make: Callable[[Path], object], told: str, tmp_path: Path
) -> None:
    path = tmp_path / "strange.data"
    make(path)
    assert contents(path).startswith(told)
    with pytest.raises(CorruptFileError, match="no reader knows this format") as error:
        which(path)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(("make", "kind"), [(_root, "ROOT"), (_hdf5, "HDF5"), (_zip, "zip")])
def test_what_is_cut_off_is_to_be_fetched_again(
    make: Callable[[Path], object], kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "strange.data"
    make(path)
    content = path.read_bytes()
    path.write_bytes(content[: min(250, len(content) // 2)])
    assert contents(path) == f"damaged {kind}"
    told = rf"strange.data: must be a whole {kind} file, got .*\. Fetch the file again\.$"
    with pytest.raises(CorruptFileError, match=told) as error:
        which(path)
    assert "\n" not in str(error.value)


def test_a_reader_by_content_and_by_name(tmp_path: Path) -> None:
    path = tmp_path / "renamed.zip"
    path.write_bytes(shared("data", "cms_ispy", "MinimumBias_Run2012C_0.ig").read_bytes())
    assert name_of(which(path)) == name_of(which(path, "ispy")) == "ispy"
    with pytest.raises(CardError, match="readers ispy: no key 'x'"):
        which(path, options={"x": 1})
    with pytest.raises(FileNotFoundError):
        which(tmp_path / "absent.ig", "ispy")


def test_a_format_that_the_file_has_not_is_refused(tmp_path: Path) -> None:
    path = write("top_tagging", tmp_path)
    told = r"must be of the format energyflow_npz, got top_tagging\. Name that format"
    with pytest.raises(SchemaError, match=told):
        which(path, "energyflow_npz")
    strange = tmp_path / "strange.data"  # nobody knows it, so the name decides
    strange.write_text("x")
    assert name_of(which(strange, "energyflow_npz")) == "energyflow_npz"


def test_a_reader_of_ones_own(tmp_path: Path) -> None:
    toy_component(tmp_path, "my_reader")
    path = tmp_path / "events.none"
    path.write_text("x")
    with using([f"{tmp_path}/my_reader.py:MyReader"]):
        assert name_of(which(path)) == "my_reader"


def test_options_are_read_off_the_source(tmp_path: Path) -> None:
    found = {one.name: one for one in options_of("cms_json")}
    assert found["weight"].kind == "one, cross_section"
    assert found["weight"].default == "one"
    assert "xsec" in found["weight"].text


@pytest.mark.parametrize(
    "error",
    [
        UnboundLocalError("a"),
        KeyError("a"),
        RecursionError(),
        AssertionError("x\ny"),
        MemoryError(),
    ],
)
def test_whatever_is_raised_is_one_line(error: Exception, tmp_path: Path) -> None:
    path = tmp_path / "a.root"
    path.write_text("x")
    with pytest.raises(CorruptFileError) as caught, reading(path, "a tree"):
        raise error
    assert str(caught.value) == f"{path}: must be a tree, got {said(error)}. Fetch the file again."
    assert caught.value.__cause__ is error
    with looking():
        raise error


def test_what_says_enough_passes(tmp_path: Path) -> None:
    path = tmp_path / "a.root"
    path.write_text("x")
    for error in (SchemaError("a: b."), PermissionError(13, "no", str(path)), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught, reading(path):
            raise error
        assert caught.value is error
    with pytest.raises(CorruptFileError, match="must be a whole file, got"), reading(path):
        raise FileNotFoundError(2, "no such", "elsewhere")


def test_a_fault_of_ours_is_not_blamed_on_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.root"
    path.write_text("x")
    with pytest.raises(NameError), reading(path):
        raise NameError("name 'branches' is not defined")


def test_momenta_that_disagree() -> None:
    rng = np.random.default_rng(1)
    pt, phi = rng.uniform(1, 9, 1000), rng.uniform(-np.pi, np.pi, 1000)
    x, y = pt * np.cos(phi), pt * np.sin(phi)
    assert not disagreeing(x, y, pt, phi).any()
    assert not disagreeing(x, y, pt, phi + 2 * np.pi).any()
    assert disagreeing(x, y, pt, phi + 0.02).all()
    assert disagreeing(x, y, 1.02 * pt, phi).all()
    assert not disagreeing(0 * x, 0 * y, 0 * pt, phi).any()

"""Data sets that are not what they seem are refused before they are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.readers._hdf5 import column, dataset, listing, needed, open_hdf5, rows_of, texts
from hepvision.readers._reading import reading


def made(path: Path, make: Callable[[h5py.File], object]) -> Path:
    with h5py.File(path, "w") as file:
        make(file)
    return path


def read(path: Path, name: str = "x") -> np.ndarray:
    with reading(path), open_hdf5(path) as file:
        return needed(file, name, (4,))[...]


@pytest.mark.parametrize("packing", ["gzip", "lzf", None])
def test_noise_that_does_not_get_smaller_is_read(tmp_path: Path, packing: str | None) -> None:
    """HDF5 then stores a chunk unpacked, under a filter that it did not pass."""
    noise = np.random.default_rng(1).integers(0, 2**62, (64, 4)).astype(np.int64)
    options = {"compression": packing, "shuffle": True, "fletcher32": True} if packing else {}
    path = made(
        tmp_path / "a.h5",
        lambda file: file.create_dataset("x", data=noise, chunks=(8, 4), **options),
    )
    np.testing.assert_array_equal(read(path), noise)


def test_compact_and_contiguous_ones_are_read(tmp_path: Path) -> None:
    data = np.arange(8.0).reshape(2, 4)

    def make(file: h5py.File) -> None:
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple(data.shape)
        one = h5py.h5d.create(file.id, b"x", h5py.h5t.NATIVE_DOUBLE, space, plan)
        one.write(h5py.h5s.ALL, h5py.h5s.ALL, data)

    np.testing.assert_array_equal(read(made(tmp_path / "a.h5", make)), data)


def test_chunks_that_were_never_written(tmp_path: Path) -> None:
    """HDF5 gives zeros for them, which would pass for blank pictures."""

    def make(file: h5py.File) -> None:
        file.create_dataset("x", (10, 4), "f4", chunks=(2, 4))[:6] = 1

    with pytest.raises(CorruptFileError, match="must be written whole, got 3 of 5 chunks"):
        read(made(tmp_path / "a.h5", make))

    with pytest.raises(CorruptFileError, match="got 0 of 160 bytes"):
        read(made(tmp_path / "b.h5", lambda file: file.create_dataset("x", (10, 4), "f4")))


def test_nothing_is_read_from_other_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(bytes(range(128)))
    other = made(tmp_path / "other.h5", lambda file: file.create_dataset("x", data=np.ones((2, 4))))

    def raw(file: h5py.File) -> None:
        file.create_dataset("x", (8, 4), "f4", external=[(str(secret), 0, 128)])

    def virtual(file: h5py.File) -> None:
        layout = h5py.VirtualLayout((2, 4), "f8")
        layout[...] = h5py.VirtualSource(str(other), "x", (2, 4))
        file.create_virtual_dataset("x", layout)

    for k, make in enumerate((raw, virtual)):
        with pytest.raises(CorruptFileError, match="must lie in the file itself"):
            read(made(tmp_path / f"{k}.h5", make))
    for link in (h5py.ExternalLink("other.h5", "/x"), h5py.SoftLink("/y")):

        def linked(file: h5py.File, link: object = link) -> None:
            file["x"] = link

        path = made(tmp_path / "link.h5", linked)
        with pytest.raises(SchemaError, match="needs x, got x"):
            read(path)
        assert listing(path) == {}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (np.ones((2, 3)), r"must have shape \(N, 4\), got \(2, 3\)"),
        (np.ones(4), r"must have shape \(N, 4\), got \(4,\)"),
        (np.float64(1), r"got \(\)"),
        (np.ones((2, 4), complex), "must hold numbers, got complex128"),
        (np.array([[b"a"] * 4]), "must hold numbers"),
        (np.zeros((2, 4), [("a", "f4")]), "must hold numbers"),
    ],
)
def test_other_forms(tmp_path: Path, data: np.ndarray, says: str) -> None:
    def make(file: h5py.File) -> None:
        file["x"] = data

    with pytest.raises(SchemaError, match=says) as error:
        read(made(tmp_path / "a.h5", make))
    assert "\n" not in str(error.value)


def test_huge_rows_and_chunks_are_refused_unread(tmp_path: Path) -> None:
    def rows(file: h5py.File) -> None:
        file.create_dataset("x", (2, 2**26), "f4", chunks=(1, 2**16), compression="gzip")

    path = made(tmp_path / "a.h5", rows)
    large = pytest.raises(SchemaError, match="must have rows of at most 64 MB")
    with reading(path), open_hdf5(path) as file, large:
        dataset(file, "x", (None,))

    def chunk(file: h5py.File) -> None:
        file.create_dataset("x", (2**28, 4), "f4", chunks=(2**26, 4), compression="gzip")

    with pytest.raises(CorruptFileError, match="chunks are too large"):
        read(made(tmp_path / "b.h5", chunk))


def test_columns_lengths_and_words(tmp_path: Path) -> None:
    def make(file: h5py.File) -> None:
        file["wide"], file["flat"] = np.ones((3, 1)), np.ones(2)
        file["words"] = np.array(["a", "µ"], h5py.string_dtype())

    path = made(tmp_path / "a.h5", make)
    with reading(path), open_hdf5(path) as file:
        wide, flat = needed(file, "wide", ()), needed(file, "flat", ())
        assert column(wide, 1, 3).tolist() == [1.0, 1.0]
        assert rows_of(wide, None) == 3
        with pytest.raises(CorruptFileError, match="all must be as long, got /wide 3, /flat 2"):
            rows_of(wide, flat)
        assert texts(file, "words") == ["a", "µ"]
        assert texts(file, "flat") is texts(file, "none") is None
        assert dataset(file, ("none", "flat"), ()) == flat

"""Heaps of texts are read where they are whole, and refused where HDF5 would turn for ever."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError
from hepvision.readers._hdf5 import texts

WORDS = [f"a name of some length, number {k}" for k in range(300)]


@pytest.mark.parametrize("options", [{}, {"chunks": (64,)}, {"chunks": (64,), "compression": 1}])
def test_whole_heaps_are_read(options: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("names", data=WORDS, dtype=h5py.string_dtype(), **options)
        file["few"] = ["x", "", "y"]
        file["none"] = np.zeros(0, h5py.string_dtype())
    with h5py.File(path) as file:
        assert texts(file, "names") == WORDS
        assert texts(file, "few") == ["x", "", "y"]
        assert not texts(file, "none")


@pytest.mark.timeout(30)
@pytest.mark.parametrize("offset", [0, 16, 4000])
def test_an_object_of_no_size_is_refused(offset: int, tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("names", data=WORDS, dtype=h5py.string_dtype())
    content = bytearray(path.read_bytes())
    place = content.index(b"GCOL") + offset
    content[place : place + 600] = bytes(600)
    path.write_bytes(content)
    with h5py.File(path) as file, pytest.raises(CorruptFileError, match=r"a\.h5: the texts of"):
        texts(file, "names")

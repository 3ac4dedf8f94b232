"""Files of every format become the same store with one worker and two."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import pytest

from hepvision.core.names import names
from hepvision.studies.convert import convert
from reader_samples import published, reader, sample

from shared_data import shared

READERS = names("readers")


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("name", READERS)
def test_the_store_holds_what_the_reader_gives(name: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    path = sample(name, tmp_path / "data")
    made = convert(path, tmp_path / "out", label="x", progress=False)
    there, events = reader(name).read(path), made.read()
    assert len(made) == len(there)
    for field in there.fields:
        if field not in {"event_id", "sample"}:
            assert ak.array_equal(events[field], there[field]), field
    kept = there.attrs["hepvision"]
    assert made.manifest["provenance"]["reader"] == name
    for key in ("labels", "image", "cells"):
        assert (key in made.attrs) == (key in kept)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_two_workers_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    path = sample(name, tmp_path / "data")
    for workers, out in ((1, "one"), (2, "two")):
        convert(path, tmp_path / out, label="x", progress=False, workers=workers)
    assert content(tmp_path / "one") == content(tmp_path / "two")


@pytest.mark.slow
def test_every_published_file_is_converted(tmp_path: Path) -> None:
    shared("data")
    for name in READERS:
        for number, path in enumerate(published(name)):
            made = convert(path, tmp_path / f"{name}{number}", label="x", progress=False)
            assert len(made) == reader(name).count(path), path


def test_a_folder_of_files_that_belong_together(tmp_path: Path) -> None:
    """The tables of an event, and the truth beside a picture, are no files of their own."""
    made = convert(shared("data", "trackml"), tmp_path / "t", label="x", progress=False)
    assert len(made) == 1
    (file,) = made.manifest["provenance"]["files"]
    assert file["file"].endswith("-hits.csv.gz")
    names = {one.split()[0].rpartition("-")[2] for one in file["beside"]}
    assert names >= {"cells.csv.gz", "truth.csv.gz", "particles.csv.gz", "detectors.csv.gz"}
    made = convert(shared("data", "dune_cvn", "nue"), tmp_path / "d", label="x", progress=False)
    assert len(made) == 80 and len(made.manifest["parts"]) < 5
    assert all(len(one["beside"]) == 1 for one in made.manifest["provenance"]["files"])

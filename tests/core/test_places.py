"""Stores by address: read, scored and trained on as those of this machine."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import awkward as ak
import pytest

from hepvision.core.errors import CorruptFileError, MissingExtraError, UnknownNameError
from hepvision.core.places import is_remote, place
from hepvision.deploy.predict import predict
from hepvision.events.store import open_store, write_store
from hepvision.studies.inspect import inspect
from hepvision.studies.run import run
from studies.test_terminated import card
from toy_events import toy_events


def copied(folder: Path, address: str) -> Any:
    """As a user's tool for object stores would."""
    there = place(address)
    for one in folder.iterdir():
        (there / one.name).write_bytes(one.read_bytes())
    return there


@pytest.fixture(autouse=True)
def emptied() -> Iterator[None]:
    yield
    import fsspec

    fsspec.filesystem("memory").store.clear()


def test_a_store_by_address_is_the_store(tmp_path: Path) -> None:
    here = write_store(tmp_path / "store", toy_events(30, photons=2))
    copied(here.path, "memory://bucket/store")
    there = open_store("memory://bucket/store")
    assert there.checksum == here.checksum
    assert ak.array_equal(there.read(), here.read())
    # as the command line hands it over
    assert len(open_store(Path("memory://bucket/store"))) == 30
    assert inspect("memory://bucket/store").entries == 30


def test_a_damaged_part_is_told(tmp_path: Path) -> None:
    here = write_store(tmp_path / "store", toy_events(30, photons=2))
    there = copied(here.path, "memory://bucket/store")
    part = there / here.manifest["parts"][0]["file"]
    data = bytearray(part.read_bytes())
    data[100] ^= 1
    part.write_bytes(bytes(data))
    with pytest.raises(CorruptFileError, match=r"memory://bucket/store/part-.*checksum differs"):
        open_store("memory://bucket/store").read()
    part.write_bytes(b"short")
    with pytest.raises(CorruptFileError, match="must hold .* bytes, got 5 bytes"):
        open_store("memory://bucket/store")


def test_trained_and_scored_by_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    study = card(tmp_path)
    study["training"]["epochs"] = 1
    here = run(study, tmp_path / "here", progress=False)
    for key in ("a", "b"):
        copied(tmp_path / key, f"memory://bucket/{key}")
        study["samples"][key] = {"store": f"memory://bucket/{key}"}
    there = run(study, tmp_path / "there", progress=False)
    assert there.metrics == here.metrics
    bundle = tmp_path / "there" / "net" / "1" / "bundle"
    found = predict(bundle, "memory://bucket/a", tmp_path / "a.parquet", progress=False).table
    assert found.equals(predict(bundle, tmp_path / "a", progress=False).table)
    assert found.equals(predict(bundle, place("memory://bucket/a"), progress=False).table)


def test_what_is_no_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert place(tmp_path.as_uri()) == place(f"local:{tmp_path}") == tmp_path
    odd = tmp_path / "my:"
    odd.mkdir()
    monkeypatch.chdir(tmp_path)
    assert place("my:/") == Path("my:")
    assert place("C:/stores") == Path("C:/stores")
    assert not is_remote(place("stores/a:/b"))
    with pytest.raises(UnknownNameError, match="no protocol 'nowhere'"):
        place("nowhere://bucket/store")
    with pytest.raises(CorruptFileError, match="no store is there"):
        open_store("memory://bucket/nothing")
    if importlib.util.find_spec("s3fs") is None:
        with pytest.raises(MissingExtraError, match="s3fs"):
            place("s3://bucket/store")

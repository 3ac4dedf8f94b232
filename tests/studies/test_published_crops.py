"""The published images of electrons and photons, written as published, through the study's card."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from hepvision.studies.card import resolve
from hepvision.studies.run import run

pytest.importorskip("torch")
pytest.importorskip("xgboost")


def _write(path: Path, number: int = 240) -> None:
    """Showers that are wider in φ for electrons, y = 1; channels last, energy and time."""
    rng = np.random.default_rng(5)
    images, label = np.zeros((number, 32, 32, 2), np.float32), np.arange(number) % 2
    for width, kind in ((0.6, 0), (1.0, 1)):
        rows = np.flatnonzero(label == kind)
        spread = np.exp(-0.5 * ((np.arange(32) - 16) / width) ** 2)
        narrow = np.exp(-0.5 * ((np.arange(32) - 16) / 0.6) ** 2)
        images[rows, :, :, 0] = narrow[:, None] * spread
    images[..., 0] *= rng.uniform(0.5, 1.5, images.shape[:3])
    images[..., 0][images[..., 0] < 0.01] = 0
    images[..., 1] = np.where(images[..., 0] > 0, rng.normal(0, 0.1, images.shape[:3]), 0)
    with h5py.File(path, "w") as file:
        file.create_dataset("X", data=images, compression="gzip")
        file.create_dataset("y", data=label.astype(np.float32))


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    _write(tmp_path / "electrons.hdf5")
    return tmp_path / "electrons.hdf5"


def test_the_card_reads_them(images: Path, tmp_path: Path) -> None:
    changes = [f"files={images}", "training={epochs: 2, batch: 16, threads: 1}"]
    made = run("electron_photon", tmp_path / "run", changes=changes, progress=False)
    area = {
        name: seeds["1"]["versus"]["rest"]["auc"] for name, seeds in made.metrics["entries"].items()
    }
    assert set(area) == {"crop", "shapes"}
    assert area["shapes"]["low"] > 0.8
    assert "0.788" in made.report.read_text(encoding="utf-8")


def test_classes_are_those_of_the_file(images: Path) -> None:
    study = resolve("electron_photon", changes=[f"files={images}"])
    assert study.samples["electron"].where == ("label == 1",)
    assert study.samples["photon"].where == ("label == 0",)
    assert study.signal == "electron"
    assert not study.select


def test_the_validation_takes_the_same_card(images: Path, monkeypatch: Any) -> None:
    folder = Path(__file__).parents[2] / "validation"
    monkeypatch.syspath_prepend(str(folder))
    spec = importlib.util.spec_from_file_location("_crop_rows", folder / "_crop_rows.py")
    assert spec is not None
    assert spec.loader is not None
    rows = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(__import__("sys").modules, "_crop_rows", rows)
    spec.loader.exec_module(rows)
    stores = {name: Path(name) for name in ("electron", "photon", "pion", "diphoton", "dielectron")}
    keys = [row.key for row in rows.ROWS]
    assert len(set(keys)) == len(keys)
    for row in rows.ROWS:
        study = resolve(rows.card_of(row, stores, images))
        (entry,) = study.entries
        assert entry.name == row.entry
        assert study.seeds == (row.seed,)
        assert (study.samples[study.signal].read is None) == (row.study != rows.PUBLISHED)

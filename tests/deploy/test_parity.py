"""The report of a file says what changed, and by how much."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.test_bundle import network_bundle
from hepvision.deploy._onnx_events import rows_of
from hepvision.deploy.onnx import export
from hepvision.deploy.parity import parity
from hepvision.events.store import write_store
from toy_events import toy_events


def test_classes_that_are_not_said(tmp_path: Path) -> None:
    """Real events have no class: scores are compared, nothing else."""
    bundle = network_bundle()
    write_store(tmp_path / "store", toy_events(12, 1, sample="data", photons=2))
    made = export(bundle, tmp_path / "model.onnx")
    rows = rows_of(bundle, tmp_path / "store", "train", 5)
    assert len(rows) == 5
    found = parity(bundle, made.path, rows)
    assert found.examples == 5
    assert found.measures == {}
    assert 0 <= found.largest < 1e-5
    with pytest.raises(ValueError, match="needs examples, got none"):
        parity(bundle, made.path, rows[:0])


def test_another_network_is_seen(tmp_path: Path) -> None:
    bundle = network_bundle()
    made = export(bundle, tmp_path / "model.onnx")
    for one in bundle.model.parameters():
        one.data *= 2
    assert parity(bundle, made.path, toy_events(3, 2, photons=2)).largest > 1e-4

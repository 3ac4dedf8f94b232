"""``hepvision list`` shows what the folders hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from hepvision.cli import main
from hepvision.core import names


def test_every_component_is_listed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["list"]) == 0
    shown = capsys.readouterr().out.split()
    for kind in names.KINDS:
        assert set(names.names(kind)) <= set(shown)


def test_one_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "geometries"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].strip() == "geometries"
    assert {"ecal_barrel", "ecal_endcap", "hcal"} <= {line.split()[0] for line in lines[1:]}
    assert "processes" not in lines


def test_a_new_file_appears_with_what_it_lacks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "toy.py").write_text('"""A toy."""\nimport onnx_of_no_one\n__all__ = ["Toy"]\n')
    (tmp_path / "_block.py").write_text('"""No component."""\n')
    monkeypatch.setitem(names.KINDS, "models", (str(tmp_path), ".py"))
    monkeypatch.setitem(names.EXTRAS, "onnx_of_no_one", "nowhere")
    assert main(["list", "models"]) == 0
    out = capsys.readouterr().out
    for word in ("toy", "A toy.", "nowhere (not installed)"):
        assert word in out
    assert "_block" not in out


def test_an_empty_kind_has_no_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(names.KINDS, "models", (str(tmp_path), ".py"))
    assert main(["list", "models"]) == 0
    assert capsys.readouterr().out == ""

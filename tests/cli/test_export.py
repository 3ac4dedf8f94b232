"""``hepvision export`` writes what is asked for, or says in one line why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from hepvision.cli import main
from toy_bundle import toy_bundle


def test_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle, out = toy_bundle(tmp_path / "bundle"), tmp_path / "model.onnx"
    assert main(["export", str(bundle), "-o", str(out)]) == 0
    assert out.is_file()
    said, err = capsys.readouterr()
    assert said.splitlines()[0] == f"{out}: dense inputs, float32"
    assert "scores (batch, 2): higgs, jet" in said
    assert err == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "needs either -o FILE or --triton FOLDER, got none"),
        (["-o", "a.onnx", "--triton", "models"], "got both"),
        (["-o", "a.onnx", "--inputs", "hits"], "hits needs detector_image"),
        (["-o", "a.onnx", "--precision", "int8"], "int8 needs events"),
        (["--triton", "models", "--precision", "bfloat16"], "got bfloat16, which has none"),
    ],
)
def test_mistakes(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    toy_bundle(tmp_path / "bundle")
    monkeypatch.chdir(tmp_path)
    assert main(["export", "bundle", *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err
    assert [one.name for one in tmp_path.glob("*") if one.name != "bundle"] == []

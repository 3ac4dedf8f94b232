"""The command writes a page, and refuses in one line."""

import pytest

pytest.importorskip("torch")

from hepvision.cli import main
from toy_bundle import toy_bundle


def test_a_page_is_written(tmp_path, capsys):
    out = tmp_path / "net.html"
    assert main(["draw", str(toy_bundle(tmp_path / "bundle")), "-o", str(out)]) == 0
    said = capsys.readouterr().out
    assert "2 layers" in said
    assert str(out) in said
    assert out.is_file()
    assert (tmp_path / "net-layers.png").is_file()


def test_mistakes_are_one_line(tmp_path, capsys):
    bundle = str(toy_bundle(tmp_path / "bundle"))
    for words in (
        ["nowhere", "-o", str(tmp_path / "a.html")],
        [bundle, "-o", str(tmp_path / "a.pdf")],
        [bundle, "-o", str(tmp_path / "a.html"), "--events", str(tmp_path / "none")],
    ):
        assert main(["draw", *words]) == 2
        error = capsys.readouterr().err
        assert error.startswith("error: ")
        assert error.count("\n") == 1

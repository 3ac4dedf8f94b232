"""The command prints who leads and what to beware of, and refuses in one line."""

import pytest

from hepvision.cli import main
from studies.toy_compared import compared, entry


@pytest.fixture(autouse=True)
def undrawn(monkeypatch):
    monkeypatch.setattr("matplotlib.figure.Figure.draw_without_rendering", lambda one: None)
    monkeypatch.setattr("hepvision.studies._report_parts.embed", lambda *given: "data:,")


def test_table_on_the_terminal(tmp_path, capsys):
    run = compared(
        tmp_path / "a", [entry("net", 0.8), entry("cuts", 3.0, model="cuts")], count=1500
    )
    out = tmp_path / "made" / "page.html"
    assert main(["compare", str(run), "-o", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].strip().startswith("1 net: 1/ε_b at ε_s = 0.5")
    assert lines[-1] == str(out)
    assert out.exists()
    assert out.with_suffix(".json").exists()


def test_mistakes_are_one_line(tmp_path, capsys):
    assert main(["compare", str(tmp_path / "none"), "-o", str(tmp_path / "a.html")]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert "must be a run folder" in said
    assert said.count("\n") == 1

"""The command show: a page, its path, one line for what cannot be shown."""

import pytest

from hepvision.cli import main
from hepvision.events.store import write_store
from toy_events import toy_events

from shared_data import shared


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "toys"
    write_store(path, toy_events(5, seed=1, sample="higgs_to_diphoton"))
    return path


def test_page_is_written_and_its_path_said(store, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["show", str(store), "--event", "4"]) == 0
    assert capsys.readouterr().out == "event_4.html\n"
    assert (tmp_path / "event_4.html").stat().st_size > 1_000_000


@pytest.mark.parametrize("event", ["5", "-1"])
def test_no_such_event(store, event, tmp_path, capsys):
    out = tmp_path / "page.html"
    assert main(["show", str(store), "--event", event, "-o", str(out)]) == 2
    assert capsys.readouterr().err == f"error: event: must be 0 to 4, got {event}. Count from 0.\n"
    assert not out.exists()


def test_nothing_that_is_shown_is_written_over(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_store(tmp_path / "toys", toy_events(2, seed=1))
    (tmp_path / "self.ig").write_bytes(b"PK collisions")
    (tmp_path / "link.ig").symlink_to("self.ig")
    before = {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()}
    for source, out, said in (
        ("toys", "toys/part-000000.parquet", "must not lie in a store"),
        ("toys", "toys", "error: toys: is a directory. Give a file"),
        ("self.ig", "self.ig", "error: self.ig: the output is the input."),
        ("toys", "page.png", "error: page.png: must end in .html, got .png."),
        ("self.ig", "link.ig", "error: link.ig: the output is the input."),
    ):
        assert main(["show", source, "-o", out]) == 2
        err = capsys.readouterr().err
        assert said in err
        assert err.count("\n") == 1
    assert {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()} == before


def test_what_is_no_store_and_no_known_file(tmp_path, capsys):
    text = tmp_path / "notes.txt"
    text.write_text("nothing")
    for path in (text, tmp_path, tmp_path / "absent"):
        assert main(["show", str(path)]) == 2
        err = capsys.readouterr().err
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        assert ("Give the files themselves" in err) == (path == tmp_path)


def test_a_truncated_file_is_one_line(tmp_path, capsys):
    whole = shared("data", "cms_ispy", "MinimumBias_Run2012C_0.ig").read_bytes()
    (tmp_path / "cut.ig").write_bytes(whole[: len(whole) // 2])
    assert main(["show", str(tmp_path / "cut.ig")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "name",
    [
        "BJetPlusX_Run2012C_0",
        "DoubleElectron_Run2012C_0",
        "DoublePhoton_Run2012B_0",
        "MinimumBias_Run2012C_0",
    ],
)
def test_real_collisions_are_shown(name, tmp_path):
    path = shared("data", "cms_ispy", f"{name}.ig")
    out = tmp_path / "event.html"
    assert main(["show", str(path), "-e", "1", "-o", str(out)]) == 0
    assert name.partition("_")[0] in out.read_text("utf-8")

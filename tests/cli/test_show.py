"""The command show: a page, its path, one line for what cannot be shown."""

import pytest

from hepvision.cli import main
from hepvision.events.store import write_store
from reader_samples import written
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
    said = f"error: {store}: event: must be 0 to 4, got {event}. Count from 0.\n"
    assert capsys.readouterr().err == said
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


def test_an_event_without_anything_to_see_is_one_line(tmp_path, capsys):
    write_store(tmp_path / "empty", toy_events(2, mean=0))
    out = tmp_path / "page.html"
    assert main(["show", str(tmp_path / "empty"), "-o", str(out)]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: empty: event 0: must hold something to draw, got ")
    assert "Take another with --event" in err
    assert err.count("\n") == 1
    assert not out.exists()


def test_of_several_files_the_broken_one_is_named_and_no_page_left(store, tmp_path, capsys):
    good, bad, out = tmp_path / "short.json", tmp_path / "bad.json", tmp_path / "page.html"
    written("cms_json").write(good, events=3)
    bad.write_bytes(good.read_bytes()[:200])
    assert main(["show", str(good), str(bad), "-o", str(out)]) == 2
    err = capsys.readouterr().err
    assert "bad.json" in err
    assert err.count("\n") == 1
    assert not out.exists()
    assert main(["show", str(good), str(store), "--event", "2", "-o", str(out)]) == 0
    text = out.read_text("utf-8")
    assert "short.json, event 2 of 3, from 0" in text
    assert "toys, event 2 of 5, from 0" in text


def test_format_and_options_go_to_the_reader(tmp_path, capsys):
    path, out = tmp_path / "images.h5", tmp_path / "page.html"
    written("e2e_images").write(path)
    words = ["show", str(path), "-o", str(out), "--format", "e2e_images", "--option"]
    assert main([*words, "class_one=gluon"]) == 0
    assert main([*words, "class_two=gluon"]) == 2
    assert "class_one" in capsys.readouterr().err

"""show: stores, files and events in memory; one line for what cannot be shown."""

import numpy as np
import pytest

from hepvision.cli import main
from hepvision.core.errors import CorruptFileError
from hepvision.events.store import write_store
from hepvision.figures.show import show
from toy_events import toy_events

from shared_data import shared


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "toys"
    write_store(path, toy_events(5, seed=1, sample="higgs_to_diphoton"))
    return path


def test_a_store_gives_the_event_asked_for(store, tmp_path):
    display = show(store, 3, tmp_path / "sub" / "page.html")
    assert display.title == "H → γγ, event 3"
    assert (tmp_path / "sub" / "page.html").read_text("utf-8") == display.html


def test_events_in_memory_are_not_changed():
    events = toy_events(2, seed=2)
    before = events.to_list()
    assert show(events, 1).title == "toy, event 1"
    assert events.to_list() == before


def test_command_writes_the_page_and_says_where(store, tmp_path, monkeypatch, capsys):
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


def test_what_is_no_store_and_no_known_file(tmp_path, capsys):
    text = tmp_path / "notes.txt"
    text.write_text("nothing")
    with pytest.raises(CorruptFileError, match="no reader knows this file"):
        show(text)
    with pytest.raises(FileNotFoundError, match="no such file or folder"):
        show(tmp_path / "absent")
    for path in (text, tmp_path, tmp_path / "absent"):
        assert main(["show", str(path)]) == 2
        err = capsys.readouterr().err
        assert err.startswith("error: ")
        assert err.count("\n") == 1


def test_a_truncated_display_file_is_one_line(tmp_path, capsys):
    whole = shared("data", "cms_ispy", "MinimumBias_Run2012C_0.ig").read_bytes()
    (tmp_path / "cut.ig").write_bytes(whole[: len(whole) // 2])
    assert main(["show", str(tmp_path / "cut.ig")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_real_collisions_are_shown():
    path = shared("data", "cms_ispy", "DoublePhoton_Run2012B_0.ig")
    display = show(path, np.int64(1))
    assert "run 194" in display.title
    assert "pile-up not known" in display.body

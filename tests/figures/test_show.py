"""show: stores, files and events in memory."""

import numpy as np
import pytest

from hepvision.core.errors import CardError, CorruptFileError
from hepvision.events.store import write_store
from hepvision.figures.show import show
from reader_samples import write
from toy_events import toy_events

from shared_data import shared


def test_a_store_gives_the_event_asked_for(tmp_path):
    write_store(tmp_path / "store", toy_events(5, seed=1, sample="higgs_to_diphoton"))
    display = show(tmp_path / "store", 3, tmp_path / "sub" / "page.html")
    assert display.title == "H → γγ, event 3"
    assert (tmp_path / "sub" / "page.html").read_text("utf-8") == display.html
    assert "store, event 3 of 5, from 0" in display.body


def test_events_in_memory_are_not_changed():
    events = toy_events(2, seed=2)
    before = events.to_list()
    assert show(events, 1).title == "toy, event 1"
    assert events.to_list() == before


def test_what_cannot_be_shown_is_said(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("nothing")
    with pytest.raises(CorruptFileError, match="no reader knows this format"):
        show(text)
    with pytest.raises(FileNotFoundError, match="no such file"):
        show(tmp_path / "absent")
    with pytest.raises(ValueError, match="there is none, got 0"):
        show(toy_events(1, seed=1)[:0])
    with pytest.raises(ValueError, match="needs a file, got none"):
        show([])


def test_nothing_to_draw_is_said_with_what_to_do(tmp_path):
    write_store(tmp_path / "empty", toy_events(2, mean=0))
    page = tmp_path / "page.html"
    with pytest.raises(ValueError, match=r"empty: event 1: must hold something.*inspect") as caught:
        show(tmp_path / "empty", 1, page)
    assert "\n" not in str(caught.value)
    assert not page.exists()


def test_several_files_stand_in_one_page(tmp_path):
    paths = []
    for seed in (1, 2):
        folder = tmp_path / f"{seed}"
        folder.mkdir()
        paths.append(write("cms_json", folder, seed=seed))
    display = show(paths, 2)
    assert display.panels == ("eta_phi", "eta_phi")
    assert 'id="event0_eta_phi"' in display.body
    assert 'id="event1_eta_phi"' in display.body


def test_options_go_to_the_reader(tmp_path):
    path = write("e2e_images", tmp_path)
    first, other = (
        show(path, 0, options={"order": order}).body for order in ("tracks_first", "ecal_first")
    )
    assert first.index("Picture: tracks") < first.index("Picture: ecal")
    assert other.index("Picture: ecal") < other.index("Picture: tracks")
    with pytest.raises(CardError):
        show(path, 0, format="e2e_images", options={"ordre": 1})


def test_real_collisions_are_shown():
    path = shared("data", "cms_ispy", "DoublePhoton_Run2012B_0.ig")
    display = show(path, np.int64(1))
    assert "run 194" in display.title
    assert "real data" in display.body
    assert "interactions</dd>" not in display.body

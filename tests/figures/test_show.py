"""show: stores, files and events in memory."""

import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError
from hepvision.events.store import write_store
from hepvision.figures.show import show
from toy_events import toy_events

from shared_data import shared


def test_a_store_gives_the_event_asked_for(tmp_path):
    write_store(tmp_path / "store", toy_events(5, seed=1, sample="higgs_to_diphoton"))
    display = show(tmp_path / "store", 3, tmp_path / "sub" / "page.html")
    assert display.title == "H → γγ, event 3"
    assert (tmp_path / "sub" / "page.html").read_text("utf-8") == display.html


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


def test_real_collisions_are_shown():
    path = shared("data", "cms_ispy", "DoublePhoton_Run2012B_0.ig")
    display = show(path, np.int64(1))
    assert "run 194" in display.title
    assert "pile-up not known" in display.body

"""Bars say how many events are done, how fast, and which share passed."""

from __future__ import annotations

import itertools

import pytest
from rich.console import Console

from hepvision.core import progress
from hepvision.core.progress import Bars


def test_rates_count_from_the_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(0, 2)
    monkeypatch.setattr(progress.time, "monotonic", lambda: next(clock))
    bars = Bars(shown=False)
    assert bars.rate("score", 100) == 0.0  # of an earlier run
    assert bars.rate("score", 120) == 10.0


def test_a_bar_says_what_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    with Bars(shown=True) as bars:
        assert isinstance(bars._bar.console, Console)
        bars._bar.console.width = 120
        bars.events("score", 1000, 4000, share=0.25)
        bars.say("half of it is [made]")
        bars.events("score", 4000, 4000)
    told = capsys.readouterr().err
    assert "half of it is [made]" in told
    assert "4,000 of 4,000 events" in told


def test_nothing_is_shown_if_not_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    with Bars(shown=False) as bars:
        bars.events("score", 1, 2)
        bars.say("nothing")
    assert capsys.readouterr() == ("", "")

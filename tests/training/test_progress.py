"""The progress line says how fast and how long."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from hepvision.training.progress import TrainingProgress


def test_it_shows_epoch_and_loss() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=150)
    with TrainingProgress("EB", 2, 100, console=console) as progress:
        for epoch in range(2):
            progress.epoch(epoch, "validation 0.5")
            for _ in range(10):
                progress.batch(10)
    shown = out.getvalue()
    for word in ("EB", "epoch 2/2", "validation 0.5", "events/s", "left"):
        assert word in shown


def test_it_shows_nothing_where_not_wanted() -> None:
    out = io.StringIO()
    with TrainingProgress("EB", 1, 10, shown=False, console=Console(file=out)) as progress:
        progress.epoch(0)
        progress.batch(10)
    assert out.getvalue() == ""


@pytest.mark.parametrize("width", [72, 80])
def test_losses_give_way_on_a_narrow_terminal(width: int) -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=width, color_system=None)
    with TrainingProgress("CMS-B, seed 1", 12, 3000, console=console) as progress:
        progress.epoch(9, "train 0.9123, validation 0.9231, correlation 0.12")
        progress.batch(3)
    lines = re.split(r"\x1b[^a-zA-Z]*[a-zA-Z]|\r|\n", out.getvalue())
    assert any("epoch 10/12" in line and "left" in line and "…" in line for line in lines)
    assert max(map(len, lines)) <= width

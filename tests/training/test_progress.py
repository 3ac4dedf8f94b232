"""The progress line says how fast and how long."""

from __future__ import annotations

import io

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

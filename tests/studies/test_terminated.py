"""A batch system ends a job: the program writes a checkpoint, and asks to be queued again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from hepvision.events.store import write_store
from hepvision.studies.run import run
from toy_events import toy_events

GOES_ON = "given again, the same command goes on with what is finished\n"


def card(folder: Path) -> dict[str, Any]:
    for number, key in enumerate(("a", "b")):
        if not (folder / key).is_dir():
            write_store(folder / key, toy_events(60, seed=number, photons=2))
    return {
        "title": "terminated and queued again",
        "samples": {key: {"store": str(folder / key)} for key in ("a", "b")},
        "representations": {"momenta": "four_momenta"},
        "entries": [{"name": "net", "uses": ["momenta"], "model": {"name": "mlp"}}],
        "training": {
            "epochs": 60,
            "batch": 4,
            "patience": 0,
            "precision": "float32",
            "threads": 1,
        },
    }


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [(signal.SIGTERM, 75, "terminated; "), (signal.SIGINT, 130, "interrupted; ")],
)
def test_a_signal_ends_a_run_in_one_line_and_it_goes_on(
    number: signal.Signals, code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    path, out = tmp_path / "card.yaml", tmp_path / "run"
    path.write_text(yaml.safe_dump(card(tmp_path)))
    words = [sys.executable, "-m", "hepvision", "run", str(path), "-o", str(out), "--quiet"]
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    job = subprocess.Popen(
        words,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        checkpoints = out / "net" / "1" / "checkpoints"
        while not list(checkpoints.glob("*.ckpt")) and job.poll() is None:
            time.sleep(0.01)
        job.send_signal(number)
        _, told = job.communicate(timeout=200)
    finally:
        job.kill()
    assert (job.returncode, told) == (code, said + GOES_ON)
    assert not (out / "metrics.json").exists()
    run(path, out, progress=False)
    whole = run(path, tmp_path / "whole", progress=False)
    assert (out / "metrics.json").read_bytes() == (whole.folder / "metrics.json").read_bytes()

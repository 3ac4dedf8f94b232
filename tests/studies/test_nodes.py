"""The same command on two nodes: the first one keeps what both trained."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from hepvision.core.files import read_json
from hepvision.studies.run import run
from studies.test_terminated import card

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def losses(folder: Path) -> dict[str, list[float]]:
    return {
        name: [row["validation"] for row in read_json(folder / name / "1" / "history.json")]
        for name in ("net", "other")
    }


def test_two_nodes_are_two_devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two networks one after the other, between them a learner that the first node trains."""
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    study: dict[str, Any] = card(tmp_path)
    study["training"]["epochs"] = 3
    net = study["entries"][0]
    study["entries"] += [
        {"name": "cut", "uses": ["momenta"], "model": {"name": "cuts"}},
        {**net, "name": "other"},
    ]
    path = tmp_path / "card.yaml"
    path.write_text(yaml.safe_dump(study))
    words = [sys.executable, "-m", "hepvision", "run", str(path), "--quiet", "--nodes", "2"]
    there = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    jobs = [
        subprocess.Popen(
            [*words, "-o", str(tmp_path / "nodes")],
            env={**os.environ, **there, "NODE_RANK": str(node), "PYTHONWARNINGS": "ignore"},
            stderr=subprocess.PIPE,
            text=True,
        )
        for node in (1, 0)
    ]
    try:
        told = [job.communicate(timeout=300)[1] for job in jobs]
    finally:
        for job in jobs:
            job.kill()
    assert [job.returncode for job in jobs] == [0, 0], told
    assert (tmp_path / "nodes" / "report.html").is_file()
    run(path, tmp_path / "devices", progress=False, devices=2)
    assert losses(tmp_path / "nodes") == losses(tmp_path / "devices")
    scores = [read_json(tmp_path / one / "metrics.json")["entries"] for one in ("nodes", "devices")]
    assert scores[0] == scores[1]


def test_a_node_that_knows_no_other_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"need NODE_RANK \(or SLURM_NODEID\)"):
        run("higgs_diphoton", tmp_path, nodes=2)

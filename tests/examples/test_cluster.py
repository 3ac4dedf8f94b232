"""Files for batch systems, run as far as one machine allows."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from hepvision.core.files import read_json
from hepvision.events.store import open_store
from hepvision.simulation.simulate import simulate
from studies.test_terminated import card

EXAMPLES = Path(__file__).parents[2] / "examples"
CLUSTER = EXAMPLES / "dask_cluster.py"
#: Stands in for Slurm's own: a task a node, all on this machine.
SRUN = """#!/bin/bash
for node in $(seq 0 $((SLURM_JOB_NUM_NODES - 1))); do SLURM_NODEID=$node "$@" & tasks+=($!); done
worst=0
for task in "${tasks[@]}"; do wait "$task"; code=$?; (( code > worst )) && worst=$code; done
exit "$worst"
"""
SCONTROL = """#!/bin/bash
if [ "$1" = show ]; then echo 127.0.0.1; else echo "$@" >> "$(dirname "$0")/scontrol.said"; fi
"""


@pytest.mark.parametrize(
    ("system", "words"),
    [
        ("slurm", ["#SBATCH -p long", "#SBATCH --cpus-per-task=4", "#SBATCH --mem=8G"]),
        ("htcondor", ["MY.DaskWorkerCores = 4", "condor_submit"]),
    ],
)
def test_the_job_that_a_batch_system_gets(system: str, words: list[str]) -> None:
    pytest.importorskip("dask_jobqueue")
    given = [sys.executable, str(CLUSTER), system, "--cores", "4", "--queue", "long", "--print"]
    done = subprocess.run(given, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    for one in [*words, "--nthreads 1", "--nworkers 4", "OMP_NUM_THREADS=1"]:
        assert one in done.stdout


@pytest.mark.parametrize("name", ["train.sbatch"])
def test_a_script_is_bash(name: str) -> None:
    done = subprocess.run(["bash", "-n", EXAMPLES / name], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.slow
def test_workers_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same events as without them; Ctrl-C ends the cluster."""
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    given = [sys.executable, str(CLUSTER), "local", "--jobs", "2"]
    job = subprocess.Popen(given, stdout=subprocess.PIPE, text=True)
    try:
        assert job.stdout is not None
        address = job.stdout.readline().strip()
        what = ("higgs_to_diphoton", 40)
        simulate(*what, tmp_path / "there", scheduler=address, progress=False)
        simulate(*what, tmp_path / "here", progress=False)
        assert open_store(tmp_path / "there").checksum == open_store(tmp_path / "here").checksum
        job.send_signal(signal.SIGINT)
        job.communicate(timeout=60)
    finally:
        job.kill()
    assert job.returncode == 0


@pytest.mark.slow
def test_a_job_on_two_nodes_is_queued_again(tmp_path: Path) -> None:
    """SIGTERM to both tasks, as Slurm sends it: 75, queued again; the same script then ends."""
    commands = tmp_path / "bin"
    commands.mkdir()
    for name, text in (("srun", SRUN), ("scontrol", SCONTROL)):
        (commands / name).write_text(text)
        (commands / name).chmod(0o755)
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    (tmp_path / "card.yaml").write_text(yaml.safe_dump(card(tmp_path)))
    environment = os.environ | {
        "PATH": f"{commands}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "SLURM_JOB_NUM_NODES": "2",
        "SLURM_JOB_ID": "7",
        "SLURM_JOB_NODELIST": "this[1-2]",
        "MASTER_PORT": str(port),
        "HEPVISION_CACHE": str(tmp_path / "cache"),
        "PYTHONWARNINGS": "ignore",
    }
    words = ["bash", EXAMPLES / "train.sbatch", tmp_path / "card.yaml", tmp_path / "run"]
    job = subprocess.Popen(words, env=environment, start_new_session=True)
    try:
        while not list(tmp_path.glob("run/net/1/checkpoints/*.ckpt")) and job.poll() is None:
            time.sleep(0.05)
        tasks = subprocess.run(
            ["pgrep", "-g", str(job.pid), "-f", "bin/hepvision run"], capture_output=True, text=True
        )
        for task in tasks.stdout.split():
            os.kill(int(task), signal.SIGTERM)
        assert job.wait(100) == 75
        assert (commands / "scontrol.said").read_text() == "requeue 7\n"
        again = subprocess.run(words, env=environment, timeout=300, check=False)
        assert again.returncode == 0
    finally:
        job.kill()
    assert read_json(tmp_path / "run" / "net" / "1" / "timing.json")["epochs"] == 60

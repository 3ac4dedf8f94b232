"""Workers of a batch system for `--scheduler`, until Ctrl-C.

    python examples/dask_cluster.py slurm --jobs 50 --cores 8 --queue standard --walltime 12:00:00
    python examples/dask_cluster.py htcondor --jobs 50 --cores 8
    python examples/dask_cluster.py local --jobs 2           # this machine, to try it
    python examples/dask_cluster.py slurm --cores 8 --print  # the job that would be submitted

prints an address; then, in another terminal of the same cluster,

    hepvision simulate higgs_to_diphoton --events 1000000 -o stores/higgs --scheduler ADDRESS

Needs `pip install 'hepvision[cluster]' dask-jobqueue`. Each worker takes one thread: chunks of
events are independent, and threads of one process wait for each other. Workers must see the same
files under the same paths, and the same environment.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any

ONE_THREAD = [f"export {name}_NUM_THREADS=1" for name in ("OMP", "MKL", "OPENBLAS", "NUMBA")]


def cluster(given: argparse.Namespace) -> Any:
    """The cluster that was asked for; nothing is submitted yet."""
    if given.system == "local":
        from distributed import LocalCluster

        return LocalCluster(n_workers=given.jobs, threads_per_worker=1, dashboard_address=None)
    from dask_jobqueue.htcondor import HTCondorCluster
    from dask_jobqueue.slurm import SLURMCluster

    about: dict[str, Any] = {
        "cores": given.cores,
        "processes": given.cores,
        "memory": f"{given.memory * given.cores}GB",
        "job_script_prologue": ONE_THREAD,
        "scheduler_options": {"dashboard_address": None},
    }
    if given.system == "slurm":
        return SLURMCluster(queue=given.queue, walltime=given.walltime, **about)
    return HTCondorCluster(disk=f"{given.disk}GB", **about)


def main(words: Sequence[str] | None = None) -> None:
    """Read the command line, start the workers and wait."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("system", choices=("slurm", "htcondor", "local"))
    parser.add_argument("--jobs", type=int, default=1, help="jobs, or workers of this machine")
    parser.add_argument("--cores", type=int, default=1, help="workers of a job")
    parser.add_argument("--memory", type=int, default=2, help="GB a worker")
    parser.add_argument("--disk", type=int, default=10, help="GB a job (HTCondor)")
    parser.add_argument("--queue", help="partition (Slurm)")
    parser.add_argument("--walltime", default="08:00:00", help="of a job (Slurm)")
    parser.add_argument("--print", action="store_true", help="print the job script and stop")
    given = parser.parse_args(words)
    with cluster(given) as made:
        if given.print:
            print(made.job_script() if hasattr(made, "job_script") else "a process of this machine")
            return
        if given.system != "local":
            made.scale(jobs=given.jobs)
        print(made.scheduler_address, flush=True)
        # what was submitted is cancelled however this ends
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()

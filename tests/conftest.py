"""What every test shares: fixed seeds, one thread a process, a cache of its own, no display."""

from __future__ import annotations

import importlib.util
import os
import random
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

# before numpy, numba or torch read them
for _name in ("OMP", "MKL", "OPENBLAS", "NUMBA"):
    os.environ.setdefault(f"{_name}_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")
# what is held against numbers is held on the processor
for _name in ("CUDA", "HIP"):
    os.environ.setdefault(f"{_name}_VISIBLE_DEVICES", "")
if "HEPVISION_CACHE" not in os.environ:
    os.environ["HEPVISION_CACHE"] = tempfile.mkdtemp(prefix="hepvision-tests-")

# a shell's background job ignores Ctrl-C, and so would all that tests start and interrupt
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

import numpy as np  # noqa: E402
import pytest  # noqa: E402

from shared_data import ABSENT  # noqa: E402


@pytest.fixture(autouse=True)
def _fixed_seeds() -> None:
    """Global generators start alike in every test; the library itself takes none of them."""
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(1)


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator for toy data."""
    return np.random.default_rng(20_12)


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Gives a script of the project as a module, such as "benchmarks/loader.py".

    An installed package has none beside its tests, which are skipped then.
    """

    def load(name: str) -> ModuleType:
        path = Path(__file__).parents[1] / name
        if not path.parent.is_dir():
            pytest.skip(f"{path.parent.name} is not beside the tests")
        monkeypatch.syspath_prepend(str(path.parent))
        # under a name of its own: there are packages of tests called as scripts are
        spec = importlib.util.spec_from_file_location(f"script_{path.stem}", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, module)
        spec.loader.exec_module(module)
        return module

    return load


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that were skipped because sample files are not there."""
    lost = [
        report.nodeid
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and ABSENT in report.longrepr[2]
    ]
    if lost:
        terminalreporter.section("not tested: sample files are absent")
        for nodeid in lost:
            terminalreporter.line(nodeid)

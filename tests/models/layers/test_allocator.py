"""Freed memory is taken again by the next step, without a page fault."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from hepvision.models.layers import allocator

#: Page faults of ten tensors of 40 MB, one after the other, after a first one.
FAULTS = """
import resource, sys, torch
from hepvision.models.layers.allocator import keep_freed_memory
from hepvision.models.layers.batches import limited_threads
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt
def spent():
    before = faults()
    for _ in range(10):
        torch.empty(10_000_000).fill_(1.0)
    return faults() - before
spent()
without = spent()
with limited_threads(1):
    spent()
    print(without, spent(), keep_freed_memory())
"""


def measured(**more: str) -> list[str]:
    settings = {key: value for key, value in os.environ.items() if key not in allocator._SET}
    told = subprocess.run(
        [sys.executable, "-c", FAULTS], env=settings | more, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    return told.stdout.split()


def glibc() -> bool:
    return sys.platform == "linux" and bool(os.confstr("CS_GNU_LIBC_VERSION"))


@pytest.mark.skipif(not glibc(), reason="needs glibc")
def test_large_tensors_are_faulted_in_once() -> None:
    without, kept, done = measured()
    assert done == "True"
    assert int(without) > 5000  # ten times 40 MB in pages of 4 kB are 97,656, of 2 MB fewer
    assert int(kept) < int(without) / 20


@pytest.mark.skipif(not glibc(), reason="needs glibc")
def test_what_dask_sets_in_its_workers_is_no_user_s() -> None:
    without, kept, done = measured(**dict([allocator._OF_DASK]))
    assert done == "True"
    assert int(kept) < int(without) / 20


@pytest.mark.skipif(not glibc(), reason="needs glibc")
def test_a_setting_of_the_user_stays() -> None:
    without, kept, done = measured(MALLOC_MMAP_THRESHOLD_="131072")
    assert done == "False"
    assert int(kept) > int(without) / 2


def test_elsewhere_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert allocator.keep_freed_memory.__wrapped__() is False
    monkeypatch.setattr(sys, "platform", "linux")

    class Other:
        """A C library that has none of it."""

    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda name: Other())
    for name in allocator._SET:
        monkeypatch.delenv(name, raising=False)
    assert allocator.keep_freed_memory.__wrapped__() is False

"""No broken file gets through in silence: mutations at random of a sample of each format."""

from __future__ import annotations

import gzip
import importlib.util
import json
import os
import subprocess
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hepvision.core.names import names
from reader_samples import reader, small

READERS = names("readers")
SCRIPT = Path(__file__).with_name("mutated.py")
FAST, SLOW = 5, 261  # mutations a format; each kind as often
FIRST = 1000  # the slow ones are others than the fast ones

Job = tuple[str, str, int]


def run(jobs: Sequence[Job]) -> list[list[Any]]:
    """What came of each; one that ends the process is told of, and the rest goes on."""
    left, told = list(jobs), []
    while left:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", str(SCRIPT)],
            input=json.dumps(left),
            capture_output=True,
            text=True,
            timeout=3000,
            check=False,
            env={**os.environ, "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"},
        )
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        finished = [line for line in lines if len(line) == 4]
        told += finished
        left = left[len(finished) :]
        if done.returncode:
            assert lines, done.stderr[-3000:]
            (name, _, number), left = left[0], left[1:]
            told.append([name, number, "?", f"WRONG ended {done.returncode}: {done.stderr[-800:]}"])
    return told


def faults(told: list[list[Any]]) -> str:
    return "\n".join(
        f"{name} {n} ({kind}): {said}" for name, n, kind, said in told if said.startswith("WRONG")
    )


def test_a_few_mutations_of_each_format(tmp_path: Path) -> None:
    every: list[Job] = []
    for name in READERS:
        path = tmp_path / name
        path.mkdir()
        file = str(small(name, path))
        every += [(name, file, number) for number in range(FAST)]
    told = run(every)
    assert len(told) == FAST * len(READERS)
    assert not faults(told), faults(told)
    assert Counter(said.split()[0] for *_, said in told)["refused"] > FAST


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("name", READERS)
def test_many_mutations(name: str, tmp_path: Path) -> None:
    file = str(small(name, tmp_path))
    told = run([(name, file, number) for number in range(FIRST, FIRST + SLOW)])
    assert len(told) == SLOW
    assert not faults(told), faults(told)


def _module() -> Any:
    spec = importlib.util.spec_from_file_location("mutated", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_mutation_can_be_made_again() -> None:
    mutate = _module().mutate
    content = np.random.default_rng(1).bytes(10_000)
    made = [mutate("ispy", content, number) for number in range(200)]
    assert made == [mutate("ispy", content, number) for number in range(200)]
    assert sum(one != content for _, one in made) > 190
    packed = gzip.compress(b"[1.5, 2.5]" * 100)
    texts = [
        one
        for kind, one in (mutate("cms_json", packed, 8 + 9 * k) for k in range(40))
        if kind == "number inside"
    ]
    assert texts and all(b"1.5, 2.5" in gzip.decompress(one) for one in texts)


class _Faulty:
    """A reader that does each thing wrong that the test is to find."""

    def __init__(self, fault: str) -> None:
        self.fault = fault

    def recognises(self, path: Path) -> bool:
        return True

    def count(self, path: Path) -> int:
        return 3

    def read(self, path: Path) -> list[int]:
        return [1, 2] if self.fault == "half" else [1, 2, 3]

    def stream(self, path: Path, size: int) -> list[list[int]]:
        if self.fault == "traceback":
            raise KeyError("Event")
        if self.fault == "memory":
            from hepvision.core.errors import CorruptFileError

            raise CorruptFileError(f"{path.name}: too large.") from MemoryError()
        if self.fault == "nameless":
            from hepvision.core.errors import CorruptFileError

            raise CorruptFileError("It is broken.")
        return [self.read(path)]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("half", "WRONG 2 streamed, 3 counted"),
        ("traceback", "WRONG KeyError"),
        ("memory", "WRONG too much memory"),
        ("nameless", "WRONG no file named"),
        ("none", "WRONG a silent part: 3 of 4"),
    ],
)
def test_faults_are_found(
    fault: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = _module()
    monkeypatch.setattr(module, "load", lambda kind, name: lambda: _Faulty(fault))
    monkeypatch.setattr(module, "check", lambda piece: piece)
    path = tmp_path / "a.ig"
    path.touch()
    assert module.outcome("ispy", path, 4, True).startswith(said)


BOMB = """
import resource, sys
from hepvision.core.errors import UserError
from hepvision.core.names import load
reader, path = load("readers", sys.argv[1])(), sys.argv[2]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
reader.recognises(path)
try:
    for events in reader.stream(path, 100):
        pass
    said = "read"
except UserError as error:
    said = str(error)
took = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
sys.stdout.write(f"{took >> 10} {said}")
"""


def _packed(suffix: str) -> bool:
    return suffix.endswith((".gz", ".npz", ".ig"))


def _bomb(path: Path, megabytes: int = 600) -> Path:
    """Zeros, packed a thousandfold, in the packing that the name says."""
    block = bytes(1 << 20)
    if path.suffix in {".npz", ".ig"}:
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open("Events/Run_1/Event_1", "w", force_zip64=True) as member,
        ):
            for _ in range(megabytes):
                member.write(block)
        return path
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(packer.compress(block))
        file.write(packer.flush())
    return path


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name for name in READERS if any(map(_packed, reader(name).suffixes))]
)
def test_a_bomb_is_not_unpacked(name: str, tmp_path: Path) -> None:
    suffix = next(filter(_packed, reader(name).suffixes))
    path = _bomb(tmp_path / f"event1-hits.csv{suffix}")
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BOMB, name, str(path)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    took, _, said = done.stdout.partition(" ")
    assert int(took) < 400, done.stdout
    assert said.count("\n") == 0
    assert path.name in said

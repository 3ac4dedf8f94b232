"""A disk that is full in the middle of a training."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hepvision.cli._app import one_line
from training.test_fit import run, same

Disk = tuple[Path, Callable[[], None], Callable[[], None]]


@pytest.fixture(params=["small disk", "limited files"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    """A folder, what makes it full, and what makes room."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def limit(size: int) -> Callable[[], None]:
        return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))

    if request.param == "limited files":
        yield tmp_path, limit(2000), limit(before[0])
        limit(before[0])()
        return
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("may not mount a file system")
    junk = tmp_path / "junk"

    def fill() -> None:
        with pytest.raises(OSError, match="No space"), junk.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(500))

    yield tmp_path, fill, junk.unlink
    subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.parametrize("minutes", [10.0, 0.0])
def test_it_ends_in_one_line_and_goes_on(disk: Disk, minutes: float) -> None:
    """At the end of an epoch, and within one."""
    folder, fill, free = disk
    more: dict[str, Any] = {"folder": folder / "checkpoints", "checkpoint_minutes": minutes}

    def after_epoch(history: list[dict[str, float]]) -> None:
        if len(history) == 2:
            fill()

    with pytest.raises(OSError, match="No space|too large") as caught:
        run(after_epoch=after_epoch, **more)
    free()
    within = "2-batch-000000001" if minutes == 0 else "3"
    said = one_line(caught.value)
    assert said.startswith(f"{folder}/checkpoints/epoch-0000{within}.ckpt: ")
    assert "\n" not in said
    kept = sorted(path.name for path in (folder / "checkpoints").iterdir())
    assert kept == ["epoch-00001.ckpt", "epoch-00002.ckpt"]
    told: list[int] = []
    resumed = run(after_epoch=lambda history: told.append(len(history)), **more)
    assert told == [2, 3, 4]
    assert same(resumed, run())

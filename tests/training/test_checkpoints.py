"""Checkpoints are whole or not taken."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.training.checkpoints import Checkpoints


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    made = Checkpoints(tmp_path / "checkpoints", "key")
    for epoch in (1, 2, 3):
        made.save(epoch, {"weights": torch.full((2,), float(epoch)), "best": None})
    return made


def newest(checkpoints: Checkpoints) -> Path:
    return max(checkpoints.folder.iterdir())


def test_the_last_two_are_kept(checkpoints: Checkpoints) -> None:
    names = sorted(path.name for path in checkpoints.folder.iterdir())
    assert names == ["epoch-00002.ckpt", "epoch-00003.ckpt"]
    state = checkpoints.latest()
    assert state is not None
    assert state["epoch"] == 3
    assert state["weights"].tolist() == [3.0, 3.0]


def test_within_an_epoch_the_last_two_are_kept_until_its_end(checkpoints: Checkpoints) -> None:
    whole = ["epoch-00002.ckpt", "epoch-00003.ckpt"]
    for batches in (7, 20, 100):
        checkpoints.save(3, {"batches": batches}, batches)
    names = sorted(path.name for path in checkpoints.folder.iterdir())
    parts = [f"epoch-00003-batch-{batches:09d}.ckpt" for batches in (20, 100)]
    assert sorted(names) == sorted(whole + parts)
    state = checkpoints.latest()
    assert state is not None and (state["epoch"], state["batches"]) == (3, 100)
    checkpoints.save(4, {})
    names = sorted(path.name for path in checkpoints.folder.iterdir())
    assert names == ["epoch-00003.ckpt", "epoch-00004.ckpt"]


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "other"])
def test_a_damaged_one_falls_back(
    checkpoints: Checkpoints, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    content = bytearray(newest(checkpoints).read_bytes())
    content[len(content) // 2] ^= 1
    spoiled = {"cut": content[:100], "flip": content, "empty": b"", "other": b"PK\x03\x04"}
    newest(checkpoints).write_bytes(spoiled[damage])
    state = checkpoints.latest()
    assert state is not None
    assert state["epoch"] == 2
    assert "damaged" in caplog.text


def test_all_damaged_is_one_line(checkpoints: Checkpoints) -> None:
    for path in checkpoints.folder.iterdir():
        path.write_bytes(b"")
    with pytest.raises(CorruptFileError, match="all checkpoints are damaged") as caught:
        checkpoints.latest()
    assert "\n" not in str(caught.value)


class Trap:
    """What a pickle would run when it is read."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("sprung"),)


def test_a_checkpoint_that_would_run_code_is_taken_for_damaged(
    checkpoints: Checkpoints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its checksum is right: whoever writes a file can compute one."""
    monkeypatch.chdir(tmp_path)
    checkpoints.save(4, {"trap": Trap()})
    state = checkpoints.latest()
    assert state is not None and state["epoch"] == 3
    assert not (tmp_path / "sprung").exists()


def test_other_settings_are_refused(checkpoints: Checkpoints) -> None:
    with pytest.raises(SchemaError, match="other settings"):
        Checkpoints(checkpoints.folder, "another key").latest()


def test_none_yet(tmp_path: Path) -> None:
    assert Checkpoints(tmp_path / "nothing", "key").latest() is None
    (tmp_path / "notes.txt").write_text("not a checkpoint")
    assert Checkpoints(tmp_path, "key").latest() is None


def test_a_file_too_large_leaves_the_earlier_ones(checkpoints: Checkpoints) -> None:
    """What a limit on file sizes does, a full disk does, see ``test_signals``."""
    resource = pytest.importorskip("resource")
    before = {path.name: path.read_bytes() for path in checkpoints.folder.iterdir()}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large") as caught:
            checkpoints.save(3, {"weights": torch.zeros(100_000)}, 5)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.filename == str(checkpoints.folder / "epoch-00003-batch-000000005.ckpt")
    assert {path.name: path.read_bytes() for path in checkpoints.folder.iterdir()} == before

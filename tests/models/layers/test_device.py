"""Networks and trainings on another device than the processor, in a process that has one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from hepvision.models.layers.device import chosen_device, device_of, moved, on_device  # noqa: E402
from hepvision.training.checkpoints import Checkpoints, read_checkpoint  # noqa: E402

TESTS = Path(__file__).parents[2]
none_here = pytest.mark.skipif(torch.accelerator.is_available(), reason="this machine has a GPU")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("far")


@pytest.fixture(scope="module")
def far(folder: Path) -> Any:
    """What a process with such a device says."""
    if not hasattr(torch.utils.backend_registration, "_setup_privateuseone_for_python_backend"):
        pytest.skip("this version of PyTorch takes no device that is written in Python")
    command = [sys.executable, "-m", "training.on_far_device", str(folder)]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_every_network_computes_there_as_here(far: Any) -> None:
    assert len(far["models"]) > 10
    for name, (difference, largest) in far["models"].items():
        assert largest > 0, name
        assert difference <= 1e-5 * largest, name


def test_a_training_goes_there_and_comes_back(far: Any) -> None:
    assert far["devices"] == ["cpu", far["name"], "cpu"]
    assert far["seen"] == [f"{far['name']}:0"]
    assert far["same"]
    assert far["watched"]
    # it can tell: tensors of both are refused
    assert "all tensors must be on one device" in far["mixed"]


def test_taken_up_again_it_is_the_same(far: Any, folder: Path) -> None:
    assert far["resumed"]
    # and what it left is read where there is no such device
    files = sorted((folder / "checkpoints").iterdir())
    states = [read_checkpoint(one) for one in files]
    assert states and all(one is not None for one in states)
    weights = states[-1]["network"].values()  # type: ignore[index]
    assert {one.device.type for one in weights} == {"cpu"}
    with pytest.raises(Exception, match="other settings"):
        Checkpoints(folder / "checkpoints", "on the processor").latest()


def test_a_bundle_scores_there(far: Any) -> None:
    assert far["placed"] == f"{far['name']}:0"
    assert far["scores"]
    # what needs it on the processor takes it there
    assert far["drawn"] and far["back"] == "cpu"
    assert {"PyTorch", "PyTorch on the GPU"} <= set(far["timed"])


def test_more_processes_than_devices_are_refused(far: Any) -> None:
    assert "devices: must be no more than the 1 GPUs" in far["too many"]
    assert "\n" not in far["too many"]


@none_here
def test_without_a_gpu_all_stays_here() -> None:
    assert chosen_device().type == "cpu"
    with pytest.raises(ValueError, match="accelerator: needs a GPU") as caught:
        chosen_device("gpu")
    assert "\n" not in str(caught.value)


def test_a_network_is_moved_for_a_while() -> None:
    network = torch.nn.Linear(2, 1)
    with pytest.raises(RuntimeError, match="broken"), on_device(network, "cpu"):
        raise RuntimeError("broken")
    assert device_of(network).type == "cpu"
    assert device_of(torch.nn.ReLU()).type == "cpu"
    with on_device("a learner"):
        pass


def test_strides_are_as_before() -> None:
    image = torch.zeros(2, 5, 6, 3).permute(0, 3, 1, 2)
    there = moved({"image": image, "set": (image, image > 0)}, torch.device("meta"))
    assert there["image"].stride() == image.stride()  # type: ignore[union-attr]
    assert there["set"][1].device.type == "meta"
    assert moved({"image": image}, torch.device("cpu"))["image"] is image

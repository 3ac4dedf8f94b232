"""Weights of a file are taken where they fit; a file is data, never code."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from hepvision.core.errors import CorruptFileError
from hepvision.models.layers.weights import fitted_to, weights_of


def network(channels: int = 3, outputs: int = 5) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(16, outputs)
    )


def test_every_way_to_keep_weights(tmp_path: Path) -> None:
    state = network().state_dict()
    save_file(state, tmp_path / "plain.safetensors")
    torch.save(state, tmp_path / "plain.pth")
    torch.save({"state_dict": {f"module.{k}": v for k, v in state.items()}}, tmp_path / "more.pth")
    save_file({f"body.{k}": v for k, v in state.items()}, tmp_path / "bundle.safetensors")
    for path in tmp_path.iterdir():
        found = weights_of(path)
        assert found.keys() == state.keys()
        torch.testing.assert_close(found["3.weight"], state["3.weight"])


class Trap:
    """Unpickled, it would write a file."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_code_in_a_file_is_not_run(tmp_path: Path) -> None:
    torch.save({"a": Trap(tmp_path / "run")}, tmp_path / "trap.pth")
    (tmp_path / "trap.pkl").write_bytes(pickle.dumps(Trap(tmp_path / "run")))
    for name in ("trap.pth", "trap.pkl"):
        with pytest.raises(CorruptFileError, match="must hold weights alone") as caught:
            weights_of(tmp_path / name)
        assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("content", [b"", b"no weights", bytes(range(256)) * 9])
@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_damaged_files_are_one_line(tmp_path: Path, content: bytes, suffix: str) -> None:
    path = tmp_path / f"damaged.{suffix}"
    path.write_bytes(content)
    with pytest.raises(CorruptFileError) as caught:
        weights_of(path)
    assert "\n" not in str(caught.value)


def test_other_things_than_weights_are_refused(tmp_path: Path) -> None:
    for number, one in enumerate([torch.ones(2), {"epoch": 3}, [torch.ones(2)]]):
        torch.save(one, tmp_path / f"{number}.pth")
        with pytest.raises(CorruptFileError, match="must hold weights alone"):
            weights_of(tmp_path / f"{number}.pth")
    with pytest.raises(CorruptFileError, match="no file is there"):
        weights_of(tmp_path / "absent.pth")
    with pytest.raises(CorruptFileError, match="no file is there"):
        weights_of(tmp_path)


@pytest.mark.parametrize("channels", [1, 2, 3, 7])
def test_a_grey_image_gives_the_same_in_any_number_of_channels(channels: int) -> None:
    """Each channel is the same image, so what the first layer finds must not change."""
    old, new = network().eval(), network(channels, outputs=2).eval()
    fresh = new.state_dict()
    taken = fitted_to(fresh, old.state_dict(), ["0"], ["3"])
    torch.testing.assert_close(taken["3.weight"], fresh["3.weight"])
    new.load_state_dict(taken)
    grey = torch.rand(2, 1, 4, 4)
    wanted = old[:3](grey.expand(-1, 3, -1, -1))
    torch.testing.assert_close(new[:3](grey.expand(-1, channels, -1, -1)), wanted)


def test_the_last_layer_is_taken_where_it_fits() -> None:
    old, new = network(), network()
    taken = fitted_to(new.state_dict(), old.state_dict(), ["0"], ["3"])
    torch.testing.assert_close(taken["3.weight"], old.state_dict()["3.weight"])


@pytest.mark.parametrize("key", ["0.weight", "1.running_var", "3.bias"])
def test_what_does_not_fit_is_named(key: str) -> None:
    fresh, found = network().state_dict(), dict(network().state_dict())
    gone = {name: one for name, one in found.items() if name != key}
    if key != "3.bias":
        with pytest.raises(ValueError, match=f"{key} must be .*, got none"):
            fitted_to(fresh, gone, ["0"], ["3"])
        with pytest.raises(ValueError, match=f"{key} must be .*, got \\(9,\\)"):
            fitted_to(fresh, {**found, key: torch.ones(9)}, ["0"], ["3"])
    with pytest.raises(ValueError, match=f"{key} must be finite"):
        fitted_to(fresh, {**found, key: found[key] * torch.nan}, ["0"], ["3"])

"""A device beside the processor, for tests where there is no GPU.

Its tensors lie in the processor's memory, but PyTorch, Lightning and autograd take them for those
of another device, and an operation on tensors of both is refused as it is on a GPU. It belongs to
a process for good, so tests start one of their own.
"""

from __future__ import annotations

from typing import Any

import lightning
import torch
from lightning.pytorch.accelerators import AcceleratorRegistry
from torch.utils import _pytree as pytree
from torch.utils import backend_registration

from hepvision.models.layers import device

NAME = "far"
_COPIES = {torch.ops.aten._to_copy.default, torch.ops.aten.copy_.default}
_kept: list[Any] = []


class FarTensor(torch.Tensor):
    """A tensor of the device; ``near`` is where its numbers are."""

    near: torch.Tensor

    @staticmethod
    def __new__(cls, near: torch.Tensor) -> FarTensor:
        made: FarTensor = torch.Tensor._make_wrapper_subclass(
            cls, near.size(), near.stride(), near.storage_offset(), None, near.dtype, near.layout,
            torch.device(NAME, 0),
        )  # fmt: skip
        made.near = near
        return made

    def __repr__(self) -> str:
        return f"FarTensor({self.near})"

    @classmethod
    def __torch_dispatch__(cls, operation: Any, types: Any, args: Any = (), named: Any = None):  # type: ignore[no-untyped-def]
        return _apply(operation, *args, **(named or {}))


def _apply(operation: Any, *args: Any, **named: Any) -> Any:
    """Compute with the numbers of far tensors; the outcome is far, or where it is asked for."""
    tensors = [one for one in pytree.tree_leaves((args, named)) if isinstance(one, torch.Tensor)]
    far = [one for one in tensors if isinstance(one, FarTensor)]
    mixed = any(one.dim() and not isinstance(one, FarTensor) for one in tensors)
    if far and mixed and operation not in _COPIES:
        raise RuntimeError(f"{operation}: all tensors must be on one device")
    there = bool(far)
    if named.get("device") is not None:
        there, named = torch.device(named["device"]).type == NAME, {**named, "device": "cpu"}
    args, named = pytree.tree_map_only(FarTensor, lambda one: one.near, (args, named))
    found = operation(*args, **named)
    known = {id(one.near): one for one in far}

    def placed(one: torch.Tensor) -> torch.Tensor:
        if not there:
            return one
        return known[id(one)] if id(one) in known else FarTensor(one)

    return pytree.tree_map_only(torch.Tensor, placed, found)


def _copy(source: torch.Tensor, target: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    """What ``torch.tensor(…, device=…)`` ends in, which asks no fallback."""
    near, there = (one.near if isinstance(one, FarTensor) else one for one in (source, target))
    there.copy_(near)
    return target


class _Module(backend_registration._DummyBackendModule):
    """What ``torch.get_device_module`` gives."""

    get_rng_state = staticmethod(lambda device=None: torch.get_rng_state())
    set_rng_state = staticmethod(lambda state, device=None: torch.set_rng_state(state))
    get_amp_supported_dtype = staticmethod(lambda: [torch.bfloat16])


class _Accelerator(lightning.pytorch.accelerators.Accelerator):
    """The device as Lightning sees it."""

    def setup_device(self, device: torch.device) -> None: ...

    def teardown(self) -> None: ...

    @staticmethod
    def parse_devices(devices: Any) -> Any:
        return devices

    @staticmethod
    def get_parallel_devices(devices: Any) -> list[torch.device]:
        return [torch.device(NAME, one) for one in range(int(devices))]

    @staticmethod
    def auto_device_count() -> int:
        return 1

    @staticmethod
    def is_available() -> bool:
        return True

    @staticmethod
    def name() -> str:
        return NAME


def add_far_device() -> None:
    """Make it known to PyTorch and Lightning, in this process."""
    backend_registration._setup_privateuseone_for_python_backend(NAME, backend_module=_Module())
    others, copies = torch.library.Library("_", "IMPL"), torch.library.Library("aten", "IMPL")
    others.fallback(_apply, "PrivateUse1")
    copies.impl("_copy_from", _copy, "PrivateUse1")
    _kept.extend((others, copies))
    device._GPUS.add(NAME)
    # views of wrapped tensors have no place in it
    torch.inference_mode = torch.no_grad  # type: ignore[assignment,misc]
    AcceleratorRegistry.register(NAME, _Accelerator, override=True)

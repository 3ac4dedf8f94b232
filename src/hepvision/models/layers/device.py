"""Where a network computes: on the processor, or on a GPU that PyTorch finds."""

import contextlib
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from hepvision.core.environment import Accelerator

__all__ = ["chosen_device", "device_of", "moved", "on_device"]

#: Types of devices that PyTorch and Lightning both know, and that lack nothing networks do here;
#: AMD's are called so too.
_GPUS = {"cuda"}


def chosen_device(accelerator: Accelerator = "auto") -> torch.device:
    """What an accelerator means on this machine.

    Parameters
    ----------
    accelerator : "auto", "cpu" or "gpu"
        ``auto`` takes a GPU of NVIDIA or AMD where PyTorch finds one.
        ``CUDA_VISIBLE_DEVICES`` in the environment hides GPUs from all programs.

    Returns
    -------
    torch.device
        Of that type, without a number.

    Raises
    ------
    ValueError
        A GPU is asked for, and there is none.

    Examples
    --------
    >>> chosen_device("cpu")
    device(type='cpu')
    """
    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    there = found is not None and found.type in _GPUS
    if accelerator == "gpu" and not there:
        raise ValueError(
            "accelerator: needs a GPU of NVIDIA or AMD that PyTorch finds, got none. Choose cpu or "
            "auto, or install PyTorch for your GPU."
        )
    return torch.device(found.type if there and found and accelerator != "cpu" else "cpu")


def device_of(network: nn.Module) -> torch.device:
    """Where the weights of a network are.

    Parameters
    ----------
    network : nn.Module
        Any.

    Returns
    -------
    torch.device
        The processor if it has no weights.

    Examples
    --------
    >>> device_of(nn.Linear(1, 2))
    device(type='cpu')
    """
    return next((one.device for one in network.parameters()), torch.device("cpu"))


def moved(
    tensors: Mapping[str, Tensor | tuple[Tensor, Tensor]], device: torch.device
) -> dict[str, Tensor | tuple[Tensor, Tensor]]:
    """Tensors on a device; those that are there already are the same.

    Parameters
    ----------
    tensors : mapping
        A tensor a part, or a tensor and a mask.
    device : torch.device
        Where to.

    Returns
    -------
    dict
        Their strides are as before.

    Examples
    --------
    >>> moved({"x": (torch.ones(2, 1), torch.ones(2) > 0)}, torch.device("meta"))["x"][1].device
    device(type='meta')
    """
    return {
        name: one.to(device) if isinstance(one, Tensor) else (one[0].to(device), one[1].to(device))
        for name, one in tensors.items()
    }


@contextlib.contextmanager
def on_device(model: object, accelerator: Accelerator = "auto") -> Iterator[None]:
    """Have a network on a device for a while; afterwards it is back on the processor.

    Parameters
    ----------
    model : Network or Learner
        Only a network is moved.
    accelerator : "auto", "cpu" or "gpu"
        As ``chosen_device``.

    Yields
    ------
    None
        Nothing.

    Examples
    --------
    >>> network = nn.Linear(1, 2)
    >>> with on_device(network, "cpu"):
    ...     device_of(network)
    device(type='cpu')
    """
    if not isinstance(model, nn.Module):
        yield
        return
    model.to(chosen_device(accelerator))
    try:
        yield
    finally:
        model.to("cpu")

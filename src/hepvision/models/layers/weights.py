"""Weights that somebody else trained: read from a local file, never downloaded, nothing is run."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hepvision.core.errors import CorruptFileError

__all__ = ["fitted_to", "weights_of"]

#: Where published files keep the weights, and what they write before each name.
_WRAPPED = ("state_dict", "model", "state_dict_ema")
_PREFIXES = ("module.", "body.")


def weights_of(path: str | Path) -> dict[str, Tensor]:
    """Weights that a file holds; nothing in it is run.

    Parameters
    ----------
    path : path
        A ``.safetensors`` file, or what ``torch.save`` wrote of a ``state_dict``.

    Returns
    -------
    dict of Tensor
        By name.

    Raises
    ------
    CorruptFileError
        There is no such file, or it holds other things than weights.

    Examples
    --------
    >>> weights_of("nowhere.safetensors")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: nowhere.safetensors: no file is there. Check the path; \
weights are never downloaded.
    """
    path = Path(path)
    if not path.is_file():
        raise CorruptFileError(
            f"{path}: no file is there. Check the path; weights are never downloaded."
        )
    try:
        if path.suffix == ".safetensors":
            from safetensors.torch import load_file

            found: Any = load_file(path)
        else:
            found = torch.load(path, map_location="cpu", weights_only=True)
    # a damaged file raises whatever its bytes lead to
    except Exception as error:
        reason = str(error).strip().partition("\n")[0]
        raise CorruptFileError(
            f"{path}: must hold weights alone, got {type(error).__name__}: {reason}. "
            "Save a state_dict, best as safetensors."
        ) from error
    for key in _WRAPPED:
        if isinstance(found, Mapping) and isinstance(found.get(key), Mapping):
            found = found[key]
    if not isinstance(found, Mapping) or not all(
        isinstance(key, str) and isinstance(one, Tensor) for key, one in found.items()
    ):
        raise CorruptFileError(f"{path}: must hold weights alone. Save the state_dict of a model.")
    for prefix in _PREFIXES:
        if all(key.startswith(prefix) for key in found):
            found = {key.removeprefix(prefix): one for key, one in found.items()}
    return dict(found)


def fitted_to(
    fresh: Mapping[str, Tensor],
    found: Mapping[str, Tensor],
    first: Sequence[str],
    last: Sequence[str],
) -> dict[str, Tensor]:
    """Weights of a file, so far as they fit a network with other channels and outputs.

    A layer that reads the image sees each channel as a grey image: its weights are summed over
    the channels of the file and shared evenly among those of the network. The last layers stay
    fresh where the number of outputs differs.

    Parameters
    ----------
    fresh, found : mapping of Tensor
        What the network has, and the file.
    first, last : sequence of str
        Names of the layers that read the image, and that give the outputs.

    Returns
    -------
    dict of Tensor
        Names and shapes of ``fresh``.

    Raises
    ------
    ValueError
        Another weight is missing, or of another shape, or not finite.

    Examples
    --------
    >>> fresh = {"a.weight": torch.zeros(1, 1, 2, 2), "b.weight": torch.zeros(2, 5)}
    >>> found = {"a.weight": torch.ones(1, 3, 2, 2), "b.weight": torch.ones(9, 5)}
    >>> taken = fitted_to(fresh, found, ["a"], ["b"])
    >>> taken["a.weight"][0, 0, 0, 0].item(), taken["b.weight"].sum().item()
    (3.0, 0.0)
    """
    taken = {}
    for key, wanted in fresh.items():
        layer, _, what = key.rpartition(".")
        given = found.get(key, wanted if what == "num_batches_tracked" else None)
        if given is not None and layer in first and given.shape != wanted.shape:
            given = _shared(given, wanted)
        if (given is None or given.shape != wanted.shape) and layer in last:
            given = wanted
        if given is None or given.shape != wanted.shape:
            shape = "none" if given is None else tuple(given.shape)
            raise ValueError(
                f"{key} must be {tuple(wanted.shape)}, got {shape}. Take the file of this network, "
                "and give the image_size that it was trained with."
            )
        if not torch.isfinite(given).all():
            raise ValueError(f"{key} must be finite, got NaN or infinity. Take another file.")
        taken[key] = given
    return taken


def _shared(given: Tensor, wanted: Tensor) -> Tensor:
    """Weights of a convolution for other channels, the same for an image that is grey."""
    if given.dim() != 4 or wanted.dim() != 4 or given.shape[2:] != wanted.shape[2:]:
        return given
    return (given.float().sum(dim=1, keepdim=True) / wanted.shape[1]).expand(
        -1, wanted.shape[1], -1, -1
    )

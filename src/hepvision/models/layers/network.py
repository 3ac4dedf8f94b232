"""What every network is: inputs by name, outputs as logits, weights as numpy arrays."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from hepvision.core.errors import CorruptFileError

__all__ = ["Network", "Tensors", "values_of"]

#: A tensor a part, or a tensor and a mask where the number of objects varies.
Tensors = Mapping[str, Tensor | tuple[Tensor, Tensor]]


def values_of(inputs: Tensors, part: str) -> Tensor:
    """Values of a part, without its mask.

    Parameters
    ----------
    inputs : mapping
        Tensors by part.
    part : str
        Name of the part.

    Returns
    -------
    Tensor, shape (B, ...)
        As the part has them.

    Examples
    --------
    >>> values_of({"x": (torch.ones(2, 3), torch.ones(2, dtype=torch.bool))}, "x").shape
    torch.Size([2, 3])
    """
    found = inputs[part]
    return found if isinstance(found, Tensor) else found[0]


class Network(nn.Module):
    """A network that gives up its weights as plain arrays and takes them back.

    Parameters
    ----------
    part : str
        Name of the input part that ``body`` reads.
    body : nn.Module
        Tensor of that part → (B, outputs).

    Examples
    --------
    >>> network = Network("x", nn.Linear(2, 3))
    >>> network({"x": torch.ones(4, 2)}).shape
    torch.Size([4, 3])
    >>> sorted(network.state())
    ['body.bias', 'body.weight']
    """

    def __init__(self, part: str, body: nn.Module):
        super().__init__()
        self.part, self.body = part, body

    def forward(self, inputs: Tensors) -> Tensor:
        """Outputs of a batch.

        Parameters
        ----------
        inputs : mapping
            Tensors by part.

        Returns
        -------
        Tensor, shape (B, outputs)
            Logits, float32.
        """
        outputs: Tensor = self.body(values_of(inputs, self.part))
        return outputs.float()

    def start(self) -> None:
        """Read weights from which training starts; only where a model names a file of them.

        Called before a training, never when a bundle is loaded.
        """

    @property
    def parameters_total(self) -> int:
        """Number of trainable parameters."""
        return sum(one.numel() for one in self.parameters() if one.requires_grad)

    def channels_last(self) -> None:
        """Order the weights of 2-D convolutions in memory as images lie in ``Buffers``."""
        for one in self.parameters():
            if one.dim() == 4:
                one.data = one.data.contiguous(memory_format=torch.channels_last)

    def without_last(self) -> int:
        """Take off the last dense layer, so that outputs are the features that it reads.

        Returns
        -------
        int
            Number of features.

        Raises
        ------
        ValueError
            ``body`` does not end in a dense layer.

        Examples
        --------
        >>> network = Network("x", nn.Sequential(nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 3)))
        >>> network.without_last(), network({"x": torch.ones(4, 2)}).shape
        (5, torch.Size([4, 5]))
        """
        layers = list(self.body) if isinstance(self.body, nn.Sequential) else []
        last = layers[-1] if layers else None
        if not isinstance(last, nn.Linear):
            raise ValueError(
                f"features: the network must end in a dense layer, got {type(last).__name__}. "
                "Say how many features it hands on."
            )
        self.body = nn.Sequential(*layers[:-1])
        return last.in_features

    def state(self) -> dict[str, NDArray[Any]]:
        """Weights and running statistics.

        Returns
        -------
        dict of array
            Copies, by name.
        """
        return {
            key: value.detach().cpu().numpy().copy() for key, value in self.state_dict().items()
        }

    def load(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take weights.

        Parameters
        ----------
        state : mapping of array
            As ``state`` gave it.

        Raises
        ------
        CorruptFileError
            A name or shape differs, or a value is not finite.
        """
        wanted = {key: tuple(value.shape) for key, value in self.state_dict().items()}
        there = {key: tuple(np.shape(value)) for key, value in state.items()}
        for key in sorted({*wanted, *there}):
            if wanted.get(key) != there.get(key):
                raise CorruptFileError(
                    f"weights: {key} must be {wanted.get(key, 'absent')}, got "
                    f"{there.get(key, 'none')}. Use the sizes that the model was trained with."
                )
            if not np.isfinite(state[key]).all():
                raise CorruptFileError(f"weights: {key} must be finite, got NaN. Train anew.")
        self.load_state_dict(
            {key: torch.as_tensor(np.array(value)) for key, value in state.items()}
        )

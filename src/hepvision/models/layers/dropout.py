"""Dropout that draws four values at a time."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["Dropout"]

#: Values of the sixteen bits that decide whether a number is kept.
_STEPS = 1 << 16


class Dropout(nn.Dropout):
    """Leave a share of all values out in training, and scale the others up.

    Random numbers of a processor come one after the other, and PyTorch takes one a value: in a
    small image network that is a quarter of the training. Here each gives four decisions of
    sixteen bits, so the share is a multiple of 1/65536. Elsewhere than on processors it is
    PyTorch's own.

    Parameters
    ----------
    p : float
        The share.

    References
    ----------
    N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, JMLR 15 (2014) 1929.

    Examples
    --------
    >>> found = Dropout(0.25)(torch.ones(8000))
    >>> [round(one, 3) for one in sorted(set(found.tolist()))]
    [0.0, 1.333]
    """

    def forward(self, values: Tensor) -> Tensor:
        """Drop.

        Parameters
        ----------
        values : Tensor, any shape
            What may be left out.

        Returns
        -------
        Tensor, of the same shape
            Zeros, and values over 1 − p; as they were where the network is not in training.
        """
        if not (self.training and self.p and values.numel()):
            return values
        if values.device.type != "cpu":
            dropped: Tensor = super().forward(values)
            return dropped
        kept = max(round((1.0 - self.p) * _STEPS), 1)
        random = torch.empty((values.numel() + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
        bits = random.view(torch.int16)[: values.numel()]
        # in the order of the values in memory: else each product would copy
        last = values.dim() == 4 and values.is_contiguous(memory_format=torch.channels_last)
        bits = bits.as_strided(values.shape, values.stride()) if last else bits.view(values.shape)
        scale = (bits < kept - _STEPS // 2).to(values.dtype).mul_(_STEPS / kept)
        return values * scale

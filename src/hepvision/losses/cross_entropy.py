"""Cross-entropy of class logits, weighted."""

import dataclasses
import logging

from torch import Tensor
from torch.nn import functional

__all__ = ["CrossEntropy"]

_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class CrossEntropy:
    r"""Weighted mean of :math:`-\ln p_\mathrm{true}`.

    .. math:: L = \frac{\sum_i w_i \left(-\ln p_{i,y_i}\right)}{\sum_i w_i}

    Parameters
    ----------
    smoothing : float
        Share of each target that is spread over all classes.

    Examples
    --------
    >>> import torch
    >>> loss = CrossEntropy()
    >>> round(loss(torch.zeros(4, 3), torch.tensor([0, 1, 2, 0]), torch.ones(4)).item(), 4)
    1.0986
    """

    smoothing: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.smoothing < 1:
            raise ValueError(f"smoothing: must be in [0, 1), got {self.smoothing}.")

    def __call__(
        self, outputs: Tensor, target: Tensor, weight: Tensor, observable: Tensor | None = None
    ) -> Tensor:
        """The loss of a batch.

        Parameters
        ----------
        outputs : Tensor, shape (B, K)
            Logits.
        target : Tensor of int, shape (B,)
            True classes.
        weight : Tensor, shape (B,)
            Weights.
        observable : Tensor, shape (B,), optional
            Not used.

        Returns
        -------
        Tensor
            One number; 0 for a batch whose weights do not sum to more than 0.
        """
        each = functional.cross_entropy(
            outputs, target, reduction="none", label_smoothing=self.smoothing
        )
        total = weight.sum()
        if total <= 0:
            _log.warning("cross_entropy: weights of a batch sum to %g, it counts 0", float(total))
            return (outputs * 0).sum()
        return (weight * each).sum() / total

"""Dense layers with rectifiers between them, and the checks of their sizes."""

import itertools
from collections.abc import Sequence

from torch import nn

from hepvision.models.layers.dropout import Dropout

__all__ = ["checked_dropout", "checked_hidden", "dense"]


def checked_hidden(hidden: Sequence[int]) -> None:
    """Refuse widths of hidden layers that are not positive.

    Parameters
    ----------
    hidden : sequence of int
        The widths; there may be none.

    Raises
    ------
    ValueError
        One is below 1.

    Examples
    --------
    >>> checked_hidden((8, 4))
    """
    if min(hidden, default=1) < 1:
        raise ValueError(f"hidden: widths must be positive, got {hidden}. Leave the layer out.")


def checked_dropout(dropout: float) -> None:
    """Refuse a share that cannot be left out.

    Parameters
    ----------
    dropout : float
        The share.

    Raises
    ------
    ValueError
        It is not in [0, 1).

    Examples
    --------
    >>> checked_dropout(0.5)
    """
    if not 0 <= dropout < 1:
        raise ValueError(f"dropout: must be in [0, 1), got {dropout}. Give 0 for none.")


def dense(inputs: int, hidden: Sequence[int], outputs: int, dropout: float) -> nn.Sequential:
    """Dense layers, with a rectifier and dropout after each but the last.

    Parameters
    ----------
    inputs : int
        Numbers that are read.
    hidden : sequence of int
        Widths of the hidden layers.
    outputs : int
        Numbers that come out.
    dropout : float
        Share of hidden values that are left out in training.

    Returns
    -------
    nn.Sequential
        (B, inputs) → (B, outputs).

    Examples
    --------
    >>> [layer.out_features for layer in dense(5, (8,), 3, 0.0) if isinstance(layer, nn.Linear)]
    [8, 3]
    """
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise((inputs, *hidden)):
        layers += [nn.Linear(before, after), nn.ReLU(inplace=True), Dropout(dropout)]
    return nn.Sequential(*layers, nn.Linear((inputs, *hidden)[-1], outputs))

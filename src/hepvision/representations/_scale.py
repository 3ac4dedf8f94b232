"""Constants that channels and features are divided by, measured on the training split."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from hepvision.core.inputs import Dense, Part, Sparse

__all__ = ["as_scale", "lit_scale", "mean_scale"]


def as_scale(values: NDArray[np.float64]) -> tuple[float, ...]:
    """Numbers as a field of a representation: seven digits survive any text format."""
    return tuple(float(f"{one:.7g}") for one in values)


def lit_scale(images: Iterable[Part]) -> tuple[float, ...]:
    """Root mean square of the lit pixels of each channel, of all images together.

    Parameters
    ----------
    images : iterable of Part
        Sparse images with the same channels.

    Returns
    -------
    tuple of float
        1 for a channel without any lit pixel; empty without images.

    Examples
    --------
    >>> pixels = np.array([0, 1], np.uint32), np.array([3, 4], np.float32)
    >>> lit_scale([Sparse(np.array([0, 2]), *pixels, (2, 1, 2))])
    (3.535534, 1.0)
    """
    square = count = np.zeros(0)
    for image in images:
        if not isinstance(image, Sparse):
            continue
        number = image.shape[0]
        if not len(square):
            square, count = np.zeros(number), np.zeros(number)
        channel = image.index // int(np.prod(image.shape[1:]))
        square += np.bincount(channel, image.value.astype(np.float64) ** 2, minlength=number)
        count += np.bincount(channel, image.value != 0, minlength=number)
    mean = np.divide(square, count, out=np.ones_like(square), where=(count > 0) & (square > 0))
    return as_scale(np.sqrt(mean))


def mean_scale(vectors: Iterable[Part]) -> tuple[float, ...]:
    """Mean size of each feature, of all examples together.

    Parameters
    ----------
    vectors : iterable of Part
        Dense vectors of the same features.

    Returns
    -------
    tuple of float
        1 for a feature that is always 0; empty without examples.

    Examples
    --------
    >>> mean_scale([Dense(np.array([[2, 0], [-4, 0]], np.float32))])
    (3.0, 1.0)
    """
    size, count = np.zeros(0), 0
    for vector in vectors:
        if isinstance(vector, Dense) and len(vector):
            part = np.abs(vector.values.astype(np.float64)).sum(axis=0)
            size, count = size + part if count else part, count + len(vector)
    return as_scale(np.where(size > 0, size / max(count, 1), 1.0))

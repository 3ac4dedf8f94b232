"""Training images sheared and shifted, which no law of physics asks for."""

import math
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.core.inputs import Inputs, InputSpec, Sparse

__all__ = ["Warp", "warped"]


class Warp(NamedTuple):
    """What is done to each event, in this order.

    Parameters
    ----------
    shear : array, shape (B,)
        Pixels along φ that a line is moved by for each line between it and the middle in η.
    shift : array, shape (B,)
        Share of its side in η that the image is moved by.
    """

    shear: NDArray[np.float64]
    shift: NDArray[np.float64]


def warped(spec: InputSpec, inputs: Inputs, warp: Warp) -> Inputs:
    r"""Shear and shift the images of some events by whole pixels.

    Lines of equal η are moved along φ, :math:`\varphi \to \varphi + s\,(\eta - \eta_0)`, around
    the beam, and then all along η. Pixels that leave the image are lost: at its ends in η, and
    of windows about an object also at those in φ.

    Parameters
    ----------
    spec : InputSpec
        What the inputs are; parts that are no images in η and φ are left as they are.
    inputs : Inputs
        B events, not changed.
    warp : Warp
        One each.

    Returns
    -------
    Inputs
        The pixels that are left, at other places.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> spec = {"x": PartSpec("image", (1, 3, 4), ("ecal",), ("GeV",), (1.0,), "eta_phi")}
    >>> index = np.array([1, 5, 9], np.uint32)
    >>> image = Sparse(np.array([0, 3]), index, np.ones(3, np.float32), (1, 3, 4))
    >>> warped(spec, {"x": image}, Warp(np.ones(1), np.zeros(1)))["x"].index.tolist()
    [0, 5, 10]
    """
    made = dict(inputs)
    for name, one in spec.items():
        part = inputs[name]
        if one.frame in {"", "endcap"} or not isinstance(part, Sparse):
            continue
        _, height, width = part.shape
        sideways, closed = one.frame == "phi_eta", one.frame != "window"
        whole = np.floor(warp.shift * (width if sideways else height) + 0.5).astype(np.int64)
        offsets, index, value = _warp(
            part.offsets,
            part.index,
            part.value,
            np.asarray(warp.shear, np.float64),
            whole,
            (height, width),
            sideways,
            closed,
        )
        made[name] = Sparse(offsets, index, value, part.shape)
    return made


@numba.njit(cache=True)
def _warp(offsets, index, value, shear, shift, shape, sideways, closed):  # type: ignore[no-untyped-def]
    height, width = shape
    lines, around = (width, height) if sideways else (height, width)
    bounds, made, kept = np.zeros_like(offsets), np.empty_like(index), np.empty_like(value)
    count = 0
    for event in range(offsets.size - 1):
        for i in range(offsets[event], offsets[event + 1]):
            at = np.int64(index[i])
            column, row = at % width, at // width % height
            first = at - row * width - column
            eta, phi = (column, row) if sideways else (row, column)
            phi += np.int64(math.floor(shear[event] * (eta - (lines - 1) / 2) + 0.5))
            eta += shift[event]
            if closed:
                phi %= around
            if eta < 0 or eta >= lines or phi < 0 or phi >= around:
                continue
            row, column = (phi, eta) if sideways else (eta, phi)
            made[count] = first + row * width + column
            kept[count] = value[i]
            count += 1
        bounds[event + 1] = count
    return bounds, made[:count].copy(), kept[:count].copy()

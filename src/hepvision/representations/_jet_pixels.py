"""Constituents of jets to sparse pixels, whole batches at a time."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.representations._jet_frames import placed

__all__ = ["CHANNELS", "OF_PT", "Drawing", "draw"]

#: Channels beside the fields of ``Particle``, and their units.
CHANNELS = {
    "pt": "GeV",
    "charged_pt": "GeV",
    "neutral_pt": "GeV",
    "multiplicity": "",
    "charged_multiplicity": "",
}
#: Channels that normalising divides.
OF_PT = ("pt", "charged_pt", "neutral_pt")
NORMALISATIONS = ("none", "sum", "maximum", "euclidean")
TURN = 2 * math.pi


class Drawing(NamedTuple):
    """What is drawn, and how.

    Parameters
    ----------
    pixels : tuple of int
        Along x and y.
    width : tuple of float, -, rad
        Size of the whole image.
    centred, rotated, flipped : bool
        As of ``_jet_frames.placed``.
    normalise : "none", "sum", "maximum" or "euclidean"
        What of the image of all pT is 1 afterwards.
    channels : tuple of str
        Of ``CHANNELS``, or fields of ``Particle``.
    scale : tuple of float
        What each channel is divided by.
    """

    pixels: tuple[int, int]
    width: tuple[float, float]
    centred: bool
    rotated: bool
    flipped: bool
    normalise: str
    channels: tuple[str, ...]
    scale: tuple[float, ...]


@numba.njit(cache=True)
def _load(bounds, jet_of, lead, columns, axis, jet, index):  # type: ignore[no-untyped-def]
    """Constituents of one jet: places relative to its axis, pT, and their numbers."""
    pt, eta, phi = columns
    count = 0
    for i in range(bounds[0], bounds[1]):
        if jet_of[i] != lead or not pt[i] > 0:
            continue
        turn = float(phi[i]) - axis[1]
        if turn >= math.pi or turn < -math.pi:
            turn -= TURN * math.floor((turn + math.pi) / TURN)
        index[count] = i
        jet[0, count] = float(eta[i]) - axis[0]
        jet[1, count] = turn
        jet[2, count] = float(pt[i])
        count += 1
    return count


@numba.njit(cache=True)
def _worth(kind, pt, charge, field, index, worth):  # type: ignore[no-untyped-def]
    """What is summed in a channel: kinds are numbered as ``CHANNELS``, then the fields."""
    for i in range(pt.size):
        at = index[i]
        if kind == 0:
            worth[i] = pt[i]
        elif kind == 1:
            worth[i] = pt[i] if charge[at] != 0 else 0.0
        elif kind == 2:
            worth[i] = pt[i] if charge[at] == 0 else 0.0
        elif kind == 3:
            worth[i] = 1.0
        elif kind == 4:
            worth[i] = 1.0 if charge[at] != 0 else 0.0
        else:
            worth[i] = field[at]


@numba.njit(cache=True)
def _whole(pixel, pt, total, normalise):  # type: ignore[no-untyped-def]
    """What one jet's pT are divided by: sum, maximum or length of its image of all pT."""
    result = 0.0
    for i in range(pixel.size):
        if pixel[i] >= 0:
            total[pixel[i]] += pt[i]
    for i in range(pixel.size):
        if pixel[i] < 0:
            continue
        one = total[pixel[i]]
        # each pixel counts once, however many constituents it has
        total[pixel[i]] = 0.0
        if normalise == 1:
            result += one
        elif normalise == 2:
            result = max(result, one)
        else:
            result += one * one
    result = math.sqrt(result) if normalise == 3 else result
    return result if result > 0 else 1.0


@numba.njit(cache=True)
def _draw(  # type: ignore[no-untyped-def]
    offsets, jet_of, lead, columns, axes, charge, fields, grid, frame, normalise, kinds, scale
):
    rows, across, per_x, per_y = grid
    size, longest = rows * across, 1
    for b in range(lead.size):
        longest = max(longest, offsets[b + 1] - offsets[b])
    jet, numbers = np.empty((3, longest)), np.empty(longest, np.int64)
    worth, pixels = np.empty(longest), np.empty(longest, np.int64)
    # what pixels of this jet and channel hold so far
    seen, held = np.zeros(size, np.uint8), np.zeros(size)
    total = np.zeros(size if normalise else 1)
    begin = np.zeros(offsets.size, np.int64)
    index = np.empty(offsets[lead.size] * kinds.size + 1, np.uint32)
    value = np.empty(index.size, np.float32)
    count = 0
    for b in range(lead.size):
        bounds, axis = (offsets[b], offsets[b + 1]), (axes[0][b], axes[1][b])
        found = _load(bounds, jet_of, lead[b], columns, axis, jet, numbers)
        x, y, pt, pixel = jet[0, :found], jet[1, :found], jet[2, :found], pixels[:found]
        placed(x, y, pt, frame[0], frame[1], frame[2])
        for i in range(found):
            row = math.floor(x[i] * per_x + 0.5 * rows)
            column = math.floor(y[i] * per_y + 0.5 * across)
            inside = 0 <= row < rows and 0 <= column < across
            pixel[i] = row * across + column if inside else -1
        whole = _whole(pixel, pt, total, normalise) if normalise else 1.0
        for c in range(kinds.size):
            _worth(kinds[c], pt, charge, fields[c], numbers, worth)
            first = count
            for i in range(found):
                at = pixel[i]
                if at >= 0 and worth[i] != 0:
                    # whether a pixel is new is as good as random: a branch would take longer
                    index[count] = at
                    count += 1 - seen[at]
                    seen[at] = 1
                    held[at] += worth[i]
            divisor = scale[c] * (whole if kinds[c] < 3 else 1.0)
            for k in range(first, count):
                at = np.int64(index[k])
                value[k] = held[at] / divisor
                index[k] = c * size + at
                seen[at], held[at] = 0, 0.0
        begin[b + 1] = count
    return begin, index[:count].copy(), value[:count].copy()


def draw(
    offsets: NDArray[np.int64],
    particles: Mapping[str, NDArray[Any]],
    lead: NDArray[np.int64],
    axes: tuple[NDArray[np.float64], NDArray[np.float64]],
    drawing: Drawing,
) -> tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float32]]:
    """Sum what the constituents of one jet an event have in each pixel.

    Parameters
    ----------
    offsets : array of int, shape (B+1,)
        Where each event's particles start.
    particles : mapping of array, shape (N,), GeV, -, rad
        pt, eta, phi, jetIdx, and what the channels need.
    lead : array of int, shape (B,)
        Which jet is wanted.
    axes : tuple of array, shape (B,), -, rad
        eta, phi of the jets.
    drawing : Drawing
        What is drawn, and how.

    Returns
    -------
    offsets, index, value : arrays, shape (B+1,), (n,), (n,)
        As ``Sparse`` takes them, each pixel once and none with nothing in it.
    """
    known, (rows, across) = list(CHANNELS), drawing.pixels
    kinds = [known.index(one) if one in known else len(known) for one in drawing.channels]
    grid = (rows, across, rows / drawing.width[0], across / drawing.width[1])
    nothing = np.zeros(1, np.float32)
    fields = tuple(
        nothing if one in known else particles[one].astype(np.float32) for one in drawing.channels
    )
    made: tuple[NDArray[np.int64], NDArray[np.uint32], NDArray[np.float32]] = _draw(
        offsets,
        particles["jetIdx"],
        lead,
        tuple(particles[key] for key in ("pt", "eta", "phi")),
        axes,
        particles.get("charge", np.zeros(1, np.int8)),
        fields,
        grid,
        (drawing.centred, drawing.rotated, drawing.flipped),
        NORMALISATIONS.index(drawing.normalise),
        np.array(kinds),
        np.asarray(drawing.scale, np.float64),
    )
    return made

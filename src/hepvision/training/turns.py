"""Training images turned about the beam and mirrored, all parts of an event alike."""

import dataclasses
import functools
import math
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.core.inputs import Inputs, InputSpec, Sparse, concatenate
from hepvision.core.seeds import generator
from hepvision.events.geometry.ecal_barrel import FIRST_EDGE_DEGREES, EcalBarrel

__all__ = ["Turn", "Turns"]

#: Last word of the names of parts that show an endcap from the front, −z and +z.
ENDCAPS = ("endcap_minus", "endcap_plus")
#: Columns of an upsampled tower beyond the barrel.
WIDE = 10

Pixels = NDArray[np.uint32]


class Turn(NamedTuple):
    """What is done to each event, in this order.

    Parameters
    ----------
    swapped : array of bool, shape (B,)
        η → −η.
    mirrored : array of bool, shape (B,)
        φ → −φ.
    number : array of int, shape (B,)
        Steps that φ is turned by.
    """

    swapped: NDArray[np.bool_]
    mirrored: NDArray[np.bool_]
    number: NDArray[np.int64]


@dataclasses.dataclass(frozen=True)
class Turns:
    """Random turns of the images of one epoch.

    An image whose columns go once around the beam is rolled by whole columns, one with rows
    beyond the barrel by multiples of ten, so that 10° towers stay whole. Endcaps are turned by
    right angles, and so are all images of an event that has them. Mirrors in η flip the rows and
    exchange the endcaps. Apart from what the grid of towers does to the HCAL of the endcaps, the
    turned image is the image of the turned event.

    Parameters
    ----------
    spec : InputSpec
        What the inputs are; parts that are no images are left as they are.
    seed, epoch : int
        Decide the turns.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> spec = {"image": PartSpec("image", (1, 170, 360), ("ecal",), ("GeV",), (1.0,))}
    >>> Turns(spec, seed=1, epoch=0).steps
    360
    """

    spec: InputSpec
    seed: int
    epoch: int

    @functools.cached_property
    def images(self) -> tuple[str, ...]:
        """Parts that are turned."""
        return tuple(name for name, part in self.spec.items() if part.kind == "image")

    @functools.cached_property
    def endcaps(self) -> tuple[str, ...]:
        """Those of them that show an endcap."""
        return tuple(name for name in self.images if name.rpartition(".")[2] in ENDCAPS)

    @functools.cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Endcaps of −z and +z that belong together."""
        stems = [name.removesuffix(ENDCAPS[0]) for name in self.endcaps]
        both = [(stem + ENDCAPS[0], stem + ENDCAPS[1]) for stem in stems]
        return tuple(pair for pair in both if set(pair) <= set(self.endcaps))

    @functools.cached_property
    def steps(self) -> int:
        """Azimuths that all images can be turned by."""
        return math.gcd(*(self._steps(name) for name in self.images))

    def _steps(self, name: str) -> int:
        if name in self.endcaps:
            return 4
        _, rows, columns = self.spec[name].shape
        return columns // WIDE if rows > EcalBarrel.shape[0] else columns

    def generator(self) -> np.random.Generator:
        """Random numbers of the epoch.

        Returns
        -------
        numpy.random.Generator
            The same for the same seed and epoch.
        """
        return generator(self.seed, "train", "turn", self.epoch)

    def drawn(self, rng: np.random.Generator, events: int) -> Turn:
        """Turns of a batch.

        Parameters
        ----------
        rng : numpy.random.Generator
            Of the epoch.
        events : int
            Number of events.

        Returns
        -------
        Turn
            One each. Without the other endcap there is no mirror in η.
        """
        swapped, mirrored = (rng.integers(0, 2, events).astype(bool) for _ in range(2))
        if len(self.endcaps) > 2 * len(self.pairs):
            swapped[:] = False
        return Turn(swapped, mirrored, rng.integers(0, max(self.steps, 1), events))

    def apply(self, inputs: Inputs, turn: Turn) -> Inputs:
        """Turn the images of some events.

        Parameters
        ----------
        inputs : Inputs
            B events, not changed.
        turn : Turn
            One each.

        Returns
        -------
        Inputs
            The same pixels at other places.
        """
        made = dict(inputs)
        for minus, plus in self.pairs:
            made |= self._exchanged(made, minus, plus, turn.swapped)
        for name in self.images:
            part = made[name]
            if isinstance(part, Sparse):
                moved = self._rotated if name in self.endcaps else self._rolled
                made[name] = dataclasses.replace(part, index=moved(part, turn))
        return made

    def _rolled(self, part: Sparse, turn: Turn) -> Pixels:
        _, height, width = part.shape
        # endcaps mirror y, so φ = 0 must stay where it is; reversed columns mirror the azimuth
        # of their first edge instead, which is as good where there are no endcaps
        axis = round(-2 * FIRST_EDGE_DEGREES / 360 * width) if self.endcaps else 0
        shift = turn.number * (width // self.steps) + np.where(turn.mirrored, axis, 0)
        places = part.offsets, part.index, turn.swapped, turn.mirrored, shift
        return np.asarray(_roll(*places, height, width))

    def _rotated(self, part: Sparse, turn: Turn) -> Pixels:
        quarter = turn.number * 4 // self.steps
        return np.asarray(_rotate(part.offsets, part.index, turn.mirrored, quarter, part.shape[1]))

    def _exchanged(
        self, inputs: Inputs, minus: str, plus: str, swapped: NDArray[np.bool_]
    ) -> Inputs:
        first, second = inputs[minus], inputs[plus]
        if not (isinstance(first, Sparse) and isinstance(second, Sparse)):
            return {}
        both = concatenate([{"x": first}, {"x": second}])["x"]
        rows, events = np.arange(len(first)), len(first)
        made: Inputs = {}
        for name, other, moved in ((minus, plus, swapped), (plus, minus, ~swapped)):
            part = both.take(rows + events * moved)
            scale = np.asarray(self.spec[other].scale) / np.asarray(self.spec[name].scale)
            if isinstance(part, Sparse) and (scale != 1).any():
                foreign = np.repeat(swapped, np.diff(part.offsets))
                channel = part.index // np.uint32(np.prod(part.shape[1:]))
                value = part.value * np.where(foreign, scale[channel], 1.0).astype(np.float32)
                part = dataclasses.replace(part, value=value)
            made[name] = part
        return made


@numba.njit(cache=True)
def _roll(offsets, index, swapped, mirrored, shift, height, width):  # type: ignore[no-untyped-def]
    """Rows in η, columns in φ."""
    made = np.empty_like(index)
    for event in range(offsets.size - 1):
        for i in range(offsets[event], offsets[event + 1]):
            line = np.int64(index[i]) // width
            column = np.int64(index[i]) - line * width
            if swapped[event]:
                line += height - 1 - 2 * (line % height)
            if mirrored[event]:
                column = width - 1 - column
            made[i] = line * width + (column + shift[event]) % width
    return made


@numba.njit(cache=True)
def _rotate(offsets, index, mirrored, quarter, side):  # type: ignore[no-untyped-def]
    """Rows in y, columns in x, the beam in the middle."""
    made = np.empty_like(index)
    for event in range(offsets.size - 1):
        for i in range(offsets[event], offsets[event + 1]):
            line = np.int64(index[i]) // side
            column, row = np.int64(index[i]) - line * side, line % side
            first = line - row
            if mirrored[event]:
                row = side - 1 - row
            for _ in range(quarter[event]):
                # a right angle takes x to y and y to −x
                row, column = column, side - 1 - row
            made[i] = (first + row) * side + column
    return made

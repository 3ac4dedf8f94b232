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
from hepvision.training.warps import Warp, warped

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
    """Random turns of the images of one epoch, and what else is done to them.

    What may be done to an image follows from the ``frame`` that its spec names. One that goes
    once around the beam is rolled along φ by whole pixels, one of crystals with rows beyond the
    barrel by multiples of ten, so that 10° towers stay whole. Endcaps are turned by right angles,
    and so are all images of an event that has them. Mirrors in η flip an image and exchange the
    endcaps, mirrors in φ flip it. Windows about an object or jet are mirrored; where their size is
    even, which leaves no pixel in the middle, the object comes to the pixel before its own. Apart
    from this, and from what the grid of towers does to the HCAL of the endcaps, the turned image
    is the image of the turned event. Shear and translation come last, see ``warps``.

    Parameters
    ----------
    spec : InputSpec
        What the inputs are; parts that are no images are left as they are.
    seed, epoch : int
        Decide the turns.
    rotation, mirror : bool
        Whether images are turned about the beam, and mirrored in η and φ.
    shear : float
        Largest shear to either side, pixels along φ for one along η.
    translation : float
        Largest shift along η, to either side, as a share of the image's side.

    Raises
    ------
    ValueError
        An image does not say what its rows and columns are, or endcaps are to be sheared.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> image = PartSpec("image", (1, 170, 360), ("ecal",), ("GeV",), (1.0,), "crystals")
    >>> Turns({"image": image}, seed=1, epoch=0).steps
    360
    """

    spec: InputSpec
    seed: int
    epoch: int
    rotation: bool = True
    mirror: bool = True
    shear: float = 0.0
    translation: float = 0.0

    def __post_init__(self) -> None:
        for name in self.images:
            if not self.spec[name].frame:
                raise ValueError(
                    f"turn: {name} must say what its rows and columns are, got no frame. Leave "
                    "turn out, or give its spec a frame."
                )
        for option in ("shear", "translation"):
            if getattr(self, option) and self.endcaps:
                raise ValueError(
                    f"{option}: must be 0 where there are endcaps, got {getattr(self, option)}."
                )

    @functools.cached_property
    def images(self) -> tuple[str, ...]:
        """Parts that are turned."""
        return tuple(name for name, part in self.spec.items() if part.kind == "image")

    @functools.cached_property
    def endcaps(self) -> tuple[str, ...]:
        """Those of them that show an endcap."""
        return tuple(name for name in self.images if self.spec[name].frame == "endcap")

    @functools.cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Endcaps of −z and +z that belong together."""
        stems = [name.removesuffix(ENDCAPS[0]) for name in self.endcaps]
        both = [(stem + ENDCAPS[0], stem + ENDCAPS[1]) for stem in stems]
        return tuple(pair for pair in both if set(pair) <= set(self.endcaps))

    @functools.cached_property
    def steps(self) -> int:
        """Azimuths that all images can be turned by."""
        return math.gcd(*(self._steps(name) for name in self.images)) or 1

    def _steps(self, name: str) -> int:
        frame, (_, rows, columns) = self.spec[name].frame, self.spec[name].shape
        if frame == "crystals":
            return columns // WIDE if rows > EcalBarrel.shape[0] else columns
        # a window goes where its object goes, and limits nothing
        return {"endcap": 4, "eta_phi": columns, "phi_eta": rows}.get(frame, 0)

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
        number = rng.integers(0, self.steps, events)
        if not self.mirror or len(self.endcaps) > 2 * len(self.pairs):
            swapped[:] = False
        if not self.mirror:
            mirrored[:] = False
        if not self.rotation:
            number[:] = 0
        return Turn(swapped, mirrored, number)

    def warp(self, rng: np.random.Generator, events: int) -> Warp | None:
        """Shear and shift of a batch.

        Parameters
        ----------
        rng : numpy.random.Generator
            Of the epoch.
        events : int
            Number of events.

        Returns
        -------
        Warp, optional
            One each, if any is asked for.
        """
        if not (self.shear or self.translation):
            return None
        share = rng.uniform(-1, 1, (2, events))
        return Warp(self.shear * share[0], self.translation * share[1])

    def augmented(self, inputs: Inputs, rng: np.random.Generator) -> Inputs:
        """A batch of training events, turned and mirrored, sheared and shifted at random.

        Parameters
        ----------
        inputs : Inputs
            B events, not changed.
        rng : numpy.random.Generator
            Of the epoch.

        Returns
        -------
        Inputs
            B events.
        """
        number = len(next(iter(inputs.values())))
        made = self.apply(inputs, self.drawn(rng, number))
        warp = self.warp(rng, number)
        return made if warp is None else warped(self.spec, made, warp)

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
                made[name] = dataclasses.replace(part, index=moved(name, part, turn))
        return made

    def _rolled(self, name: str, part: Sparse, turn: Turn) -> Pixels:
        (_, height, width), frame = part.shape, self.spec[name].frame
        sideways = frame == "phi_eta"
        around = height if sideways else width
        # endcaps and images from −π mirror φ about 0, so crystals must beside them; reversed
        # columns mirror the azimuth of their first edge instead, which is as good where there
        # is nothing else
        others = {self.spec[one].frame for one in self.images} & {"endcap", "eta_phi", "phi_eta"}
        axis = round(-2 * FIRST_EDGE_DEGREES / 360 * around) if others else 0
        shift = turn.number * (around // self.steps)
        if frame == "crystals":
            shift = shift + np.where(turn.mirrored, axis, 0)
        if frame == "window":
            shift = np.zeros_like(turn.number)
        places = part.offsets, part.index, turn.swapped, turn.mirrored, shift
        return np.asarray(_roll(*places, height, width, sideways))

    def _rotated(self, name: str, part: Sparse, turn: Turn) -> Pixels:
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
def _roll(  # type: ignore[no-untyped-def]
    offsets, index, swapped, mirrored, shift, height, width, sideways
):
    """Rows in η, columns in φ, or sideways the other way."""
    made = np.empty_like(index)
    lines, around = (width, height) if sideways else (height, width)
    for event in range(offsets.size - 1):
        for i in range(offsets[event], offsets[event + 1]):
            line = np.int64(index[i]) // width
            column, row = np.int64(index[i]) - line * width, line % height
            first = line - row
            eta, phi = (column, row) if sideways else (row, column)
            if swapped[event]:
                eta = lines - 1 - eta
            if mirrored[event]:
                phi = around - 1 - phi
            phi = (phi + shift[event]) % around
            row, column = (phi, eta) if sideways else (eta, phi)
            made[i] = (first + row) * width + column
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

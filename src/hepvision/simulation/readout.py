r"""From deposits to hits: noise, calibration and zero suppression.

Crystals are calibrated as CMS calibrates its own: the energy in the 5×5 crystals around the hardest
one, summed over unconverted photons of 50 GeV, without noise or pile-up, is the photons' energy. A
hit so holds the share that leaks out behind and beside the crystals.

Noise in empty cells is drawn only where it passes the threshold: the number of cells to skip until
the next one that does is geometric, and its noise follows the tail of the normal distribution.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from hepvision.simulation._channels import (
    CHANNELS,
    ENDCAP_FIRST,
    HCAL_FIRST,
    HITS,
    Work,
    exists,
    part_of,
)

__all__ = ["SCALE", "Cells", "Readout", "digitise", "hit_time", "normal_tail", "skip", "smeared"]

Array = npt.NDArray[Any]

#: A hit over what was deposited: ECAL barrel, endcaps (where no preshower lies before the crystals:
#: 1.52 < |η| < 1.62), HCAL. One over the mean of the 5×5: 0.9752 ± 0.0001, 0.9780 ± 0.0003.
SCALE = (1.0254, 1.0225, 1.0)

#: What is known of a cell before it is read.
_TOUCHED, _NOISY = 1, 2
_TIME_NOISE, _TIME_CONSTANT, _TIME_WINDOW = 35.1, 0.02, 25.0  # ns


@dataclasses.dataclass(frozen=True)
class Readout:
    """Noise of the cells and which of them are read out.

    Parameters
    ----------
    noise : tuple of 3 float, GeV
        Width an ECAL barrel crystal, an endcap crystal and a tower.
    calibration : tuple of 3 float
        Relative spread of the calibration of single cells. With the showers' own fluctuations the
        5×5 of unconverted photons gets constant terms of 0.8 % and 1.6 %.
    threshold : tuple of 3 float
        Zero suppression, in widths of the noise.
    scale : tuple of 3 float
        Energy of a hit over the energy deposited; noise is on the scale of the hits.
    selective : bool
        Whether to keep only what analysis files keep; crystals then have the noise that the real
        events of 2012 show, which grows with the pseudorapidity.

    References
    ----------
    CMS Collaboration, "Time reconstruction and performance of the CMS electromagnetic
    calorimeter", JINST 5 (2010) T03011.

    Examples
    --------
    >>> Readout.named("full").threshold
    (2.0, 2.0, 2.0)
    """

    noise: tuple[float, float, float] = (0.040, 0.150, 0.200)
    calibration: tuple[float, float, float] = (0.007, 0.020, 0.03)
    threshold: tuple[float, float, float] = (2.0, 2.0, 2.0)
    scale: tuple[float, float, float] = SCALE
    selective: bool = False

    @classmethod
    def named(cls, name: str) -> Readout:
        """One of the two ways to read out.

        Parameters
        ----------
        name : {"full", "reduced"}
            Every cell above 2 widths of its noise, or what analysis files keep.

        Returns
        -------
        Readout
            Its settings.

        Raises
        ------
        ValueError
            The name is another one.
        """
        if name == "full":
            return cls()
        if name == "reduced":
            return cls(threshold=(2.75, 3.0, 5.0), selective=True)
        known = "full, reduced or particles"
        raise ValueError(f"readout: must be {known}, got {name!r}. Take one of them.")

    def table(self) -> Cells:
        """The settings as arrays for the kernel.

        Returns
        -------
        Cells
            Noise, calibration and thresholds by part, and the cells that exist.
        """
        ratio = np.array(self.threshold)
        first = np.array([0, ENDCAP_FIRST, HCAL_FIRST, CHANNELS])
        there = np.flatnonzero(exists())
        pass_rate = np.array([0.5 * math.erfc(value / math.sqrt(2.0)) for value in ratio])
        return Cells(
            there,
            np.searchsorted(there, first),
            np.array(self.noise),
            np.array(self.calibration),
            ratio,
            np.array(self.scale),
            np.log1p(-pass_rate),
            self.selective,
        )


class Cells(NamedTuple):
    """Settings of a readout as the kernel takes them; arrays of 3 are by part."""

    there: Array  # channels that exist
    begin: Array  # where each part begins among them
    noise: Array
    calibration: Array
    ratio: Array
    scale: Array
    log_silent: Array  # log of the chance that noise stays below the threshold
    selective: bool


@numba.njit(cache=True)
def normal_tail(rng: np.random.Generator, least: float) -> float:
    """Draw from the normal distribution above some value.

    Parameters
    ----------
    rng : Generator
        Random numbers.
    least : float
        Above 0.

    Returns
    -------
    float
        At least ``least``.

    References
    ----------
    G. Marsaglia, "Generating a variable from the tail of the normal distribution",
    Technometrics 6 (1964) 101.

    Examples
    --------
    >>> normal_tail(np.random.default_rng(1), 2.0) >= 2.0
    True
    """
    while True:
        value = math.sqrt(least * least - 2.0 * math.log(1.0 - rng.random()))
        if rng.random() * value < least:
            return value


@numba.njit(cache=True)
def skip(rng: np.random.Generator, log_silent: float) -> int:
    """Draw how many empty cells come before the next one whose noise passes.

    Parameters
    ----------
    rng : Generator
        Random numbers.
    log_silent : float
        Logarithm of the chance that a cell stays silent.

    Returns
    -------
    int
        0 or more.

    Examples
    --------
    >>> skip(np.random.default_rng(1), -50.0)
    0
    """
    return int(min(math.log(1.0 - rng.random()) / log_silent, 1e9))


@numba.njit(cache=True)
def smeared(rng: np.random.Generator, energy: float, noise: float, calibration: float) -> float:
    """Energy with its noise and the error of its calibration, in one draw.

    Parameters
    ----------
    rng : Generator
        Random numbers.
    energy, noise : float, GeV
        What was deposited, and the width of the noise.
    calibration : float
        Relative spread.

    Returns
    -------
    float, GeV
        What is measured.

    Examples
    --------
    >>> smeared(np.random.default_rng(1), 5.0, 0.0, 0.0)
    5.0
    """
    spread = calibration * energy
    return energy + math.sqrt(noise * noise + spread * spread) * rng.standard_normal()


@numba.njit(cache=True)
def digitise(
    rng: np.random.Generator, work: Work, cells: Cells, out: tuple[Array, Array, Array], filled: int
) -> int:
    """Read out the event at hand and empty the work space.

    Parameters
    ----------
    rng : Generator
        Random numbers.
    work : Work
        Energy of all cells.
    cells : Cells
        From ``Readout.table``.
    out : tuple of arrays
        Channel, energy, time; must have room for all cells.
    filled : int
        Rows in use.

    Returns
    -------
    int
        Rows in use afterwards.

    Examples
    --------
    >>> from hepvision.simulation._channels import work_space
    >>> energy, time = np.zeros((2, CHANNELS), np.float32)
    >>> out = (np.zeros(CHANNELS, np.uint32), energy, time)
    >>> cells = Readout.named("full").table()
    >>> hits = digitise(np.random.default_rng(1), work_space(), cells, out, 0)
    >>> 1500 < hits < 2000
    True
    """
    return _measured(rng, work.sums, cells, _states(rng, work, cells), out, filled)


@numba.njit(cache=True)
def _states(rng: np.random.Generator, work: Work, cells: Cells) -> Array:
    """Which cells have energy, or make noise that passes."""
    state = np.zeros(CHANNELS, np.uint8)
    touched = work.touched[: work.counters[HITS]]
    for channel in touched:
        state[channel] |= _TOUCHED
    work.counters[HITS] = 0
    for part in range(3):
        place = cells.begin[part] + skip(rng, cells.log_silent[part])
        while place < cells.begin[part + 1]:
            if state[cells.there[place]] == 0:
                state[cells.there[place]] = _NOISY
            place += 1 + skip(rng, cells.log_silent[part])
    return state


@numba.njit(cache=True)
def _measured(
    rng: np.random.Generator,
    sums: Array,
    cells: Cells,
    state: Array,
    out: tuple[Array, Array, Array],
    filled: int,
) -> int:
    """Measure these cells and write down what passes."""
    channels, energies, times = out
    noise, calibration, ratio = cells.noise, cells.calibration, cells.ratio
    # most cells are silent: eight are looked at in one go
    live = np.flatnonzero(state.view(np.uint64))
    for place in range(8 * len(live)):
        channel = 8 * live[place >> 3] + (place & 7)
        if state[channel] == 0:
            continue
        part = part_of(channel)
        width, time = noise[part], 0.0
        if state[channel] == _NOISY:
            measured = width * normal_tail(rng, ratio[part])
        else:
            deposited, moment = sums[channel, 0], sums[channel, 1]
            sums[channel, 0] = sums[channel, 1] = 0.0
            measured = smeared(rng, cells.scale[part] * deposited, width, calibration[part])
            if measured <= ratio[part] * width:
                continue
            if deposited > 0.0:
                time = moment / deposited
        channels[filled] = channel
        energies[filled] = measured
        times[filled] = hit_time(rng, time, width / max(abs(measured), 0.5 * width), _TIME_WINDOW)
        filled += 1
    return filled


@numba.njit(cache=True)
def hit_time(rng: np.random.Generator, time: float, noise_share: float, window: float) -> float:
    """Measure the time of a hit.

    Parameters
    ----------
    rng : Generator
        Random numbers.
    time : float, ns
        When the energy was deposited.
    noise_share : float
        Noise over energy.
    window : float, ns
        Times beyond plus or minus this are not measured.

    Returns
    -------
    float, ns
        Within the window.

    Examples
    --------
    >>> bool(abs(hit_time(np.random.default_rng(1), 3.0, 0.0, 25.0) - 3.0) < 0.2)
    True
    """
    jitter = _TIME_NOISE * noise_share
    spread = math.sqrt(jitter * jitter + _TIME_CONSTANT * _TIME_CONSTANT)
    return min(max(time + spread * rng.standard_normal(), -window), window)

"""Hard events and pile-up, added up and read out, batch-wise."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from hepvision.events.geometry.ecal_barrel import EcalBarrel
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import Hcal
from hepvision.simulation._channels import (
    CHANNELS,
    ENDCAP_FIRST,
    HCAL_FIRST,
    Work,
    add,
    with_room,
    work_space,
)
from hepvision.simulation._pool import Pool
from hepvision.simulation._reduced import keep_interesting
from hepvision.simulation._selective import Plan, plan
from hepvision.simulation.detector import Response
from hepvision.simulation.pileup import Uses, add_turned, turned
from hepvision.simulation.readout import Cells, Readout, digitise

__all__ = ["hit_columns", "read_out"]

Array = npt.NDArray[Any]


@numba.njit(cache=True)
def _read_out(
    rng: np.random.Generator,
    work: Work,
    cells: Cells,
    hard: tuple[Array, Array, Array, Array],
    pool: tuple[Array, Array, Array, Array],
    uses: tuple[Array, Array, Array, Array],
    table: Array,
    crystals: Plan,
) -> tuple[Array, Array, Array, Array]:
    events = len(hard[0]) - 1
    offsets = np.zeros(events + 1, np.int64)
    out = (
        np.empty(CHANNELS, np.uint32),
        np.empty(CHANNELS, np.float32),
        np.empty(CHANNELS, np.float32),
    )
    filled = 0
    for event in range(events):
        for row in range(hard[0][event], hard[0][event + 1]):
            add(work, int(hard[1][row]), hard[2][row], hard[3][row])
        for use in range(uses[0][event], uses[0][event + 1]):
            one = uses[1][use]
            start, stop = pool[0][one], pool[0][one + 1]
            turn, mirrored = uses[2][use], uses[3][use]
            add_turned(work, start, stop, pool[1], pool[2], pool[3], turn, mirrored, table)
        out = with_room(out, filled + CHANNELS)
        if cells.selective:
            pileup = uses[0][event + 1] - uses[0][event]
            filled = keep_interesting(rng, work, cells, crystals, pileup, out, filled)
        else:
            filled = digitise(rng, work, cells, out, filled)
        offsets[event + 1] = filled
    return offsets, out[0][:filled].copy(), out[1][:filled].copy(), out[2][:filled].copy()


def read_out(
    rng: np.random.Generator,
    hard: Response,
    pool: Pool | None,
    uses: Uses,
    readout: Readout,
    content: str = "all",
) -> tuple[Array, Array, Array, Array]:
    """Hits of hard events with their pile-up.

    Parameters
    ----------
    rng : Generator
        Random numbers of the readout.
    hard : Response
        The hard events.
    pool : Pool or None
        Source of the pile-up.
    uses : Uses
        Which events of the pool.
    readout : Readout
        Noise and thresholds.
    content : {"all", "hard", "pileup"}
        What is added up.

    Returns
    -------
    offsets : array of int64, shape (B + 1,)
        Rows of each event.
    channel, energy, time : arrays, shape (N,)
        The hits, in order of channels.
    """
    none = np.zeros(0, np.int64)
    some = pool is not None and content != "hard"
    response = pool.response if pool is not None else hard
    empty = np.zeros_like(hard.offsets)
    return _read_out(
        rng,
        work_space(),
        readout.table(),
        (
            empty if content == "pileup" else hard.offsets,
            hard.channel,
            hard.energy,
            hard.time,
        ),
        (response.offsets, response.channel, response.energy, response.time),
        (uses.offsets, uses.row, uses.turn, uses.mirrored)
        if some
        else (empty, none, none, np.zeros(0, np.bool_)),
        turned() if some else np.zeros((1, 1), np.int32),
        plan(),
    )


def hit_columns(
    offsets: Array, channel: Array, energy: Array, time: Array
) -> dict[str, tuple[Array, dict[str, Array]]]:
    """Hits in one numbering as collections of the schema.

    Parameters
    ----------
    offsets : array of int64, shape (B + 1,)
        Rows of each event.
    channel, energy, time : arrays, shape (N,)
        The hits.

    Returns
    -------
    dict
        Offsets and columns of EcalBarrelHit, EcalEndcapHit and HcalHit.
    """
    event = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    found: dict[str, tuple[Array, dict[str, Array]]] = {}
    parts = (
        (EcalBarrel(), 0, ENDCAP_FIRST),
        (EcalEndcap(), ENDCAP_FIRST, HCAL_FIRST),
        (Hcal(), HCAL_FIRST, CHANNELS),
    )
    for geometry, first, last in parts:
        rows = np.flatnonzero((channel >= first) & (channel < last))
        numbers = geometry.numbers(channel[rows].astype(np.int64) - first)
        columns: dict[str, Array] = dict(zip(geometry.fields, numbers, strict=True))
        if geometry.collection == "HcalHit":
            columns |= {"depth": np.ones(len(rows), np.int8), "energy": energy[rows]}
        else:
            columns |= {"energy": energy[rows], "time": time[rows]}
        counts = np.bincount(event[rows], minlength=len(offsets) - 1)
        found[geometry.collection] = (np.concatenate([[0], np.cumsum(counts)]), columns)
    return found

"""Pools on disk: made once for all samples, checked when read, made anew when damaged."""

from __future__ import annotations

import functools
import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hepvision.core.cache import cache_folder, cache_key
from hepvision.core.chunks import chunks, each_chunk
from hepvision.core.errors import CorruptFileError
from hepvision.core.files import atomic_folder, read_json, sha256, write_json
from hepvision.simulation._pool import THRESHOLD, Pool, joined, pool_chunk
from hepvision.simulation.detector import Response
from hepvision.simulation.forward import SHAPE

__all__ = ["POOL_EVENTS", "open_pool"]

_LOG = logging.getLogger(__name__)
POOL_EVENTS = 2000
SEED = 2012
_CHUNK = 250
_EVENTS, _CHECK = "pool.parquet", "pool.json"
_HITS = ("channel", "energy", "time")
#: Files of the simulation that take a pool and do not make one.
_AFTER = {"simulate", "readout", "vertices", "pileup", "jets"}
_AFTER |= {"_chunk", "_contents", "_overlay", "_progress", "_reduced", "_selective"}
#: Code that decides what a pool holds.
_MAKES = (
    "simulation/*.py",
    "simulation/showers/*.py",
    "simulation/processes/_pythia.py",
    "simulation/processes/_record.py",
    "simulation/processes/minimum_bias.py",
    "physics/*.py",
    "events/geometry/*.py",
)


def _code() -> list[Path]:
    """Files that make a pool."""
    package = Path(__file__).parents[1]
    every = sorted(path for pattern in _MAKES for path in package.glob(pattern))
    return [path for path in every if path.stem not in _AFTER]


@functools.cache
def _detector() -> str:
    """Checksum of the code that makes a pool, so that a pool of an older detector is not used."""
    digest = hashlib.sha256()
    for path in _code():
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _settings(energy: float, events: int) -> dict[str, Any]:
    return {
        "detector": _detector(),
        "energy": energy,
        "events": events,
        "seed": SEED,
        "threshold": THRESHOLD,
    }


def _folder(energy: float, events: int) -> Path:
    return cache_folder("pileup") / f"pool-{cache_key(_settings(energy, events))}"


def _lists(offsets: Any, values: Any) -> pa.Array:
    return pa.LargeListArray.from_arrays(pa.array(offsets), pa.array(np.ascontiguousarray(values)))


def _write(folder: Path, pool: Pool, settings: dict[str, Any]) -> None:
    response = pool.response
    table = {name: _lists(response.offsets, getattr(response, name)) for name in _HITS}
    for column in range(response.tracks.shape[1]):
        table[f"track{column}"] = _lists(response.track_offsets, response.tracks[:, column])
    for axis, name in enumerate("xyz"):
        table[name] = pa.array(np.ascontiguousarray(pool.vertex[:, axis]))
    sizes = np.arange(len(pool) + 1) * pool.forward[:1].size
    table["forward"] = _lists(sizes, pool.forward.ravel())
    with atomic_folder(folder) as made:
        pq.write_table(pa.table(table), made / _EVENTS, compression="zstd", row_group_size=500)
        write_json(made / _CHECK, {"sha256": sha256(made / _EVENTS), **settings})


def _flat(table: pa.Table, name: str) -> tuple[Any, Any]:
    column = table.column(name).combine_chunks()
    return column.offsets.to_numpy(), column.values.to_numpy(zero_copy_only=False)


def _read(folder: Path) -> Pool:
    if read_json(folder / _CHECK)["sha256"] != sha256(folder / _EVENTS):
        raise CorruptFileError(f"{folder / _EVENTS}: checksum differs. Delete it.")
    table = pq.read_table(folder / _EVENTS, use_threads=False)
    offsets, channel = _flat(table, "channel")
    energy, time = (_flat(table, name)[1] for name in ("energy", "time"))
    columns = [_flat(table, f"track{column}") for column in range(8)]
    tracks = np.stack([values for _, values in columns], axis=1)
    vertex = np.stack([table.column(name).to_numpy() for name in "xyz"], axis=1)
    response = Response(
        offsets, channel, energy, time, columns[0][0], tracks, np.zeros(0, np.bool_)
    )
    forward = _flat(table, "forward")[1].reshape(-1, *SHAPE)
    return Pool(response, vertex, forward)


def _chunk(item: tuple[float, int, int]) -> Pool:
    energy, events, chunk = item
    return pool_chunk(energy, events, SEED, chunk)


@functools.lru_cache(maxsize=2)
def _kept(folder: Path, checksum: str) -> Pool:
    """A pool stays in memory for all chunks of a worker."""
    return _read(folder)


def open_pool(
    energy: float,
    events: int = POOL_EVENTS,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Pool:
    """The pool for a beam energy, made at first use.

    Parameters
    ----------
    energy : float, GeV
        Centre-of-mass energy.
    events : int
        Size of the pool.
    workers : int
        Processes that make it.
    scheduler : str, optional
        Address of a Dask scheduler to use instead.
    progress : callable, optional
        Called with events made and events in all.

    Returns
    -------
    Pool
        From the cache; one that is damaged is made anew.

    Raises
    ------
    MissingExtraError
        Pythia is not installed.
    """
    folder = _folder(energy, events)
    try:
        return _kept(folder, str(read_json(folder / _CHECK)["sha256"]))
    except FileNotFoundError:
        pass
    except (OSError, KeyError, TypeError, pa.ArrowException):
        _LOG.warning("pile-up: the pool in %s is damaged; it is made anew", folder)
    items = [(energy, chunk.stop - chunk.start, chunk.number) for chunk in chunks(events, _CHUNK)]
    parts: list[Pool] = []
    for part in each_chunk(_chunk, items, workers=workers, scheduler=scheduler):
        parts.append(part)
        if progress is not None:
            progress(sum(map(len, parts)), events)
    _write(folder, joined(parts), _settings(energy, events))
    return _kept(folder, str(read_json(folder / _CHECK)["sha256"]))

"""Momenta that a file holds twice, as px, py and as pt, φ: do they agree?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import UserError
from hepvision.physics.kinematics import delta_phi
from hepvision.readers._reading import reading

__all__ = ["disagreeing", "momenta_twice"]

CLOSE = 0.01  # of relative pt, and of φ in rad
PARTS = ("px", "py", "pt", "phi")
NAME = re.compile(r"(.*?)(px|py|pt|phi)", re.IGNORECASE)
ENTRIES = 2000


def disagreeing(
    px: NDArray[Any], py: NDArray[Any], pt: NDArray[Any], phi: NDArray[Any]
) -> NDArray[np.bool_]:
    """Objects whose px, py are not those of pt, φ.

    Parameters
    ----------
    px, py, pt : array, shape (N,), any one unit
        Momenta.
    phi : array, shape (N,), rad
        Azimuths.

    Returns
    -------
    array of bool, shape (N,)
        True where they differ by more than 1 % of pt or 0.01 rad; False without momentum.

    Examples
    --------
    >>> x, y, phi = (
    ...     np.array([3.0, 0.0, 0.0]),
    ...     np.array([0.0, 3.0, 3.0]),
    ...     np.array([0.0, 1.5708, 0.0]),
    ... )
    >>> disagreeing(x, y, np.full(3, 3.0), phi).tolist()
    [False, False, True]
    """
    size = np.hypot(px, py)
    off = np.abs(size - pt) > CLOSE * np.maximum(size, np.abs(pt))
    off |= np.abs(delta_phi(np.arctan2(py, px), phi)) > CLOSE
    return off & (np.maximum(size, np.abs(pt)) > 0) & np.isfinite(size) & np.isfinite(pt)


def _groups(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Columns of each prefix that has all four parts."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        match = NAME.fullmatch(name)
        if match is not None:
            found.setdefault(match.group(1), {})[match.group(2).lower()] = name
    return {prefix: parts for prefix, parts in found.items() if set(parts) == set(PARTS)}


def momenta_twice(path: str | Path) -> dict[str, tuple[int, int]]:
    """Objects of a ROOT or Parquet file whose two momenta disagree, in its first entries.

    Parameters
    ----------
    path : path
        The file; of another kind gives nothing.

    Returns
    -------
    dict of (int, int)
        By the common start of the columns' names: those that disagree, and all.

    Examples
    --------
    >>> momenta_twice(__file__)
    {}
    """
    found: dict[str, tuple[int, int]] = {}
    try:
        with reading(path):
            for prefix, columns in _tables(Path(path)):
                flat = [np.asarray(ak.to_numpy(ak.flatten(one, axis=None))) for one in columns]
                if len({len(one) for one in flat}) == 1 and all(
                    one.dtype.kind in "fiu" for one in flat
                ):
                    off = disagreeing(*(one.astype(np.float64) for one in flat))
                    found[prefix.rstrip("._")] = int(off.sum()), len(off)
    except UserError:
        return found  # the reader says what is wrong with the file
    return found


def _tables(path: Path) -> Iterator[tuple[str, list[ak.Array]]]:
    with path.open("rb") as file:
        start = file.read(4)
    if start == b"root":
        import uproot

        with uproot.open(path) as tables:
            kinds = tables.classnames(cycle=False)
            for name in [key for key, kind in kinds.items() if kind == "TTree"]:
                tree = tables[name]
                for prefix, parts in _groups(tree.keys(recursive=True, full_paths=False)).items():
                    columns = [parts[part] for part in PARTS]
                    held = tree.arrays(columns, entry_stop=ENTRIES)
                    yield prefix or name, [held[column] for column in columns]
    elif start == b"PAR1":
        import pyarrow.parquet as pq

        with pq.ParquetFile(path) as table:
            groups = _groups(table.schema_arrow.names)
            if groups and table.num_row_groups:
                for prefix, parts in groups.items():
                    columns = [parts[part] for part in PARTS]
                    batch = next(table.iter_batches(ENTRIES, columns=columns))
                    held = ak.from_arrow(batch)
                    yield prefix or path.stem, [held[column] for column in columns]

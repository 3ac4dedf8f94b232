"""A column of a ROOT file: flat values, and where each entry's begin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Column", "flat_column", "joined", "places"]

Offsets = NDArray[np.int64]


class Column(NamedTuple):
    """Flat values, and the offsets of each level of lists, the outermost first."""

    values: NDArray[Any]
    levels: tuple[Offsets, ...] = ()

    def __len__(self) -> int:
        return len(self.levels[0]) - 1 if self.levels else len(self.values)

    @property
    def offsets(self) -> Offsets:
        """Where each entry's values start and the last one's end; one each where it is no list."""
        return self.levels[0] if self.levels else np.arange(len(self.values) + 1)

    def take(self, rows: NDArray[np.integer[Any]]) -> Column:
        """Some entries.

        Parameters
        ----------
        rows : array of int
            In any order, from 0.

        Returns
        -------
        Column
            As many entries as rows.

        Examples
        --------
        >>> Column(np.array([1, 2, 3]), (np.array([0, 2, 2, 3]),)).take(np.array([2, 0])).values
        array([3, 1, 2])
        """
        if not self.levels:
            return Column(self.values[rows])
        offsets = self.levels[0]
        counts = np.diff(offsets)[rows]
        ends = np.concatenate([[0], np.cumsum(counts)])
        inner = np.arange(ends[-1]) + np.repeat(offsets[:-1][rows] - ends[:-1], counts)
        below = Column(self.values, self.levels[1:]).take(inner)
        return Column(below.values, (ends, *below.levels))


def flat_column(array: Any) -> Column | None:
    """Take an awkward array apart.

    Parameters
    ----------
    array : ak.Array
        Numbers, or lists of them.

    Returns
    -------
    Column or None
        None for what holds something else: text, records, missing values.

    Examples
    --------
    >>> import awkward as ak
    >>> flat_column(ak.Array([[1, 2], [], [3]])).offsets.tolist()
    [0, 2, 2, 3]
    >>> flat_column(ak.Array(["text"])) is None
    True
    """
    layout, levels = array.layout, []
    while layout.is_list or layout.is_indexed:
        if layout.is_option or layout.parameter("__array__") in ("string", "bytestring"):
            return None
        if layout.is_indexed:
            layout = layout.project()
            continue
        layout = layout.to_ListOffsetArray64(True)
        levels.append(np.asarray(layout.offsets.data, np.int64))
        layout = layout.content[: levels[-1][-1]]
    if not layout.is_numpy or layout.data.ndim != 1 or layout.data.dtype.kind not in "biuf":
        return None
    return Column(np.asarray(layout.data), tuple(levels))


def joined(columns: Sequence[Column]) -> Column:
    """Put columns one behind the other.

    Parameters
    ----------
    columns : sequence of Column
        At least one; all with as many levels.

    Returns
    -------
    Column
        All their entries.

    Examples
    --------
    >>> one = Column(np.array([1, 2]), (np.array([0, 2]),))
    >>> joined([one, one]).offsets.tolist()
    [0, 2, 4]
    """
    levels = []
    for level in range(len(columns[0].levels)):
        counts = np.concatenate([np.diff(column.levels[level]) for column in columns])
        levels.append(np.concatenate([[0], np.cumsum(counts)]))
    return Column(np.concatenate([column.values for column in columns]), tuple(levels))


def places(source: Any) -> dict[str, Any]:
    """Where the columns of a tree are: branches of a TTree, dotted fields of an RNTuple.

    Parameters
    ----------
    source : uproot.TTree or uproot.RNTuple
        The tree.

    Returns
    -------
    dict
        By flat names: the field ``Photon.pt`` of an RNTuple is ``Photon_pt``.

    Examples
    --------
    >>> class Ntuple:
    ...     def keys(self):
    ...         return ["run", "Photon", "Photon.pt"]
    >>> places(Ntuple())
    {'run': 'run', 'Photon_pt': 'Photon.pt'}
    """
    if hasattr(source, "branches"):
        found: dict[str, Any] = {}
        for branch in source.itervalues(recursive=True):
            if not branch.branches:
                found.setdefault(branch.name, branch)  # some trees hold two branches of one name
        return found
    keys = list(source.keys())
    inner = {key.rpartition(".")[0] for key in keys}
    return {key.replace(".", "_"): key for key in keys if key not in inner}

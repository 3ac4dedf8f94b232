"""The hard process of a generated event, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from hepvision.figures._event import Columns, Event
from hepvision.figures._particles import particle
from hepvision.figures._view import Panel
from hepvision.figures.tables import table

__all__ = ["HardProcess"]

ALONG = 15.0
"""|η| of particles that fly along the beam."""


@dataclass(frozen=True)
class HardProcess:
    """Beams, incoming, intermediate and outgoing particles.

    Parameters
    ----------
    most : int
        Rows of the table.

    Examples
    --------
    >>> numbers = {"pt": np.ones(1), "eta": np.zeros(1), "phi": np.zeros(1)}
    >>> gluon = numbers | {"pdgId": np.array([21]), "status": np.array([21])}
    >>> [panel.title for panel in HardProcess()(Event({}, {"GenPart": gluon}))]
    ['Hard process']
    """

    most: int = 20

    reads: ClassVar[tuple[str, ...]] = ("GenPart",)
    place: ClassVar[int] = 90

    def __call__(self, event: Event) -> Iterator[Panel]:
        """The table, if the generator's record tells statuses."""
        columns = event.columns("GenPart", "pt", "eta", "phi", "pdgId", "status")
        if not columns:
            return
        rows, hard = _chosen(columns)
        if not rows.size:
            return
        shown = rows[: self.most]
        text = (
            "As the generator wrote it."
            if hard
            else "The record marks no hard process: its beams, and the hardest of the final state."
        )
        if shown.size < rows.size:
            text += f" The first {shown.size} of {rows.size} rows."
        title = "Hard process" if hard else "Generator record"
        yield Panel("hard_process", title, text, table=_table(columns, shown))


def _chosen(columns: Columns) -> tuple[npt.NDArray[np.int64], bool]:
    """Rows of the table, and whether they are a hard process."""
    status = columns["status"].astype(np.int64)
    # Les Houches events are a hard process and nothing else, −1 is incoming
    if (status == -1).any():
        return np.arange(status.size), True
    # Pythia's codes: 21 to 29 belong to the hard process, 4 are the beams
    hard = (np.abs(status) >= 21) & (np.abs(status) <= 29)
    beams = status == 4
    if hard.any():
        return np.flatnonzero(hard | beams), True
    final = np.flatnonzero(status == 1)
    hardest = final[np.argsort(-columns["pt"][final], kind="stable")][:8]
    return np.concatenate([np.flatnonzero(beams)[:2], hardest]), False


def _table(columns: Columns, rows: npt.NDArray[np.int64]) -> str:
    mother = columns.get("genPartIdxMother")
    mass = columns.get("mass")
    body: list[list[Any]] = []
    for row in rows.tolist():
        along = abs(columns["eta"][row]) > ALONG
        pt = float(columns["pt"][row])
        line: list[Any] = [
            particle(int(columns["pdgId"][row])),
            str(int(columns["status"][row])).replace("-", "−"),
            "" if along else round(pt, 3),
            "along the beam" if along else round(float(columns["eta"][row]), 3),
            "" if along else round(float(columns["phi"][row]), 3),
        ]
        if mass is not None:
            line.append(round(float(mass[row]), 3))
        if mother is not None:
            parent = int(mother[row])
            line.append(particle(int(columns["pdgId"][parent])) if parent >= 0 else "–")
        body.append(line)
    header = ["particle", "status", "pT [GeV]", "η", "φ [rad]"]
    header += ["mass [GeV]"] if mass is not None else []
    header += ["mother"] if mother is not None else []
    return table(header, body)

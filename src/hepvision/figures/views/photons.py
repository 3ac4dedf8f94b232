"""Photons with the shape of their showers and their isolation, as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from hepvision.figures._event import Event
from hepvision.figures._view import Panel
from hepvision.figures.tables import table

__all__ = ["Photons"]

COLUMNS = (
    ("pt", "pT [GeV]"),
    ("eta", "η"),
    ("phi", "φ [rad]"),
    ("r9", "R9"),
    ("sieie", "σiηiη"),
    ("hoe", "H/E"),
    ("trkSumPtHollowConeDR03", "track iso [GeV]"),
    ("ecalRecHitSumEtDR03", "ECAL iso [GeV]"),
    ("hcalTowerSumEtDR03", "HCAL iso [GeV]"),
)
SHAPES = {"r9", "sieie", "hoe", "trkSumPtHollowConeDR03"}
FLAVOURS = {1: "prompt photon", 11: "electron", 0: "no photon"}


@dataclass(frozen=True)
class Photons:
    """Shower shapes, isolation and, where it is known, the truth.

    Parameters
    ----------
    most : int
        Rows of the table, the hardest first.

    Examples
    --------
    >>> photon = {key: np.ones(1) for key in ("pt", "eta", "phi", "r9")}
    >>> [panel.name for panel in Photons()(Event({}, {"Photon": photon}))]
    ['photons']
    """

    most: int = 10

    reads: ClassVar[tuple[str, ...]] = ("Photon",)
    place: ClassVar[int] = 85

    def __call__(self, event: Event) -> Iterator[Panel]:
        """The table, if shapes are known."""
        photons = event.columns("Photon", "pt", "eta", "phi")
        if not SHAPES & set(photons):
            return
        order = np.argsort(-photons["pt"], kind="stable")
        known = [(key, name) for key, name in COLUMNS if key in photons]
        rows: list[list[Any]] = [
            [f"{number}", *(round(float(photons[key][row]), 5) for key, _ in known)]
            for number, row in enumerate(order[: self.most].tolist(), 1)
        ]
        header = ["photon", *(name for _, name in known)]
        # data has no truth, and says so by 0 in every row
        if "genPartFlav" in photons and event.count("GenPart"):
            header.append("truth")
            for row, which in zip(rows, order.tolist(), strict=False):
                flavour = int(photons["genPartFlav"][which])
                row.append(FLAVOURS.get(flavour, str(flavour)))
        text = "Shapes of the showers and sums around them in a cone of 0.3."
        if order.size > self.most:
            text += f" The hardest {self.most} of {order.size}."
        yield Panel("photons", "Photons", text, table=table(header, rows), wide=True)

"""HepMC 2 and 3: generated events with their whole record."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError
from hepvision.events.schema import from_columns
from hepvision.readers._account import Account
from hepvision.readers._hepmc_blocks import STARTS, Block, blocks
from hepvision.readers._hepmc_events import LENGTH, MOMENTUM, Event, event_of
from hepvision.readers._listing import Listing
from hepvision.readers._momenta import finite, transverse
from hepvision.readers._packed import beginning
from hepvision.readers._reader import Made, Reader

__all__ = ["Hepmc"]

#: Share of its energy by which a particle's mass may miss its four-momentum.
CLOSE = 1e-3


@dataclass(frozen=True)
class Hepmc(Reader):
    """Generated events in HepMC's text formats, 2 (IO_GenEvent) and 3 (Asciiv3).

    Every particle of the record becomes a ``GenPart``, in the file's order, with its first mother
    and its production point; a vertex without a position is where its first mother was made. A
    momentum along the beam has no pseudorapidity: it is given ±20 and the transverse momentum that
    leaves its pz as it was. The generator's own mass is kept where it agrees with energy and
    momentum to one in a thousand of the energy, and is taken from these where it does not, which
    is counted under ``repaired``; space-like particles have a negative one.

    Energies are taken to GeV and lengths to mm from the units that each event states. Files of
    HepMC 2 before 2.04 state none, and their writers' units differ, so these are refused unless
    ``units`` says them. ``process`` is the generator's number of the process,
    ``events.attrs["hepvision"]["cross_section"]`` the last one read (the estimate gets better
    event by event), in pb.

    The text may be packed with gzip. It is read event by event, and must end as a listing does.

    Parameters
    ----------
    weight : int
        Which of an event's weights is its weight, from 0, the nominal one. Without any it is 1.
    units : text
        Units of a file that states none.

    References
    ----------
    A. Buckley et al., The HepMC3 event record library for Monte Carlo event generators,
    Comput. Phys. Commun. 260 (2021) 107310, arXiv:1912.08005.

    M. Dobbs, J. B. Hansen, The HepMC C++ Monte Carlo event record for high energy physics,
    Comput. Phys. Commun. 134 (2001) 41.

    Examples
    --------
    >>> import tempfile
    >>> text = [
    ...     "HepMC::Asciiv3-START_EVENT_LISTING",
    ...     "E 7 0 1",
    ...     "U MEV MM",
    ...     "P 1 0 22 3000 4000 0 5000 0 1",
    ...     "HepMC::Asciiv3-END_EVENT_LISTING",
    ... ]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "one.hepmc")
    ...     _ = file.write_text("\\n".join(text) + "\\n")
    ...     events = Hepmc().read(file)
    >>> events.GenPart.pt.tolist(), events.event.tolist()
    ([[5.0]], [7])
    """

    weight: int = 0
    units: Literal["stated", "GEV MM", "GEV CM", "MEV MM", "MEV CM"] = "stated"

    suffixes: ClassVar[tuple[str, ...]] = (".hepmc", ".hepmc2", ".hepmc3", ".dat", ".txt", ".gz")
    collections: ClassVar[tuple[str, ...]] = ("GenPart",)
    checked: ClassVar[str] = "real sample"
    simulated: ClassVar[bool | None] = True
    by_suffix: ClassVar[bool] = False
    sequential: ClassVar[bool] = True
    size: ClassVar[int] = 100
    whole: ClassVar[str] = "a HepMC listing of events"

    def __post_init__(self) -> None:
        if self.weight < 0:
            raise ValueError(f"hepmc: weight must be 0 or more, got {self.weight}.")

    def _knows(self, path: Path) -> bool:
        name = path.name.lower().removesuffix(".gz")
        if name.endswith((".hepmc", ".hepmc2", ".hepmc3")):
            return True
        start = beginning(path)
        return any(mark in start for mark in STARTS)

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[Listing[Block]]:
        yield Listing(partial(blocks, path), partial(self._made, path))

    def _made(self, path: Path, found: Iterable[Block], account: Account) -> Made:
        rows: list[tuple[int, float, int]] = []
        parts: list[dict[str, NDArray[Any]]] = []
        cross: tuple[float, float] | None = None
        names: tuple[str, ...] = ()
        for block in found:
            where = f"{path}, event {block.number}"
            event = event_of(block, where)
            number = event.number if event.number >= 0 else block.number
            rows.append((number, self._weight(event, where), event.process))
            parts.append(_columns(event, self._scales(event, where), account))
            cross, names = event.cross_section or cross, event.names
        counts = [len(part["pt"]) for part in parts]
        first = parts[0] if parts else _nothing()
        columns = {key: np.concatenate([part[key] for part in parts or [first]]) for key in first}
        generated = from_columns(np.cumsum([0, *counts]), columns, "GenPart")
        numbers, weights, processes = zip(*rows, strict=True) if rows else ((),) * 3
        scalars = {"weight": weights, "event": numbers}
        attrs: dict[str, Any] = {"weights": list(names)} if names else {}
        if cross is not None and finite(cross).all():
            attrs["cross_section"] = {"value": cross[0], "error": cross[1], "unit": "pb"}
        return Made(scalars | {"process": processes}, {"GenPart": generated}, attrs)

    def _weight(self, event: Event, where: str) -> float:
        if not event.weights and self.weight == 0:
            return 1.0
        if self.weight >= len(event.weights):
            raise SchemaError(
                f"{where}: must have a weight {self.weight}, got {len(event.weights)} weights. "
                "Give another one."
            )
        return event.weights[self.weight]

    def _scales(self, event: Event, where: str) -> tuple[float, float]:
        """Factors to GeV and mm."""
        stated = event.units
        if stated is None:
            if self.units == "stated":
                raise SchemaError(
                    f"{where}: must state its units, got none. Give them as 'units', such as "
                    "'MEV MM'."
                )
            momentum, length = self.units.split()
            stated = (momentum, length)
        return MOMENTUM[stated[0]], LENGTH[stated[1]]


def _columns(
    event: Event, scales: tuple[float, float], account: Account
) -> dict[str, NDArray[Any]]:
    """Fields of the particles of an event."""
    px, py, pz, energy, mass = (
        event.columns[key] * scales[0] for key in ("px", "py", "pz", "e", "m")
    )
    squared = px**2 + py**2 + pz**2
    implied = np.sqrt(np.maximum(np.copysign(mass**2, mass) + squared, 0))
    off = np.abs(implied - energy) > CLOSE * np.abs(energy)
    account.repaired["GenPart.mass"] += int(off.sum())
    invariant = energy**2 - squared
    mass = np.where(off, np.copysign(np.sqrt(np.abs(invariant)), invariant), mass)
    vx, vy, vz = event.place.T * scales[1]
    return {
        **transverse(px, py, pz),
        "mass": mass,
        "pdgId": event.columns["pdg"],
        "status": event.columns["status"],
        "genPartIdxMother": event.mother,
        "vx": vx,
        "vy": vy,
        "vz": vz,
    }


def _nothing() -> dict[str, NDArray[Any]]:
    names = ("pt", "eta", "phi", "mass", "vx", "vy", "vz")
    whole = ("pdgId", "status", "genPartIdxMother")
    return {name: np.zeros(0) for name in names} | {name: np.zeros(0, "i4") for name in whole}

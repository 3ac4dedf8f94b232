"""A format of a few lines and its reader, as a user would bring it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import dedent

__all__ = ["toy_file", "toy_reader"]

SOURCE = '''
"""Lines of numbers: an event a line, its number and the pt of its photons."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np

from hepvision.core.errors import CorruptFileError
from hepvision.events.schema import build, from_columns


@dataclass(frozen=True)
class MyLines:
    """Lines of numbers.

    Parameters
    ----------
    unit : {"GeV", "MeV"}
        Of the pt.
    """

    unit: Literal["GeV", "MeV"] = "GeV"
    suffixes: ClassVar[tuple[str, ...]] = (".lines",)
    collections: ClassVar[tuple[str, ...]] = ("Photon",)
    checked: ClassVar[str] = "published layout"

    def recognises(self, path: str | Path) -> bool:
        path = Path(path)
        return path.suffix == ".lines" and path.is_file()

    def count(self, path: str | Path) -> int:
        return len(self._lines(path))

    def _lines(self, path: str | Path) -> list[str]:
        head, *lines = Path(path).read_text().splitlines() or [""]
        if not head.startswith("# lines"):
            raise CorruptFileError(f"{path}: must begin with # lines, got {head!r}. Mend it.")
        return lines

    def read(self, path: str | Path, rows: Any = None) -> Any:
        lines = self._lines(path)
        index = np.arange(len(lines))[slice(None) if rows is None else rows]
        try:
            numbers = [[float(word) for word in lines[one].split()] for one in index]
        except ValueError as error:
            raise CorruptFileError(f"{path}: must hold numbers, got {error}. Mend it.") from error
        counts = [len(one) - 1 for one in numbers]
        scale = 1.0 if self.unit == "GeV" else 1e-3
        pt = scale * np.array([pt for one in numbers for pt in one[1:]])
        zero = np.zeros(len(pt))
        columns = {"pt": pt, "eta": zero, "phi": zero, "mass": zero}
        head = Path(path).read_text().splitlines()[0]
        if "r9" in head:
            columns["r9"] = zero
        one = np.ones(len(index))
        number = np.array([one[0] for one in numbers])
        scalars = {"event_id": number, "sample": "lines", "weight": one, "run": one}
        scalars |= {"luminosityBlock": one, "event": number, "pileup": one}
        photons = from_columns(np.cumsum([0, *counts]), columns, "Photon")
        attrs = {"reader": "my_lines", "file": Path(path).name, "head": head}
        attrs |= {"repaired": {"Photon.pt": len(index)}, "lacks": [Path(path).stem]}
        attrs["labels"] = {"0": "others" if "others" in head else "lines"}
        return build(scalars, {"Photon": photons}, attrs)

    def stream(self, path: str | Path, size: int = 3) -> Iterator[Any]:
        for start in range(0, self.count(path), size):
            yield self.read(path, slice(start, start + size))


class MyPipe(MyLines):
    """The same, as a format that is read from its start only."""

    sequential: ClassVar[bool] = True
'''


def toy_reader(folder: Path, symbol: str = "MyLines") -> str:
    """Write the reader; what ``--component`` takes.

    Parameters
    ----------
    folder : path
        Where to.
    symbol : str
        ``MyLines``, or ``MyPipe``, which is not read from the middle.
    """
    file = folder / "my_lines.py"
    file.write_text(dedent(SOURCE).lstrip())
    return f"{file}:{symbol}"


def toy_file(path: Path, events: Sequence[Sequence[float]], head: str = "# lines") -> Path:
    """Write a file of that format.

    Parameters
    ----------
    path : path
        The file.
    events : sequence of sequence of float
        Number and pt of each event.
    head : str
        First line.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([head, *(" ".join(map(str, one)) for one in events)]) + "\n")
    return path

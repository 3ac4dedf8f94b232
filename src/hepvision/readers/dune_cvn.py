"""DUNE CVN: pictures of neutrino interactions in liquid argon, three views each."""

from __future__ import annotations

import contextlib
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.events.schema import from_columns
from hepvision.readers._account import Account
from hepvision.readers._momenta import finite
from hepvision.readers._reader import Made, Reader, Single
from hepvision.readers._reading import reading

__all__ = ["DuneCvn"]

#: Lines of the ``.info``, in their order; newer files have the last one.
LINES = (
    *("interaction", "energy", "lepton", "nue", "numu", "nutau", "weight", "pdg"),
    *("proton", "pion", "pizero", "neutron", "topology", "alternative", "hits", "angle"),
)
WHOLE = ("interaction", "pdg", "proton", "pion", "pizero", "neutron")
NEUTRINOS = (12, 14, 16)
KINDS = ("QE", "resonance", "DIS", "other")
INTERACTIONS = {
    **{
        str(4 * k + n): f"{who} CC {what}"
        for k, who in enumerate(("numu", "nue", "nutau"))
        for n, what in enumerate(KINDS)
    },
    "12": "neutrino-electron elastic",
    "13": "NC",
    "14": "cosmic",
    "15": "other",
}
LABELS = {"0": "numu CC", "1": "nue CC", "2": "nutau CC", "3": "NC"}
LABELS |= {"4": "neutrino-electron elastic", "5": "cosmic", "6": "other"}
LARGEST = 2**26  # pixels of a picture that options may ask for


@dataclass(frozen=True)
class DuneCvn(Reader):
    """Pictures of neutrino interactions as DUNE's convolutional visual network reads them.

    A file is one event: a zlib stream (no gzip, though it is called ``.gz``) of bytes, views by
    wires by ticks of time, and beside it an ``.info`` of the same name with the truth, a number a
    line. ``Pixel.index`` counts through (view, wire, tick); only pixels that are not 0 are kept.
    The views are U, V and the collection plane Z. The energies are in GeV.

    ``label`` is the flavour, in the order of the network: νμ CC 0, νe CC 1, ντ CC 2, NC 3; the
    names are in ``events.attrs["hepvision"]["labels"]``, those of ``Primary.interaction`` in
    ``interactions``. ``weight`` is the published weight, the probability of the oscillation.
    ``Primary.pdgId`` is 0 where the file names no neutrino, as all NC events do (they say 1).
    The energies that reconstruction gives are not read: the published files have none.

    Without the ``.info`` there is no truth, which is counted under ``missing``.

    Parameters
    ----------
    views, wires, ticks : int
        Shape of the picture, which the file does not say; 3, 500 and 500 are published.

    References
    ----------
    DUNE Collaboration, Neutrino interaction classification with a convolutional neural network in
    the DUNE far detector, Phys. Rev. D 102 (2020) 092003, arXiv:2006.15052.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "event0.gz")
    ...     _ = file.write_bytes(zlib.compress(bytes([0, 0, 7, 0])))
    ...     events = DuneCvn(views=1, wires=2, ticks=2).read(file)
    >>> events.Pixel.tolist()
    [[{'index': 2, 'value': 7.0}]]
    """

    views: int = 3
    wires: int = 500
    ticks: int = 500

    suffixes: ClassVar[tuple[str, ...]] = (".gz",)
    collections: ClassVar[tuple[str, ...]] = ("Pixel", "Primary")
    checked: ClassVar[str] = "real sample"
    simulated: ClassVar[bool | None] = True
    size: ClassVar[int] = 100
    whole: ClassVar[str] = "a whole zlib stream"

    def __post_init__(self) -> None:
        shape = (self.views, self.wires, self.ticks)
        if min(shape) < 1 or int(np.prod(shape, dtype=object)) > LARGEST:
            raise ValueError(
                f"dune_cvn: a picture must have 1 to {LARGEST} pixels, got the shape {shape}."
            )

    def _knows(self, path: Path) -> bool:
        return _begin(path) > 2

    @contextlib.contextmanager
    def _open(self, path: Path) -> Iterator[Single]:
        _begin(path)
        yield Single(partial(self._made, path))

    def companions(self, path: str | Path) -> tuple[Path, ...]:
        """Files that are read along.

        Parameters
        ----------
        path : path
            The picture.

        Returns
        -------
        tuple of Path
            The truth, if it is there.
        """
        truth = Path(path).with_suffix(".info")
        return (truth,) if truth.exists() else ()

    def _made(self, path: Path, account: Account) -> Made:
        shape = (self.views, self.wires, self.ticks)
        picture = np.frombuffer(_picture(path, int(np.prod(shape))), np.uint8)
        index = np.flatnonzero(picture)
        pixels = {"index": index, "value": picture[index]}
        collections = {"Pixel": from_columns([0, len(index)], pixels, "Pixel")}
        truth = path.with_suffix(".info")
        number = re.search(r"(\d{1,18})$", path.stem)
        event = np.array([int(number.group(1)) if number else 0], np.uint64)
        scalars = {"event_id": event, "event": event}
        if truth.exists():
            told = _truth(truth)
            scalars |= {"weight": np.array([told["weight"]]), "label": np.array([_label(told)])}
            collections["Primary"] = from_columns([0, 1], _primary(told), "Primary")
        else:
            account.missing["info"] += 1
        channels = (
            [f"view {name}" for name in "UVZ"]
            if self.views == 3
            else [f"view {k}" for k in range(self.views)]
        )
        attrs = {
            "image": {"shape": list(shape), "channels": channels, "unit": "charge, 0 to 255"},
            "labels": LABELS,
            "interactions": INTERACTIONS,
        }
        return Made(scalars, collections, attrs)


def _begin(path: Path) -> int:
    """Unpack a little; how many bytes were there for it."""
    with path.open("rb") as file:
        start = file.read(256)
    zlib.decompressobj().decompress(start, 64)
    return len(start)


def _picture(path: Path, pixels: int) -> bytes:
    """Unpack exactly so many bytes, and no bomb."""
    largest = pixels + pixels // 100 + 4096  # what does not pack at all
    with path.open("rb") as packed:
        content = packed.read(largest + 1)
    unpacker = zlib.decompressobj()
    made = unpacker.decompress(content, pixels + 1)
    if len(made) > pixels or len(content) > largest:
        raise SchemaError(
            f"{path}: must hold {pixels} pixels, got more. Give its views, wires and ticks."
        )
    # the checksum comes after the last byte
    made += unpacker.decompress(unpacker.unconsumed_tail, 1)
    if not unpacker.eof:
        raise CorruptFileError(
            f"{path}: must be a whole zlib stream, got {len(made)} bytes and no end. "
            "Fetch the file again."
        )
    if len(made) != pixels:
        raise SchemaError(
            f"{path}: must hold {pixels} pixels, got {len(made)}. Give its views, wires and ticks."
        )
    if unpacker.unused_data:
        raise CorruptFileError(
            f"{path}: must end with the stream, got {len(unpacker.unused_data)} bytes more. "
            "Fetch the file again."
        )
    return made


def _truth(path: Path) -> dict[str, float]:
    with reading(path, "the truth of an event, a number a line") as file:
        with file.open("rb") as opened:
            content = opened.read(4097)
        lines = content.decode("ascii").split("\n")
        if len(content) > 4096 or lines[-1] or not 15 <= len(lines) - 1 <= 16:
            raise SchemaError(
                f"{path}: must have 15 or 16 lines, got {len(lines) - (not lines[-1])}"
                f"{' and no line break at the end' if lines[-1] else ''}. Fetch the file again."
            )
        told = {name: float(line) for name, line in zip(LINES, lines[:-1], strict=False)}
        if not finite(list(told.values())).all():
            raise CorruptFileError(f"{path}: must hold finite numbers, got others. Fetch it again.")
        told |= {name: int(lines[LINES.index(name)]) for name in WHOLE}
    if not 0 <= told["interaction"] < len(INTERACTIONS):
        raise SchemaError(
            f"{path}, line 1: must be an interaction from 0 to {len(INTERACTIONS) - 1}, got "
            f"{told['interaction']:g}. Is it the truth of another format?"
        )
    if any(not 0 <= told[name] < 2**15 for name in WHOLE[2:]) or told["energy"] < 0:
        raise SchemaError(f"{path}: must hold counts and energies, got others. Fetch it again.")
    return told


def _label(told: dict[str, float]) -> int:
    kind = int(told["interaction"])
    return kind // 4 if kind < 12 else {12: 4, 13: 3, 14: 5, 15: 6}[kind]


def _primary(told: dict[str, float]) -> dict[str, NDArray[Any]]:
    neutrino = abs(told["pdg"]) in NEUTRINOS
    columns = {
        "pdgId": told["pdg"] if neutrino else 0,
        "energy": told["energy"],
        "interaction": told["interaction"],
        "leptonEnergy": told["lepton"],
        "nProton": told["proton"],
        "nNeutron": told["neutron"],
        "nPion": told["pion"],
        "nPizero": told["pizero"],
    }
    return {name: np.array([value]) for name, value in columns.items()}

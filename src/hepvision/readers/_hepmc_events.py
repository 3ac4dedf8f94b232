"""Particles and vertices of HepMC events, from the lines of their text.

The text is read here and not by HepMC's own library: that one takes many damaged files for valid
ones, writes to the terminal, and ends the process on others (pyhepmc 2.16 did on 5 of some 660 with
one to four damaged places). The tests hold every event against it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv

from hepvision.core.errors import CorruptFileError
from hepvision.readers._hepmc_blocks import Block
from hepvision.readers._momenta import finite
from hepvision.readers._reading import said

__all__ = ["Event", "MOMENTUM", "LENGTH", "event_of"]

Vector = NDArray[np.float64]
MOMENTUM = {"GEV": 1.0, "MEV": 1e-3}
LENGTH = {"MM": 1.0, "CM": 10.0}
#: Columns of a particle's line: number, place in the graph, PDG id, momentum, mass, status.
COLUMNS3 = ("id", "parent", "pdg", "px", "py", "pz", "e", "m", "status")
COLUMNS2 = ("id", "pdg", "px", "py", "pz", "e", "m", "status", "theta", "phi", "end")
REAL = {"px", "py", "pz", "e", "m", "theta", "phi"}
VERTEX3 = re.compile(rb"V (-\d{1,9}) (-?\d+) \[([\d,]*)\](?: @ (\S+) (\S+) (\S+) (\S+))?")
EVENT3 = re.compile(rb"E (-?\d{1,18}) (\d{1,9}) (\d{1,9})(?: @ (\S+) (\S+) (\S+) (\S+))?")
CROSS3 = re.compile(rb"A 0 GenCrossSection (\S+) (\S+)(?: .*)?")
PROCESS3 = re.compile(rb"A 0 signal_process_id (-?\d{1,9})")


class Event(NamedTuple):
    """One event; momenta and lengths in the file's units until ``units`` scales them."""

    number: int
    process: int
    weights: list[float]
    names: tuple[str, ...]
    units: tuple[str, str] | None
    cross_section: tuple[float, float] | None  # pb
    columns: dict[str, NDArray[Any]]  # a row a particle
    mother: NDArray[np.int64]
    place: Vector  # (N, 3), production points


class Graph(NamedTuple):
    """Vertices: their place in the list, first incoming particle, position or NaN."""

    first: NDArray[np.int64]
    position: Vector


class _Broken(ValueError):
    """What an event must hold, and what it does."""


def event_of(block: Block, where: str) -> Event:
    """Read the lines of an event.

    Parameters
    ----------
    block : Block
        The event.
    where : str
        File and event, for messages.

    Returns
    -------
    Event
        Particles in the file's order.

    Raises
    ------
    CorruptFileError
        A line cannot be, or the counts disagree.

    Examples
    --------
    >>> lines = [b"E 7 0 1", b"U MEV CM", b"P 1 0 22 0 0 5 5 0 1"]
    >>> event = event_of(Block(0, 3, (), lines), "a.hepmc, event 0")
    >>> event.number, event.units, event.columns["pdg"].tolist(), event.mother.tolist()
    (7, ('MEV', 'CM'), [22], [-1])
    """
    try:
        event = _event3(block) if block.version == 3 else _event2(block)
        if abs(event.process) >= 2**31 or not finite(event.weights).all():
            raise _Broken("finite weights and a process, got others")
    except _Broken as error:
        raise CorruptFileError(f"{where}: must hold {error}. Fetch the file again.") from error
    except Exception as error:
        raise CorruptFileError(
            f"{where}: must hold numbers in their places, got {said(error)}. Fetch the file again."
        ) from error
    return event


def _stray(line: bytes) -> _Broken:
    return _Broken(f"lines of HepMC, got {line[:60].decode('ascii', 'replace')!r}")


def _match(pattern: re.Pattern[bytes], line: bytes) -> re.Match[bytes]:
    found = pattern.fullmatch(line)
    if found is None:
        raise _stray(line)
    return found


def _vector(words: Sequence[bytes]) -> tuple[float, ...]:
    return tuple(float(word) for word in words)


def _units(line: bytes) -> tuple[str, str]:
    words = line.decode("ascii").split()
    if len(words) != 3 or words[1] not in MOMENTUM or words[2] not in LENGTH:
        raise _Broken(f"units of GEV or MEV and MM or CM, got {' '.join(words[1:])[:40]!r}")
    return words[1], words[2]


def _table(lines: list[bytes], names: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Rows of numbers, one particle each."""
    if not lines:
        return {name: np.zeros(0, "f8" if name in REAL else "i4") for name in names}
    text = b"\n".join(lines) + b"\n"
    if b"  " in text:
        text = b"\n".join(b" ".join(line.split()) for line in lines) + b"\n"
    table = csv.read_csv(
        pa.BufferReader(text),
        csv.ReadOptions(use_threads=False, column_names=["", *names]),
        csv.ParseOptions(delimiter=" ", quote_char=False),
        csv.ConvertOptions(
            column_types={name: pa.float64() if name in REAL else pa.int32() for name in names},
            include_columns=list(names),
            null_values=[],
            strings_can_be_null=False,
        ),
    )
    columns = {name: np.asarray(table[name].to_numpy()) for name in names}
    if len(columns["id"]) != len(lines):
        raise _Broken(f"{len(lines)} particles, got {len(columns['id'])} rows")
    if not finite(*(columns[name] for name in ("px", "py", "pz", "e", "m"))).all():
        raise _Broken("finite momenta, got others")
    return columns


def _event3(block: Block) -> Event:
    particles: list[bytes] = []
    vertices: list[bytes] = []
    weights: list[float] = []
    units, cross, process = None, None, 0
    head = _match(EVENT3, block.lines[0])
    for line in block.lines[1:]:
        kind = line[:2]
        if kind == b"P ":
            particles.append(line)
        elif kind == b"V ":
            vertices.append(line)
        elif kind == b"W ":
            weights = list(_vector(line.split()[1:]))
        elif kind == b"U ":
            units = _units(line)
        elif kind == b"A ":
            if found := CROSS3.fullmatch(line):
                cross = float(found[1]), float(found[2])
            elif found := PROCESS3.fullmatch(line):
                process = int(found[1])
        else:
            raise _stray(line)
    number, declared = int(head[3]), int(head[2])
    columns = _table(particles, COLUMNS3)
    if not np.array_equal(columns["id"], np.arange(1, len(particles) + 1)):
        raise _Broken("particles numbered from 1, got others")
    parent = columns.pop("parent").astype(np.int64)
    # a decay where its mother was made is not written as a vertex
    counted = len(vertices) + len(np.unique(parent[parent > 0]))
    if len(particles) != number or counted != declared:
        raise _Broken(
            f"{number} particles and {declared} vertices, got {len(particles)} and {counted}"
        )
    graph, known = _vertices3(vertices, declared, number)
    if (
        (parent < -declared).any()
        or (parent > number).any()
        or not known[-parent[parent < 0]].all()
    ):
        raise _Broken("all that its particles come from, got one from nowhere")
    mother = np.where(parent > 0, parent - 1, graph.first[np.where(parent < 0, -parent, 0)])
    own = graph.position[np.where(parent < 0, -parent, 0)]
    start = _vector(head.groups()[3:6]) if head[4] else (0.0, 0.0, 0.0)
    place = _places(own, mother, start)
    return Event(
        int(head[1]), process, weights, block.weights, units, cross, columns, mother, place
    )


def _vertices3(
    lines: list[bytes], declared: int, particles: int
) -> tuple[Graph, NDArray[np.bool_]]:
    """Vertices by their number, counted down from −1; row 0 stands for none."""
    first = np.full(declared + 1, -1)
    position = np.full((declared + 1, 3), np.nan)
    known = np.zeros(declared + 1, bool)
    for line in lines:
        found = _match(VERTEX3, line)
        index = -int(found[1])
        if not 1 <= index <= declared or known[index]:
            raise _Broken(f"vertices numbered down to -{declared}, each once, got {-index}")
        known[index] = True
        incoming = [int(word) for word in found[3].split(b",") if word]
        if any(not 1 <= one <= particles for one in incoming):
            raise _Broken(f"the particles that enter vertex {-index}, got others")
        if incoming:
            first[index] = incoming[0] - 1
        if found[4]:
            position[index] = _vector(found.groups()[3:6])
            _vector(found.groups()[6:7])
    return Graph(first, position), known


def _event2(block: Block) -> Event:
    head = block.lines[0].split()
    particles: list[bytes] = []
    vertices: list[list[bytes]] = []
    made_by: list[int] = []  # vertex of each particle, −1 for none
    names, units, cross = block.weights, None, None
    orphans = outgoing = 0
    for line in block.lines[1:]:
        kind = line[:2]
        if kind == b"P ":
            # the flow of colour follows, as long as it likes
            particles.append(b" ".join(line.split(None, 12)[:12]))
            made_by.append(-1 if orphans else len(vertices) - 1)
            orphans, outgoing = (orphans - 1, outgoing) if orphans else (0, outgoing - 1)
            if outgoing < 0:
                raise _Broken("as many particles a vertex as it says, got more")
        elif kind == b"V ":
            if orphans or outgoing:
                raise _Broken("as many particles a vertex as it says, got fewer")
            vertices.append(line.split())
            orphans, outgoing = (int(word) for word in vertices[-1][7:9])
            if orphans < 0 or outgoing < 0:
                raise _Broken("a number of particles a vertex, got a negative one")
        elif kind == b"U ":
            units = _units(line)
        elif kind == b"C ":
            cross = float(line.split()[1]), float(line.split()[2])
        elif kind == b"N ":
            names = tuple(word.decode("utf-8", "replace") for word in line.split(b'"')[1::2])
        elif kind not in (b"H ", b"F "):
            raise _stray(line)
    if len(vertices) != int(head[8]) or orphans or outgoing:
        raise _Broken(f"{int(head[8])} whole vertices, got {len(vertices)}")
    columns = _table(particles, COLUMNS2)
    rest = head[12 + int(head[11]) :] if int(head[11]) >= 0 else []
    weights = list(_vector(rest[1:]))
    if not rest or len(weights) != int(rest[0]):
        raise _Broken(f"as many weights as it says, got {len(weights)}")
    codes = np.array([int(words[1]) for words in vertices], np.int64)
    place = np.array([_vector(words[3:6]) for words in vertices], np.float64).reshape(-1, 3)
    if len(np.unique(codes)) != len(codes) or len(np.unique(columns["id"])) != len(columns["id"]):
        raise _Broken("a code of its own for each particle and vertex, got repeats")
    first = _first_incoming(columns.pop("end").astype(np.int64), codes)
    graph = Graph(np.append(first, -1), np.append(place, np.full((1, 3), np.nan), axis=0))
    maker = np.array(made_by, np.int64)
    mother = graph.first[maker]
    own = _places(graph.position[maker], mother, (0.0, 0.0, 0.0))
    process = int(head[6])
    return Event(int(head[1]), process, weights, names, units, cross, columns, mother, own)


def _first_incoming(end: NDArray[np.int64], codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """First particle that ends in each vertex, −1 for none."""
    order = np.argsort(codes)
    ends = end != 0
    at = np.searchsorted(codes[order], end[ends])
    if (at >= len(codes)).any() or (codes[order][at] != end[ends]).any():
        raise _Broken("the vertices that its particles end in, got others")
    vertex = order[at]
    first = np.full(len(codes), -1)
    # the last one written is the first of the file
    first[vertex[::-1]] = np.flatnonzero(ends)[::-1]
    return first


def _places(own: Vector, mother: NDArray[np.int64], start: Sequence[float]) -> Vector:
    """Production points: that of the vertex, else of the mother, else of the event."""
    place, above = own.copy(), mother.copy()
    for _ in range(64):  # jumps double, so this is enough for any depth, and cycles end
        open_ = np.isnan(place).any(axis=1) & (above >= 0)
        if not open_.any():
            break
        rows = np.flatnonzero(open_)
        parents = above[rows]
        found, further = place[parents], above[parents]
        place[rows], above[rows] = found, further
    place[np.isnan(place).any(axis=1)] = start
    if not finite(*place.T).all():
        raise _Broken("finite positions, got others")
    return place

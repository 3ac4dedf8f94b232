"""The jet of each example and its constituents as flat columns.

What is odd is dealt with here, so that every representation of jets does the same with it:

- no jet, a jet of zero pT, or one without constituents: an example without constituents;
- one constituent: an example like any other;
- constituents of zero pT are left out: they have no direction;
- more constituents than asked for: the hardest are kept;
- numbers that are not finite: readers refuse or repair them, and so does ``schema.check``.
"""

from typing import Any, Literal, NamedTuple

import awkward as ak
import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError
from hepvision.events.schema import flat

__all__ = [
    "Constituents",
    "JetName",
    "Masses",
    "chosen_jets",
    "constituents",
    "fields_of_jets",
    "hardest",
    "lengths",
]

JetName = Literal["FatJet", "Jet"]
#: Where the masses of constituents come from.
Masses = Literal["published", "from_energy", "zero"]

Column = NDArray[np.float64]
#: No jet; −1 is that of a particle which belongs to none.
NONE = -2


class Constituents(NamedTuple):
    """Constituents of one jet an example.

    Parameters
    ----------
    offsets : array of int, shape (B+1,)
        Where each jet's constituents start.
    columns : dict of array, shape (N,), GeV, -, rad, GeV
        pt, eta, phi, energy in double precision, and what else was asked for.
    jets : dict of array, shape (B,), GeV, -, rad, GeV
        pt, eta, phi, energy of the jets; all 0 where there is none.
    """

    offsets: NDArray[np.int64]
    columns: dict[str, NDArray[Any]]
    jets: dict[str, Column]


@numba.njit(cache=True)
def _leading(offsets, pt):  # type: ignore[no-untyped-def]
    lead = np.full(offsets.size - 1, NONE, np.int64)
    for b in range(lead.size):
        best = 0.0
        for i in range(offsets[b], offsets[b + 1]):
            if pt[i] > best:
                best, lead[b] = pt[i], i - offsets[b]
    return lead


@numba.njit(cache=True)
def _chosen(offsets, jet_of, pt, lead, most):  # type: ignore[no-untyped-def]
    """Constituents of the leading jets, the hardest first; equal ones stay in order."""
    begin = np.zeros(offsets.size, np.int64)
    index = np.empty(offsets[offsets.size - 1], np.int64)
    count = 0
    for b in range(lead.size):
        first, sorted_already = count, True
        for i in range(offsets[b], offsets[b + 1]):
            if jet_of[i] == lead[b] and pt[i] > 0:
                if count > first and pt[i] > pt[index[count - 1]]:
                    sorted_already = False
                index[count] = i
                count += 1
        if not sorted_already:
            part = index[first:count].copy()
            order = np.argsort(-pt[part], kind="mergesort")
            index[first:count] = part[order]
        count = min(count, first + most)
        begin[b + 1] = count
    return begin, index[:count].copy()


def hardest(
    offsets: NDArray[np.int64], pt: NDArray[Any], most: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The objects of largest pT of each event, the hardest first; equal ones stay in order.

    Parameters
    ----------
    offsets : array of int, shape (B+1,)
        Where each event's objects start.
    pt : array, shape (N,), GeV
        Those of zero pT are left out.
    most : int
        Largest number of objects.

    Returns
    -------
    offsets, index : array of int, shape (B+1,), (n,)
        Where each event's start now, and which they are.

    Examples
    --------
    >>> [one.tolist() for one in hardest(np.array([0, 3]), np.array([1.0, 3.0, 2.0]), 2)]
    [[0, 2], [1, 2]]
    """
    one = np.zeros(len(pt), np.int16)
    made: tuple[NDArray[np.int64], NDArray[np.int64]] = _chosen(
        offsets, one, pt, np.zeros(len(offsets) - 1, np.int64), most
    )
    return made


def fields_of_jets(
    jet: JetName, masses: Masses = "zero", fields: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Schema fields that ``constituents`` reads.

    Parameters
    ----------
    jet : "FatJet" or "Jet"
        The jets.
    masses : "published", "from_energy" or "zero"
        Where the masses of constituents come from.
    fields : tuple of str
        More fields of ``Particle``.

    Returns
    -------
    tuple of str
        As ``Collection.field``, each once.

    Examples
    --------
    >>> fields_of_jets("Jet")[4:]
    ('Particle.pt', 'Particle.eta', 'Particle.phi', 'Particle.jetIdx')
    """
    more = {"published": ("mass",), "from_energy": ("energy",), "zero": ()}[masses]
    names = dict.fromkeys(("pt", "eta", "phi", *more, "jetIdx", *fields))
    jets = tuple(f"{jet}.{key}" for key in ("pt", "eta", "phi", "mass"))
    return (*jets, *(f"Particle.{key}" for key in names))


def chosen_jets(examples: ak.Array, jet: JetName) -> tuple[NDArray[np.int64], dict[str, Column]]:
    """Which jet of each example is meant: that of largest pT, or the one that is the example.

    Parameters
    ----------
    examples : ak.Array
        B events, or as many jets of them.
    jet : "FatJet" or "Jet"
        The jets that ``Particle.jetIdx`` counts.

    Returns
    -------
    index : array of int, shape (B,)
        What ``Particle.jetIdx`` is of its constituents; −2 where there is no jet with a pT.
    jets : dict of array, shape (B,), GeV, -, rad, GeV
        pt, eta, phi, energy; all 0 where there is none.

    Raises
    ------
    SchemaError
        The examples are neither events nor such jets.
    """
    offsets, columns = flat(examples[jet][["pt", "eta", "phi", "mass"]])
    if "object" in examples.fields:
        lead = ak.to_numpy(examples["object_index"]).astype(np.int64)
        there = lead < np.diff(offsets)
        place = np.where(there, offsets[:-1] + lead, 0)
        fields = examples["object"].fields
        same = {"pt", "eta", "phi"} <= set(fields) and there.all()
        for key in ("pt", "eta", "phi") if same else ():
            same &= bool((columns[key][place] == ak.to_numpy(examples["object"][key])).all())
        if not same:
            raise SchemaError(
                f"representation: reads {jet} and its constituents, got examples of other "
                f"objects. Use per: event or per: {jet}."
            )
        lead = np.where(columns["pt"][place] > 0, lead, NONE) if len(lead) else lead
    else:
        lead = _leading(offsets, columns["pt"])
    there = lead >= 0
    jets = {key: np.zeros(len(lead)) for key in columns}
    for key, values in columns.items():
        jets[key][there] = values[(offsets[:-1] + lead)[there]]
    jets["energy"] = np.hypot(jets["pt"] * np.cosh(jets["eta"]), jets.pop("mass"))
    return lead, jets


def constituents(
    examples: ak.Array,
    jet: JetName = "FatJet",
    *,
    masses: Masses = "zero",
    fields: tuple[str, ...] = (),
    most: int | None = None,
) -> Constituents:
    """Constituents of the leading jet of each event, or of the jet that is the example.

    Parameters
    ----------
    examples : ak.Array
        B events, or as many jets of them.
    jet : "FatJet" or "Jet"
        The jets that ``Particle.jetIdx`` counts.
    masses : "published", "from_energy" or "zero"
        Where the masses of constituents come from.
    fields : tuple of str
        More fields of ``Particle``.
    most : int, optional
        Largest number of constituents; all if not given.

    Returns
    -------
    Constituents
        Ordered by pT, the hardest first.

    Raises
    ------
    SchemaError
        The examples are neither events nor such jets.
    """
    lead, jets = chosen_jets(examples, jet)
    names = [name.partition(".")[2] for name in fields_of_jets(jet, masses, fields)[4:]]
    offsets, found = flat(examples["Particle"][names])
    limit = int(offsets[-1]) if most is None else most
    begin, index = _chosen(offsets, found["jetIdx"], found["pt"], lead, limit)
    columns = {key: values[index] for key, values in found.items() if key != "jetIdx"}
    for key in ("pt", "eta", "phi"):
        columns[key] = columns[key].astype(np.float64)
    momentum = columns["pt"] * np.cosh(columns["eta"])
    if masses == "published":
        momentum = np.hypot(momentum, columns["mass"].astype(np.float64))
    elif masses == "from_energy":
        # an energy below the momentum is rounding: readers refuse more than that
        momentum = np.maximum(momentum, columns["energy"].astype(np.float64))
    columns["energy"] = momentum
    return Constituents(begin, columns, jets)


def lengths(offsets: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number of objects of each example, and the example of each object.

    Parameters
    ----------
    offsets : array of int, shape (B+1,)
        Where each example's objects start.

    Returns
    -------
    counts : array of int, shape (B,)
        Objects of each example.
    owner : array of int, shape (N,)
        Example of each object.

    Examples
    --------
    >>> lengths(np.array([0, 2, 2, 3]))[1].tolist()
    [0, 0, 2]
    """
    counts = np.diff(offsets)
    return counts, np.repeat(np.arange(len(counts)), counts)

"""Event records: Pythia's into flat arrays, its ancestry, its final state and its truth."""

from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from hepvision.physics.flavour import heavy_flavour

__all__ = ["Record", "charge", "final_state", "pythia_record", "truth"]

Columns = dict[str, npt.NDArray[Any]]
TRUTH_PT_MIN = 5.0  # GeV


class Record(NamedTuple):
    """Everything that a generator knows, event after event.

    ``mother`` counts from the first row of its event; 0 and below: none.
    """

    offsets: npt.NDArray[np.int64]
    pdg_id: npt.NDArray[np.int32]
    status: npt.NDArray[np.int32]
    mother: npt.NDArray[np.int32]
    momentum: tuple[npt.NDArray[np.float64], ...]  # px, py, pz, energy, GeV
    mass: npt.NDArray[np.float64]  # GeV
    vertex: tuple[npt.NDArray[np.float64], ...]  # x, y, z, c·t, mm


def pythia_record(batch: Any) -> Record:
    """Take flat arrays out of what ``nextBatch`` returns.

    Parameters
    ----------
    batch : ak.Array
        From ``pythia.nextBatch(n)``.

    Returns
    -------
    Record
        All rows of all events; shares memory where it can.
    """
    prt = batch.layout.content("prt").to_ListOffsetArray64(True)
    rows = prt.content[: prt.offsets[-1]]
    momentum = rows.content("p")
    where = rows.content("vProd").to_IndexedOptionArray64()
    index = where.index.data
    produced = index >= 0
    vertex = []
    for axis in ("px", "py", "pz", "e"):
        column = np.zeros(len(rows))
        column[produced] = where.content.content(axis).data[index[produced]]
        vertex.append(column)
    return Record(
        np.asarray(prt.offsets.data, dtype=np.int64),
        rows.content("id").data,
        rows.content("status").data,
        rows.content("mother1").data,
        tuple(np.asarray(momentum.content(axis).data) for axis in ("px", "py", "pz", "e")),
        rows.content("m").data,
        tuple(vertex),
    )


def charge(pdg_id: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
    """Electric charge from the digits of the particle number.

    Parameters
    ----------
    pdg_id : array of int, shape (N,)
        Numbers of leptons, bosons, quarks, hadrons and nuclei.

    Returns
    -------
    array of float32, shape (N,), e
        Charges.

    References
    ----------
    Particle Data Group, "Monte Carlo particle numbering scheme".

    Examples
    --------
    >>> charge(np.array([11, -13, 22, 211, -321, 2212, 2112, 3312, 411, -521])).tolist()
    [-1.0, 1.0, 0.0, 1.0, -1.0, 1.0, 0.0, -1.0, 1.0, -1.0]
    """
    size = np.abs(np.asarray(pdg_id, dtype=np.int64))
    # thirds of e of quark 1..8: down types are odd
    quark = np.array([0, -1, 2, -1, 2, -1, 2, -1, 2, 0])
    q1, q2, q3 = ((size // 10**n) % 10 for n in (3, 2, 1))
    # of the two quarks of a meson the heavier one is the particle if it is up type
    meson = np.where(q2 % 2 == 0, quark[q2] - quark[q3], quark[q3] - quark[q2])
    thirds = np.where(q1 > 0, quark[q1] + quark[q2] + quark[q3], meson)
    single = np.zeros(100, dtype=np.int64)
    single[1:9] = quark[1:9]
    single[[11, 13, 15]] = -3
    single[[24, 34, 37]] = 3
    thirds = np.where(size < 100, single[np.minimum(size, 99)], thirds)
    thirds = np.where(size > 10**9, 3 * ((size // 10**4) % 1000), thirds)
    return (np.sign(pdg_id) * thirds / 3).astype(np.float32)


@numba.njit(cache=True)
def _parents(
    offsets: npt.NDArray[np.int64],
    pdg_id: npt.NDArray[np.int32],
    status: npt.NDArray[np.int32],
    mother: npt.NDArray[np.int32],
) -> npt.NDArray[np.int64]:
    """Row of the first ancestor of another kind; −1 at a string and at the beam."""
    parent = np.full(len(pdg_id), -1, np.int64)
    for event in range(len(offsets) - 1):
        first = offsets[event]
        for row in range(first, offsets[event + 1]):
            here = row
            while mother[here] > 0 and not 81 <= abs(status[here]) <= 89:
                above = first + mother[here]
                if 11 <= abs(status[above]) <= 19:
                    break
                if pdg_id[above] != pdg_id[here]:
                    parent[row] = above
                    break
                here = above
    return parent


@numba.njit(cache=True)
def _kept(
    pdg_id: npt.NDArray[np.int32],
    status: npt.NDArray[np.int32],
    parent: npt.NDArray[np.int64],
    pt: npt.NDArray[np.float64],
    pt_min: float,
) -> npt.NDArray[np.bool_]:
    """Hard process; final photons, electrons, muons above pt_min; what these come from."""
    kept = np.zeros(len(pdg_id), np.bool_)
    for row in range(len(pdg_id)):
        if 21 <= abs(status[row]) <= 29:
            kept[row] = True
        kind = abs(pdg_id[row])
        if status[row] > 0 and (kind == 22 or kind == 11 or kind == 13) and pt[row] > pt_min:
            above = row
            while above >= 0:
                kept[above] = True
                if above != row and (abs(pdg_id[above]) < 10 or pdg_id[above] == 21):
                    break
                above = parent[above]
    return kept


@numba.njit(cache=True)
def _heavy_hadrons(
    offsets: npt.NDArray[np.int64],
    pdg_id: npt.NDArray[np.int32],
    mother: npt.NDArray[np.int32],
    pt: npt.NDArray[np.float64],
    pt_min: float,
) -> npt.NDArray[np.bool_]:
    """Hadrons with a b or c quark that do not decay to another one with the same."""
    last = np.zeros(len(pdg_id), np.bool_)
    for event in range(len(offsets) - 1):
        first = offsets[event]
        for row in range(first, offsets[event + 1]):
            quark = heavy_flavour(pdg_id[row])
            if quark == 0:
                continue
            last[row] = pt[row] > pt_min
            above = first + mother[row]
            if mother[row] > 0 and heavy_flavour(pdg_id[above]) == quark:
                last[above] = False
    return last


@numba.njit(cache=True)
def _links(
    offsets: npt.NDArray[np.int64],
    status: npt.NDArray[np.int32],
    mother: npt.NDArray[np.int32],
    kept: npt.NDArray[np.bool_],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Offsets of the kept rows, their number within the event, and that of their mother."""
    out = np.zeros(len(offsets), np.int64)
    number = np.full(len(kept), -1, np.int32)
    linked = np.full(len(kept), -1, np.int32)
    for event in range(len(offsets) - 1):
        first, last = offsets[event], offsets[event + 1]
        count = 0
        for row in range(first, last):
            if kept[row]:
                number[row] = count
                count += 1
        out[event + 1] = out[event] + count
        for row in range(first, last):
            here = row
            while kept[row] and mother[here] > 0 and not 81 <= abs(status[here]) <= 89:
                here = first + mother[here]
                if kept[here]:
                    linked[row] = number[here]
                    break
    return out, number, linked


def final_state(record: Record) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows of the final state.

    Parameters
    ----------
    record : Record
        All rows.

    Returns
    -------
    offsets : array of int64, shape (B + 1,)
        Of the final state.
    rows : array of int64, shape (N,)
        Rows of the record.
    """
    final = record.status > 0
    before = np.concatenate([[0], np.cumsum(final)])
    return before[record.offsets], np.flatnonzero(final)


def truth(
    record: Record, final: npt.NDArray[np.int64], pt_min: float = TRUTH_PT_MIN
) -> tuple[npt.NDArray[np.int64], Columns, npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """``GenPart``: the hard process, hard photons and leptons, what these come from, heavy hadrons.

    Of hadrons with a b or c quark the last of their chain is kept, the one that decays weakly. A
    particle is prompt if no hadron and no tau stands among its ancestors here. A photon whose
    mother is a quark was radiated by it.

    Parameters
    ----------
    record : Record
        All rows.
    final : array of int64, shape (N,)
        Rows of the final state.
    pt_min : float, GeV
        Smallest pT of a kept final photon, electron or muon, and of a heavy hadron.

    Returns
    -------
    offsets : array of int64, shape (B + 1,)
        Of ``GenPart``.
    columns : dict of arrays, shape (M,)
        pt, eta, phi, mass, pdgId, status (1 final, 2 decayed, else Pythia's), genPartIdxMother,
        vx, vy, vz.
    index : array of int32, shape (N,)
        Row in ``GenPart`` of each final particle within its event; −1: not kept.
    mother : array of int32, shape (N,)
        Number of the hadron or lepton that each final particle comes from; 0: none.
    """
    px, py, pz, _ = record.momentum
    pt = np.hypot(px, py)
    parent = _parents(record.offsets, record.pdg_id, record.status, record.mother)
    kept = _kept(record.pdg_id, record.status, parent, pt, pt_min)
    kept |= _heavy_hadrons(record.offsets, record.pdg_id, record.mother, pt, pt_min)
    offsets, number, linked = _links(record.offsets, record.status, record.mother, kept)
    size = np.abs(record.pdg_id)
    decays = (size > 100) | np.isin(size, (11, 13, 15))
    hard = (np.abs(record.status) >= 21) & (np.abs(record.status) <= 29)
    status = np.where(decays & (~hard | (size == 111)), 2, np.abs(record.status))
    status = np.where(record.status > 0, 1, status)
    with np.errstate(divide="ignore"):
        eta = np.arcsinh(pz[kept] / pt[kept])
    columns = {
        "pt": pt[kept],
        # incoming partons run along the beam: a large finite value, as in NanoAOD
        "eta": np.clip(eta, -30000.0, 30000.0),
        "phi": np.arctan2(py[kept], px[kept]),
        "mass": record.mass[kept],
        "pdgId": record.pdg_id[kept],
        "status": status[kept].astype(np.int32),
        "genPartIdxMother": linked[kept],
        "vx": record.vertex[0][kept],
        "vy": record.vertex[1][kept],
        "vz": record.vertex[2][kept],
    }
    above = parent[final]
    kind = np.where(above >= 0, record.pdg_id[above], 0)
    hadron_or_lepton = (np.abs(kind) > 100) | np.isin(np.abs(kind), (11, 13, 15))
    return offsets, columns, number[final], np.where(hadron_or_lepton, kind, 0).astype(np.int32)

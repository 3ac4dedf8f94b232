"""From generated events to the jet that each is an example of, and its constituents."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import numpy.typing as npt

from hepvision.events.schema import from_columns
from hepvision.physics.jets import anti_kt
from hepvision.reconstruction.jets import RADIUS, hadron_flavours
from hepvision.simulation.generation import Generated
from hepvision.simulation.processes._jets import JetProcess

__all__ = ["generated_jets", "leading_jets"]

Array = npt.NDArray[Any]

#: Pseudorapidity up to which particles are seen.
_COVERAGE = 5.0
_NEUTRINOS = (12, 14, 16)


def leading_jets(made: Generated, process: JetProcess) -> dict[str, ak.Array]:
    r"""The hardest jet of each event and its constituents, where the process takes it.

    Particles are seen as generated, each with its own direction and energy, but only as what a
    detector tells apart: photons, electrons, muons, charged and neutral hadrons.

    Parameters
    ----------
    made : Generated
        Events.
    process : JetProcess
        Radius of the jets, their range, and what they must match.

    Returns
    -------
    dict of ak.Array
        ``FatJet`` or ``Jet``, one or none an event, and ``Particle``, by falling pT, with
        ``jetIdx`` 0; the jet is the sum of its particles.

    Raises
    ------
    MissingExtraError
        FastJet is not installed.

    References
    ----------
    M. Cacciari, G. P. Salam, G. Soyez, "The anti-kt jet clustering algorithm", arXiv:0802.1189.

    Examples
    --------
    >>> from hepvision.simulation.generation import generate
    >>> from hepvision.simulation.processes.particle_gun import ParticleGun
    >>> gun = generate(ParticleGun(pdg_id=22, low=600.0, high=610.0, eta_max=1.0, eta_min=-1.0), 2)
    >>> leading_jets(gun, JetProcess())["FatJet"].nConstituents.tolist()
    [[1], [1]]
    """
    rows, offsets = _seen(made)
    momenta = np.stack([made.particles[k][rows] for k in ("px", "py", "pz", "energy")], axis=1)
    jets = anti_kt(offsets, momenta, process.radius, process.jet_pt_min)
    there = np.diff(jets.offsets) > 0
    leading = np.where(there, jets.offsets[:-1], 0)
    vectors = np.zeros((len(made), 4))
    vectors[there] = jets.momenta[leading[there]]
    pt, eta, phi, mass = _polar(vectors)
    there &= (pt < process.jet_pt_max) & (np.abs(eta) < process.jet_eta_max)
    there &= process.matched(made.truth_offsets, made.truth, eta, phi)
    sizes = np.where(there, jets.member_offsets[leading + 1] - jets.member_offsets[leading], 0)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    # the members of the leading jets, event after event
    place = np.arange(starts[-1]) + np.repeat(jets.member_offsets[leading] - starts[:-1], sizes)
    members = jets.members[place]
    columns = {"pt": pt, "eta": eta, "phi": phi, "mass": mass, "nConstituents": sizes}
    one_each = np.concatenate([[0], np.cumsum(there)]).astype(np.int64)
    jet = {name: column[there] for name, column in columns.items()}
    return {
        process.collection: from_columns(one_each, jet, process.collection),
        "Particle": from_columns(
            starts, _particles(made, rows[members], momenta[members]), "Particle"
        ),
    }


def generated_jets(made: Generated, pt_min: float = 8.0) -> ak.Array:
    r"""Jets of the generated particles of the hard collision, for which reconstructed jets stand.

    Parameters
    ----------
    made : Generated
        Events.
    pt_min : float, GeV
        Softer jets are left out.

    Returns
    -------
    ak.Array
        B lists of ``GenJet`` records, anti-:math:`k_T` with R = 0.5 of all particles within
        :math:`|\eta|` < 5 but neutrinos, by falling pT.

    Raises
    ------
    MissingExtraError
        FastJet is not installed.

    Examples
    --------
    >>> from hepvision.simulation.generation import generate
    >>> from hepvision.simulation.processes.particle_gun import ParticleGun
    >>> gun = generate(ParticleGun(pdg_id=22, low=60.0, high=60.5, eta_max=1.0, eta_min=-1.0), 2)
    >>> generated_jets(gun).hadronFlavour.tolist()
    [[0], [0]]
    """
    rows, offsets = _seen(made)
    momenta = np.stack([made.particles[k][rows] for k in ("px", "py", "pz", "energy")], axis=1)
    jets = anti_kt(offsets, momenta, RADIUS, pt_min)
    pt, eta, phi, mass = _polar(jets.momenta)
    flavour = hadron_flavours(jets.offsets, eta, phi, made.truth_offsets, made.truth)
    columns = {"pt": pt, "eta": eta, "phi": phi, "mass": mass, "hadronFlavour": flavour}
    return from_columns(jets.offsets, columns, "GenJet")


def _seen(made: Generated) -> tuple[Array, Array]:
    """Rows of the particles that a detector sees, and the offsets of each event."""
    px, py, pz = (made.particles[name] for name in ("px", "py", "pz"))
    hidden = np.isin(np.abs(made.particles["pdgId"]), _NEUTRINOS)
    seen = ~hidden & (np.abs(pz) < np.hypot(px, py) * np.sinh(_COVERAGE))
    before = np.concatenate([[0], np.cumsum(seen)]).astype(np.int64)
    return np.flatnonzero(seen), before[made.offsets]


def _polar(vectors: Array) -> tuple[Array, Array, Array, Array]:
    """pt, eta, phi and mass of (px, py, pz, energy)."""
    px, py, pz, energy = vectors.T
    pt = np.hypot(px, py)
    eta = np.arcsinh(np.divide(pz, pt, out=np.zeros_like(pz), where=pt > 0))
    # of massless particles rounding leaves a square below zero
    mass = np.sqrt(np.maximum(energy**2 - pt**2 - pz**2, 0.0))
    return pt, eta, np.arctan2(py, px), mass


def _particles(made: Generated, rows: Array, momenta: Array) -> dict[str, Array]:
    pt, eta, phi, mass = _polar(momenta)
    kind, charge = made.particles["pdgId"][rows], made.particles["charge"][rows]
    lepton_or_photon = np.isin(np.abs(kind), (11, 13, 22))
    hadron = np.where(charge == 0, 130, 211 * np.sign(charge))
    return {
        "pt": pt,
        "eta": eta,
        "phi": phi,
        # the rest is rounding, which would tell its energy
        "mass": np.where(kind == 22, 0.0, mass),
        "pdgId": np.where(lepton_or_photon, kind, hadron),
        "charge": charge,
        "jetIdx": np.zeros(len(rows), np.int16),
    }

"""Constituents of a jet as a set or pT-ordered sequence, with relative kinematics."""

import dataclasses
from collections.abc import Iterable
from typing import Any, ClassVar, Literal, Self

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.inputs import Inputs, InputSpec, PartSpec, Ragged
from hepvision.physics.kinematics import delta_phi
from hepvision.representations._jet_frames import all_placed
from hepvision.representations._jets import (
    Constituents,
    JetName,
    Masses,
    constituents,
    fields_of_jets,
    lengths,
)

__all__ = ["Particles"]

#: What each feature is divided by: constants that make it of order one in jets of any detector.
FEATURES = {
    "delta_eta": 0.25,
    "delta_phi": 0.25,
    "log_pt": 2.0,
    "log_energy": 2.0,
    "log_pt_share": 4.0,
    "log_energy_share": 4.0,
    "delta_r": 0.25,
    "pt_share": 1.0,
}
IDENTITIES = (
    "charge",
    "is_charged_hadron",
    "is_neutral_hadron",
    "is_photon",
    "is_electron",
    "is_muon",
)
MOMENTA = ("energy", "px", "py", "pz")
ELECTRON, MUON, PHOTON, NEUTRINOS = 11, 13, 22, (12, 14, 16)
PartName = Literal["features", "momenta"]


@dataclasses.dataclass(frozen=True)
class Particles:
    r"""Constituents of the leading jet, the hardest first: relative kinematics and four-momenta.

    Two parts with the same constituents in the same order.

    ``features``: Δη and Δφ to the jet's axis, ln pT and ln E (in GeV), ln of the shares of the
    jet's pT and E, ΔR, and the share of pT itself. Δη is counted in the jet's direction along the
    beam, :math:`(\eta - \eta_\mathrm{jet})\,\mathrm{sign}\,\eta_\mathrm{jet}`, so that a mirrored
    event gives the same. With ``rotate`` the axis along which the pT is spread most is laid along
    Δη, its half with more pT at positive values; with ``flip`` there is more pT at positive Δφ too
    and, where it was not rotated, Δη. With identities: the charge, and flags of what
    reconstruction takes the constituent for; a particle of unknown number and no charge has no
    flag.

    ``momenta``: E, px, py, pz.

    A jet without constituents, or of zero pT, gives an empty example; constituents of zero pT are
    left out; of more than ``most`` the hardest are kept.

    Parameters
    ----------
    most : int
        Largest number of constituents.
    identities : bool
        Add charge and flags. The fields ``charge`` and ``pdgId`` are read then.
    parts : tuple of "features", "momenta"
        What is wanted; they come in this order.
    kind : "set" or "sequence"
        What the parts are called: networks that read sequences, such as ``recurrent``, see the
        order, those that read sets must not.
    jet : "FatJet" or "Jet"
        The jets whose constituents the particles are. In studies per event it is the leading one.
    masses : "published", "from_energy" or "zero"
        Masses of constituents: ``Particle.mass``, what ``Particle.energy`` says, or none.
    momentum_scale : float
        What four-momenta are divided by, GeV.
    rotate, flip : bool
        Lay jets in order, as jet images do; four-momenta are left as they are.

    References
    ----------
    H. Qu, L. Gouskos, ParticleNet: Jet Tagging via Particle Clouds, Phys. Rev. D 101 (2020)
    056019, arXiv:1902.08570. H. Qu, C. Li, S. Qian, Particle Transformer for Jet Tagging, ICML
    2022, arXiv:2202.03772. Jets in order: see ``jet_image``.

    Examples
    --------
    >>> spec = Particles(most=64, identities=True).spec
    >>> spec["features"].shape, spec["momenta"].names
    ((64, 14), ('energy', 'px', 'py', 'pz'))
    >>> list(Particles(parts=("momenta",)).spec)
    ['momenta']
    """

    most: int = 128
    identities: bool = False
    parts: tuple[PartName, ...] = ("features", "momenta")
    kind: Literal["set", "sequence"] = "set"
    jet: JetName = "FatJet"
    masses: Masses = "published"
    momentum_scale: float = 20.0
    rotate: bool = False
    flip: bool = False
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        known = ("features", "momenta")
        if self.most < 1:
            raise ValueError(f"most: must be 1 or more, got {self.most}.")
        if not self.parts or set(self.parts) - set(known):
            raise ValueError(f"parts: must be one or both of {known}, got {self.parts}.")
        object.__setattr__(self, "parts", tuple(one for one in known if one in self.parts))
        if not self.momentum_scale > 0:
            raise ValueError(f"momentum_scale: must be positive, got {self.momentum_scale}.")

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that are read."""
        return fields_of_jets(self.jet, self.masses, self._more())

    @property
    def spec(self) -> InputSpec:
        """One set or sequence a part."""
        names = (*FEATURES, *(IDENTITIES if self.identities else ()))
        units = tuple("rad" if one == "delta_phi" else "" for one in names)
        size = (self.momentum_scale,) * len(MOMENTA)
        made = {
            "features": PartSpec(
                self.kind, (self.most, len(names)), names, units, self._scale(names)
            ),
            "momenta": PartSpec(
                self.kind, (self.most, len(MOMENTA)), MOMENTA, ("GeV",) * len(MOMENTA), size
            ),
        }
        return {name: made[name] for name in self.parts}

    def __call__(self, examples: ak.Array) -> Inputs:
        """Take the constituents.

        Parameters
        ----------
        examples : ak.Array
            B events, or jets of them.

        Returns
        -------
        Inputs
            A ``Ragged`` a part.
        """
        found = constituents(
            examples, self.jet, masses=self.masses, fields=self._more(), most=self.most
        )
        made: Inputs = {}
        if "features" in self.parts:
            columns = relative_kinematics(found)
            if self.rotate or self.flip:
                plane = columns["delta_eta"], columns["delta_phi"], found.columns["pt"]
                all_placed(found.offsets, *plane, False, self.rotate, self.flip)
            columns |= identities(found) if self.identities else {}
            scale = self._scale(tuple(columns))
            scaled = [column / one for column, one in zip(columns.values(), scale, strict=True)]
            made["features"] = Ragged(found.offsets, _stacked(scaled))
        if "momenta" in self.parts:
            scaled = [column / self.momentum_scale for column in four_momenta(found)]
            made["momenta"] = Ragged(found.offsets, _stacked(scaled))
        return made

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        """The same: constants are fixed, nothing is measured.

        Parameters
        ----------
        stream : iterable of ak.Array
            Examples of the training split; not read.

        Returns
        -------
        Particles
            Itself.
        """
        return self

    def _more(self) -> tuple[str, ...]:
        return ("charge", "pdgId") if self.identities else ()

    def _scale(self, names: tuple[str, ...]) -> tuple[float, ...]:
        return tuple(FEATURES.get(name, 1.0) for name in names)


def _stacked(columns: list[NDArray[Any]]) -> NDArray[np.float32]:
    return np.stack(columns, axis=1).astype(np.float32)


def relative_kinematics(found: Constituents) -> dict[str, NDArray[np.float64]]:
    """Kinematics of constituents relative to their jets, by name."""
    _, owner = lengths(found.offsets)
    jets = {key: values[owner] for key, values in found.jets.items()}
    pt, energy = found.columns["pt"], found.columns["energy"]
    eta = (found.columns["eta"] - jets["eta"]) * np.where(jets["eta"] < 0, -1.0, 1.0)
    phi = delta_phi(found.columns["phi"], jets["phi"])
    share = pt / jets["pt"]
    return {
        "delta_eta": eta,
        "delta_phi": phi,
        "log_pt": np.log(pt),
        "log_energy": np.log(energy),
        "log_pt_share": np.log(share),
        "log_energy_share": np.log(energy / jets["energy"]),
        "delta_r": np.hypot(eta, phi),
        "pt_share": share,
    }


def identities(found: Constituents) -> dict[str, NDArray[np.float64]]:
    """Charge and flags of what constituents are taken for, by name."""
    charge = found.columns["charge"].astype(np.float64)
    kind = np.abs(found.columns["pdgId"])
    electron, muon, photon = kind == ELECTRON, kind == MUON, kind == PHOTON
    neutral = (charge == 0) & (kind != 0) & ~photon & ~np.isin(kind, NEUTRINOS)
    flags = ((charge != 0) & ~electron & ~muon, neutral, photon, electron, muon)
    return dict(zip(IDENTITIES, (charge, *(one.astype(float) for one in flags)), strict=True))


def four_momenta(found: Constituents) -> tuple[NDArray[np.float64], ...]:
    """E, px, py, pz of constituents, GeV."""
    pt, eta, phi = (found.columns[key] for key in ("pt", "eta", "phi"))
    return found.columns["energy"], pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)

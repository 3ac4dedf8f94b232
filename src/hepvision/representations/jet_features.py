"""Substructure of a jet as a vector: mass, shapes, N-subjettiness, C2, D2, soft drop."""

import dataclasses
from collections.abc import Mapping
from typing import ClassVar, Literal, get_args

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.names import hint, require
from hepvision.physics.substructure import (
    Axes,
    energy_correlations,
    jet_shapes,
    n_subjettiness,
    soft_drop_mass,
)
from hepvision.representations._features import FeatureVector
from hepvision.representations._jets import JetName, Masses, constituents, fields_of_jets

__all__ = ["JetFeatures"]

FeatureName = Literal[
    "mass",
    "pt",
    "multiplicity",
    "width",
    "pt_dispersion",
    "tau1",
    "tau2",
    "tau3",
    "tau4",
    "tau21",
    "tau32",
    "tau43",
    "c2",
    "d2",
    "soft_drop_mass",
]
KNOWN: tuple[str, ...] = get_args(FeatureName)
USUAL = tuple(name for name in get_args(FeatureName) if name != "pt")
SHAPES = {"mass": "mass", "pt": "pt", "multiplicity": "multiplicity", "width": "width"}
#: What features that FastJet calculates begin with.
FROM_FASTJET = ("tau", "soft_drop")
SUBJETS = 4
Column = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class JetFeatures(FeatureVector):
    r"""Numbers of the leading jet that physicists would use.

    Sums of constituents: ``mass`` and ``pt``; ``multiplicity``; ``width``, the girth;
    ``pt_dispersion``, :math:`p_T^D`; N-subjettiness ``tau1`` to ``tau4`` and the ratios
    ``tau21``, ``tau32``, ``tau43``; ``c2`` and ``d2`` of the energy correlation functions;
    ``soft_drop_mass``. What N-subjettiness and C2, D2 are for other powers than 1 has the power
    in its name, ``tau21_beta2``.

    A jet without constituents, or of zero pT, gives zeros; so do ratios whose denominator is 0,
    as of jets with too few constituents. N-subjettiness and soft drop need FastJet.

    Parameters
    ----------
    features : tuple of str
        Which, in this order; all but the pT by default.
    subjettiness_beta : tuple of float
        Powers of the distances of N-subjettiness, all with all features of that kind.
    axes : "onepass_kt", "kt", "onepass_wta_kt" or "wta_kt"
        Axes of N-subjettiness: of exclusive kT jets, or of one minimisation from there.
    correlation_beta : tuple of float
        Powers of the angles of C2 and D2.
    z_cut, soft_drop_beta : float
        Of soft drop.
    radius : float
        R of the jets, for N-subjettiness and soft drop.
    jet : "FatJet" or "Jet"
        The jets whose constituents the particles are. In studies per event it is the leading one.
    masses : "published", "from_energy" or "zero"
        Masses of constituents: ``Particle.mass``, what ``Particle.energy`` says, or none.
    scale : tuple of float, optional
        Constant that each feature is divided by, see ``measured``; 1 if not given.

    References
    ----------
    J. Thaler, K. Van Tilburg, JHEP 03 (2011) 015, arXiv:1011.2268. A. J. Larkoski, G. P. Salam,
    J. Thaler, JHEP 06 (2013) 108, arXiv:1305.0007. A. J. Larkoski, I. Moult, D. Neill, JHEP 12
    (2014) 009, arXiv:1409.6298. A. J. Larkoski, S. Marzani, G. Soyez, J. Thaler, JHEP 05 (2014)
    146, arXiv:1402.2657. J. Gallicchio, M. D. Schwartz, Phys. Rev. Lett. 107 (2011) 172001,
    arXiv:1106.3076.

    Examples
    --------
    >>> JetFeatures(features=("mass", "tau32"), subjettiness_beta=(1, 2)).spec["vector"].names
    ('mass', 'tau32', 'tau32_beta2')
    """

    features: tuple[FeatureName, ...] = USUAL
    subjettiness_beta: tuple[float, ...] = (1.0,)
    axes: Axes = "onepass_kt"
    correlation_beta: tuple[float, ...] = (1.0,)
    z_cut: float = 0.1
    soft_drop_beta: float = 0.0
    radius: float = 0.8
    jet: JetName = "FatJet"
    masses: Masses = "published"
    scale: tuple[float, ...] | None = None
    version: ClassVar[int] = 1
    units: ClassVar[Mapping[str, str]] = {"mass": "GeV", "pt": "GeV", "soft_drop_mass": "GeV"}

    def __post_init__(self) -> None:
        for name in self.features:
            if name not in KNOWN:
                raise ValueError(f"features: no feature {name!r}. {hint(name, KNOWN)}")
        if not self.features or len(set(self.features)) < len(self.features):
            raise ValueError(f"features: must be one or more and differ, got {self.features}.")
        for field in ("subjettiness_beta", "correlation_beta"):
            powers = getattr(self, field)
            if not powers or min(powers) <= 0 or len(set(powers)) < len(powers):
                raise ValueError(f"{field}: must be positive and differ, got {powers}.")
        if self.axes not in get_args(Axes):
            raise ValueError(f"axes: must be one of {get_args(Axes)}, got {self.axes!r}.")
        if not (self.radius > 0 and 0 <= self.z_cut < 0.5):
            raise ValueError(
                f"radius, z_cut: must be positive, and from 0 to 0.5, got {self.radius}, "
                f"{self.z_cut}."
            )
        self._check_scale()

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that are read."""
        return fields_of_jets(self.jet, self.masses)

    def _values(self, examples: ak.Array) -> Column:
        if any(name.startswith(FROM_FASTJET) for name in self.features):
            require("fastjet", extra="simulate")
        found = constituents(examples, self.jet, masses=self.masses)
        pt, eta, phi = (found.columns[key] for key in ("pt", "eta", "phi"))
        momenta = np.stack(
            [pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), found.columns["energy"]], axis=1
        )
        columns = self._columns(found.offsets, momenta)
        return np.stack([columns[name] for name in self._names()], axis=1)

    def _powers(self, name: str) -> tuple[float, ...]:
        """Powers that a feature is wanted for."""
        if name.startswith("tau"):
            return self.subjettiness_beta
        return self.correlation_beta if name in ("c2", "d2") else (1.0,)

    def _names(self) -> tuple[str, ...]:
        return tuple(_named(name, power) for name in self.features for power in self._powers(name))

    def _columns(self, offsets: NDArray[np.int64], momenta: Column) -> dict[str, Column]:
        """All features of the kinds that are wanted, by name."""
        wanted = set(self.features)
        shapes = jet_shapes(offsets, momenta)
        made = {name: getattr(shapes, field) for name, field in SHAPES.items()}
        made["pt_dispersion"] = shapes.dispersion
        if any(name.startswith("tau") for name in wanted):
            for power in self.subjettiness_beta:
                taus = n_subjettiness(
                    offsets, momenta, SUBJETS, beta=power, radius=self.radius, axes=self.axes
                )
                made |= {_named(name, power): one for name, one in _of_taus(taus).items()}
        if wanted & {"c2", "d2"}:
            for power in self.correlation_beta:
                second, third = energy_correlations(offsets, momenta, power)
                made[_named("c2", power)] = _ratio(third, second**2)
                made[_named("d2", power)] = _ratio(third, second**3)
        if "soft_drop_mass" in wanted:
            made["soft_drop_mass"] = soft_drop_mass(
                offsets, momenta, z_cut=self.z_cut, beta=self.soft_drop_beta, radius=self.radius
            )
        return made


def _named(name: str, power: float) -> str:
    return name if power == 1 else f"{name}_beta{power:g}"


def _ratio(above: Column, below: Column) -> Column:
    """0 where the denominator is 0."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


def _of_taus(taus: Column) -> dict[str, Column]:
    """N-subjettiness and ratios by name."""
    made = {f"tau{n + 1}": taus[:, n] for n in range(taus.shape[1])}
    for n in range(2, taus.shape[1] + 1):
        made[f"tau{n}{n - 1}"] = _ratio(taus[:, n - 1], taus[:, n - 2])
    return made

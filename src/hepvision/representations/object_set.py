"""Leptons, jets and missing momentum as a set, for networks that read particles."""

import dataclasses
from collections.abc import Iterable
from typing import ClassVar, Literal, Self

import awkward as ak
import numpy as np

from hepvision.core.inputs import Inputs, InputSpec, PartSpec, Ragged
from hepvision.representations._objects import (
    check_kinds,
    check_tag,
    fields_read,
    gathered,
)

__all__ = ["ObjectSet"]

_FEATURES = {"delta_eta": 2.0, "delta_phi": 2.0, "log_pt": 4.0, "log_energy": 4.0, "b_tag": 1.0}
_MOMENTA = ("energy", "px", "py", "pz")


@dataclasses.dataclass(frozen=True)
class ObjectSet:
    r"""All objects of an event as one set, as ``particles`` gives those of a jet.

    Two parts with the same objects. ``features``: η, named ``delta_eta`` as networks of particles
    look for it, azimuth from the hardest lepton, photon or jet, :math:`\ln p_T`, :math:`\ln E` (in
    GeV), the b tag, and a flag for each kind. ``momenta``: E, px, py, pz of massless objects in
    the same frame. Missing momentum is an object at η = 0. An event without objects gives an empty
    set.

    Parameters
    ----------
    kinds : tuple of str
        Of ``electron``, ``muon``, ``photon``, ``jet``, ``met``.
    most : int
        Largest number of objects of each kind, the hardest.
    b_tag : str
        Field of ``Jet`` that tells b jets; empty for none.
    b_cut : float, optional
        What it must exceed; the medium working point of ``bTag`` and ``btagCSV`` if not given.
    kind : "set" or "sequence"
        What the parts are called. As a sequence, objects come kind by kind.
    momentum_scale : float, GeV
        What four-momenta are divided by.

    References
    ----------
    H. Qu, C. Li, S. Qian, Particle Transformer for Jet Tagging, ICML 2022, arXiv:2202.03772.

    Examples
    --------
    >>> ObjectSet().spec["features"].names[4:]
    ('b_tag', 'is_electron', 'is_muon', 'is_jet', 'is_met')
    """

    kinds: tuple[str, ...] = ("electron", "muon", "jet", "met")
    most: int = 10
    b_tag: str = "bTag"
    b_cut: float | None = None
    kind: Literal["set", "sequence"] = "set"
    momentum_scale: float = 50.0
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        check_kinds(self.kinds)
        check_tag(self.b_tag, self.b_cut)
        if self.most < 1:
            raise ValueError(f"most: must be 1 or more, got {self.most}.")
        if not self.momentum_scale > 0:
            raise ValueError(f"momentum_scale: must be positive, got {self.momentum_scale}.")

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that are read."""
        return fields_read(self.kinds, self.b_tag)

    @property
    def spec(self) -> InputSpec:
        """Two sets or sequences."""
        names = (*_FEATURES, *(f"is_{kind}" for kind in self.kinds))
        units = tuple("rad" if name == "delta_phi" else "" for name in names)
        scale = tuple(_FEATURES.get(name, 1.0) for name in names)
        most = sum(1 if kind == "met" else self.most for kind in self.kinds)
        size = (self.momentum_scale,) * len(_MOMENTA)
        return {
            "features": PartSpec(self.kind, (most, len(names)), names, units, scale),
            "momenta": PartSpec(
                self.kind, (most, len(_MOMENTA)), _MOMENTA, ("GeV",) * len(_MOMENTA), size
            ),
        }

    def __call__(self, examples: ak.Array) -> Inputs:
        """Take the objects.

        Parameters
        ----------
        examples : ak.Array
            B events.

        Returns
        -------
        Inputs
            A ``Ragged`` a part.
        """
        found = gathered(examples, self.kinds, self.b_tag, self.b_cut)
        met = np.array([kind == "met" for kind in self.kinds])[found.kind]
        rows = np.flatnonzero(found.rank < np.where(met, 1, self.most))
        pt, eta, turn = found.pt[rows], found.eta[rows], found.turn[rows]
        energy = pt * np.cosh(eta)
        flags = found.kind[rows, None] == np.arange(len(self.kinds))
        columns = (eta, turn, np.log(pt), np.log(energy), found.tagged[rows], *flags.T)
        momenta = (energy, pt * np.cos(turn), pt * np.sin(turn), pt * np.sinh(eta))
        counts = np.bincount(found.event[rows], minlength=len(examples))
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        scale = np.asarray(self.spec["features"].scale)
        made = np.stack(columns, axis=1) / scale, np.stack(momenta, axis=1) / self.momentum_scale
        return {
            name: Ragged(offsets, values.astype(np.float32))
            for name, values in zip(("features", "momenta"), made, strict=True)
        }

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        """The same: constants are fixed, nothing is measured.

        Parameters
        ----------
        stream : iterable of ak.Array
            Examples of the training split; not read.

        Returns
        -------
        ObjectSet
            Itself.
        """
        return self

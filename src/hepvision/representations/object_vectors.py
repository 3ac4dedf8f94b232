"""Leptons, jets and missing momentum as a padded vector, for dense networks and trees."""

import dataclasses
from collections.abc import Iterable
from typing import ClassVar, Self

import awkward as ak
import numpy as np

from hepvision.core.inputs import Dense, Inputs, InputSpec, PartSpec
from hepvision.representations._objects import (
    check_kinds,
    check_tag,
    fields_read,
    gathered,
)

__all__ = ["ObjectVectors"]

_FEATURES = {"log_pt": 4.0, "eta": 2.0, "cos_phi": 1.0, "sin_phi": 1.0}
_COUNT = 4.0


@dataclasses.dataclass(frozen=True)
class ObjectVectors:
    r"""The hardest objects of each kind side by side, then how many there are.

    An object has :math:`\ln(1 + p_T/\mathrm{GeV})`, η, and the cosine and sine of its azimuth,
    counted from the hardest lepton, photon or jet of the event; jets have the b tag too, missing
    momentum has no η. Places for which there is no object hold zeros. Then follows the number of
    objects of each kind, and of b jets, those without a place among them.

    Parameters
    ----------
    kinds : tuple of str
        Of ``electron``, ``muon``, ``photon``, ``jet``, ``met``.
    leptons, jets : int
        Places of each kind of lepton and of photons, and of jets.
    b_tag : str
        Field of ``Jet`` that tells b jets; empty for none.
    b_cut : float, optional
        What it must exceed; the medium working point of ``bTag`` and ``btagCSV`` if not given.

    References
    ----------
    C. Fernández Madrazo, I. Heredia, L. Lloret, J. Marco de Lucas, Application of a Convolutional
    Neural Network for image classification for the analysis of collisions in High Energy Physics,
    EPJ Web Conf. 214 (2019) 06017, arXiv:1708.07034: "filling the empty parameters with default
    values".

    Examples
    --------
    >>> ObjectVectors(kinds=("met",)).spec["vector"].names
    ('met1_log_pt', 'met1_cos_phi', 'met1_sin_phi')
    >>> ObjectVectors().spec["vector"].shape
    (63,)
    """

    kinds: tuple[str, ...] = ("electron", "muon", "jet", "met")
    leptons: int = 2
    jets: int = 8
    b_tag: str = "bTag"
    b_cut: float | None = None
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        check_kinds(self.kinds)
        check_tag(self.b_tag, self.b_cut)
        for name in ("leptons", "jets"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: must be 1 or more, got {getattr(self, name)}.")

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that are read."""
        return fields_read(self.kinds, self.b_tag)

    @property
    def spec(self) -> InputSpec:
        """One vector."""
        names, scale = [], []
        for kind in self.kinds:
            for place in range(self._places(kind)):
                features = self._features(kind)
                names += [f"{kind}{place + 1}_{one}" for one in features]
                scale += [_FEATURES.get(one, 1.0) for one in features]
        counted = [f"{kind}s" for kind in self.kinds if kind != "met"]
        counted += ["b_jets"] if self._tags("jet") else []
        scale += [_COUNT] * len(counted)
        names += counted
        parts = tuple(names), ("",) * len(names), tuple(scale)
        return {"vector": PartSpec("vector", (len(names),), *parts)}

    def __call__(self, examples: ak.Array) -> Inputs:
        """Write objects into their places.

        Parameters
        ----------
        examples : ak.Array
            B events.

        Returns
        -------
        Inputs
            ``{"vector": Dense}``.
        """
        found = gathered(examples, self.kinds, self.b_tag, self.b_cut)
        spec = self.spec["vector"]
        values = np.zeros((len(examples), spec.width), np.float32)
        columns = {
            "log_pt": np.log1p(found.pt),
            "eta": found.eta,
            "cos_phi": np.cos(found.turn),
            "sin_phi": np.sin(found.turn),
            "b_tag": found.tagged.astype(float),
        }
        first = 0
        for place, kind in enumerate(self.kinds):
            features = self._features(kind)
            rows = np.flatnonzero((found.kind == place) & (found.rank < self._places(kind)))
            for k, one in enumerate(features):
                at = first + found.rank[rows] * len(features) + k
                values[found.event[rows], at] = columns[one][rows]
            first += self._places(kind) * len(features)
        number = len(examples)
        for place, kind in enumerate(self.kinds):
            if kind != "met":
                values[:, first] = np.bincount(found.event[found.kind == place], minlength=number)
                first += 1
        if self._tags("jet"):
            values[:, first] = np.bincount(found.event[found.tagged], minlength=number)
        return {"vector": Dense((values / np.asarray(spec.scale)).astype(np.float32))}

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        """The same: constants are fixed, nothing is measured.

        Parameters
        ----------
        stream : iterable of ak.Array
            Examples of the training split; not read.

        Returns
        -------
        ObjectVectors
            Itself.
        """
        return self

    def _places(self, kind: str) -> int:
        return {"jet": self.jets, "met": 1}.get(kind, self.leptons)

    def _tags(self, kind: str) -> bool:
        return kind == "jet" and bool(self.b_tag) and "jet" in self.kinds

    def _features(self, kind: str) -> tuple[str, ...]:
        if kind == "met":
            return tuple(one for one in _FEATURES if one != "eta")
        return (*_FEATURES, *(("b_tag",) if self._tags(kind) else ()))

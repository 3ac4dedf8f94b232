"""Numbers of an event as a vector: any expressions, such as jet multiplicity and sum of masses."""

import dataclasses
from typing import Any, ClassVar

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.representations._expressions import fields_of, value_where_possible
from hepvision.representations._features import FeatureVector

__all__ = ["EventFeatures"]

#: Of searches in events of many large jets.
MULTIJET = (
    "num(FatJet[FatJet.pt > 200])",
    "sum(FatJet[:, :4].mass)",
    "sum(FatJet.pt)",
    "FatJet[:, 0].pt",
    "FatJet[:, 3].pt",
    "abs(FatJet[:, 0].eta - FatJet[:, 1].eta)",
)


@dataclasses.dataclass(frozen=True)
class EventFeatures(FeatureVector):
    """What physicists would cut on, one number an event and feature.

    An event that lacks an object that a feature names gets 0 there.

    Parameters
    ----------
    features : tuple of str
        Named observables, or expressions over the schema's fields as in selections. By default
        those of a search in events of four large jets or more: how many there are, the sum of
        the masses of the leading four, the sum of all pT, the first and the fourth, and how far
        the leading two are apart in η.
    scale : tuple of float, optional
        Constant that each feature is divided by, see ``measured``; 1 if not given.

    References
    ----------
    A. Hook, E. Izaguirre, M. Lisanti, J. G. Wacker, "High multiplicity searches at the LHC using
    jet masses", Phys. Rev. D 85 (2012) 055029, arXiv:1202.0558. ATLAS Collaboration,
    ATLAS-CONF-2016-057.

    Examples
    --------
    >>> two = EventFeatures(features=("num(Jet)", "Jet[:, 1].pt"))
    >>> events = ak.Array([{"Jet": [{"pt": 40.0}, {"pt": 30.0}]}, {"Jet": [{"pt": 50.0}]}])
    >>> two(events)["vector"].values.tolist()
    [[2.0, 30.0], [1.0, 0.0]]
    """

    features: tuple[str, ...] = MULTIJET
    scale: tuple[float, ...] | None = None
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        if not self.features or len(set(self.features)) < len(self.features):
            raise ValueError(f"features: must be one or more and differ, got {self.features}.")
        for name in self.features:
            if not fields_of(name):
                raise ValueError(f"features: must read a field, got {name!r}.")
        self._check_scale()

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that the features are made of."""
        return tuple(dict.fromkeys(one for name in self.features for one in fields_of(name)))

    def _names(self) -> tuple[str, ...]:
        return self.features

    def _values(self, examples: ak.Array) -> NDArray[np.floating[Any]]:
        columns = [value_where_possible(name, examples) for name in self.features]
        return np.nan_to_num(np.stack(columns, axis=1))

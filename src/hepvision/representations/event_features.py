"""Numbers of an event as a vector: any expressions, such as jet multiplicity and sum of masses."""

import dataclasses
from collections.abc import Iterable
from typing import ClassVar, Self

import awkward as ak
import numpy as np

from hepvision.core.inputs import Dense, Inputs, InputSpec, PartSpec
from hepvision.representations._expressions import fields_of, value_where_possible
from hepvision.representations._scale import mean_scale

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
class EventFeatures:
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
        scale = self.scale
        if scale is not None and (len(scale) != len(self.features) or min(scale) <= 0):
            raise ValueError(f"scale: must be a positive number a feature, got {scale}.")

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that the features are made of."""
        return tuple(dict.fromkeys(one for name in self.features for one in fields_of(name)))

    @property
    def spec(self) -> InputSpec:
        """One vector."""
        scale = self.scale or (1.0,) * len(self.features)
        units = ("",) * len(self.features)
        return {"vector": PartSpec("vector", (len(units),), self.features, units, scale)}

    def __call__(self, examples: ak.Array) -> Inputs:
        """Calculate the features.

        Parameters
        ----------
        examples : ak.Array
            B events.

        Returns
        -------
        Inputs
            ``{"vector": Dense}``.

        Raises
        ------
        SchemaError
            An expression cannot be computed, or does not give one finite number an event.
        """
        columns = [value_where_possible(name, examples) for name in self.features]
        values = np.nan_to_num(np.stack(columns, axis=1)) / np.asarray(self.scale or 1.0)
        return {"vector": Dense(values.astype(np.float32))}

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        """The same with constants such that features average to 1 in size.

        Parameters
        ----------
        stream : iterable of ak.Array
            Examples of the training split.

        Returns
        -------
        EventFeatures
            With ``scale``; 1 for a feature that is always 0.
        """
        plain = dataclasses.replace(self, scale=None)
        scale = mean_scale(plain(examples)["vector"] for examples in stream)
        return dataclasses.replace(self, scale=scale or (1.0,) * len(self.features))

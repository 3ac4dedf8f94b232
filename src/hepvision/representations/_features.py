"""What all representations that are a vector of named numbers share."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.inputs import Dense, Inputs, InputSpec, PartSpec
from hepvision.representations._scale import mean_scale

__all__ = ["FeatureVector"]


@dataclasses.dataclass(frozen=True)
class FeatureVector(abc.ABC):
    """Base of representations with one dense part, ``vector``.

    Examples
    --------
    >>> @dataclasses.dataclass(frozen=True)
    ... class Sizes(FeatureVector):
    ...     scale: tuple[float, ...] | None = None
    ...     reads = ("Jet.pt",)
    ...
    ...     def _names(self):
    ...         return ("jets",)
    ...
    ...     def _values(self, examples):
    ...         return ak.num(examples["Jet"]).to_numpy()[:, None].astype(float)
    >>> events = ak.Array([{"Jet": [{"pt": 40.0}] * 3}, {"Jet": [{"pt": 30.0}]}])
    >>> Sizes().measured([events])(events)["vector"].values.tolist()
    [[1.5], [0.5]]
    """

    #: Units of features that have one.
    units: ClassVar[Mapping[str, str]] = {}

    @property
    @abc.abstractmethod
    def scale(self) -> tuple[float, ...] | None:
        """Constant that each feature is divided by; a field of every subclass, at first none."""

    @abc.abstractmethod
    def _names(self) -> tuple[str, ...]:
        """Names of the features."""

    @abc.abstractmethod
    def _values(self, examples: ak.Array) -> NDArray[np.floating[Any]]:
        """The features before they are scaled, shape (B, features)."""

    def _check_scale(self) -> None:
        number = len(self._names())
        if self.scale is not None and (len(self.scale) != number or min(self.scale) <= 0):
            raise ValueError(f"scale: must be {number} positive numbers, got {self.scale}.")

    @property
    def spec(self) -> InputSpec:
        """One vector."""
        names = self._names()
        units = tuple(self.units.get(name, "") for name in names)
        scale = self.scale or (1.0,) * len(names)
        return {"vector": PartSpec("vector", (len(names),), names, units, scale)}

    def __call__(self, examples: ak.Array) -> Inputs:
        """Calculate the features.

        Parameters
        ----------
        examples : ak.Array
            B events, or objects of them where the study is per object.

        Returns
        -------
        Inputs
            ``{"vector": Dense}``.

        Raises
        ------
        SchemaError
            The examples do not have what the features are made of.
        """
        values = self._values(examples) / np.asarray(self.scale or 1.0)
        return {"vector": Dense(values.astype(np.float32))}

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        """The same with constants such that features average to 1 in size.

        Parameters
        ----------
        stream : iterable of ak.Array
            Examples of the training split.

        Returns
        -------
        FeatureVector
            The same representation with ``scale``; 1 for a feature that is always 0.
        """
        plain = self._scaled(None)
        scale = mean_scale(plain(examples)["vector"] for examples in stream)
        return self._scaled(scale or (1.0,) * len(self._names()))

    def _scaled(self, scale: tuple[float, ...] | None) -> Self:
        # subclasses have the field that the base cannot declare: it would come first
        changed: dict[str, Any] = {"scale": scale}
        return dataclasses.replace(self, **changed)

"""Rectangular cuts on named features, optimised for significance: every paper's baseline."""

from __future__ import annotations

import dataclasses
from typing import Annotated, ClassVar, Literal

import pydantic

from hepvision.core.errors import UnknownNameError
from hepvision.core.inputs import InputSpec
from hepvision.core.names import hint
from hepvision.models._cuts_learner import CutsLearner
from hepvision.models.layers.choice import parts_of_kind

__all__ = ["Cuts"]

Above = Annotated[float, pydantic.Field(gt=0)]


@dataclasses.dataclass(frozen=True)
class Cuts:
    """A box around the signal, and nested boxes around and inside it.

    Sides of the box are moved one after the other until none gives more significance on the
    training split. From no cut to that box, and from there on to hardly any signal, one side after
    the other is moved by a small share of the signal, always the one that costs most background
    for it. The score of an example is how far it is carried by these steps: each value is a box,
    and cutting on the score is a set of cuts.

    Parameters
    ----------
    features : tuple of str
        Names of columns; all that there are if none is given.
    significance : "simple" or "asimov"
        S/√(S+B), or the median discovery significance with an uncertain background.
    uncertainty : float
        Relative error of the background, for ``asimov``.
    signal_events, background_events : float
        Expected before any cut, for the significance; all backgrounds together.
    signal : int
        Number of the class that is the signal.
    step : float
        Share of the signal that a step may cost.
    least : float
        Signal efficiency at which the innermost box ends.
    fewest : int
        Background examples that the best box must keep, so that it is not a fluctuation.
    bins : int
        Places a feature at which a cut may lie, at quantiles of the training examples.

    References
    ----------
    J. H. Friedman, N. I. Fisher, Stat. Comput. 9 (1999) 123 (patient steps). G. Cowan, K. Cranmer,
    E. Gross, O. Vitells, Eur. Phys. J. C 71 (2011) 1554, arXiv:1007.1727.

    Examples
    --------
    >>> import numpy as np
    >>> from hepvision.core.inputs import Dense, PartSpec
    >>> part = PartSpec("vector", (1,), ("mass",), ("GeV",), (100.0,))
    >>> cuts = Cuts(fewest=1).from_spec({"x": part}, outputs=2)
    >>> x = np.arange(200, dtype=np.float32)[:, None] / 100
    >>> _ = cuts.fit({"x": Dense(x)}, ((x[:, 0] < 0.8) | (x[:, 0] > 1.2)).astype(int), np.ones(200))
    >>> cuts.box
    ('mass >= 80 GeV', 'mass < 122 GeV')
    """

    features: tuple[str, ...] = ()
    significance: Literal["simple", "asimov"] = "simple"
    uncertainty: float = 0.0
    signal_events: Above = 1000.0
    background_events: Above = 1000.0
    signal: int = 0
    step: float = 0.05
    least: float = 0.02
    fewest: int = 10
    bins: int = 100
    reads_kinds: ClassVar[frozenset[str]] = frozenset({"vector"})
    output_level: ClassVar[str] = "example"

    def __post_init__(self) -> None:
        if not (0 < self.step < 1 and 0 < self.least < 1):
            raise ValueError(
                f"step, least: must lie between 0 and 1, got {self.step:g}, {self.least:g}."
            )
        if self.fewest < 1 or not 2 <= self.bins <= 1000 or self.signal < 0:
            raise ValueError(
                "fewest: must be 1 or more, bins 2 to 1000, signal 0 or more, got "
                f"{self.fewest}, {self.bins}, {self.signal}."
            )
        if self.uncertainty < 0 or (self.uncertainty and self.significance == "simple"):
            raise ValueError(
                f"uncertainty: must be 0, or positive with asimov, got {self.uncertainty:g} with "
                f"{self.significance}."
            )

    def from_spec(self, spec: InputSpec, outputs: int) -> CutsLearner:
        """A learner that has seen nothing.

        Parameters
        ----------
        spec : InputSpec
            Vectors only.
        outputs : int
            Classes.

        Returns
        -------
        Learner
            Vectors → log-odds (B, outputs).

        Raises
        ------
        ValueError
            A part is no vector, or there is no such class.
        UnknownNameError
            There is no such feature.
        """
        parts = parts_of_kind("cuts", spec, self.reads_kinds)
        names = [name for part in parts for name in spec[part].names]
        units = [unit for part in parts for unit in spec[part].units]
        scales = [scale for part in parts for scale in spec[part].scale]
        for name in self.features:
            if name not in names:
                raise UnknownNameError(f"cuts: no feature {name!r}. {hint(name, names)}")
        if self.signal >= outputs:
            raise ValueError(
                f"cuts: signal must be a class, 0 to {outputs - 1}, got {self.signal}."
            )
        columns = [names.index(name) for name in self.features] or list(range(len(names)))
        about = [(names[k], units[k], scales[k]) for k in columns]
        return CutsLearner(self, parts, columns, about, outputs)

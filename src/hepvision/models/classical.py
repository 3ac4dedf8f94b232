"""Logistic regression, nearest neighbours, support vectors, naive Bayes, by scikit-learn."""

from __future__ import annotations

import dataclasses
from typing import ClassVar, Literal

from hepvision.core.inputs import InputSpec
from hepvision.models._classical_methods import METHODS
from hepvision.models.layers.choice import parts_of_kind
from hepvision.models.layers.learner import Learner

__all__ = ["Classical"]

Method = Literal[
    "logistic_regression", "k_nearest_neighbours", "support_vector_machine", "naive_bayes"
]


@dataclasses.dataclass(frozen=True)
class Classical:
    """One of the classical learners, with standardised columns and principal axes in front.

    All four obey weights: neighbours count with theirs. What is learned is kept as plain numbers,
    not as an object of scikit-learn, so that any version of it reads them, and nothing is run.

    Parameters
    ----------
    method : str
        ``logistic_regression``, ``k_nearest_neighbours``, ``support_vector_machine`` or
        ``naive_bayes``.
    standardise : bool
        Shift and divide columns to mean 0 and deviation 1 of the training split.
    components : int
        Principal axes that are kept; 0 for the columns themselves.
    strength : float
        Inverse of the penalty on weights, of logistic regression and support vectors.
    neighbours : int
        How many are asked. Their scores come in steps.
    kernel_width : float
        γ of the support vectors' exp(−γ d²); 0 for one over the number of columns.
    examples : int
        Most training examples of neighbours and support vectors, whose cost grows with all of
        them: more are thinned at random, which the log and the timing say.

    References
    ----------
    T. Cover, P. Hart, IEEE Trans. Inf. Theory 13 (1967) 21. C. Cortes, V. Vapnik, Mach. Learn. 20
    (1995) 273. J. Platt, Advances in Large Margin Classifiers (1999) 61 (odds of a machine).
    F. Pedregosa et al., JMLR 12 (2011) 2825, arXiv:1201.0490.

    Examples
    --------
    >>> import numpy as np
    >>> from hepvision.core.inputs import Dense, PartSpec
    >>> part = PartSpec("vector", (1,), ("x",), ("",), (1.0,))
    >>> line = Classical().from_spec({"x": part}, outputs=2)
    >>> x = np.arange(20, dtype=np.float32)[:, None]
    >>> _ = line.fit({"x": Dense(x)}, (x[:, 0] > 9).astype(int), np.ones(20))
    >>> line.predict({"x": Dense(x)})[[0, -1]].argmax(axis=1).tolist()
    [0, 1]
    """

    method: Method = "logistic_regression"
    standardise: bool = True
    components: int = 0
    strength: float = 1.0
    neighbours: int = 50
    kernel_width: float = 0.0
    examples: int = 10_000
    reads_kinds: ClassVar[frozenset[str]] = frozenset({"vector"})
    output_level: ClassVar[str] = "example"

    def __post_init__(self) -> None:
        if min(self.neighbours, self.examples) < 1 or self.strength <= 0:
            raise ValueError(
                "neighbours, examples, strength: must be positive, got "
                f"{self.neighbours}, {self.examples}, {self.strength:g}."
            )
        if self.components < 0 or self.kernel_width < 0:
            raise ValueError(
                "components, kernel_width: must be 0 or more, got "
                f"{self.components}, {self.kernel_width:g}."
            )

    def from_spec(self, spec: InputSpec, outputs: int) -> Learner:
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
            A part is no vector, or more principal axes are asked for than there are columns.
        """
        parts = parts_of_kind("classical", spec, self.reads_kinds)
        columns = sum(spec[part].width for part in parts)
        if self.components > columns:
            raise ValueError(
                f"classical: components must be at most {columns}, the columns there are, got "
                f"{self.components}. Ask for fewer."
            )
        return METHODS[self.method](self, parts, columns, outputs)

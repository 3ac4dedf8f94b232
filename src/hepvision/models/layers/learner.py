"""What every learner is: fitted in one go, no torch."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from numpy.typing import NDArray

from hepvision.core.inputs import Inputs

__all__ = ["Labelled", "Learner"]

#: Inputs, target (B,), weight (B,).
Labelled = tuple[Inputs, NDArray[Any], NDArray[Any]]


@runtime_checkable
class Learner(Protocol):
    """Trees, classical methods, cuts.

    Examples
    --------
    >>> isinstance(3, Learner)
    False
    """

    @property
    def parameters_total(self) -> int:
        """Number of fitted parameters."""
        ...

    def fit(
        self,
        inputs: Inputs,
        target: NDArray[Any],
        weight: NDArray[Any],
        validation: Labelled | None = None,
        *,
        seed: int = 0,
        threads: int = 1,
    ) -> list[dict[str, float]]:
        """Learn, and give the losses (``train``, ``validation``) after each round."""
        ...

    def predict(self, inputs: Inputs) -> NDArray[Any]:
        """Log-odds, shape (B, outputs)."""
        ...

    def state(self) -> dict[str, NDArray[Any]]:
        """All that was learned, as arrays."""
        ...

    def load(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take what was learned."""
        ...

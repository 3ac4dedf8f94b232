"""Say which of several processes an event is from."""

import dataclasses
from functools import cached_property
from typing import Any, ClassVar

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.card import component
from hepvision.core.errors import SchemaError
from hepvision.core.names import hint
from hepvision.evaluation.classification import BACKGROUND_EFFICIENCIES, classification_metrics
from hepvision.evaluation.metrics import Metrics
from hepvision.evaluation.working_point import FEW
from hepvision.tasks._batch import Batch
from hepvision.tasks._predictions import Predictions

__all__ = ["Classification"]


@dataclasses.dataclass(frozen=True)
class Classification:
    """One of K classes an example; the class is read off the name of the sample.

    Parameters
    ----------
    classes : tuple of str, or mapping of str to tuple of str
        Samples, each a class; or classes with the samples that make each.
    signal : str
        The class that all others are held against; the first if not given.
    loss_function : str or mapping
        Name of a loss, or its name and parameters.
    background_efficiencies : tuple of float
        ε_b at which ε_s is reported.
    least_background : int
        Working points that leave fewer (effective) background events bring a warning.

    Examples
    --------
    >>> task = Classification(("higgs", "diphoton"))
    >>> task.outputs, task.target(ak.Array([{"sample": "diphoton"}]))["class"].tolist()
    (2, [1])
    """

    classes: tuple[str, ...] | dict[str, tuple[str, ...]] = ("signal", "background")
    signal: str = ""
    loss_function: str | dict[str, Any] = "cross_entropy"
    # what is only reported is not in the text, by which a training knows its task
    background_efficiencies: tuple[float, ...] = dataclasses.field(
        default=BACKGROUND_EFFICIENCIES, repr=False
    )
    least_background: int = dataclasses.field(default=FEW, repr=False)
    #: Key of the target whose values training keeps in balance.
    balance_by: ClassVar[str | None] = "class"

    def __post_init__(self) -> None:
        samples = [one for group in self.samples.values() for one in group]
        if len(self.samples) < 2 or not all(self.samples.values()):
            raise ValueError(f"classes: must be two or more, each of a sample, got {self.classes}.")
        if len(set(samples)) < len(samples) or len(set(self.class_names)) < len(self.classes):
            raise ValueError(f"classes: must name each sample once, got {self.classes}.")
        levels = self.background_efficiencies
        if not levels or len(set(levels)) < len(levels) or not 0 < min(levels) <= max(levels) <= 1:
            raise ValueError(f"background_efficiencies: must lie in (0, 1], got {levels}.")
        if self.least_background < 1:
            raise ValueError(f"least_background: must be positive, got {self.least_background}.")
        if self.signal and self.signal not in self.class_names:
            raise ValueError(f"signal: must be one of {self.class_names}, got {self.signal!r}.")

    @property
    def samples(self) -> dict[str, tuple[str, ...]]:
        """Samples of each class."""
        if isinstance(self.classes, dict):
            return self.classes
        return {one: (one,) for one in self.classes}

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the K classes."""
        return tuple(self.samples)

    @property
    def signal_class(self) -> str:
        """Name of the signal."""
        return self.signal or self.class_names[0]

    @property
    def outputs(self) -> int:
        """K."""
        return len(self.class_names)

    def target(self, examples: ak.Array) -> dict[str, NDArray[np.int64]]:
        """Class numbers.

        Parameters
        ----------
        examples : ak.Array
            B examples.

        Returns
        -------
        dict
            ``class``, shape (B,).

        Raises
        ------
        SchemaError
            A sample belongs to no class.
        """
        if not len(examples):
            return {"class": np.zeros(0, np.int64)}
        number = {one: k for k, group in enumerate(self.samples.values()) for one in group}
        found, inverse = np.unique(ak.to_numpy(examples["sample"]), return_inverse=True)
        for name in found:
            if str(name) not in number:
                raise SchemaError(
                    f"classification: no class has the sample {str(name)!r}. "
                    f"{hint(str(name), number)}"
                )
        numbers = np.array([number[str(name)] for name in found], np.int64)
        return {"class": numbers[inverse]}

    @cached_property
    def _loss(self) -> Any:
        return component("losses", self.loss_function)

    def loss(self, outputs: Any, batch: Batch) -> dict[str, Any]:
        """Terms that training adds up.

        Parameters
        ----------
        outputs : Tensor, shape (B, K)
            Logits.
        batch : Batch
            Inputs, target, weight, observables.

        Returns
        -------
        dict of Tensor
            One number a term.
        """
        return {"loss": self._loss(outputs, batch.target["class"], batch.weight)}

    def scores(self, outputs: NDArray[Any]) -> NDArray[np.float64]:
        """Probabilities of the classes.

        Parameters
        ----------
        outputs : array, shape (B, K)
            Logits.

        Returns
        -------
        array, shape (B, K)
            Rows sum to 1.
        """
        logits = np.asarray(outputs, np.float64)
        odds = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
        return odds / odds.sum(axis=1, keepdims=True)

    def evaluate(self, predictions: Predictions) -> Metrics:
        """The field's measures on the test split, cuts chosen on the validation split.

        Parameters
        ----------
        predictions : Predictions
            Of all splits; without validation examples cuts are chosen on the test split.

        Returns
        -------
        Metrics
            See ``hepvision.evaluation.classification.classification_metrics``.
        """
        test, validation = predictions.of_split(2), predictions.of_split(1)
        chosen = None
        if len(validation):
            chosen = (validation.scores, validation.target["class"], validation.weight)
        return Metrics(
            classification_metrics(
                test.scores,
                test.target["class"],
                self.class_names,
                test.weight,
                self.signal_class,
                validation=chosen,
                background_efficiencies=self.background_efficiencies,
                least_background=self.least_background,
            )
        )

"""One epoch of training, as a study does it, to be timed against what else a user would run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from hepvision.core.inputs import Inputs, InputSpec
from hepvision.tasks.classification import Classification
from hepvision.training.fit import Fitted, fit, new_network
from hepvision.training.options import Options

__all__ = ["epochs"]


def epochs(
    architecture: Any,
    spec: InputSpec,
    inputs: Inputs,
    target: np.ndarray,
    classes: tuple[str, ...],
    options: Options,
) -> tuple[Callable[[], None], list[Fitted]]:
    """A function that trains a fresh network once on all examples, and what it made so far.

    Parameters
    ----------
    architecture : object
        A component of models.
    spec, inputs : InputSpec, Inputs
        B examples.
    target : array of int, shape (B,)
        Class of each.
    classes : tuple of str
        Their names.
    options : Options
        Of one epoch.
    """
    made: list[Fitted] = []
    task, number = Classification(classes), len(target)

    def once() -> None:
        network = new_network(architecture, spec, len(classes), 1)
        weight, split = np.ones(number), np.zeros(number, int)
        made.append(fit(network, task, spec, inputs, {"class": target}, weight, split, options))

    return once, made

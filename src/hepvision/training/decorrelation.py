"""Stop a training before it learns an observable: its score's correlation after every epoch."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import UnknownNameError
from hepvision.core.names import hint
from hepvision.evaluation.correlation import background_correlation
from hepvision.physics.intervals import effective_count, normal_quantile
from hepvision.tasks._batch import Batch
from hepvision.training.options import Options

__all__ = ["Watch", "best_epoch", "statistical_floor", "watch_of", "watched"]

Array = NDArray[np.float64]


def watched(options: Options, observables: Iterable[str]) -> str | None:
    """The observable whose correlation with the score is followed.

    Parameters
    ----------
    options : Options
        Settings of the training.
    observables : iterable of str
        Those of the card.

    Returns
    -------
    str or None
        ``decorrelate_from``, else the first one where the training stops by it, else None.

    Raises
    ------
    UnknownNameError
        The card has no such observable, or none at all.

    Examples
    --------
    >>> watched(Options(stop_on="decorrelated"), ["diphoton_mass", "pileup"])
    'diphoton_mass'
    """
    known = tuple(observables)
    name = options.decorrelate_from
    if name is None and options.stop_on == "loss":
        return None
    if name is None and known:
        return known[0]
    if name is None or name not in known:
        got = "stop_on: decorrelated needs one" if name is None else f"no {name!r}"
        raise UnknownNameError(f"training: observables: {got}. {hint(name or '', known)}")
    return name


def statistical_floor(chance: float, count: float, level: float = 0.95) -> float:
    r"""Distance correlation that independent columns stay below at a confidence level.

    .. math:: R^2 < c + z \sqrt2 / n_\mathrm{eff}

    Parameters
    ----------
    chance : float
        Distance correlation that this many independent events show on average, the root of *c*.
    count : float
        Effective number of events.
    level : float
        One-sided confidence level.

    Returns
    -------
    float
        *R*.

    References
    ----------
    G. J. Székely, M. L. Rizzo, N. K. Bakirov, Ann. Statist. 35 (2007) 2769, arXiv:0803.4101.

    Examples
    --------
    >>> round(statistical_floor(0.045, 1000), 3)
    0.066
    """
    return math.sqrt(chance**2 + normal_quantile(2.0 * level - 1.0) * math.sqrt(2.0) / count)


def best_epoch(history: Sequence[Mapping[str, float]]) -> int:
    """Number of the epoch whose weights are kept.

    Among decorrelated epochs the one with the least validation loss; while there are none, the
    one with the least correlation. Without ``decorrelated`` in the rows the loss alone decides,
    without ``validation`` the last epoch is kept.

    Parameters
    ----------
    history : sequence of mapping
        One row an epoch.

    Returns
    -------
    int
        From 1; 0 for an empty history.

    Examples
    --------
    >>> keys = ("validation", "correlation", "decorrelated")
    >>> rows = [(0.9, 0.01, 1.0), (0.8, 0.02, 1.0), (0.7, 0.5, 0.0)]
    >>> best_epoch([dict(zip(keys, row)) for row in rows])
    2
    """
    if not history or "validation" not in history[0]:
        return len(history)
    ranks = [
        (-row["decorrelated"], row["validation" if row["decorrelated"] else "correlation"])
        if "decorrelated" in row
        else (0.0, row["validation"])
        for row in history
    ]
    return ranks.index(min(ranks)) + 1


class Watch:
    """Follows the correlation of the score and an observable in the background.

    Parameters
    ----------
    task : object
        A component of ``tasks`` with a signal class.
    observable : str
        Which of the batch.
    options : Options
        With the largest correlation.

    Raises
    ------
    ValueError
        The task has no signal class.

    Examples
    --------
    >>> from hepvision.tasks.classification import Classification
    >>> watch = Watch(Classification(), "mass", Options(largest_correlation=0.1))
    >>> rng = np.random.default_rng(1)
    >>> logits, mass, classes = rng.normal(size=(800, 2)), rng.random(800), np.arange(800) % 2
    >>> row = watch.measured(logits, mass, classes, np.ones(800))
    >>> row["correlation"] < row["correlation_limit"] < 0.13
    True
    """

    def __init__(self, task: Any, observable: str, options: Options):
        if not hasattr(task, "signal_class") or task.balance_by != "class":
            raise ValueError(
                "training: decorrelate_from needs a task with a signal class, got "
                f"{type(task).__name__}. Set stop_on: loss."
            )
        self.task, self.observable, self.options = task, observable, options
        self.signal = task.class_names.index(task.signal_class)
        self._batches: list[tuple[NDArray[Any], ...]] = []

    def clear(self) -> None:
        """Forget the batches so far."""
        self._batches = []

    def add(self, outputs: Any, batch: Batch) -> None:
        """Take note of a validation batch.

        Parameters
        ----------
        outputs : Tensor, shape (b, K)
            Logits.
        batch : Batch
            With target, weight and observable.
        """
        columns = (outputs, batch.observables[self.observable], batch.target["class"], batch.weight)
        self._batches.append(tuple(one.detach().cpu().numpy().copy() for one in columns))

    def row(self, joined: Callable[[Array], Array] = lambda values: values) -> dict[str, float]:
        """What the history keeps of an epoch.

        Parameters
        ----------
        joined : callable
            Puts values together with those of other processes.

        Returns
        -------
        dict of float
            See ``measured``.
        """
        columns = (np.concatenate(one) for one in zip(*self._batches, strict=True))
        return self.measured(*(joined(one) for one in columns))

    def measured(
        self,
        outputs: NDArray[Any],
        observable: NDArray[Any],
        classes: NDArray[Any],
        weight: NDArray[Any],
    ) -> dict[str, float]:
        """Correlation in the background, all of its classes together and each alone.

        A background that the score tells from the others hides in their mixture what the score
        knows of the mass within each, hence ``decorrelate_in: each``.

        Parameters
        ----------
        outputs : array, shape (B, K)
            Logits.
        observable : array, shape (B,)
            Such as a mass in GeV.
        classes : array of int, shape (B,)
            Class of each.
        weight : array, shape (B,)
            As training balanced them.

        Returns
        -------
        dict of float
            ``correlation``, of the class that is nearest to its limit or of all together, and
            that ``correlation_limit``; with several backgrounds also ``correlation/all`` and
            ``correlation/<class>``; ``decorrelated`` (1 or 0) where the training stops by it.

        Raises
        ------
        ValueError
            There is no background, or the observable is constant or not finite in it.
        """
        score = self.task.scores(outputs)[:, self.signal]
        names = self.task.class_names
        parts = {f"correlation/{one}": classes == k for k, one in enumerate(names)}
        del parts[f"correlation/{self.task.signal_class}"]

        def found(own: NDArray[np.bool_]) -> tuple[float, float]:
            value, chance, count = _correlation(score, observable, own, weight)
            wanted = math.hypot(self.options.largest_correlation, chance)
            return value, max(wanted, statistical_floor(chance, count))

        each = {name: found(own) for name, own in parts.items()}
        row: dict[str, float] = {}
        judged = list(each.values())
        if len(each) > 1:
            whole = found(classes != self.signal)
            row = {"correlation/all": whole[0]} | {name: one[0] for name, one in each.items()}
            judged = judged if self.options.decorrelate_in == "each" else [whole]
        # the one that is furthest above its limit, or nearest to it
        value, limit = max(judged, key=lambda one: one[0] / one[1])
        row = {"correlation": value, "correlation_limit": limit} | row
        if self.options.stop_on == "decorrelated":
            row["decorrelated"] = float(value <= limit)
        return row


def watch_of(
    task: Any,
    options: Options,
    observables: Mapping[str, NDArray[Any]],
    target: Mapping[str, NDArray[Any]],
    later: NDArray[Any],
) -> Watch | None:
    """What follows the correlation, once everything it needs is found to be there.

    Parameters
    ----------
    task : object
        A component of ``tasks``.
    options : Options
        Settings of the training.
    observables, target : mapping of array, shape (B, ...)
        By name.
    later : array of int, shape (b,)
        Rows of the validation split.

    Returns
    -------
    Watch or None
        None where nothing asks for it.

    Raises
    ------
    ValueError
        The observable, or a class, is missing in the validation split.
    UnknownNameError
        There is no such observable.

    Examples
    --------
    >>> watch_of(None, Options(), {}, {}, np.arange(3)) is None
    True
    """
    name = watched(options, observables)
    if name is None:
        return None
    watch = Watch(task, name, options)
    classes = np.asarray(target["class"])[later]
    missing = [one for k, one in enumerate(task.class_names) if not (classes == k).any()]
    if missing:
        raise ValueError(
            f"training: {name}: needs validation examples of every class, got none of "
            f"{', '.join(missing)}. Take more events."
        )
    values = np.asarray(observables[name], float)[later][classes != watch.signal]
    if not np.isfinite(values).all() or np.ptp(values) == 0:
        raise ValueError(
            f"training: {name}: must be finite and vary in the background, got "
            f"{values.min():g} to {values.max():g}. Select events that have it."
        )
    return watch


def _correlation(
    score: Array, observable: Array, own: NDArray[np.bool_], weight: Array
) -> tuple[float, float, float]:
    """Distance correlation of some events, what chance gives, and their effective number."""
    count = effective_count(weight[own])
    if own.any() and np.ptp(score[own]) < 1e-12:
        # a network that says the same of all events knows nothing of them
        return 0.0, 1.0 / math.sqrt(count), count
    found = background_correlation(score, observable, ~own, weight)
    return found.distance.value or 0.0, found.chance, min(count, found.events)

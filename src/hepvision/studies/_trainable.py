"""What an entry asks of the examples, looked at before the first entry trains."""

from __future__ import annotations

import numpy as np

from hepvision.core.errors import CardError
from hepvision.events.split import NAMES
from hepvision.studies._subset import fewer
from hepvision.studies.card import Study
from hepvision.studies.entry import options_of, task_of
from hepvision.studies.inputs import Table
from hepvision.studies.plan import at_once
from hepvision.training.decorrelation import watch_of

__all__ = ["require_trainable"]


def require_trainable(study: Study, table: Table) -> None:
    """Refuse an entry whose training the examples do not allow, or all before it were lost.

    Parameters
    ----------
    study : Study
        A checked card.
    table : Table
        All examples.

    Raises
    ------
    CardError
        A part of the split lacks a class, or its weights cancel; an entry wants more training
        examples than there are, or follows an observable that does not vary in the background.

    Examples
    --------
    >>> import numpy as np
    >>> from hepvision.studies.card import resolve
    >>> study = resolve("higgs_diphoton", changes=["entries.EB.training.examples=5"])
    >>> one = {"split": np.repeat([0, 1, 2], 3), "event_id": np.arange(9), "weight": np.ones(9)}
    >>> one |= {"target": np.arange(9) % 3, "sample": np.array([*study.samples] * 3)}
    >>> require_trainable(study, Table(one, tuple(study.samples)))
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CardError: entry EB: training.examples: must be at most what there \
is of each class, 1, got 5. Take more events.
    """
    _require_all_parts(table)
    columns = table.columns
    for entry in study.entries:
        options = options_of(study, entry)
        try:
            fewer(columns["split"], columns["target"], columns["event_id"], options.examples)
            if not at_once(entry):
                observables = {name: columns[name] for name in study.observables}
                target = {"class": columns["target"]}
                watch_of(task_of(study), options, observables, target, table.part(1))
        except ValueError as error:
            raise CardError(f"entry {entry.name}: {error}") from error


def _require_all_parts(table: Table) -> None:
    """Refuse parts of the split without a class, or its weight; CardError names both."""
    for number, name in enumerate(NAMES):
        rows = table.part(number)
        present = set(table.columns["sample"][rows])
        lost = [key for key in table.classes if key not in present]
        if lost:
            raise CardError(
                f"samples: {', '.join(lost)} must have {name} events, got none. Take more events."
            )
        sums = np.bincount(table.columns["target"][rows], table.columns["weight"][rows])
        for key, total in zip(table.classes, sums, strict=True):
            if total <= 0.0:
                raise CardError(
                    f"samples: {key}: weights of {name} events must sum to more than 0, got "
                    f"{total:g}. Check its weights, or take more events."
                )

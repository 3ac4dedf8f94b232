"""What a search says while it goes on: one line a trial, from the storage alone."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Self

from rich.console import Console

from hepvision.studies._budget import told
from hepvision.studies._search_storage import TRAINED, Trials, counts

__all__ = ["Teller", "line_of"]

#: Seconds between looks.
PAUSE = 2.0


class Teller:
    """Tells of every trial that ends, in a thread; of those that are not trained, how many.

    Parameters
    ----------
    trials : Trials
        Of the search; looked at through a connection of its own.
    shown : bool
        Whether to tell.
    """

    def __init__(self, trials: Trials, shown: bool):
        self.total, self.shown = trials.search.trials, shown
        self.trials = Trials(trials.storage, trials.name, trials.search) if shown else trials
        self.console = Console(stderr=True, soft_wrap=True, highlight=False, markup=False)
        self.known = {one.number for one in trials.all() if one.state.is_finished()}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        if self.shown:
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self.shown:
            self._thread.join()
            if kind is None:
                self._look()

    def _watch(self) -> None:
        while not self._ended.wait(PAUSE):
            self._look()

    def _look(self) -> None:
        """Tell what is new; a database that is busy is looked at again later."""
        try:
            everything = self.trials.all()
        except Exception as error:
            if not type(error).__module__.startswith(("sqlalchemy.", "optuna.exceptions")):
                raise
            return
        done = sum(counts(one) and one.state.is_finished() for one in everything)
        for one in everything:
            if one.state.is_finished() and one.number not in self.known:
                self.known.add(one.number)
                if counts(one):
                    self.console.print(f"{done}/{self.total} {line_of(one)}")


def line_of(trial: Any) -> str:
    """A trial in one line."""
    about = trial.user_attrs
    costs = [
        f"{key.replace('_', '-')} {told(key, one)}" for key, one in about.get("costs", {}).items()
    ]
    outcome = about.get("outcome", "in training")
    if outcome == TRAINED:
        outcome = f"score {about['score']:.4f}"
    reason = [about["reason"]] if "reason" in about else []
    return f"trial {trial.number}: {', '.join([outcome, *costs, *reason])}"

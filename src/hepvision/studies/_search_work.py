"""A worker of a search: asks for networks, trains them and tells, until there are enough."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hepvision.core.card import parse
from hepvision.core.errors import CardError
from hepvision.studies._budget import Budget, parse_budget
from hepvision.studies._search_block import Search
from hepvision.studies._search_data import seen
from hepvision.studies._search_space import draw, varied
from hepvision.studies._search_storage import (
    FAILED,
    INVALID,
    REFUSED,
    REPEATED,
    STOPPED,
    SURPLUS,
    TRAINED,
    Trials,
    asked,
    counts,
)
from hepvision.studies._search_trial import (
    Refused,
    Stopped,
    costs_of,
    hopeless,
    train_trial,
)
from hepvision.studies.card import Study

__all__ = ["ATTEMPTS", "BARREN", "Job", "barren", "nothing_left", "work"]

#: Draws in a row without a network to train, after which the space is taken to hold no other.
BARREN = 200
#: Processes that ended within one trial, after which it is left.
ATTEMPTS = 3
#: Seconds that a draw may take on another machine before it is taken to have died.
DRAWING = 600.0


@dataclass(frozen=True)
class Job:
    """What one worker needs to know; plain data, so that it can go to another process.

    Parameters
    ----------
    card : mapping
        The study, with its search.
    folder, owner : str
        Run folder, and whose trials they are.
    storage, name : str
        Where trials are kept.
    trials : int
        How many are trained in all.
    working : str
        Name of those that work for the folder now; whoever finds another leaves.
    unfinished : tuple of int
        Trials that this worker takes up first.
    until : float, optional
        Time after which no trial is begun, in s of the clock.
    """

    card: Mapping[str, Any]
    folder: str
    owner: str
    storage: str
    name: str
    trials: int
    working: str
    unfinished: tuple[int, ...] = ()
    until: float | None = None


def work(job: Job) -> int:
    """Train until there are enough trials; the number of those that this worker ended."""
    study = parse(Study, dict(job.card), "search")
    if study.search is None:
        raise CardError("search: the card must have a search block, got none. Add one.")
    worker = _Worker(job, study, study.search)
    with asked(job.storage):
        return worker.run()


class _Left(Exception):
    """The search was ended where it was begun, or was begun anew."""


class _Worker:
    """One that works through a job."""

    def __init__(self, job: Job, study: Study, search: Search):
        self.job, self.study, self.search = job, study, search
        self.folder = Path(job.folder)
        self.budget: Budget = parse_budget(search.budget)
        self.trials = Trials(job.storage, job.name, search)

    def run(self) -> int:
        ended = 0
        with contextlib.suppress(_Left):
            for number in self.job.unfinished:
                if self.trials.all()[number].state.is_finished():
                    continue  # this job was given to a worker before
                self._carry_out(self.trials.again(number))
                ended += 1
            while self._more():
                trial = self.trials.ask(self.job.owner)
                if self._before(trial.number) >= self.job.trials:
                    self.trials.end(trial, SURPLUS)
                else:
                    self._carry_out(trial)
                    ended += 1
        return ended

    def _stay(self) -> None:
        """Leave a search that goes on without this worker."""
        if not self.trials.works(self.job.owner, self.job.working):
            raise _Left

    def _more(self) -> bool:
        """Whether another trial is wanted; waits while others may still give theirs back."""
        while True:
            self._stay()
            if self.job.until is not None and time.time() > self.job.until:
                return False
            everything = self.trials.all()
            if sum(counts(one) for one in everything) >= self.job.trials:
                return False
            if barren(everything):
                return False
            if sum(_takes(one) for one in everything) < self.job.trials:
                return True
            time.sleep(0.2)

    def _before(self, number: int) -> int:
        """Trials that were begun before and are trained, or may be."""
        return sum(_takes(one) for one in self.trials.all()[:number])

    def _carry_out(self, trial: Any) -> None:
        """Draw, judge by the costs, train and score; whatever goes wrong is written down."""
        known = trial.user_attrs
        attempts = int(known.get("attempts", 0)) + 1
        if attempts > ATTEMPTS:
            reason = f"the process ended while it ran, {ATTEMPTS} times"
            self.trials.end(trial, FAILED, {"reason": reason})
            return
        trial.set_user_attr("attempts", attempts)
        try:
            self._network(trial)
        except Refused as error:
            outcome = INVALID if "network" in error.excess else REFUSED
            about = {"reason": error.reason, "excess": error.excess, **error.least}
            self.trials.end(trial, outcome, about)
        except Stopped as error:
            self.trials.end(trial, STOPPED, {"reason": str(error)})
        except _Left:
            raise
        # a network that fails, in whatever way, must not end the search
        except Exception as error:
            if _of_storage(error):
                raise
            self.trials.end(trial, FAILED, {"reason": _line(error)})
        shutil.rmtree(self._home(trial), ignore_errors=True)

    def _home(self, trial: Any) -> Path:
        """Where a trial keeps checkpoints while it is trained."""
        return self.folder / "trials" / str(trial.number)

    def _network(self, trial: Any) -> None:
        values = draw(self.search, lambda name, one: self.trials.draw(trial, name, one))
        trial.set_user_attr("choices", values)
        twin = self._twin(trial.number, values)
        if twin is not None:
            self.trials.end(trial, REPEATED, {"reason": f"the same as trial {twin}"})
            return
        try:
            one = varied(self.study, values)
            _, inputs, measured = seen(self.folder, one)
        except CardError as error:
            raise Refused(str(error), {"network": 1.0}) from error
        # measured once: a trial that goes on must not be refused for a slow moment
        costs = trial.user_attrs.get("costs") or costs_of(one, self.budget, inputs, measured)
        trial.set_user_attr("costs", costs)
        trial.set_user_attr("accepted", True)
        cheaper = _Cheaper(self.trials, trial, self.search, costs)

        def after_epoch(history: Sequence[Mapping[str, float]]) -> None:
            self._stay()
            cheaper(history)

        found = train_trial(one, self.search, self.folder, self._home(trial), after_epoch)
        about = {
            "values": [found.score, *(costs[cost] for cost in self.search.minimise)],
            "score": found.score,
            "error": found.error,
            "losses": found.losses,
            "seconds": found.seconds,
        }
        self.trials.end(trial, TRAINED, about)

    def _twin(self, number: int, values: Mapping[str, Any]) -> int | None:
        """An earlier trial of the same network that was trained or refused."""
        for one in self.trials.all()[:number]:
            outcome = one.user_attrs.get("outcome")
            if one.user_attrs.get("choices") == values and outcome != SURPLUS:
                return int(one.number)
        return None


class _Cheaper:
    """Called after every epoch: writes down the loss, and stops what trials that cost less beat."""

    def __init__(self, trials: Trials, trial: Any, search: Search, costs: Mapping[str, float]):
        self.trials, self.trial, self.search, self.costs = trials, trial, search, costs

    def __call__(self, history: Sequence[Mapping[str, float]]) -> None:
        losses = [float(row["validation"]) for row in history if "validation" in row]
        self.trial.set_user_attr("losses", losses)
        if not self.search.prune or not losses:
            return
        others = [
            list(one.user_attrs["losses"])
            for one in self.trials.all()
            if one.number != self.trial.number
            and one.user_attrs.get("outcome") in (TRAINED, STOPPED)
            and one.user_attrs.get("losses")
            and self._costs_no_more(one.user_attrs["costs"])
        ]
        if hopeless(losses, others, self.search.warm_up):
            raise Stopped(
                f"after {len(losses)} epochs worse than the median of networks that cost no more"
            )

    def _costs_no_more(self, costs: Mapping[str, float]) -> bool:
        return all(costs[cost] <= self.costs[cost] for cost in self.search.minimise)


def barren(everything: Sequence[Any]) -> bool:
    """Whether nothing came of the last draws."""
    last = everything[-BARREN:]
    idle = (REFUSED, INVALID, REPEATED)
    return len(last) == BARREN and all(one.user_attrs.get("outcome") in idle for one in last)


def nothing_left(everything: Sequence[Any], search: Search) -> str:
    """What to say of a space without a network to train."""
    reasons = [one.user_attrs.get("reason", "") for one in everything]
    outcomes = [one.user_attrs.get("outcome") for one in everything]
    refused, invalid = outcomes.count(REFUSED), outcomes.count(INVALID)
    costs = [one.user_attrs.get("least") for one in everything if "least" in one.user_attrs]
    least = f", the smallest with {min(costs):,.0f} parameters" if costs else ""
    texts = [text for text, outcome in zip(reasons, outcomes, strict=True) if outcome == INVALID]
    first = f"; the first is none: {texts[0].rstrip('.')}" if texts else ""
    budget = f" and within {search.budget}" if search.budget else ""
    return (
        f"search: ranges must hold a network that is valid{budget}, got none in {len(outcomes)} "
        f"draws: {refused} over the budget{least}, {invalid} no network{first}. Widen the ranges"
        f"{' or the budget' if search.budget else ''}."
    )


def _takes(trial: Any) -> bool:
    """Whether a trial is trained, or may still be."""
    if counts(trial):
        return True
    begun = trial.datetime_start
    young = begun is not None and time.time() - begun.timestamp() < DRAWING
    return not trial.state.is_finished() and young


def _of_storage(error: BaseException) -> bool:
    """Whether it is the database that fails, not the network."""
    return type(error).__module__.startswith(("sqlalchemy.", "optuna.exceptions"))


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__

"""Where the trials of a search are kept, by Optuna; who may write there, and what is unfinished."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import socket
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hepvision.core.errors import CardError, UserError
from hepvision.core.names import require
from hepvision.core.seeds import generator
from hepvision.studies._search_block import Between, Search

__all__ = ["Trials", "alone", "asked", "default_storage", "owner_of"]

#: Seconds to wait for another process that writes.
PATIENCE = 60.0
LOCK = "search.lock"
#: Trials without which no choice is called important.
LEAST = 8
#: What became of a trial; an unfinished one has none.
REFUSED, INVALID, REPEATED = "refused", "invalid", "repeated"
TRAINED, STOPPED, FAILED, SURPLUS = "trained", "stopped", "failed", "surplus"


def default_storage(folder: Path) -> str:
    """A database in the run folder."""
    return f"sqlite:///{(folder / 'trials.db').resolve().as_posix()}"


def owner_of(folder: Path) -> str:
    """Whose trials they are: one process at a time works for one folder of one machine."""
    return f"{socket.gethostname()}:{folder.resolve().as_posix()}"


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep others out of a folder while it is worked on; OSError if one is there already."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / LOCK, "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise OSError(
                f"{folder}: another search works here, process {file.read().strip() or 'unknown'}. "
                "Wait for it, or choose another folder with -o."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


@contextlib.contextmanager
def asked(storage: str) -> Iterator[None]:
    """Turn what the database says into one line."""
    errors = require("sqlalchemy.exc", "search")
    kept = require("optuna.exceptions", "search")
    try:
        yield
    except UserError:  # an extra that is missing is no driver of a database
        raise
    except (errors.SQLAlchemyError, kept.StorageInternalError, ImportError) as error:
        reason = " ".join(str(error.__cause__ or error).split())
        if "locked" in reason:
            raise OSError(
                f"{_shown(storage)}: another process holds the storage. Wait for it, and give "
                "the same command again; it goes on."
            ) from error
        raise OSError(
            f"{_shown(storage)}: cannot be used as a storage: {reason[:120]}. Check the address, "
            "or leave --storage out."
        ) from error


def _shown(storage: str) -> str:
    """The address without a password."""
    scheme, _, rest = storage.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


class Trials:
    """The trials of one search.

    Parameters
    ----------
    storage : str
        Address of any Optuna storage.
    name : str
        Name of the search there.
    search : Search
        The block of the card.
    """

    def __init__(self, storage: str, name: str, search: Search):
        self.optuna = require("optuna", "search")
        self.search, self.storage, self.name = search, storage, name
        # what is told here is told by our own lines
        self.optuna.logging.set_verbosity(self.optuna.logging.ERROR)
        arguments: dict[str, Any] = {}
        if storage.startswith("sqlite"):
            arguments["connect_args"] = {"timeout": PATIENCE}
        with asked(storage):
            database = self.optuna.storages.RDBStorage(storage, engine_kwargs=arguments)
            self.study = self.optuna.create_study(
                study_name=name,
                storage=database,
                directions=["maximize", *["minimize"] * len(search.minimise)],
                load_if_exists=True,
            )

    def identity(self) -> str:
        """What tells these trials from those of another storage, which have the same numbers."""
        known = self.study.user_attrs.get("identity")
        if known is None:
            known = secrets.token_hex(8)
            self.study.set_user_attr("identity", known)
        return str(known)

    def require_events(self, checksums: Mapping[str, str]) -> None:
        """Refuse trials of other events: they would be held against those of these."""
        known = self.study.user_attrs.get("events")
        if known is None:
            self.study.set_user_attr("events", dict(checksums))
            return
        others = [key for key, one in checksums.items() if known.get(key) != one]
        if others:
            raise CardError(
                f"{_shown(self.storage)}: holds trials of other events ({', '.join(others)}). "
                "Choose another folder with -o, or another --storage."
            )

    def begin(self, owner: str) -> str:
        """Give a new name to what works for a folder now; what had another one leaves its trial."""
        name = secrets.token_hex(8)
        self.study.set_user_attr(f"works {owner}", name)
        return name

    def works(self, owner: str, name: str) -> bool:
        """Whether what has this name still works for the folder."""
        return bool(self.study.user_attrs.get(f"works {owner}") == name)

    def all(self) -> Sequence[Any]:
        """All trials, in order."""
        found: Sequence[Any] = self.study.get_trials(deepcopy=False)
        return found

    def accepted(self) -> list[Any]:
        """Trials that count: trained, stopped, failed, or in training."""
        return [one for one in self.all() if counts(one)]

    def ask(self, owner: str) -> Any:
        """A new trial."""
        trial = self.study.ask()
        trial.set_user_attr("owner", owner)
        return self._seeded(trial)

    def again(self, number: int) -> Any:
        """A trial that was begun; what was drawn for it stays."""
        return self._seeded(self.optuna.trial.Trial(self.study, self.all()[number]._trial_id))

    def _seeded(self, trial: Any) -> Any:
        """With all values drawn that are drawn together, the same after an interruption."""
        self._sample(trial.number)
        if trial.relative_params is None:
            raise RuntimeError("search: no values were drawn. Report this.")
        return trial

    def _sample(self, number: int, name: str = "") -> None:
        """Draw by the seed, the trial and the name alone, whatever was drawn before."""
        seed = int(generator(self.search.seed, "search", name, number).integers(2**31))
        self.study.sampler = self.optuna.samplers.TPESampler(seed=seed, multivariate=True)

    def draw(self, trial: Any, name: str, one: Any) -> Any:
        """One value; it depends on the seed, the trial and the name, and on finished trials."""
        self._sample(trial.number, name)
        if not isinstance(one, Between):
            return trial.suggest_categorical(name, one)
        if one.whole:
            step = 1 if one.step is None else int(one.step)
            return trial.suggest_int(name, int(one.low), int(one.high), step=step, log=one.log)
        return trial.suggest_float(name, one.low, one.high, step=one.step, log=one.log)

    def end(self, trial: Any, outcome: str, about: Mapping[str, Any] | None = None) -> None:
        """Write down what became of a trial."""
        for key, value in {**(about or {}), "outcome": outcome}.items():
            if key not in ("values", "excess"):
                trial.set_user_attr(key, value)
        state = self.optuna.trial.TrialState
        found = about or {}
        if outcome == TRAINED:
            self.study.tell(trial, values=list(found["values"]))
        elif outcome in (REFUSED, INVALID, STOPPED):
            known = trial.constraints
            for key, value in found.get("excess", {}).items():
                if key not in known:
                    trial.set_constraint(key, value)
            self.study.tell(trial, state=state.PRUNED)
        else:
            self.study.tell(trial, state=state.FAIL)

    def importance(self) -> dict[str, float]:
        """How much each choice tells good trials from others; empty where there are too few.

        References
        ----------
        S. Watanabe, A. Bansal, F. Hutter, IJCAI (2023) 4389 (PED-ANOVA).
        """
        trained = [one for one in self.all() if one.user_attrs.get("outcome") == TRAINED]
        values = {one.user_attrs["score"] for one in trained}
        if len(trained) < LEAST or len(values) < 3:
            return {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            evaluator = self.optuna.importance.PedAnovaImportanceEvaluator(target_quantile=0.25)
            found = self.optuna.importance.get_param_importances(
                self.study, evaluator=evaluator, target=lambda one: -one.values[0]
            )
        return {name: float(value) for name, value in found.items()}

    def unfinished(self, owner: str) -> list[int]:
        """Trials that were begun for this folder and never ended."""
        running = self.optuna.trial.TrialState.RUNNING
        return [
            one.number
            for one in self.all()
            if one.state == running and one.user_attrs.get("owner", owner) == owner
        ]


def counts(trial: Any) -> bool:
    """Whether a trial is, or was, trained, or failed before it could be."""
    outcome = trial.user_attrs.get("outcome")
    return outcome == FAILED or (bool(trial.user_attrs.get("accepted")) and outcome != SURPLUS)

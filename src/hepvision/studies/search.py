"""Search for the smallest network that is as good, judged on events that no trial saw."""

import dataclasses
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import yaml

from hepvision.core.cache import cache_key
from hepvision.core.card import parse
from hepvision.core.chunks import each_chunk
from hepvision.core.environment import doctor
from hepvision.core.errors import CardError
from hepvision.core.files import atomic_write, read_json, write_json
from hepvision.core.names import require
from hepvision.core.outputs import output_folder
from hepvision.core.own import records, using
from hepvision.evaluation.metrics import Metrics
from hepvision.studies._checks import enough, tried
from hepvision.studies._search_block import Search
from hepvision.studies._search_cards import card_of, write_cards
from hepvision.studies._search_data import forget, record_seen
from hepvision.studies._search_finalists import train_beside
from hepvision.studies._search_front import Found, chosen, found_in, is_trial, of_front
from hepvision.studies._search_judge import Judged, judge, require_same_test, rows_of
from hepvision.studies._search_page import ratio, write_page
from hepvision.studies._search_space import fits
from hepvision.studies._search_storage import (
    Trials,
    alone,
    asked,
    default_storage,
    owner_of,
)
from hepvision.studies._search_told import Teller
from hepvision.studies._search_work import ATTEMPTS, Job, barren, nothing_left, work
from hepvision.studies._trainable import require_trainable
from hepvision.studies.card import Study, resolve
from hepvision.studies.run import carried_out, other_than
from hepvision.studies.samples import prepare

__all__ = ["Searched", "search"]

#: The card of a search, in its folder.
CARD = "search.yaml"
#: Format of search.json.
FORMAT = 1


@dataclasses.dataclass(frozen=True)
class Searched:
    """What came of a search.

    Parameters
    ----------
    folder : Path
        ``search.html`` and ``search.json``; ``cards/`` with each network of the front as a card;
        ``best/``, the run in which the networks were judged.
    numbers : dict
        What ``search.json`` holds: ``trials``, ``front``, ``judged``, ``importance``, ``outcomes``.

    Examples
    --------
    >>> Searched(Path("runs/x"), {"judged": [], "front": [], "outcomes": {"trained": 3}})
    3 trained
    runs/x/search.html
    """

    folder: Path
    numbers: Mapping[str, Any]

    @property
    def page(self) -> Path:
        """The report."""
        return self.folder / "search.html"

    def __repr__(self) -> str:
        outcomes = ", ".join(f"{count} {name}" for name, count in self.numbers["outcomes"].items())
        lines = [
            f"{one['name']}: {one['parameters'][0]:,.0f} parameters, {ratio(one['fewer'])} "
            f"{one['against']}, AUC {one['auc']['verdict']}, ε_s at ε_b = "
            f"{self.numbers['background_efficiency']:g} {one['efficiency']['verdict']}"
            for one in self.numbers["judged"]
        ]
        return "\n".join([outcomes or "no trial was begun in time", *lines, str(self.page)])

    def _repr_html_(self) -> str:
        page = escape(str(self.page))
        return f'<a href="{page}">{page}</a><pre>{escape(repr(self))}</pre>'


def search(
    card: str | Path | Mapping[str, Any],
    out: str | Path | None = None,
    *,
    trials: int | None = None,
    budget: str | None = None,
    storage: str | None = None,
    reference: str | Path | None = None,
    minutes: float | None = None,
    size: str | None = None,
    changes: Sequence[str] = (),
    workers: int = 1,
    scheduler: str | None = None,
    progress: bool = True,
    components: Iterable[str] = (),
) -> Searched:
    """Vary one entry of a study, and judge the best networks on events that no trial saw.

    Trials train on the training split and are scored on the validation split; the test split is
    taken away before they begin. A search that was interrupted goes on, and ends as it would have.

    Parameters
    ----------
    card : str, path or mapping
        A study with a ``search`` block.
    out : path, optional
        Folder; ``runs/<study>-<size>-search`` by default.
    trials : int, optional
        Networks that are trained in all, instead of the card's number; more than before go on.
    budget : str, optional
        Instead of the card's, such as ``parameters<50e3, latency<1ms``.
    storage : str, optional
        Address of an Optuna storage that many machines share; a database in the folder if not
        given.
    reference : path, optional
        Run folder with the entry that is judged against, trained on the same samples; it is
        trained here if not given.
    minutes : float, optional
        After which no trial is begun.
    size, changes, components
        As :func:`hepvision.run` takes them.
    workers : int
        Processes that simulate, and that train one trial or finalist each with one thread.
    scheduler : str, optional
        Address of a Dask scheduler; ``workers`` of its workers are used instead.
    progress : bool
        Say when a trial ends.

    Returns
    -------
    Searched
        Folder and numbers.

    Raises
    ------
    CardError
        The card or budget is wrong, the folder holds something else or trials of other events, or
        no network of the space is valid and within the budget.
    ValueError
        The reference lies in the folder, or has other classes or test examples.
    CorruptFileError
        The reference lacks the entry that is judged against.
    MissingExtraError
        Optuna is not installed.
    OSError
        Another process works in the folder, or holds the storage.

    References
    ----------
    V. Ayyar, W. Bhimji, L. Gerhardt, S. Robertson, Z. Ronaghi, EPJ Web Conf. 245 (2020) 06003.
    T. Akiba, S. Sano, T. Yanase, T. Ohta, M. Koyama, KDD (2019) 2623 (Optuna).

    Examples
    --------
    >>> search("higgs_diphoton")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CardError: higgs_diphoton: needs a search block, got none. Add search: \
{entry: …, ranges: …}; see the documentation's page on searching.
    """
    if workers < 1:
        raise ValueError(f"workers: must be positive, got {workers}. Give 1 or more.")
    if minutes is not None and not minutes > 0:
        raise ValueError(f"minutes: must be positive, got {minutes}. Give 1 or more.")
    require("optuna", "search")
    with using(components):
        study, block = _checked(card, size, changes, trials, budget)
        folder = output_folder(_default(card, study) if out is None else out)
        if reference is not None:
            _check_reference(Path(reference), block, folder)
        _refuse_other(folder, study)
        until = None if minutes is None else time.time() + 60.0 * minutes
        with alone(folder):
            _claim(folder, study)
            kept = Trials(storage or default_storage(folder), _name(study), block)
            _forget_others(folder, kept)
            stores = prepare(study, workers, scheduler, progress)
            with asked(kept.storage):
                kept.require_events({key: one.checksum for key, one in stores.items()})
            table = record_seen(folder, study, stores)
            require_trainable(study, table)
            if reference is not None:
                require_same_test(Path(reference), block.against or block.entry, table)
            _train(study, kept, folder, workers, scheduler, until, progress)
            with asked(kept.storage):
                everything, matters = kept.all(), kept.importance()
            found = found_in(everything)
            how = (workers, scheduler, progress)
            judged = _judged(study, block, folder, found, reference, *how)
            numbers = _numbers(study, block, everything, found, judged, matters)
            write_json(folder / "search.json", numbers)
            write_page(folder, study, block, everything, found, numbers)
        return Searched(folder, numbers)


def _default(card: str | Path | Mapping[str, Any], study: Study) -> Path:
    stem = Path(card).stem if isinstance(card, str | Path) else "study"
    return Path("runs") / "-".join(filter(None, (stem, study.size, "search")))


def _checked(
    card: str | Path | Mapping[str, Any],
    size: str | None,
    changes: Sequence[str],
    trials: int | None,
    budget: str | None,
) -> tuple[Study, Search]:
    """The study with the search as the command line changes it."""
    study = resolve(card, size, changes)
    if study.search is None:
        where = card if isinstance(card, str | Path) else "card"
        raise CardError(
            f"{where}: needs a search block, got none. Add search: {{entry: …, ranges: …}}; see "
            "the documentation's page on searching."
        )
    given = {"trials": trials, "budget": budget}
    plain = study.search.model_dump(mode="json")
    block = parse(
        Search, plain | {key: one for key, one in given.items() if one is not None}, "search"
    )
    study = study.model_copy(update={"search": block})
    for entry in study.entries:
        if is_trial(entry.name):
            raise CardError(
                f"entries: {entry.name!r} is what a search calls its own. Give it another name."
            )
    fits(study, block)
    return enough(tried(study)), block


def _check_reference(run: Path, block: Search, folder: Path) -> None:
    """Refuse a run that lacks the entry, or that the search itself writes."""
    if run.resolve().is_relative_to(folder.resolve()):
        raise ValueError(
            f"reference: must lie outside the search's own folder, got {run}. Leave --reference "
            "out: what was trained there is used again."
        )
    rows_of(run, [block.against or block.entry])


def _text(study: Study) -> str:
    """All that decides the trials; how many there are does not."""
    plain = study.model_dump(mode="json")
    del plain["search"]["trials"]
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)


def _name(study: Study) -> str:
    return f"hepvision-{cache_key({'card': _text(study), 'components': records()})}"


def _refuse_other(folder: Path, study: Study) -> None:
    """Refuse a folder with another search, or with anything else."""
    there = {one.name for one in folder.iterdir()} if folder.is_dir() else set()
    if not there - {"search.lock"}:
        return
    if CARD not in there:
        raise CardError(f"{folder}: must be empty or a search, got other files. Choose another.")
    other = other_than(folder, CARD, _text(study), "search")
    if other:
        raise CardError(other)


def _claim(folder: Path, study: Study) -> None:
    with atomic_write(folder / CARD, "w") as file:
        file.write(_text(study))
    write_json(
        folder / "environment.json", {**dataclasses.asdict(doctor()), "components": records()}
    )


def _forget_others(folder: Path, kept: Trials) -> None:
    """Take away what was trained of another storage's trials: they have the same numbers."""
    path = folder / "storage.json"
    with asked(kept.storage):
        identity = kept.identity()
    if path.is_file() and read_json(path).get("identity") != identity:
        for one in (*folder.glob("trials/*"), *folder.glob("best/trial-*")):
            shutil.rmtree(one)
    write_json(path, {"identity": identity})


def _train(
    study: Study,
    kept: Trials,
    folder: Path,
    workers: int,
    scheduler: str | None,
    until: float | None,
    progress: bool,
) -> None:
    """Trials until there are enough, those that were begun before first."""
    owner, total = owner_of(folder), kept.search.trials
    with asked(kept.storage):
        if len(kept.accepted()) >= total and not kept.unfinished(owner):
            return
    about = (study.model_dump(mode="json"), str(folder), owner, kept.storage, kept.name, total)
    with Teller(kept, progress):
        for _ in range(ATTEMPTS + 1):
            with asked(kept.storage):
                begun, working = kept.unfinished(owner), kept.begin(owner)
            parts = [tuple(begun[k::workers]) for k in range(workers)]
            jobs = [Job(*about, working, unfinished=part, until=until) for part in parts]
            try:
                for _ in each_chunk(work, jobs, workers, scheduler):
                    pass
            # a worker that ran out of memory was ended by the system: its trial is taken up again
            except Exception as error:
                if type(error).__name__ != "KilledWorker":
                    raise
            finally:
                with asked(kept.storage):
                    kept.begin(owner)  # nothing stops what trains on other machines but this
            with asked(kept.storage):
                if not kept.unfinished(owner):
                    break
    with asked(kept.storage):
        everything = kept.all()
    if not found_in(everything) and barren(everything):
        raise CardError(nothing_left(everything, kept.search))


def _judged(
    study: Study,
    block: Search,
    folder: Path,
    found: Sequence[Found],
    reference: str | Path | None,
    workers: int,
    scheduler: str | None,
    progress: bool,
) -> list[Judged]:
    """Train the finalists and the entry they are held against anew, and look at test events."""
    best = chosen(found, block)
    against = block.against or block.entry
    write_cards(folder / "cards", study, of_front(found, block), against)
    if not best:
        return []
    forget()
    run, names = folder / "best", [one.name for one in best]
    last = card_of(study, best, "" if reference else against)
    train_beside(last, run, names, workers, scheduler, progress)
    carried_out(last, run, 1, None, progress)
    return judge(run, names, Path(reference) if reference else run, against, block)


def _numbers(
    study: Study,
    block: Search,
    everything: Sequence[Any],
    found: Sequence[Found],
    judged: Sequence[Judged],
    matters: Mapping[str, float],
) -> dict[str, Any]:
    """What search.json holds."""
    outcomes: dict[str, int] = {}
    rows = []
    for one in everything:
        about = one.user_attrs
        outcome = str(about.get("outcome", "not ended"))
        outcomes[outcome] = outcomes.get(outcome, 0) + 1
        keys = ("choices", "costs", "score", "error", "seconds", "reason")
        rows.append(
            {"number": one.number, "outcome": outcome}
            | {key: about[key] for key in keys if key in about}
        )
    plain = {
        "format": FORMAT,
        "title": study.title,
        "entry": block.entry,
        "score": block.score,
        "background_efficiency": block.background_efficiency,
        "budget": block.budget,
        "outcomes": outcomes,
        "front": [one.number for one in of_front(found, block)],
        "judged": [
            {**one.to_dict(), "fewer": one.parameters[1] / max(one.parameters[0], 1.0)}
            for one in judged
        ],
        "importance": dict(matters),
    }
    # paths of choices hold slashes nowhere, but values may be of any kind
    return {**Metrics(plain).to_dict(), "trials": rows}

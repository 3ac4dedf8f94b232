"""What a run will do and cost, from rates that this machine has shown before."""

import dataclasses
import logging
import math
import typing
from pathlib import Path
from typing import Any

from hepvision.core.cache import cache_folder
from hepvision.core.card import component
from hepvision.core.errors import CorruptFileError
from hepvision.core.files import read_json, write_json
from hepvision.events.store import open_store
from hepvision.studies._fetch import is_address
from hepvision.studies.card import Entry, Read, Study
from hepvision.studies.convert import events_in
from hepvision.studies.entry import options_of
from hepvision.studies.samples import store_folder

__all__ = ["Plan", "Step", "note_rate", "plan", "rates"]

_LOG = logging.getLogger(__name__)


def rates() -> dict[str, float]:
    """Seconds a unit of work, as measured in earlier runs on this machine.

    Returns
    -------
    dict of float
        ``simulate <process>`` (s an event kept, of one worker), ``train <title> <entry>`` (s an
        example and epoch), ``bytes <process>`` (bytes an event); empty before the first run.

    Examples
    --------
    >>> isinstance(rates(), dict)
    True
    """
    try:
        return dict(read_json(cache_folder() / "rates.json"))
    except FileNotFoundError:
        return {}
    except CorruptFileError as error:
        _LOG.warning("%s", error)
        return {}


def note_rate(what: str, value: float) -> None:
    """Remember a measured rate for later plans.

    Parameters
    ----------
    what : str
        As in ``rates``.
    value : float
        Seconds or bytes a unit.

    Examples
    --------
    >>> note_rate("simulate nothing", 0.5)
    >>> rates()["simulate nothing"]
    0.5
    """
    write_json(cache_folder() / "rates.json", {**rates(), what: value})


@dataclasses.dataclass(frozen=True)
class Step:
    """One step of a plan.

    Parameters
    ----------
    what : str
        In words.
    units : int
        Events, or examples times epochs.
    seconds, disk : float or None
        Estimated cost in s and bytes; None where this machine has no rate yet.
    done : bool
        Nothing is left to do.

    Examples
    --------
    >>> Step("simulate", 10, None, None, False).done
    False
    """

    what: str
    units: int
    seconds: float | None
    disk: float | None
    done: bool


@dataclasses.dataclass(frozen=True)
class Plan:
    """The steps of a run, with their cost.

    Examples
    --------
    >>> print(Plan((Step("simulate x", 10, 5.0, 1e6, False),)))
    simulate x: 10, about 5 s, 1 MB
    in all about 5 s
    """

    steps: tuple[Step, ...]

    def __str__(self) -> str:
        lines = []
        for step in self.steps:
            if step.done:
                lines.append(f"{step.what}: {step.units:,}, done already")
                continue
            time = "time not known yet" if step.seconds is None else f"about {_time(step.seconds)}"
            disk = "" if step.disk is None else f", {step.disk / 1e6:,.0f} MB"
            count = (
                f"{step.units:,}" if step.units else "events not counted before they are fetched"
            )
            lines.append(f"{step.what}: {count}, {time}{disk}")
        left = [step.seconds for step in self.steps if not step.done]
        known = [seconds for seconds in left if seconds is not None]
        if known:
            some = "" if len(known) == len(left) else " for the steps whose rates are known"
            lines.append(f"in all about {_time(sum(known))}{some}")
        elif left:
            lines.append("in all: time not known before a first run on this machine")
        return "\n".join(lines)


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def plan(study: Study, workers: int = 1) -> Plan:
    """What a run of a card will do.

    Parameters
    ----------
    study : Study
        A checked card.
    workers : int
        Processes that simulate.

    Returns
    -------
    Plan
        One step a sample, entry and seed.

    Raises
    ------
    ValueError
        There are no workers.
    CardError
        A training has a key that is unknown or a value that is wrong.
    CorruptFileError, SchemaError, FileNotFoundError
        A file that is to be read, or a store, is not what it should be.

    Examples
    --------
    >>> from hepvision.studies.card import resolve
    >>> len(plan(resolve("higgs_diphoton")).steps)
    7
    """
    if workers < 1:
        raise ValueError(f"workers: must be positive, got {workers}. Give 1 or more.")
    known, steps, total = rates(), [], 0
    looked: dict[Path, int] = {}
    for key, sample in study.samples.items():
        folder = store_folder(study, key)
        done = (folder / "manifest.json").is_file()
        if sample.simulate is None:
            if folder not in looked:
                looked[folder] = (
                    len(open_store(folder))
                    if done or sample.read is None
                    else _events_of(sample.read)
                )
            count = looked[folder]
            if sample.where:  # the classes of one source share its events
                count //= [one.where != () for one in study.samples.values()].count(True)
            steps.append(Step(f"read {key}", count, None, None, done))
        else:
            block: Any = sample.simulate.process
            name = block if isinstance(block, str) else block["name"]
            count = sample.simulate.events
            each, size = known.get(f"simulate {name}"), known.get(f"bytes {name}")
            seconds = None if each is None else each * count / workers
            disk = None if size is None else size * count
            steps.append(Step(f"simulate {key}", count, seconds, disk, done))
        total += count
    share = study.split.fractions[0]
    for entry in study.entries:
        options = options_of(study, entry)
        most = math.inf if options.examples is None else options.examples * len(study.samples)
        epochs = 1 if at_once(entry) else options.epochs
        units = int(min(total * share, most)) * epochs
        each = known.get(f"train {study.title} {entry.name}")
        seconds = None if each is None or not units else each * units
        what = f"train {entry.name}"
        if not at_once(entry):
            what += f", at most {epochs} epochs (examples × epochs)"
        steps += [Step(what, units, seconds, None, False) for _ in study.seeds]
    return Plan(tuple(steps))


def _events_of(block: Read) -> int:
    """Events in files that are there; 0 where some are yet to be fetched."""
    if any(is_address(word) for word in block.files):
        return 0
    return events_in(block.files, block.format, block.options)


def at_once(entry: Entry) -> bool:
    """Whether the model is fitted in one call, without epochs; its ``from_spec`` says so."""
    made = component("models", entry.model).from_spec
    try:
        return hasattr(typing.get_type_hints(made).get("return"), "fit")
    except NameError:  # a user's own that is imported for type checkers alone
        return False

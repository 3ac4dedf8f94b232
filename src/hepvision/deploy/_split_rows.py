"""Events of a split, of all classes alike: what a model is held against, or calibrated with."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np

from hepvision.core.errors import SchemaError
from hepvision.deploy._scorer import stream_for
from hepvision.deploy.bundle import Bundle
from hepvision.events.examples import examples, of_sample
from hepvision.events.selection import selected
from hepvision.events.split import NAMES, Split, splits

__all__ = ["Events", "paths_of", "rows_of"]

Events = str | Path | Sequence[str | Path]


def paths_of(events: Events | None) -> list[Path]:
    """One path or several, as several; none of None.

    Parameters
    ----------
    events : path or sequence of paths, optional
        Stores or files.

    Returns
    -------
    list of Path
        All of them.

    Examples
    --------
    >>> [one.name for one in paths_of("stores/higgs")], paths_of(None)
    (['higgs'], [])
    """
    if events is None:
        return []
    return [Path(one) for one in ([events] if isinstance(events, str | Path) else events)]


def rows_of(bundle: Bundle, events: Events, part: str, most: int) -> ak.Array:
    """First examples of a split that pass a bundle's selection, as many of each class and file.

    Where the study's card tells its samples apart by what the events hold, or by the process that
    they were simulated with, examples get the names of these samples; others keep their own.

    Parameters
    ----------
    bundle : Bundle
        With the selection, and the card that says how events were divided.
    events : path or sequence of paths
        Stores, or files that a reader knows.
    part : "train", "validation" or "test"
        The split: the published one, where there is one.
    most : int
        Examples.

    Returns
    -------
    ak.Array
        At most so many.

    Raises
    ------
    SchemaError
        There is none, or a field is missing that the bundle reads.
    """
    paths, classes = paths_of(events), _classes(bundle)
    try:
        found = _first(paths, classes, part, most)
    except SchemaError:
        if None in classes:
            raise
        found = _first(paths, {None: bundle}, part, most)
    if not found:
        raise SchemaError(
            f"{', '.join(map(str, paths))}: needs examples of the {part} split that pass the "
            "selection, got none. Give the events of the study."
        )
    return ak.concatenate(found)[:most]


def _samples(bundle: Bundle) -> dict[str, Mapping[str, Any]]:
    """Samples of the card."""
    told = bundle.card.get("samples")
    every = told.items() if isinstance(told, Mapping) else ()
    return {str(key): one for key, one in every if isinstance(one, Mapping)}


def _of_process(bundle: Bundle) -> dict[str, str]:
    """Samples of the card by the process that this one alone was simulated with."""
    made: dict[str, list[str]] = {}
    samples = _samples(bundle)
    for key, one in samples.items():
        simulated = one.get("simulate")
        process = simulated.get("process") if isinstance(simulated, Mapping) else None
        name = process.get("name") if isinstance(process, Mapping) else process
        if name is not None:
            made.setdefault(str(name), []).append(key)
    return {name: keys[0] for name, keys in made.items() if len(keys) == 1 and name not in samples}


def _classes(bundle: Bundle) -> dict[str | None, Bundle]:
    """Samples of the card that are told apart by cuts: bundles with these cuts; else itself."""
    wheres = {
        key: tuple(map(str, one["where"]))
        for key, one in _samples(bundle).items()
        if one.get("where")
    }
    made: dict[str | None, Bundle] = {
        key: dataclasses.replace(bundle, select=(*where, *bundle.select))
        for key, where in wheres.items()
    }
    return made or {None: bundle}


def _first(
    paths: Sequence[Path], classes: Mapping[str | None, Bundle], part: str, most: int
) -> list[ak.Array]:
    """The first of each class in each file."""
    found: list[ak.Array] = []
    share = -(-most // max(len(paths) * len(classes), 1))
    for path in paths:
        for key, bundle in classes.items():
            left = share
            for rows in _passing(path, bundle, part):
                name = key or _only(rows[:left], _of_process(bundle))
                named = rows[:left] if name is None else of_sample(rows[:left], name)
                found.append(named)
                left -= len(named)
                if left <= 0:
                    break
    return found


def _only(rows: ak.Array, names: Mapping[str, str]) -> str | None:
    """What the card calls the one process of examples, if it is known."""
    found = set(np.unique(ak.to_numpy(rows["sample"])).tolist()) if "sample" in rows.fields else ()
    return names.get(str(*found)) if len(found) == 1 else None


def _passing(path: Path, bundle: Bundle, part: str) -> Iterator[ak.Array]:
    """Examples of a split that pass, some at a time."""
    said = bundle.card.get("split")
    split = Split(**said) if isinstance(said, Mapping) else Split()
    for piece in stream_for(path, bundle):
        rows, _ = selected(examples(piece, bundle.per), bundle.select)
        rows = rows[splits(rows, split) == NAMES.index(part)]
        if len(rows):
            yield rows

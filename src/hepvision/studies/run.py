"""One card, from events to a report; what was interrupted goes on."""

import dataclasses
import logging
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from hepvision.core.environment import doctor
from hepvision.core.errors import CardError
from hepvision.core.files import atomic_write, read_json, write_json
from hepvision.core.outputs import output_folder
from hepvision.core.own import records, using
from hepvision.events.split import NAMES
from hepvision.events.store import Store
from hepvision.representations.detector_image import DetectorImage
from hepvision.studies._checks import enough, tried
from hepvision.studies._nodes import followed
from hepvision.studies._significance import significances
from hepvision.studies._study_examples import examples_of, representations_of
from hepvision.studies._subset import UNUSED
from hepvision.studies._trainable import require_trainable
from hepvision.studies.card import Study, resolve
from hepvision.studies.entry import Trained, memory_of, train_entry
from hepvision.studies.gallery import collect
from hepvision.studies.inputs import Table, inputs_of
from hepvision.studies.plan import note_rate
from hepvision.studies.report import report
from hepvision.studies.samples import ExampleStream, prepare
from hepvision.training._meeting import meet
from hepvision.training.ranks import Ranks, ranks_of

__all__ = ["Run", "checked", "run"]

_LOG = logging.getLogger(__name__)
#: What a run writes before it trains; nothing is lost where another card writes it anew.
_BEFORE_TRAINING = {"card.yaml", "environment.json", "samples.json", "images.npz", "examples"}


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished run.

    Parameters
    ----------
    folder : Path
        The run folder.
    metrics : dict
        What ``metrics.json`` holds.
    report : Path
        The page to show.

    Examples
    --------
    >>> Run(Path("runs/x"), {"entries": {}}, Path("runs/x/report.html"))
    runs/x/report.html
    """

    folder: Path
    metrics: Mapping[str, Any]
    report: Path

    def __repr__(self) -> str:
        lines = []
        for name, seeds in self.metrics["entries"].items():
            for seed, measures in seeds.items():
                against = ", ".join(
                    f"{other} {versus['auc']['value']:.3f}"
                    for other, versus in measures["versus"].items()
                )
                lines.append(f"{name} (seed {seed}): AUC against {against}")
        return "\n".join([*lines, str(self.report)])

    def _repr_html_(self) -> str:
        return f'<a href="{self.report}">{self.report}</a><pre>{self!r}</pre>'


def run(
    card: str | Path | Mapping[str, Any],
    out: str | Path | None = None,
    *,
    size: str | None = None,
    changes: Sequence[str] = (),
    workers: int = 1,
    scheduler: str | None = None,
    progress: bool = True,
    components: Iterable[str] = (),
    devices: int = 1,
    nodes: int = 1,
) -> Run:
    """Run a study: make its events, train its entries, judge them and write the report.

    Parameters
    ----------
    card : str, path or mapping
        Name of a study, a YAML file, or its content.
    out : path, optional
        Run folder; ``runs/<study>-<size>`` by default.
    size : str, optional
        A key of the card's ``sizes``.
    changes : sequence of str
        ``path.to.key=value``.
    workers : int
        Processes that simulate.
    scheduler : str, optional
        Address of a Dask scheduler to use instead.
    progress : bool
        Show progress bars.
    components : iterable of str
        The user's own components that the card names, ``path/to/file.py:Class`` each.
    devices : int
        Processes of a machine that train a network together; each takes a batch a step, and a GPU
        of its own where there are any.
    nodes : int
        Machines that do. Each gives the same call, and the environment says which one it is, see
        ``ranks_of``; the first one does all but the training, and keeps what came of it.

    Returns
    -------
    Run
        Folder, metrics and report; on another machine than the first without measures.

    Raises
    ------
    CardError
        The card is wrong, or the folder holds results of another card.

    Examples
    --------
    >>> run("higgs_diphoton", changes=["sampels=3"])
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CardError: higgs_diphoton: no key 'sampels'. Did you mean 'samples'?
    """
    if workers < 1:
        raise ValueError(f"workers: must be positive, got {workers}. Give 1 or more.")
    ranks = ranks_of(devices, nodes)
    with using(components):
        if ranks.node:
            meet(ranks)  # the first one makes the folder, and all that is trained on
        study, folder = checked(card, out, size=size, changes=changes)
        if ranks.node:
            followed(study, folder, ranks)
            return Run(folder, {"entries": {}}, folder / "report.html")
        return carried_out(study, folder, workers, scheduler, progress, ranks)


def checked(
    card: str | Path | Mapping[str, Any],
    out: str | Path | None = None,
    *,
    size: str | None = None,
    changes: Sequence[str] = (),
) -> tuple[Study, Path]:
    """All that can be found wrong before anything is made; nothing is written.

    Parameters
    ----------
    card, out, size, changes
        As :func:`run` takes them.

    Returns
    -------
    Study, Path
        The checked card and the run folder.

    Raises
    ------
    CardError
        The card is wrong, or the folder holds something else.
    NotADirectoryError, ValueError
        The folder is a file, or lies in a store, a bundle or another run.

    Examples
    --------
    >>> checked("higgs_diphoton")[1].as_posix()
    'runs/higgs_diphoton-quick'
    """
    study = enough(tried(resolve(card, size, changes))).model_copy(update={"search": None})
    folder = output_folder(Path("runs") / _title(card, study) if out is None else out)
    _refuse_other(folder, study)
    return study, folder


def carried_out(
    study: Study,
    folder: Path,
    workers: int,
    scheduler: str | None,
    progress: bool,
    ranks: Ranks | None = None,
) -> Run:
    """A run of a study that was checked; what is trained in the folder is not trained again."""
    _claim(folder, study)
    started = time.perf_counter()
    stores = prepare(study, workers, scheduler, progress)
    _refuse_other_events(folder, stores)
    write_json(folder / "samples.json", _samples(study, stores))
    _note(study, stores, workers * (time.perf_counter() - started))
    collect(stores, folder, _regions(representations_of(study)))
    stream, table, representations = examples_of(study, stores)
    require_trainable(study, table)
    write_json(folder / "samples.json", _samples(study, stores, stream, table))
    inputs, measured = inputs_of(stream, representations, memory_of(study))
    ranks = ranks or Ranks()
    meet(ranks)
    trained = [
        train_entry(study, entry, seed, folder, table, inputs, measured, progress, ranks)
        for entry in study.entries
        for seed in study.seeds
    ]
    _write_results(study, folder, table, trained)
    metrics = _in_order(study, read_json(folder / "metrics.json"))
    return Run(folder, metrics, report(folder))


def _in_order(study: Study, metrics: dict[str, Any]) -> dict[str, Any]:
    """Measures with entries and backgrounds in the order of the card; files are sorted by name."""
    found = metrics["entries"]
    entries = {entry.name: dict(found[entry.name]) for entry in study.entries}
    for name, seeds in entries.items():
        for seed, measures in seeds.items():
            versus = measures.get("versus", {})
            keys = [key for key in (*study.samples, "rest") if key in versus]
            entries[name][seed] = measures | {"versus": {key: versus[key] for key in keys}}
    return metrics | {"entries": entries}


def _regions(representations: Mapping[str, Any]) -> list[str]:
    """Parts of the detector that a study draws; the barrel if it draws none."""
    found = {one.region for one in representations.values() if isinstance(one, DetectorImage)}
    return sorted(found) or ["barrel"]


def _title(card: str | Path | Mapping[str, Any], study: Study) -> str:
    stem = Path(card).stem if isinstance(card, str | Path) else "study"
    return f"{stem}-{study.size}" if study.size else stem


def _forget_pictures(folder: Path) -> None:
    """Take pictures of other events away; they are made anew."""
    (folder / "images.npz").unlink(missing_ok=True)
    shutil.rmtree(folder / "examples", ignore_errors=True)


def _claim(folder: Path, study: Study) -> None:
    """Make the folder this run's."""
    if _other(folder, study):
        _forget_pictures(folder)
    with atomic_write(folder / "card.yaml", "w") as file:
        file.write(_text(study))
    write_json(
        folder / "environment.json", {**dataclasses.asdict(doctor()), "components": records()}
    )


def _text(study: Study) -> str:
    return yaml.safe_dump(study.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def _refuse_other(folder: Path, study: Study) -> None:
    """Refuse a folder with results of another card, or with anything else."""
    there = {one.name for one in folder.iterdir()} if folder.is_dir() else set()
    if there and "card.yaml" not in there:
        raise CardError(f"{folder}: must be empty or a run, got other files. Choose another.")
    other = _other(folder, study)
    # a card alone may be the user's own
    if other and (there - _BEFORE_TRAINING or "environment.json" not in there):
        raise CardError(other)


def _refuse_other_events(folder: Path, stores: Mapping[str, Store]) -> None:
    """Refuse to go on with what was trained on events that the stores do not hold any more."""
    path = folder / "samples.json"
    known = read_json(path) if path.is_file() else {}
    others = [
        key
        for key, store in stores.items()
        if known.get(key, {}).get("checksum", store.checksum) != store.checksum
    ]
    if others and {one.name for one in folder.iterdir()} - _BEFORE_TRAINING:
        raise CardError(
            f"{folder}: holds a run of other events ({', '.join(others)}). "
            "Choose another folder with -o, or delete this one."
        )
    if others:
        _forget_pictures(folder)


def _other(folder: Path, study: Study) -> str:
    """What tells the run of a folder from this one; empty if nothing does."""
    return other_than(folder, "card.yaml", _text(study), "run")


def other_than(folder: Path, card: str, text: str, what: str) -> str:
    """What tells the run or search of a folder from one of a card; empty if nothing does."""
    path, about = folder / card, folder / "environment.json"
    if not path.is_file():
        return ""
    old, new = yaml.safe_load(path.read_text(encoding="utf-8")), yaml.safe_load(text)
    if old != new:
        keys = [key for key in new if not isinstance(old, dict) or old.get(key) != new[key]]
        return (
            f"{folder}: holds a {what} of another card ({', '.join(keys) or 'keys removed'}). "
            "Choose another folder with -o, or delete this one."
        )
    made_with = read_json(about).get("components", []) if about.is_file() else records()
    if made_with != records():
        files = sorted({one["file"] for one in [*made_with, *records()]})
        return (
            f"{folder}: holds a {what} with other components ({', '.join(files)}). "
            "Choose another folder with -o, or give the files it was made with."
        )
    return ""


def _samples(
    study: Study,
    stores: Mapping[str, Store],
    stream: ExampleStream | None = None,
    table: Table | None = None,
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, store in stores.items():
        made = {**store.manifest.get("provenance", {})}
        found[key] = {
            "title": study.samples[key].title or key,
            "store": str(store.path),
            "checksum": store.checksum,
            "events": len(store),
            **made,
        }
        done = list(made.get("select") or ()) == list(study.select)
        if stream is not None and key in stream.cut_flow and not done:
            found[key]["study_cut_flow"] = stream.cut_flow[key].as_dict()
        if table is not None:
            mine = table.columns["sample"] == key
            found[key]["split"] = {
                name: int((mine & (table.columns["split"] == number)).sum())
                for number, name in enumerate(NAMES)
            }
            copies = int((mine & (table.columns["split"] == UNUSED)).sum())
            found[key] |= {"copies_left_out": copies} if copies else {}
    return found


def _note(study: Study, stores: Mapping[str, Store], seconds: float) -> None:
    """Remember the size of simulated events, and the workers' seconds that all of them took."""
    made = {key: store for key, store in stores.items() if study.samples[key].simulate}
    total = sum(len(store) for store in made.values())
    for store in made.values():
        name = str(store.manifest["provenance"].get("process", {}).get("name", ""))
        size = sum(part["bytes"] for part in store.manifest["parts"]) / max(len(store), 1)
        if name:
            note_rate(f"bytes {name}", size)
            if seconds > 30:  # less means that the cache had them
                note_rate(f"simulate {name}", seconds / max(total, 1))


def _write_results(study: Study, folder: Path, table: Table, trained: Sequence[Trained]) -> None:
    metrics: dict[str, Any] = {"signal": study.signal, "classes": list(table.classes)}
    metrics |= significances(study, folder, table, trained)
    metrics["entries"] = {}
    timing: dict[str, Any] = {}
    for one in trained:
        metrics["entries"].setdefault(one.entry, {})[str(one.seed)] = one.metrics
        timing.setdefault(one.entry, {})[str(one.seed)] = one.timing
        if one.timing.get("seconds_an_example"):
            note_rate(f"train {study.title} {one.entry}", one.timing["seconds_an_example"])
    write_json(folder / "metrics.json", metrics)
    write_json(folder / "timing.json", timing)

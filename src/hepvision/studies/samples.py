"""The samples of a study: simulated or read once, kept in the cache, streamed as examples."""

import dataclasses
import functools
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import awkward as ak

import hepvision
from hepvision.core.cache import cache_folder, cache_key
from hepvision.core.card import component
from hepvision.core.errors import SchemaError
from hepvision.core.files import sha256
from hepvision.core.own import active, code_of
from hepvision.core.places import place
from hepvision.events.examples import examples, of_sample
from hepvision.events.schema import VERSION
from hepvision.events.selection import CutFlow, selected
from hepvision.events.split import splits
from hepvision.events.store import Store, open_store
from hepvision.representations._together import columns_read
from hepvision.studies._fetch import is_address
from hepvision.studies._sources import sources
from hepvision.studies.card import Simulated, Study
from hepvision.studies.convert import VERSION as CONVERSION
from hepvision.studies.convert import convert

__all__ = ["ExampleStream", "code_key", "prepare", "simulation", "store_folder"]

_LOG = logging.getLogger(__name__)
#: Between the seeds of two classes of one process.
_APART = 1_000_003


def simulation(study: Study, block: Simulated) -> dict[str, Any]:
    """Arguments of ``simulate`` for a sample.

    Parameters
    ----------
    study : Study
        A checked card.
    block : Simulated
        One of its samples.

    Returns
    -------
    dict
        All but the folder and how it is run.

    Examples
    --------
    >>> from hepvision.studies.card import resolve
    >>> study = resolve("higgs_diphoton")
    >>> simulation(study, study.samples["higgs"].simulate)["parameters"]
    {'filter': True}
    """
    name = {"name": block.process} if isinstance(block.process, str) else dict(block.process)
    return {
        "process": name.pop("name"),
        "events": block.events,
        "pileup": block.pileup,
        "energy": block.energy,
        "seed": _seed(study, block),
        "readout": block.readout,
        "reconstruct": list(block.reconstruct),
        "select": list(study.select),
        "split": study.split.model_dump(),
        "parameters": name,
    }


def _seed(study: Study, block: Simulated) -> int:
    """The block's seed; another stream where an earlier class has the same process and seed."""
    seeds = 0
    for sample in study.samples.values():
        if sample.simulate is block:
            break
        if sample.simulate is not None and sample.simulate.seed == block.seed:
            seeds += _process(sample.simulate) == _process(block)
    return block.seed + _APART * seeds


def _process(block: Simulated) -> str:
    return block.process if isinstance(block.process, str) else str(block.process["name"])


def store_folder(study: Study, key: str) -> Path:
    """Where the events of a sample are or will be.

    Parameters
    ----------
    study : Study
        A checked card.
    key : str
        Name of one of its samples.

    Returns
    -------
    Path
        A store, or a folder of the cache named after everything that decides its content.

    Raises
    ------
    SchemaError
        The sample has no source.

    Examples
    --------
    >>> from hepvision.studies.card import resolve
    >>> store_folder(resolve("higgs_diphoton"), "higgs").name.startswith("higgs_to_diphoton-")
    True
    """
    sample = study.samples[key]
    if sample.store is not None:
        return place(sample.store)
    if sample.simulate is not None:
        settings = simulation(study, sample.simulate)
        block = {"name": settings["process"], **settings["parameters"]}
        process = component("processes", block)
        decided = {**settings, "process": dataclasses.asdict(process), "code": code_key()}
        decided |= code_of("processes", settings["process"])
        return cache_folder("samples") / f"{settings['process']}-{cache_key(decided)}"
    if sample.read is None:
        raise SchemaError(f"sample {key}: needs a source, got none.")
    key = _label(study, key)
    files = [one for word in sample.read.files for one in _marks(word)]
    decided = {"files": files, "schema": VERSION, "reader": sample.read.reader}
    decided |= {"code": code_key("readers"), "label": key, "conversion": CONVERSION}
    mine = [one.sha256 for one in active("readers")]
    decided |= {"readers": mine} if mine else {}
    return cache_folder("samples") / f"{key}-{cache_key(decided)}"


def _label(study: Study, key: str) -> str:
    """Name of the first sample that reads the same files, so that they are read once."""
    block = study.samples[key].read
    return next(name for name, one in study.samples.items() if one.read == block)


@functools.cache
def code_key(*also: str) -> str:
    """Checksum of all that decides simulated events, so that an older detector's are not used.

    Parameters
    ----------
    *also : str
        More folders of the package.

    Returns
    -------
    str
        Of the installed package.

    Examples
    --------
    >>> code_key() == code_key()
    True
    """
    package = Path(hepvision.__file__).parent
    folders = ("simulation", "reconstruction", "physics", "events", *also)
    files = sorted(path for name in folders for path in (package / name).rglob("*.py"))
    return cache_key([VERSION, *(sha256(path) for path in files)])


def _marks(word: str) -> list[str]:
    """What tells files apart: checksums, or an address."""
    if is_address(word):
        return [word]
    return [sha256(one.path) for one in sources([word], lambda *_: None)[0]]


def prepare(
    study: Study, workers: int = 1, scheduler: str | None = None, progress: bool = True
) -> dict[str, Store]:
    """Make or find the store of every sample.

    Parameters
    ----------
    study : Study
        A checked card.
    workers : int
        Processes that simulate.
    scheduler : str, optional
        Address of a Dask scheduler to use instead.
    progress : bool
        Show progress bars.

    Returns
    -------
    dict of Store
        By sample; unfinished ones of an earlier run are carried on.

    Examples
    --------
    >>> from hepvision.studies.card import resolve
    >>> changes = [f"samples.{key}={{store: nowhere}}" for key in ("higgs", "diphoton")]
    >>> prepare(resolve("higgs_diphoton", changes=changes))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: nowhere: no store is there...
    """
    made: dict[str, Store] = {}
    for key, sample in study.samples.items():
        folder = store_folder(study, key)
        if sample.store is not None or (folder / "manifest.json").is_file():
            made[key] = open_store(folder)
        elif sample.simulate is not None:
            from hepvision.simulation.simulate import simulate

            settings = simulation(study, sample.simulate)
            made[key] = simulate(
                **settings, out=folder, workers=workers, scheduler=scheduler, progress=progress
            )
        elif sample.read is not None:
            made[key] = convert(
                sample.read.files,
                folder,
                label=_label(study, key),
                format=sample.read.format,
                options=sample.read.options,
                workers=workers,
                scheduler=scheduler,
                progress=progress,
            )
        _LOG.info("sample %s: %s", key, made[key])
    return made


@dataclasses.dataclass
class ExampleStream:
    """Examples of all samples in order, batch by batch; may be run over again.

    Parameters
    ----------
    study : Study
        A checked card.
    stores : dict of Store
        As ``prepare`` gives them.
    fields : sequence of str
        Schema fields that are read; what cuts and observables need is added.
    part : int, optional
        Only this part of the split: 0 train, 1 validation, 2 test.

    Examples
    --------
    >>> from hepvision.studies.card import resolve
    >>> stream = ExampleStream(resolve("higgs_diphoton"), {}, ("Photon.pt",))
    >>> list(stream)
    []
    """

    study: Study
    stores: dict[str, Store]
    fields: Sequence[str]
    part: int | None = None
    cut_flow: dict[str, CutFlow] = dataclasses.field(default_factory=dict)

    def __iter__(self) -> Iterator[ak.Array]:
        for key, store in self.stores.items():
            wanted = self.columns(key)
            published = ["split"] if "split" in store.fields else []
            flow: CutFlow | None = None
            cuts = (*self.study.samples[key].where, *self.study.select)
            for events in store.stream([*wanted, *published]):
                every = examples(of_sample(events, key), self.study.per)
                rows, passed = selected(every, cuts)
                flow = passed if flow is None else flow + passed
                rows = ak.with_field(rows, splits(rows, self.study.split), "split")
                if self.part is not None:
                    rows = rows[part_of(rows) == self.part]
                if len(rows):
                    yield rows
            if flow is not None:
                self.cut_flow[key] = flow

    def columns(self, key: str) -> tuple[str, ...]:
        """What is read of a store, by its manifest alone.

        Parameters
        ----------
        key : str
            Its sample.

        Returns
        -------
        tuple of str
            Scalars, fields and collections.

        Raises
        ------
        SchemaError, UnknownNameError
            The store lacks a collection, or a field of one.
        """
        study, store = self.study, self.stores[key]
        cuts = (*study.samples[key].where, *study.select)
        wanted = columns_read(self.fields, cuts, study.per, study.observables)
        collections = {name.split(".")[0] for name in store.fields}
        lost = [name for name in wanted if name.split(".")[0] not in collections]
        if lost:
            raise SchemaError(
                f"sample {key}: needs {', '.join(lost)}, got {store.path}. "
                "Give a store that has them."
            )
        list(store.stream(wanted, stop=0))  # reads no part
        return wanted


def part_of(rows: ak.Array) -> Any:
    """Part of the split of each example.

    Parameters
    ----------
    rows : ak.Array
        Examples of an ``ExampleStream``.

    Returns
    -------
    array of int8, shape (B,)
        0 train, 1 validation, 2 test.
    """
    return ak.to_numpy(rows["split"])

"""The card of a study: what is made, read, shown to which network, and how it is judged."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import pydantic
import yaml

from hepvision.core.card import Card, parse, read_yaml
from hepvision.core.errors import CardError
from hepvision.core.names import hint
from hepvision.events.split import Split
from hepvision.studies._analysis import Analysis
from hepvision.studies._given_files import with_files
from hepvision.studies._own_names import require_apart
from hepvision.studies._search_block import Search
from hepvision.studies._sizes import merged, sized

__all__ = ["Entry", "Mass", "Published", "Read", "Sample", "Simulated", "Study", "resolve"]

Component = str | dict[str, Any]
Positive = Annotated[int, pydantic.Field(gt=0)]


class Simulated(Card):
    """Events to be simulated.

    Examples
    --------
    >>> Simulated(process="particle_gun", events=10).pileup
    20.0
    """

    process: Component
    events: Positive
    pileup: Annotated[float, pydantic.Field(ge=0)] = 20.0
    energy: Annotated[float, pydantic.Field(gt=0)] = 8000.0
    seed: Annotated[int, pydantic.Field(ge=0)] = 1
    readout: str = "full"
    reconstruct: tuple[str, ...] = ()


class Read(Card):
    """Events in files that a reader knows.

    Parameters
    ----------
    files : tuple of str
        Paths; stars are expanded.
    reader : str or block, optional
        Name of a reader, or its name and options; by default the files tell.

    Examples
    --------
    >>> Read(files=("a.ig",)).reader is None
    True
    """

    files: tuple[str, ...]
    reader: str | dict[str, Any] | None = None

    @property
    def format(self) -> str | None:
        """Name of the reader, where the card names one."""
        return self.reader.get("name") if isinstance(self.reader, dict) else self.reader

    @property
    def options(self) -> dict[str, Any]:
        """Options of the reader."""
        block = self.reader if isinstance(self.reader, dict) else {}
        return {key: one for key, one in block.items() if key != "name"}


class Sample(Card):
    """One class of the study, from exactly one source.

    Parameters
    ----------
    simulate, read, store : block
        Where the events come from.
    where : str or sequence of str
        The examples of the source that belong to this class, where it holds several classes: an
        expression over the schema's fields, such as ``label == 1``.
    title : str
        How figures call it.
    cross_section : float, optional
        In pb, instead of the generator's: of what the process generates before filter and cuts,
        with the branching ratio of a forced decay; of the stored events where nothing was
        generated.

    Examples
    --------
    >>> Sample(store="made/before").title
    ''
    """

    simulate: Simulated | None = None
    read: Read | None = None
    store: str | None = None
    where: tuple[str, ...] = ()
    title: str = ""
    cross_section: Annotated[float, pydantic.Field(gt=0)] | None = None

    @pydantic.field_validator("where", mode="before")
    @classmethod
    def _several(cls, given: Any) -> Any:
        return (given,) if isinstance(given, str) else given

    @pydantic.model_validator(mode="after")
    def _one_source(self) -> "Sample":
        given = [key for key in ("simulate", "read", "store") if getattr(self, key) is not None]
        if len(given) != 1:
            raise ValueError(
                f"needs exactly one of simulate, read, store, has {', '.join(given) or 'none'}"
            )
        return self


class Entry(Card):
    """One row of the table: a model on representations.

    Examples
    --------
    >>> Entry(name="trees", uses=("photon_features",), model="boosted_trees").training
    {}
    """

    name: Annotated[str, pydantic.Field(pattern=r"^[A-Za-z0-9][\w.+-]*$", max_length=80)]
    uses: Annotated[tuple[str, ...], pydantic.Field(min_length=1)]
    model: Component
    training: dict[str, Any] = pydantic.Field(default_factory=dict)
    title: str = ""


class Published(Card):
    """A number of the reference that the result stands beside.

    Examples
    --------
    >>> Published(measure="AUC", against="rest", value=0.81).entry
    ''
    """

    measure: str
    against: str
    value: float
    entry: str = ""
    note: str = ""


class Mass(Card):
    """The observable that the score should not know, and its bins.

    Parameters
    ----------
    observable : str
        One of the study's observables; the first if not given.
    low, high : float
        Range of the bins; most of the background if not given.
    bins : int
        How many.

    Examples
    --------
    >>> Mass(observable="diphoton_mass", low=90, high=190).bins
    20
    """

    observable: str = ""
    low: float | None = None
    high: float | None = None
    bins: Annotated[int, pydantic.Field(ge=2)] = 20

    @pydantic.model_validator(mode="after")
    def _a_range(self) -> "Mass":
        if (self.low is None) != (self.high is None):
            raise ValueError("low and high must both be given, or neither")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError(f"low must lie below high, got {self.low:g} and {self.high:g}")
        return self


class Study(Card):
    """A whole study; see ``cards/`` for those that come with the package.

    Parameters
    ----------
    title, reference, expects, takes : str
        What it reproduces, what we expect, how long it takes on two cores.
    published : sequence of Published
        Numbers of the reference.
    samples : mapping of Sample
        One a class; the first is the signal.
    select : sequence of str
        Cuts, one after the other.
    per : str
        ``event`` or a collection.
    observables : sequence of str
        Kept beside the predictions.
    mass : str or Mass
        The observable whose sculpting is measured; the first one if not given.
    representations : mapping
        Key: a representation with its parameters.
    task : str or mapping
        What is predicted.
    entries : sequence of Entry
        Rows of the table.
    training : mapping
        Settings that every entry starts from.
    seeds : sequence of int
        One training an entry and seed.
    analysis : Analysis, optional
        Luminosity and fit for which expected significances are given.
    search : Search, optional
        What ``hepvision search`` varies; a run takes no notice of it.

    Examples
    --------
    >>> resolve("higgs_diphoton").signal
    'higgs'
    """

    title: str
    reference: str = ""
    expects: str = ""
    takes: str = ""
    published: tuple[Published, ...] = ()
    samples: Annotated[dict[str, Sample], pydantic.Field(min_length=2)]
    select: tuple[str, ...] = ()
    per: str = "event"
    split: Split = Split()
    observables: tuple[str, ...] = ()
    mass: Mass = Mass()
    representations: Annotated[dict[str, Component], pydantic.Field(min_length=1)]
    task: Component = "classification"
    entries: Annotated[tuple[Entry, ...], pydantic.Field(min_length=1)]
    training: dict[str, Any] = pydantic.Field(default_factory=dict)
    seeds: Annotated[tuple[int, ...], pydantic.Field(min_length=1)] = (1,)
    size: str = ""
    analysis: Analysis | None = None
    search: Search | None = None

    @pydantic.field_validator("mass", mode="before")
    @classmethod
    def _named(cls, given: Any) -> Any:
        return {"observable": given} if isinstance(given, str) else given

    @pydantic.model_validator(mode="after")
    def _names_fit(self) -> "Study":
        for entry in self.entries:
            for key in entry.uses:
                if key not in self.representations:
                    advice = hint(key, self.representations, "Name it there.")
                    raise ValueError(f"entry {entry.name}: no representation {key!r}. {advice}")
        names = [entry.name for entry in self.entries]
        require_apart(self.samples, names)
        self._published_fit()
        if len(set(self.seeds)) != len(self.seeds) or min(self.seeds) < 0:
            raise ValueError(f"seeds must be different and not negative, got {list(self.seeds)}")
        standard = self.analysis.standard if self.analysis else ""
        advice = hint(standard, names, "") if standard and standard not in names else ""
        if advice:  # one that is far from all was left out of this run
            raise ValueError(f"analysis: no entry {standard!r}. {advice}")
        if self.mass.observable and self.mass.observable not in self.observables:
            advice = hint(self.mass.observable, self.observables, "Name it there.")
            raise ValueError(f"mass: no {self.mass.observable!r} among the observables. {advice}")
        return self

    @pydantic.model_serializer(mode="wrap")
    def _written(self, write: Any) -> dict[str, Any]:
        """As plain data; a card without a search is written as it always was."""
        made: dict[str, Any] = write(self)
        if self.search is None:
            made.pop("search", None)
        return made

    def _published_fit(self) -> None:
        """Refuse a number that would stand beside nothing."""
        names = [entry.name for entry in self.entries]
        backgrounds = [key for key in self.samples if key != self.signal] + ["rest"]
        for row in self.published:
            for key, given, known in (
                ("against", row.against, backgrounds),
                ("entry", row.entry, names),
            ):
                if given and given not in known:
                    raise ValueError(
                        f"published: no {key} {given!r}. {hint(given, known)} Published values are "
                        "left out with --set 'published=[]'."
                    )

    @property
    def signal(self) -> str:
        """Name of the signal class."""
        return next(iter(self.samples))

    @property
    def mass_observable(self) -> str:
        """The observable whose sculpting is measured; empty if the study keeps none."""
        return self.mass.observable or next(iter(self.observables), "")


def _set(data: dict[str, Any], assignment: str, where: str) -> None:
    path, equals, text = assignment.partition("=")
    if not equals or not path.strip():
        raise CardError(f"--set: must be key=value, got {assignment!r}. Write training.epochs=3.")
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise CardError(f"--set: value must be YAML, got {text!r}. Quote it.") from error
    *parents, last = path.strip().split(".")
    block: Any = data
    for key in parents:
        block = _step(block, key, assignment, where)
    if isinstance(block, list):
        block[_position(block, last, assignment)] = value
    elif isinstance(block, dict):
        block[last] = value
    else:
        raise CardError(f"--set: {path} is no block of the card, got {assignment!r}.")


def _position(block: list[Any], key: str, assignment: str) -> int:
    for number, one in enumerate(block):
        if isinstance(one, Mapping) and one.get("name") == key:
            return number
    if key.isdigit() and int(key) < len(block):
        return int(key)
    raise CardError(f"--set: no entry {key!r} in the card, got {assignment!r}.")


def _step(block: Any, key: str, assignment: str, where: str) -> Any:
    if isinstance(block, list):
        return block[_position(block, key, assignment)]
    if isinstance(block, dict):
        return block.setdefault(key, {})
    raise CardError(f"{where}: --set {assignment!r}: {key!r} is below a value. Check the path.")


def resolve(
    card: str | Path | Mapping[str, Any], size: str | None = None, changes: Sequence[str] = ()
) -> Study:
    """Read a card, apply a size and changes, and check it.

    Parameters
    ----------
    card : str, path or mapping
        Name of a study, a YAML file, or its content.
    size : str, optional
        A key of the card's ``sizes``; ``quick`` by default where the card has it.
    changes : sequence of str
        ``path.to.key=value``, values in YAML; entries by their names. ``files=FOLDER`` lets a card
        that has ``from_files`` read files instead of simulating.

    Returns
    -------
    Study
        Checked and frozen.

    Raises
    ------
    CardError
        A key is unknown, a value is wrong, a size does not exist.

    Examples
    --------
    >>> resolve("higgs_diphoton", changes=["training.epochs=2"]).training["epochs"]
    2
    """
    where = str(card) if isinstance(card, str | Path) else "card"
    data, _ = sized(card if isinstance(card, Mapping) else read_yaml(card), size, where)
    files = [one for one in changes if one.strip().startswith(("files=", "from_files"))]
    for assignment in files:
        _set(data, assignment, where)
    data = with_files(data, where)
    for assignment in changes:
        if assignment not in files:
            _set(data, assignment, where)
    shared = data.pop("simulate", None)
    for sample in (data.get("samples") or {}).values():
        if shared and isinstance(sample, dict) and isinstance(sample.get("simulate"), dict):
            sample["simulate"] = merged(shared, sample["simulate"])
    return parse(Study, data, where)

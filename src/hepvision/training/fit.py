"""Train a network: balanced batches, early stopping, and a course that can be taken up again."""

import dataclasses
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from hepvision.core.cache import cache_key
from hepvision.core.inputs import Inputs, InputSpec
from hepvision.core.interruption import deferred
from hepvision.core.stored_inputs import bytes_of, loaded
from hepvision.models.layers.batches import Buffers, limited_threads
from hepvision.models.layers.device import chosen_device
from hepvision.models.layers.network import Network
from hepvision.training._launch import launched
from hepvision.training.checkpoints import Checkpoints
from hepvision.training.data import Dealer, epoch_rows, training_weights
from hepvision.training.decorrelation import Watch, watch_of
from hepvision.training.options import Options, Precision, chosen_precision
from hepvision.training.progress import TrainingProgress
from hepvision.training.ranks import Ranks
from hepvision.training.turns import Turns
from hepvision.training.windows import Windows, windows_of

__all__ = ["Fitted", "fit", "new_network"]


@dataclasses.dataclass(frozen=True, eq=False)
class Fitted:
    """A trained model and how it came about.

    Parameters
    ----------
    model : Network or Learner
        With the weights of the best epoch.
    history : list of dict
        One row an epoch or round: ``epoch``, ``train``, ``validation``; networks also
        ``learning_rate``, ``events``, ``seconds`` and what ``Watch`` measured.
    best_epoch : int
        From 1.
    precision : "float32" or "bfloat16"
        What it was trained with.
    threads : int
        What it was trained with.
    processes : int
        As many trained it together.
    device : str
        Type of what each of them computed on, as PyTorch calls it.

    Examples
    --------
    >>> Fitted(None, [{"events": 10.0, "seconds": 2.0}], 1, "float32", 1).events_per_second
    5.0
    """

    model: Any
    history: list[dict[str, float]]
    best_epoch: int
    precision: Precision
    threads: int
    processes: int = 1
    device: str = "cpu"

    @property
    def seconds(self) -> float:
        """Time in all training epochs, validation apart."""
        return sum(row.get("seconds", 0.0) for row in self.history)

    @property
    def events_per_second(self) -> float:
        """Speed of training, validation apart."""
        events = sum(row.get("events", 0.0) for row in self.history)
        return events / self.seconds if self.seconds else 0.0


def new_network(architecture: Any, spec: InputSpec, outputs: int, seed: int) -> Any:
    """A model whose first weights depend on the seed alone.

    Parameters
    ----------
    architecture : object
        A component of ``models``.
    spec : InputSpec
        What it reads.
    outputs : int
        Numbers an example.
    seed : int
        Of the training.

    Returns
    -------
    Network or Learner
        Not trained.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> from hepvision.models.mlp import Mlp
    >>> spec = {"x": PartSpec("vector", (2,), ("a", "b"), ("", ""), (1.0, 1.0))}
    >>> a, b = (new_network(Mlp(), spec, 2, seed=3).state() for _ in range(2))
    >>> all((a[key] == b[key]).all() for key in a)
    True
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made: Any = architecture.from_spec(spec, outputs)
    for one in made.modules() if isinstance(made, Network) else ():
        if isinstance(one, Network):
            one.start()
    return made


def fit(
    network: Network,
    task: Any,
    spec: InputSpec,
    inputs: Inputs,
    target: Mapping[str, NDArray[Any]],
    weight: NDArray[Any],
    split: NDArray[Any],
    options: Options | None = None,
    *,
    seed: int = 0,
    observables: Mapping[str, NDArray[Any]] | None = None,
    folder: str | Path | None = None,
    progress: bool = False,
    title: str = "training",
    after_epoch: Callable[[list[dict[str, float]]], None] | None = None,
    ranks: Ranks | None = None,
) -> Fitted:
    """Train a network on the training split, stopping by the validation split.

    In float32 with a fixed number of threads the same seed gives the same weights, also when the
    training was interrupted and taken up again; a GPU sums in another order every time.

    Parameters
    ----------
    network : Network
        Trained in place.
    task : object
        A component of ``tasks``.
    spec : InputSpec
        What the inputs are.
    inputs : Inputs
        B examples of all splits; stored ones are read into memory if they fit into
        ``options.memory``, and else a window at a time.
    target : mapping of array, shape (B, ...)
        What the task's ``target`` gave.
    weight : array, shape (B,)
        Weights of the events.
    split : array of int, shape (B,)
        0 train, 1 validation; others are left alone.
    options : Options, optional
        Settings.
    seed : int
        Of shuffling and dropout; the first weights are the network's own.
    observables : mapping of array, shape (B,), optional
        For losses that decorrelate, and for ``decorrelate_from``.
    folder : path, optional
        Where checkpoints are kept; a training that finds its own goes on where they end. Ctrl-C
        and SIGTERM are obeyed after the batch, when one is written; several processes end a
        validation first.
    progress : bool
        Show events a second and time left.
    title : str
        What the progress line says.
    after_epoch : callable, optional
        Called with the history after every epoch, when its checkpoint is kept, and where a
        training goes on; what it raises ends the training and is raised here.
    ranks : Ranks, optional
        Of several processes that train together, each with ``options.batch`` examples a step;
        those of this machine are started here.

    Returns
    -------
    Fitted
        The network with the best weights, and the history.

    Raises
    ------
    ValueError
        There is nothing to train on, a class has no weight, the loss is not finite, or an
        observable that the training stops by is missing where it is needed.
    UnknownNameError
        There is no such observable.
    SchemaError
        The folder holds checkpoints of other settings.
    CorruptFileError
        All checkpoints are damaged.
    OSError
        A checkpoint cannot be written, such as on a full disk; the earlier ones are kept.
    UserError
        One of several processes came to an end.
    KeyboardInterrupt, Terminated
        Ctrl-C, or SIGTERM from a batch system.

    Examples
    --------
    >>> from hepvision.core.inputs import Dense, PartSpec
    >>> from hepvision.models.mlp import Mlp
    >>> from hepvision.tasks.classification import Classification
    >>> spec, task = {"x": PartSpec("vector", (1,), ("x",), ("",), (1.0,))}, Classification()
    >>> x = np.linspace(-1, 1, 60, dtype=np.float32)[:, None]
    >>> target, split = {"class": (x[:, 0] > 0).astype(np.int64)}, np.arange(60) % 2
    >>> network = new_network(Mlp(hidden=(4,)), spec, 2, seed=1)
    >>> settings = Options(epochs=2, threads=1)
    >>> made = fit(network, task, spec, {"x": Dense(x)}, target, np.ones(60), split, settings)
    >>> made.history[1]["validation"] < made.history[0]["validation"]
    True
    """
    settings = options or Options()
    placed = (ranks or Ranks()).trained_on(chosen_device(settings.accelerator).type)
    given = {
        "network": network,
        "task": task,
        "spec": spec,
        "inputs": inputs,
        "target": target,
        "weight": weight,
        "split": split,
        "options": settings,
        "seed": seed,
        "observables": observables or {},
        "folder": folder,
    }
    with launched(placed, _beside, given, title) as mine:
        return _fitted(ranks=mine, progress=progress, title=title, after_epoch=after_epoch, **given)


def _beside(ranks: Ranks, **given: Any) -> None:
    """Train in one more process, which neither shows nor keeps anything."""
    _fitted(ranks=ranks, progress=False, title="", after_epoch=None, **given)


def _fitted(
    network: Network,
    task: Any,
    spec: InputSpec,
    inputs: Inputs,
    target: Mapping[str, NDArray[Any]],
    weight: NDArray[Any],
    split: NDArray[Any],
    options: Options,
    seed: int,
    observables: Mapping[str, NDArray[Any]],
    folder: str | Path | None,
    progress: bool,
    title: str,
    after_epoch: Callable[[list[dict[str, float]]], None] | None,
    ranks: Ranks,
) -> Fitted:
    """What ``fit`` does in each process."""
    rows, later = (np.flatnonzero(np.asarray(split) == part) for part in (0, 1))
    if len(rows) < ranks.number or 0 < len(later) < ranks.number:
        which = "training" if len(rows) < ranks.number else "validation"
        few = f"got {len(rows if which == 'training' else later) or 'none'}"
        many = "" if ranks.number == 1 else f", one for each of {ranks.number} processes"
        raise ValueError(f"training: needs examples of the {which} split{many}, {few}.")
    group = None if task.balance_by is None else np.asarray(target[task.balance_by])
    scaled = training_weights(weight, group, rows, later, options.balance)
    if bytes_of(inputs) <= options.memory:
        inputs = loaded(inputs)
    windows = windows_of(inputs, options.memory)
    watch = watch_of(task, options, observables, target, later)
    buffers = Buffers(spec, options.batch)

    def dealer(of: NDArray[np.int64], turns: Turns | None = None, done: int = 0) -> Dealer:
        beside = (observables, turns, done, windows)
        return Dealer(buffers, inputs, target, scaled, of, options.batch, *beside)

    def deal(epoch: int, done: int = 0) -> Dealer:
        own = None if group is None else group[rows]
        order = epoch_rows(rows, own, seed, epoch, counts=options.balance == "counts")
        order = order if windows is None else windows.ordered(order, seed, epoch)
        order = ranks.share(order, options.batch)
        return dealer(order, options.turns(spec, ranks.seed(seed), epoch), done)

    precision = chosen_precision(options, spec)
    key = _key(network, task, options, precision, seed, rows, later, windows, ranks)
    checkpoints = None if folder is None else Checkpoints(folder, key)
    mine = later[ranks.rank :: ranks.number]
    validation = dealer(mine) if len(mine) else None
    with limited_threads(options.threads or ranks.threads), ranks.random_kept():
        threads = torch.get_num_threads()
        events = ranks.number * len(deal(0).rows)
        shown = TrainingProgress(title, options.epochs, events, progress)
        what = (network, task, options, deal, validation, seed, precision)
        course = _run(*what, checkpoints, shown, watch, after_epoch, ranks)
    found = (network, course.history, course.best_epoch, precision, threads)
    return Fitted(*found, processes=ranks.number, device=ranks.kind)


def _key(
    network: Network,
    task: Any,
    options: Options,
    precision: str,
    seed: int,
    rows: NDArray[np.int64],
    later: NDArray[np.int64],
    windows: Windows | None,
    ranks: Ranks,
) -> str:
    """Everything that must be the same for a training to go on."""
    # more epochs may be asked for, unless the learning rate depends on their number
    free = {"threads", "precision", "accelerator", "checkpoint_minutes", "memory"}
    free |= {"epochs"} if options.schedule == "constant" else set()
    # what is not asked for is left out, so that older trainings go on
    free |= {key for key in ("rotation", "mirror", "shear", "translation") if not options.asks(key)}
    return cache_key(
        {
            "options": options.model_dump(exclude=free),
            "precision": precision,
            "seed": seed,
            "rows": [len(rows), len(later), int(rows.sum()), int(later.sum())],
            "network": {name: list(one.shape) for name, one in network.state_dict().items()},
            "task": repr(task),
            **({} if windows is None else {"windows": windows.described}),
            **({} if ranks.number == 1 else {"ranks": ranks.number}),
            **({} if ranks.kind == "cpu" else {"device": ranks.kind}),
        }
    )


def _run(
    network: Network,
    task: Any,
    options: Options,
    deal: Any,
    validation: Dealer | None,
    seed: int,
    precision: Precision,
    checkpoints: Checkpoints | None,
    shown: TrainingProgress,
    watch: Watch | None,
    after_epoch: Callable[[list[dict[str, float]]], None] | None,
    ranks: Ranks,
) -> Any:
    # takes seconds to import, so only where something is trained
    from hepvision.training._module import Course, Module
    from hepvision.training._trainer import train

    course = Course()
    found = None if checkpoints is None else checkpoints.latest()
    if found is not None:
        kept = (found["history"], found["optimiser"], found["best"], found.get("middle"))
        course = Course(*kept)
        network.load_state_dict(found["network"])
        # it may have ended between the checkpoint and this call
        if after_epoch is not None and course.history:
            after_epoch(course.history)
    network.channels_last()
    ranks.agree(
        [precision, ranks.kind, options.epochs, len(course.history), str(course.middle is None)]
    )

    def save(module: Any) -> None:
        middle = module.course.middle
        if checkpoints is not None and ranks.main:
            state = {"network": network.state_dict(), **vars(module.course)}
            batches = None if middle is None else middle["batches"]
            checkpoints.save(len(module.course.history), state, batches)
        if after_epoch is not None and middle is None:
            after_epoch(module.course.history)

    if not course.finished(options):
        with deferred() as pause, shown:
            what = (network, task, options, course, deal, validation, seed, shown, save)
            module = Module(*what, watch, pause, ranks)
            train(module, options.epochs - len(course.history), precision, ranks)
    if course.best is not None:
        network.load_state_dict(course.best)
    network.to("cpu").eval()
    return course

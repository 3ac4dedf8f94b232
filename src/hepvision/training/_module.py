"""One training as Lightning sees it; what an epoch leaves behind is in ``Course``."""

import copy
import dataclasses
import math
import signal
import time
from collections.abc import Callable
from typing import Any

import lightning
import numpy as np
import torch
from torch import Tensor

from hepvision.core.interruption import Pause
from hepvision.models.layers.network import Network
from hepvision.tasks._batch import Batch
from hepvision.training.data import Dealer
from hepvision.training.decorrelation import Watch, best_epoch
from hepvision.training.options import Options
from hepvision.training.progress import TrainingProgress
from hepvision.training.ranks import Ranks

__all__ = ["Course", "Module", "Stopped"]

State = dict[str, Any]


@dataclasses.dataclass
class Course:
    """How far a training has come: all that a checkpoint holds beside the network.

    Parameters
    ----------
    history : list of dict
        One row an epoch.
    optimiser : dict, optional
        State of the optimiser after the last epoch.
    best : dict, optional
        Weights of the best epoch.
    middle : dict, optional
        Where an epoch was broken off, see ``Module``; the optimiser's state is then of there.
    """

    history: list[dict[str, float]] = dataclasses.field(default_factory=list)
    optimiser: State | None = None
    best: State | None = None
    middle: State | None = None

    @property
    def best_epoch(self) -> int:
        """Number of the best epoch, from 1; a later row never makes an earlier one the best."""
        return best_epoch(self.history)

    def finished(self, options: Options) -> bool:
        """Whether all epochs are done, or patience is at its end.

        A loss that still falls is waited for: a later epoch may be decorrelated again.
        """
        done = len(self.history)
        if not options.patience or not done:
            return done >= options.epochs
        losses = [row.get("validation", 0.0) for row in self.history]
        last = max(self.best_epoch, losses.index(min(losses)) + 1)
        return done >= options.epochs or done - last >= options.patience


class Stopped(Exception):
    """A training came to an end because it was asked to."""


class _Mean:
    """Weighted means of the terms of a loss over the batches of an epoch."""

    def __init__(self, state: State | None = None) -> None:
        known: State = {"sums": {}, "weight": 0.0, "events": 0} if state is None else state
        self.sums: dict[str, float] = dict(known["sums"])
        self.weight: float = known["weight"]
        self.events: int = known["events"]

    def state(self) -> State:
        return {"sums": dict(self.sums), "weight": self.weight, "events": self.events}

    def clear(self) -> None:
        """Start anew with the same terms."""
        self.weight, self.events, self.sums = 0.0, 0, dict.fromkeys(self.sums, 0.0)

    def over(self, ranks: Ranks) -> "_Mean":
        """That of all processes."""
        mine = [self.weight, float(self.events), *self.sums.values()]
        weight, events, *sums = ranks.summed(np.array(mine)).tolist()
        named = dict(zip(self.sums, sums, strict=True))
        return _Mean({"sums": named, "weight": weight, "events": int(events)})

    def add(self, terms: dict[str, Tensor], batch: Batch) -> None:
        weight = float(batch.weight.sum())
        self.weight += weight
        self.events += len(batch.weight)
        for name, term in terms.items():
            self.sums[name] = self.sums.get(name, 0.0) + float(term.detach()) * weight

    def row(self, which: str) -> dict[str, float]:
        means = {name: one / self.weight for name, one in self.sums.items()}
        row = {which: sum(means.values())}
        if len(means) > 1:
            row |= {f"{which}/{name}": one for name, one in means.items()}
        return row


@dataclasses.dataclass(frozen=True)
class _Agreed:
    """What all processes know of a step: their share of its loss, and what is to be done then."""

    share: float = 1.0
    stop: bool = False
    due: bool = False


def _agreed(ranks: Ranks, pause: Pause, due: bool, weight: float) -> _Agreed:
    if ranks.number == 1:
        return _Agreed(due=due)
    signals = (signal.SIGINT, signal.SIGTERM)
    # the loss of a batch whose weights sum to less than 0 is 0
    used = max(weight, 0.0)
    mine = [used, float(due), *(float(pause.number == one) for one in signals)]
    total, some, *came = ranks.summed(np.array(mine)).tolist()
    for number, asked in zip(signals, came, strict=True):
        if asked and pause.number != number:
            pause.note(number)
    # gradients are averaged over processes, and each loss over the weights of its own batch
    share = ranks.number * used / total if total > 0 else 0.0
    return _Agreed(share, any(came), some > 0)


class Module(lightning.LightningModule):
    """Trains a network on a task from where its course stands.

    What is kept in the middle of an epoch is the number of its batches that are done, the state of
    torch's random numbers, the sums of the loss and the seconds so far; all else follows from the
    seed and the number of the epoch.
    """

    def __init__(
        self,
        network: Network,
        task: Any,
        options: Options,
        course: Course,
        deal: Callable[[int, int], Dealer],
        validation: Dealer | None,
        seed: int,
        progress: TrainingProgress,
        save: Callable[["Module"], None],
        watch: Watch | None = None,
        pause: Pause | None = None,
        ranks: Ranks | None = None,
    ):
        super().__init__()
        self.network, self.task, self.options, self.course = network, task, options, course
        self._deal, self._validation, self._seed = deal, validation, seed
        self._progress, self._save, self._watch = progress, save, watch
        self.pause, self._ranks = pause or Pause(), ranks or Ranks()
        self._agreed = _Agreed()
        self._start = self._kept = time.perf_counter()
        self._seconds = 0.0
        self._done = 0
        self._trained: State = {}
        self._train, self._valid = _Mean(), _Mean()

    @property
    def validated(self) -> bool:
        """Whether there is anything to validate on."""
        return self._validation is not None

    @property
    def epoch(self) -> int:
        """Number of the epoch that runs, from 0, counted over all resumptions."""
        return len(self.course.history)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        optimiser = torch.optim.AdamW(
            self.network.parameters(),
            lr=self.options.rate(0),
            weight_decay=self.options.weight_decay,
            fused=True,
        )
        if self.course.optimiser is not None:
            optimiser.load_state_dict(copy.deepcopy(self.course.optimiser))
        return optimiser

    def configure_gradient_clipping(self, *given: Any, **named: Any) -> None:
        # Lightning's own refuses a fused optimiser
        if self.options.clip:
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.options.clip)

    def train_dataloader(self) -> Dealer:
        middle = self.course.middle
        return self._deal(self.epoch, middle["batches"] if middle else 0)

    def val_dataloader(self) -> Any:
        return [] if self._validation is None else self._validation

    def on_train_epoch_start(self) -> None:
        middle, self.course.middle = self.course.middle, None
        # dropout of an epoch depends on nothing before it, so that a resumed run is the same
        torch.manual_seed(1_000_003 * self._ranks.seed(self._seed) + self.epoch)
        if middle is not None:
            states = middle["random"].reshape(self._ranks.number, -1)
            # it reads from the storage's start
            self._ranks.random.set_rng_state(states[self._ranks.rank].clone())
        for group in self._optimiser().param_groups:
            group["lr"] = self.options.rate(self.epoch)
        # what all had summed up before an interruption is counted once
        self._train, self._valid = _Mean(middle and middle["train"]), _Mean()
        if not self._ranks.main:
            self._train.clear()
        self._done = middle["batches"] if middle else 0
        self._start = time.perf_counter() - (middle["seconds"] if middle else 0.0)
        self._progress.epoch(self.epoch, _shown(self.course.history))
        self._progress.batch(self._train.events)

    def training_step(self, batch: Batch, number: int) -> Tensor:
        terms = self.task.loss(self.network(batch.inputs), batch)
        total: Tensor = sum(terms.values(), torch.zeros(()))
        self._train.add(terms, batch)
        self._progress.batch(len(batch.weight) * self._ranks.number)
        minutes = (time.perf_counter() - self._kept) / 60
        due = minutes >= self.options.checkpoint_minutes
        self._agreed = _agreed(self._ranks, self.pause, due, float(batch.weight.sum()))
        return total * self._agreed.share

    def on_train_batch_end(self, outputs: Any, batch: Batch | None, number: int) -> None:
        self._done += batch is not None  # None where only the validation was left
        if self._stopping or self._agreed.due:
            self._keep(self._middle())

    def on_validation_epoch_start(self) -> None:
        self._trained = self._middle()
        self._seconds = self._trained["seconds"]
        self._ask()
        if self._stopping:
            self._keep(self._trained)
        if self._watch is not None:
            self._watch.clear()

    def validation_step(self, batch: Batch, number: int) -> None:
        outputs = self.network(batch.inputs)
        self._valid.add(self.task.loss(outputs, batch), batch)
        if self._watch is not None:
            self._watch.add(outputs, batch)

    def on_validation_batch_end(
        self, outputs: Any, batch: Batch, number: int, loader: int = 0
    ) -> None:
        if self._stopping:
            self._keep(self._trained)

    def on_train_epoch_end(self) -> None:
        if self._validation is None:
            self._seconds = time.perf_counter() - self._start
        trained, valid = self._train.over(self._ranks), self._valid.over(self._ranks)
        row = {
            "epoch": float(self.epoch + 1),
            "learning_rate": self.options.rate(self.epoch),
            **trained.row("train"),
            **({} if self._validation is None else valid.row("validation")),
            "events": float(trained.events),
            "seconds": self._seconds,
        }
        if not math.isfinite(row["train"]) or not math.isfinite(row.get("validation", 0.0)):
            raise ValueError(
                f"training: loss must be finite, got {row['train']} in epoch {self.epoch + 1}. "
                "Lower learning_rate or set clip."
            )
        if self._watch is not None:
            row |= self._watch.row(self._ranks.joined)
        self.course.history.append(row)
        self.course.optimiser = self._optimiser().state_dict()
        if self.course.best_epoch == self.epoch:
            self.course.best = copy.deepcopy(self.network.state_dict())
        self._save(self)
        self._kept = time.perf_counter()
        self._ask()
        if self._stopping:
            raise Stopped
        self.trainer.should_stop = self.course.finished(self.options)

    def _ask(self) -> None:
        """Let all processes know, between steps, whether one is asked to stop."""
        self._agreed = _agreed(self._ranks, self.pause, due=False, weight=1.0)

    @property
    def _stopping(self) -> bool:
        """Whether all processes know that they are asked to stop."""
        return self.pause.asked if self._ranks.number == 1 else self._agreed.stop

    def _middle(self) -> State:
        return {
            "batches": self._done,
            "random": torch.from_numpy(
                self._ranks.joined(self._ranks.random.get_rng_state().numpy())
            ),
            "train": self._train.over(self._ranks).state(),
            "seconds": time.perf_counter() - self._start,
        }

    def _keep(self, middle: State) -> None:
        """Write a checkpoint within the epoch, and stop if asked to."""
        self.course.middle, self.course.optimiser = middle, self._optimiser().state_dict()
        self._save(self)
        self.course.middle, self._kept = None, time.perf_counter()
        if self._stopping:
            raise Stopped

    def _optimiser(self) -> torch.optim.Optimizer:
        return self.trainer.optimizers[0]


def _shown(history: list[dict[str, float]]) -> str:
    last = history[-1] if history else {}
    keys = ("train", "validation", "correlation")
    return "  ".join(f"{key} {last[key]:.4f}" for key in keys if key in last)

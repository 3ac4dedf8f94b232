"""One training handed to Lightning, in one process or in several."""

import contextlib
import logging
import os
import signal
import threading
import warnings
from collections.abc import Iterator

import lightning
from lightning.fabric.plugins.environments.lightning import LightningEnvironment
from lightning.pytorch.callbacks import Callback
from lightning.pytorch.plugins.precision import MixedPrecision, Precision
from lightning.pytorch.strategies import DDPStrategy, SingleDeviceStrategy, Strategy

from hepvision.training._meeting import PATIENCE
from hepvision.training._module import Module, Stopped
from hepvision.training.ranks import Ranks

__all__ = ["train"]


class _Placed(LightningEnvironment):
    """Processes that are there already, also in a job that has others; it queues none again."""

    def __init__(self, ranks: Ranks):
        super().__init__()
        self._ranks = ranks
        self._main_port = ranks.port

    @property
    def creates_processes_externally(self) -> bool:
        """Lightning starts none."""
        return True

    @property
    def main_address(self) -> str:
        """Of the first machine."""
        return self._ranks.address

    def local_rank(self) -> int:
        """Which process of this machine."""
        return self._ranks.local

    def node_rank(self) -> int:
        """Which machine."""
        return self._ranks.node

    def teardown(self) -> None:
        """Leave the environment as it is."""


class _OwnSignals(Callback):
    """SIGTERM as it was before Lightning, whose processes tell each other of it where they are."""

    def __init__(self) -> None:
        self._before = signal.getsignal(signal.SIGTERM)

    def on_train_start(self, trainer: lightning.Trainer, module: lightning.LightningModule) -> None:
        """Once Lightning has set its own."""
        if threading.current_thread() is threading.main_thread() and self._before is not None:
            signal.signal(signal.SIGTERM, self._before)


def train(module: Module, epochs: int, precision: str, ranks: Ranks) -> None:
    """Train for some epochs, or until it is asked to stop.

    Raises
    ------
    KeyboardInterrupt, Terminated
        A signal came and was obeyed.
    """
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    logging.getLogger("lightning.fabric").setLevel(logging.WARNING)
    device, several = ranks.device, ranks.number > 1
    strategy: Strategy = SingleDeviceStrategy(device)
    if several:
        strategy = DDPStrategy(process_group_backend=ranks.backend, timeout=PATIENCE)
    coarse = precision == "bfloat16"
    with _quiet(), _environment_kept():
        trainer = lightning.Trainer(
            accelerator=device.type,
            devices=ranks.devices,
            num_nodes=ranks.nodes,
            strategy=strategy,
            callbacks=[_OwnSignals()],
            plugins=[
                _Placed(ranks) if several else LightningEnvironment(),
                MixedPrecision("bf16-mixed", device.type) if coarse else Precision(),
            ],
            max_epochs=epochs,
            limit_val_batches=1.0 if module.validated else 0,
            reload_dataloaders_every_n_epochs=1,
            num_sanity_val_steps=0,
            logger=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            use_distributed_sampler=False,
        )
        try:
            trainer.fit(module)
        except Stopped:
            module.pause.obey()
        except SystemExit as error:
            # Lightning turns signals into an exit of the whole program
            module.pause.obey()
            raise KeyboardInterrupt from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*LeafSpec.*", category=FutureWarning)
        warnings.filterwarnings("ignore", message=".*does not have many workers.*")
        warnings.filterwarnings("ignore", message=".*train_dataloader yielded None.*")
        yield


@contextlib.contextmanager
def _environment_kept() -> Iterator[None]:
    """Take back the addresses that Lightning writes into the environment."""
    before = {key: os.environ.get(key) for key in ("MASTER_ADDR", "MASTER_PORT")}
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value

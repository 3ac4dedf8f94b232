"""A training that is cut off."""

from __future__ import annotations

import signal
from typing import Any

from hepvision.tasks.classification import Classification

__all__ = ["Fragile", "Killed", "Signalled"]


class Killed(Exception):
    """Stands for a power cut."""


class Fragile(Classification):
    """A task whose loss fails after a number of batches, by its name the whole one."""

    left = 10**9

    def loss(self, outputs: Any, batch: Any) -> dict[str, Any]:
        type(self).left -= 1
        if self.left < 0:
            raise Killed
        return super().loss(outputs, batch)

    def __repr__(self) -> str:
        return repr(Classification(self.classes))


class Signalled(Classification):
    """A task that sends the process a signal in the middle of one batch."""

    left = 0
    number = signal.SIGINT

    def loss(self, outputs: Any, batch: Any) -> dict[str, Any]:
        type(self).left -= 1
        if self.left == 0:
            signal.raise_signal(self.number)
        return super().loss(outputs, batch)

"""Requests that wait for one model: many are scored as one batch, and too many are turned away."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hepvision.deploy._engine import Engine

__all__ = ["Batcher", "TooManyError"]

_log = logging.getLogger(__name__)

Tensors = Mapping[str, NDArray[Any]]


class TooManyError(Exception):
    """No more requests can wait."""


class _Waiting(NamedTuple):
    tensors: Tensors
    rows: int
    shapes: tuple[tuple[int, ...], ...]
    answer: asyncio.Future[dict[str, NDArray[Any]]]


class Batcher:
    """Feeds an engine from one queue, in one thread.

    Parameters
    ----------
    engine : Engine
        The model.
    batch : int
        Examples that are scored together, at most, unless one request has more.
    most : int
        Requests that may wait.
    """

    def __init__(self, engine: Engine, batch: int, most: int):
        self.engine, self.batch, self.most = engine, batch, most
        self._queue: deque[_Waiting] = deque()
        self._came = asyncio.Event()
        self._thread = ThreadPoolExecutor(1)
        self._task: asyncio.Task[None] | None = None

    async def scores(self, tensors: Tensors) -> dict[str, NDArray[Any]]:
        """Outputs of one request, when its turn has come.

        Parameters
        ----------
        tensors : mapping of array
            As the engine takes them.

        Returns
        -------
        dict of array
            Outputs by name.

        Raises
        ------
        TooManyError
            Too many wait already.
        ValueError
            The tensors do not fit together.
        """
        if len(self._queue) >= self.most:
            raise TooManyError
        tensors = self.engine.checked(tensors)
        rows = len(next(iter(tensors.values())))
        shapes = tuple(one.shape[1:] for one in tensors.values())
        answer = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(tensors, rows, shapes, answer))
        self._came.set()
        return await answer

    async def start(self) -> None:
        """Begin to score what comes."""
        self._task = asyncio.create_task(self._work())

    async def stop(self) -> None:
        """End; what still waits is cancelled."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for one in self._queue:
            one.answer.cancel()
        self._thread.shutdown()

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._came.wait()
            group = self._group()
            if group:
                found = await loop.run_in_executor(self._thread, self._scored, group)
                for one, outputs in zip(group, found, strict=True):
                    if one.answer.done():  # whoever asked has gone
                        continue
                    if isinstance(outputs, BaseException):
                        one.answer.set_exception(outputs)
                    else:
                        one.answer.set_result(outputs)

    def _group(self) -> list[_Waiting]:
        """The next requests that make one batch."""
        group: list[_Waiting] = []
        rows = 0
        while self._queue:
            one = self._queue[0]
            alike = not group or (one.shapes == group[0].shapes and self.engine.together)
            if not alike or (group and rows + one.rows > self.batch):
                break
            self._queue.popleft()
            if not one.answer.done():
                group.append(one)
                rows += one.rows
        if not self._queue:
            self._came.clear()
        return group

    def _scored(self, group: Sequence[_Waiting]) -> list[Any]:
        """Outputs of each, or what went wrong with it."""
        if len(group) > 1:
            joined = {
                name: np.concatenate([one.tensors[name] for one in group])
                for name in group[0].tensors
            }
            outputs = self._tried(joined)
            if not isinstance(outputs, BaseException):
                ends = np.cumsum([one.rows for one in group])
                return [
                    {name: values[end - one.rows : end] for name, values in outputs.items()}
                    for one, end in zip(group, ends, strict=True)
                ]
        # alone, so that what is wrong with one request is told to its client only
        return [self._tried(one.tensors) for one in group]

    def _tried(self, tensors: Tensors) -> Any:
        try:
            return self.engine.apply(tensors)
        except (ValueError, MemoryError) as error:
            return error
        except Exception as error:  # noqa: BLE001 - the server must live
            _log.warning("serve: scoring failed, got %s", " ".join(str(error).split())[:200])
            return error

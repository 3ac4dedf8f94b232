"""Serve a trained model over HTTP, by the protocol that KServe, Triton and SONIC speak."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import hepvision
from hepvision.core.names import require
from hepvision.core.own import using
from hepvision.deploy._batcher import Batcher, TooManyError
from hepvision.deploy._engine import Engine, engine_of
from hepvision.deploy._kserve import answer, request_of
from hepvision.deploy.bundle import Bundle

__all__ = ["application", "serve"]

_log = logging.getLogger(__name__)

#: Where Triton's clients say how many bytes of a body are JSON.
HEADER = "Inference-Header-Content-Length"


def serve(
    model: str | Path | Bundle,
    *,
    name: str | None = None,
    host: str = "127.0.0.1",
    port: int = 8000,
    threads: int = 1,
    batch: int = 256,
    waiting: int = 4096,
    largest: int = 64_000_000,
    components: Iterable[str] = (),
    say: Callable[[str], None] = _log.info,
) -> None:
    """Answer requests until Ctrl-C or SIGTERM.

    Requests that wait are scored together. Whoever can reach the port may ask: put a proxy in
    front that knows its users before you bind another address than this machine's own.

    Parameters
    ----------
    model : path or Bundle
        A bundle, or a file that ``hepvision export`` wrote.
    name : str, optional
        What clients call it; by default that of the entry or file.
    host : str
        Address to bind.
    port : int
        0 takes any that is free.
    threads : int
        Of the model.
    batch : int
        Examples that are scored together, at most.
    waiting : int
        Requests that may wait; more are turned away with 429.
    largest : int
        Bytes of a request, and in all of those that wait, eight times as many.
    components : iterable of str
        The user's own components that the bundle was made with, ``path/to/file.py:Class`` each.
    say : callable
        Told in one line where the server listens, when it does.

    Raises
    ------
    CorruptFileError
        The model is damaged.
    MissingExtraError
        The extra ``deploy`` is not installed.
    OSError
        The port is taken.
    ValueError
        A number is not positive.

    References
    ----------
    Open Inference Protocol, version 2, and Triton's extension for binary tensors.

    Examples
    --------
    >>> serve("nowhere")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: nowhere: no bundle is there. Check the path; a run \
keeps its bundles in <entry>/<seed>/bundle.
    """
    limits = {"threads": threads, "batch": batch, "waiting": waiting, "largest": largest}
    for key, value in limits.items():
        if value < 1:
            raise ValueError(f"{key}: must be positive, got {value}. Give 1 or more.")
    with using(components):
        engine = engine_of(model, threads)
        web = require("aiohttp.web", "deploy")
        app = application(engine, name=name, batch=batch, waiting=waiting, largest=largest)

        def listens(line: str) -> None:
            address = next((word for word in line.split() if word.startswith("http")), "")
            say(f"{name or engine.name}: listens at {address}/v2, Ctrl-C ends it")

        web.run_app(app, host=host, port=port, print=listens, access_log=None, backlog=waiting)


def application(
    engine: Engine,
    *,
    name: str | None = None,
    batch: int = 256,
    waiting: int = 4096,
    largest: int = 64_000_000,
) -> Any:
    """The server as an aiohttp application, to be run anywhere.

    Parameters
    ----------
    engine : Engine
        The model.
    name : str, optional
        What clients call it.
    batch, waiting, largest : int
        As for ``serve``.

    Returns
    -------
    aiohttp.web.Application
        Not running.

    Raises
    ------
    MissingExtraError
        The extra ``deploy`` is not installed.

    Examples
    --------
    >>> application(Engine("toy", "hepvision", (), (), dict)).router is not None
    True
    """
    web = require("aiohttp.web", "deploy")
    app = web.Application(client_max_size=largest)
    routes = _Routes(web, engine, name or engine.name, batch, waiting, 8 * largest)
    model = "/v2/models/{model}"
    for path, answered in (
        ("/v2", routes.server),
        ("/v2/health/live", routes.well),
        ("/v2/health/ready", routes.well),
        (model, routes.metadata),
        (f"{model}/ready", routes.ready),
        (f"{model}/config", routes.config),
    ):
        app.router.add_get(path, answered)
        if path.startswith(model):
            app.router.add_get(path.replace(model, f"{model}/versions/1"), answered)
    for path in (f"{model}/infer", f"{model}/versions/1/infer"):
        app.router.add_post(path, routes.infer)
    app.on_startup.append(routes.start)
    app.on_cleanup.append(routes.stop)
    return app


class _Routes:
    """What is answered where."""

    def __init__(
        self, web: Any, engine: Engine, name: str, batch: int, waiting: int, bytes_waiting: int
    ):
        self.web, self.engine, self.name = web, engine, name
        self.batcher, self.bytes_waiting, self.held = (
            Batcher(engine, batch, waiting),
            bytes_waiting,
            0,
        )

    async def start(self, app: Any) -> None:
        await self.batcher.start()

    async def stop(self, app: Any) -> None:
        await self.batcher.stop()

    async def server(self, request: Any) -> Any:
        return self.web.json_response(
            {
                "name": "hepvision",
                "version": hepvision.__version__,
                "extensions": ["binary_tensor_data"],
            }
        )

    async def well(self, request: Any) -> Any:
        return self.web.Response()

    async def ready(self, request: Any) -> Any:
        return self._refused(request) or self.web.Response()

    async def metadata(self, request: Any) -> Any:
        return self._refused(request) or self.web.json_response(
            {
                "name": self.name,
                "versions": ["1"],
                "platform": self.engine.platform,
                "inputs": [one.as_dict() for one in self.engine.inputs],
                "outputs": [one.as_dict() for one in self.engine.outputs],
            }
        )

    async def config(self, request: Any) -> Any:
        return self._refused(request) or self.web.json_response(
            {"name": self.name, "platform": self.engine.platform, "max_batch_size": 0}
        )

    async def infer(self, request: Any) -> Any:
        """Scores, or one line and a status that says whose fault it is."""
        refused = self._refused(request)
        if refused is not None:
            return refused
        known = request.content_length
        size = request.client_max_size if known is None else known
        if self.held + size > self.bytes_waiting:
            return self._error(429, "server: too much waits already. Try again later.")
        self.held += size
        try:
            return await self._inferred(request)
        finally:
            self.held -= size

    async def _inferred(self, request: Any) -> Any:
        try:
            length = request.headers.get(HEADER)
            if length is not None and not (length.isascii() and length.isdigit()):
                raise ValueError(f"{HEADER}: must be a number, got {length[:20]!r}.")
            asked = request_of(
                await request.read(),
                None if length is None else int(length[:20]),
                self.engine.inputs,
                self.engine.outputs,
            )
            outputs = await self.batcher.scores(asked.tensors)
            body, header = answer(asked, self.name, outputs)
        except ValueError as error:
            return self._error(400, " ".join(str(error).split()))
        except TooManyError:
            return self._error(429, "server: too many requests wait already. Try again later.")
        except MemoryError:
            return self._error(
                413, "request: needs more memory than there is. Send fewer examples."
            )
        except (self.web.HTTPException, asyncio.CancelledError):
            raise
        except Exception:  # noqa: BLE001 - told in the log; the server must live
            return self._error(500, "model: scoring failed. See the server's log.")
        headers = {} if header is None else {HEADER: str(header)}
        kind = "application/json" if header is None else "application/octet-stream"
        return self.web.Response(body=body, headers=headers, content_type=kind)

    def _refused(self, request: Any) -> Any:
        asked = request.match_info["model"]
        if asked == self.name:
            return None
        return self._error(404, f"model: no {asked[:60]!r}. This server has {self.name!r}.")

    def _error(self, status: int, line: str) -> Any:
        return self.web.json_response({"error": line}, status=status)

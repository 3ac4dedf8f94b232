"""Serve a trained model over HTTP, as KServe and Triton do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hepvision.cli._settings import OfBundle

__all__ = ["serve"]


def serve(
    model: Annotated[
        Path, typer.Argument(help="Folder of a trained model, or its ONNX file.", metavar="BUNDLE")
    ],
    name: Annotated[
        str | None, typer.Option(help="What clients call the model.", show_default=False)
    ] = None,
    host: Annotated[str, typer.Option(help="Address to bind.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.", min=0, max=65535)] = 8000,
    threads: Annotated[int, typer.Option(help="Threads of the model.", min=1)] = 1,
    batch: Annotated[int, typer.Option(help="Examples that are scored together.", min=1)] = 256,
    waiting: Annotated[int, typer.Option(help="Requests that may wait.", min=1)] = 4096,
    largest: Annotated[int, typer.Option(help="Bytes of a request.", min=1)] = 64_000_000,
    component: OfBundle = None,
) -> None:
    """Serve a trained model over HTTP, as KServe and Triton do.

    Clients send the inputs of the model and get scores; requests that wait are scored together.
    There is no password: only this machine can reach it unless you bind another address.

    Parameters
    ----------
    model : path
        Folder of a trained model, or its ONNX file.
    name : str, optional
        What clients call it.
    host, port : str, int
        Where it listens.
    threads : int
        Of the model.
    batch, waiting, largest : int
        Examples scored together, requests that may wait, and bytes of one.
    component : list of str, optional
        The user's own components.

    Raises
    ------
    UserError
        The model is damaged, or the port is taken.

    Examples
    --------
    $ hepvision serve runs/higgs_diphoton/EB/1/bundle --port 8000
    """
    from hepvision.deploy.serve import serve as run

    run(
        model,
        name=name,
        host=host,
        port=port,
        threads=threads,
        batch=batch,
        waiting=waiting,
        largest=largest,
        components=component or [],
        say=typer.echo,
    )

"""Write a trained network as an ONNX file, or as a model of a Triton server."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hepvision.cli._settings import OfBundle

__all__ = ["export"]


def export(
    bundle: Annotated[Path, typer.Argument(help="Folder of a trained model.", metavar="BUNDLE")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="ONNX file to write.", show_default=False)
    ] = None,
    inputs: Annotated[str, typer.Option(help="dense or hits.")] = "dense",
    precision: Annotated[str, typer.Option(help="float32 or int8.")] = "float32",
    events: Annotated[
        list[Path] | None,
        typer.Option(
            help="Store or file of the study, to calibrate int8 and to compare with PyTorch. May "
            "be repeated: give all classes.",
            show_default=False,
        ),
    ] = None,
    triton: Annotated[
        Path | None,
        typer.Option(help="Triton model repository to write into.", show_default=False),
    ] = None,
    component: OfBundle = None,
) -> None:
    """Write a trained network as an ONNX file, or as a model of a Triton server.

    Scores come out of the file as they come out of the bundle; names and units of inputs, classes
    and working points are in its metadata. With ``hits``, detector images are drawn in the file.

    Parameters
    ----------
    bundle : path
        Folder of a trained model.
    out : path, optional
        ONNX file to write.
    inputs : str
        ``dense`` or ``hits``.
    precision : str
        ``float32`` or ``int8``.
    events : list of path, optional
        Stores or files of the study.
    triton : path, optional
        Model repository.
    component : list of str, optional
        The user's own components.

    Raises
    ------
    ValueError
        Neither or both of ``out`` and ``triton`` are given.

    Examples
    --------
    $ hepvision export runs/higgs_diphoton/EB/1/bundle -o model.onnx
    """
    from typing import Any

    from hepvision.deploy.onnx import export as write
    from hepvision.deploy.triton import triton_repository

    options: dict[str, Any] = {"inputs": inputs, "precision": precision, "events": events or None}
    options["components"] = component or []
    if (out is None) == (triton is None):
        raise ValueError(
            "export: needs either -o FILE or --triton FOLDER, got "
            f"{'both' if out else 'none'}. Give one."
        )
    if triton is not None:
        made = triton_repository(bundle, triton, **options)
    elif out is not None:
        made = write(bundle, out, **options)
    typer.echo(repr(made))

"""Exported files as bundles: events in, scores out, with the same selection and inputs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.card import component
from hepvision.core.errors import CardError, CorruptFileError, SchemaError
from hepvision.core.inputs import PartSpec
from hepvision.core.own import demand
from hepvision.deploy._onnx_feeds import feeds_of
from hepvision.deploy._onnx_metadata import read_metadata
from hepvision.deploy._session import session_of
from hepvision.deploy.bundle import Bundle, load_bundle, representation_of
from hepvision.representations._together import fields_read, spec_of

__all__ = ["OnnxBundle", "load_model", "load_onnx"]

#: Kinds of components that are needed beside the graph.
_READ = ("representations", "tasks")


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class OnnxBundle:
    """A file that ``export`` wrote: scores events as its bundle does, without torch.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
        The open file.
    graph : "dense" or "hits"
        What the file takes.
    architecture : str
        Name of the model.
    representations : mapping
        Key: representation, with measured constants.
    task : object
        What is predicted, as in the bundle.
    select : sequence of str
        Cuts that examples must pass, one after the other.
    per : str
        ``event`` or a collection.
    observables : sequence of str
        Written beside the scores.
    """

    session: Any
    graph: str
    architecture: str
    representations: Mapping[str, Any]
    task: Any
    select: tuple[str, ...]
    per: str
    observables: tuple[str, ...]

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that the inputs are made of."""
        return fields_read(self.representations)

    def scores(
        self, examples: ak.Array, *, batch: int = 64, threads: int | None = None
    ) -> NDArray[np.float64]:
        """Scores of examples; the threads are those the file was opened with."""
        found = [
            self.session.run(["scores"], feed)[0]
            for feed in feeds_of(self.representations, examples, self.graph, batch)
        ]
        return np.concatenate([np.zeros((0, len(self.task.class_names))), *found])

    def __repr__(self) -> str:
        return (
            f"<ONNX file of {self.architecture} on {', '.join(self.representations)}, "
            f"{self.graph} inputs: {' / '.join(self.task.class_names)}>"
        )


def load_model(path: str | Path, threads: int | None = None) -> Bundle | OnnxBundle:
    """A bundle from its folder, or a file of ``export``.

    Parameters
    ----------
    path : path
        Which.
    threads : int, optional
        Of ONNX Runtime, where it is such a file.

    Returns
    -------
    Bundle or OnnxBundle
        Ready to score events, a network on a GPU where PyTorch finds one.

    Raises
    ------
    CorruptFileError, SchemaError, UnknownNameError, MissingExtraError
        As ``load_bundle`` and ``load_onnx``.

    Examples
    --------
    >>> load_model("nowhere.onnx")
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere.onnx: no such file. Check the path.
    """
    if Path(path).suffix.lower() == ".onnx":
        return load_onnx(path, threads)
    return load_bundle(path).placed()


def load_onnx(path: str | Path, threads: int | None = None) -> OnnxBundle:
    """Read a file of ``export`` with all that its metadata say.

    Parameters
    ----------
    path : path
        The file.
    threads : int, optional
        Of the runtime; as many as there are cores if not given.

    Returns
    -------
    OnnxBundle
        Ready to score events.

    Raises
    ------
    FileNotFoundError
        There is none.
    CorruptFileError
        It is no file of ``export``, or damaged.
    SchemaError
        A newer hepvision wrote it.
    UnknownNameError
        It was made with a representation or task of a user's own that is not in use.
    MissingExtraError
        The extra ``deploy`` is not installed.

    Examples
    --------
    >>> load_onnx("nowhere.onnx")
    Traceback (most recent call last):
    ...
    FileNotFoundError: nowhere.onnx: no such file. Check the path.
    """
    path = Path(path)
    session = session_of(path, threads)
    told = read_metadata(session.get_modelmeta().custom_metadata_map, str(path))
    try:
        own = [one for one in told.get("components", []) if one["kind"] in _READ]
        demand(own, str(path))
        blocks = told["representations"]
        order = told.get("order", list(blocks))
        made = OnnxBundle(
            session,
            str(told["inputs"]),
            str(told["model"]["name"]),
            {key: representation_of(key, blocks[key]) for key in order},
            component("tasks", told["task"]),
            tuple(map(str, told["select"])),
            str(told["per"]),
            tuple(map(str, told["observables"])),
        )
        _check(made, told)
    except (CardError, ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, SchemaError):
            raise
        raise CorruptFileError(f"{path}: metadata is damaged. Export the bundle anew.") from error
    return made


def _check(made: OnnxBundle, told: dict[str, Any]) -> None:
    """Refuse a file that was made with other inputs or classes than it says."""
    spec = {name: PartSpec.from_dict(one) for name, one in told["spec"].items()}
    if spec_of(made.representations) != spec or list(made.task.class_names) != told["classes"]:
        raise ValueError("inputs and classes must be those that the file was made with")
    if made.graph not in ("dense", "hits"):
        raise ValueError("inputs must be dense or hits")

"""A trained model with all that it needs to score new events: one folder, no code in it."""

import dataclasses
import importlib.metadata
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.card import component, described
from hepvision.core.environment import Accelerator
from hepvision.core.errors import CardError, CorruptFileError, SchemaError
from hepvision.core.files import atomic_folder, sha256, write_json
from hepvision.core.inputs import Inputs, InputSpec, PartSpec
from hepvision.core.names import require
from hepvision.core.own import demand, records
from hepvision.deploy._manifest import FORMAT, MANIFEST, read_manifest
from hepvision.deploy._order import order_of
from hepvision.models.layers.learner import Learner
from hepvision.representations._together import fields_read, represent, spec_of

__all__ = ["FORMAT", "Bundle", "load_bundle", "save_bundle"]

WEIGHTS = "weights.safetensors"
PACKAGES = ("hepvision", "numpy", "torch", "xgboost-cpu", "xgboost", "safetensors", "awkward")

Block = dict[str, Any]


@dataclasses.dataclass(frozen=True, eq=False)
class Bundle:
    """A trained model, how its inputs are made, and which examples it is for.

    Parameters
    ----------
    model : Network or Learner
        Trained.
    architecture : object
        The component that made it: a frozen dataclass with the sizes.
    representations : mapping
        Key: representation, with measured constants.
    task : object
        What is predicted; a frozen dataclass with ``class_names`` and ``scores``.
    select : sequence of str
        Cuts that examples must pass, one after the other.
    per : str
        ``event`` or a collection.
    observables : sequence of str
        Written beside the scores.
    precision : "float32" or "bfloat16"
        What the scores were judged with.
    working_points : mapping
        Plain data, for example thresholds chosen on the validation split.
    card : mapping
        The card of the study that made it, plain data.
    versions : mapping of str
        Packages that made it.

    Examples
    --------
    >>> from hepvision.models.boosted_trees import BoostedTrees
    >>> from hepvision.representations.four_momenta import FourMomenta
    >>> from hepvision.tasks.classification import Classification
    >>> momenta, task = {"momenta": FourMomenta()}, Classification()
    >>> trees = BoostedTrees().from_spec(spec_of(momenta), task.outputs)
    >>> Bundle(trees, BoostedTrees(), momenta, task).kind
    'learner'
    """

    model: Any
    architecture: Any
    representations: Mapping[str, Any]
    task: Any
    select: tuple[str, ...] = ()
    per: str = "event"
    observables: tuple[str, ...] = ()
    precision: Literal["float32", "bfloat16"] = "float32"
    working_points: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    card: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    versions: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def kind(self) -> str:
        """``network`` or ``learner``."""
        return "learner" if isinstance(self.model, Learner) else "network"

    @property
    def spec(self) -> InputSpec:
        """What the model reads."""
        return spec_of(self.representations)

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that the inputs are made of."""
        return fields_read(self.representations)

    def placed(self, accelerator: Accelerator = "auto") -> "Bundle":
        """Have the network where it is to score; a learner stays where it is.

        Parameters
        ----------
        accelerator : "auto", "cpu" or "gpu"
            ``auto`` takes a GPU where PyTorch finds one.

        Returns
        -------
        Bundle
            This one.

        Raises
        ------
        ValueError
            A GPU is asked for, and there is none.
        """
        if self.kind == "network":
            from hepvision.models.layers.device import chosen_device

            self.model.to(chosen_device(accelerator))
        return self

    def inputs(self, examples: ak.Array) -> Inputs:
        """Inputs of examples.

        Parameters
        ----------
        examples : ak.Array
            B examples.

        Returns
        -------
        Inputs
            As the model reads them.
        """
        return represent(self.representations, examples)

    def scores(
        self, examples: ak.Array, *, batch: int = 64, threads: int | None = None
    ) -> NDArray[np.float64]:
        """Scores of examples, whether or not they pass the selection.

        Parameters
        ----------
        examples : ak.Array
            B examples.
        batch : int
            Examples at a time.
        threads : int, optional
            Threads of torch.

        Returns
        -------
        array, shape (B, K)
            Probabilities of the classes.
        """
        return self.scores_of(self.inputs(examples), batch=batch, threads=threads)

    def scores_of(
        self, inputs: Inputs, *, batch: int = 64, threads: int | None = None
    ) -> NDArray[np.float64]:
        """Scores of inputs that are made already.

        Parameters
        ----------
        inputs : Inputs
            B examples, as ``inputs`` gives them.
        batch : int
            Examples at a time.
        threads : int, optional
            Threads of torch.

        Returns
        -------
        array, shape (B, K)
            Probabilities of the classes.
        """
        if self.kind == "learner":
            outputs = self.model.predict(inputs)
        else:
            from hepvision.models.layers.batches import outputs_of

            coarse = self.precision == "bfloat16"
            outputs = outputs_of(
                self.model, inputs, self.spec, batch=batch, bfloat16=coarse, threads=threads
            )
        return np.asarray(self.task.scores(outputs), np.float64)

    def __repr__(self) -> str:
        return (
            f"<Bundle {described(self.architecture)['name']} on {', '.join(self.representations)}: "
            f"{self.model.parameters_total:,} parameters, {' / '.join(self.task.class_names)}>"
        )


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def own_of(manifest: Mapping[str, Any]) -> list[dict[str, str]]:
    """The user's components among all that a manifest, or an ONNX file, names."""
    kinds = {"representations": "representations", "models": "model"}
    kinds |= {"tasks": "task", "losses": "task"}
    return records({kind: set(_texts(manifest[key])) for kind, key in kinds.items()})


def _texts(block: Any) -> Iterator[str]:
    """All texts of a block: a component may name others as deep as it likes."""
    if isinstance(block, str):
        yield block
    elif isinstance(block, Mapping | list | tuple):
        for one in block.values() if isinstance(block, Mapping) else block:
            yield from _texts(one)


def save_bundle(path: str | Path, bundle: Bundle) -> Path:
    """Write a bundle as a folder, all of it or nothing.

    Parameters
    ----------
    path : path
        The folder; replaced if it is there.
    bundle : Bundle
        What to write.

    Returns
    -------
    Path
        The folder.

    Examples
    --------
    >>> import tempfile
    >>> from hepvision.models.mlp import Mlp
    >>> from hepvision.representations.four_momenta import FourMomenta
    >>> from hepvision.tasks.classification import Classification
    >>> momenta = {"momenta": FourMomenta()}
    >>> made = Bundle(Mlp().from_spec(spec_of(momenta), 2), Mlp(), momenta, Classification())
    >>> load_bundle(save_bundle(tempfile.mkdtemp() + "/bundle", made))
    <Bundle mlp on momenta: 25,666 parameters, signal / background>
    """
    to_bytes = require("safetensors.numpy", "train").save
    path = Path(path)
    with atomic_folder(path) as folder:
        # ascontiguousarray would make a row of a single number
        state = {key: np.asarray(one, order="C") for key, one in bundle.model.state().items()}
        (folder / WEIGHTS).write_bytes(to_bytes(state))
        manifest = {
            "format": FORMAT,
            "kind": bundle.kind,
            "model": described(bundle.architecture),
            "outputs": bundle.task.outputs,
            "inputs": {name: part.as_dict() for name, part in bundle.spec.items()},
            "representations": {
                key: {**described(one), "version": one.version}
                for key, one in bundle.representations.items()
            },
            "task": described(bundle.task),
            "classes": list(bundle.task.class_names),
            "select": list(bundle.select),
            "per": bundle.per,
            "observables": list(bundle.observables),
            "precision": bundle.precision,
            "working_points": dict(bundle.working_points),
            "card": dict(bundle.card),
            "versions": _versions(),
            "checksums": {WEIGHTS: sha256(folder / WEIGHTS)},
        }
        own = own_of(manifest)
        manifest |= {"components": own} if own else {}
        order = list(bundle.representations)
        manifest |= {"order": order} if order != sorted(order) else {}
        write_json(folder / MANIFEST, manifest)
    return path


def opened(bundle: "str | Path | Bundle") -> Bundle:
    """A bundle for what is done on the processor, read if it is a folder."""
    return (bundle if isinstance(bundle, Bundle) else load_bundle(bundle)).placed("cpu")


def load_bundle(path: str | Path) -> Bundle:
    """Read a bundle, checking every part of it.

    Parameters
    ----------
    path : path
        A folder that ``save_bundle`` wrote.

    Returns
    -------
    Bundle
        Ready to score events.

    Raises
    ------
    CorruptFileError
        A file is missing or damaged.
    SchemaError
        A newer hepvision wrote it.
    UnknownNameError
        It was made with a component of a user's own that is not in use.
    MissingExtraError
        The model needs a package that is not installed.

    Examples
    --------
    >>> load_bundle("nowhere")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: nowhere: no bundle is there. Check the path; a run \
keeps its bundles in <entry>/<seed>/bundle.
    """
    path = Path(path)
    manifest = read_manifest(path)
    file = path / WEIGHTS
    if not file.is_file():
        raise CorruptFileError(f"{file}: is missing. Copy the whole bundle again.")
    if sha256(file) != manifest.checksums.get(WEIGHTS):
        raise CorruptFileError(f"{file}: checksum differs. Copy the whole bundle again.")
    state = _weights(file)
    own = [one.model_dump(by_alias=True) for one in manifest.components if one.kind != "losses"]
    demand(own, str(path))
    blocks = manifest.representations
    try:
        representations = {
            key: representation_of(key, blocks[key])
            for key in order_of(list(blocks), manifest.order, manifest.card)
        }
        task = component("tasks", manifest.task)
        architecture = component("models", manifest.model)
        spec = spec_of(representations)
        model = architecture.from_spec(spec, manifest.outputs)
        model.load(state)
    except (CardError, CorruptFileError, ValueError, KeyError) as error:
        if isinstance(error, SchemaError):
            raise
        raise CorruptFileError(f"{path}: the bundle is damaged: {error}") from error
    if {name: PartSpec.from_dict(one) for name, one in manifest.inputs.items()} != spec:
        raise CorruptFileError(
            f"{path}: inputs must be what the representations give, got others. Train anew."
        )
    if tuple(task.class_names) != manifest.classes or task.outputs != manifest.outputs:
        raise CorruptFileError(f"{path}: classes must be the task's, got {manifest.classes}.")
    return Bundle(
        model,
        architecture,
        representations,
        task,
        manifest.select,
        manifest.per,
        manifest.observables,
        manifest.precision,
        manifest.working_points,
        manifest.card,
        manifest.versions,
    )


def _weights(file: Path) -> dict[str, NDArray[Any]]:
    from_bytes = require("safetensors.numpy", "train").load
    damaged = require("safetensors", "train").SafetensorError
    try:
        state: dict[str, NDArray[Any]] = from_bytes(file.read_bytes())
    except (damaged, ValueError, KeyError, TypeError) as error:
        raise CorruptFileError(f"{file}: holds no weights. Copy the whole bundle again.") from error
    return state


def representation_of(key: str, block: Block) -> Any:
    """A representation as a manifest says it; refused in another version."""
    fields = {name: value for name, value in block.items() if name != "version"}
    one = component("representations", fields)
    if block.get("version") != one.version:
        raise SchemaError(
            f"representation {key}: must be version {one.version} of {fields.get('name')}, got "
            f"{block.get('version')}. Use the hepvision that made the bundle, or train anew."
        )
    return one

"""What ``manifest.json`` of a bundle must hold."""

from pathlib import Path
from typing import Annotated, Any, Literal

import pydantic

from hepvision.core.card import Card, parse
from hepvision.core.errors import CorruptFileError, SchemaError, UserError
from hepvision.core.files import read_json

__all__ = ["FORMAT", "MANIFEST", "Manifest", "read_manifest"]

#: Format of the folder; there is a reader for every older one.
FORMAT = 1
MANIFEST = "manifest.json"

Block = dict[str, Any]


class Component(Card):
    """A component of a user's own, in manifest.json."""

    kind: str
    name: str
    file: str
    symbol: Annotated[str, pydantic.Field(alias="class")]
    sha256: str


class Manifest(Card):
    """What manifest.json must hold."""

    format: int
    kind: Literal["network", "learner"]
    model: Block
    outputs: Annotated[int, pydantic.Field(gt=0)]
    inputs: dict[str, Block]
    representations: Annotated[dict[str, Block], pydantic.Field(min_length=1)]
    task: Block
    classes: tuple[str, ...]
    select: tuple[str, ...]
    per: str
    observables: tuple[str, ...]
    precision: Literal["float32", "bfloat16"]
    working_points: dict[str, Any]
    card: dict[str, Any]
    versions: dict[str, str]
    checksums: dict[str, str]
    components: tuple[Component, ...] = ()
    order: tuple[str, ...] = ()


def read_manifest(path: Path) -> Manifest:
    """The manifest of the bundle in a folder, checked.

    Raises
    ------
    CorruptFileError
        There is none, or it is damaged.
    SchemaError
        A newer hepvision wrote it.
    """
    file = path / MANIFEST
    if not file.is_file():
        raise CorruptFileError(
            f"{path}: no bundle is there. Check the path; a run keeps its bundles in "
            "<entry>/<seed>/bundle."
        )
    data = read_json(file)
    named = {"format", "kind", "model", "representations"}
    if not (isinstance(data, dict) and named <= set(data) and isinstance(data["format"], int)):
        raise CorruptFileError(
            f"{file}: must be the manifest of a bundle, got something else. Check the path."
        )
    if data["format"] > FORMAT:
        raise SchemaError(
            f"{path}: written by a newer hepvision, format {data['format']}. Update hepvision."
        )
    try:
        return parse(Manifest, data, str(file))
    except UserError as error:
        raise CorruptFileError(f"{error} Copy the whole bundle again.") from error

"""The JSON Schema of a card, with which an editor completes and checks it while it is written."""

import dataclasses
import inspect
import re
import typing
from collections.abc import Mapping
from typing import Any

import pydantic

from hepvision.core.card import sizes_of
from hepvision.core.errors import MissingExtraError
from hepvision.core.names import load, names, summary
from hepvision.studies._search_block import Search
from hepvision.studies.card import Read, Sample, Simulated, Study
from hepvision.training.options import Options

__all__ = ["card_schema"]

Block = dict[str, Any]

#: Where a card names a component: block, key, kind, and how many levels of keys lie between.
_PLACES = (
    ("Simulated", "process", "processes"),
    ("Study", "task", "tasks"),
    ("Entry", "model", "models"),
    ("Search", "model", "models"),
)

_ONE_OR_SEVERAL = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_FROM_FILES = "What replaces the rest where 'files' are given: samples that read them, and more."
_SIZE = "Parameters of this size; those given beside it override them."

#: A representation as a whole, or some of its parameters alone.
_CHANGED: Block = {
    "type": "object",
    "additionalProperties": {
        "anyOf": [
            {"$ref": "#/$defs/representations"},
            {"type": "object", "properties": {"name": False}},
        ]
    },
}


def card_schema() -> Block:
    """The schema of a card as it is written: with sizes and shared settings, before defaults.

    Returns
    -------
    dict
        JSON Schema, draft 2020-12. Components are those of this installation, and the user's
        own in use; parameters are checked of those whose packages are installed.

    Examples
    --------
    >>> made = card_schema()
    >>> sorted(made["required"]), made["additionalProperties"]
    (['entries', 'representations', 'samples', 'title'], False)
    """
    defs: Block = {}
    study = _of(Study, defs)
    _of(Options, defs)
    for one in (
        Simulated,
        Sample,
        Read,
        Options,
        Search,
    ):  # what is left out comes from elsewhere in the card
        defs[one.__name__].pop("required", None)
    defs["Study"] = study
    for kind in ("processes", "representations", "models", "tasks"):
        defs[kind] = _components(kind, defs)
    for block, key, kind in _PLACES:
        _put(defs[block]["properties"], key, {"$ref": f"#/$defs/{kind}"})
    _put(defs["Read"]["properties"], "reader", {"enum": [*names("readers"), None]})
    keys = study["properties"]
    keys["representations"]["additionalProperties"] = {"$ref": "#/$defs/representations"}
    keys["mass"] = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Mass"}]}
    for one in (keys, defs["Entry"]["properties"]):
        _put(one, "training", {"$ref": "#/$defs/Options"})
    keys["simulate"] = {"$ref": "#/$defs/Simulated"}
    partial = {key: one for key, one in study.items() if key != "required"}
    defs["Size"] = {**partial, "properties": {**keys, "representations": _CHANGED}}
    _put(defs["Sample"]["properties"], "where", _ONE_OR_SEVERAL)
    from_files = {"$ref": "#/$defs/Size", "description": _FROM_FILES}
    defs["Size"]["properties"]["from_files"] = from_files
    study["properties"] = {
        **keys,
        "files": _ONE_OR_SEVERAL,
        "from_files": from_files,
        "sizes": {"type": "object", "additionalProperties": {"$ref": "#/$defs/Size"}},
    }
    del defs["Study"]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {**head, **study, "title": "hepvision card", "$defs": dict(sorted(defs.items()))}


def _put(properties: Block, key: str, schema: Block) -> None:
    """Replace what a key may hold, and keep what is told of it."""
    told = {one: properties[key][one] for one in ("description",) if one in properties[key]}
    properties[key] = {**schema, **told}


def _of(model: type[pydantic.BaseModel], defs: Block) -> Block:
    """Schema of a block; the blocks within it, and itself, are put among the definitions."""
    made = model.model_json_schema()
    defs.update(made.pop("$defs", {}))
    defs[model.__name__] = made
    kinds = {one.__name__: one for one in _within(model)}
    for name, one in defs.items():
        if name in kinds:
            _tell(one, kinds[name])
    return made


def _within(model: Any) -> set[Any]:
    """A block and all blocks that its fields hold."""
    found = {model}
    waiting = [field.annotation for field in model.model_fields.values()]
    while waiting:
        one = waiting.pop()
        waiting += typing.get_args(one)
        if isinstance(one, type) and issubclass(one, pydantic.BaseModel) and one not in found:
            found.add(one)
            waiting += [field.annotation for field in one.model_fields.values()]
    return found


def _tell(schema: Block, made: Any) -> None:
    """Say of each key what the docstring says of it."""
    doc = inspect.getdoc(made) or ""
    schema["description"] = doc.partition("\n")[0]
    part = re.search(r"^Parameters\n-+\n(.*?)(?:^\w[\w ]*\n-+\n|\Z)", doc, re.M | re.S)
    lines = re.findall(r"^(\S.*?) : .*\n((?:    .*\n?|\n)*)", part.group(1) if part else "", re.M)
    for keys, text in lines:
        for key in map(str.strip, keys.split(",")):
            if key in schema["properties"]:
                schema["properties"][key]["description"] = " ".join(text.split())


def _components(kind: str, defs: Block) -> Block:
    """The name of a component, or its name and parameters."""
    known = list(names(kind))
    blocks = [_parameters(kind, name, defs) for name in known]
    return {"anyOf": [{"enum": known}, *blocks]}


def _parameters(kind: str, name: str, defs: Block) -> Block:
    """A component with its parameters; with any, if its package is not installed."""
    schema: Block = {
        "type": "object",
        "description": summary(kind, name),
        "properties": {"name": {"const": name}},
        "required": ["name"],
    }
    try:
        made = load(kind, name)
    except MissingExtraError:
        return schema
    hints = typing.get_type_hints(made)
    fields = {field.name: field for field in dataclasses.fields(made) if field.init}
    for key in fields:
        one: Mapping[str, Any] = pydantic.TypeAdapter(hints[key]).json_schema()
        defs.update(one.get("$defs", {}))
        schema["properties"][key] = {word: held for word, held in one.items() if word != "$defs"}
    _tell(schema, made)
    sizes = list(sizes_of(made))
    if sizes:
        schema["properties"]["size"] = {"enum": sizes, "description": _SIZE}
    schema["description"] = summary(kind, name)
    return {**schema, "additionalProperties": False}

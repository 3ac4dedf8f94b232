"""Shipped cards pass the schema that editors get, and a mistake in them does not."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from hepvision.core import names
from hepvision.core.card import read_yaml
from hepvision.studies.card_schema import card_schema

TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
TELLING = {"title", "description", "default", "$defs", "$schema", "$ref", "anyOf", "oneOf"}
CHECKS = {
    "type": lambda held, value: (
        isinstance(value, TYPES[held]) and (held == "boolean" or not isinstance(value, bool))
    ),
    "enum": lambda held, value: value in held,
    "const": lambda held, value: value == held,
    "pattern": lambda held, value: not isinstance(value, str) or re.search(held, value),
    "minimum": lambda held, value: not isinstance(value, int | float) or value >= held,
    "maximum": lambda held, value: not isinstance(value, int | float) or value <= held,
    "exclusiveMinimum": lambda held, value: not isinstance(value, int | float) or value > held,
    "exclusiveMaximum": lambda held, value: not isinstance(value, int | float) or value < held,
    "maxLength": lambda held, value: not isinstance(value, str) or len(value) <= held,
    "minItems": lambda held, value: not isinstance(value, list) or len(value) >= held,
    "maxItems": lambda held, value: not isinstance(value, list) or len(value) <= held,
    "minProperties": lambda held, value: not isinstance(value, dict) or len(value) >= held,
    "required": lambda held, value: not isinstance(value, dict) or set(held) <= set(value),
}
BELOW = {"properties", "additionalProperties", "items", "prefixItems"}


def faults(schema: Any, value: Any, whole: Any, place: str = "card") -> Iterator[str]:
    """What is wrong with a value, by the keywords that the schema uses; others are a fault."""
    if schema is False:
        yield place
    if isinstance(schema, bool):
        return
    unknown = set(schema) - TELLING - set(CHECKS) - BELOW
    assert not unknown, f"{place}: this test does not know {unknown}"
    if "$ref" in schema:
        yield from faults(whole["$defs"][schema["$ref"].rsplit("/", 1)[1]], value, whole, place)
    several = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
    ways = [list(faults(one, value, whole, place)) for one in several]
    if ways and all(ways):
        yield min(ways, key=len)[0]
    yield from (
        f"{place}: {key}" for key in CHECKS if key in schema if not _fits(schema, key, value)
    )
    if isinstance(value, dict):
        known = schema.get("properties", {})
        for key, one in value.items():
            below = known.get(key, schema.get("additionalProperties", True))
            yield from faults(below, one, whole, f"{place}.{key}")
    if isinstance(value, list):
        first = schema.get("prefixItems", [])
        for number, one in enumerate(value):
            below = first[number] if number < len(first) else schema.get("items", True)
            yield from faults(below, one, whole, f"{place}.{number}")


def _fits(schema: Any, key: str, value: Any) -> bool:
    return bool(CHECKS[key](schema[key], value))


@pytest.fixture(scope="module")
def schema() -> Any:
    return json.loads(json.dumps(card_schema()))


@pytest.mark.parametrize("name", names.names("studies"))
def test_every_shipped_card_passes(name: str, schema: Any) -> None:
    assert list(faults(schema, read_yaml(name), schema)) == []


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("sampels",), {}, "card.sampels"),
        (("entries", 0, "modle"), "mlp", "card.entries.0.modle"),
        (("entries", 0, "model"), "resnet16", "card.entries.0.model"),
        (("entries", 0, "model"), {"name": "resnet15", "block": 2}, "card.entries.0.model"),
        (("training", "epoch"), 3, "card.training.epoch"),
        (("training", "epochs"), 0, "card.training.epochs"),
        (("training", "epochs"), "many", "card.training.epochs"),
        (("simulate", "pile_up"), 3, "card.simulate.pile_up"),
        (("sizes", "quick", "simulat"), {}, "card.sizes.quick.simulat"),
        (("samples", "higgs", "simulate", "process"), "higs", "card.samples.higgs.simulate"),
        (("representations", "ecal", "layer"), ["ecal"], "card.representations.ecal"),
        (("representations", "ecal", "layers"), ["muons"], "card.representations.ecal"),
        (("task",), "classificatoin", "card.task"),
        (("entries", 0, "model"), {"name": "particle_net", "size": "papr"}, "card.entries"),
        (("select",), "num(Photon) == 2", "card.select"),
    ],
)
def test_a_mistake_is_marked(path: tuple[Any, ...], value: Any, place: str, schema: Any) -> None:
    card = copy.deepcopy(read_yaml("higgs_diphoton"))
    block = card
    for key in path[:-1]:
        block = block[key]
    block[path[-1]] = value
    found = list(faults(schema, card, schema))
    assert found
    assert all(one.startswith(place) for one in found), found


def test_a_model_may_be_of_a_size(schema: Any) -> None:
    card = copy.deepcopy(read_yaml("higgs_diphoton"))
    card["entries"][0]["model"] = {"name": "particle_net", "size": "paper", "neighbours": 8}
    assert list(faults(schema, card, schema)) == []


@pytest.mark.parametrize("key", ["title", "samples", "entries", "representations"])
def test_what_a_card_must_have(key: str, schema: Any) -> None:
    card = read_yaml("higgs_diphoton")
    del card[key]
    assert list(faults(schema, card, schema)) == ["card: required"]


def test_keys_are_explained_as_in_the_docstrings(schema: Any) -> None:
    said = schema["$defs"]["Options"]["properties"]["epochs"]["description"]
    assert said == "Times that the training split is gone through, at most."
    assert ">>>" not in json.dumps(schema)

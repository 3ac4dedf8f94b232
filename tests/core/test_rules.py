"""Faults of a card are told where the user wrote them."""

import math

import pydantic
import pytest

from hepvision.core._rules import fault, infinite


def _told(kind, data):
    with pytest.raises(pydantic.ValidationError) as caught:
        pydantic.TypeAdapter(kind).validate_python(data)
    return fault(caught.value.errors(), data, "card")


def test_branches_of_a_union_are_no_keys():
    assert _told(dict[str, int | list[int]], {"a": ["b"]}) == (
        "card: a: must be a whole number, got ['b']. Give one."
    )
    assert _told(dict[str, str | dict[str, int]], {"a": 1}).startswith("card: a: must be text or")


def test_an_unknown_kind_of_error_keeps_its_text():
    error = {"type": "odd", "loc": (), "msg": "Odd {value}", "input": 1}
    assert fault([error], 1, "card") == "card: is wrong: Odd {value}, got 1. Look at the docs."


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_the_first_number_that_is_not_finite(number):
    assert infinite({"a": {"b": [1, 2.0, number]}, "c": number}) == "a.b.2"
    assert infinite(number, "low") == "low"
    assert infinite({"a": [1, "inf", None, 1e308]}) == ""

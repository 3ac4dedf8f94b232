"""A budget is read letter by letter: nothing in it can be run, and nothing unclear is guessed."""

import pytest

from hepvision.core.errors import CardError
from hepvision.studies._budget import Budget, Limit, parse_budget, told


def test_limits_are_read():
    found = parse_budget(" parameters<50e3 , latency <= 1.5ms,multiply_adds<2E6")
    assert found.limits == (
        Limit("parameters", 50_000.0),
        Limit("latency", 1.5e-3, inclusive=True),
        Limit("multiply_adds", 2e6),
    )
    assert parse_budget("latency<250us").limits[0].most == pytest.approx(250e-6)
    assert parse_budget("  ") == Budget()
    assert parse_budget(str(found)) == found
    large = parse_budget("parameters<34515201")
    assert str(large) == "parameters<34515201"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("__import__('os').system('true')<1", "must be COST<NUMBER"),
        ("parameters<().__class__.__mro__", "must be COST<NUMBER"),
        ("parameters<50e3; import os", "must be COST<NUMBER"),
        ("parameters<1 or True", "must be COST<NUMBER"),
        ("parameters>5", "must be COST<NUMBER"),
        ("parameters=5", "must be COST<NUMBER"),
        ("5<parameters", "must be COST<NUMBER"),
        ("parameters<-5", "must be COST<NUMBER"),
        ("parameters<nan", "must be COST<NUMBER"),
        ("parameters<inf", "must be COST<NUMBER"),
        ("parameters<1e999", "positive and finite"),
        ("parameters<0", "positive and finite"),
        ("parameters<9**9**9", "must be COST<NUMBER"),
        ("parameters<1e99999999999", "must be COST<NUMBER"),
        ("parameters<5,", "must be COST<NUMBER"),
        ("parameters<5,,latency<1ms", "must be COST<NUMBER"),
        ("parameters<\u0665", "must be COST<NUMBER"),
        ("parameters<5\x00", "must be COST<NUMBER"),
        ("paramters<5", "Did you mean 'parameters'"),
        ("parameters<5, parameters<6", "each cost once"),
        ("latency<1", "unit of latency"),
        ("parameters<5ms", "unit of parameters"),
        ("latency<1min", "unit of latency"),
        ("parameters<" + "5" * 400, "at most 300 letters"),
    ],
)
def test_all_else_is_refused_in_one_line(text, said):
    with pytest.raises(CardError, match=said) as error:
        parse_budget(text)
    assert "\n" not in str(error.value)


def test_a_limit_itself_is_too_much_unless_it_is_named():
    assert parse_budget("parameters<10").broken({"parameters": 10})
    assert not parse_budget("parameters<=10").broken({"parameters": 10})
    assert parse_budget("latency<1ms").broken({"latency": float("nan")})
    both = parse_budget("parameters<10, multiply_adds<100")
    assert [one.cost for one in both.broken({"parameters": 50, "multiply_adds": 50})] == [
        "parameters"
    ]


def test_what_is_not_known_yet_is_not_judged():
    """Costs are found one after the other, the cheap ones first."""
    assert not parse_budget("latency<1ms").broken({"parameters": 1e9})


def test_costs_are_told_in_their_units():
    assert [told("parameters", 43009), told("latency", 1.234e-3), told("latency", None)] == [
        "43,009",
        "1.23 ms",
        "–",
    ]

"""Expressions against a plain loop over events, and against what should not pass."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import awkward as ak
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hepvision.core.errors import SchemaError, UnknownNameError
from hepvision.events.schema import FIELDS, build, from_columns
from hepvision.events.selection import evaluate, select, selected
from toy_events import toy_events

Event = dict[str, Any]
#: Text of an expression, and the same in plain Python for one event.
Both = tuple[str, Callable[[Event], Any]]
EVENTS = 40
WORDS = """
Muon weight . pt ( ) [ ] : 0 1 9 ** * - ~ & | == = < , num any max 'a' __class__ lambda if 1e400 10
True None ... @ // ^ is in
"""


def _events() -> ak.Array:
    """Whole numbers, so that sums and products are exact in float32."""
    rng = np.random.default_rng(3)
    offsets = np.concatenate([[0], np.cumsum(rng.integers(0, 4, EVENTS))])
    many = int(offsets[-1])
    columns: dict[str, Any] = {"pt": rng.integers(1, 20, many), "eta": rng.integers(-3, 4, many)}
    columns |= {"phi": rng.integers(-3, 4, many), "mass": rng.integers(0, 3, many)}
    columns |= {"charge": rng.choice([-1, 1], many), "isGlobal": rng.random(many) < 0.5}
    columns |= {"tightId": rng.random(many) < 0.5}
    one = np.ones(EVENTS)
    scalars = {"event_id": np.arange(EVENTS), "sample": "toy", "run": one, "event": one * 7}
    scalars |= {"weight": rng.integers(1, 5, EVENTS), "luminosityBlock": one}
    scalars |= {"pileup": rng.integers(0, 9, EVENTS)}
    return build(scalars, {"Muon": from_columns(offsets, columns, "Muon")})


TOY = _events()
PLAIN: list[Event] = TOY.to_list()


def _constant(value: int) -> Both:
    return (str(value) if value >= 0 else f"({value})"), lambda _: value


def _of_event(name: str) -> Both:
    return name, lambda event: event[name]


def _of_objects(name: str) -> Both:
    return f"Muon.{name}", lambda event: [one[name] for one in event["Muon"]]


def _each(function: Callable[..., Any], *values: Any) -> Any:
    """Object by object where one of the values is a list."""
    size = next((len(value) for value in values if isinstance(value, list)), None)
    if size is None:
        return function(*values)
    lists = [value if isinstance(value, list) else [value] * size for value in values]
    return [function(*row) for row in zip(*lists, strict=True)]


def _joined(sign: str, function: Callable[..., Any]) -> Callable[[Both, Both], Both]:
    return lambda a, b: (
        f"({a[0]} {sign} {b[0]})",
        lambda event: _each(function, a[1](event), b[1](event)),
    )


ARITHMETIC = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b}
COMPARE: dict[str, Callable[..., Any]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
LOGIC: dict[str, Callable[..., Any]] = {
    "&": lambda a, b: a and b,
    "|": lambda a, b: a or b,
    "and": lambda a, b: a and b,
    "or": lambda a, b: a or b,
}
REDUCE: dict[str, Callable[[list[Any]], Any]] = {
    "num": len,
    "sum": sum,
    "max": lambda values: max(values, default=-np.inf),
    "min": lambda values: min(values, default=np.inf),
}

constants = st.integers(-5, 5).map(_constant)
object_numbers = st.recursive(
    st.sampled_from(["pt", "eta", "charge"]).map(_of_objects),
    lambda inner: st.one_of(
        [
            st.tuples(inner, inner | constants).map(lambda two, s=s, f=f: _joined(s, f)(*two))
            for s, f in ARITHMETIC.items()
        ]
        + [inner.map(lambda a: (f"abs({a[0]})", lambda event: _each(abs, a[1](event))))]
        + [inner.map(lambda a: (f"(-{a[0]})", lambda event: _each(lambda x: -x, a[1](event))))]
    ),
    max_leaves=3,
)


def _truths(numbers: Any, others: Any, leaves: Any) -> Any:
    first = st.tuples(numbers, others, st.sampled_from(sorted(COMPARE))).map(
        lambda three: _joined(three[2], COMPARE[three[2]])(three[0], three[1])
    )
    return st.recursive(
        first | leaves,
        lambda inner: (
            st.tuples(inner, inner, st.sampled_from(sorted(LOGIC))).map(
                lambda three: _joined(three[2], LOGIC[three[2]])(three[0], three[1])
            )
            | inner.map(lambda a: (f"(~{a[0]})", lambda event: _each(lambda x: not x, a[1](event))))
        ),
        max_leaves=3,
    )


object_truths = _truths(
    object_numbers,
    object_numbers | constants,
    st.sampled_from(["isGlobal", "tightId"]).map(_of_objects),
)
event_numbers = st.one_of(
    st.sampled_from(["weight", "pileup"]).map(_of_event),
    st.tuples(object_numbers, st.sampled_from(sorted(REDUCE))).map(
        lambda two: (f"{two[1]}({two[0][0]})", lambda event: REDUCE[two[1]](two[0][1](event)))
    ),
    object_truths.map(lambda a: (f"num(Muon[{a[0]}])", lambda event: sum(a[1](event)))),
)
event_truths = _truths(
    event_numbers,
    event_numbers | constants,
    st.tuples(object_truths, st.sampled_from(["any", "all"])).map(
        lambda two: (
            f"{two[1]}({two[0][0]})",
            lambda event: {"any": any, "all": all}[two[1]](two[0][1](event)),
        )
    ),
)


@settings(max_examples=150, deadline=None)
@given(event_truths)
def test_a_cut_is_the_plain_loop(both: Both) -> None:
    text, plain = both
    passed, flow = select(TOY, [text])
    expected = [bool(plain(event)) for event in PLAIN]
    assert passed.tolist() == expected, text
    assert flow.passed == [EVENTS, sum(expected)]


@settings(max_examples=80, deadline=None)
@given(object_truths)
def test_narrowing_is_the_plain_loop(both: Both) -> None:
    text, plain = both
    kept, _ = selected(TOY, [f"Muon = Muon[{text}]"])
    expected = [
        [one["pt"] for one, good in zip(event["Muon"], plain(event), strict=True) if good]
        for event in PLAIN
    ]
    assert kept.Muon.pt.tolist() == expected, text


@settings(max_examples=80, deadline=None)
@given(object_numbers)
def test_numbers_are_those_of_the_plain_loop(both: Both) -> None:
    text, plain = both
    assert evaluate(text, TOY).tolist() == [plain(event) for event in PLAIN], text


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from([*WORDS.split(), "not ", " and ", "\n"]),
        max_size=25,
    ).map("".join)
)
def test_whatever_is_typed_is_computed_or_refused_in_one_line(text: str) -> None:
    said = ""
    try:
        passed, _ = select(TOY, [text])
    except (SchemaError, UnknownNameError) as error:
        said = str(error)
    assert said.endswith((".", "?")) and "\n" not in said if said else len(passed) == EVENTS


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9**9**9",
        "((((9**9)**9)**9)**9)**9 > 1",
        "weight ** 1e300 > 1",
        "weight ** pileup > 1",
        "2.0 ** -11 > 1",
        "(-1) ** 0.5 > weight",
        "9" * 400 + " > weight",
        "+".join(["weight"] * 250) + " > 1",
        "-" * 1500 + "1 > weight",
        "~" * 300 + "(weight > 1)",
        "num(" * 90 + "Muon" + ")" * 90 + " > 1",
        "Muon" + ".pt" * 300,
        "Muon" + "[:, :1]" * 120,
        "Muon[:, 99999999999999999999999].pt > 1",
        "Muon[:, ::0].pt > 1",
        "Muon[:, 0:1:-0].pt > 1",
        "num(Muon[:, -9223372036854775807:9223372036854775807]) > 1",
        "weight.__class__.__bases__",
        "Muon.layout",
        "Muon.pt.layout",
        "Muon.__getitem__('pt')",
        "Muon.to_list()",
        "Muon.pt.deltaR.__func__",
        "__builtins__",
        "_value",
        "Muon._layout",
        "evaluate('1')",
        "weight @ weight",
        "weight // 2 > 1",
        "weight is 3",
        "weight in [1, 2]",
        "{weight: 1}",
        "yield weight",
        "await weight",
        "*Muon",
        "num(*Muon)",
        "b'a' == sample",
        "1j > weight",
        "None",
        "...",
        "weight\x00 > 1",
        "'\\d' == weight",
    ],
)
def test_hostile_expressions_are_refused_at_once(text: str) -> None:
    start = time.monotonic()
    with pytest.raises((SchemaError, UnknownNameError)) as caught:
        select(TOY, [text])
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 600
    assert time.monotonic() - start < 2.0


@pytest.mark.parametrize(
    "text",
    [
        "weight > 1 & pileup < 2",
        "weight > 1 | pileup < 2",
        "num(Muon) == 1 & weight > 2",
        "(weight > 1 & pileup) < 2",
        "(weight) & (pileup) > 1",
        "any(Muon.pt > 10 & Muon.eta < 1)",
        "not weight > 1 & pileup < 2",
    ],
)
def test_brackets_are_asked_for(text: str) -> None:
    with pytest.raises(SchemaError, match="Put brackets around each comparison"):
        select(TOY, [text])


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("weight & pileup", "Put brackets around each"),
        ("weight and pileup > 2", "Put brackets around each"),
        ("(Muon.pt > 2) & Muon.charge", "Put brackets around each"),
        ("~weight > 1", r"Put brackets around what is negated: ~\(a > 1\)"),
        ("not weight", "Put brackets around what is negated"),
        ("weight ^ 2 > 1", r"Powers are written \*\*"),
        ("weight = 3", "or == to compare"),
        ("Muon = Muon.pt", r"Write Muon = Muon\[…\]"),
        ("Muon = Muon[:, :1].pt", r"Write Muon = Muon\[…\]"),
        ("Muon[0].pt > 3", r"The first place is the event's, so write \[:, 0\]"),
        ("Muon[::-1].pt[:, 0] > 3", r"The first place is the event's"),
        ("weight[0] > 3", r"The first place is the event's"),
        ("Muon[weight > 1].pt > 3", "a mask of objects"),
        ("Muon[Muon.charge].pt > 3", "a mask of objects"),
        ("Muon[:, 1.5].pt > 3", "a whole number or slice"),
        ("Muon[:, True].pt > 3", "a whole number or slice"),
        ("max(weight) > weight", "max is of the objects of an event"),
        ("any(weight > 1)", "any is of the objects of an event"),
        ("num(weight) > 1", "num is of the objects of an event"),
        ("Muon > 3", "Name a field"),
        ("sample > 'a'", "== or !="),
        ("weight == 'a'", "text compares with text"),
        ("sample + 'a' == 'b'", "Use == or !="),
        ("weight.deltaR(Muon) < 1", "deltaR needs two four-vectors"),
        ("Muon[:, 0].pt > 3", "Require enough objects"),
        ("max(Muon.pt, 3) > 1", "max takes one argument"),
    ],
)
def test_slips_come_with_advice(text: str, advice: str) -> None:
    with pytest.raises(SchemaError, match=advice):
        select(TOY, [text])


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("num(Moun) > 1", "no field 'Moun'. Did you mean 'Muon'"),
        ("max(Muon.Pt) > 1", "Muon: no field 'Pt'. Did you mean 'pt'"),
        ("max(Muon.rapidty) > 1", "Muon: no field 'rapidty'. Did you mean 'rapidity'"),
        ("max(Muon.colour) > 1", "There are: pt, eta, phi, mass, charge, isGlobal, tightId"),
        ("max(Muon.pt.x) > 1", "Muon.pt: no field 'x'. It has no fields"),
        ("nun(Muon) > 1", "no function 'nun'. Did you mean 'num'"),
        ("max(Muon.deltar(Muon)) > 1", "no function 'deltar'. Did you mean 'deltaR'"),
        ("deltaR(Muon) > 1", "no function 'deltaR'. There are: num, any"),
    ],
)
def test_wrong_names_give_the_near_one(text: str, advice: str) -> None:
    with pytest.raises(UnknownNameError, match=advice):
        select(TOY, [text])


def test_brackets_make_bits_and_logic() -> None:
    assert evaluate("(pileup & 1) == 1", TOY).tolist() == [e["pileup"] % 2 == 1 for e in PLAIN]
    both = "(weight > 1) & (pileup < 2)"
    assert evaluate(both, TOY).tolist() == evaluate("weight > 1 and pileup < 2", TOY).tolist()
    assert evaluate("1 < weight <= 3", TOY).tolist() == [1 < e["weight"] <= 3 for e in PLAIN]
    assert evaluate("not (weight > 1)", TOY).tolist() == [not e["weight"] > 1 for e in PLAIN]
    assert ak.all(evaluate("sample == 'toy'", TOY)) and not ak.any(evaluate("sample != 'toy'", TOY))


def test_small_whole_numbers_do_not_overflow() -> None:
    ieta = evaluate("EcalBarrelHit.ieta * 100", toy_events(5))
    assert ak.max(abs(ieta)) > 127
    assert ak.all(evaluate("event_id - 10", TOY)[:5] < 0)
    assert ak.max(evaluate("Muon.isGlobal + Muon.tightId", TOY)) == 2
    assert not ak.any(evaluate("Muon.charge > 1000", TOY))


def test_four_vectors_are_those_of_plain_formulae() -> None:
    pairs = TOY[ak.num(TOY.Muon) >= 2]
    mass = evaluate("(Muon[:, 0] + Muon[:, 1]).mass", pairs)
    distance = evaluate("Muon[:, 0].deltaR(Muon[:, 1])", pairs)
    for event, found, apart in zip(pairs.to_list(), mass, distance, strict=True):
        a, b = (
            np.array(
                [
                    np.sqrt((one["pt"] * np.cosh(one["eta"])) ** 2 + one["mass"] ** 2),
                    one["pt"] * np.cos(one["phi"]),
                    one["pt"] * np.sin(one["phi"]),
                    one["pt"] * np.sinh(one["eta"]),
                ]
            )
            for one in event["Muon"][:2]
        )
        energy, *momentum = a + b
        square = energy**2 - np.sum(np.square(momentum))
        assert found == pytest.approx(np.sqrt(max(square, 0)), rel=1e-3, abs=0.2)
        first, second = event["Muon"][:2]
        turn = (first["phi"] - second["phi"] + np.pi) % (2 * np.pi) - np.pi
        assert apart == pytest.approx(np.hypot(first["eta"] - second["eta"], turn), rel=1e-5)
    energy = evaluate("sum(Muon.energy)", TOY)
    assert ak.all(energy >= evaluate("sum(Muon.p)", TOY) * (1 - 1e-6))


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_every_collection_of_the_schema(name: str) -> None:
    rng = np.random.default_rng(1)
    offsets = [0, 2, 2, 5]
    columns = {
        key: (rng.random(5) < 0.5 if field.dtype == "?" else rng.integers(0, 3, 5))
        for key, field in FIELDS[name].items()
    }
    if {"pt", "eta", "phi", "mass", "energy"} <= set(columns):
        del columns["energy"]
    one = np.ones(3)
    scalars = {"event_id": [0, 1, 2], "sample": "toy", "weight": one, "run": one}
    scalars |= {"luminosityBlock": one, "event": one, "pileup": one}
    events = build(scalars, {name: from_columns(offsets, columns, name)})
    assert evaluate(f"num({name})", events).tolist() == [2, 0, 3]
    for key, values in columns.items():
        passed, _ = select(events, [f"any({name}.{key} > 0)"])
        expected = [bool((values[a:b] > 0).any()) for a, b in ((0, 2), (2, 2), (2, 5))]
        assert passed.tolist() == expected, key
    key = next(iter(columns))
    kept, _ = selected(events, [f"{name} = {name}[:, :1]", f"num({name}) == 1"])
    assert ak.num(kept[name]).tolist() == [1, 1]
    with pytest.raises(UnknownNameError, match=f"{name}: no field '{key}s'. Did you mean"):
        evaluate(f"{name}.{key}s > 0", events)

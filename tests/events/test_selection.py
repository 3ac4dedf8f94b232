"""Selections compute what they say and nothing else."""

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import SchemaError, UnknownNameError
from hepvision.events.selection import CutFlow, evaluate, names_in, select, selected


def test_a_selection_is_the_plain_loop(toy):
    cuts = ["Photon = Photon[(Photon.pt > 20) & (abs(Photon.eta) < 1.44)]", "num(Photon) == 2"]
    cuts.append("(Photon[:, 0] + Photon[:, 1]).mass > 60")
    kept, flow = selected(toy, cuts)
    expected = []
    for event in toy.to_list():
        good = [p for p in event["Photon"] if p["pt"] > 20 and abs(p["eta"]) < 1.44]
        if len(good) == 2:
            a, b = good
            opening = np.cosh(a["eta"] - b["eta"]) - np.cos(a["phi"] - b["phi"])
            if np.sqrt(2 * a["pt"] * b["pt"] * opening) > 60:
                expected.append(event["event_id"])
    assert len(expected) > 5
    assert kept.event_id.tolist() == expected
    assert flow.passed[0] == 600
    assert flow.passed[-1] == len(expected)
    assert select(toy, cuts)[0].sum() == len(expected)
    assert ak.all(ak.num(kept.Photon) == 2)


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('echo')",
        "weight.__class__",
        "(lambda: 1)()",
        "[x for x in weight]",
        "open('/etc/passwd')",
        "weight if weight else weight",
        "f'{weight}'",
        "weight ** 1000000",
        "'a' * 1000000000 == 'b'",
        "num(Photon, 2) > 1",
        "num(axis=1)",
        "a := 3",
        "Photon[weight.__len__()]",
        "(" * 500,
        "weight" * 1000,
        "",
    ],
)
def test_nothing_but_the_allowed_is_run(toy, expression):
    with pytest.raises((SchemaError, UnknownNameError)) as caught:
        select(toy, [expression])
    assert "\n" not in str(caught.value)


def test_wrong_names_give_the_near_one(toy):
    with pytest.raises(UnknownNameError, match="no field 'Fhoton'. Did you mean 'Photon'"):
        evaluate("num(Fhoton)", toy)
    with pytest.raises(UnknownNameError, match="no field 'ptt'. Did you mean 'pt'"):
        evaluate("Photon.ptt > 3", toy)
    with pytest.raises(UnknownNameError, match="no field 'PT'. Did you mean 'pt'"):
        evaluate("Photon.PT > 3", toy)
    for slip in ("nun", "Num"):
        with pytest.raises(UnknownNameError, match=f"no function '{slip}'. Did you mean 'num'"):
            evaluate(f"{slip}(Photon)", toy)


def test_num_is_not_taken_for_the_number_of_those_that_pass(toy):
    for mask in ("Photon.pt > 30", "(Photon.pt > 30) & (abs(Photon.eta) < 1)"):
        with pytest.raises(SchemaError, match="num counts objects, whether true or not.*sum"):
            evaluate(f"num({mask}) >= 1", toy)
    passing = evaluate("num(Photon[Photon.pt > 30])", toy).tolist()
    assert evaluate("sum(Photon.pt > 30)", toy).tolist() == passing
    assert passing != evaluate("num(Photon)", toy).tolist()


def test_a_cut_must_give_one_truth_value_an_event(toy):
    with pytest.raises(SchemaError, match="one truth value an event"):
        select(toy, ["Photon.pt > 20"])
    with pytest.raises(SchemaError, match="one truth value an event"):
        select(toy, ["weight"])
    with pytest.raises(SchemaError, match="Require enough objects"):
        select(toy, ["Photon[:, 1].pt > 20"])


def test_empty_events_can_be_selected(toy):
    passed, flow = select(toy[:0], ["num(Photon) == 2", "weight > 1"])
    assert passed.shape == (0,)
    assert flow.passed == [0, 0, 0]


def test_cut_flows_add_only_where_the_cuts_agree():
    with pytest.raises(ValueError, match="same cuts"):
        CutFlow(["a"], [1, 1], [1, 1]) + CutFlow(["b"], [1, 1], [1, 1])


def test_names_are_found():
    assert names_in("num(Photon) > pileup") == ("Photon", "pileup")
    assert names_in("Photon = Photon[Photon.pt > weight]") == ("Photon", "weight")

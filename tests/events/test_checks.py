"""Each check finds what was put in, says it in one line, and is silent on sound events."""

import awkward as ak
import numpy as np
import pytest

from hepvision.events._process_names import named
from hepvision.events.checks import Preflight
from hepvision.events.schema import build, from_columns
from toy_events import toy_events


def findings(events, path="events.root", pieces=3):
    check = Preflight(path)
    size = max(1, -(-len(events) // pieces))
    for start in range(0, max(1, len(events)), size):
        check.add(events[start : start + size])
    found = check.findings()
    for one in found:
        assert "\n" not in str(one)
    return {(one.check, one.where): one.text for one in found}


def events_with(number=60, seed=1, scalars=None, attrs=None, **collections):
    """Events of jets; more scalars and collections as flat columns with counts."""
    rng = np.random.default_rng(seed)
    ids = np.arange(number)
    one = np.ones(number)
    made = {
        "event_id": ids,
        "sample": "toy",
        "weight": one,
        "run": one,
        "luminosityBlock": one,
        "event": ids,
        "pileup": one,
        **(scalars or {}),
    }
    counts = rng.integers(1, 4, number)
    total = int(counts.sum())
    jets = {
        "pt": 20 + rng.exponential(30, total),
        "eta": rng.normal(0, 1.5, total),
        "phi": rng.uniform(-np.pi, np.pi, total),
        "mass": rng.exponential(5, total),
    }
    whole = {"Jet": (counts, jets), **collections}
    return build(
        made,
        {
            name: from_columns(np.cumsum([0, *counts]), columns, name)
            for name, (counts, columns) in whole.items()
        },
        attrs,
    )


def changed(events, collection, **columns):
    made = events[collection]
    for key, value in columns.items():
        made = ak.with_field(made, value, key)
    return ak.with_field(events, made, collection)


def test_sound_events_raise_nothing():
    assert findings(events_with()) == {}
    assert findings(events_with(2)) == {}


def test_no_events():
    assert findings(events_with()[:0]) == {("empty", "events"): "there are none"}


def test_what_the_reader_counted_is_summed_over_pieces():
    counts = {"repaired": {"Electron.phi": 2}, "left_out": {"Jet": 1}, "missing": {"MET": 5}}
    found = findings(events_with(attrs=counts))
    assert found[("repaired", "Electron.phi")] == "6 values put right by the reader"
    assert "3 left out" in found[("left_out", "Jet")]
    assert found[("missing", "MET")] == "absent in 15 of 60 events"


def test_values_that_are_not_finite():
    events = events_with()
    broken = changed(events, "Jet", mass=ak.where(events.Jet.pt > 60, np.nan, events.Jet.mass))
    number = int(ak.sum(events.Jet.pt > 60))
    assert number > 1
    assert findings(broken) == {("finite", "Jet.mass"): f"{number} values are NaN or infinite"}


def test_mev_taken_for_gev():
    events = events_with()
    in_mev = changed(events, "Jet", pt=events.Jet.pt * 1000)
    assert "MeV taken for GeV?" in findings(in_mev)[("unit", "Jet.pt")]
    relative = changed(events, "Jet", pt=events.Jet.pt / 1000)
    assert "Relative values, or TeV?" in findings(relative)[("unit", "Jet.pt")]
    # a few that are hard are no mistake
    hard = ak.where(ak.local_index(events.Jet.pt) == 2, 3000.0, events.Jet.pt)
    assert findings(changed(events, "Jet", pt=hard)) == {}


def test_relative_isolations_that_are_not_relative():
    isolation = np.random.default_rng(1).exponential(0.3, 60)
    muons = {"pt": 20 + 100 * isolation, "pfRelIso03_all": isolation}
    events = events_with(Muon=(np.ones(60, int), muons))
    assert findings(events) == {}
    found = findings(changed(events, "Muon", pfRelIso03_all=events.Muon.pfRelIso03_all * 1000))
    assert "though called relative to pt" in found[("unit", "Muon.pfRelIso03_all")]


@pytest.mark.parametrize("scale", [1000.0, 1e-6])
def test_showers_in_another_unit(scale):
    rng = np.random.default_rng(1)
    made = rng.uniform(1, 100, 40)
    cells = rng.dirichlet(np.ones(10), 40) * made[:, None]
    events = events_with(
        40,
        Primary=(np.ones(40, int), {"energy": made}),
        Cell=(np.full(40, 10), {"energy": cells.ravel(), "row": np.tile(np.arange(10), 40)}),
    )
    assert findings(events) == {}
    found = findings(changed(events, "Cell", energy=events.Cell.energy * scale))
    assert f"sums to {scale:.3g} times" in found[("unit", "Cell.energy")]


def test_azimuths_out_of_range():
    events = events_with()
    found = findings(changed(events, "Jet", phi=events.Jet.phi + np.pi))
    assert "lie outside [-π, π), up to 6" in found[("phi", "Jet.phi")]
    edge = ak.where(events.Jet.phi > 0, np.float32(np.pi), np.float32(-np.pi))
    assert ("phi", "Jet.phi") not in findings(changed(events, "Jet", phi=edge))


def test_negative_and_zero_weights():
    weight = np.ones(60)
    weight[:20], weight[20:23] = -1, 0
    check = Preflight()
    check.add(events_with(scalars={"weight": weight}))
    texts = [one.text for one in check.findings()]
    # 37 − 20 over 57 events: 17² / 57
    assert texts == [
        "20 of 60 events are negative, so the sum of 17 is worth 5.07 events of weight 1",
        "3 of 60 events are zero",
    ]


def test_repeated_events():
    numbers = np.arange(60)
    numbers[50:] = numbers[:10]
    found = findings(events_with(scalars={"event": numbers}))
    assert found[("repeats", "events")].startswith("10 of 60 have the run, block and number")
    events = events_with()
    again = ak.concatenate([events, events[:7]])
    again = ak.with_field(again, np.arange(67, dtype=np.uint64), "event_id")
    again = ak.with_field(again, np.arange(67, dtype=np.uint64), "event")
    found = findings(again)
    assert found[("repeats", "events")].startswith("7 of 67 hold the very same objects")
    # the order of the objects does not make them others, one value does
    turned = ak.with_field(again[60:], again.Jet[60:][:, ::-1], "Jet")
    assert findings(ak.concatenate([again[:60], turned]), pieces=1)
    other = changed(again[60:], "Jet", eta=again.Jet[60:].eta + 1e-3)
    assert findings(ak.concatenate([again[:60], other]), pieces=1) == {}


def test_events_without_objects_are_no_copies():
    assert findings(toy_events(30, mean=0, photons=0)) == {}


def test_constant_columns():
    events = events_with()
    fixed = changed(events, "Jet", eta=ak.zeros_like(events.Jet.eta))
    assert findings(fixed) == {("constant", "Jet.eta"): "is always 0"}
    assert findings(changed(events, "Jet", mass=ak.zeros_like(events.Jet.mass))) == {}


def labelled(**more):
    label = np.tile([0, 1, 1], 20)
    attrs = {"labels": {"0": "QCD", "1": "top"}}
    return label, events_with(scalars={"label": label, **more}, attrs=attrs)


def test_truth_that_gives_the_label_away():
    label, events = labelled()
    assert findings(events) == {}
    tops = {"pt": np.full(label.sum(), 300.0), "pdgId": np.full(label.sum(), 6)}
    tops |= {"eta": np.zeros(label.sum()), "phi": np.zeros(label.sum()), "mass": tops["pt"] / 2}
    tops["pt"] = np.random.default_rng(1).uniform(300, 500, label.sum())
    made = ak.with_field(events, from_columns(np.cumsum([0, *label]), tops, "GenPart"), "GenPart")
    found = findings(made)
    assert "truth that gives the label away" in found[("giveaway", "num(GenPart)")]


def test_a_measured_column_that_gives_the_label_away():
    label, _ = labelled()
    _, events = labelled(run=np.where(label == 1, 194_000, 203_000))
    assert "Conditions, or a leak?" in findings(events)[("giveaway", "run")]
    # neither larger nor smaller, but one value a class
    _, events = labelled(pileup=np.where(label == 1, 20, np.tile([10, 30], 30)))
    assert "Conditions, or a leak?" in findings(events)[("giveaway", "pileup")]


def test_sorted_and_single_classes():
    label = np.repeat([0, 1], 30)
    attrs = {"labels": {"0": "QCD", "1": "top"}}
    events = events_with(scalars={"label": label}, attrs=attrs)
    found = findings(events)
    assert "sorted" in found[("giveaway", "label")]
    assert list(found) == [("giveaway", "label")]
    assert findings(events[:30])[("label", "label")] == "all of the 30 events looked at are 'QCD'"


@pytest.mark.parametrize(
    ("path", "promised"),
    [
        ("nanoAOD_2015_CMS_Open_Data_ttbar.root", (6,)),
        ("TTToSemiLeptonic_13TeV.root", (6,)),
        ("ttH_M125_2017.root", (6, 25)),
        ("ttHToGG.root", (6, 25)),
        ("GluGluHToGG_M125.root", (25,)),
        ("VBF_HToBB.root", (25,)),
        ("DYJetsToLL--UL17_v6-v2_109_Skim.root", (23,)),
        ("ZToMuMu.root", (23,)),
        ("WJetsToLNu.root", (24,)),
        ("GJet_v11_Skim.root", ()),
        ("/samples/ttbar/pfnano.root", ()),
        ("QCD_Pt-15to7000.root", ()),
        ("myhits.root", ()),
        ("test.h5", ()),
        ("width.root", ()),
    ],
)
def test_what_names_promise(path, promised):
    assert named(path) == promised


def test_names_and_truth():
    number = 40
    w = {"pdgId": np.tile([24, 22], number), "pt": np.random.default_rng(2).uniform(5, 90, 80)}
    events = events_with(number, GenPart=(np.full(number, 2), w))
    assert findings(events, "WJetsToLNu.root") == {}
    found = findings(events, "deep/ttbar.root")
    assert found == {
        ("name", "ttbar.root"): "promises a top quark, which 0 of 40 events have in their truth "
        "(W in 100%). Check what it is"
    }
    tops = changed(events, "GenPart", pdgId=ak.where(events.GenPart.pdgId == 24, -6, 22))
    assert findings(tops, "ttbar.root") == {}
    check = Preflight("WJets.root")
    check.add(tops)
    assert [one.text.split(",")[0] for one in check.findings()] == [
        "promises a W",
        "promises no top quark",
    ]

"""Measures of score and mass in a study: chosen on validation, fixed bins, shown whole."""

import json

import numpy as np
import pytest

from hepvision.evaluation.sculpting import sculpting
from hepvision.evaluation.working_point import FEW
from hepvision.studies._mass import LEVELS, bins_of, mass_measures
from hepvision.studies._mass_figures import joined_bins, mass_pictures
from hepvision.studies._report_mass import _sculpting_row, mass_tables
from hepvision.studies._run_folder import RunFolder
from hepvision.studies.card import Mass, resolve
from hepvision.studies.entry import task_of
from hepvision.tasks._predictions import Predictions
from studies.toy_run import toy_run

SIZE = 3000


def toy(rng, knows=0.0, weight=None, split=None):
    """Three classes, of which the second's score may know the mass."""
    target = np.arange(SIZE) % 3
    falling = 90 + rng.exponential(35, SIZE)
    mass = np.where(target == 0, rng.normal(125, 1.5, SIZE), falling)
    logits = rng.normal(size=(SIZE, 3))
    logits[np.arange(SIZE), target] += 1.0
    logits[:, 0] += knows * (target == 1) * np.exp(-0.5 * ((mass - 125) / 10) ** 2)
    scores = np.exp(logits)
    return Predictions(
        scores / scores.sum(axis=1, keepdims=True),
        {"class": target},
        np.ones(SIZE) if weight is None else weight,
        rng.integers(1, 3, SIZE) if split is None else split,
        observables={"diphoton_mass": mass, "pileup": np.full(SIZE, 20.0)},
    )


@pytest.fixture(scope="module")
def study():
    return resolve("higgs_diphoton")


def measures(study, found):
    return mass_measures(study, task_of(study), found)


def test_only_the_class_that_knows_is_sculpted(rng, study):
    points = measures(study, toy(rng, 3.0))["mass"]["at_signal_efficiency"]
    assert list(points) == [f"{level:g}" for level in LEVELS]
    for point in points.values():
        for name in ("jensen_shannon", "cramer_von_mises"):
            assert point["against"]["diphoton"][name]["p_value"] < 0.01
            assert point["against"]["photon_jet"][name]["p_value"] > 0.01
            assert point["against"]["diphoton"][name]["distance"]["low"] > 0.0


def test_flatness_and_correlation_tell_the_same(rng, study):
    found = measures(study, toy(rng, 3.0))["mass"]
    assert (
        found["flatness"]["diphoton"]["p_value"] < 1e-6 < found["flatness"]["photon_jet"]["p_value"]
    )
    assert found["correlation"]["diphoton"]["p_value"] < 0.05
    assert found["correlation"]["photon_jet"]["p_value"] > 0.05


def test_cuts_are_chosen_on_validation_and_judged_on_test(rng, study):
    found = toy(rng)
    judged = measures(study, found)["mass"]
    assert judged["chosen_on"] == "validation"
    signal = (found.target["class"] == 0) & (found.split == 1)
    for level in LEVELS:
        point = judged["at_signal_efficiency"][f"{level:g}"]
        passed = found.scores[signal, 0] >= point["threshold"]
        assert passed.mean() == pytest.approx(level, abs=2 / signal.sum())
        mine = (found.target["class"] == 2) & (found.split == 2)
        kept = (found.scores[mine, 0] >= point["threshold"]).mean()
        efficiency = point["against"]["photon_jet"]["background_efficiency"]["value"]
        assert efficiency == pytest.approx(kept)
    without = toy(np.random.default_rng(1), split=np.full(SIZE, 2))
    assert measures(study, without)["mass"]["chosen_on"] == "test"


def test_distance_is_that_of_the_bins_beside_it(rng, study):
    found = toy(rng, 1.0).of_split(2)
    judged = measures(study, found)["mass"]
    assert judged["edges"] == np.linspace(90, 190, 21).tolist()
    assert judged["base"] == 2
    point = judged["at_signal_efficiency"]["0.5"]
    again = sculpting(
        found.scores[:, 0],
        found.observables["diphoton_mass"],
        found.target["class"] == 0,
        point["threshold"],
        judged["edges"],
    )
    value = point["against"]["rest"]["jensen_shannon"]["distance"]["value"]
    assert value == pytest.approx(again.distance.value)


def test_weights_count(rng, study):
    weight = np.where(np.arange(SIZE) % 3 == 1, 0.0, 1.0) + 1e-9
    judged = measures(study, toy(rng, 4.0, weight))["mass"]
    # without weight the class that knows is not seen among all backgrounds
    assert (
        judged["at_signal_efficiency"]["0.5"]["against"]["rest"]["jensen_shannon"]["p_value"] > 0.01
    )


def test_few_are_counted_by_their_weights(rng, study):
    weight = np.where(np.arange(SIZE) % 90 == 1, 1e6, 1.0)
    points = measures(study, toy(rng, weight=weight))["mass"]["at_signal_efficiency"]
    here = points["0.7"]["against"]["diphoton"]
    assert here["remaining"] > FEW > here["remaining_effective"]
    assert _sculpting_row(points["0.7"], "diphoton")["few"]


def test_same_predictions_same_numbers(study):
    first, second = (measures(study, toy(np.random.default_rng(3), 1.0)) for _ in range(2))
    assert json.dumps(first) == json.dumps(second)


def test_too_few_events_give_a_reason_not_an_error(rng, study):
    found = toy(rng)
    few = found.take(np.concatenate([np.arange(60), np.flatnonzero(found.split == 1)]))
    scores = few.scores.copy()
    scores[few.target["class"] > 0] = [0.0, 0.5, 0.5]
    nothing = Predictions(scores, few.target, few.weight, few.split, observables=few.observables)
    judged = measures(study, nothing)["mass"]
    here = judged["at_signal_efficiency"]["0.3"]["against"]["photon_jet"]
    assert "none that passes" in here["cramer_von_mises"]["reason"]
    assert "must vary" in judged["correlation"]["rest"]["reason"]


def test_any_observable_may_be_the_mass(rng):
    study = resolve("higgs_diphoton", changes=["mass=leading_photon_pt"])
    found = toy(rng)
    found.observables["leading_photon_pt"] = found.observables["diphoton_mass"] / 2
    assert measures(study, found)["correlation"]["observable"] == "leading_photon_pt"
    assert measures(resolve("higgs_diphoton", changes=["mass={}", "observables=[]"]), found) == {}


@pytest.mark.parametrize("scale", [1e-3, 1.0, 37.0])
def test_bins_without_a_range_are_round_and_hold_most(rng, scale):
    values = scale * (90 + rng.exponential(35, 5000))
    edges = bins_of(Mass(bins=15), values)
    assert len(edges) == 16
    assert np.mean((values >= edges[0]) & (values < edges[-1])) > 0.95
    width = edges[1] - edges[0]
    assert round(width / 10 ** np.floor(np.log10(width * 1.000001)), 6) in (1, 2, 2.5, 5, 10)
    assert len(bins_of(Mass(bins=4), np.full(10, 3.0))) == 5


def test_drawn_bins_are_joined_bins():
    edges = np.linspace(90, 190, 21).tolist()
    assert joined_bins(edges, 1000) == edges
    assert joined_bins(edges, 100) == edges[::4]
    assert joined_bins(edges, 0) == edges[::10]


def test_tables_hold_every_entry_and_level(tmp_path):
    run = RunFolder(toy_run(tmp_path / "run", count=150, entries=("EB", "4-momentum")))
    entries = list(run.entries())
    made = mass_tables(run, entries)
    assert made["bins"] == "20 bins from 90 to 190 GeV"
    assert [one["title"] for one in made["sculpting"]] == ["γγ", "γ+jet", "all backgrounds"]
    for one in made["sculpting"]:
        assert [block["level"] for block in one["blocks"]] == [f"{level:g}" for level in LEVELS]
        for block in one["blocks"]:
            assert [row["divided"] for row in block["rows"]] == ["diphoton mass", "mass, in ratios"]
            assert all(len(row["cells"]) == 10 for row in block["rows"])
    found = entries[0].metrics["mass"]["at_signal_efficiency"]["0.7"]["against"]["diphoton"]
    cells = made["sculpting"][0]["blocks"][2]["rows"][0]["cells"]
    assert cells[2] == f"{found['jensen_shannon']['distance']['value']:.3f}"
    assert cells[8] == f"{found['cramer_von_mises']['chance']:.3f}"
    related = made["correlation"][2]["rows"][1]["cells"]
    value = entries[1].metrics["correlation"]["pearson"]["value"]
    assert related[0].replace("−", "-") == f"{value:.3f}"


def test_a_run_without_measures_has_no_section(tmp_path):
    run = RunFolder(toy_run(tmp_path / "run", count=60, entries=("EB",)))
    (one,) = run.entries()
    del one.metrics["mass"]
    assert mass_tables(run, [one]) == {}
    assert not any(mass_pictures(run, [one]).values())


def test_masses_outside_the_bins_leave_the_figure_out(tmp_path):
    run = RunFolder(toy_run(tmp_path / "run", count=60, entries=("EB",)))
    (one,) = run.entries()
    one.metrics["mass"]["edges"] = [1e4, 2e4, 3e4]
    made = mass_pictures(run, [one])
    assert made["mass_profiles"] == made["mass"] == []
    assert made["mass_bare"] == ["γγ with cuts on EB", "γ+jet with cuts on EB"]

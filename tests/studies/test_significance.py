"""From a card's luminosity to the sentence of the report."""

import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml

from hepvision.core.errors import CardError
from hepvision.core.files import read_json, write_json
from hepvision.evaluation.significance import counting_significance
from hepvision.studies._analysis import ordering, scaled
from hepvision.studies._report_significance import significance_section
from hepvision.studies._run_folder import RunFolder
from hepvision.studies._significance import significances
from hepvision.studies.card import resolve
from hepvision.studies.entry import Trained
from hepvision.studies.inputs import Table
from hepvision.studies.report import report
from studies.toy_run import toy_run

CHANGES = ["analysis={luminosity: 20, standard: trees, replicas: 20, minimum: 0.2}"]


def judged(folder, changes=(), count=400, seeds=(1,), mend=None, entries=("EB", "trees")):
    """A toy run with its significances, as ``run`` makes it."""
    toy_run(folder, seeds, count, entries)
    study = resolve("higgs_diphoton", changes=[*CHANGES, f"seeds={list(seeds)}", *changes])
    card = yaml.safe_dump(study.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    (folder / "card.yaml").write_text(card, encoding="utf-8")
    _same_events(folder)
    samples, metrics = read_json(folder / "samples.json"), read_json(folder / "metrics.json")
    for sample in samples.values():
        sample["luminosity_weight"] = 1.0
    if mend:
        mend(samples)
    write_json(folder / "samples.json", samples)
    parts = ("train", "validation", "test")
    rows = [
        (key, k)
        for key in samples
        for k in range(3)
        for _ in range(samples[key]["split"][parts[k]])
    ]
    names, split = (np.array(column) for column in zip(*rows, strict=True))
    table = Table({"sample": names, "split": split, "weight": np.ones(len(rows))}, tuple(samples))
    trained = [
        Trained(entry, int(seed), measures, {})
        for entry, found in metrics["entries"].items()
        for seed, measures in found.items()
    ]
    metrics |= significances(study, folder, table, trained)
    write_json(folder / "metrics.json", metrics)
    return metrics


def _same_events(folder):
    """The toys draw each entry's events anew; in a run all entries score the same ones."""
    paths = sorted(folder.glob("*/*/predictions.parquet"))
    first = pq.read_table(paths[0])
    for path in paths[1:]:
        table = pq.read_table(path)
        assert table["target_class"] == first["target_class"]
        for name in ("split", "diphoton_mass"):
            table = table.set_column(table.column_names.index(name), name, first[name])
        pq.write_table(table, path)


def section(folder):
    run = RunFolder(folder)
    return significance_section(run, list(run.entries()))


def test_yields_are_cross_section_times_luminosity_times_efficiency(tmp_path):
    made = judged(tmp_path / "run")["analysis"]["expected"]
    # toy samples: efficiency 0.14 and 0.0031, all 1,000 stored events selected
    assert made["diphoton"]["events"] == pytest.approx(18.4 * 1000 * 20 * 0.14)
    assert made["photon_jet"]["events"] == pytest.approx(61200.0 * 1000 * 20 * 0.0031)
    # the card's own cross-section instead of the generator's 0.0222 pb
    assert made["higgs"] == {"cross_section_pb": 0.0439, "events": 0.0439 * 1000 * 20 * 0.31}
    twice = judged(tmp_path / "twice", ["samples.diphoton.cross_section=36.8"])["analysis"]
    assert twice["expected"]["diphoton"]["events"] == pytest.approx(2 * made["diphoton"]["events"])


def test_every_entry_is_fitted_and_compared(tmp_path):
    metrics = judged(tmp_path / "run")
    for name, seeds in metrics["entries"].items():
        found = seeds["1"]["analysis"]
        total = sum(part["signal"] for part in found["categories"])
        assert 0.9 < total / metrics["analysis"]["expected"]["higgs"]["events"] <= 1.0 + 1e-9
        assert ("over_standard" in found) == (name != "trees")
        window = [(p["signal_inside"], p["background_inside"]) for p in found["categories"]]
        counted = np.sqrt(sum(counting_significance(s, b) ** 2 for s, b in window))
        assert counted == pytest.approx(found["significance"]["value"], rel=0.35)
    for size in ("significance", "precision"):
        gain = metrics["entries"]["EB"]["1"]["analysis"]["over_standard"][size]
        assert gain["low"] <= gain["value"] <= gain["high"]


def test_a_score_that_outruns_the_simulation_is_not_compared(tmp_path):
    """Else the better of two scores would have fewer categories and seem the worse one."""
    metrics = judged(tmp_path / "run", ["analysis.minimum=1e6"])
    found = metrics["entries"]["EB"]["1"]["analysis"]
    assert "over_standard" not in found
    assert "a category needs 1e+06. Take more events." in found["not_compared"]
    shown = section(tmp_path / "run")
    (sentence,) = shown["sentences"]
    assert sentence.endswith(found["not_compared"])
    # nor is a gain of 0 made of what cannot gain
    assert shown["table"].count("one category only") == len(metrics["entries"])
    assert not shown["single"]


def test_the_same_run_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        judged(tmp_path / name)
    one, two = ((tmp_path / name / "metrics.json").read_bytes() for name in ("one", "two"))
    assert one == two


def test_the_report_has_tables_figures_and_sentences(tmp_path):
    judged(tmp_path / "run", seeds=(1, 2), changes=["entries.EB.title=<image>"])
    text = report(tmp_path / "run").read_text(encoding="utf-8")
    assert text.count('id="significance"') == 1
    assert "% in significance" in text
    assert "the standard analysis (trees on shower shapes)" in text
    assert "&lt;image&gt; (seed 2)" in text
    assert "<image>" not in text
    assert "20 fb⁻¹" in text
    shown = section(tmp_path / "run")
    assert len(shown["summed"]) == 2  # the first seed of each entry
    assert len(shown["sentences"]) == 2
    assert not shown["missing"]


def test_without_an_analysis_nothing_is_said(tmp_path):
    folder = toy_run(tmp_path / "run", entries=("trees",))
    assert section(folder) == {}
    study = resolve("higgs_diphoton", changes=["analysis=null"])
    assert significances(study, folder, Table({}, ()), []) == {}


def test_a_sample_without_cross_section_says_what_to_give(tmp_path):
    def mend(samples):
        samples["photon_jet"]["cross_section_pb"] = 0.0

    metrics = judged(tmp_path / "run", mend=mend)
    told = "sample photon_jet: has no cross-section. Give samples.photon_jet.cross_section in pb."
    assert metrics["analysis"] == {"missing": told}
    shown = section(tmp_path / "run")
    assert shown["missing"] == [told]
    assert not shown["table"]


def test_events_outside_the_range_cannot_be_fitted(tmp_path):
    metrics = judged(tmp_path / "run", ["analysis.low=400", "analysis.high=500"])
    for seeds in metrics["entries"].values():
        assert "needs 3 signal and background events" in seeds["1"]["analysis"]["missing"]
    assert len(section(tmp_path / "run")["missing"]) == len(metrics["entries"])


@pytest.mark.parametrize("count", [12, 30])
def test_a_handful_of_events_does_not_crash(count, tmp_path):
    metrics = judged(tmp_path / "run", count=count)
    for seeds in metrics["entries"].values():
        found = seeds["1"]["analysis"]
        assert "missing" in found or found["warnings"] or len(found["categories"]) == 1
    shown = section(tmp_path / "run")
    assert shown["missing"] or shown["summed"]


def test_entries_of_other_events_are_not_compared(tmp_path, monkeypatch):
    monkeypatch.setattr(sys.modules[__name__], "_same_events", lambda folder: None)
    metrics = judged(tmp_path / "run")
    found = metrics["entries"]["EB"]["1"]["analysis"]
    assert "over_standard" not in found
    assert any("must be of the same events" in text for text in found["warnings"])


def test_a_run_without_the_standard_compares_nothing(tmp_path):
    study = resolve("higgs_diphoton", changes=["analysis.standard=nothing_like_it"])
    assert study.analysis.standard == "nothing_like_it"
    metrics = judged(tmp_path / "run", ["analysis.standard=nothing_like_it"])
    found = [seeds["1"]["analysis"] for seeds in metrics["entries"].values()]
    assert not any("over_standard" in one for one in found)
    assert section(tmp_path / "run")["sentences"] == []


def test_the_card_refuses_what_is_wrong():
    with pytest.raises(CardError, match=r"no entry 'treees'. Did you mean 'trees'\?"):
        resolve("higgs_diphoton", changes=["analysis.standard=treees"])
    with pytest.raises(CardError, match="low must lie below high"):
        resolve("higgs_diphoton", changes=["analysis.low=190"])
    with pytest.raises(CardError, match="luminosity"):
        resolve("higgs_diphoton", changes=["analysis.luminosity=-1"])
    with pytest.raises(CardError, match="cross_section"):
        resolve("higgs_diphoton", changes=["samples.higgs.cross_section=0"])


def test_one_background_is_ordered_by_its_score(rng):
    scores = rng.dirichlet([1.0, 1.0], 200)
    ratio = ordering(scores, ["s", "b"], "s", {"b": 17.0})
    np.testing.assert_array_equal(np.argsort(ratio), np.argsort(scores[:, 0]))


def test_the_ordering_is_the_likelihood_ratio_of_the_expected_mixture(rng):
    """Posteriors of Gaussians known in closed form, trained on equal classes."""
    x = rng.uniform(-3, 3, 100)
    density = np.stack([np.exp(-0.5 * (x - m) ** 2) for m in (1.0, 0.0, -2.0)], axis=1)
    scores = density / density.sum(axis=1, keepdims=True)
    ratio = ordering(scores, ["s", "a", "b"], "s", {"a": 3.0, "b": 1.0})
    told = np.log(density[:, 0] / (0.75 * density[:, 1] + 0.25 * density[:, 2]))
    np.testing.assert_allclose(ratio, told)
    certain = ordering([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], ["s", "a", "b"], "s", {"a": 1.0, "b": 1})
    assert np.isfinite(certain).all()


def test_each_part_stands_for_the_whole_luminosity():
    target, weight = np.array([0, 0, 1]), np.array([1.0, 3.0, 2.0])
    found = scaled(target, weight, ["s", "b"], {"s": 10.0, "b": 500.0})
    np.testing.assert_allclose(found, [2.5, 7.5, 500.0])


def test_a_report_needs_no_networks():
    code = "import hepvision.studies.report, sys; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)

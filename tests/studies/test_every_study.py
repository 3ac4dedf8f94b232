"""Every card runs at toy size, from events to bundles and a report."""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest

from hepvision.core.names import names
from hepvision.deploy.predict import predict
from hepvision.studies._own_names import require_apart
from hepvision.studies.card import resolve
from hepvision.studies.run import run

#: Entries that are trained here; the rest run in the slow suite.
FAST = {
    "higgs_diphoton": ("EB", "4-momentum", "trees"),
    "higgs_diphoton_forward": ("ECAL", "4-momentum", "trees"),
    "top_tagging": ("trees", "particle_flow"),
    "quark_gluon": ("count", "image-cnn"),
    "w_tagging": ("trees", "energy_flow"),
    "electron_photon": ("crop", "shapes"),
    "photon_pion": ("crop", "shapes"),
    "diphoton_dielectron": ("crops", "shapes-match"),
    "rpv_multijet": ("both", "trees", "compact"),
    "top_objects": ("vectors-ffn", "trees", "transformer"),
}


def changes_of(name, toy_changes, wanted):
    """A study at toy size with some of its entries."""
    study = resolve(name)
    kept = [
        {**entry.model_dump(), "training": {"epochs": 2}}
        for entry in study.entries
        if wanted(entry.name, FAST.get(name, [one.name for one in study.entries]))
    ]
    gone = "published=[]"  # some stand beside entries that are left out
    samples = [one for one in toy_changes(study) if not one.startswith("entries")]
    return study, [*samples, f"entries={json.dumps(kept)}", gone, "seeds=[1]"]


@pytest.fixture(scope="module", params=names("studies"))
def finished(request, toy_changes, tmp_path_factory):
    name = request.param
    study, changes = changes_of(name, toy_changes, lambda entry, fast: entry in fast)
    folder = tmp_path_factory.mktemp("runs") / name
    return study, run(name, folder, changes=changes, progress=False), changes


@pytest.mark.slow
@pytest.mark.parametrize("name", FAST)
def test_the_other_entries_run_too(name, toy_changes, tmp_path):
    _, changes = changes_of(name, toy_changes, lambda entry, fast: entry not in fast)
    made = run(name, tmp_path / "run", changes=changes, progress=False)
    for seeds in made.metrics["entries"].values():
        for measures in seeds.values():
            assert 0 <= measures["versus"]["rest"]["auc"]["value"] <= 1


def test_every_entry_is_judged_with_intervals(finished):
    study, made, _ = finished
    for seeds in made.metrics["entries"].values():
        for measures in seeds.values():
            area = measures["versus"]["rest"]["auc"]
            assert area["low"] <= area["value"] <= area["high"]
            assert measures["correlation"]["observable"] == study.observables[0]


def test_the_report_is_there_and_whole(finished):
    _, made, _ = finished
    text = made.report.read_text(encoding="utf-8")
    assert text.rstrip().endswith("</html>")
    for entry in made.metrics["entries"]:
        assert entry in text


def test_no_entry_may_be_called_as_what_a_run_holds(finished):
    _, made, _ = finished
    found = {path.name for path in made.folder.iterdir()} - set(made.metrics["entries"])
    assert "metrics.json" in found
    for name in found:
        with pytest.raises(ValueError, match="is a file or folder of each run"):
            require_apart([], [name])


def test_a_bundle_gives_the_scores_of_the_run(finished, toy_sources, tmp_path):
    study, made, _ = finished
    for entry in made.metrics["entries"]:
        home = made.folder / entry / str(study.seeds[0])
        table = pq.read_table(home / "predictions.parquet")
        signal = f"score_{study.signal}"
        mine = {
            row["event_id"]: row[signal]
            for row in table.to_pylist()
            if row["sample"] == study.signal
        }
        out = predict(home / "bundle", toy_sources(study)[0], tmp_path / f"{entry}.parquet")
        found = {row["event_id"]: row[signal] for row in out.table.to_pylist()}
        assert mine.keys() <= found.keys()
        np.testing.assert_allclose(
            [found[number] for number in mine], list(mine.values()), rtol=1e-4, atol=1e-5
        )


def test_the_same_card_gives_the_same_metrics(finished, tmp_path):
    _study, made, changes = finished
    again = run(made.folder.name, tmp_path / "again", changes=changes, progress=False)
    one, two = (folder / "metrics.json" for folder in (made.folder, again.folder))
    assert one.read_bytes() == two.read_bytes()

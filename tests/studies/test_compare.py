"""The honest table: same jets or none, right intervals and tests, all that is missing said."""

import json
import re
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import hepvision
from hepvision.core.errors import CorruptFileError
from hepvision.core.files import write_json
from hepvision.evaluation.roc import auc
from hepvision.studies._split_record import SPLIT
from hepvision.studies.compare import compare
from studies.toy_compared import compared, entry

ENTRIES = (
    entry("net", 0.8, model="particle_net", title="ParticleNet lite", latency=9e-3),
    entry("other", 0.8, model={"name": "lorentz_net", "size": "small"}, latency=2e-2),
    entry("trees", 1.6, model="boosted_trees", latency=2e-4),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return compared(tmp_path_factory.mktemp("runs") / "a", ENTRIES)


@pytest.fixture(autouse=True)
def undrawn(request, monkeypatch):
    """Figures are made but not drawn, which takes most of the time."""
    if "figures_are_drawn" not in request.node.name:
        monkeypatch.setattr("matplotlib.figure.Figure.draw_without_rendering", lambda one: None)
        monkeypatch.setattr("hepvision.studies._report_parts.embed", lambda *given: "data:,")


def copied(folder, tmp_path, name="a"):
    return shutil.copytree(folder, tmp_path / "runs" / name)


def rows_of(made):
    return {row["label"]: row for row in made.numbers["rows"]}


def test_page_and_numbers_are_whole_and_ask_no_network(folder, tmp_path):
    made = hepvision.compare([folder], tmp_path / "compare.html")
    text = made.page.read_text("utf-8")
    sections = re.findall(r'<section id="(\w+)">', text)
    assert sections == ["results", "fairness", "roc", "costs", "agreement", "pairs", "runs"]
    assert set(re.findall(r'href="#(\w+)"', text)) <= set(sections)
    own = re.sub(r"<(script|style)>.*?</\1>", "", text, flags=re.DOTALL)
    assert not re.search(r'(?:src|href)="(?!data:|#)', own)
    # two measures, ROC, two costs, overlaps and correlations
    assert len(re.findall("<img ", text)) == 2 + 1 + 2 + 2
    stored = json.loads((tmp_path / "compare.json").read_text("utf-8"))
    assert stored == json.loads(json.dumps(made.numbers))
    again = compare([folder], tmp_path / "again.html")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "compare.json").read_bytes()
    assert again.page.read_text("utf-8") == text
    assert "ParticleNet lite" in text
    assert "<td>9</td>" in text  # ms
    assert "not told apart from" in repr(made)


def test_measures_are_those_of_the_predictions(folder, tmp_path):
    made = compare([folder], tmp_path / "compare.html")
    for label, row in rows_of(made).items():
        areas = []
        for seed in ("1", "2", "3"):
            found = pq.read_table(folder / label / seed / "predictions.parquet")
            test = found.column("split").to_numpy() == 2
            score = found.column("score_top").to_numpy()[test]
            signal = found.column("target_class").to_numpy()[test] == 0
            areas.append(auc(score, signal))
        told = row["measures"]["auc"]
        assert told["seeds"] == pytest.approx([one.value for one in areas])
        assert told["value"] == pytest.approx(np.mean([one.value for one in areas]))
        # three seeds know no less than one, and their scatter is in it
        assert told["errors"]["test"] > 0.5 * (areas[0].high - areas[0].value)
        assert told["high"] - told["low"] > 1.9 * told["errors"]["seeds"]
        cut = row["measures"]["rejection_at_0.5"]
        assert cut["low"] < cut["value"] < cut["high"]
        assert cut["relative_errors"]["validation"] > 0.01


def test_order_costs_and_who_is_told_apart(folder, tmp_path):
    made = compare([folder], tmp_path / "compare.html")
    rows = rows_of(made)
    assert rows["trees"]["number"] == 3
    assert rows["trees"]["not_told_apart_from"] == []
    assert rows["net"]["not_told_apart_from"] == [rows["other"]["number"]]
    assert rows["net"]["costs"]["flops"] == 20_000
    assert rows["trees"]["costs"]["flops"] is None
    assert rows["other"]["network"] == "lorentz_net small"
    assert rows["net"]["representation"] == "jet_features"
    tests = made.numbers["tests"]
    assert (tests["adjusted_by"], tests["number"]) == ("Holm", 6)
    for pair in made.numbers["pairs"]:
        for one in pair["tests"].values():
            assert one["adjusted"] >= one["p_value"]
    assert "call none of them the best" in made.page.read_text("utf-8")


def test_agreement_has_seeds_on_its_diagonal(folder, tmp_path):
    made = compare([folder], tmp_path / "compare.html")
    found = {key: np.array(one, float) for key, one in made.numbers["agreement"].items()}
    for key in ("signal", "background", "correlation_signal", "correlation_background"):
        assert (found[key] == found[key].T).all()
        assert (found[key] <= 1.0).all()
        assert (found[key] > 0.1).all()
    # the less noise, the more seeds agree
    assert found["correlation_background"][0, 0] > found["correlation_background"][2, 2]
    assert found["background"].min() > found["chance"]


def test_runs_with_the_same_names_and_one_seed(folder, tmp_path):
    others = [entry("trees", 1.0, model="boosted_trees")]
    other = compared(tmp_path / "b", others, seeds=(7,))
    made = compare([folder, other, other], tmp_path / "compare.html")
    rows = rows_of(made)
    assert set(rows) == {"net", "other", "a/trees", "b/trees"}
    assert rows["b/trees"]["seeds"] == ["7"]
    assert rows["b/trees"]["measures"]["auc"]["errors"]["seeds"] == 0.0
    few = next(one for one in made.numbers["fairness"] if "seeds" in one["name"])
    assert not few["holds"]
    assert "b/trees (1)" in few["text"]
    assert "is not known, and not in its intervals" in made.page.read_text("utf-8")
    # folders of one name are called by more of their paths
    twin = copied(folder, tmp_path)
    made = compare([folder, twin], tmp_path / "twins.html")
    assert len(rows_of(made)) == 6
    assert all(label.count("/") >= 2 for label in rows_of(made))


def test_other_test_events_are_refused_or_shared(folder, tmp_path):
    strange = compared(tmp_path / "b", ENTRIES[:1], events_seed=2)
    with pytest.raises(ValueError, match="have the same test examples, .* --shared") as caught:
        compare([folder, strange], tmp_path / "compare.html")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "compare.html").exists()
    # a run that scored only some of them
    fewer = copied(folder, tmp_path, "fewer")
    for path in fewer.glob("*/*/predictions.parquet"):
        table = pq.read_table(path)
        odd = table.column("event_id").to_numpy() % 2 == 1
        pq.write_table(table.filter(pa.array(odd)), path)
    with pytest.raises(ValueError, match="--shared"):
        compare([folder, fewer], tmp_path / "compare.html")
    made = compare([folder, fewer], tmp_path / "compare.html", shared=True)
    rows = rows_of(made)
    assert (
        rows["a/net"]["measures"]["auc"]["seeds"] == rows["fewer/net"]["measures"]["auc"]["seeds"]
    )
    told = {one["name"]: one for one in made.numbers["fairness"]}
    assert not told["same test events"]["holds"]
    assert "are left out" in told["same test events"]["text"]
    assert not told["cuts and stopping on the same validation events"]["holds"]


def test_other_events_of_the_same_numbers_are_refused(folder, tmp_path):
    """Simulated with another seed, or read of other files; more of the same are the same."""

    def told(name, **about):
        made = copied(folder, tmp_path, name)
        samples = {key: {"process": {"name": key}, "seed": 1, **about} for key in ("top", "qcd")}
        write_json(made / "samples.json", samples)
        return made

    first = told("first", checksum="a")
    other, page = told("other", seed=7, checksum="a"), tmp_path / "compare.html"
    with pytest.raises(ValueError, match="have the same test examples"):
        compare([first, other], page)
    with pytest.raises(ValueError, match="got none in common"):
        compare([first, other], page, shared=True)
    more = told("more", checksum="b", events=9)
    assert {one["name"]: one for one in compare([first, more], page).numbers["fairness"]}[
        "same test events"
    ]["holds"]
    files = [told(name, seed=None, files=[{"sha256": name}]) for name in ("left", "right")]
    for path in files:
        blocks = json.loads((path / "samples.json").read_text("utf-8"))
        for one in blocks.values():
            del one["process"]
        write_json(path / "samples.json", blocks)
    with pytest.raises(ValueError, match="have the same test examples"):
        compare(files, page)


def test_other_classes_labels_or_events_twice_are_refused(folder, tmp_path):
    three = compared(tmp_path / "three", ENTRIES[:1], classes=("top", "qcd", "w"))
    with pytest.raises(ValueError, match="must have one classes"):
        compare([folder, three], tmp_path / "compare.html")
    swapped = copied(folder, tmp_path, "swapped")
    path = swapped / "net" / "1" / "predictions.parquet"
    table = pq.read_table(path)
    place = table.column_names.index("target_class")
    turned = pa.array(1 - table.column("target_class").to_numpy())
    pq.write_table(table.set_column(place, "target_class", turned), path)
    with pytest.raises(ValueError, match="same classes and weights"):
        compare([swapped], tmp_path / "compare.html")
    pq.write_table(pa.concat_tables([table, table.slice(0, 5)]), path)
    with pytest.raises(ValueError, match="scored once"):
        compare([swapped], tmp_path / "compare.html")
    with pytest.raises(ValueError, match="no background 'qc'. Did you mean 'qcd'"):
        compare([folder], tmp_path / "compare.html", against="qc")


def test_backgrounds_can_be_taken_one_by_one(tmp_path):
    run = compared(tmp_path / "three", ENTRIES[:2], classes=("top", "qcd", "w"))
    rest = compare([run], tmp_path / "rest.html")
    alone = compare([run], tmp_path / "w.html", against="w")
    assert "all backgrounds" in rest.page.read_text("utf-8")
    values = [rows_of(one)["net"]["measures"]["auc"]["value"] for one in (rest, alone)]
    assert values[0] != values[1]
    accuracy = [rows_of(one)["net"]["measures"]["accuracy"] for one in (rest, alone)]
    assert accuracy[0] == accuracy[1]


def test_times_say_what_they_were_taken_on(folder, tmp_path):
    run = copied(folder, tmp_path)
    path = run / "net" / "1" / "timing.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"device": "cuda"}))
    text = compare([run], tmp_path / "compare.html").page.read_text("utf-8")
    assert "<td>float32, cuda</td>" in text
    assert "<td>float32, 2</td>" in text


def test_what_is_not_finished_or_damaged_is_left_out_in_a_line(folder, tmp_path):
    run = copied(folder, tmp_path)
    (run / "metrics.json").unlink(missing_ok=True)
    shutil.rmtree(run / "net" / "2")
    (run / "net" / "3" / "timing.json").unlink()
    (run / "other" / "1" / "predictions.parquet").write_bytes(b"PAR1")
    (run / "other" / "2" / "timing.json").write_text("{")
    shutil.rmtree(run / "trees")
    made = compare([run], tmp_path / "compare.html")
    rows = rows_of(made)
    assert {label: row["seeds"] for label, row in rows.items()} == {"net": ["1"], "other": ["3"]}
    lost = made.numbers["left_out"]
    assert len(lost) == 7
    assert "a: net (seed 2) has not begun: no predictions.parquet" in lost
    assert "a: net (seed 3) is not finished: no timing.json" in lost
    assert sum("is damaged" in one for one in lost) == 2
    assert all("\n" not in one for one in lost)
    assert "left out: a: trees (seed 1) has not begun" in repr(made)
    text = made.page.read_text("utf-8")
    assert "Left out." in text


def test_folders_that_give_nothing_say_so_in_one_line(folder, tmp_path):
    run = copied(folder, tmp_path)
    for name in ("net", "other", "trees"):
        shutil.rmtree(run / name)
    with pytest.raises(CorruptFileError, match="nothing is finished: a: net .* it goes on"):
        compare([run], tmp_path / "compare.html")
    (run / "card.yaml").write_text("seeds: [1]")
    with pytest.raises(CorruptFileError, match="must name entries"):
        compare([run], tmp_path / "compare.html")
    (run / "card.yaml").unlink()
    with pytest.raises(CorruptFileError, match="must be a run folder, got no card.yaml"):
        compare([run], tmp_path / "compare.html")
    with pytest.raises(ValueError, match="needs a run folder or more"):
        compare([], tmp_path / "compare.html")
    with pytest.raises(ValueError, match="must end in .html"):
        compare([folder], tmp_path / "compare.pdf")
    with pytest.raises(ValueError, match="must not lie in a run folder"):
        compare([folder], folder / "compare.html")


def fault(made, name):
    return next(one for one in made.numbers["fairness"] if name in one["name"])


def test_events_on_both_sides_of_a_split_are_found(folder, tmp_path):
    """Within a run, by another run, and as a copy under another number."""
    clean = compare([folder], tmp_path / "clean.html")
    assert all(one["holds"] for one in clean.numbers["fairness"])
    run = copied(folder, tmp_path, "b")
    kept = {key: one.to_numpy() for key, one in zip(*_columns(run), strict=True)}
    test, train = (np.flatnonzero(kept["split"] == part) for part in (2, 0))
    moved = {key: one.copy() for key, one in kept.items()}
    moved["split"][test[:3]] = 0
    pq.write_table(pa.table(moved), run / SPLIT)
    made = compare([folder, run], tmp_path / "compare.html")
    found = fault(made, "both sides")
    assert not found["holds"]
    assert found["text"].startswith("3 test events used in training or validation of any run")
    copies = {key: one.copy() for key, one in kept.items()}
    copies["content"][test[:4]] = copies["content"][train[:4]]
    copies["content"][[*test[5:8], *train[5:8]]] = 0  # empty, not equal
    pq.write_table(pa.table(copies), run / SPLIT)
    made = compare([run], tmp_path / "compare.html")
    assert fault(made, "both sides")["holds"]
    assert fault(made, "no copy")["text"].startswith("4 of ")
    (run / SPLIT).unlink()
    made = compare([run], tmp_path / "compare.html")
    assert fault(made, "both sides")["holds"] is None


def _columns(run):
    table = pq.read_table(run / SPLIT)
    return table.column_names, table.columns


def test_other_selections_and_machines_are_said(folder, tmp_path):
    run = copied(folder, tmp_path, "b")
    card = (run / "card.yaml").read_text("utf-8").replace("select: []", 'select: ["pt > 3"]')
    (run / "card.yaml").write_text(card, "utf-8")
    about = json.loads((run / "environment.json").read_text("utf-8"))
    (run / "environment.json").write_text(json.dumps({**about, "processor": "another"}))
    made = compare([folder, run], tmp_path / "compare.html")
    assert fault(made, "selection")["text"] == "select of b is not that of a"
    assert "different machines" in made.page.read_text("utf-8")


def test_rows_that_differ_in_training_examples_make_a_curve(tmp_path):
    sizes = [
        entry(f"net{n}", noise, model="particle_net", examples=n)
        for n, noise in ((600, 1.0), (60, 3.0), (200, 1.8))
    ]
    run = compared(tmp_path / "a", [*sizes, entry("trees", 1.5, model="boosted_trees")])
    made = compare([run], tmp_path / "compare.html")
    (curve,) = made.numbers["learning_curves"]
    assert curve["training_events"] == [120, 400, 1200]
    names = {row["number"]: row["label"] for row in made.numbers["rows"]}
    assert [names[k] for k in curve["rows"]] == ["net60", "net200", "net600"]
    assert '<section id="learning">' in made.page.read_text("utf-8")


def test_scores_in_steps_say_where_they_are_cut(folder, tmp_path):
    run = copied(folder, tmp_path)
    for seed in "123":
        path = run / "trees" / seed / "predictions.parquet"
        table = pq.read_table(path)
        coarse = np.round(table.column("score_top").to_numpy() * 2) / 2
        for name, values in (("score_top", coarse), ("score_qcd", 1 - coarse)):
            place = table.column_names.index(name)
            table = table.set_column(place, name, pa.array(values))
        pq.write_table(table, path)
    made = compare([run], tmp_path / "compare.html")
    cuts = {label: row["measures"]["rejection_at_0.3"] for label, row in rows_of(made).items()}
    assert cuts["net"]["signal_efficiency"] == pytest.approx(0.3, abs=0.01)
    assert cuts["trees"]["signal_efficiency"] > 0.4
    assert made.page.read_text("utf-8").count("score in steps: cut at") == 1


def test_published_numbers_stand_beside_their_entry(folder, tmp_path):
    run = copied(folder, tmp_path)
    more = (
        "published:\n- {measure: AUC, against: qcd, value: 0.985, entry: net, note: all jets}\n"
        "- {measure: AUC, against: w, value: 0.7, entry: net}\n"
    )
    with (run / "card.yaml").open("a", encoding="utf-8") as file:
        file.write(more)
    text = compare([run], tmp_path / "compare.html").page.read_text("utf-8")
    assert text.count("published: AUC 0.985, all jets") == 1
    assert "0.7, " not in text


def test_a_single_row_is_a_table_too(tmp_path):
    run = compared(tmp_path / "a", ENTRIES[:1], seeds=(1,), record=False)
    made = compare([run], tmp_path / "compare.html")
    assert made.numbers["pairs"] == []
    text = made.page.read_text("utf-8")
    assert 'id="pairs"' not in text
    assert 'id="agreement"' not in text


def test_names_that_look_like_html_stay_text(tmp_path):
    run = compared(tmp_path / "a", [entry("net", 1.0, title="<b>x</b>")], seeds=(1, 2))
    assert "<b>x</b>" not in compare([run], tmp_path / "compare.html").page.read_text("utf-8")


@pytest.mark.slow
def test_runs_say_what_their_events_are(folder, tmp_path):
    run = copied(folder, tmp_path)
    split = {"train": 6000, "validation": 700, "test": 1000}
    sample = {"simulation": True, "split": split, "copies_left_out": 12}
    write_json(run / "samples.json", {"top": sample, "qcd": {**sample, "copies_left_out": 0}})
    text = compare([run], tmp_path / "told.html").page.read_text("utf-8")
    cells = re.findall(r"<td>([^<]*)</td>", text[text.index('id="runs"') :])
    assert cells[4:9] == ["published simulation", "12\u202f000", "1\u202f400", "2\u202f000", "12"]
    # on a telephone the numbers stand beside the entry
    assert text.count('class="phone"') == text.count('class="text desk"') / 2 - 1
    bare = compare([folder], tmp_path / "bare.html").page.read_text("utf-8")
    assert "published simulation" not in bare


def test_figures_are_drawn(folder, tmp_path):
    text = compare([folder], tmp_path / "compare.html").page.read_text("utf-8")
    sources = re.findall(r'<img src="([^"]*)"', text)
    assert all(len(one) > 5000 and one.startswith("data:image/svg") for one in sources)

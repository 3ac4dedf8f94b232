"""The report: every number of the run is in it, missing parts are left out, damage is said."""

import json
import re
import shutil

import pytest
import yaml

from hepvision.core.errors import CorruptFileError
from hepvision.studies._report_parts import conditions
from hepvision.studies._report_tables import headline, sample_tables, warnings, working_points
from hepvision.studies._run_folder import RunFolder
from hepvision.studies.report import report
from studies.toy_run import toy_run

ENTRIES = ("EB", "trees")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "toy"
    return toy_run(path, seeds=(1, 2), count=150, entries=ENTRIES)


@pytest.fixture
def undrawn(monkeypatch):
    """Figures are made but not drawn, which takes most of a report's time."""
    monkeypatch.setattr("matplotlib.figure.Figure.draw_without_rendering", lambda figure: None)
    monkeypatch.setattr("hepvision.studies._report_parts.embed", lambda *given: "data:,")


@pytest.fixture(scope="module")
def text(folder):
    return report(folder).read_text("utf-8")


def _without(folder, tmp_path, *names):
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    for name in names:
        for path in copy.glob(name):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return copy


def test_every_section_is_there_once(text):
    sections = re.findall(r'<section id="(\w+)">', text)
    assert sections == [
        "results", "roc", "scores", "learning", "mass", "samples", "images", "displays", "run",
    ]  # fmt: skip
    for target in re.findall(r'href="#(\w+)"', text):
        assert target in sections


def test_figures_are_inside_and_nothing_outside_is_named(text):
    sources = re.findall(r'<img src="([^"]*)"', text)
    # comparison, ROC 3 × 2, scores, confusion and learning an entry, calibration,
    # mass one comparison, a profile and two backgrounds an entry, but one which too few events
    # pass, one example a class, averages and profiles
    assert len(sources) == 1 + 6 + 3 * 2 + 1 + (1 + 2 + 2 * 2 - 1) + 3 + 2
    assert "every cut leaves fewer than five test events: γ+jet with cuts on trees." in text
    assert all(source.startswith("data:image/") for source in sources)
    own = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(r'(?:src|href)="(?!data:|#)', own)
    assert text.count('class="plot"') == 15


def test_headline_has_every_entry_and_seed_with_its_numbers(folder):
    run = RunFolder(folder)
    entries = list(run.entries())
    assert [(one.name, one.seed) for one in entries] == [(n, s) for n in ENTRIES for s in "12"]
    table = headline(run, entries)
    assert table["header"][:3] == ["AUC, γγ", "AUC, γ+jet", "AUC, all backgrounds"]
    metrics = json.loads((folder / "metrics.json").read_text("utf-8"))
    for one, row in zip(entries, table["rows"], strict=True):
        area = metrics["entries"][one.name][one.seed]["versus"]["diphoton"]["auc"]["value"]
        cell = row["cells"][0]
        assert abs(float(cell.value) - area) < 0.006
        assert cell.errors.startswith("+")
        assert len(row["cells"]) == len(table["header"])
    assert [cell.value for cell in table["published"][0]["cells"][:3]] == ["0.77", "0.95", "0.81"]


def test_a_published_number_that_no_column_shows_is_told_below(folder):
    run = RunFolder(folder)
    run.card["published"] = [{"measure": "signal efficiency", "against": "rest", "value": 0.9}]
    table = headline(run, list(run.entries()))
    assert table["published"] == []
    assert table["elsewhere"] == "signal efficiency against all backgrounds: 0.9"


def test_few_background_events_are_warned_of_in_words(folder, text):
    run = RunFolder(folder)
    entries = list(run.entries())
    found = warnings(run, entries)
    few = [row for row in working_points(run, entries) if any(cell.few for cell in row["cells"])]
    assert len(found) == len(few) > 0
    assert "photon_jet" not in "".join(found)
    assert f"{len(found)} of {len(working_points(run, entries))} working points" in text


def test_samples_come_in_the_order_of_the_classes_with_cut_flows(folder):
    tables = sample_tables(RunFolder(folder))
    order = re.findall(r'<th scope="row">([^<]*)</th>', tables["table"])
    assert order == ["H→γγ", "γγ", "γ+jet"]
    assert "18.40 ± 0.10" in tables["table"]
    assert "8.1 %" in tables["table"]
    assert len(tables["flows"]) == 3
    assert "not vetoed at parton level" in tables["flows"][2]
    # the study's own selection removes nothing more, and is not told twice
    assert tables["flows"][0].count("num(Photon) == 2") == 1


def test_copies_that_were_left_out_are_counted(folder, tmp_path, undrawn):
    assert "copies left out" not in sample_tables(RunFolder(folder))["table"]
    copy = _without(folder, tmp_path)
    samples = json.loads((copy / "samples.json").read_text("utf-8"))
    samples["diphoton"]["copies_left_out"] = 3217
    (copy / "samples.json").write_text(json.dumps(samples), "utf-8")
    table = sample_tables(RunFolder(copy))["table"]
    assert re.search(r"<th[^>]*>copies left out</th>", table)
    rows = [one for one in table.split("<tr>") if re.search(r">3\D{0,2}217<", one)]
    assert len(rows) == 1
    assert ">γγ<" in rows[0]
    assert "very same content" in report(copy).read_text("utf-8")


@pytest.mark.parametrize(
    ("samples", "label"),
    [
        ({"a": {"process": {"name": "x"}}, "b": {"process": {"name": "y"}}}, "simulation"),
        ({"a": {"simulation": True, "files": [{"path": "x.h5"}]}}, "published simulation"),
        ({"a": {"simulation": False}}, "collision data"),
        ({"a": {"reader": "own"}}, "published events"),
        (
            {"a": {"files": [{"attrs": {"simulation": True}}, {"attrs": {"simulation": False}}]}},
            "published simulation and collision data",
        ),
        (
            {"a": {"process": {"name": "x"}}, "b": {"simulation": False}},
            "simulation and collision data",
        ),
    ],
)
def test_figures_say_what_the_events_are(tmp_path, samples, label):
    (tmp_path / "samples.json").write_text(json.dumps(samples), "utf-8")
    assert conditions(RunFolder(tmp_path))["source"] == label


def test_card_is_told_as_it_is(folder, text):
    card = yaml.safe_load((folder / "card.yaml").read_text("utf-8"))
    assert "seeds 1, 2" in text
    assert card["reference"] in text
    assert "(Photon[:, 0] + Photon[:, 1]).mass &gt; 90" in text


@pytest.mark.parametrize(
    ("names", "lost"),
    [
        (("images.npz",), "images"),
        (("examples",), "displays"),
        (("*/*/predictions.parquet",), "roc"),
        (("*/*/history.json",), "learning"),
    ],
)
@pytest.mark.usefixtures("undrawn")
def test_what_is_not_there_is_left_out(folder, tmp_path, names, lost):
    made = report(_without(folder, tmp_path, *names)).read_text("utf-8")
    assert f'<section id="{lost}">' not in made
    assert f'href="#{lost}"' not in made
    assert '<section id="results">' in made


@pytest.mark.usefixtures("undrawn")
def test_the_least_that_a_report_needs(folder, tmp_path):
    copy = _without(
        folder, tmp_path, "[!cm]*.json", "[!cm]*.npz", "examples", "*/1", "*/2", "images.npz"
    )
    assert {path.name for path in copy.iterdir() if path.is_file()} == {
        "card.yaml", "metrics.json", "report.html",
    }  # fmt: skip
    made = report(copy).read_text("utf-8")
    assert '<section id="results">' in made
    assert "NaN" not in made


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("metrics.json", "must be JSON"),
        ("card.yaml", "must be"),
        ("EB/1/predictions.parquet", "cannot be read"),
        ("images.npz", "cannot be read"),
        ("examples/manifest.json", "manifest"),
    ],
)
@pytest.mark.usefixtures("undrawn")
def test_damage_is_said_and_the_old_report_stays(folder, tmp_path, name, said):
    copy = _without(folder, tmp_path)
    (copy / "report.html").write_text("old")
    (copy / name).write_bytes(b"\x00[broken")
    with pytest.raises(CorruptFileError, match=said):
        report(copy)
    assert (copy / "report.html").read_text() == "old"


@pytest.mark.usefixtures("undrawn")
def test_names_cannot_become_html(folder, tmp_path):
    copy = _without(folder, tmp_path, "images.npz", "examples", "*/1", "*/2")
    card = yaml.safe_load((copy / "card.yaml").read_text("utf-8"))
    card["title"] = card["expects"] = "<img src=x onerror=alert(1)>"
    card["samples"]["higgs"]["title"] = "<b>higgs</b>"
    (copy / "card.yaml").write_text(yaml.safe_dump(card), "utf-8")
    made = report(copy).read_text("utf-8")
    assert "<img src=x" not in made
    assert "<b>higgs" not in made

"""Every format is shown: expected views, and numbers in the page that are those of the events."""

import html
import json
import re

import awkward as ak
import numpy as np
import pytest

from figures.shown import lit
from hepvision.core.names import names
from hepvision.figures.show import show
from reader_samples import published, reader, write, written

from shared_data import ABSENT

#: Views that an event of a format fills.
CMS = ["barrel", "endcaps", "eta_phi", "transverse", "longitudinal"]
VIEWS = {
    "calochallenge": ["cells", "profile"],
    "calogan": ["cells", "profile", "layer_0", "layer_1", "layer_2"],
    "clic_lcd": ["cells", "profile", "layer_0", "layer_1"],
    "cms_json": ["eta_phi"],
    "delphes": ["eta_phi", "transverse", "longitudinal", "hard_process"],
    "dune_cvn": ["picture_0", "picture_1", "picture_2"],
    "e2e_images": ["picture_0", "picture_1", "picture_2"],
    "energyflow_npz": ["jet"],
    "graphnet": ["modules", "times"],
    "hepmc": ["eta_phi", "hard_process"],
    "hls4ml_jets": ["picture_0", "picture_1", "picture_2"],
    "icecube_kaggle": ["modules", "times"],
    "ispy": CMS,
    "jetclass": ["jet"],
    "jetnet": ["jet"],
    "lhe": ["eta_phi", "hard_process"],
    "mlanalyzer": CMS,
    "nanoaod": ["eta_phi", "hard_process"],
    "rpv_images": ["picture_0", "picture_1", "picture_2"],
    "top_tagging": ["jet"],
    "trackml": ["hits_along", "hits_beside", "eta_phi"],
}
#: Formats of which there are published samples.
PUBLISHED = (
    *("cms_json", "delphes", "dune_cvn", "hepmc", "ispy", "lhe", "nanoaod", "top_tagging"),
    "trackml",
)


def _figures(body):
    """Figures of a page by the name of their panel."""
    found = re.findall(
        r'<script type="application/json" id="event_(\w+)_data">(.*?)</script>', body, re.DOTALL
    )
    return {name: json.loads(text, parse_constant=_no_constant) for name, text in found}


def _no_constant(name):
    raise AssertionError(f"{name} is no JSON")


def _shown(path, name, number):
    display = show(path, number)
    assert len(display.body) < 3_000_000
    assert set(VIEWS[name]) <= set(display.panels)
    event = reader(name).read(path, slice(number, number + 1))[0]
    return display, _figures(display.body), event


def _check(display, figures, event):
    """What the page holds, against the event."""
    beside = html.unescape(display.body.partition("</aside>")[0])
    for name in event.fields:
        if getattr(event[name], "fields", None):
            count = f"{len(event[name]):,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
            assert f'<th scope="row">{name}</th><td>{count}</td>' in beside
    for name, check in CHECKS.items():
        if name in figures:
            check(figures[name]["data"], event, figures)


def _towers(data, event, figures):
    if "Tower" in event.fields and len(event.Tower):
        (one,) = [one for one in data if one["name"] == "towers"]
        total = sum(row[0] for row in one["customdata"])
        assert total == pytest.approx(float(ak.sum(event.Tower.et)), rel=1e-3)
    for name, word in (("Jet", "jets"), ("FatJet", "large jets")):
        if name in event.fields and len(event[name]) and "eta" in event[name].fields:
            marks = [one for one in data if one["name"] == word]
            assert len(marks[0]["x"]) == len(event[name])
            total = sum(row[0] for row in marks[0]["customdata"])
            assert total == pytest.approx(float(ak.sum(event[name].pt)), rel=1e-3)
    kinds = [one for one in data if one.get("text") and one.get("mode") == "markers"]
    if "Particle" in event.fields:
        seen = [one for one in kinds if one["name"] != "generated particles"]
        assert sum(len(one["x"]) for one in seen) == len(event.Particle)
    elif "GenPart" in event.fields and "status" in event.GenPart.fields:
        assert sum(len(one["x"]) for one in kinds) == int(ak.sum(event.GenPart.status == 1))


def _jet(data, event, figures):
    marks = [one for one in data if one.get("text") and one["mode"] == "markers"]
    marks = [one for one in marks if not one["name"].startswith("generated")]
    assert sum(len(one["x"]) for one in marks) == len(event.Particle)
    total = sum(row[0] for one in marks for row in one["customdata"])
    assert total == pytest.approx(float(ak.sum(event.Particle.pt)), rel=1e-3)


def _hits(data, event, figures):
    marks = [one for one in data if "customdata" in one]
    assert sum(len(one["x"]) for one in marks) == len(event.TrackerHit)
    total = sum(row[0] for one in marks for row in one["customdata"])
    assert total == pytest.approx(float(ak.sum(event.TrackerHit.x)), rel=1e-3, abs=1.0)


def _profile(data, event, figures):
    total = sum(sum(one["y"]) for one in data)
    assert total == pytest.approx(float(ak.sum(event.Cell.energy)), rel=1e-4)


def _modules(data, event, figures):
    assert sum(row[2] for row in data[0]["customdata"]) == len(event.Pulse)
    total = sum(row[1] for row in data[0]["customdata"])
    assert total == pytest.approx(float(ak.sum(event.Pulse.charge)), rel=1e-3)


def _picture(data, event, figures):
    pictures = [one["data"][0] for name, one in figures.items() if name.startswith("picture_")]
    total = sum(float(lit(one).sum()) for one in pictures)
    assert total == pytest.approx(float(ak.sum(event.Pixel.value)), rel=1e-4)
    assert sum(int((lit(one) != 0).sum()) for one in pictures) == len(event.Pixel)


def _barrel(data, event, figures):
    (marks,) = [one for one in data if one["name"] == "ECAL" and "customdata" in one]
    energy = ak.to_numpy(event.EcalBarrelHit.energy)
    assert len(marks["x"]) == int((energy >= 0.2).sum())
    total = sum(row[2] for row in marks["customdata"])
    assert total == pytest.approx(float(energy[energy >= 0.2].sum()), rel=1e-3)


CHECKS = {
    "eta_phi": _towers,
    "jet": _jet,
    "hits_along": _hits,
    "profile": _profile,
    "modules": _modules,
    "picture_0": _picture,
    "barrel": _barrel,
}


def test_every_reader_is_expected_here():
    assert set(VIEWS) == set(names("readers"))


@pytest.mark.parametrize("name", [one for one in names("readers") if written(one) is not None])
def test_a_written_file_is_shown(name, tmp_path):
    path = write(name, tmp_path)
    # the first events of some writers are empty, to try what that does
    number = min(2, reader(name).count(path) - 1)
    _check(*_shown(path, name, number))


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_smallest_published_file_is_shown(name):
    if not published(name):
        pytest.skip(f"{ABSENT}: one of {name}. Set HEPVISION_SHARED to its folder.")
    path = published(name)[0]
    _check(*_shown(path, name, min(1, reader(name).count(path) - 1)))


@pytest.mark.slow
@pytest.mark.parametrize("name", PUBLISHED)
def test_every_published_file_is_shown(name):
    for path in published(name):
        count = reader(name).count(path)
        for number in np.unique([0, count // 2, count - 1]):
            _check(*_shown(path, name, int(number)))

"""The report's pictures are the events' own."""

import json

import numpy as np
import pytest

from hepvision.core.card import component
from hepvision.events.store import open_store
from hepvision.studies._report_figures import _averages, _examples
from hepvision.studies._run_folder import RunFolder
from hepvision.studies.gallery import collect


def test_examples_and_averages_hold_the_energy_of_the_events(toy_stores, tmp_path):
    stores = {f"class {number}": open_store(path) for number, path in enumerate(toy_stores)}
    assert collect(stores, tmp_path)
    image = component("representations", "detector_image")
    with np.load(tmp_path / "images.npz", allow_pickle=False) as file:
        for key, store in stores.items():
            events = store.read()
            part = image(events)["image"]
            mean = part.value.sum() / len(events)
            np.testing.assert_allclose(file[f"average_{key}"].sum(), mean, rtol=1e-4)
            first = part.value[: part.offsets[1]].sum()
            np.testing.assert_allclose(file[f"example_{key}"].sum(), first, rtol=1e-4)
    shown = open_store(tmp_path / "examples").read()
    assert shown["sample"].tolist() == list(stores)
    before = (tmp_path / "images.npz").stat().st_mtime_ns
    assert collect(stores, tmp_path)
    assert (tmp_path / "images.npz").stat().st_mtime_ns == before


def test_what_a_killed_run_began_to_write_is_written_anew(toy_stores, tmp_path):
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "plan.json").write_text('{"rows_a_part": 10}')
    assert collect({"a": open_store(toy_stores[0])}, tmp_path)
    assert len(open_store(tmp_path / "examples")) == 1


def test_samples_without_hits_have_no_pictures(tmp_path):
    assert not collect({}, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("region", ["ecal_centric", "hcal_centric"])
def test_every_part_of_a_region_is_kept(toy_stores, tmp_path, region):
    stores = {f"class {number}": open_store(path) for number, path in enumerate(toy_stores)}
    assert collect(stores, tmp_path, ["barrel", region])
    (tmp_path / "metrics.json").write_text(json.dumps({"classes": list(stores)}))
    image = component("representations", {"name": "detector_image", "region": region})
    for what, rows in (("average", None), ("example", 1)):
        found = RunFolder(tmp_path).images(what)
        assert list(found) == ["barrel", region]
        for key, store in stores.items():
            events = store.read(stop=rows)
            for name, part in image(events).items():
                mean = part.value.sum() / len(events)
                np.testing.assert_allclose(found[region][key][name].sum(), mean, rtol=1e-4)
                assert found[region][key][name].shape == part.shape


@pytest.mark.parametrize(
    ("region", "averages"), [("barrel", 2), ("ecal_centric", 3), ("hcal_centric", 2)]
)
def test_every_region_is_drawn(toy_stores, tmp_path, monkeypatch, region, averages):
    monkeypatch.setattr("matplotlib.figure.Figure.draw_without_rendering", lambda figure: None)
    monkeypatch.setattr("hepvision.studies._report_parts.embed", lambda *given: "data:,")
    stores = {f"class {number}": open_store(path) for number, path in enumerate(toy_stores)}
    assert collect(stores, tmp_path, [region])
    (tmp_path / "metrics.json").write_text(json.dumps({"classes": list(stores)}))
    (tmp_path / "card.yaml").write_text("{}")
    run = RunFolder(tmp_path)
    assert len(list(_examples(run))) == len(stores)
    drawn = list(_averages(run))
    assert len({one.about for one in drawn}) == averages

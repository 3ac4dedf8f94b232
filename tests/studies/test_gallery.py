"""The report's pictures are the events' own."""

import numpy as np

from hepvision.core.card import component
from hepvision.events.store import open_store
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


def test_samples_without_hits_have_no_pictures(tmp_path):
    assert not collect({}, tmp_path)
    assert not list(tmp_path.iterdir())

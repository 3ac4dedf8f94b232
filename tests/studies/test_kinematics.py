"""Simulated classes of jets are not told apart by how hard they are, nor by how they were made."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.evaluation.roc import auc
from hepvision.studies.card import resolve
from hepvision.studies.samples import prepare

pytest.importorskip("pythia8mc")
pytest.importorskip("fastjet")
EVENTS = 200


@pytest.fixture(scope="module", params=["top_tagging", "quark_gluon", "w_tagging"])
def classes(request: Any, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Events of both classes of a card."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEPVISION_CACHE", str(tmp_path_factory.mktemp("cache")))
        study = resolve(request.param, changes=[f"simulate.events={EVENTS}"])
        stores = prepare(study, progress=False)
    return [store.read() for store in stores.values()]


def leading(events: ak.Array) -> ak.Array:
    """The one jet of each event."""
    return events["Jet" if "Jet" in events.fields else "FatJet"][:, 0]


def irrelevant(events: ak.Array) -> np.ndarray:
    """Numbers of each event that have nothing to do with its class, shape (B, 9)."""
    jet, particles = leading(events), events["Particle"]
    number = ak.to_numpy(events["event_id"])
    bits = [ak.to_numpy(one).astype(np.float32).view(np.uint32) for one in (jet.pt, jet.phi)]
    photons = particles.mass[particles.pdgId == 22]
    columns = (
        ak.to_numpy(jet.phi),
        number % 2,
        number % 20,
        *(one % 256 for one in bits),
        ak.to_numpy(ak.sum(particles.pt[:, 1:] > particles.pt[:, :-1], axis=1)),
        ak.to_numpy(ak.sum(photons, axis=1)),
        *(ak.to_numpy(events[name]) for name in ("weight", "pileup")),
    )
    return np.stack(columns, axis=1).astype(np.float32)


@pytest.mark.slow
def test_neither_pt_nor_eta_tells_the_classes_apart(classes: list[Any]) -> None:
    signal = np.repeat([True, False], [len(one) for one in classes])
    for name, most in (("pt", 0.60), ("eta", 0.60)):
        values = np.concatenate([ak.to_numpy(abs(leading(one)[name])) for one in classes])
        area = auc(values.astype(float), signal).value
        assert 1 - most < area < most, name


@pytest.mark.slow
def test_the_jets_lie_in_one_narrow_range(classes: list[Any]) -> None:
    for one in map(leading, classes):
        assert ak.max(one.pt) / ak.min(one.pt) < 1.25
        assert ak.max(abs(one.eta)) < 2.0


@pytest.mark.slow
def test_trees_learn_nothing_from_what_must_not_tell(classes: list[Any]) -> None:
    """Azimuth, place in the store, last bits, order of particles, masses of photons, weights."""
    xgboost = pytest.importorskip("xgboost")
    columns = np.concatenate([irrelevant(one) for one in classes])
    signal = np.repeat([True, False], [len(one) for one in classes])
    train = np.random.default_rng(1).random(len(signal)) < 0.5
    scores = np.empty(len(signal))
    for half in (train, ~train):
        trees = xgboost.XGBClassifier(n_estimators=40, max_depth=3, learning_rate=0.1, n_jobs=1)
        scores[~half] = trees.fit(columns[half], signal[half]).predict_proba(columns[~half])[:, 1]
    area = auc(scores, signal, level=0.997)
    assert area.low < 0.5 < area.high

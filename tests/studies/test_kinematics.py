"""Simulated classes of jets are not told apart by where they fly and how hard: no leak that way."""

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
    """Leading jets of both classes of a card."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEPVISION_CACHE", str(tmp_path_factory.mktemp("cache")))
        study = resolve(request.param, changes=[f"simulate.events={EVENTS}"])
        stores = prepare(study, progress=False)
    jet = "Jet" if "num(Jet) == 1" in study.select else "FatJet"
    return [store.read()[jet][:, 0] for store in stores.values()]


@pytest.mark.slow
def test_neither_pt_nor_eta_tells_the_classes_apart(classes: list[Any]) -> None:
    signal = np.repeat([True, False], [len(one) for one in classes])
    for name, most in (("pt", 0.60), ("eta", 0.60)):
        values = np.concatenate([ak.to_numpy(abs(one[name])) for one in classes])
        area = auc(values.astype(float), signal).value
        assert 1 - most < area < most, name


@pytest.mark.slow
def test_the_jets_lie_in_one_narrow_range(classes: list[Any]) -> None:
    for one in classes:
        assert ak.max(one.pt) / ak.min(one.pt) < 1.25
        assert ak.max(abs(one.eta)) < 2.0

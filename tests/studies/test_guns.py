"""Electrons and photons of the guns differ in their showers and tracks, and in nothing else."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.inputs import Sparse
from hepvision.evaluation.roc import auc
from hepvision.events.examples import examples
from hepvision.events.selection import selected
from hepvision.events.store import open_store
from hepvision.representations.object_crop import ObjectCrop
from hepvision.studies.card import resolve

#: Of a null; seeds are fixed, so a test that passes keeps passing.
LEVEL = 0.997
CARDS = ("electron_photon", "photon_pion")
#: What may not tell the classes apart.
ALIKE = {
    "generated pT": lambda events: events.GenPart.pt[:, 0],
    "generated η": lambda events: events.GenPart.eta[:, 0],
    "generated abs(η)": lambda events: abs(events.GenPart.eta[:, 0]),
    "generated φ": lambda events: events.GenPart.phi[:, 0],
    "row of the cluster": lambda events: events.Photon.superclusterEta[:, 0],
    "distance to the edge": lambda events: abs(events.Photon.superclusterEta[:, 0]),
    "column of the cluster": lambda events: events.Photon.superclusterPhi[:, 0],
    "clusters": lambda events: ak.num(events.Photon),
    "in the barrel": lambda events: events.Photon.isScEtaEB[:, 0],
    "vertices": lambda events: ak.num(events.Vertex),
    "pile-up": lambda events: events.pileup,
    "weight": lambda events: events.weight,
    "part of the split": lambda events: events.split,
    "noise in towers": lambda events: ak.num(events.HcalHit),
    "noise in the endcaps": lambda events: ak.num(events.EcalEndcapHit),
    "run": lambda events: events.run,
}


def _passed(stores: Any) -> list[ak.Array]:
    select = resolve("electron_photon").select
    return [selected(examples(open_store(path).read()), select)[0] for path in stores]


def _area(first: ak.Array, second: ak.Array, of: Any) -> Any:
    values = [np.asarray(ak.to_numpy(of(one)), float) for one in (first, second)]
    signal = np.repeat([True, False], [len(one) for one in values])
    return auc(np.concatenate(values), signal, level=LEVEL)


@pytest.fixture(scope="module")
def classes(toy_guns: Any) -> list[ak.Array]:
    return _passed(toy_guns)


def test_the_selection_keeps_nearly_all_of_both(classes: list[ak.Array]) -> None:
    for one in classes:
        assert len(one) >= 0.95 * 120


@pytest.mark.parametrize("name", ALIKE)
def test_what_was_put_in_does_not_tell_them_apart(name: str, classes: list[ak.Array]) -> None:
    area = _area(*classes, ALIKE[name])
    assert area.low <= 0.5 <= area.high, area


def test_tracks_and_showers_do(classes: list[ak.Array]) -> None:
    assert _area(*classes, lambda events: ak.num(events.Track)).low > 0.7
    assert _area(*classes, lambda events: events.Photon.sipip[:, 0]).low > 0.5


def test_every_window_shows_its_cluster(classes: list[ak.Array]) -> None:
    """No class has blank windows, and both have the seed in the middle."""
    crop = ObjectCrop(layers=("ecal",))
    for one in classes:
        part = crop(one)["image"]
        assert isinstance(part, Sparse)
        out = np.empty((len(part), *part.shape), np.float32)
        part.fill(out)
        assert (out[:, 0, 16, 16] == out[:, 0, 11:22, 11:22].max(axis=(1, 2))).all()
        whole = out.sum(axis=(1, 2, 3))
        assert (whole > 0.5 * ak.to_numpy(one.Photon.energyRaw[:, 0])).all()


@pytest.mark.parametrize("name", CARDS)
def test_both_classes_have_the_same_gun(name: str) -> None:
    samples = resolve(name).samples.values()
    blocks = [one.simulate.model_dump() for one in samples if one.simulate is not None]
    kinds = [block["process"].pop("pdg_id") for block in blocks]
    for block in blocks:
        block["process"].pop("both_charges", None)
    assert blocks[0] == blocks[1]
    assert len(set(kinds)) == 2


@pytest.mark.slow
def test_nor_do_three_thousand_of_each(tmp_path: Any) -> None:
    from hepvision.simulation.simulate import simulate

    for kind in (11, 22):
        simulate(
            "particle_gun",
            3000,
            tmp_path / str(kind),
            pileup=0,
            seed=40 + kind,
            parameters={"pdg_id": kind, "low": 50.0, "high": 50.0, "both_charges": kind == 11},
            progress=False,
        )
    first, second = _passed([tmp_path / "11", tmp_path / "22"])
    assert abs(len(first) - len(second)) < 60
    for name, of in ALIKE.items():
        area = _area(first, second, of)
        assert area.low <= 0.5 <= area.high, (name, area)

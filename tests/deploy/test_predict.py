"""Stores and files are scored, and what does not fit is refused."""

from __future__ import annotations

import dataclasses
import logging
from pathlib import Path

import awkward as ak
import numpy as np
import pyarrow.parquet as pq
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.deploy.bundle import Bundle, save_bundle
from hepvision.deploy.predict import predict
from hepvision.events.store import write_store
from hepvision.models.mlp import Mlp
from hepvision.models.resnet15 import Resnet15
from hepvision.representations._together import spec_of
from hepvision.representations.detector_image import DetectorImage
from hepvision.representations.four_momenta import FourMomenta
from hepvision.tasks.classification import Classification
from toy_events import toy_events

from shared_data import shared

TASK = Classification(("higgs", "jet"))


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    momenta = {"momenta": FourMomenta()}
    network = Mlp(hidden=(4,)).from_spec(spec_of(momenta), 2)
    cuts = ("Photon = Photon[Photon.pt > 25]", "num(Photon) == 2", "pileup >= 0")
    return Bundle(network, Mlp(hidden=(4,)), momenta, TASK, cuts, observables=("diphoton_mass",))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_store(tmp_path_factory.mktemp("s") / "store", toy_events(30, 4)).path


def test_rows_are_those_that_pass(bundle: Bundle, store: Path, tmp_path: Path) -> None:
    events = toy_events(30, 4)
    events = ak.with_field(events, events["Photon"][events["Photon"].pt > 25], "Photon")
    passing = events[ak.num(events["Photon"]) == 2]
    assert 3 < len(passing) < 27
    out = tmp_path / "scores.parquet"
    made = predict(save_bundle(tmp_path / "bundle", bundle), store, out)
    assert (made.read, made.passed) == (30, len(passing))
    assert f"{len(passing)} of 30" in repr(made)
    table = pq.read_table(out)
    assert table.column_names == [
        "event_id",
        "sample",
        "run",
        "luminosityBlock",
        "event",
        "object_index",
        "diphoton_mass",
        "score_higgs",
        "score_jet",
    ]
    assert table["event_id"].to_pylist() == passing["event_id"].tolist()
    scores = np.column_stack([table["score_higgs"], table["score_jet"]])
    np.testing.assert_allclose(scores, bundle.scores(passing), rtol=1e-6)
    mass = (passing["Photon"][:, 0] + passing["Photon"][:, 1]).mass
    np.testing.assert_allclose(table["diphoton_mass"], mass, rtol=1e-6)


def test_an_observable_that_is_there_anyway_keeps_every_digit(
    bundle: Bundle, tmp_path: Path
) -> None:
    events = toy_events(30, 4)
    numbers = np.arange(30, dtype=np.uint64) + np.uint64(2**53 + 1)
    store = write_store(tmp_path / "store", ak.with_field(events, numbers, "event")).path
    kept = dataclasses.replace(bundle, observables=("event", "diphoton_mass"))
    plain = predict(bundle, store).table
    assert predict(kept, store).table.equals(plain)
    assert set(plain["event"].to_pylist()) <= set(numbers.tolist())


def test_several_inputs_follow_one_another(bundle: Bundle, store: Path) -> None:
    once, twice = predict(bundle, store), predict(bundle, [store, str(store)])
    assert twice.table["event_id"].to_pylist() == 2 * once.table["event_id"].to_pylist()
    assert twice.flow.passed == [2 * one for one in once.flow.passed]


def test_none_passes(bundle: Bundle, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    store = write_store(tmp_path / "store", toy_events(3, photons=1))
    with caplog.at_level(logging.WARNING):
        made = predict(bundle, store.path, tmp_path / "scores.parquet")
    assert made.passed == 0
    assert "none of 3" in caplog.text
    assert (
        pq.read_table(tmp_path / "scores.parquet").schema
        == predict(bundle, store.path).table.schema
    )


def test_missing_fields_are_named(bundle: Bundle, tmp_path: Path) -> None:
    events = toy_events(3, photons=2)
    slim = ak.with_field(events, events["Photon"][["pt", "mass"]], "Photon")
    store = write_store(tmp_path / "store", slim)
    out = tmp_path / "scores.parquet"
    with pytest.raises(SchemaError, match=r"reads Photon\.eta, Photon\.phi") as caught:
        predict(bundle, store.path, out)
    assert "\n" not in str(caught.value)
    assert not out.exists()


def test_a_missing_collection_is_named(tmp_path: Path) -> None:
    image = {"barrel": DetectorImage(layers=("hcal",))}
    sizes = Resnet15(maps=(2, 2), blocks=0)
    made = Bundle(sizes.from_spec(spec_of(image), 2), sizes, image, TASK)
    store = write_store(tmp_path / "store", ak.without_field(toy_events(3), "HcalHit"))
    with pytest.raises(SchemaError, match=r"HcalHit\.ieta, HcalHit\.iphi, HcalHit\.energy"):
        predict(made, store.path)


def test_what_is_not_there_and_what_nobody_reads(bundle: Bundle, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        predict(bundle, tmp_path / "nothing.ig")
    strange = tmp_path / "notes.txt"
    strange.write_text("no events")
    with pytest.raises(CorruptFileError, match=r"no reader knows this format"):
        predict(bundle, strange)
    with pytest.raises(SchemaError, match="needs a store or file"):
        predict(bundle, [])


def test_real_collisions(tmp_path: Path) -> None:
    file = shared("data", "cms_ispy", "DoublePhoton_Run2012B_0.ig")
    image = {"barrel": DetectorImage()}
    sizes = Resnet15(maps=(2, 2), blocks=0)
    made = Bundle(sizes.from_spec(spec_of(image), 2), sizes, image, TASK)
    scored = predict(made, file, tmp_path / "scores.parquet")
    assert scored.passed == scored.read > 0
    assert np.isfinite(np.asarray(scored.table["score_higgs"])).all()
    assert set(scored.table["sample"].to_pylist()) == {"DoublePhoton_Run2012B_0"}

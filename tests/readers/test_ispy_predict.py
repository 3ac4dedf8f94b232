"""A bundle that reads the endcaps scores real files, also those that lack parts of the detector."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from hepvision.core.errors import SchemaError
from hepvision.deploy.bundle import Bundle
from hepvision.deploy.predict import predict
from hepvision.models.joined import Joined
from hepvision.models.resnet15 import Resnet15
from hepvision.representations._together import spec_of
from hepvision.representations.detector_image import DetectorImage
from hepvision.tasks.classification import Classification

from shared_data import shared


@pytest.fixture(scope="module")
def two_events(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two real events, whole, and the same without tracks, towers and endcap hits."""
    with zipfile.ZipFile(shared("data", "cms_ispy", "DoublePhoton_Run2012B_0.ig")) as archive:
        names = [name for name in archive.namelist() if "/Event_" in name][:2]
        texts = {name: archive.read(name).decode() for name in names}
    folder = tmp_path_factory.mktemp("ig")
    whole, less = folder / "whole.ig", folder / "less.ig"
    with zipfile.ZipFile(whole, "w") as full, zipfile.ZipFile(less, "w") as fewer:
        for name, text in texts.items():
            full.writestr(name, text)
            content = json.loads(re.sub(r"(?<![\w.])nan\b", "NaN", text))
            for key in ("HBRecHits_V2", "HERecHits_V2", "Tracks_V3", "EERecHits_V2"):
                del content["Types"][key], content["Collections"][key]
            fewer.writestr(name, json.dumps(content))
    return whole, less


def test_joined_bundle_scores_real_collisions(
    two_events: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    images = {"ecal": DetectorImage(region="ecal_centric")}
    sizes = Joined(each={"name": "resnet15", "maps": [2, 2], "blocks": 0}, hidden=(4,))
    task = Classification(("higgs", "jet"))
    bundle = Bundle(sizes.from_spec(spec_of(images), 2), sizes, images, task)
    whole, less = two_events
    scored = predict(bundle, whole)
    assert scored.passed == 2
    assert np.isfinite(np.asarray(scored.table["score_higgs"])).all()
    assert "whole.ig" not in caplog.text
    # an empty layer is no measurement of nothing
    with pytest.raises(
        SchemaError, match="reads EcalEndcapHit, HcalHit, Track, got events without"
    ):
        predict(bundle, less)
    assert "2 of 2 events have no EERecHits." in caplog.text


def test_what_a_bundle_does_not_read_may_be_missing(two_events: tuple[Path, Path]) -> None:
    images = {"ecal": DetectorImage(layers=("ecal",))}
    sizes, task = Resnet15(maps=(2, 2), blocks=0), Classification(("higgs", "jet"))
    bundle = Bundle(sizes.from_spec(spec_of(images), 2), sizes, images, task)
    scores = [np.asarray(predict(bundle, path).table["score_higgs"]) for path in two_events]
    np.testing.assert_array_equal(*scores)

"""A bundle that reads the endcaps scores real files, also those that lack parts of the detector."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest

from hepvision.deploy.bundle import Bundle
from hepvision.deploy.predict import predict
from hepvision.models.joined import Joined
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
    whole, less = (predict(bundle, path) for path in two_events)
    assert whole.passed == less.passed == 2
    scores = [np.asarray(one.table["score_higgs"]) for one in (whole, less)]
    assert np.isfinite(scores).all()
    assert (scores[0] != scores[1]).all()
    assert "2 of 2 events have no EERecHits." in caplog.text
    assert "whole.ig" not in caplog.text

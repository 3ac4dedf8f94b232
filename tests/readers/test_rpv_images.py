"""RPV-SUSY images, against the arrays that were written."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import h5py
import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.readers.rpv_images import RpvImages
from hepvision.representations.published_image import PublishedImage
from readers.written import rpv_images as written


def drawn(events: ak.Array) -> np.ndarray:
    image = PublishedImage()(events)["image"]
    out = np.full((len(image), *image.shape), np.nan, np.float32)
    image.fill(out)
    return out


def test_one_channel(tmp_path: Path) -> None:
    path = tmp_path / "test.h5"
    written.write_one_channel(path, 9)
    with h5py.File(path) as file:
        image, y, weight = (file["all_events"][name][...] for name in ("hist", "y", "weight"))
    assert RpvImages().recognises(path)
    events = RpvImages().read(path)
    np.testing.assert_array_equal(drawn(events)[:, 0], image)
    np.testing.assert_array_equal(events["label"], y)
    np.testing.assert_allclose(events["weight"], weight, rtol=1e-12)
    assert events.attrs["hepvision"]["image"]["channels"] == ["calorimeter"]
    assert set(events["split"].tolist()) == {2}


@pytest.mark.parametrize("side", [64, 224])
def test_three_channels(tmp_path: Path, side: int) -> None:
    path = tmp_path / "rpv.h5"
    truth = written.write_three_channels(path, 4, side=side)
    assert RpvImages().recognises(path)
    events = RpvImages().read(path)
    np.testing.assert_array_equal(drawn(events), truth["data"])
    np.testing.assert_array_equal(events["weight"], truth["weight"])
    np.testing.assert_array_equal(events["signalRegion"], truth["psr"] == 1)
    np.testing.assert_array_equal(events["label"], truth["label"])
    assert "split" not in events.fields


def test_weights_are_chosen(tmp_path: Path) -> None:
    path = tmp_path / "rpv.h5"
    truth = written.write_three_channels(path)
    made = RpvImages(weights="normweight").read(path)
    np.testing.assert_array_equal(made["weight"], truth["normweight"])
    assert set(RpvImages(weights="none").read(path)["weight"].tolist()) == {1.0}
    written.write_one_channel(path)
    with pytest.raises(SchemaError, match="needs all_events/normweight"):
        RpvImages(weights="normweight").read(path)


@pytest.mark.parametrize(
    ("name", "split"), [("train", 0), ("rpv_val_2", 1), ("TEST-3ch", 2), ("latest", None)]
)
def test_split_is_a_word_of_the_name(tmp_path: Path, name: str, split: int | None) -> None:
    path = tmp_path / f"{name}.h5"
    written.write(path, 3)
    events = RpvImages().read(path)
    assert (events["split"].tolist() if split is not None else None) == (
        [split] * 3 if split is not None else None
    )
    assert "split" not in RpvImages(split="none").read(path).fields


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("weight", np.nan, "weights must be finite, got 1"),
        ("label", 0.5, "classes must be 0 to 1"),
        ("psr", 3, "psr: classes must be 0 to 1"),
    ],
)
def test_wrong_values(tmp_path: Path, name: str, value: float, says: str) -> None:
    path = tmp_path / "rpv.h5"
    written.write(path)
    with h5py.File(path, "r+") as file:
        file[name][3] = value
    with pytest.raises(CorruptFileError, match=says):
        RpvImages().read(path)


def test_wrong_layout(tmp_path: Path) -> None:
    path = tmp_path / "rpv.h5"
    with h5py.File(path, "w") as file:
        file["data"], file["label"] = np.zeros((2, 3, 64, 224)), np.zeros(2)
        file["weight"] = np.ones(2)
    with pytest.raises(SchemaError, match="must be square"):
        RpvImages().read(path)
    with h5py.File(path, "w") as file:
        file["all_events"] = np.zeros(3)
    with pytest.raises(SchemaError, match="needs all_events/hist"):
        RpvImages().read(path)

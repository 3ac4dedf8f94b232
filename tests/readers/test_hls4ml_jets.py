"""hls4ml jets, against h5py and NumPy."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import h5py
import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.readers.hls4ml_jets import JET, JET_NAMES, PARTICLE, PARTICLE_NAMES, Hls4mlJets
from hepvision.representations.published_image import PublishedImage
from readers.written.hls4ml_jets import JETS, PARTICLES, write


def test_published_places_are_those_of_the_names() -> None:
    assert len(JETS) == 59
    assert {key: JETS.index(name) for key, name in JET_NAMES.items()} == JET
    assert {key: PARTICLES.index(name) for key, name in PARTICLE_NAMES.items()} == PARTICLE


@pytest.mark.parametrize(("particles", "named"), [(30, True), (50, False), (100, True)])
def test_jets(tmp_path: Path, particles: int, named: bool) -> None:
    path = tmp_path / "jetImage_0.h5"
    write(path, 9, particles=particles, named=named)
    with h5py.File(path) as file:
        jets, inside = file["jets"][...], file["jetConstituentList"][...]
    assert Hls4mlJets().recognises(path)
    events = Hls4mlJets().read(path)
    jet = ak.flatten(events["FatJet"])
    np.testing.assert_allclose(jet.pt, jets[:, 1], rtol=1e-6)
    np.testing.assert_allclose(jet.msoftdrop, jets[:, 48], rtol=1e-6)
    # as an attribute, tau2 is the square of a four-vector's proper time
    np.testing.assert_allclose(jet["tau2"], jets[:, 5], rtol=1e-6)
    np.testing.assert_array_equal(events["label"], jets[:, 53:].argmax(axis=1))
    there = inside[..., 5] > 0
    particle = events["Particle"]
    assert ak.num(particle).tolist() == there.sum(axis=1).tolist()
    for made, column in ((particle.px, 0), (particle.py, 1), (particle.pz, 2), (particle.E, 3)):
        np.testing.assert_allclose(ak.flatten(made), inside[there, column], rtol=1e-4, atol=1e-4)
    total = inside[..., :2].sum(axis=1)
    np.testing.assert_allclose(jet.phi, np.arctan2(total[:, 1], total[:, 0]), atol=1e-5)


def test_images_are_the_channels_of_one_picture(tmp_path: Path) -> None:
    path = tmp_path / "jets.h5"
    truth = write(path, 4)
    events = Hls4mlJets().read(path)
    image = PublishedImage()(events)["image"]
    out = np.full((4, 3, 100, 100), np.nan, np.float32)
    image.fill(out)
    names = ("jetImage", "jetImageECAL", "jetImageHCAL")
    wanted = np.stack([truth[name] for name in names], axis=1).astype(np.float32)
    np.testing.assert_array_equal(out, wanted)
    assert events.attrs["hepvision"]["image"]["channels"] == ["all", "ecal", "hcal"]
    assert "Pixel" not in Hls4mlJets(images=False).read(path).fields


def test_only_images_and_features(tmp_path: Path) -> None:
    path = tmp_path / "jets.h5"
    write(path, 4)
    with h5py.File(path, "r+") as file:
        for name in ("jetConstituentList", "jetImageECAL", "jetImageHCAL"):
            del file[name]
    events = Hls4mlJets().read(path)
    assert events.attrs["hepvision"]["image"]["shape"] == [1, 100, 100]
    assert "phi" not in events["FatJet"].fields
    assert "Particle" not in events.fields


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    """A file with its columns in another order, and names that say so."""
    path = tmp_path / "jets.h5"
    truth = write(path, 5)
    order = np.random.default_rng(1).permutation(59)
    with h5py.File(path, "r+") as file:
        file["jets"][...] = truth["jets"][:, order]
        del file["jetFeatureNames"]
        file["jetFeatureNames"] = np.array([JETS[k] for k in order], h5py.string_dtype())
    events = Hls4mlJets().read(path)
    np.testing.assert_allclose(ak.flatten(events["FatJet"].pt), truth["jets"][:, 1], rtol=1e-6)
    assert events["label"].tolist() == [0, 1, 2, 3, 4]


def test_features_that_are_not_finite(tmp_path: Path) -> None:
    path = tmp_path / "jets.h5"
    truth = write(path, 4)
    truth["jets"][1, 4], truth["jets"][2, 1] = np.inf, np.nan
    with h5py.File(path, "r+") as file:
        file["jets"][...] = truth["jets"]
    events = Hls4mlJets().read(path)
    about = events.attrs["hepvision"]
    assert about["repaired"] == {"FatJet.tau1": 1}
    assert about["left_out"] == {"FatJet": 1}


@pytest.mark.parametrize("row", [[0] * 6, [1, 1, 0, 0, 0, 0], [0.5, 0.5, 0, 0, 0, 0]])
def test_one_class_a_jet(tmp_path: Path, row: list[float]) -> None:
    path = tmp_path / "jets.h5"
    truth = write(path, 4)
    truth["jets"][2, 53:] = row
    with h5py.File(path, "r+") as file:
        file["jets"][...] = truth["jets"]
    with pytest.raises(CorruptFileError, match="one class of a row must be 1"):
        Hls4mlJets().read(path)


def test_broken(tmp_path: Path) -> None:
    path = tmp_path / "jets.h5"
    write(path, 4)
    with h5py.File(path, "r+") as file:
        del file["particleFeatureNames"]
        file["particleFeatureNames"] = np.array(["a"] * 17, h5py.string_dtype())
    with pytest.raises(CorruptFileError, match="particleFeatureNames must name j1_pt"):
        Hls4mlJets().read(path)
    with h5py.File(path, "r+") as file:
        del file["jets"]
    with pytest.raises(SchemaError, match="needs jets"):
        Hls4mlJets().read(path)
    assert not Hls4mlJets().recognises(path)

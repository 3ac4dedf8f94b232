"""A bundle comes back as it was, or says in one line why not."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from hepvision.core.card import component
from hepvision.core.errors import CorruptFileError, SchemaError
from hepvision.core.files import sha256
from hepvision.deploy.bundle import Bundle, load_bundle, save_bundle
from hepvision.models.boosted_trees import BoostedTrees
from hepvision.models.mlp import Mlp
from hepvision.models.resnet15 import Resnet15
from hepvision.representations._together import represent, spec_of
from hepvision.representations.detector_image import DetectorImage
from hepvision.representations.four_momenta import FourMomenta
from hepvision.representations.particles import Particles
from hepvision.representations.photon_features import PhotonFeatures
from hepvision.tasks.classification import Classification
from toy_events import toy_events

TASK = Classification(("higgs", "diphoton", "jet"))


def network_bundle() -> Bundle:
    image = DetectorImage(layers=("ecal",), divide_by="diphoton_mass")
    representations = {"barrel": image.measured([toy_events(5, photons=2)])}
    torch.manual_seed(5)
    sizes = Resnet15(maps=(2, 4), blocks=1)
    network = sizes.from_spec(spec_of(representations), 3)
    return Bundle(
        network,
        sizes,
        representations,
        TASK,
        select=("num(Photon) == 2",),
        observables=("diphoton_mass",),
        working_points={"rest": {"0.1": 0.7}},
        card={"title": "toy"},
    )


def trees_bundle() -> Bundle:
    events = toy_events(60, photons=2)
    representations = {"photons": PhotonFeatures().measured([events])}
    sizes = BoostedTrees(rounds=3)
    trees = sizes.from_spec(spec_of(representations), 3)
    trees.fit(represent(representations, events), np.arange(60) % 3, np.ones(60))
    return Bundle(trees, sizes, representations, TASK)


def two_vectors_bundle() -> Bundle:
    representations = {"momenta": FourMomenta(), "photons": PhotonFeatures()}
    sizes = Mlp(hidden=(4,))
    return Bundle(sizes.from_spec(spec_of(representations), 3), sizes, representations, TASK)


@pytest.mark.parametrize("make", [network_bundle, trees_bundle, two_vectors_bundle])
def test_there_and_back(make: object, tmp_path: Path) -> None:
    bundle = make()  # type: ignore[operator]
    events = toy_events(7, 3, photons=2)
    back = load_bundle(save_bundle(tmp_path / "bundle", bundle))
    wanted = bundle.scores(events)
    np.testing.assert_array_equal(back.scores(events), wanted)
    np.testing.assert_allclose(wanted.sum(axis=1), 1)
    for key in ("architecture", "representations", "task", "select", "per", "observables", "card"):
        assert getattr(back, key) == getattr(bundle, key), key
    assert back.working_points == bundle.working_points
    assert back.kind == bundle.kind
    assert back.spec == bundle.spec
    assert "hepvision" in back.versions
    assert sorted(one.name for one in (tmp_path / "bundle").iterdir()) == [
        "manifest.json",
        "weights.safetensors",
    ]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return save_bundle(tmp_path / "bundle", two_vectors_bundle())


def change(path: Path, **changes: object) -> None:
    file = path / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def refused(path: Path, kind: type[Exception], match: str) -> None:
    with pytest.raises(kind, match=match) as caught:
        load_bundle(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("names", [("one", "two"), ("two", "one")])
@pytest.mark.parametrize("old", [False, True])
def test_representations_keep_their_order(
    tmp_path: Path, names: tuple[str, ...], old: bool
) -> None:
    """Trees count their columns: those of the representation that was named first come first."""
    events = toy_events(60, photons=2)
    one, two = FourMomenta(), PhotonFeatures().measured([events])
    given = dict(zip(names, (one, two), strict=True))
    trees = BoostedTrees(rounds=5).from_spec(spec_of(given), 3)
    trees.fit(represent(given, events), np.arange(60) % 3, np.ones(60))
    card = {"entries": [{"name": "other", "uses": ["one"]}, {"name": "this", "uses": list(names)}]}
    folder = save_bundle(
        tmp_path / "bundle", Bundle(trees, BoostedTrees(rounds=5), given, TASK, card=card)
    )
    manifest = json.loads((folder / "manifest.json").read_text())
    assert ("order" in manifest) == (list(names) != sorted(names))
    if old:  # as it was before manifests said it
        manifest.pop("order", None)
        (folder / "manifest.json").write_text(json.dumps(manifest, sort_keys=True))
    found = load_bundle(folder)
    assert list(found.representations) == list(names)
    np.testing.assert_array_equal(
        found.model.predict(found.inputs(events)), trees.predict(represent(given, events))
    )


def test_an_order_of_others_is_refused(tmp_path: Path) -> None:
    folder = save_bundle(tmp_path / "bundle", two_vectors_bundle())
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "order": ["momenta"]}))
    with pytest.raises(CorruptFileError, match="order: must name momenta, photons"):
        load_bundle(folder)


def test_single_numbers_stay_single(tmp_path: Path) -> None:
    """Normalisation layers count batches in an array without dimensions."""
    representations = {"jet": Particles(most=4, parts=("features",))}
    sizes = component("models", "particle_net")
    network = sizes.from_spec(spec_of(representations), 3)
    wanted = network.state()
    assert any(one.ndim == 0 for one in wanted.values())
    made = load_bundle(save_bundle(tmp_path / "b", Bundle(network, sizes, representations, TASK)))
    for key, value in made.model.state().items():
        assert value.shape == wanted[key].shape, key
        np.testing.assert_array_equal(value, wanted[key])


def test_a_missing_file(saved: Path) -> None:
    (saved / "weights.safetensors").unlink()
    refused(saved, CorruptFileError, "is missing")
    (saved / "manifest.json").unlink()
    refused(saved, CorruptFileError, "no bundle is there")


def test_a_flipped_byte_in_the_weights(saved: Path) -> None:
    file = saved / "weights.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    refused(saved, CorruptFileError, "checksum differs")


def test_weights_of_another_network(saved: Path, tmp_path: Path) -> None:
    representations = {"momenta": FourMomenta(), "photons": PhotonFeatures()}
    sizes = Mlp(hidden=(5,))
    network = sizes.from_spec(spec_of(representations), 3)
    other = save_bundle(tmp_path / "other", Bundle(network, sizes, representations, TASK))
    weights = other / "weights.safetensors"
    (saved / "weights.safetensors").write_bytes(weights.read_bytes())
    change(saved, checksums={"weights.safetensors": sha256(weights)})
    refused(saved, CorruptFileError, "the bundle is damaged: weights")


def test_weights_that_are_none(saved: Path) -> None:
    (saved / "weights.safetensors").write_bytes(b"no weights at all")
    digest = sha256(saved / "weights.safetensors")
    change(saved, checksums={"weights.safetensors": digest})
    refused(saved, CorruptFileError, "weights")


def test_a_newer_format(saved: Path) -> None:
    change(saved, format=2)
    refused(saved, SchemaError, "newer hepvision, format 2")


def test_a_newer_representation(saved: Path) -> None:
    blocks = json.loads((saved / "manifest.json").read_text())["representations"]
    blocks["momenta"]["version"] = 9
    change(saved, representations=blocks)
    refused(saved, SchemaError, "must be version 1 of four_momenta, got 9")


@pytest.mark.parametrize(
    "changes",
    [
        {"classes": ["a", "b", "c"]},
        {"outputs": 0},
        {"outputs": 4},
        {"inputs": {}},
        {"kind": "code"},
        {"unknown": 1},
        {"representations": {}},
        {"model": {"name": "mlp", "hidden": "wide"}},
        {"model": {"name": "no_such_model"}},
        {"task": {}},
    ],
)
def test_a_damaged_manifest(saved: Path, changes: dict[str, object]) -> None:
    change(saved, **changes)
    refused(saved, Exception, "bundle|models")


def test_a_manifest_cut_short(saved: Path) -> None:
    file = saved / "manifest.json"
    file.write_text(file.read_text()[:100])
    refused(saved, CorruptFileError, "must be JSON")
    file.write_text("[]")
    refused(saved, CorruptFileError, "manifest of a bundle")


def test_nothing_is_left_of_a_failed_save(tmp_path: Path) -> None:
    bundle = two_vectors_bundle()
    bundle.card["bad"] = object()  # type: ignore[index]
    with pytest.raises(TypeError):
        save_bundle(tmp_path / "bundle", bundle)
    assert not list(tmp_path.iterdir())

"""The particle flow network reads all features, in any order of the constituents."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hepvision.core.inputs import InputSpec, PartSpec, Ragged
from hepvision.models.layers.batches import outputs_of
from hepvision.models.particle_flow import ParticleFlow
from toy_inputs import toy_inputs, toy_spec


def two_parts(most: int = 8) -> InputSpec:
    features = PartSpec("set", (most, 2), ("delta_eta", "pt_share"), ("", ""), (1.0, 1.0))
    momenta = PartSpec("set", (most, 2), ("energy", "pz"), ("GeV",) * 2, (1.0,) * 2)
    return {"jet.features": features, "jet.momenta": momenta}


def inputs() -> dict[str, Ragged]:
    rng, offsets = np.random.default_rng(1), np.array([0, 4, 4, 5, 9])
    return {key: Ragged(offsets, rng.random((9, 2), np.float32)) for key in two_parts()}


def test_parameters_of_the_paper() -> None:
    """Layers of section 4.2 on y, φ and pT; 82k in table 1 of arXiv:1902.09914."""
    part = PartSpec("set", (9, 3), ("pt", "y", "phi"), ("",) * 3, (1.0,) * 3)
    network = ParticleFlow().from_spec({"jet": part}, 2)
    assert network.parameters_total == 82_458
    widths = [one.out_features for one in network.modules() if isinstance(one, torch.nn.Linear)]
    assert widths == [100, 100, 256, 100, 100, 100, 2]


def test_the_order_of_constituents_does_not_matter() -> None:
    torch.manual_seed(1)
    network = ParticleFlow().from_spec(toy_spec("set"), 3)
    given = toy_inputs("set", 10)["part"]
    assert isinstance(given, Ragged)
    shuffled, rng = given.values.copy(), np.random.default_rng(3)
    for start, stop in zip(given.offsets[:-1], given.offsets[1:], strict=True):
        shuffled[start:stop] = shuffled[start:stop][rng.permutation(stop - start)]
    assert not np.array_equal(shuffled, given.values)
    np.testing.assert_allclose(
        outputs_of(network, {"part": Ragged(given.offsets, shuffled)}, toy_spec("set")),
        outputs_of(network, {"part": given}, toy_spec("set")),
        rtol=1e-4,
        atol=1e-5,
    )


def test_every_column_of_every_part_counts() -> None:
    torch.manual_seed(1)
    network, spec = ParticleFlow().from_spec(two_parts(), 3), two_parts()
    wanted = outputs_of(network, inputs(), spec)
    for part in spec:
        for column in range(2):
            changed = inputs()
            changed[part].values[:, column] += 1
            assert not np.allclose(outputs_of(network, changed, spec), wanted), (part, column)


def test_more_padding_does_not_matter() -> None:
    torch.manual_seed(1)
    network = ParticleFlow().from_spec(two_parts(), 3)
    np.testing.assert_allclose(
        outputs_of(network, inputs(), two_parts(40)),
        outputs_of(network, inputs(), two_parts()),
        rtol=1e-5,
        atol=1e-6,
    )


def test_parts_of_other_objects_are_refused() -> None:
    spec = two_parts() | {"hits": PartSpec("set", (5, 1), ("energy",), ("GeV",), (1.0,))}
    with pytest.raises(ValueError, match="particle_flow: parts must have the same objects"):
        ParticleFlow().from_spec(spec, 2)
    for wrong in ({"inside": ()}, {"inside": (0,)}, {"outside": (-1,)}, {"dropout": 1.0}):
        with pytest.raises(ValueError, match="must"):
            ParticleFlow(**wrong)

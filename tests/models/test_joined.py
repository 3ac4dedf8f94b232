"""Networks side by side: the paper's three, shared ones, mixed ones, in the training loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from hepvision.core.card import component
from hepvision.core.errors import CardError, UnknownNameError
from hepvision.core.inputs import Dense, Inputs, InputSpec, PartSpec, Sparse
from hepvision.models.joined import Joined
from hepvision.models.layers.batches import Buffers, outputs_of
from hepvision.models.resnet15 import Resnet15
from hepvision.tasks.classification import Classification
from hepvision.training.fit import fit, new_network
from hepvision.training.options import Options

SMALL = {"name": "resnet15", "maps": (2, 3), "blocks": 1}
SHAPES = {"ecal.barrel": (2, 20, 24), "ecal.endcap_minus": (2, 12, 12)}
SHAPES |= {"ecal.endcap_plus": (2, 12, 12)}


def part(kind: str, shape: tuple[int, ...]) -> PartSpec:
    width = shape[0] if kind == "image" else shape[-1]
    names = tuple(f"f{k}" for k in range(width))
    return PartSpec(kind, shape, names, ("",) * width, (1.0,) * width)  # type: ignore[arg-type]


def detector() -> InputSpec:
    return {name: part("image", shape) for name, shape in SHAPES.items()}


def mixed() -> InputSpec:
    return detector() | {"momenta.vector": part("vector", (5,))}


def inputs_of(spec: InputSpec, number: int, seed: int = 0) -> Inputs:
    rng, made = np.random.default_rng(seed), Inputs()
    for name, one in spec.items():
        if one.kind == "vector":
            made[name] = Dense(rng.normal(size=(number, *one.shape)).astype(np.float32))
            continue
        offsets = np.concatenate([[0], np.cumsum(rng.integers(1, 30, number))]).astype(np.int64)
        index = rng.integers(0, np.prod(one.shape), offsets[-1]).astype(np.uint32)
        made[name] = Sparse(offsets, index, rng.random(offsets[-1], np.float32), one.shape)
    return made


def convolutions(network: nn.Module) -> int:
    found = (one for one in network.modules() if isinstance(one, nn.Conv2d))
    return sum(one.kernel_size[0] > 1 for one in found)


def test_three_of_fifteen_convolutions_and_a_dense_head() -> None:
    """Table 1: 3 × ResNet-15, FCN; nothing of the single networks is left but the maxima."""
    shapes = {"barrel": (3, 170, 360), "endcap_minus": (3, 100, 100), "endcap_plus": (3, 100, 100)}
    spec = {name: part("image", shape) for name, shape in shapes.items()}
    network = Joined(hidden=(7,)).from_spec(spec, 3)
    assert convolutions(network) == 45
    dense = [one for one in network.modules() if isinstance(one, nn.Linear)]
    assert [(one.in_features, one.out_features) for one in dense] == [(96, 7), (7, 3)]
    with torch.inference_mode():
        outputs = network({name: torch.rand(1, *shape) for name, shape in shapes.items()})
    assert outputs.shape == (1, 3)


def test_a_single_part_is_the_network_itself() -> None:
    """Without hidden layers the head is the last layer that was taken off."""
    spec = {"image": part("image", (2, 20, 24))}
    network = Joined(each=SMALL, hidden=()).from_spec(spec, 3)
    plain = Resnet15((2, 3), 1).from_spec(spec, 3)
    assert network.parameters_total == plain.parameters_total
    # the head comes first in the state of the joined one
    renamed = {key: key.replace("networks.0.", "") for key in network.state()}
    last = max(int(key.split(".")[1]) for key in plain.state())
    state = {
        key: plain.state()[new if "networks" in key else new.replace("body.0", f"body.{last}")]
        for key, new in renamed.items()
    }
    network.load(state)
    inputs = inputs_of(spec, 5)
    np.testing.assert_allclose(outputs_of(network, inputs, spec), outputs_of(plain, inputs, spec))


def test_every_part_counts() -> None:
    spec = mixed()
    torch.manual_seed(1)
    network = Joined(each=SMALL).from_spec(spec, 3)
    inputs, other = inputs_of(spec, 6), inputs_of(spec, 6, seed=1)
    wanted = outputs_of(network, inputs, spec)
    for name in spec:
        changed = outputs_of(network, inputs | {name: other[name]}, spec)
        assert not np.allclose(changed, wanted), name


def test_a_shared_network_reads_both_sides_alike() -> None:
    spec = detector()
    torch.manual_seed(1)
    shared = Joined(each=SMALL, share=(("endcap_minus", "endcap_plus"),), hidden=())
    network = shared.from_spec(spec, 2)
    assert convolutions(network) < convolutions(Joined(each=SMALL, hidden=()).from_spec(spec, 2))
    inputs = inputs_of(spec, 5)
    swapped = inputs | {
        "ecal.endcap_minus": inputs["ecal.endcap_plus"],
        "ecal.endcap_plus": inputs["ecal.endcap_minus"],
    }
    state = network.state()
    # the columns of the head that read the two sides, three maxima each
    state["body.0.weight"] = state["body.0.weight"][:, [0, 1, 2, 6, 7, 8, 3, 4, 5]]
    other = shared.from_spec(spec, 2)
    other.load(state)
    np.testing.assert_allclose(
        outputs_of(other, swapped, spec), outputs_of(network, inputs, spec), rtol=1e-5, atol=1e-6
    )


@pytest.mark.parametrize(
    ("networks", "wanted"),
    [
        ({}, 9 + 5),
        ({"vector": {"name": "mlp", "hidden": (4,)}}, 9 + 4),
        ({"barrel": {**SMALL, "maps": (2, 6)}}, 12 + 5),
        ({"ecal": {**SMALL, "maps": (2, 6)}, "ecal.barrel": SMALL}, 15 + 5),
    ],
)
def test_single_parts_have_networks_of_their_own(networks: Any, wanted: int) -> None:
    model = component("models", {"name": "joined", "each": SMALL, "networks": networks})
    network = model.from_spec(mixed(), 3)
    first = next(one for one in network.body.modules() if isinstance(one, nn.Linear))
    assert first.in_features == wanted
    assert outputs_of(network, inputs_of(mixed(), 2), mixed()).shape == (2, 3)


def test_features_may_be_asked_for() -> None:
    network = Joined(each=SMALL, features=4).from_spec(detector(), 2)
    assert next(m for m in network.body.modules() if isinstance(m, nn.Linear)).in_features == 12


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"no part 'barel'. Did you mean 'barrel'\?"):
        Joined(networks={"barel": "mlp"}).from_spec(detector(), 2)
    with pytest.raises(UnknownNameError, match="joined share: no part 'endcap_mins'"):
        Joined(share=(("endcap_mins", "endcap_plus"),)).from_spec(detector(), 2)
    with pytest.raises(ValueError, match="must be alike, got ecal.barrel"):
        Joined(share=(("barrel", "endcap_plus"),)).from_spec(detector(), 2)
    with pytest.raises(ValueError, match="one network"):
        pairs = (("endcap_minus", "endcap_plus"), ("endcap_plus", "endcap_minus"))
        Joined(share=pairs).from_spec(detector(), 2)
    with pytest.raises(ValueError, match=r"reads parts of kind image, got .*set"):
        Joined().from_spec({"tracks": part("set", (5, 4))}, 2)
    with pytest.raises(ValueError, match="wraps networks"):
        Joined(networks={"vector": "boosted_trees"}).from_spec(mixed(), 2)
    with pytest.raises(CardError, match="no key 'map'. Did you mean 'maps'"):
        component("models", {"name": "joined", "each": {"name": "resnet15", "map": [1, 2]}})
    with pytest.raises(UnknownNameError, match="resnet15"):
        component("models", {"name": "joined", "each": "resnet51"})
    with pytest.raises(ValueError, match="got none"):
        Joined().from_spec({}, 2)


def test_channels_last_in_every_part() -> None:
    spec = detector()
    network = Joined(each=SMALL).from_spec(spec, 2)
    network.channels_last()
    seen = []
    for one in network.modules():
        if isinstance(one, nn.Conv2d):
            one.register_forward_hook(lambda _, given, __: seen.append(given[0]))
    network(Buffers(spec, 2).tensors(inputs_of(spec, 2), np.arange(2)))
    assert len(seen) == sum(isinstance(one, nn.Conv2d) for one in network.modules())
    assert all(one.is_contiguous(memory_format=torch.channels_last) for one in seen)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_it_trains_on_a_mix(precision: Any) -> None:
    """The answer lies in one endcap and in the vector: both must reach the loss."""
    spec, number = mixed(), 120
    inputs, rng = inputs_of(spec, number), np.random.default_rng(2)
    target = rng.integers(0, 2, number)
    endcap, vector = inputs["ecal.endcap_plus"], inputs["momenta.vector"]
    assert isinstance(endcap, Sparse)
    assert isinstance(vector, Dense)
    endcap.value[...] *= np.repeat(1 + 2 * target, np.diff(endcap.offsets)).astype(np.float32)
    vector.values[:, 2] += 2 * target
    network = new_network(Joined(each=SMALL, hidden=(8,)), spec, 2, seed=1)
    options = Options(
        epochs=8, batch=16, learning_rate=0.02, threads=1, precision=precision, patience=0
    )
    split = np.arange(number) % 2
    task, weight = Classification(), np.ones(number)
    made = fit(network, task, spec, inputs, {"class": target}, weight, split, options)
    assert made.precision == precision
    assert min(row["validation"] for row in made.history) < 0.5

"""ParticleNet is of the published size, and sees neither order nor padding."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from hepvision.core.card import component
from hepvision.core.inputs import PartSpec
from hepvision.models.particle_net import ParticleNet
from models.jet_batches import assert_finite_gradients, assert_no_order, assert_no_padding, jets
from toy_inputs import toy_spec

#: The paper's features of particles without identities.
PUBLISHED = ("delta_eta", "delta_phi", "log_pt", "log_energy", "log_pt_share", "log_energy_share")
SMALL = ParticleNet(neighbours=3, widths=(8, 8), hidden=(8,), dropout=0.0)


@pytest.mark.parametrize(("size", "published"), [("small", 26e3), ("paper", 366e3)])
def test_as_many_parameters_as_published(size: str, published: float) -> None:
    """The paper gives thousands; ``benchmarks/particle_net.py`` compares all with weaver-core."""
    names = (*PUBLISHED, "delta_r")
    spec = {"jet": PartSpec("set", (100, 7), names, ("",) * 7, (1.0,) * 7)}
    network = component("models", {"name": "particle_net", "size": size}).from_spec(spec, 2)
    assert round(network.parameters_total, -3) == published


def test_order_and_padding_change_nothing() -> None:
    torch.manual_seed(1)
    network = SMALL.from_spec(toy_spec("set"), 2)
    assert_no_order(network)
    assert_no_padding(network)


def test_fewer_places_than_neighbours() -> None:
    torch.manual_seed(1)
    network = ParticleNet(widths=(8,), dropout=0.0).from_spec(toy_spec("set"), 2)
    assert_no_order(network)
    assert_no_padding(network)


def test_gradients_are_finite() -> None:
    torch.manual_seed(1)
    assert_finite_gradients(SMALL.from_spec(toy_spec("set"), 2))


def test_scales_of_columns_are_undone_for_distances() -> None:
    """Neighbours are near in Δη and Δφ, not in what columns were divided by."""
    spec, batch = toy_spec("set"), jets()
    torch.manual_seed(1)
    network = SMALL.from_spec(spec, 2).eval()
    network.normalisation = torch.nn.Identity()
    seen: list[torch.Tensor] = []
    network.blocks[0].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[1]))
    network(batch)
    scaled = dataclasses.replace(spec["part"], scale=(0.01, *spec["part"].scale[1:]))
    other = SMALL.from_spec({"part": scaled}, 2).eval()
    other.normalisation = torch.nn.Identity()
    other.blocks[0].register_forward_pre_hook(lambda _, inputs: seen.append(inputs[1]))
    values, mask = batch["part"]
    other({"part": (values * torch.tensor([100.0] + [1.0] * 7), mask)})
    assert torch.equal(seen[0].sort(1).values, seen[1].sort(1).values)


def test_later_blocks_look_for_neighbours_among_their_features() -> None:
    """The first block in Δη and Δφ, the second in what the first has made of the particles."""
    torch.manual_seed(1)
    network = ParticleNet(neighbours=1, widths=(8, 8), hidden=(8,), dropout=0.0)
    made, batch = network.from_spec(toy_spec("set"), 2).eval(), jets()
    seen: list[tuple[torch.Tensor, torch.Tensor]] = []
    for block in made.blocks:
        block.register_forward_pre_hook(lambda _, inputs: seen.append(inputs))
    made(batch)
    values, mask = batch["part"]
    jet = mask.nonzero()[:, 0]
    first, second = (values[mask][:, :2], seen[0][1]), seen[1]
    for points, near in (first, second):
        apart = torch.cdist(points, points).masked_fill(jet[:, None] != jet, torch.inf)
        apart.fill_diagonal_(torch.inf)
        others = apart.isfinite().any(1)
        least = apart.gather(1, near)[others, 0]
        torch.testing.assert_close(least, apart.amin(1)[others], rtol=1e-4, atol=1e-4)
    assert not torch.equal(first[1], second[1])


def test_columns_that_lack_are_told() -> None:
    spec = {"jet": PartSpec("set", (5, 1), ("delta_eta",), ("",), (1.0,))}
    with pytest.raises(ValueError, match=r"particle_net: reads columns delta_eta, delta_phi, got"):
        ParticleNet().from_spec(spec, 2)


@pytest.mark.parametrize("wrong", [{"neighbours": 0}, {"widths": ()}, {"depth": 0}])
def test_sizes_are_positive(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="neighbours, depth, widths: must be positive"):
        ParticleNet(**wrong)  # type: ignore[arg-type]


def test_bfloat16_is_near() -> None:
    torch.manual_seed(1)
    # of as many neighbours as there can be: rounding may choose another one
    sizes = ParticleNet(neighbours=4, widths=(8, 8), hidden=(8,), dropout=0.0)
    network, batch = sizes.from_spec(toy_spec("set"), 2).eval(), jets()
    with torch.autocast("cpu", torch.bfloat16):
        made = network(batch)
    assert made.dtype == torch.float32
    torch.testing.assert_close(made, network(batch), rtol=0.1, atol=0.1)

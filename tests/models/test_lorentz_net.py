"""LorentzNet is the same in every frame, of the published size, and sees no order or padding."""

from __future__ import annotations

import pytest
import torch

from hepvision.core.card import component
from hepvision.core.inputs import PartSpec
from hepvision.models.layers.network import Network
from hepvision.models.lorentz_net import LorentzNet
from models.jet_batches import (
    Batch,
    assert_finite_gradients,
    assert_no_order,
    assert_no_padding,
    jets,
    with_momenta,
)
from models.lorentz_transformations import boost, rotation
from toy_inputs import toy_spec

SMALL = LorentzNet(width=8, blocks=3, step=0.1, dropout=0.0)
MOMENTA = ("energy", "px", "py", "pz")


def ready(sizes: LorentzNet = SMALL) -> Network:
    """A network whose four-vectors move, as they do after a training."""
    torch.manual_seed(1)
    network = sizes.from_spec(toy_spec("set"), 2).eval()
    with torch.no_grad():
        for name, one in network.named_parameters():
            if "move_last" in name:
                one.normal_(std=0.3)
    return network


def exact(network: Network) -> tuple[Network, Batch]:
    """Network and jets in float64, the particles on their mass shell."""
    values, mask = jets()["part"]
    momenta = values[..., 4:].double()
    momenta[..., 0] = (momenta[..., 1:].square().sum(-1) + 0.14**2).sqrt()
    return network.double(), with_momenta({"part": (values, mask)}, momenta)


def turned(batch: Batch, turn: torch.Tensor) -> Batch:
    momenta = batch["part"][0][..., 4:].double() @ turn.T
    return with_momenta(batch, momenta.to(batch["part"][0].dtype))


TURNS = [
    boost(gamma, axis) @ rotation(angle, (1.0, 2.0, 3.0))
    for gamma, axis, angle in [
        (1.0, (1.0, 0.0, 0.0), 2.0),
        (2.0, (0.0, 0.0, 1.0), 0.0),
        (10.0, (0.0, 0.0, -1.0), 0.0),
        (10.0, (1.0, -2.0, 0.5), 1.0),
    ]
]


@pytest.mark.parametrize("turn", TURNS)
def test_outputs_are_the_same_in_every_frame(turn: torch.Tensor) -> None:
    network, batch = exact(ready())
    wanted = network(batch)
    torch.testing.assert_close(network(turned(batch, turn)), wanted, rtol=1e-6, atol=1e-6)
    assert wanted.std(0).min() > 1e-3  # it does tell jets apart
    other = with_momenta(batch, batch["part"][0][..., 4:] * 2)
    assert (network(other) - wanted).abs().max() > 1e-3


@pytest.mark.parametrize("scale", [1.0, 100.0])
@pytest.mark.parametrize("turn", TURNS)
def test_in_float32_up_to_the_rounding_of_momenta(turn: torch.Tensor, scale: float) -> None:
    """A product of momenta is known to 10⁻⁷ E², which a boost makes larger."""
    network, (_, batch) = ready(), exact(ready())
    batch = with_momenta(batch, batch["part"][0][..., 4:] * scale)
    values, mask = batch["part"]
    wanted = network({"part": (values.float(), mask)})
    values, mask = turned(batch, turn)["part"]
    torch.testing.assert_close(network({"part": (values.float(), mask)}), wanted, rtol=0, atol=5e-3)


def test_with_beams_only_turns_about_them_change_nothing() -> None:
    sizes = LorentzNet(width=8, blocks=3, step=0.1, dropout=0.0, beams=True)
    network, batch = exact(ready(sizes))
    wanted = network(batch)
    about = turned(batch, rotation(1.3, (0.0, 0.0, 1.0)))
    torch.testing.assert_close(network(about), wanted, rtol=1e-6, atol=1e-6)
    turn = TURNS[-1]
    assert (network(turned(batch, turn)) - wanted).abs().max() > 1e-3
    network.beams = network.beams @ turn.T  # all of it is, with the beams
    torch.testing.assert_close(network(turned(batch, turn)), wanted, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("beams", [False, True])
def test_order_and_padding_change_nothing(beams: bool) -> None:
    network = ready(LorentzNet(width=8, blocks=2, dropout=0.0, beams=beams))
    assert_no_order(network)
    assert_no_padding(network)
    assert_finite_gradients(network)


def test_float32_whatever_the_autocast() -> None:
    network, batch = ready(), jets()
    wanted = network(batch)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(network(batch), wanted, rtol=0, atol=0)


def test_as_many_parameters_as_published() -> None:
    """224k: the published code has 224,072 with biases before normalisations, which do nothing."""
    spec = {"jet": PartSpec("set", (200, 4), MOMENTA, ("GeV",) * 4, (1.0,) * 4)}
    network = component("models", {"name": "lorentz_net", "size": "paper"}).from_spec(spec, 2)
    assert network.parameters_total == 224_072 - 6 * 72


def test_momenta_are_read_in_gev() -> None:
    values, mask = jets()["part"]
    names, network = toy_spec("set")["part"].names, ready()
    scaled = {"part": PartSpec("set", (5, 8), names, ("",) * 8, (1.0,) * 4 + (50.0,) * 4)}
    other = SMALL.from_spec(scaled, 2).eval()
    other.load(network.state())
    batch = {"part": (values / torch.tensor([1.0] * 4 + [50.0] * 4), mask)}
    torch.testing.assert_close(
        other(batch), network({"part": (values, mask)}), rtol=1e-4, atol=1e-4
    )


def test_identities_are_read_where_there_are_any() -> None:
    names = (*MOMENTA, "charge", "is_photon")
    spec = {"jet": PartSpec("set", (5, 6), names, ("",) * 6, (1.0,) * 6)}
    torch.manual_seed(1)
    network = SMALL.from_spec(spec, 2).eval()
    values, mask = torch.rand(2, 5, 6), torch.ones(2, 5, dtype=torch.bool)
    wanted = network({"jet": (values, mask)})
    values[0, 0, 5] += 1
    made = network({"jet": (values, mask)})
    assert not torch.allclose(made[0], wanted[0])
    torch.testing.assert_close(made[1], wanted[1])


@pytest.mark.parametrize("wrong", [{"width": 0}, {"blocks": 0}])
def test_sizes_are_positive(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="width, blocks: must be positive"):
        LorentzNet(**wrong)  # type: ignore[arg-type]

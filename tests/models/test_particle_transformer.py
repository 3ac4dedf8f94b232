"""Particle Transformer is of the published size, and sees neither order nor padding."""

from __future__ import annotations

import pytest
import torch

from hepvision.core.card import component
from hepvision.core.inputs import PartSpec
from hepvision.models.particle_transformer import TOGETHER, ParticleTransformer
from models.jet_batches import (
    assert_finite_gradients,
    assert_no_order,
    assert_no_padding,
    jets,
    with_momenta,
)
from toy_inputs import toy_spec

SMALL = ParticleTransformer(
    width=8, heads=2, blocks=2, embedding=(8,), pair_embedding=(4,), dropout=0.0
)


def test_as_many_parameters_as_published() -> None:
    """2.14 million with the 17 features and 10 classes of JetClass.

    Exactly as many as the authors' layers have, but for the biases before three normalisations
    and a normalisation of the last layer on pairs.
    """
    momenta = ("energy", "px", "py", "pz")
    names = ("delta_eta", *(f"feature{number}" for number in range(16)))
    spec = {
        "jet.features": PartSpec("set", (128, 17), names, ("",) * 17, (1.0,) * 17),
        "jet.momenta": PartSpec("set", (128, 4), momenta, ("GeV",) * 4, (1.0,) * 4),
    }
    sizes = component("models", {"name": "particle_transformer", "size": "paper"})
    assert sizes.from_spec(spec, 10).parameters_total == 2_143_486 - 3 * 64 - 2 * 8


def test_order_and_padding_change_nothing() -> None:
    torch.manual_seed(1)
    network = SMALL.from_spec(toy_spec("set"), 2)
    assert_no_order(network)
    assert_no_padding(network)


def test_jets_are_told_apart_whatever_their_place_in_the_batch() -> None:
    """Jets are computed in groups by their length, and come back in the order they came in."""
    torch.manual_seed(1)
    network = SMALL.from_spec(toy_spec("set"), 2).eval()
    values, mask = jets(3 * TOGETHER + 5)["part"]
    wanted = network({"part": (values, mask)})
    assert mask.sum(1).unique().numel() > 3
    for start in range(0, len(values), 7):
        alone = slice(start, start + 1)
        made = network({"part": (values[alone], mask[alone])})
        torch.testing.assert_close(made, wanted[alone])


def test_gradients_are_finite() -> None:
    torch.manual_seed(1)
    assert_finite_gradients(SMALL.from_spec(toy_spec("set"), 2))


def test_pairs_are_seen() -> None:
    """Momenta reach the outputs through pairs too, and not only as features."""
    torch.manual_seed(1)
    spec = {
        "f": PartSpec("set", (5, 4), toy_spec("set")["part"].names[:4], ("",) * 4, (1.0,) * 4),
        "m": PartSpec("set", (5, 4), ("energy", "px", "py", "pz"), ("",) * 4, (1.0,) * 4),
    }
    network = SMALL.from_spec(spec, 2).eval()
    values, mask = jets()["part"]
    wanted = network({"f": (values[..., :4], mask), "m": (values[..., 4:], mask)})
    moved = with_momenta({"part": (values, mask)}, values[..., 4:].roll(1, 1))["part"][0]
    made = network({"f": (values[..., :4], mask), "m": (moved[..., 4:], mask)})
    pairs = mask.sum(1) > 1
    assert ((made - wanted).abs().amax(1) > 1e-6)[pairs].all()
    torch.testing.assert_close(made[~pairs], wanted[~pairs])


def test_bfloat16_is_near() -> None:
    torch.manual_seed(1)
    network, batch = SMALL.from_spec(toy_spec("set"), 2).eval(), jets()
    with torch.autocast("cpu", torch.bfloat16):
        made = network(batch)
    assert made.dtype == torch.float32
    torch.testing.assert_close(made, network(batch), rtol=0.1, atol=0.1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"width": 9, "heads": 2}, "width: must be a multiple of heads"),
        ({"heads": 0}, "sizes: must be positive"),
        ({"class_blocks": 0}, "sizes: must be positive"),
    ],
)
def test_sizes_fit(wrong: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ParticleTransformer(**wrong)  # type: ignore[arg-type]

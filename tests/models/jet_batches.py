"""Batches of toy jets, and what no network may notice of them."""

from __future__ import annotations

import numpy as np
import torch

from hepvision.models.layers.batches import Buffers
from hepvision.models.layers.network import Network
from toy_inputs import toy_inputs, toy_spec

__all__ = [
    "Batch",
    "assert_finite_gradients",
    "assert_no_order",
    "assert_no_padding",
    "jets",
    "padded_more",
    "reordered",
    "with_momenta",
]

Batch = dict[str, tuple[torch.Tensor, torch.Tensor]]


def jets(number: int = 12, seed: int = 0) -> Batch:
    """Toy jets; the second has one particle and the third has none."""
    buffers = Buffers(toy_spec("set"), number)
    made = buffers.tensors(toy_inputs("set", number, seed), np.arange(number))["part"]
    assert not isinstance(made, torch.Tensor)
    return {"part": made}


def with_momenta(batch: Batch, momenta: torch.Tensor) -> Batch:
    """The same jets with other energies and momenta (the last four columns)."""
    values, mask = batch["part"]
    values = torch.cat([values[..., :4].to(momenta.dtype), momenta], dim=-1)
    return {"part": (values * mask[..., None], mask)}


def padded_more(batch: Batch, places: int = 4) -> Batch:
    """The same jets with more padding, which holds numbers that nobody may read."""
    values, mask = batch["part"]
    values = torch.where(mask[..., None], values, 7.0)
    more = values.new_full((len(values), places, values.shape[-1]), 7.0)
    none = mask.new_zeros(len(mask), places)
    return {"part": (torch.cat([values, more], 1), torch.cat([mask, none], 1))}


def reordered(batch: Batch, seed: int = 3) -> Batch:
    """The same jets with their particles in another order."""
    values, mask = batch["part"]
    rng = np.random.default_rng(seed)
    values = values.clone()
    for jet, count in enumerate(mask.sum(1).tolist()):
        values[jet, :count] = values[jet, rng.permutation(count)]
    return {"part": (values, mask)}


def outputs(network: Network, batch: Batch) -> torch.Tensor:
    with torch.inference_mode():
        return network(batch)


def assert_no_order(network: Network) -> None:
    """Another order of particles gives the same outputs."""
    batch = jets()
    network.eval()
    torch.testing.assert_close(outputs(network, reordered(batch)), outputs(network, batch))


def assert_no_padding(network: Network) -> None:
    """Padding is seen neither in use, nor by the statistics of training."""
    batch = jets()
    for training in (False, True):
        network.train(training)
        state = {key: one.clone() for key, one in network.state_dict().items()}
        wanted = outputs(network, batch)
        after = {key: one.clone() for key, one in network.state_dict().items()}
        network.load_state_dict(state)
        torch.testing.assert_close(outputs(network, padded_more(batch)), wanted)
        for key, one in network.state_dict().items():
            torch.testing.assert_close(one, after[key])


def assert_finite_gradients(network: Network) -> None:
    """Also for jets of one particle and of none, together, alone, and with momenta of zero."""
    values, mask = jets(3)["part"]
    network.train()
    many = with_momenta({"part": (values, mask)}, torch.zeros(*values.shape[:2], 4))
    for batch in ((values, mask), (values[1:2], mask[1:2]), (values[2:], mask[2:]), many["part"]):
        network.zero_grad()
        made = network({"part": batch})
        assert made.isfinite().all()
        made.square().sum().backward()
        for key, one in network.named_parameters():
            assert one.grad is None or one.grad.isfinite().all(), key

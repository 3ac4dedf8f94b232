"""Padded sequences are read as torch reads packed ones."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from hepvision.models.layers.recurrence import Recurrence

COUNTS = torch.tensor([4, 1, 7, 3])


def batch() -> tuple[torch.Tensor, torch.Tensor]:
    return torch.randn(4, 9, 3), torch.arange(9) < COUNTS[:, None]


@pytest.mark.parametrize("both_ways", [True, False])
@pytest.mark.parametrize(("cell", "oracle"), [("lstm", nn.LSTM), ("gru", nn.GRU)])
def test_it_agrees_with_packed_sequences(cell: Any, oracle: Any, both_ways: bool) -> None:
    """Two layers, so that what is read backwards is put back in order."""
    read = Recurrence(3, 5, 2, cell, both_ways, 0.0)
    packed = oracle(3, 5, 2, batch_first=True, bidirectional=both_ways)
    ours = {"": read.forwards} | ({"_reverse": read.backwards} if both_ways else {})
    state = {
        f"{key[:-1]}{layer}{suffix}": value
        for suffix, layers in ours.items()
        for layer, one in enumerate(layers)
        for key, value in one.state_dict().items()
    }
    packed.load_state_dict(state)
    values, mask = batch()
    last = packed(pack_padded_sequence(values, COUNTS, True, enforce_sorted=False))[1]
    last = last[0] if cell == "lstm" else last
    wanted = torch.cat(list(last[-2:] if both_ways else last[-1:]), dim=1)
    torch.testing.assert_close(read(values, mask), wanted, rtol=1e-4, atol=1e-5)


def test_padding_does_not_matter_even_to_gradients() -> None:
    read = Recurrence(3, 5, 2, "lstm", True, 0.0)
    values, mask = batch()
    wanted = read(values, mask)
    spoilt = torch.where(mask[..., None], values, torch.nan)
    read(spoilt, mask).sum().backward()
    torch.testing.assert_close(read(spoilt, mask), wanted)
    longer = torch.cat([values, values], dim=1), torch.cat([mask, 0 * mask], dim=1).bool()
    torch.testing.assert_close(read(*longer), wanted)
    assert all(torch.isfinite(one.grad).all() for one in read.parameters())


def test_the_order_does_matter_and_nothing_is_zero() -> None:
    read = Recurrence(3, 5, 1, "gru", True, 0.0)
    values, mask = batch()
    assert not torch.allclose(read(values.roll(1, 1), mask), read(values, mask))
    mask[0] = False
    assert not read(values, mask)[0].any()
    assert read(values, mask)[1].all()
    assert not read(values, mask.int() < 0).any()


# torch: of its own recurrent layers, whose weights it keeps in a list besides
@pytest.mark.filterwarnings("ignore:.*were assigned during export.*:UserWarning")
def test_exported_it_computes_the_same() -> None:
    read = Recurrence(3, 5, 2, "lstm", True, 0.0).eval()
    given, rows = batch(), torch.export.Dim("rows", min=1, max=512)
    program = torch.export.export(read, given, dynamic_shapes=({0: rows}, {0: rows}))
    torch.testing.assert_close(program.module()(*given), read(*given))

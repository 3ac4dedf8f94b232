"""Edge convolutions against the formula, an edge at a time."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from hepvision.models.layers.edge_convolution import EdgeConvolution, nearest
from hepvision.models.layers.rows import packed_rows


def jets(dimensions: int) -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(2)
    mask = torch.arange(9) < torch.tensor([9, 5, 1, 0, 3])[:, None]
    return torch.where(mask[..., None], torch.randn(5, 9, dimensions), torch.nan), mask


@pytest.mark.parametrize("dimensions", [2, 12])
@pytest.mark.parametrize("neighbours", [1, 4, 12])
def test_neighbours_are_the_nearest(dimensions: int, neighbours: int) -> None:
    points, mask = jets(dimensions)
    points = points.nan_to_num(0.0)  # as padding is: nearer than most
    rows = packed_rows(mask)
    flat = points.reshape(-1, dimensions)[rows].numpy()
    jet = (rows // 9).numpy()
    found = nearest(points, mask, rows, neighbours)
    assert found.shape == (len(rows), neighbours)
    for own, near in enumerate(found.tolist()):
        others = np.flatnonzero((jet == jet[own]) & (np.arange(len(jet)) != own))
        apart = np.linalg.norm(flat[others] - flat[own], axis=1)
        wanted = others[np.argsort(apart)][:neighbours].tolist()
        assert sorted(near) == sorted(wanted + [own] * (neighbours - len(wanted)))


def test_places_need_not_be_the_first() -> None:
    points = torch.tensor([[[0.0], [9.0], [1.0]], [[5.0], [2.0], [2.5]]])
    mask = torch.tensor([[True, False, True], [False, True, True]])
    assert nearest(points, mask, packed_rows(mask), 1).tolist() == [[1], [0], [3], [2]]


def test_of_towers_as_far_as_each_other_the_first_are_taken() -> None:
    """Whatever else is in the batch: towers of a grid have many at the same distance."""
    towers = torch.cartesian_prod(torch.arange(5), torch.arange(5)).float() * 0.0873 - 0.17
    torch.manual_seed(4)
    towers = towers[torch.randperm(25)][:18]
    alone, mask = towers[None], torch.ones(1, 18, dtype=torch.bool)
    found = nearest(alone, mask, packed_rows(mask), 4).sort(1).values
    distance = (alone[0, :, None].double() - alone[0].double()).square().sum(2).fill_diagonal_(9)
    ties = (distance * 1e6).round().sort(1).values
    assert (ties[:, 3] == ties[:, 4]).any()
    several = torch.full((3, 40, 2), torch.nan)
    several[1, :18] = towers
    several[[0, 2]] = torch.randn(2, 40, 2)
    masks = torch.ones(3, 40, dtype=torch.bool)
    masks[1, 18:] = False
    together = nearest(several.nan_to_num(0.0), masks, packed_rows(masks), 4)[40:58] - 40
    assert (together.sort(1).values == found).all()
    exact = (alone * 64).round()  # whole numbers: ties to the last digit
    found = nearest(exact, mask, packed_rows(mask), 4).sort(1).values
    distance = (exact[0, :, None] - exact[0]).square().sum(2).fill_diagonal_(1e9)
    wanted = torch.argsort(distance, dim=1, stable=True)[:, :4].sort(1).values
    assert (found == wanted).all()


@pytest.mark.parametrize("training", [True, False])
def test_against_each_edge_by_itself(training: bool) -> None:
    torch.manual_seed(3)
    made = EdgeConvolution(4, (6, 5)).train(training)
    with torch.no_grad():
        for one in (*made.normalisations, made.shortcut_normalisation):
            one.weight.uniform_(0.5, 2.0)
            one.bias.normal_()
            one.running_mean.normal_()
    values = torch.randn(7, 4, requires_grad=True)
    near = torch.randint(0, 7, (7, 3))
    norms = [nn.BatchNorm1d(6), nn.BatchNorm1d(5), nn.BatchNorm1d(5)]
    for norm, one in zip(norms, (*made.normalisations, made.shortcut_normalisation), strict=True):
        norm.train(training).load_state_dict(one.state_dict())
    own = values[:, None].expand(7, 3, 4)
    edges = torch.cat([own, values[near] - own], dim=-1).reshape(21, 8)
    edges = norms[0](edges @ made.first.weight.T).relu()
    edges = norms[1](edges @ made.others[0].weight.T).relu()
    wanted = (edges.view(7, 3, 5).mean(1) + norms[2](made.shortcut(values))).relu()
    result = made(values, near)
    torch.testing.assert_close(result, wanted)
    (gradient,) = torch.autograd.grad(result.square().sum(), values)
    (slope,) = torch.autograd.grad(wanted.square().sum(), values)
    torch.testing.assert_close(gradient, slope, rtol=1e-4, atol=1e-5)

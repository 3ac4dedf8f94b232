"""The energy flow network does not see collinear splittings or soft constituents."""

from __future__ import annotations

import math

import awkward as ak
import numpy as np
import pytest
import torch

from hepvision.core.inputs import InputSpec, PartSpec, Ragged
from hepvision.events.schema import flat, from_columns
from hepvision.models.energy_flow import EnergyFlow
from hepvision.models.layers.batches import Buffers, outputs_of
from hepvision.models.layers.network import Network
from hepvision.models.particle_flow import ParticleFlow
from hepvision.representations.particles import Particles
from toy_events import toy_events

NAMES = ("log_pt", "delta_eta", "charge", "delta_phi", "pt_share")
PHI, SHARE = 3, 4


def jets(most: int = 12) -> InputSpec:
    return {"jet": PartSpec("set", (most, 5), NAMES, ("",) * 5, (1.0,) * 5)}


def ragged(rows: list[np.ndarray]) -> dict[str, Ragged]:
    offsets = np.cumsum([0, *(len(one) for one in rows)]).astype(np.int64)
    return {"jet": Ragged(offsets, np.concatenate(rows).astype(np.float32))}


def some(number: int = 20, seed: int = 1) -> list[np.ndarray]:
    """Jets of 1 to 6 constituents; the columns that it must not read are noise."""
    rng = np.random.default_rng(seed)
    made = []
    for count in rng.integers(1, 7, number):
        rows = rng.normal(0, 0.4, (count, 5))
        rows[:, SHARE] = rng.dirichlet(np.ones(count))
        made.append(rows)
    return made


def network(most: int = 12) -> Network:
    """Outputs of fresh weights hardly move: these are as large as after a training."""
    torch.manual_seed(3)
    made = EnergyFlow().from_spec(jets(most), 2)
    for layer in made.modules():
        if isinstance(layer, torch.nn.Linear):
            torch.nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
    return made


def outputs(rows: list[np.ndarray], most: int = 12) -> np.ndarray:
    return outputs_of(network(most), ragged(rows), jets(most))


def test_parameters_of_the_paper() -> None:
    """Layers of section 4.2; 82k in table 1 of arXiv:1902.09914."""
    assert network().parameters_total == 82_358
    widths = [one.out_features for one in network().modules() if isinstance(one, torch.nn.Linear)]
    assert widths == [100, 100, 256, 100, 100, 100, 2]


@pytest.mark.parametrize("fraction", [0.5, 0.9, 0.999])
def test_a_collinear_splitting_changes_nothing(fraction: float) -> None:
    rng = np.random.default_rng(2)
    split = []
    for rows in some():
        chosen = rng.integers(len(rows))
        twice = np.concatenate([rows, rows[[chosen]]])
        twice[chosen, SHARE] *= fraction
        twice[-1, SHARE] *= 1 - fraction
        twice[-1, [0, 2]] = rng.normal(size=2)
        split.append(twice[rng.permutation(len(twice))])
    np.testing.assert_allclose(outputs(split), outputs(some()), rtol=1e-4, atol=1e-5)


def test_soft_constituents_fade_with_their_share() -> None:
    """The change is of first order in the share, and none for a share of zero."""
    rng = np.random.default_rng(2)
    where = rng.normal(0, 0.8, (20, 3, 5))

    def change(share: float) -> float:
        soft = where.copy()
        soft[:, :, SHARE] = share
        more = [np.concatenate([rows, extra]) for rows, extra in zip(some(), soft, strict=True)]
        return float(np.abs(outputs(more) - outputs(some())).max())

    assert change(0.0) < 1e-5
    assert 1e-3 < change(1e-2) < 1
    assert change(1e-4) < 3e-2 * change(1e-2)


def test_a_hard_or_turned_constituent_does_change_it() -> None:
    """What is blind to everything would pass the tests above."""
    turned = [rows.copy() for rows in some()]
    for rows in turned:
        rows[0, PHI] += 0.3
    assert np.abs(outputs(turned) - outputs(some())).mean() > 1e-2
    harder = [rows * np.where(np.arange(5) == SHARE, 2, 1) for rows in some()]
    assert np.abs(outputs(harder) - outputs(some())).mean() > 1e-2


def test_other_columns_and_more_padding_do_not_matter() -> None:
    other = [rows.copy() for rows in some()]
    for rows in other:
        rows[:, [0, 2]] = np.random.default_rng(5).normal(size=(len(rows), 2))
    np.testing.assert_array_equal(outputs(other), outputs(some()))
    np.testing.assert_allclose(outputs(some(), 50), outputs(some()), rtol=1e-5, atol=1e-6)


def test_no_constituents() -> None:
    empty = outputs([np.zeros((0, 5)), some()[0]])
    assert np.isfinite(empty).all()
    assert not np.array_equal(empty[0], empty[1])


def test_columns_that_it_lacks_are_named() -> None:
    part = PartSpec("set", (4, 2), ("energy", "px"), ("GeV",) * 2, (1.0,) * 2)
    with pytest.raises(ValueError, match="energy_flow: reads columns delta_eta") as caught:
        EnergyFlow().from_spec({"jet": part}, 2)
    assert "'particles'" in str(caught.value)
    with pytest.raises(ValueError, match="inside: must have a width"):
        EnergyFlow(inside=())


def test_loss_falls_to_what_a_safe_observable_allows() -> None:
    """It learns the jet's width, an infrared- and collinear-safe observable."""
    rng = np.random.default_rng(0)
    rows = some(400, seed=9)
    width = [(np.hypot(one[:, 1], one[:, PHI]) * one[:, SHARE]).sum() for one in rows]
    target = torch.tensor(np.asarray(width) > np.median(width), dtype=torch.long)
    made, inputs = network(), ragged(rows)
    optimiser = torch.optim.Adam(made.parameters(), 2e-3)
    buffers = Buffers(jets(), 100)
    for _ in range(80):
        chosen = rng.permutation(400)[:100]
        loss = torch.nn.functional.cross_entropy(
            made(buffers.tensors(inputs, chosen)), target[chosen]
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.5 * math.log(2)


@pytest.mark.parametrize(("shares", "apart"), [((0.3, 0.7), 0.0), ((1.0, 1e-9), 0.3)])
def test_from_events_to_outputs_it_is_safe(shares: tuple[float, float], apart: float) -> None:
    """Each particle splits in two of its direction, or a soft one flies off beside each."""
    events, made = toy_events(12, jets=1, mean=4), Particles(most=60, parts=("features",))
    offsets, columns = flat(events["Particle"])
    pairs = {key: np.repeat(column, 2) for key, column in columns.items()}
    pairs["pt"] = pairs["pt"] * np.tile(shares, len(columns["pt"]))
    pairs["eta"] = pairs["eta"] + np.tile([0.0, apart], len(columns["pt"]))
    more = ak.with_field(events, from_columns(2 * offsets, pairs, "Particle"), "Particle")
    before, after = made(events), made(more)
    assert len(after["features"].values) == 2 * len(before["features"].values) > 0
    torch.manual_seed(3)
    flow = EnergyFlow().from_spec(made.spec, 2)
    other = ParticleFlow().from_spec(made.spec, 2)
    wanted, found = (outputs_of(flow, one, made.spec) for one in (before, after))
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)
    seen = [outputs_of(other, one, made.spec) for one in (before, after)]
    assert np.abs(seen[1] - seen[0]).max() > 1e-2

"""Noise and zero suppression, against the exact expectation."""

import dataclasses
import math

import numpy as np
import pytest

from hepvision.simulation._channels import CHANNELS, ENDCAP_FIRST, HCAL_FIRST, exists
from hepvision.simulation._overlay import hit_columns, read_out
from hepvision.simulation.detector import Response, respond
from hepvision.simulation.pileup import Uses
from hepvision.simulation.readout import SCALE, Readout, normal_tail

PARTS = ((0, ENDCAP_FIRST), (ENDCAP_FIRST, HCAL_FIRST), (HCAL_FIRST, CHANNELS))
NOISE = (0.040, 0.150, 0.200)


def deposits(events: int, channel: list[int], energy: list[float], time: float = 0.0) -> Response:
    """The same deposits in each event."""
    size = len(channel)
    none = np.zeros(0, np.int64)
    return Response(
        size * np.arange(events + 1),
        np.tile(np.array(channel, np.uint32), events),
        np.tile(np.array(energy, np.float32), events),
        np.full(size * events, time, np.float32),
        np.zeros(events + 1, np.int64),
        np.zeros((0, 8), np.float32),
        none.astype(bool),
    )


def read(response: Response, readout: Readout, seed: int = 1) -> tuple[np.ndarray, ...]:
    none = np.zeros(0, np.int64)
    uses = Uses(np.zeros(len(response) + 1, np.int64), none, none, none.astype(bool))
    return read_out(np.random.default_rng(seed), response, None, uses, readout)


def test_noise_hits_of_an_empty_event() -> None:
    """Each empty cell passes twice its noise with probability 2.275 %, no other number."""
    events = 60
    _, channel, energy, _ = read(deposits(events, [], []), Readout.named("full"))
    chance = 0.5 * math.erfc(2.0 / math.sqrt(2.0))
    density = math.exp(-2.0) / math.sqrt(2.0 * math.pi)
    for (first, last), noise in zip(PARTS, NOISE, strict=True):
        inside = (channel >= first) & (channel < last)
        cells = int(exists()[first:last].sum()) * events
        assert abs(inside.sum() - chance * cells) < 4 * math.sqrt(chance * cells)
        assert energy[inside].min() >= 2.0 * noise
        # mean of the normal distribution above 2: density / chance
        spread = 0.35 * noise / math.sqrt(inside.sum())
        assert abs(energy[inside].mean() - noise * density / chance) < 5 * spread
    barrel = (channel < ENDCAP_FIRST).sum() / events
    assert 1380 < barrel < 1405


def test_noise_is_uniform_over_the_cells() -> None:
    _, channel, _, _ = read(deposits(100, [], []), Readout.named("full"))
    rows = np.bincount(channel[channel < ENDCAP_FIRST] // 3600, minlength=17)
    expected = rows.sum() / 17
    assert ((rows - expected) ** 2 / expected).sum() < 40  # χ², 16 degrees of freedom
    assert exists()[channel].all()


def test_hits_in_cells_with_energy() -> None:
    """A deposit of 1 GeV is read with the cell's noise and the spread of its calibration."""
    readout = Readout.named("full")
    offsets, channel, energy, time = read(deposits(4000, [5000], [1.0], 3.0), readout)
    assert len(offsets) == 4001
    hit = channel == 5000
    assert hit.sum() == 4000
    assert energy[hit].mean() == pytest.approx(SCALE[0], abs=0.003)
    assert energy[hit].std() == pytest.approx(math.hypot(0.04, 0.007), rel=0.05)
    assert time[hit].mean() == pytest.approx(3.0, abs=0.1)


def test_small_deposits_pass_as_often_as_they_should() -> None:
    """A deposit of one noise width passes the threshold of two with probability 16 %."""
    _, channel, _, _ = read(deposits(4000, [100], [0.04]), Readout.named("full"))
    share = (channel == 100).sum() / 4000
    assert share == pytest.approx(0.5 * math.erfc((2.0 - SCALE[0]) / math.sqrt(2.0)), abs=0.025)


def test_cells_are_read_once_and_in_order() -> None:
    offsets, channel, _, _ = read(deposits(5, [3, 4, 70000, 82000], [1.0] * 4), Readout())
    for event in range(5):
        rows = channel[offsets[event] : offsets[event + 1]].astype(int)
        assert (np.diff(rows) > 0).all()


SILENT = dataclasses.replace(
    Readout(), noise=(1e-9, 1e-9, 1e-9), calibration=(0.0, 0.0, 0.0), threshold=(8.0, 8.0, 8.0)
)


def test_without_noise_deposits_are_kept_on_their_scale() -> None:
    kept = deposits(2, [7, 61300 + 2000, 82000], [0.5, 2.0, 3.0], 2.0)
    for scale in (SCALE, (1.0, 1.0, 1.0)):
        _, channel, energy, time = read(kept, dataclasses.replace(SILENT, scale=scale))
        assert channel.tolist() == [7, 63300, 82000] * 2
        np.testing.assert_allclose(energy, 2 * [0.5 * scale[0], 2.0 * scale[1], 3.0], atol=1e-6)
        np.testing.assert_allclose(time, 2.0, atol=0.2)


@pytest.mark.parametrize(("part", "low", "high"), [(0, 0.0, 1.4), (1, 1.52, 1.62)])
def test_the_5x5_of_unconverted_photons_holds_their_energy(
    part: int, low: float, high: float
) -> None:
    """The principle that the scale of the hits was chosen by: 50 GeV, no noise, no pile-up."""
    shots, rng = 600, np.random.default_rng(4)
    eta, phi = rng.uniform(low, high, shots), rng.uniform(-np.pi, np.pi, shots)
    pt, zero = 50.0 / np.cosh(eta), np.zeros(shots)
    columns = dict.fromkeys(("vx", "vy", "vz", "time", "charge"), zero)
    columns |= {"px": pt * np.cos(phi), "py": pt * np.sin(phi), "pz": pt * np.sinh(eta)}
    columns |= {"energy": zero + 50.0, "pdgId": np.full(shots, 22)}
    response = respond(np.arange(shots + 1), columns, rng)
    offsets, channel, energy, _ = read(response, SILENT)
    sums = []
    for event in np.flatnonzero(~response.converted):
        at = slice(offsets[event], offsets[event + 1])
        here = (channel[at] >= PARTS[part][0]) & (channel[at] < PARTS[part][1])
        cells, found = channel[at][here].astype(int) - PARTS[part][0], energy[at][here]
        rows, columns_ = np.divmod(cells, 360 if part == 0 else 100)
        most = int(np.argmax(found))
        turn = columns_ - columns_[most]
        turn = (turn + 180) % 360 - 180 if part == 0 else turn
        near = (np.abs(rows - rows[most]) <= 2) & (np.abs(turn) <= 2)
        sums.append(found[near].sum() / 50.0)
    assert len(sums) > 100
    assert np.mean(sums) == pytest.approx(1.0, abs=0.003)


def test_tail_of_the_normal_distribution(rng: np.random.Generator) -> None:
    drawn = np.array([normal_tail(rng, 2.0) for _ in range(20_000)])
    above = [0.5 * math.erfc(value / math.sqrt(2)) for value in (2.0, 2.5, 3.0)]
    assert drawn.min() >= 2.0
    assert (drawn > 2.5).mean() == pytest.approx(above[1] / above[0], rel=0.05)
    assert (drawn > 3.0).mean() == pytest.approx(above[2] / above[0], rel=0.15)


def test_hits_as_collections() -> None:
    columns = hit_columns(*read(deposits(2, [0, 61300 + 2000, 81200], [9.0, 9.0, 9.0]), Readout()))
    assert set(columns) == {"EcalBarrelHit", "EcalEndcapHit", "HcalHit"}
    offsets, barrel = columns["EcalBarrelHit"]
    assert len(offsets) == 3
    first = int(np.argmax(barrel["energy"]))
    assert (barrel["ieta"][first], barrel["iphi"][first]) == (-85, 1)
    tower = columns["HcalHit"][1]
    first = int(np.argmax(tower["energy"]))
    assert (tower["ieta"][first], tower["iphi"][first], tower["depth"][first]) == (-28, 1, 1)


def test_unknown_readout_is_refused() -> None:
    with pytest.raises(ValueError, match="readout: must be full, reduced or particles, got 'all'"):
        Readout.named("all")

"""What the reduced readout keeps: windows, cones, the border, and hits of other crossings."""

from pathlib import Path

import awkward as ak
import numpy as np
import pytest

from hepvision.readers.ispy import Ispy
from hepvision.simulation._channels import CHANNELS, ENDCAP_FIRST, HCAL_FIRST, exists, work_space
from hepvision.simulation._reduced import keep_interesting
from hepvision.simulation._selective import add_late, plan
from hepvision.simulation.readout import Readout
from hepvision.simulation.simulate import simulate

from shared_data import shared

SEED = 360 * 100 + 100


def read(
    channel: list[int], energy: list[float], events: int = 200, pileup: int = 0
) -> tuple[np.ndarray, ...]:
    """Channel, energy, time and event of the hits of equal events."""
    rng, work = np.random.default_rng(3), work_space()
    cells, table = Readout.named("reduced").table(), plan()
    found: list[tuple[np.ndarray, ...]] = []
    for event in range(events):
        for where, what in zip(channel, energy, strict=True):
            work.sums[where] = (what / cells.scale[0 if where < ENDCAP_FIRST else 1], 0.0)
        work.touched[: len(channel)], work.counters[0] = channel, len(channel)
        out = (np.zeros(CHANNELS, np.uint32), *np.zeros((2, CHANNELS), np.float32))
        size = keep_interesting(rng, work, cells, table, pileup, out, 0)
        assert not work.sums.any() and not work.counters[0]  # empty for the next event
        found.append((*(part[:size] for part in out), np.full(size, event)))
    return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))


def offsets(channel: np.ndarray, middle: int) -> tuple[np.ndarray, np.ndarray]:
    """Crystals from the middle in η and φ."""
    row, column = np.divmod(channel.astype(int), 360)
    return row - middle // 360, (column - middle % 360 + 180) % 360 - 180


def test_window_of_a_seed_is_kept_whole_with_its_noise() -> None:
    channel, energy, _, event = read([SEED], [5.0])
    down, right = offsets(channel, SEED)
    near = (channel < ENDCAP_FIRST) & (np.abs(down) <= 2) & (np.abs(right) <= 2)
    assert near.sum() == 25 * 200
    around = energy[near & (channel != SEED)]
    width = plan().width[SEED]
    low, middle, high = np.percentile(around, [16, 50, 84])
    assert (high - low) / 2 == pytest.approx(width, rel=0.06)
    assert middle == pytest.approx(0.0, abs=0.1 * width)
    # pulses of earlier crossings
    assert 0.001 < (around < -5 * width).mean() < 0.02
    ring = (channel < ENDCAP_FIRST) & ~near & (plan().border[channel % HCAL_FIRST] == 0)
    assert ring.sum() / 200 < 1  # 5 GeV make no cone
    assert len(np.unique(event)) == 200


def test_weak_seed_has_no_window_and_isolated_hits_are_dropped() -> None:
    """0.6 GeV are well above noise, but no cluster of the barrel starts there."""
    channel = read([SEED], [0.6])[0]
    assert not (channel == SEED).any()
    # at the border everything that passes is kept
    border = 169 * 360 + 20
    assert (read([border], [0.6])[0] == border).sum() == 200


def test_weak_seed_beside_a_strong_one_in_azimuth_is_kept() -> None:
    """Electrons of converted photons lie at the same η."""
    beside, above = SEED + 12, SEED + 12 * 360
    channel = read([SEED, beside, above], [6.0, 0.7, 0.7])[0]
    assert (channel == beside).sum() > 195
    assert (channel == above).sum() < 5


def test_late_hits_fall_into_cells_that_exist() -> None:
    """At |η| = 1.5 the grid of the endcaps ends; Python checks bounds, a kernel does not."""
    work, table = work_space(), plan()
    state = np.zeros(CHANNELS, np.uint8)
    rng = np.random.default_rng(5)
    for _ in range(4):
        add_late.py_func(rng, work, 3000, table, state)
    late = np.flatnonzero(state)
    assert (late[(late >= ENDCAP_FIRST) & (late < HCAL_FIRST)].size) > 5000
    assert exists()[late[late < HCAL_FIRST]].all()
    assert np.isfinite(work.sums).all()


def test_photons_keep_a_cone() -> None:
    """Within ΔR < 0.6 of 40 GeV hits above 95 MeV are kept, farther away none."""
    near, far = SEED + 20 * 360 + 10, SEED + 40 * 360
    channel, energy, _, _ = read([SEED, near, far], [60.0, 0.3, 0.3])
    assert (channel == near).sum() > 195
    assert (channel == far).sum() == 0
    down, right = offsets(channel, SEED)
    cone = (channel < ENDCAP_FIRST) & (np.maximum(np.abs(down), np.abs(right)) > 10)
    assert energy[cone].min() >= 0.095
    assert np.hypot(down, right)[cone & (channel // 360 % 169 > 0)].max() < 0.6 / 0.01745 + 1


def test_selective_readout_follows_trigger_towers() -> None:
    """From 1 GeV of Et on the 5×5 tower is read in full, from 2 GeV its neighbours too."""
    corner = 100 * 360 + 100  # first row and column of its tower
    for energy, full in ((1.8, 9), (5.0, 25)):
        channel, measured, _, _ = read([corner], [energy])
        down, right = offsets(channel, corner)
        negative = (measured < 0) & (np.abs(down) < 3) & (np.abs(right) < 3)
        cells = {(i, j) for i, j in zip(down[negative], right[negative], strict=True)}
        assert len(cells) == full - 1


def test_endcap_noise_is_constant_in_transverse_energy() -> None:
    seeds = [ENDCAP_FIRST + 100 * 50 + column for column in (8, 20, 33)]
    channel, energy, _, _ = read(seeds, [120.0] * 3)
    table = plan()
    for seed in seeds:
        ring = [seed + 100 * i + j for i in (-2, 2) for j in (-2, 2)]
        noise = energy[np.isin(channel, ring)] * table.sine[seed]
        assert np.percentile(noise, 84) - np.percentile(noise, 16) == pytest.approx(
            2 * 0.046, rel=0.15
        )


def test_pileup_brings_hits_of_other_crossings() -> None:
    """About five barrel hits an interaction, tens of nanoseconds off; none without pile-up."""
    channel, energy, time, _ = read([], [], events=60, pileup=10)
    barrel = channel < ENDCAP_FIRST
    assert exists()[channel].all()
    assert 45 < barrel.sum() / 60 < 60
    late = np.abs(time[barrel]) > 15
    assert late.mean() > 0.9 and (time[barrel][late] > 0).mean() == pytest.approx(0.8, abs=0.04)
    assert np.median(energy[barrel]) == pytest.approx(0.25, abs=0.03)
    towers = channel >= HCAL_FIRST
    row = (channel[towers].astype(int) - HCAL_FIRST) // 72
    assert row.min() >= 12 and row.max() < 44 and energy[towers].min() < 0
    quiet = read([], [], events=60, pileup=0)[0]
    assert (quiet < HCAL_FIRST).sum() / 60 < 5 and (quiet >= HCAL_FIRST).sum() == 0


def test_towers_need_five_times_their_noise() -> None:
    barrel, endcap = HCAL_FIRST + 72 * 28, HCAL_FIRST + 72 * 2
    channel = read([barrel, barrel + 2, endcap], [15.0, 0.3, 15.0])[0]
    assert (channel == barrel).sum() == 200
    assert (channel == barrel + 2).sum() == 0
    assert (channel == endcap).sum() == 0
    assert (read([endcap], [60.0])[0] == endcap).sum() == 200


def test_noise_is_that_of_real_events() -> None:
    """Negative hits in the outer ring of fully read windows: half a normal distribution."""
    found = []
    for name in ("DoublePhoton_Run2012B_0", "DoubleElectron_Run2012C_0", "BJetPlusX_Run2012C_0"):
        events = Ispy().read(shared("data", "cms_ispy", f"{name}.ig"))
        for hits in events.EcalBarrelHit:
            ring, grid = np.asarray(hits.ieta).astype(int), np.full((170, 360), np.nan)
            row = np.where(ring < 0, ring + 85, ring + 84)
            grid[row, np.asarray(hits.iphi).astype(int) - 1] = np.asarray(hits.energy)
            for i, j in np.argwhere(grid > 3.0):
                columns = np.arange(j - 2, j + 3) % 360
                window = grid[i - 2 : i + 3][:, columns] if 2 <= i <= 167 else grid[:0]
                if window.size and np.nanmax(window) == grid[i, j]:
                    width = plan().width[360 * i + j]
                    found.append((window / width)[[0, 0, 4, 4], [0, 4, 0, 4]])
    corners = np.concatenate(found)
    negative = -corners[corners < 0]
    assert len(negative) > 100
    assert np.median(negative) == pytest.approx(0.6745, rel=0.2)


def test_isolated_real_hits_are_late_or_early() -> None:
    """What the readout adds as pile-up of other crossings: most isolated hits of minimum bias."""
    events = Ispy().read(shared("data", "cms_ispy", "MinimumBias_Run2012C_0.ig"))
    late = []
    for hits in events.EcalBarrelHit:
        hits = hits[hits.energy > 0.2]
        ring, column = (np.asarray(hits[name]).astype(int) for name in ("ieta", "iphi"))
        turn = np.abs(column[:, None] - column)
        near = np.maximum(np.abs(ring[:, None] - ring), np.minimum(turn, 360 - turn)) < 5
        late.append(np.abs(np.asarray(hits.time))[near.sum(axis=1) == 1] > 20.0)
    alone = np.concatenate(late)
    assert len(alone) > 300
    assert alone.mean() > 0.8


def test_photons_keep_their_energy(tmp_path: Path) -> None:
    """Reconstruction needs only what is kept: the same photons have the same energy to 0.5 %."""
    energies = []
    for readout in ("full", "reduced"):
        store = simulate(
            "particle_gun", 60, tmp_path / readout, pileup=0, readout=readout, progress=False
        )
        photons = store.read().Photon
        energies.append(ak.to_numpy(ak.fill_none(ak.max(photons.energyRaw, axis=1), 0.0)))
    full, reduced = energies
    both = (full > 0.0) & (reduced > 0.0)
    assert both.mean() > 0.95
    assert np.median(reduced[both] / full[both]) == pytest.approx(1.0, abs=0.005)

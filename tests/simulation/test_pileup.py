"""The pool of minimum-bias events, and how they are overlaid."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from hepvision.simulation import _pool_file
from hepvision.simulation._channels import (
    CHANNELS,
    ENDCAP_FIRST,
    HCAL_FIRST,
    exists,
    work_space,
)
from hepvision.simulation._pool import Pool
from hepvision.simulation.detector import Response
from hepvision.simulation.pileup import (
    TURNS,
    Uses,
    add_turned,
    draw_uses,
    overlaid_tracks,
    turned,
)
from hepvision.simulation.tracker import COLUMNS


def laid(channel: np.ndarray, energy: np.ndarray, turn: int, mirrored: bool) -> np.ndarray:
    """Energy by cell of one event, turned."""
    work = work_space()
    time = np.zeros(len(channel), np.float32)
    add_turned(
        work,
        0,
        len(channel),
        channel.astype(np.uint32),
        energy.astype(np.float32),
        time,
        turn,
        mirrored,
        turned(),
    )
    return work.sums[:, 0].astype(float)


@pytest.fixture
def everywhere(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Some energy in every cell."""
    channel = np.flatnonzero(exists())
    return channel, rng.exponential(size=len(channel))


def test_barrel_and_towers_roll(everywhere: tuple[np.ndarray, np.ndarray]) -> None:
    plain, rolled = laid(*everywhere, 0, False), laid(*everywhere, 7, False)
    barrel = plain[:ENDCAP_FIRST].reshape(170, 360), rolled[:ENDCAP_FIRST].reshape(170, 360)
    np.testing.assert_array_equal(np.roll(barrel[0], 70, axis=1), barrel[1])
    towers = plain[HCAL_FIRST:].reshape(56, 72), rolled[HCAL_FIRST:].reshape(56, 72)
    np.testing.assert_array_equal(np.roll(towers[0], 14, axis=1), towers[1])


def test_mirror_swaps_the_sides(everywhere: tuple[np.ndarray, np.ndarray]) -> None:
    plain, other = laid(*everywhere, 0, False), laid(*everywhere, 0, True)
    np.testing.assert_array_equal(
        plain[:ENDCAP_FIRST].reshape(170, 360)[::-1], other[:ENDCAP_FIRST].reshape(170, 360)
    )
    np.testing.assert_array_equal(
        plain[ENDCAP_FIRST:HCAL_FIRST].reshape(2, -1)[::-1].ravel(), other[ENDCAP_FIRST:HCAL_FIRST]
    )


def test_no_energy_is_lost_and_no_corner_filled(everywhere: tuple[np.ndarray, np.ndarray]) -> None:
    total = everywhere[1].sum()
    for turn in range(0, TURNS, 5):
        found = laid(*everywhere, turn, turn % 2 == 1)
        assert found.sum() == pytest.approx(total, rel=1e-5)
        assert not found[~exists()].any()


def test_endcap_energy_moves_by_the_angle() -> None:
    """The crystal at φ = 0 goes to φ = 30°, within a crystal."""
    channel = np.array([ENDCAP_FIRST + 10000 + 50 * 100 + 90])
    found = int(np.argmax(laid(channel, np.ones(1), 3, False))) - ENDCAP_FIRST - 10000
    row, column = divmod(found, 100)
    x, y = 40.5 * np.cos(np.pi / 6), 40.5 * np.sin(np.pi / 6)
    assert abs(column - 49.5 - x) < 1.0
    assert abs(row - 49.5 - y) < 1.0


def test_parts_of_the_pool_are_disjoint(pool: Pool) -> None:
    edges = [pool.part(split) for split in range(3)]
    assert edges[0][0] == 0 and edges[2][1] == len(pool)
    assert edges[0][1] == edges[1][0] < edges[1][1] == edges[2][0] < edges[2][1]


def test_each_event_draws_from_its_own_part(pool: Pool, rng: np.random.Generator) -> None:
    split = rng.integers(0, 3, 300).astype(np.int8)
    uses = draw_uses(rng, 20.0, split, pool)
    counts = np.diff(uses.offsets)
    assert abs(counts.mean() - 20.0) < 4 * np.sqrt(20.0 / 300)
    assert counts.var() == pytest.approx(20.0, rel=0.35)
    of = np.repeat(split, counts)
    for part in range(3):
        low, high = pool.part(part)
        rows = uses.row[of == part]
        assert rows.min() >= low and rows.max() < high
    assert set(np.unique(uses.turn)) == set(range(TURNS))
    assert 0.45 < uses.mirrored.mean() < 0.55


def test_density_of_a_minimum_bias_event(pool: Pool) -> None:
    """Charged multiplicity and transverse energy flow are those of soft collisions at 8 TeV."""
    response = pool.response
    assert 10 < len(response.tracks) / len(pool) < 40
    barrel = response.channel < ENDCAP_FIRST
    assert 2.0 < response.energy[barrel].sum() / len(pool) < 15.0
    assert pool.vertex[:, 2].std() == pytest.approx(50.0, rel=0.3)
    assert response.channel.max() < CHANNELS and (response.energy > 0).all()


def test_tracks_turn_with_their_event(pool: Pool) -> None:
    none = np.zeros(0, np.float32)
    hard = Response(
        np.zeros(2, np.int64),
        none,
        none,
        none,
        np.zeros(2, np.int64),
        np.zeros((0, 8), np.float32),
        none.astype(bool),
    )
    row = int(np.argmax(np.diff(pool.response.track_offsets)))
    found = []
    for turn, mirrored in ((0, False), (9, False), (0, True)):
        uses = Uses(np.array([0, 1]), np.array([row]), np.array([turn]), np.array([mirrored]))
        found.append(overlaid_tracks(hard, np.zeros((1, 3)), pool, uses))
    column = {name: number for number, name in enumerate(COLUMNS)}
    plain, quarter, mirror = (one[1].astype(float) for one in found)
    for name in ("phi", "phiEcal"):
        shift = quarter[:, column[name]] - plain[:, column[name]] - np.pi / 2
        np.testing.assert_allclose(np.cos(shift), 1.0, atol=1e-6)
    for name in ("eta", "etaEcal", "dz"):
        np.testing.assert_allclose(mirror[:, column[name]], -plain[:, column[name]])
    for name in ("pt", "charge", "dxy"):
        np.testing.assert_array_equal(mirror[:, column[name]], plain[:, column[name]])
    assert (found[0][2] == 1).all()
    assert found[2][4][1, 2] == pytest.approx(-found[0][4][1, 2])


def test_damaged_pools_are_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pool: Pool, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path))
    made = []

    def chunk(item: tuple[float, int, int]) -> Pool:
        made.append(item)
        return pool

    monkeypatch.setattr(_pool_file, "_chunk", chunk)
    first = _pool_file.open_pool(8000.0, 99)
    again = _pool_file.open_pool(8000.0, 99)
    assert again is first and len(made) == 1
    np.testing.assert_array_equal(first.response.energy, pool.response.energy)
    np.testing.assert_array_equal(first.response.tracks, pool.response.tracks)
    file = next(tmp_path.rglob("pool.parquet"))
    file.write_bytes(file.read_bytes()[:-100])
    check = file.with_name("pool.json")
    check.write_text(json.dumps({**json.loads(check.read_text()), "sha256": "0"}))
    third = _pool_file.open_pool(8000.0, 99)
    assert len(made) == 2 and "damaged" in caplog.text
    np.testing.assert_array_equal(third.response.channel, pool.response.channel)


def test_negative_pile_up_is_refused(rng: np.random.Generator) -> None:
    with pytest.raises(ValueError, match=r"pile-up: must lie between 0 and 500, got -3\."):
        draw_uses(rng, -3.0, np.zeros(2, np.int8), None)


def test_a_pool_is_made_anew_where_code_that_makes_it_changes():
    """What a pool imports of detector, physics and geometry decides its name."""
    package = Path(_pool_file.__file__).parents[1]
    todo, made = [package / "simulation" / "_pool.py"], set()
    while todo:
        path = todo.pop()
        made.add(path)
        # those for types alone are indented
        lines = re.findall(r"^from hepvision\.(\S+) import", path.read_text("utf-8"), re.M)
        kept = [one for one in lines if one.startswith(("simulation.", "physics.", "events.geom"))]
        found = {package.joinpath(*one.split(".")).with_suffix(".py") for one in kept}
        todo += list(found - made)
    assert len(made) > 20
    assert made <= set(_pool_file._code())

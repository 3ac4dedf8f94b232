"""TrackML events: against a plain reading of their tables, and broken in every way."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable
from pathlib import Path

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError, UserError
from hepvision.readers._which import which
from hepvision.readers.trackml import Trackml
from readers.written.trackml import write

from shared_data import shared

Rows = list[dict[str, str]]


def plain(name: str) -> Rows:
    path = shared("data", "trackml", f"event000000001-{name}.csv.gz")
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def column(rows: Rows, name: str) -> np.ndarray:
    return np.array([float(row[name]) for row in rows])


def sample() -> ak.Array:
    return Trackml().read(shared("data", "trackml", "event000000001-hits.csv.gz"))


def test_hits_of_the_sample() -> None:
    one, rows = sample()[0], plain("hits")
    assert len(one.TrackerHit) == len(rows) == 5527
    for name in "xyz":
        np.testing.assert_allclose(one.TrackerHit[name], column(rows, name), rtol=1e-6)
    for name in ("volume", "layer", "module"):
        assert (one.TrackerHit[name] == column(rows, f"{name}_id")).tolist() == [True] * 5527
    assert one.event_id == one.event == 1


def test_cells_of_the_sample() -> None:
    hits = sample()[0].TrackerHit
    summed: dict[str, list[float]] = {}
    for row in plain("cells"):
        summed.setdefault(row["hit_id"], []).append(float(row["value"]))
    ids = [row["hit_id"] for row in plain("hits")]
    np.testing.assert_allclose(hits.charge, [sum(summed[key]) for key in ids], rtol=1e-6)
    assert hits.channels.tolist() == [len(summed[key]) for key in ids]
    assert int(ak.sum(hits.channels)) == 18564


def test_particles_of_the_sample() -> None:
    made, rows = sample()[0].GenPart, plain("particles")
    assert len(made) == len(rows) == 548
    px, py, pz = (column(rows, name) for name in ("px", "py", "pz"))
    np.testing.assert_allclose(made.pt * np.cos(made.phi), px, rtol=2e-5, atol=1e-6)
    np.testing.assert_allclose(made.pt * np.sin(made.phi), py, rtol=2e-5, atol=1e-6)
    np.testing.assert_allclose(made.pt * np.sinh(made.eta), pz, rtol=2e-5, atol=1e-6)
    for name in ("vx", "vy", "vz"):
        np.testing.assert_allclose(made[name], column(rows, name), rtol=1e-6)
    assert made.charge.tolist() == column(rows, "q").tolist()
    assert made.pdgId.tolist() == column(rows, "particle_type").tolist()


def test_truth_of_the_sample() -> None:
    one, rows = sample()[0], plain("truth")
    ids = [row["particle_id"] for row in plain("particles")]
    where = {key: index for index, key in enumerate(ids)} | {"0": -1}
    expected = {row["hit_id"]: (where[row["particle_id"]], row["weight"]) for row in rows}
    wanted = [expected[row["hit_id"]] for row in plain("hits")]
    assert one.TrackerHit.genPartIdx.tolist() == [index for index, _ in wanted]
    assert int(ak.sum(one.TrackerHit.genPartIdx < 0)) == 829
    assert float(ak.sum(one.TrackerHit.weight)) == pytest.approx(
        sum(float(weight) for _, weight in wanted), rel=1e-6
    )
    # the published number of hits of each particle
    counted = np.bincount(one.TrackerHit.genPartIdx[one.TrackerHit.genPartIdx >= 0], minlength=548)
    assert counted.tolist() == column(plain("particles"), "nhits").tolist()


def test_hits_lie_on_the_way_of_their_particle() -> None:
    """A fast central particle flies straight: its hits have its azimuth within its bend."""
    one = sample()[0]
    hits = one.TrackerHit[one.TrackerHit.genPartIdx >= 0]
    maker = one.GenPart[hits.genPartIdx]
    fast = (maker.pt > 1) & (np.hypot(maker.vx, maker.vy) < 1)
    turn = np.arctan2(hits.y, hits.x)[fast] - maker.phi[fast]
    turn = np.abs((turn + np.pi) % (2 * np.pi) - np.pi)
    bend = np.arcsin(
        np.minimum(1, 0.3 * 2 * np.hypot(hits.x, hits.y)[fast] / 2000 / maker.pt[fast])
    )
    assert len(turn) > 300
    assert float(np.mean(turn < bend + 0.05)) > 0.9


def test_written(tmp_path: Path) -> None:
    path = tmp_path / "event000000123-hits.csv"
    truth = write(path)
    events = Trackml().read(path)
    one, kept = events[0], events.attrs["hepvision"]
    assert Trackml().recognises(path)
    assert Trackml().count(path) == 1
    assert one.event == 123
    np.testing.assert_allclose(one.TrackerHit.x, truth["x"], rtol=1e-6)
    np.testing.assert_allclose(one.TrackerHit.weight, truth["weight"], rtol=1e-6)
    assert truth["particle_id"][one.TrackerHit.genPartIdx[truth["maker"] > 0]].tolist() == (
        truth["maker"][truth["maker"] > 0].tolist()
    )
    assert float(ak.sum(one.TrackerHit.charge)) == pytest.approx(truth["value"].sum(), rel=1e-5)
    assert kept["missing"] == kept["left_out"] == kept["repaired"] == {}
    assert "pdgId" not in one.GenPart.fields


@pytest.mark.parametrize(
    ("gone", "fields"),
    [
        ("cells", {"charge", "channels"}),
        ("truth", {"genPartIdx", "weight"}),
        ("particles", {"genPartIdx"}),
    ],
)
def test_tables_that_are_not_there(tmp_path: Path, gone: str, fields: set[str]) -> None:
    path = tmp_path / "event000000123-hits.csv"
    write(path)
    there = set(Trackml().read(path).TrackerHit.fields)
    path.with_name(f"event000000123-{gone}.csv").unlink()
    events = Trackml().read(path)
    assert there - set(events.TrackerHit.fields) == fields
    assert events.attrs["hepvision"]["missing"] == {gone: 1}
    assert ("GenPart" in events.fields) == (gone != "particles")


def test_rows(tmp_path: Path) -> None:
    path = tmp_path / "a-hits.csv"
    write(path)
    assert len(Trackml().read(path, slice(1, None))) == 0
    assert len(Trackml().read(path, np.array([0]))) == 1
    with pytest.raises(ValueError, match="size must be 1 or more"):
        next(Trackml().stream(path, 0))


def test_what_is_not_finite_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "a-hits.csv"
    write(path, events=2)
    change(path, lambda rows: [rows[0], edit(rows[1], 1, "nan"), *rows[2:]])
    change(
        path.with_name("a-particles.csv"),
        lambda rows: [rows[0], edit(rows[1], 4, "inf"), *rows[2:]],
    )
    change(
        path.with_name("a-cells.csv"),
        lambda rows: [rows[0], *rows[1:-1], edit(rows[-1], 3, "1e40")],
    )
    events = Trackml().read(path)
    kept = events.attrs["hepvision"]
    assert kept["left_out"] == {"GenPart": 1, "TrackerHit": 1}
    assert kept["repaired"] == {"TrackerHit.charge": 1}
    assert len(events[0].TrackerHit) == 59
    assert sorted(set(events[0].TrackerHit.genPartIdx.tolist())) == [-1, 0]
    assert len(events[0].GenPart) == 1


def edit(row: str, place: int, value: str) -> str:
    parts = row.split(",")
    parts[place] = value
    return ",".join(parts)


def change(path: Path, how: Callable[[list[str]], list[str]]) -> None:
    path.write_text("\n".join(how(path.read_text().splitlines())) + "\n")


@pytest.mark.parametrize(
    ("table", "how", "error", "words"),
    [
        ("hits", lambda rows: rows[:-3], CorruptFileError, "must hold the hits of a-cells.csv"),
        ("hits", lambda rows: rows[:1], CorruptFileError, "must hold hits, got none"),
        ("cells", lambda rows: rows[:-9], CorruptFileError, "a row for each hit"),
        ("truth", lambda rows: rows[:-1], CorruptFileError, "a row for each hit, got none for 1"),
        ("particles", lambda rows: rows[:-1], CorruptFileError, "a row for each particle"),
        ("hits", lambda rows: [*rows, rows[-1]], CorruptFileError, "once"),
        ("truth", lambda rows: [*rows, rows[-1]], CorruptFileError, "once"),
        ("particles", lambda rows: [*rows, rows[-1]], CorruptFileError, "once"),
        ("hits", lambda rows: [rows[0][:-3], *rows[1:]], SchemaError, "module_id"),
        ("truth", lambda rows: ["a,b,c", *rows[1:]], SchemaError, "hit_id"),
        ("hits", lambda rows: [rows[0], edit(rows[1], 2, "here")], CorruptFileError, "here"),
        ("hits", lambda rows: [rows[0], edit(rows[1], 2, "")], CorruptFileError, "numbers"),
        ("hits", lambda rows: [rows[0], edit(rows[1], 5, "2.5")], CorruptFileError, "2.5"),
        ("hits", lambda rows: [rows[0], edit(rows[1], 5, "9" * 12)], CorruptFileError, "numbers"),
        ("hits", lambda rows: [rows[0], rows[1] + ",7"], CorruptFileError, "Expected 7 columns"),
        (
            "cells",
            lambda rows: [rows[0], *rows[1:-1], rows[-1].rpartition(",")[0]],
            CorruptFileError,
            "Expected 4 columns",
        ),
        ("hits", lambda rows: [rows[0] + ",x", *rows[1:]], CorruptFileError, "'x' twice"),
    ],
)
def test_broken_tables(
    tmp_path: Path,
    table: str,
    how: Callable[[list[str]], list[str]],
    error: type[Exception],
    words: str,
) -> None:
    path = tmp_path / "a-hits.csv"
    write(path)
    change(tmp_path / f"a-{table}.csv", how)
    with pytest.raises(error, match=words) as said:
        Trackml().read(path)
    assert f"a-{table}.csv" in str(said.value)
    assert "\n" not in str(said.value)


def test_every_cut_is_seen(tmp_path: Path) -> None:
    """Tables that are cut off anywhere, packed or not, are refused."""
    path = tmp_path / "a-hits.csv"
    write(path, events=1)
    for table in ("hits", "cells", "truth", "particles"):
        file = tmp_path / f"a-{table}.csv"
        content = file.read_bytes()
        for stop in range(0, len(content), 41):
            file.write_bytes(content[:stop])
            with pytest.raises(UserError, match=file.name):
                Trackml().read(path)
        file.write_bytes(content)
    content = gzip.compress(path.read_bytes())
    packed = tmp_path / "b-hits.csv.gz"
    for stop in range(0, len(content), 23):
        packed.write_bytes(content[:stop])
        with pytest.raises(UserError, match=packed.name):
            Trackml().read(packed)


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a-hits.csv.gz"
    head = b"hit_id,x,y,z,volume_id,layer_id,module_id\n"
    path.write_bytes(gzip.compress(head + b"1,2,3,4,5,6,7\n" * 4_000_000))
    with pytest.raises(CorruptFileError, match="packed by at most 200"):
        Trackml().read(path)


def test_what_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        Trackml().read(tmp_path)
    path = tmp_path / "a-hits.csv"
    write(path)
    assert not Trackml().recognises(tmp_path / "a-truth.csv")
    assert not Trackml().recognises(tmp_path)
    other = tmp_path / "a-cells.csv"
    with pytest.raises(SchemaError, match="volume_id"):
        Trackml().count(other)


def test_companions(tmp_path: Path) -> None:
    path = tmp_path / "a-hits.csv"
    write(path)
    names = [one.name for one in Trackml().companions(path)]
    assert names == ["a-cells.csv", "a-truth.csv", "a-particles.csv"]
    path.with_name("a-truth.csv").unlink()
    assert len(Trackml().companions(path)) == 2


def test_the_detector_belongs_to_the_hits(tmp_path: Path) -> None:
    path = tmp_path / "a-hits.csv"
    write(path)
    detectors = tmp_path / "detectors.csv.gz"
    detectors.write_bytes(shared("data", "trackml", "detectors.csv.gz").read_bytes())
    assert detectors in Trackml().companions(path)
    assert not Trackml().recognises(detectors)
    (tmp_path / "0-hits.csv").write_text("not hits")
    for name in ("detectors.csv.gz", "a-cells.csv", "a-truth.csv", "a-particles.csv"):
        with pytest.raises(CorruptFileError, match=r"belongs to a-hits.csv\. Give that file\.$"):
            which(tmp_path / name)
    path.unlink()
    with pytest.raises(CorruptFileError, match="no reader knows this format"):
        which(tmp_path / "a-cells.csv")
    with pytest.raises(CorruptFileError, match="no reader knows this format"):
        which(detectors)

"""GraphNeT files: SQLite and Parquet against what was written, and broken in every way."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError, UserError
from hepvision.readers.graphnet import Graphnet
from readers.written.graphnet import PULSES, write, write_parquet


def compare(events: ak.Array, truth: dict[str, np.ndarray]) -> None:
    """Every event against the written columns, by its number."""
    assert events.event_id.tolist() == sorted(truth["event_no"].tolist())
    for event in events:
        row = int(np.flatnonzero(truth["event_no"] == event.event)[0])
        mine = truth["pulse_event_no"] == event.event
        for key in "xyz":
            np.testing.assert_allclose(
                event.Pulse[key], 1000 * truth[f"pulse_dom_{key}"][mine], rtol=1e-6
            )
        np.testing.assert_allclose(event.Pulse.time, truth["pulse_dom_time"][mine], rtol=1e-6)
        np.testing.assert_allclose(event.Pulse.charge, truth["pulse_charge"][mine], rtol=1e-6)
        assert event.Pulse.string.tolist() == truth["pulse_string"][mine].tolist()
        assert event.Pulse["module"].tolist() == truth["pulse_dom_number"][mine].tolist()
        primary = event.Primary[0]
        assert primary.energy == pytest.approx(truth["energy"][row], rel=1e-6)
        assert primary.theta == pytest.approx(truth["zenith"][row], rel=1e-6)
        assert np.cos(primary.phi) == pytest.approx(np.cos(truth["azimuth"][row]), abs=1e-6)
        assert np.sin(primary.phi) == pytest.approx(np.sin(truth["azimuth"][row]), abs=1e-6)
        assert (primary.pdgId, primary.interaction) == (
            truth["pid"][row],
            truth["interaction_type"][row],
        )
        assert primary.z == pytest.approx(1000 * truth["position_z"][row], rel=1e-6)


def edit(path: Path, *queries: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as file:
        for query in queries:
            file.execute(query)
        file.commit()


def test_sqlite(tmp_path: Path) -> None:
    path = tmp_path / "merged.db"
    truth = write(path)
    before = path.read_bytes()
    compare(Graphnet().read(path), truth)
    assert Graphnet().recognises(path)
    assert Graphnet().count(path) == 7
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["merged.db"]


def test_parquet(tmp_path: Path) -> None:
    path, truth = write_parquet(tmp_path)
    compare(Graphnet().read(path), truth)
    assert Graphnet().recognises(path)
    assert not Graphnet().recognises(tmp_path / "truth" / "truth_4.parquet")


def test_both_are_the_same_whatever_the_rows(tmp_path: Path) -> None:
    path, other = tmp_path / "merged.db", write_parquet(tmp_path, events=20)[0]
    write(path, events=20)
    whole = Graphnet().read(path)
    assert ak.array_equal(Graphnet().read(other).Pulse, whole.Pulse)
    assert ak.array_equal(Graphnet().read(other).Primary, whole.Primary)
    for one in (path, other):
        some = Graphnet().read(one, np.array([5, 0, 19, 5]))
        assert ak.array_equal(some.Pulse, whole.Pulse[[5, 0, 19, 5]])
        assert ak.array_equal(ak.concatenate(list(Graphnet().stream(one, 3))).Pulse, whole.Pulse)
        assert len(Graphnet().read(one, slice(4, 4))) == 0


def test_real_data_has_no_truth(tmp_path: Path) -> None:
    path, other = tmp_path / "merged.db", write_parquet(tmp_path)[0]
    write(path)
    edit(path, "DROP TABLE truth")
    (tmp_path / "truth" / "truth_4.parquet").unlink()
    for one in (path, other):
        events = Graphnet().read(one)
        assert "Primary" not in events.fields
        assert sorted(events.event.tolist()) == events.event.tolist() == [*range(10, 53, 7)]
        assert events.attrs["hepvision"]["missing"] == {"truth": 7}


def test_truth_beside_the_pulses(tmp_path: Path) -> None:
    path, truth = write_parquet(tmp_path)
    (tmp_path / "truth" / "truth_4.parquet").rename(path.parent / "truth_4.parquet")
    compare(Graphnet().read(path), truth)


def test_noise_and_gaps(tmp_path: Path) -> None:
    path = tmp_path / "merged.db"
    write(path)
    edit(
        path,
        "UPDATE truth SET energy = -1, zenith = -1, azimuth = -1, pid = -1 WHERE event_no = 17",
        f"UPDATE {PULSES} SET charge = NULL WHERE rowid IN (3, 5)",
        f"DELETE FROM {PULSES} WHERE event_no = 24",
        "DELETE FROM truth WHERE event_no = 31",
    )
    events = Graphnet().read(path)
    assert events.event.tolist() == [10, 17, 24, 38, 45, 52]
    assert ak.num(events.Primary).tolist() == [1, 0, 1, 1, 1, 1]
    assert ak.num(events.Pulse).tolist()[2] == 0
    kept = events.attrs["hepvision"]["left_out"]
    assert kept["Primary"] == 1
    assert kept["Pulse"] > 2


def test_several_tables_of_pulses(tmp_path: Path) -> None:
    path = tmp_path / "merged.db"
    truth = write(path)
    edit(path, f"CREATE TABLE Cleaned AS SELECT * FROM {PULSES}")
    with pytest.raises(SchemaError, match="got Cleaned, SplitInIcePulses. Name one as pulses"):
        Graphnet().read(path)
    compare(Graphnet(pulses="Cleaned").read(path), truth)
    with pytest.raises(SchemaError, match="no table of pulses 'Clean'. Did you mean 'Cleaned'"):
        Graphnet(pulses="Clean").read(path)
    edit(path, "ALTER TABLE truth RENAME TO mc", "DROP TABLE Cleaned")
    compare(Graphnet(truth="mc").read(path), truth)


@pytest.mark.parametrize(
    ("query", "error", "words"),
    [
        ("UPDATE truth SET energy = 'much'", CorruptFileError, "truth: must hold numbers, got str"),
        ("UPDATE truth SET energy = NULL", CorruptFileError, "finite numbers"),
        ("UPDATE truth SET zenith = 90", CorruptFileError, "Are they degrees?"),
        ("UPDATE truth SET pid = 1e12", CorruptFileError, "finite numbers"),
        ("UPDATE truth SET event_no = 10", CorruptFileError, "one row an event, got repeats"),
        ("UPDATE truth SET event_no = 0.5 WHERE event_no = 10", CorruptFileError, "must be whole"),
        ("UPDATE truth SET event_no = -event_no", CorruptFileError, "not negative"),
        ("ALTER TABLE truth RENAME COLUMN pid TO kind", SchemaError, "the column 'pid'"),
        ("DELETE FROM truth", CorruptFileError, "must hold events, got none"),
        (f"UPDATE {PULSES} SET dom_x = x'00'", CorruptFileError, "must hold numbers, got bytes"),
        (f"DROP TABLE {PULSES}", SchemaError, "one table with event_no"),
        (f"ALTER TABLE {PULSES} RENAME COLUMN dom_z TO z", SchemaError, "one table with event_no"),
    ],
)
def test_broken_tables(tmp_path: Path, query: str, error: type[Exception], words: str) -> None:
    path = tmp_path / "merged.db"
    write(path)
    edit(path, query)
    with pytest.raises(error, match=words) as said:
        Graphnet().read(path)
    assert "merged.db" in str(said.value)
    assert "\n" not in str(said.value)


def test_views_and_endless_queries(tmp_path: Path) -> None:
    """A view can count for ever; none is read."""
    path = tmp_path / "merged.db"
    write(path)
    edit(
        path,
        f"ALTER TABLE {PULSES} RENAME TO Hidden",
        "ALTER TABLE Hidden RENAME COLUMN dom_x TO x",
        f"CREATE VIEW {PULSES} AS WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n) "
        "SELECT k AS event_no, k AS dom_x, k AS dom_y, k AS dom_z, k AS dom_time FROM n",
    )
    assert not Graphnet().recognises(path)
    with pytest.raises(SchemaError, match="one table with event_no"):
        Graphnet().read(path)


def test_every_cut_is_seen(tmp_path: Path) -> None:
    path, other = tmp_path / "merged.db", write_parquet(tmp_path)[0]
    write(path, events=40)
    for one in (path, other):
        content = one.read_bytes()
        for stop in range(0, len(content), max(1, len(content) // 60)):
            one.write_bytes(content[:stop])
            with pytest.raises(UserError, match=one.name) as said:
                Graphnet().read(one)
            assert "\n" not in str(said.value)


def test_mutations(tmp_path: Path) -> None:
    path, other = tmp_path / "merged.db", write_parquet(tmp_path)[0]
    write(path, events=20)
    rng = np.random.default_rng(1)
    for one in (path, other):
        content = one.read_bytes()
        refused = 0
        for _ in range(100):
            damaged = bytearray(content)
            for place in rng.integers(0, len(content), rng.integers(1, 9)):
                damaged[place] ^= 1 << int(rng.integers(0, 8))
            one.write_bytes(damaged)
            try:
                Graphnet().read(one)
            except UserError as error:
                refused += 1
                if "\n" in str(error):
                    raise
        assert refused > 5


def test_broken_parquet(tmp_path: Path) -> None:
    path, _ = write_parquet(tmp_path)
    table = pq.read_table(path)
    pq.write_table(table.take(pa.array(np.arange(len(table))[::-1] % 40)), path)
    with pytest.raises(CorruptFileError, match="hold the rows of an event together"):
        Graphnet().read(path)
    pq.write_table(table.set_column(1, "dom_x", [["here"] * len(table)]), path)
    with pytest.raises(SchemaError, match="dom_x: must hold numbers, got string"):
        Graphnet().read(path)
    pq.write_table(table.set_column(0, "event_no", pa.array([None] * len(table), "int64")), path)
    with pytest.raises(CorruptFileError, match="event_no: must have a number in each row"):
        Graphnet().read(path)
    pq.write_table(table, path)
    truth = tmp_path / "truth" / "truth_4.parquet"
    pq.write_table(pq.read_table(truth).slice(2), truth)
    with pytest.raises(CorruptFileError, match="a row for each event, got none for 2 of 7"):
        Graphnet().read(path)


def test_other_files(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        Graphnet().read(tmp_path)
    path = tmp_path / "merged.db"
    write(path)
    for end in ("-wal", "-journal"):
        beside = tmp_path / f"merged.db{end}"
        beside.write_bytes(bytes(32))
        assert len(Graphnet().read(path)) == 7
        beside.write_bytes(b"changes")
        with pytest.raises(SchemaError, match="must be a closed file"):
            Graphnet().read(path)
        beside.unlink()


def test_no_index_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "merged.db"
    truth = write(path)
    compare(Graphnet().read(path), truth)
    assert "index" not in caplog.text
    edit(path, f"DROP INDEX event_no_{PULSES}")
    compare(Graphnet().read(path), truth)
    assert "SplitInIcePulses has no index on event_no" in caplog.text


def test_companions(tmp_path: Path) -> None:
    path, other = tmp_path / "merged.db", write_parquet(tmp_path)[0]
    write(path)
    assert Graphnet().companions(path) == ()
    assert [one.name for one in Graphnet().companions(other)] == ["truth_4.parquet"]

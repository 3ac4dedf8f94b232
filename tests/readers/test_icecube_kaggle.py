"""Batches of the IceCube competition against what was written, and broken in every way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import awkward as ak
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError, UserError
from hepvision.readers.icecube_kaggle import IcecubeKaggle
from readers.written.icecube_kaggle import NAME, write


def test_written(tmp_path: Path) -> None:
    path = tmp_path / NAME
    truth = write(path)
    events = IcecubeKaggle().read(path)
    assert IcecubeKaggle().recognises(path)
    assert not IcecubeKaggle().recognises(tmp_path / "train_meta.parquet")
    assert IcecubeKaggle().count(path) == len(events) == 7
    assert events.event_id.tolist() == truth["ids"].tolist()
    assert ak.num(events.Pulse).tolist() == truth["counts"].tolist()
    pulses = ak.flatten(events.Pulse)
    for column, key in enumerate("xyz"):
        np.testing.assert_allclose(pulses[key], 1000 * truth["place"][:, column], rtol=1e-6)
    for key in ("time", "charge"):
        np.testing.assert_allclose(pulses[key], truth[key], rtol=1e-6)
    assert pulses.auxiliary.tolist() == truth["auxiliary"].tolist()
    assert (60 * (pulses.string - 1) + pulses["module"] - 1).tolist() == truth["sensor"].tolist()
    # the published formula of the direction
    theta, phi = ak.flatten(events.Primary.theta), ak.flatten(events.Primary.phi)
    np.testing.assert_allclose(
        np.cos(phi) * np.sin(theta), np.cos(truth["azimuth"]) * np.sin(truth["zenith"]), atol=1e-6
    )
    np.testing.assert_allclose(
        np.sin(phi) * np.sin(theta), np.sin(truth["azimuth"]) * np.sin(truth["zenith"]), atol=1e-6
    )
    np.testing.assert_allclose(np.cos(theta), np.cos(truth["zenith"]), atol=1e-6)


def test_rows_and_stream(tmp_path: Path) -> None:
    path = tmp_path / NAME
    write(path, events=30)
    whole = IcecubeKaggle().read(path)
    some = IcecubeKaggle().read(path, np.array([5, 0, 29, 5]))
    assert ak.array_equal(some.Pulse, whole.Pulse[[5, 0, 29, 5]])
    assert ak.array_equal(ak.concatenate(list(IcecubeKaggle().stream(path, 4))), whole)


def test_the_published_folders(tmp_path: Path) -> None:
    """Batches lie in ``train``, the other files above."""
    (tmp_path / "train").mkdir()
    path = tmp_path / "train" / NAME
    write(path)
    whole = IcecubeKaggle().read(path)
    for name in ("sensor_geometry.csv", "train_meta.parquet"):
        (path.parent / name).rename(tmp_path / name)
    assert ak.array_equal(IcecubeKaggle().read(path), whole)


def test_without_truth(tmp_path: Path) -> None:
    path = tmp_path / NAME
    write(path)
    path.rename(tmp_path / "batch_661.parquet")
    events = IcecubeKaggle().read(tmp_path / "batch_661.parquet")
    assert "Primary" not in events.fields
    assert events.attrs["hepvision"]["missing"] == {"truth": 7}
    # another name: the events are found by their ids
    (tmp_path / "batch_661.parquet").rename(tmp_path / "some.parquet")
    assert "Primary" in IcecubeKaggle().read(tmp_path / "some.parquet").fields
    (tmp_path / "train_meta.parquet").unlink()
    assert "Primary" not in IcecubeKaggle().read(tmp_path / "some.parquet").fields
    (tmp_path / "sensor_geometry.csv").unlink()
    with pytest.raises(SchemaError, match="needs sensor_geometry.csv beside it"):
        IcecubeKaggle().read(tmp_path / "some.parquet")


def column(name: str, change: Callable[[np.ndarray], object]) -> Callable[[pa.Table], pa.Table]:
    def edit(table: pa.Table) -> pa.Table:
        values = change(table[name].to_numpy().copy())
        return table.set_column(table.schema.get_field_index(name), name, pa.array(values))

    return edit


@pytest.mark.parametrize(
    ("file", "change", "error", "words"),
    [
        (NAME, lambda t: t.drop_columns("charge"), SchemaError, "needs the column 'charge'"),
        (NAME, lambda t: t.slice(0, 0), CorruptFileError, "must hold events, got none"),
        (NAME, lambda t: t.slice(0, len(t) - 1), CorruptFileError, "event 1018 must have"),
        (NAME, lambda t: pa.concat_tables([t, t]), CorruptFileError, "comes again"),
        (NAME, column("sensor_id", lambda v: v + 5000), CorruptFileError, "sensors must be 0 to"),
        (NAME, column("sensor_id", lambda v: v * 1.0), SchemaError, "whole numbers, got double"),
        (NAME, column("time", lambda v: v.astype(str)), SchemaError, "time: must hold numbers"),
        (NAME, column("auxiliary", lambda v: v * 2), CorruptFileError, "true or false"),
        (NAME, column("event_id", lambda v: -v), CorruptFileError, "must not be negative"),
        (
            "train_meta.parquet",
            lambda t: t.slice(0, len(t) - 4),
            CorruptFileError,
            "train_meta.parquet: must have a row for each event, got none for 1 of 7",
        ),
        (
            "train_meta.parquet",
            lambda t: t.drop_columns("zenith"),
            SchemaError,
            "train_meta.parquet: needs the column 'zenith'",
        ),
        (
            "train_meta.parquet",
            column("zenith", lambda v: v * 57.3),
            CorruptFileError,
            "Are they degrees?",
        ),
    ],
)
def test_broken_files(
    tmp_path: Path,
    file: str,
    change: Callable[[pa.Table], pa.Table],
    error: type[Exception],
    words: str,
) -> None:
    path = tmp_path / NAME
    write(path)
    pq.write_table(change(pq.read_table(tmp_path / file)), tmp_path / file)
    with pytest.raises(error, match=words) as said:
        IcecubeKaggle().read(path)
    assert file in str(said.value)
    assert "\n" not in str(said.value)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda rows: rows[:-500], CorruptFileError, "sensors must be 0 to"),
        (lambda rows: [*rows, rows[-1]], CorruptFileError, "each sensor from 0 on once"),
        (lambda rows: ["a,x,y,z", *rows[1:]], SchemaError, "sensor_id"),
        (lambda rows: [rows[0], "0,nan,1,2", *rows[2:]], CorruptFileError, "finite positions"),
        (lambda rows: [rows[0], "0,here,1,2", *rows[2:]], CorruptFileError, "here"),
    ],
)
def test_broken_geometry(
    tmp_path: Path,
    change: Callable[[list[str]], list[str]],
    error: type[Exception],
    words: str,
) -> None:
    path, file = tmp_path / NAME, tmp_path / "sensor_geometry.csv"
    write(path, events=20)
    file.write_text("\n".join(change(file.read_text().splitlines())) + "\n")
    with pytest.raises(error, match=words) as said:
        IcecubeKaggle().read(path)
    assert "\n" not in str(said.value)


def test_mutations(tmp_path: Path) -> None:
    path = tmp_path / NAME
    write(path, events=20)
    rng = np.random.default_rng(1)
    for one in (path, tmp_path / "train_meta.parquet"):
        content = one.read_bytes()
        for stop in range(0, len(content), max(1, len(content) // 40)):
            one.write_bytes(content[:stop])
            with pytest.raises(UserError):
                IcecubeKaggle().read(path)
        for _ in range(60):
            damaged = bytearray(content)
            for place in rng.integers(0, len(content), rng.integers(1, 9)):
                damaged[place] ^= 1 << int(rng.integers(0, 8))
            one.write_bytes(damaged)
            try:
                IcecubeKaggle().read(path)
            except UserError as error:
                if "\n" in str(error):
                    raise
        one.write_bytes(content)


def test_a_pulse_that_is_not_finite_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / NAME
    truth = write(path)
    table = pq.read_table(path)
    charge = table["charge"].to_numpy().copy()
    charge[0] = np.nan
    place = table.schema.get_field_index("charge")
    pq.write_table(table.set_column(place, "charge", pa.array(charge)), path)
    events = IcecubeKaggle().read(path)
    assert events.attrs["hepvision"]["left_out"] == {"Pulse": 1}
    assert ak.num(events.Pulse)[0] == truth["counts"][0] - 1


def test_companions(tmp_path: Path) -> None:
    path = tmp_path / NAME
    write(path)
    names = [one.name for one in IcecubeKaggle().companions(path)]
    assert names == ["sensor_geometry.csv", "train_meta.parquet"]

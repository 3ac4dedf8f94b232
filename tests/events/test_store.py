"""A store is whole, resumable or refused."""

import json
import pathlib

import awkward as ak
import pyarrow.parquet as pq
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError, UnknownNameError
from hepvision.events import _parquet
from hepvision.events.store import Store, StoreWriter, encoded, open_store, write_store


@pytest.fixture
def made(tmp_path, toy, monkeypatch) -> pathlib.Path:
    monkeypatch.setattr(_parquet, "ROW_GROUP_BYTES", 1)
    write_store(tmp_path / "store", toy, {"seed": 3})
    return tmp_path / "store"


def test_events_come_back_as_they_were(made, toy):
    back = open_store(made).read()
    assert ak.array_equal(back, toy)
    assert back.attrs["hepvision"]["seed"] == 3
    assert back.Photon.energy.tolist() == toy.Photon.energy.tolist()


def test_streams_are_row_groups_and_rows_can_be_cut_out(made, toy):
    store = open_store(made)
    assert [len(piece) for piece in store.stream()] == [250, 250, 100]
    some = store.read(["event_id", "Photon.pt"], start=240, stop=260)
    assert some.fields == ["event_id", "Photon"]
    assert some.Photon.pt.tolist() == toy.Photon.pt[240:260].tolist()
    with pytest.raises(UnknownNameError, match="Did you mean 'Photon.pt'"):
        store.read(["Photon.ptt"])
    with pytest.raises(IndexError, match="has events 0 to 599"):
        store.read(start=600)


def test_any_parquet_tool_reads_it(made, toy):
    table = pq.read_table(made / "part-000000.parquet")
    assert table.column("Photon").to_pylist()[0] == toy.Photon[0].tolist()


def test_damage_is_named(made):
    part = made / "part-000000.parquet"
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 0xFF
    part.write_bytes(data)
    with pytest.raises(CorruptFileError, match="checksum differs"):
        open_store(made).read()
    part.write_bytes(data[:-10])
    with pytest.raises(CorruptFileError, match=r"must hold \d+ bytes, got \d+ bytes"):
        open_store(made)
    part.unlink()
    with pytest.raises(CorruptFileError, match="got nothing"):
        open_store(made)


def test_a_newer_format_a_bare_folder_and_a_damaged_manifest_are_refused(made, tmp_path):
    manifest = json.loads((made / "manifest.json").read_text())
    (made / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(SchemaError, match="newer hepvision"):
        open_store(made)
    (made / "manifest.json").write_text("[]")
    with pytest.raises(CorruptFileError, match="manifest is damaged"):
        open_store(made)
    with pytest.raises(CorruptFileError, match="must be a store, got a folder of other files"):
        open_store(tmp_path)


def test_what_was_finished_is_kept_and_what_was_not_is_no_store(tmp_path, toy):
    path = tmp_path / "store"
    writer = StoreWriter(path, {"seed": 1})
    writer.add(0, toy[:10])
    with pytest.raises(CorruptFileError, match="not finished"):
        Store(path)
    again = StoreWriter(path, {"seed": 1})
    done = again.done()
    assert list(done) == [0]
    store = again.finish([done[0], again.add(1, toy[10:30])], {})
    assert ak.array_equal(store.read(), toy[:30])
    (path / "part-000001.parquet").unlink()
    with pytest.raises(SchemaError, match=r"made with other settings \(seed=1\), got seed=2"):
        StoreWriter(path, {"seed": 2})


def test_a_damaged_part_is_made_again(tmp_path, toy):
    writer = StoreWriter(tmp_path / "store", {"seed": 1})
    writer.add(0, toy[:10])
    (tmp_path / "store" / "part-000000.parquet").write_bytes(b"PAR1")
    assert writer.done() == {}


def test_a_folder_with_other_files_is_left_alone(tmp_path, toy):
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(SchemaError, match=r"got 'thesis.tex' in it"):
        StoreWriter(tmp_path, {"seed": 1})
    with pytest.raises(SchemaError, match="must be empty"):
        write_store(tmp_path, toy)
    assert (tmp_path / "thesis.tex").read_text() == "mine"


def test_a_full_disk_leaves_nothing_that_looks_whole(tmp_path, toy, monkeypatch):
    def full(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(OSError, match="No space left"):
        write_store(tmp_path / "store", toy)
    assert not (tmp_path / "store").exists()


def test_small_events_share_a_row_group(tmp_path, toy):
    """Column chunks of a few hundred small events would cost more than their content."""
    write_store(tmp_path / "store", toy)
    assert [len(piece) for piece in open_store(tmp_path / "store").stream()] == [600]


def test_a_part_made_elsewhere_is_the_same(tmp_path, toy):
    here, there = (StoreWriter(tmp_path / name, {"seed": 1}) for name in ("here", "there"))
    assert here.add(0, toy, {"cuts": 1}) == there.add(0, encoded(toy), {"cuts": 1})
    parts = [(tmp_path / name / "part-000000.parquet").read_bytes() for name in ("here", "there")]
    assert parts[0] == parts[1]


def test_a_store_has_the_fields_of_all_its_parts(tmp_path, toy):
    writer = StoreWriter(tmp_path / "store", {"seed": 1})
    less = ak.without_field(toy[10:20], ["EcalBarrelHit", "time"])
    less = ak.without_field(less, "Photon")
    store = writer.finish([writer.add(0, toy[:10]), writer.add(1, less)], {})
    assert "EcalBarrelHit.energy" in store.fields and "EcalBarrelHit.time" not in store.fields
    assert not any(name.startswith("Photon") for name in store.fields)
    events = store.read()
    assert events.fields == [name for name in toy.fields if name != "Photon"]
    assert events.EcalBarrelHit.fields == ["ieta", "iphi", "energy"]
    assert events.EcalBarrelHit.energy.tolist() == toy.EcalBarrelHit.energy[:20].tolist()
    with pytest.raises(UnknownNameError, match="no field 'EcalBarrelHit.time'"):
        store.read(["EcalBarrelHit.time"])


def test_a_folder_of_other_files_is_no_missing_store(tmp_path):
    (tmp_path / "a.root").write_bytes(b"root")
    with pytest.raises(CorruptFileError, match="got a folder of other files.*hepvision convert"):
        open_store(tmp_path)


def test_the_first_events_of_a_part_are_a_part(tmp_path, toy):
    whole = encoded(toy)
    assert whole.first(len(toy)) is whole and whole.first(len(toy) + 1) is whole
    cut, direct = whole.first(7), encoded(toy[:7])
    assert (cut.events, cut.fields) == (7, direct.fields)
    stores = []
    for name, part in (("cut", cut), ("direct", direct)):
        writer = StoreWriter(tmp_path / name, {"seed": 1})
        stores.append(writer.finish([writer.add(0, part)], {}).read())
    assert stores[0].fields == stores[1].fields
    assert ak.to_list(stores[0]) == ak.to_list(stores[1])

"""Files become a store: whole, the same with any number of workers, and never half in silence."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import CardError, CorruptFileError, SchemaError, UnknownNameError
from hepvision.events.store import Store, StoreWriter, open_store
from hepvision.studies._conversion_record import _not_in_all
from hepvision.studies._pieces import merged
from hepvision.studies.convert import convert
from toy_reader import toy_file, toy_reader

from shared_data import shared

FILES = 10


def lines(file: int, events: int = 7) -> list[list[float]]:
    """Event ``n`` has ``n % 3`` photons."""
    return [[n, *(10.0 + file + n + k for k in range(n % 3))] for n in range(events)]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Ten files with seven events each, a reader's pieces are of three."""
    for number in range(FILES):
        toy_file(tmp_path / "data" / f"f{number}.lines", lines(number))
    return tmp_path / "data"


@pytest.fixture
def reader(tmp_path: Path) -> str:
    return toy_reader(tmp_path)


def store(files: Any, out: Path, reader: str, **options: Any) -> Store:
    settings: dict[str, Any] = {"label": "toy", "progress": False, "components": [reader]}
    return convert(files, out, **{**settings, **options})


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_store_holds_the_events_of_all_files(data: Path, reader: str, tmp_path: Path) -> None:
    made = store(data, tmp_path / "out", reader)
    events = made.read()
    assert len(made) == len(events) == 70
    assert events.Photon.pt.tolist() == [one[1:] for f in range(FILES) for one in lines(f)]
    assert events.event.tolist() == list(range(7)) * FILES
    assert set(events["sample"].tolist()) == {"toy"}
    expected = [(file << 40) + row for file in range(FILES) for row in range(7)]
    assert events.event_id.tolist() == expected
    told = made.manifest["provenance"]
    assert told["reader"] == "my_lines" and told["sample"] == "toy" and told["skipped"] == []
    for number, one in enumerate(told["files"]):
        raw = (data / f"f{number}.lines").read_bytes()
        assert one["file"] == str(data / f"f{number}.lines")
        assert (one["bytes"], one["events"]) == (len(raw), 7)
        assert one["sha256"] == sha256(raw).hexdigest()


def test_the_same_bytes_however_it_is_made(data: Path, reader: str, tmp_path: Path) -> None:
    """One worker, two, a format that is read from its start, and an interrupted run."""
    cuts = ["num(Photon) >= 1", "Photon = Photon[Photon.pt > 14]"]
    store(data, tmp_path / "one", reader, select=cuts)
    store(data, tmp_path / "two", reader, select=cuts, workers=2)
    for name in ("one", "two"):
        assert list(tmp_path.joinpath(name).glob(".*")) == []
    assert content(tmp_path / "one") == content(tmp_path / "two")
    pipe = toy_reader(tmp_path, "MyPipe")
    store(data, tmp_path / "pipe", pipe, select=cuts)
    store(data, tmp_path / "pipe2", pipe, select=cuts, workers=2)
    assert content(tmp_path / "pipe") == content(tmp_path / "pipe2") == content(tmp_path / "one")


@pytest.mark.parametrize("symbol", ["MyLines", "MyPipe"])
@pytest.mark.parametrize("after", [0, 1, 10])
def test_interrupted_conversions_go_on(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, symbol: str, after: int
) -> None:
    reader = toy_reader(tmp_path, symbol)
    store(data, tmp_path / "whole", reader)
    made: list[int] = []
    add = StoreWriter.add

    def failing(self: StoreWriter, chunk: int, *rest: Any) -> dict[str, Any]:
        if len(made) == after:
            raise KeyboardInterrupt
        made.append(chunk)
        return add(self, chunk, *rest)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(StoreWriter, "add", failing)
        store(data, tmp_path / "broken", reader)
    if after:
        with pytest.raises(CorruptFileError, match=r"the store is not finished\. Run the command"):
            open_store(tmp_path / "broken")
    else:
        assert not (tmp_path / "broken").exists()
    with monkeypatch.context() as patched:
        patched.setattr(
            StoreWriter, "add", lambda self, n, *rest: made.append(n) or add(self, n, *rest)
        )
        store(data, tmp_path / "broken", reader)
    assert made == list(range(30))
    assert content(tmp_path / "broken") == content(tmp_path / "whole")
    before = (tmp_path / "broken" / "manifest.json").stat().st_mtime_ns
    store(data, tmp_path / "broken", reader)
    assert (tmp_path / "broken" / "manifest.json").stat().st_mtime_ns == before


@pytest.mark.slow
def test_a_killed_process_goes_on(data: Path, reader: str, tmp_path: Path) -> None:
    for number in range(FILES):
        toy_file(data / f"f{number}.lines", lines(number, 200))
    store(data, tmp_path / "whole", reader)
    words = [sys.executable, "-c", "import sys; from hepvision.cli import main; sys.exit(main())"]
    words += ["convert", str(data), "--label", "toy", "-o", str(tmp_path / "out"), "--quiet"]
    words += ["--component", reader]
    with subprocess.Popen(words, cwd=tmp_path) as process:
        while len(list((tmp_path / "out").glob("part-*.json"))) < 20:
            assert process.poll() is None
            time.sleep(0.02)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert not (tmp_path / "out" / "manifest.json").exists()
    assert subprocess.run(words, cwd=tmp_path, check=False).returncode == 0
    assert content(tmp_path / "out") == content(tmp_path / "whole")


HURT = {
    "at the head": ("nonsense\n1 2\n", "must begin with # lines, got 'nonsense'"),
    "in the middle": ("# lines\n0\n1 12\n2 13 14\n3\n4 x5\n5 17 18\n6\n", "must hold numbers"),
    "empty": ("", "must hold data, got an empty file"),
}


@pytest.mark.parametrize("where", HURT)
@pytest.mark.parametrize("workers", [1, 2])
def test_ten_files_and_one_is_broken(
    data: Path, reader: str, tmp_path: Path, where: str, workers: int
) -> None:
    text, rule = HURT[where]
    (data / "f3.lines").write_text(text)
    with pytest.raises(CorruptFileError, match=rule) as error:
        store(data, tmp_path / "out", reader, workers=workers)
    assert str(data / "f3.lines") in str(error.value) and "--skip-broken" in str(error.value)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out" / "manifest.json").exists()
    # the parts that are there are used
    made = store(data, tmp_path / "out", reader, workers=workers, skip_broken=True)
    events = made.read()
    assert len(events) == 63
    files = ak.to_numpy(events.event_id) >> np.uint64(40)
    assert np.unique(files).tolist() == [0, 1, 2, 4, 5, 6, 7, 8, 9]
    (skipped,) = made.manifest["provenance"]["skipped"]
    assert skipped["file"] == str(data / "f3.lines") and rule in skipped["error"]
    assert len(made.manifest["provenance"]["files"]) == 9
    assert len(list((tmp_path / "out").glob("part-*"))) == len(made.manifest["parts"])
    fresh = store(data, tmp_path / "fresh", reader, skip_broken=True)
    assert content(fresh.path) == content(tmp_path / "out")


def test_nothing_but_broken_files(data: Path, reader: str, tmp_path: Path) -> None:
    for path in data.iterdir():
        path.write_text("# lines\n1 x\n" if path.stem == "f0" else "nonsense")
    with pytest.raises(CorruptFileError, match="9 of 10 files are broken") as error:
        store(data, tmp_path / "out", reader)
    assert "\n" not in str(error.value) and "and 4 more" in str(error.value)
    with pytest.raises(CorruptFileError, match="10 of 10 files are broken"):
        store(data, tmp_path / "out", reader, skip_broken=True)
    assert not (tmp_path / "out" / "manifest.json").exists()
    with pytest.raises(CorruptFileError, match="must hold numbers") as error:
        store(data / "f0.lines", tmp_path / "single", reader)
    assert "skip" not in str(error.value)


def test_other_settings_are_refused(data: Path, reader: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    store(data, out, reader)
    for options, text in (
        ({"label": "other"}, r"other settings \(label='toy'\), got label='other'"),
        ({"select": "weight > 0"}, r"select=\[\]"),
        ({"options": {"unit": "MeV"}}, r"options=\{\}"),
    ):
        with pytest.raises(SchemaError, match=text):
            store(data, out, reader, **options)
    toy_file(data / "f3.lines", lines(30))
    with pytest.raises(SchemaError, match=r"made from other files, got f3\.lines new and f3"):
        store(data, out, reader)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "thesis.tex").write_text("mine")
    with pytest.raises(SchemaError, match=r"must be empty or a store, got 'thesis\.tex'"):
        store(data, tmp_path / "notes", reader)
    with pytest.raises(ValueError, match="must not lie in a store"):
        store(data, out / "below", reader)
    assert len(open_store(out)) == 70


def test_a_full_disk_is_told_and_the_rest_goes_on(
    data: Path, reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = StoreWriter.add

    def full(self: StoreWriter, chunk: int, *rest: Any) -> dict[str, Any]:
        if chunk == 4:
            raise OSError(28, "No space left on device")
        return add(self, chunk, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(StoreWriter, "add", full)
        with pytest.raises(OSError, match=r"needs space, got a full disk\. Free some and run"):
            store(data, tmp_path / "out", reader)
    assert len(list((tmp_path / "out").glob("part-*.json"))) == 4
    assert len(store(data, tmp_path / "out", reader)) == 70


def test_options_reach_the_reader(data: Path, reader: str, tmp_path: Path) -> None:
    made = store(data / "f0.lines", tmp_path / "out", reader, options={"unit": "MeV"})
    assert ak.max(made.read().Photon.pt) == pytest.approx(0.016)
    assert made.manifest["provenance"]["options"] == {"unit": "MeV"}
    with pytest.raises(CardError, match=r"no key 'units'\. Did you mean 'unit'\?"):
        store(data, tmp_path / "x", reader, options={"units": "MeV"})
    with pytest.raises(CardError, match="unit: must be 'GeV' or 'MeV', got 'TeV'"):
        store(data, tmp_path / "x", reader, options={"unit": "TeV"})
    with pytest.raises(UnknownNameError, match="Did you mean 'my_lines'"):
        store(data, tmp_path / "x", reader, format="my_line")
    with pytest.raises(UnknownNameError, match="Did you mean 'my_lines'"):  # before all else
        store(tmp_path / "absent.lines", tmp_path / "x", reader, format="my_line")
    assert not (tmp_path / "x").exists()


def test_selections_have_a_cut_flow(data: Path, reader: str, tmp_path: Path) -> None:
    made = store(data, tmp_path / "out", reader, select=["num(Photon) >= 1", "max(Photon.pt) > 20"])
    assert made.manifest["provenance"]["cut_flow"]["passed"] == [70, 40, len(made)]
    assert made.manifest["provenance"]["counts"] == {"read": 70, "stored": len(made)}
    assert float(ak.min(ak.max(made.read().Photon.pt, axis=1))) > 20


@pytest.mark.parametrize(
    ("select", "error", "text"),
    [
        ("num(Photon) > 5", ValueError, "must pass some events, got 0 of 70. Loosen"),
        ("num(Foton) > 5", UnknownNameError, "f0.lines: events: no field 'Foton'"),
        ("Photon.pt > 5", SchemaError, "f0.lines: selection: must give one truth value"),
        ("Photon.pt >", SchemaError, "must be an expression"),
    ],
)
@pytest.mark.parametrize("workers", [1, 2])
def test_selections_that_cannot_be_leave_nothing(
    data: Path, reader: str, tmp_path: Path, select: str, error: type, text: str, workers: int
) -> None:
    with pytest.raises(error, match=text):
        store(data, tmp_path / "out", reader, select=select, workers=workers)
    assert not (tmp_path / "out").exists()


def test_the_cut_that_leaves_no_event_is_named(data: Path, reader: str, tmp_path: Path) -> None:
    cuts = ["num(Photon) > 0", "num(Photon) > 5", "num(Photon) > 1"]
    with pytest.raises(ValueError, match=r"0 of 70: 'num\(Photon\) > 5' leaves none of 40. Loosen"):
        store(data, tmp_path / "out", reader, select=cuts)


def test_folders_patterns_and_repeats(data: Path, reader: str, tmp_path: Path) -> None:
    toy_file(data / "below" / "g.lines", lines(40))
    toy_file(data / ".hidden" / "h.lines", lines(41))
    toy_file(data / "square[1].lines", lines(42))
    (data / "README.md").write_text("# Not data")
    made = store([data / "f0.lines", data], data / "out", reader)
    files = [Path(one["file"]).name for one in made.manifest["provenance"]["files"]]
    assert files[:2] == ["f0.lines", "g.lines"] and len(files) == 12
    assert "square[1].lines" in files and "h.lines" not in files
    # the store below is not read, and is no input
    assert len(store([data / "f0.lines", data], data / "out", reader)) == len(made) == 84
    with pytest.raises(ValueError, match="got a store. It is one already"):
        store(data / "out", tmp_path / "again", reader)
    made = store([str(data / "f[1-3].lines"), data / "square[1].lines"], tmp_path / "some", reader)
    assert len(made) == 28
    assert len(store(str(data / "**/g.*"), tmp_path / "deep", reader)) == 7
    for none in ("*.root", "f99.lines"):
        with pytest.raises(FileNotFoundError, match="no such file. Check the path"):
            store(str(data / none), tmp_path / "none", reader)
    with pytest.raises(FileNotFoundError, match="must hold files of a known format, got 1 others"):
        (tmp_path / "notes").mkdir()
        (tmp_path / "notes" / "a.md").write_text("# Not data")
        store(tmp_path / "notes", tmp_path / "none", reader)
    with pytest.raises(FileNotFoundError, match="at least one, got none"):
        store([], tmp_path / "none", reader)


def test_the_same_content_twice_is_refused(data: Path, reader: str, tmp_path: Path) -> None:
    (data / "g.lines").write_bytes((data / "f2.lines").read_bytes())
    with pytest.raises(SchemaError, match=r"g\.lines: must differ from .*f2\.lines"):
        store(data, tmp_path / "out", reader)
    assert not (tmp_path / "out").exists()


def test_no_events_at_all(reader: str, tmp_path: Path) -> None:
    empty = toy_file(tmp_path / "empty.lines", [])
    with pytest.raises(SchemaError, match="must hold events, got none"):
        store(empty, tmp_path / "out", reader)
    full = toy_file(tmp_path / "full.lines", lines(0))
    made = store([empty, full], tmp_path / "out", reader)
    assert [one["events"] for one in made.manifest["provenance"]["files"]] == [0, 7]
    assert made.read().event_id.tolist() == [(1 << 40) + row for row in range(7)]


def test_small_files_share_a_part(reader: str, tmp_path: Path) -> None:
    """Formats of one event a file would else make as many parts."""
    numbers = [1, 2, 1, 1, 5, 1, 0, 2, 1]
    for file, events in enumerate(numbers):
        toy_file(tmp_path / "data" / f"f{file}.lines", lines(file, events), f"# lines {file}")
    made = store(tmp_path / "data", tmp_path / "out", reader)
    # pieces of three: files 0 and 1, 2 and 3, 4 in two, 5 and 7, 8
    assert [part["events"] for part in made.manifest["parts"]] == [3, 2, 3, 2, 3, 1]
    expected = [(file << 40) + row for file, n in enumerate(numbers) for row in range(n)]
    assert made.read().event_id.tolist() == expected
    store(tmp_path / "data", tmp_path / "two", reader, workers=2)
    assert content(tmp_path / "two") == content(tmp_path / "out")


@pytest.mark.parametrize("workers", [1, 2])
def test_a_broken_small_file_leaves_its_neighbours(
    reader: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    for file in range(6):
        toy_file(tmp_path / "data" / f"f{file}.lines", lines(file, 1), f"# lines {file}")
    toy_file(tmp_path / "data" / "f1.lines", [["x"]])  # type: ignore[list-item]
    with pytest.raises(CorruptFileError, match=r"1 of 6 files are broken: .*f1\.lines"):
        store(tmp_path / "data", tmp_path / "out", reader, workers=workers)
    add = StoreWriter.add

    def failing(self: StoreWriter, chunk: int, *rest: Any) -> dict[str, Any]:
        if chunk == 1:
            raise KeyboardInterrupt
        return add(self, chunk, *rest)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(StoreWriter, "add", failing)
        store(tmp_path / "data", tmp_path / "out", reader, skip_broken=True)
    # what was left out before is not forgotten
    with pytest.raises(CorruptFileError, match=r"1 of 6 files are broken: .*f1\.lines"):
        store(tmp_path / "data", tmp_path / "out", reader, workers=workers)
    made = store(tmp_path / "data", tmp_path / "out", reader, workers=workers, skip_broken=True)
    assert (made.read().event_id.to_numpy() >> np.uint64(40)).tolist() == [0, 2, 3, 4, 5]
    told = made.manifest["provenance"]
    assert [Path(one["file"]).name for one in told["skipped"]] == ["f1.lines"]
    assert len(told["files"]) == 5
    fresh = store(tmp_path / "data", tmp_path / "fresh", reader, skip_broken=True)
    assert content(fresh.path) == content(made.path)


def test_small_files_of_different_fields(reader: str, tmp_path: Path) -> None:
    for file, head in enumerate(["# lines", "# lines with r9", "# lines"]):
        toy_file(tmp_path / "data" / f"f{file}.lines", [[0, 20.0 + file]], head)
    made = store(tmp_path / "data", tmp_path / "out", reader)
    assert len(made.manifest["parts"]) == 1
    assert made.manifest["provenance"]["not_in_all"] == ["Photon.r9"]
    assert made.read().Photon.fields == ["pt", "eta", "phi", "mass"]


def test_what_readers_count_is_added_and_told_once(
    data: Path, reader: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        made = store(data, tmp_path / "out", reader)
    told = made.manifest["provenance"]
    assert told["repaired"] == {"Photon.pt": 70}
    assert told["lacks"] == [f"f{number}" for number in range(FILES)]
    assert told["labels"] == {"0": "lines"} and told["head"] == "# lines"
    assert made.attrs["labels"] == {"0": "lines"}
    assert [one.message for one in caplog.records] == ["70 values were put right of Photon.pt."]


def test_meanings_must_agree_and_other_words_need_not(
    data: Path, reader: str, tmp_path: Path
) -> None:
    toy_file(data / "f3.lines", lines(3), "# lines of another day")
    told = store(data, tmp_path / "out", reader).manifest["provenance"]
    assert "head" not in told
    assert told["files"][3]["attrs"] == {"head": "# lines of another day"}
    assert told["files"][4]["attrs"] == {"head": "# lines"}
    toy_file(data / "f3.lines", lines(3), "# lines, others")
    with pytest.raises(SchemaError, match=r"f3.lines: labels must be that of .*f0.lines, .*got"):
        store(data, tmp_path / "others", reader)
    assert not (tmp_path / "others").exists()


def test_fields_that_not_all_have_are_left_out_and_told(
    data: Path, reader: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    toy_file(data / "f0.lines", lines(0), "# lines with r9")
    made = store(data, tmp_path / "out", reader)
    assert made.manifest["provenance"]["not_in_all"] == ["Photon.r9"]
    assert "Left out, as not all files have it: 1 fields (Photon.r9)." in caplog.text
    assert "r9" not in made.read().Photon.fields


def test_collections_that_not_all_have_are_told_as_wholes(caplog: pytest.LogCaptureFixture) -> None:
    record: dict[str, Any] = {"record": {}}
    first = {"fields": ["Jet.pt", "Jet.area", "Photon.pt", "Photon.r9", "weight"], **record}
    second = {"fields": ["Jet.pt", "weight"], **record}
    with caplog.at_level(logging.WARNING):
        assert len(_not_in_all([first, second])) == 3
    assert "Left out, as not all files have it: the whole of Photon and 1 fields (Jet.area)." in (
        caplog.text
    )


def test_options_of_readers_are_named_where_files_differ() -> None:
    files = [("a.root", {"met": "MET", "jetIdx": ""}), ("b.root", {"met": "", "jetIdx": "Jet"})]
    for given in (files, files[::-1]):  # a file without constituents says nothing of their jets
        assert merged(given) == {"met": "MET", "jetIdx": "Jet"}
    with pytest.raises(
        SchemaError, match=r"b.root: MET must be that of a.root, 'MET', got 'PuppiMET'.*--option m"
    ):
        merged([files[0], ("b.root", {"met": "PuppiMET"})])


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"label": " "}, "label: must be a name, got ' '"),
        ({"workers": 0}, "workers: must be positive, got 0"),
    ],
)
def test_wrong_settings(
    data: Path, reader: str, tmp_path: Path, options: dict[str, Any], text: str
) -> None:
    with pytest.raises(ValueError, match=text):
        store(data, tmp_path / "out", reader, **options)
    assert not (tmp_path / "out").exists()


def test_a_file_that_may_not_be_read(data: Path, reader: str, tmp_path: Path) -> None:
    (data / "f3.lines").chmod(0)
    if os.access(data / "f3.lines", os.R_OK):
        pytest.skip("this user may read everything")
    with pytest.raises(CorruptFileError, match=r"f3\.lines: permission denied"):
        store(data, tmp_path / "out", reader)
    made = store(data, tmp_path / "out", reader, skip_broken=True)
    assert len(made) == 63


def test_formats_must_not_mix(data: Path, reader: str, tmp_path: Path) -> None:
    real = shared("data", "cms_ispy", "MinimumBias_Run2012C_0.ig")
    with pytest.raises(SchemaError, match=r"one format, got ispy \(.*MinimumBias.* and my_lines"):
        store([data, real], tmp_path / "out", reader)


def test_real_collisions_are_those_of_the_file(tmp_path: Path) -> None:
    from hepvision.readers.ispy import Ispy

    real = shared("data", "cms_ispy", "DoublePhoton_Run2012B_0.ig")
    made = convert(real, tmp_path / "out", label="real", progress=False)
    there = Ispy().read(real)
    events = made.read()
    for name in there.fields:
        if name not in {"event_id", "sample"}:
            assert ak.array_equal(events[name], there[name]), name
    assert made.manifest["provenance"]["readout"] == "reduced"
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["events"] == 25

"""DUNE CVN pictures: against zlib and numpy alone, and broken in every way."""

from __future__ import annotations

import contextlib
import zlib
from pathlib import Path

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import CorruptFileError, SchemaError, UserError
from hepvision.readers.dune_cvn import DuneCvn
from readers.written.dune_cvn import write

from shared_data import shared

FLAVOURS = {"numu": 0, "nue": 1, "nc": 3}


def plain(path: Path) -> tuple[np.ndarray, list[float]]:
    picture = np.frombuffer(zlib.decompress(path.read_bytes()), np.uint8).reshape(3, 500, 500)
    return picture, [float(line) for line in path.with_suffix(".info").read_text().split()]


def filled(events: ak.Array) -> np.ndarray:
    picture = np.zeros(np.prod(events.attrs["hepvision"]["image"]["shape"]))
    picture[events[0].Pixel.index] = events[0].Pixel.value
    return picture.reshape(events.attrs["hepvision"]["image"]["shape"])


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_samples(flavour: str) -> None:
    files = sorted(shared("data", "dune_cvn", flavour).glob("*.gz"))
    assert len(files) == 80
    for path in files[::4]:
        assert DuneCvn().recognises(path)
        assert not DuneCvn().recognises(path.with_suffix(".info"))
        picture, told = plain(path)
        events = DuneCvn().read(path)
        one = events[0]
        np.testing.assert_array_equal(filled(events), picture)
        assert len(one.Pixel) == np.count_nonzero(picture)
        assert one.label == FLAVOURS[flavour]
        assert one.weight == told[6]
        primary = one.Primary[0]
        assert primary.energy == pytest.approx(told[1])
        assert primary.leptonEnergy == pytest.approx(told[2])
        assert primary.interaction == told[0]
        assert primary.pdgId == (told[7] if flavour != "nc" else 0)
        counts = [primary[name] for name in ("nProton", "nPion", "nPizero", "nNeutron")]
        assert counts == told[8:12]
        assert events.attrs["hepvision"]["labels"][str(one.label)].startswith(flavour.upper()) or (
            events.attrs["hepvision"]["labels"][str(one.label)].startswith(flavour)
        )


def test_leptons_take_no_more_than_the_neutrino_has() -> None:
    """Energy is conserved where the neutrino turns into its lepton."""
    files = shared("data", "dune_cvn", "nue").glob("*.gz")
    primaries = [DuneCvn().read(path)[0].Primary[0] for path in list(files)[:20]]
    assert all(one.leptonEnergy < one.energy for one in primaries)
    assert {abs(one.pdgId) for one in primaries} == {12}


def test_written(tmp_path: Path) -> None:
    path = tmp_path / "event12.gz"
    truth = write(path)
    events = DuneCvn().read(path)
    one = events[0]
    np.testing.assert_array_equal(filled(events), truth["picture"])
    assert (one.event, one.event_id, one.label, one.weight) == (12, 12, 1, 0.25)
    assert one.Primary.pdgId.tolist() == [-12]
    assert one.Primary.energy[0] == pytest.approx(truth["energy"][0])
    assert events.attrs["hepvision"]["interactions"]["5"] == "nue CC resonance"
    assert DuneCvn().count(path) == 1
    assert len(DuneCvn().read(path, slice(1, None))) == 0
    with pytest.raises(ValueError, match="size must be 1 or more"):
        next(DuneCvn().stream(path, 0))


def test_without_truth(tmp_path: Path) -> None:
    path = tmp_path / "event12.gz"
    write(path)
    path.with_suffix(".info").unlink()
    events = DuneCvn().read(path)
    assert "Primary" not in events.fields
    assert "label" not in events.fields
    assert events.attrs["hepvision"]["missing"] == {"info": 1}


def test_newer_truth_has_a_sixteenth_line(tmp_path: Path) -> None:
    path = tmp_path / "event12.gz"
    write(path)
    info = path.with_suffix(".info")
    info.write_text(info.read_text() + "0.31\n")
    assert DuneCvn().read(path)[0].label == 1


def test_other_shapes(tmp_path: Path) -> None:
    path = tmp_path / "event0.gz"
    path.write_bytes(zlib.compress(bytes(range(24))))
    events = DuneCvn(views=2, wires=3, ticks=4).read(path)
    assert filled(events).ravel().tolist() == list(range(24))
    assert events.attrs["hepvision"]["image"]["channels"] == ["view 0", "view 1"]
    for shape in ((2, 3, 3), (2, 3, 5)):
        with pytest.raises(SchemaError, match="Give its views, wires and ticks"):
            DuneCvn(*shape).read(path)
    with pytest.raises(ValueError, match="1 to 67108864 pixels"):
        DuneCvn(wires=0)
    with pytest.raises(ValueError, match="1 to 67108864 pixels"):
        DuneCvn(wires=2**40, ticks=2**40)


@pytest.mark.parametrize(
    ("line", "value", "error", "words"),
    [
        (0, "16", SchemaError, "interaction from 0 to 15, got 16"),
        (0, "-1", SchemaError, "interaction from 0 to 15"),
        (0, "2.5", CorruptFileError, "2.5"),
        (1, "much", CorruptFileError, "much"),
        (1, "nan", CorruptFileError, "finite"),
        (1, "-3", SchemaError, "counts and energies"),
        (6, "inf", CorruptFileError, "finite"),
        (8, "-1", SchemaError, "counts and energies"),
        (9, "99999", SchemaError, "counts and energies"),
        (10, "", CorruptFileError, "a number a line"),
        (14, "1\n2\n3", SchemaError, "15 or 16 lines, got 17"),
        (14, "1\0", CorruptFileError, "a number a line"),
        (14, "é", CorruptFileError, "a number a line"),
    ],
)
def test_broken_truth(
    tmp_path: Path, line: int, value: str, error: type[Exception], words: str
) -> None:
    path = tmp_path / "event0.gz"
    write(path)
    info = path.with_suffix(".info")
    lines = info.read_text().splitlines()
    lines[line] = value
    info.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(error, match=words) as said:
        DuneCvn().read(path)
    assert "event0.info" in str(said.value)
    assert "\n" not in str(said.value)


def test_every_cut_and_flip_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "event0.gz"
    truth = write(path, events=2)
    content, same = path.read_bytes(), 0
    for stop in range(0, len(content), 37):
        path.write_bytes(content[:stop])
        with pytest.raises(UserError, match=r"event0\.gz"):
            DuneCvn().read(path)
        flipped = bytearray(content)
        flipped[stop] ^= 1 << stop % 8
        path.write_bytes(flipped)
        with contextlib.suppress(UserError):
            # zeros that are copied from other zeros unpack to the same picture
            np.testing.assert_array_equal(filled(DuneCvn().read(path)), truth["picture"])
            same += 1
    assert same < 0.5 * len(content) / 37
    path.write_bytes(content + b"x")
    with pytest.raises(CorruptFileError, match="must end with the stream"):
        DuneCvn().read(path)
    path.write_bytes(content)
    info = path.with_suffix(".info")
    text = info.read_text()
    for stop in range(len(text)):
        info.write_text(text[:stop])
        with pytest.raises(UserError, match=r"event0\.info"):
            DuneCvn().read(path)


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "event0.gz"
    path.write_bytes(zlib.compress(bytes(50_000_000)))
    with pytest.raises(SchemaError, match="must hold 750000 pixels, got more"):
        DuneCvn().read(path)


def test_other_files(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        DuneCvn().read(tmp_path)
    assert not DuneCvn().recognises(tmp_path)
    assert not DuneCvn().recognises(shared("data", "trackml", "detectors.csv.gz"))


def test_companions(tmp_path: Path) -> None:
    path = tmp_path / "event0.gz"
    write(path)
    assert [one.name for one in DuneCvn().companions(path)] == ["event0.info"]
    path.with_suffix(".info").unlink()
    assert DuneCvn().companions(path) == ()

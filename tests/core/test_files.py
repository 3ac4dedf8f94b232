"""Files are whole or not there."""

import json

import pytest

from hepvision.core.errors import CorruptFileError
from hepvision.core.files import (
    atomic_folder,
    atomic_write,
    read_json,
    refuse_plain,
    sha256,
    write_json,
)


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    with pytest.raises(OSError, match="disk"), atomic_write(path) as file:
        file.write(b"half")
        raise OSError("disk full")
    assert read_json(path) == {"a": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_a_folder_in_the_way_is_named_as_the_user_did(tmp_path):
    with pytest.raises(IsADirectoryError) as caught, atomic_write(tmp_path) as file:
        file.write(b"all")
    assert caught.value.filename == str(tmp_path)
    assert not list(tmp_path.iterdir())


def test_failed_folder_leaves_the_old_folder(tmp_path):
    folder = tmp_path / "bundle"
    with atomic_folder(folder) as made:
        (made / "old").write_text("1")
    with pytest.raises(KeyboardInterrupt), atomic_folder(folder) as made:
        (made / "new").write_text("2")
        raise KeyboardInterrupt
    assert [entry.name for entry in folder.iterdir()] == ["old"]
    with atomic_folder(folder) as made:
        (made / "new").write_text("2")
    assert [entry.name for entry in folder.iterdir()] == ["new"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["bundle"]


def test_json_refuses_what_is_no_number(tmp_path):
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json(tmp_path / "a.json", float("nan"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, '{"a": }', "\x00"])
def test_damaged_json_is_one_line(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(CorruptFileError, match=r"a\.json: must be JSON") as caught:
        read_json(path)
    assert "\n" not in str(caught.value)


def test_checksum_is_that_of_the_bytes(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    assert sha256(path).startswith("ba7816bf8f01cfea")


def test_keys_are_sorted(tmp_path):
    write_json(tmp_path / "a.json", {"b": 1, "a": 2})
    assert list(json.loads((tmp_path / "a.json").read_text())) == ["a", "b"]


def test_a_folder_of_plain_files_is_told_from_a_store(tmp_path):
    refuse_plain(tmp_path)
    (tmp_path / "events.root").touch()
    with pytest.raises(CorruptFileError, match="Give the files themselves, or make a store"):
        refuse_plain(tmp_path)
    (tmp_path / "plan.json").touch()
    refuse_plain(tmp_path)

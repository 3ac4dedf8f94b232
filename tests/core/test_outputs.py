"""No command writes over what it reads, nor into what another one made."""

import os

import pytest

from hepvision.core.files import write_json
from hepvision.core.outputs import output_file, output_folder, resumable

STORE = {"format": 1, "parts": [], "events": 0}
BUNDLE = {"format": 1, "representations": {}, "model": "mlp"}


def _folder(path, files):
    path.mkdir(parents=True)
    for name, held in files.items():
        write_json(path / name, held)
    return path


KEPT = {
    "store": {"manifest.json": STORE, "plan.json": {"seed": 1}},
    "unfinished": {"plan.json": {"seed": 1}, "part-000000.json": {}},
    "bundle": {"manifest.json": BUNDLE, "weights.json": {}},
    "run": {"card.yaml": {}, "environment.json": {}},
}


@pytest.mark.parametrize("name", ["events.ig", "link.ig", "hard.ig", "sub/../events.ig"])
def test_the_input_by_any_name_is_refused(tmp_path, name):
    events = tmp_path / "events.ig"
    events.write_text("collisions")
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.ig").symlink_to(events)
    os.link(events, tmp_path / "hard.ig")
    with pytest.raises(ValueError, match=r"the output is the input\. Give another"):
        output_file(tmp_path / name, tmp_path / "other.ig", events)
    assert output_file(tmp_path / "page.html", events) == tmp_path / "page.html"
    (tmp_path / "page.html").write_text("an older page")
    assert output_file(tmp_path / "page.html", events) == tmp_path / "page.html"


@pytest.mark.parametrize("kind", KEPT)
@pytest.mark.parametrize("below", ["part-000000.parquet", "new.html", "EB/1/predictions.parquet"])
def test_what_is_kept_whole_takes_no_file(tmp_path, kind, below):
    folder = _folder(tmp_path / "made", KEPT[kind])
    (tmp_path / "link").symlink_to(folder)
    for path in (folder / below, tmp_path / "link" / below):
        for check in (output_file, output_folder):
            with pytest.raises(ValueError, match="must not lie in a"):
                check(path)
    # the folder itself is its maker's, and beside it there is room
    assert output_folder(folder) == folder
    assert output_file(tmp_path / below) == tmp_path / below


@pytest.mark.parametrize(
    "files",
    [
        {"manifest.json": {"name": "a page"}, "card.yaml": {}},
        {"manifest.json": ["parts"], "plan.json": {}, "notes.json": {}},
        {"environment.json": {}},
    ],
)
def test_a_folder_of_ones_own_is_free(tmp_path, files):
    folder = _folder(tmp_path / "mine", files)
    assert output_file(folder / "page.html") == folder / "page.html"


def test_a_damaged_manifest_stops_nothing(tmp_path):
    (tmp_path / "manifest.json").write_text("{")
    assert output_file(tmp_path / "page.html") == tmp_path / "page.html"


def test_a_folder_is_no_file_and_a_file_no_folder(tmp_path):
    with pytest.raises(IsADirectoryError) as caught:
        output_file(tmp_path)
    assert caught.value.filename == str(tmp_path)
    (tmp_path / "notes").write_text("mine")
    for path in (tmp_path / "notes", tmp_path / "notes" / "below" / "it"):
        with pytest.raises(NotADirectoryError) as caught:
            output_folder(path)
        assert caught.value.filename == str(tmp_path / "notes")


@pytest.mark.parametrize("error", [KeyError("x"), KeyboardInterrupt()])
def test_a_failure_leaves_no_folder_without_parts(tmp_path, error):
    with pytest.raises(type(error)), resumable(tmp_path / "new"):
        _folder(tmp_path / "new", {"plan.json": {}})
        raise error
    assert not (tmp_path / "new").exists()
    with pytest.raises(type(error)), resumable(tmp_path / "begun"):
        _folder(tmp_path / "begun", {"plan.json": {}, "part-000000.json": {}})
        raise error
    assert (tmp_path / "begun" / "part-000000.json").exists()
    (tmp_path / "mine").mkdir()
    with pytest.raises(type(error)), resumable(tmp_path / "mine"):
        raise error
    assert (tmp_path / "mine").exists()


def test_a_full_disk_is_told(tmp_path):
    full = pytest.raises(OSError, match="needs space, got a full disk. Free some")
    with full, resumable(tmp_path / "new"):
        raise OSError(28, "No space left on device")

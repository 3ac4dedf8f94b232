"""The command inspect: tables, JSON, options explained, one line for what is broken."""

import json

import pytest

from hepvision.cli import main
from hepvision.core.names import names
from hepvision.events.store import write_store
from hepvision.readers._options import options_of
from toy_events import toy_events

from shared_data import shared


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "toys"
    write_store(path, toy_events(12, seed=1))
    return path


def test_tables(store, capsys):
    assert main(["inspect", str(store)]) == 0
    out = capsys.readouterr().out
    for word in ("toys", "format", "store", "events", "12", "fields", "Photon", "representations"):
        assert word in out


def test_json_is_one_line_a_file(store, capsys):
    assert main(["inspect", str(store), str(store), "--json", "-n", "5"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["looked"] for one in lines] == [5, 5]
    assert lines[0]["fields"]["Photon.pt"]["unit"] == "GeV"


def test_one_broken_file_is_named_and_the_others_are_shown(store, tmp_path, capsys):
    broken = tmp_path / "broken.ig"
    broken.write_text("no zip")
    assert main(["inspect", str(broken), str(store)]) == 2
    out, err = capsys.readouterr()
    assert "toys" in out
    assert err.count("\n") == 1
    assert err.startswith(f"error: {broken}: must be a whole zip")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["absent.root"], "error: absent.root: no such file. Check the path."),
        (["FILE", "--format", "ispi"], "error: readers: no 'ispi'. Did you mean 'ispy'?"),
        (["FILE", "--option", "depth"], "error: option: must be NAME=VALUE, got 'depth'"),
        (["FILE", "--option", "depth=3"], "error: readers ispy: no key 'depth'"),
        (["FILE", "--events", "0"], "error: events: must be 1 or more, got 0."),
    ],
)
def test_a_mistake_is_one_line(words, said, capsys):
    file = str(shared("data", "cms_ispy", "MinimumBias_Run2012C_0.ig"))
    assert main(["inspect", *[file if word == "FILE" else word for word in words]]) == 2
    err = capsys.readouterr().err
    assert err.startswith(said)
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["inspect", "convert"])
def test_help_explains_the_options_of_all_readers(command, capsys):
    assert main([command, "--help"]) == 0
    shown = "".join(capsys.readouterr().out.replace("│", " ").split())
    told = 0
    for name in names("readers"):
        for option in options_of(name):
            assert f"{name}:" in shown
            assert f"{option.name}={option.default}".replace(" ", "") in shown
            assert "".join(option.text.split()) in shown
            assert len(option.text) > 10
            told += 1
    assert told > 3

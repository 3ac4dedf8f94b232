"""The command simulate: a store, or one line that says what to mend and exit code 2."""

import pytest

from hepvision.cli import main
from hepvision.events.store import open_store

pytest.importorskip("pythia8mc")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("simulate") / "gun"
    words = ["simulate", "particle_gun", "-n", "5", "-o", str(folder), "--pileup", "0"]
    assert main([*words, "-p", "pdg_id=22", "--quiet"]) == 0
    return folder


def test_the_store_is_whole_and_says_how_it_was_made(made, capsys):
    store = open_store(made)
    assert len(store) == 5
    assert store.manifest["provenance"]["process"]["pdg_id"] == 22
    assert store.manifest["provenance"]["seed"] == 1


def test_what_was_made_beyond_the_need_is_said(tmp_path, capsys):
    words = ["simulate", "particle_gun", "--pileup", "0", "--quiet"]
    assert main([*words, "-n", "5", "-o", str(tmp_path / "5")]) == 0
    text = "5: 5 events, 10 tried, 5 more passed than were asked for\n"
    assert capsys.readouterr().out.endswith(text)
    assert main([*words, "-n", "10", "-o", str(tmp_path / "10")]) == 0
    assert capsys.readouterr().out.endswith("10: 10 events, 10 tried\n")


def test_the_same_command_again_changes_nothing_and_another_is_refused(made, capsys):
    before = (made / "manifest.json").read_bytes()
    words = ["simulate", "particle_gun", "-n", "5", "-o", str(made), "--pileup", "0", "--quiet"]
    assert main([*words, "-p", "pdg_id=22"]) == 0
    assert main([*words, "-p", "pdg_id=22", "--seed", "2"]) == 2
    assert "made with other settings (seed=1), got seed=2. " in capsys.readouterr().err
    assert (made / "manifest.json").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["higs_to_diphoton", "-n", "5"], "Did you mean 'higgs_to_diphoton'"),
        (["particle_gun", "-n", "5", "--pileup", "-1"], "pileup"),
        (["particle_gun", "-n", "0"], "events"),
        (["particle_gun", "-n", "5", "--seed", "-1"], "seed"),
        (["particle_gun", "-n", "5", "--readout", "ful"], "full"),
        (["particle_gun", "-n", "5", "--workers", "0"], "workers"),
        (["particle_gun", "-n", "5", "--energy", "-8"], "energy"),
        (["particle_gun", "-n", "5", "-p", "colour=blue"], "no key 'colour'"),
        (["particle_gun", "-n", "5", "-p", "colour"], "NAME=VALUE"),
        (["particle_gun", "-n", "5", "--pileup", "0", "--select", "nun(Photon) == 2"], "'num'"),
        (["particle_gun", "-n", "5", "--scheduler", "foo"], "no Dask scheduler answers"),
    ],
)
def test_a_mistake_is_one_line_and_leaves_no_store(tmp_path, capsys, words, text):
    out = tmp_path / "store"
    assert main(["simulate", *words, "-o", str(out), "--quiet"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert text in err
    assert err.count("\n") == 1
    assert not (out / "manifest.json").exists()

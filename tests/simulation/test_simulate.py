"""From a process to a store: the same with any number of workers, resumed, never half."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import CardError, CorruptFileError, SchemaError, UnknownNameError
from hepvision.events.split import split_of
from hepvision.events.store import Store, open_store
from hepvision.simulation import simulate as module
from hepvision.simulation._chunk import Made, make_chunk
from hepvision.simulation._pool import Pool
from hepvision.simulation.simulate import simulate

SMALL = 100


def gun(out: Path, events: int = 25, **options: Any) -> Store:
    """Photons without pile-up, in chunks of ten."""
    return simulate("particle_gun", events, out, **{"pileup": 0, "progress": False, **options})


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ATTEMPTS", 10)


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory, pool: Pool) -> dict[str, ak.Array]:
    """The same events with all hits, those of the hard event, and those of pile-up."""
    folder = tmp_path_factory.mktemp("mixed")
    assert len(pool) == SMALL
    return {
        content: simulate(
            "particle_gun",
            20,
            folder / content,
            pileup=20,
            pool_events=SMALL,
            content=content,
            progress=False,
        ).read()
        for content in ("all", "hard", "pileup")
    }


def test_a_store_holds_what_was_asked_for(tmp_path: Path) -> None:
    store = gun(tmp_path / "gun")
    events = store.read()
    assert len(store) == len(events) == 25
    made = store.manifest["provenance"]
    assert made["counts"] == {
        "tried": 30,
        "vetoed": 0,
        "failed": 0,
        "filtered": 0,
        "accepted": 30,
        "detected": 30,
        "selected": 30,
        "stored": 25,
    }
    assert (
        ak.to_numpy(events.event_id).tolist()
        == [(chunk << 20) + row for chunk in range(3) for row in range(10)][:25]
    )
    np.testing.assert_array_equal(
        ak.to_numpy(events["split"]), split_of(ak.to_numpy(events.event_id))
    )
    assert set(ak.to_numpy(events.pileup)) == {0}
    assert {
        "EcalBarrelHit",
        "EcalEndcapHit",
        "HcalHit",
        "Track",
        "Vertex",
        "Photon",
        "GenPart",
    } <= (set(events.fields))
    assert (ak.num(events.Vertex) >= 1).to_numpy().all()


def test_photons_are_where_they_were_shot(tmp_path: Path) -> None:
    events = gun(tmp_path / "gun", 40).read()
    shot, found = events.GenPart[:, 0], events.Photon
    assert (ak.num(found) >= 1).to_numpy().all()
    energy = found[:, 0].energyCorrected / (shot.pt * np.cosh(shot.eta))
    assert float(np.median(energy.to_numpy())) == pytest.approx(1.0, abs=0.015)
    assert ak.to_numpy(found.genPartFlav[:, 0] == 1).mean() > 0.95


def rows(store: Store) -> list[Any]:
    return store.read().to_list()


def test_the_same_rows_with_two_workers(tmp_path: Path, pool: Pool) -> None:
    options = {"pileup": 5, "pool_events": len(pool), "select": "num(Photon) >= 1"}
    one = gun(tmp_path / "one", **options)
    two = gun(tmp_path / "two", workers=2, **options)
    assert rows(one) == rows(two)
    assert one.manifest == two.manifest


def test_another_seed_gives_other_rows(tmp_path: Path) -> None:
    first, second = gun(tmp_path / "1", seed=1), gun(tmp_path / "2", seed=2)
    energy = [ak.flatten(store.read().EcalBarrelHit.energy).to_numpy() for store in (first, second)]
    assert len(energy[0]) != len(energy[1]) or (energy[0] != energy[1]).any()


def test_interrupted_runs_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two chunks are kept, the rest is made; the store is that of an uninterrupted run."""
    whole = gun(tmp_path / "whole", 45)
    made: list[int] = []

    def failing(item: tuple[Any, int]) -> Made:
        made.append(item[1])
        if len(made) == 3:
            raise KeyboardInterrupt
        return make_chunk(item)

    monkeypatch.setattr(module, "make_chunk", failing)
    with pytest.raises(KeyboardInterrupt):
        gun(tmp_path / "broken", 45)
    with pytest.raises(CorruptFileError, match=r"the store is not finished\. Run the command"):
        open_store(tmp_path / "broken")
    resumed = gun(tmp_path / "broken", 45)
    assert made == [0, 1, 2, 2, 3, 4]
    assert rows(resumed) == rows(whole)
    assert resumed.manifest == whole.manifest
    again = gun(tmp_path / "broken", 45)
    assert len(made) == 6 and again.manifest == whole.manifest


def test_damaged_parts_are_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = gun(tmp_path / "whole", 30)

    def failing(item: tuple[Any, int]) -> Made:
        if item[1] == 2:
            raise KeyboardInterrupt
        return make_chunk(item)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(module, "make_chunk", failing)
        gun(tmp_path / "broken", 30)
    part = tmp_path / "broken" / "part-000001.parquet"
    part.write_bytes(part.read_bytes()[:-50])
    assert rows(gun(tmp_path / "broken", 30)) == rows(whole)


def test_other_settings_are_refused(tmp_path: Path) -> None:
    gun(tmp_path / "gun")
    with pytest.raises(SchemaError, match=r"was made with other settings \(seed=1\), got seed=7"):
        gun(tmp_path / "gun", seed=7)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("mine")
    with pytest.raises(SchemaError, match=r"must be empty or a store, got 'notes\.txt'"):
        gun(tmp_path / "other")


def test_selection_and_cut_flow(tmp_path: Path) -> None:
    cuts = ["num(Photon) == 1", "all(Photon.pt > 60)"]
    store = gun(tmp_path / "gun", 12, select=cuts)
    events, made = store.read(), store.manifest["provenance"]
    assert len(events) == 12 and (events.Photon.pt[:, 0].to_numpy() > 60).all()
    flow = made["cut_flow"]
    assert flow["cuts"] == cuts and flow["passed"][0] == made["counts"]["detected"]
    assert flow["passed"][2] == made["counts"]["selected"] >= 12
    assert made["efficiency"] == pytest.approx(flow["passed"][2] / flow["passed"][0])


def test_a_selection_that_nothing_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 30)
    with pytest.raises(ValueError, match=r"selection: must pass some events, got 0 of 30\. Loosen"):
        gun(tmp_path / "gun", select="num(Photon) > 50")
    assert not (tmp_path / "gun" / "manifest.json").exists()


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(module.StoreWriter, "add", full)
        with pytest.raises(OSError, match=r"needs space, got a full disk\. Free some and run"):
            gun(tmp_path / "gun")
    assert len(gun(tmp_path / "gun")) == 25


def test_a_disk_that_is_too_small_is_told_before_it_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written takes 1/10 of all; less is free than the other nine, then more."""
    whole = gun(tmp_path / "whole", 100)
    size = sum(part["bytes"] for part in whole.manifest["parts"])

    def free(amount: float) -> Any:
        return lambda _: SimpleNamespace(free=amount)

    with monkeypatch.context() as patched:
        patched.setattr(module.shutil, "disk_usage", free(size / 2))
        with pytest.raises(OSError, match=r"GB more for 100 events, got .* GB free\. Free some"):
            gun(tmp_path / "gun", 100)
    assert len(list((tmp_path / "gun").glob("part-*.parquet"))) == 1
    monkeypatch.setattr(module.shutil, "disk_usage", free(size * 1.5))
    assert gun(tmp_path / "gun", 100).manifest == whole.manifest


def test_compiling_is_told_at_once_and_only_without_a_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []

    def looking(item: tuple[Any, int]) -> Made:
        seen.append(capsys.readouterr().err)
        return make_chunk(item)

    monkeypatch.setattr(module, "make_chunk", looking)
    for number, compiled in enumerate([False, True]):
        monkeypatch.setattr(module, "is_compiled", lambda there=compiled: there)
        gun(tmp_path / str(number), 5, progress=True)
    assert "compiling the detector, once: about a minute" in seen[0]
    assert "compiling" not in seen[1]


def test_kernels_are_found_in_the_cache(tmp_path: Path) -> None:
    """Another cache is empty; this process has compiled, so its own holds them."""
    gun(tmp_path / "gun", 5)
    script = "from hepvision.simulation import _chunk\nprint(_chunk.is_compiled())\n"
    found = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, **more},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for more in ({}, {"NUMBA_CACHE_DIR": str(tmp_path / "empty")})
    ]
    assert found == ["True\n", "False\n"]


@pytest.mark.parametrize(
    "cut",
    [
        "max(Photon.pt) > 30",
        "(Photon[:, 0] + Photon[:, 1]).mass > 100",
        "abs(Photon[:, 0].deltaR(Photon[:, 1])) < 3",
        "Photon = Photon[Photon.pt > 20]",
        "any((Track.pt > 1) & (abs(Track.eta) < 1))",
        "(split == 0) & (pileup < 30) & (sample == 'particle_gun')",
        "all(GenPart.converted)",
    ],
)
def test_good_selections_are_let_through(cut: str) -> None:
    found = module.settings_of(
        "particle_gun", 5, pileup=0.0, energy=8000.0, seed=1, readout="full", select=cut
    )
    assert found.select == (cut,)


def test_events_are_sums_of_hard_event_and_pile_up(mixed: dict[str, ak.Array]) -> None:
    """The same pile-up and photons whatever is stored; hits and tracks of the part only."""
    ids = [ak.to_numpy(events.event_id) for events in mixed.values()]
    np.testing.assert_array_equal(ids[0], ids[1])
    np.testing.assert_array_equal(ids[0], ids[2])
    for content in ("hard", "pileup"):
        assert mixed[content].Photon.to_list() == mixed["all"].Photon.to_list()
        np.testing.assert_array_equal(mixed[content].pileup, mixed["all"].pileup)
    energy = {
        content: ak.sum(events.EcalBarrelHit.energy, axis=1).to_numpy().mean()
        for content, events in mixed.items()
    }
    # noise above threshold, about 130 GeV, is in each
    assert min(energy["hard"], energy["pileup"]) > 160.0
    assert energy["all"] > max(energy["hard"], energy["pileup"]) + 30
    tracks = {content: ak.num(events.Track).to_numpy() for content, events in mixed.items()}
    np.testing.assert_array_equal(tracks["hard"] + tracks["pileup"], tracks["all"])
    hits = mixed["pileup"].EcalBarrelHit.energy
    assert float(ak.max(hits)) < 40.0 < float(ak.max(mixed["hard"].EcalBarrelHit.energy))


def test_pile_up_is_poisson_and_has_vertices(mixed: dict[str, ak.Array]) -> None:
    events = mixed["all"]
    number = ak.to_numpy(events.pileup)
    assert abs(number.mean() - 20) < 4 * np.sqrt(20 / len(number))
    vertices = ak.num(events.Vertex).to_numpy()
    assert (vertices <= number + 1).all() and vertices.mean() > 0.6 * number.mean()
    sums = events.Vertex.sumPt2
    assert ak.all(sums[:, :-1] >= sums[:, 1:])


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"pileup": -3}, ValueError, r"pile-up: must lie between 0 and 500, got -3"),
        (
            {"readout": "some"},
            ValueError,
            r"readout: must be full, reduced or particles, got 'some'",
        ),
        ({"events": 0}, ValueError, r"events: must be positive, got 0"),
        ({"seed": -1}, ValueError, r"seed: must not be negative, got -1"),
        ({"workers": 0}, ValueError, r"workers: must be positive, got 0"),
        ({"content": "noise"}, ValueError, r"content: must be one of all, hard, pileup"),
        ({"parameters": {"pdg": 22}}, CardError, r"particle_gun: no key 'pdg'\. Did you mean"),
        ({"split": {"test": 2.0}}, CardError, r"split"),
        (
            {"events": 10**20},
            ValueError,
            r"events: must be at most 1,000,000,000 in a store, got 1",
        ),
        (
            {"energy": float("nan")},
            ValueError,
            r"energy: must lie between 500 and 2.* GeV, got nan",
        ),
        (
            {"energy": float("inf")},
            ValueError,
            r"energy: must lie between 500 and 2.* GeV, got inf",
        ),
        ({"select": "num(Photo) == 1"}, UnknownNameError, r"no field 'Photo'\. Did you mean"),
        ({"select": "num(MET) == 1"}, UnknownNameError, r"no field 'MET'"),
        ({"select": "Photon.pt > 2"}, SchemaError, r"must give one truth value an event, got 'Pho"),
        ({"select": ""}, SchemaError, r"selection: must be an expression, got ''"),
        (
            {"select": ["num(Photon) == 1", "import os"]},
            SchemaError,
            r"expression, got 'import os'",
        ),
        ({"scheduler": "foo"}, OSError, r"scheduler: no Dask scheduler answers, got 'foo'"),
    ],
)
def test_wrong_settings(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    error: type[Exception],
    text: str,
) -> None:
    def started(*_: Any, **__: Any) -> None:
        raise AssertionError("the bar is drawn already")

    monkeypatch.setattr(module, "Progress", started)
    with pytest.raises(error, match=text) as caught:
        gun(tmp_path / "gun", **{"events": 5, **options})
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "gun").exists()


def test_photons_are_there_without_being_asked_for() -> None:
    """Naming them makes nothing else: no jets of generated particles, no forward towers."""
    one = {"pileup": 0.0, "energy": 8000.0, "seed": 1, "readout": "full"}
    made = module.settings_of("particle_gun", 5, reconstruct=("Photon", "MET"), **one)
    assert made.reconstruct == ("MET",)
    plain = module.settings_of("particle_gun", 5, **one)
    assert module.settings_of("particle_gun", 5, reconstruct=["Photon"], **one) == plain


def test_unknown_process(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match=r"processes: no 'higs_to_diphoton'\. Did you mean"):
        simulate("higs_to_diphoton", 5, tmp_path / "out", progress=False)
    assert not (tmp_path / "out").exists()


def test_manifest_is_plain_and_says_how_it_was_made(tmp_path: Path) -> None:
    gun(tmp_path / "gun", 5, parameters={"pdg_id": 11}, select="num(Photon) >= 0")
    manifest = json.loads((tmp_path / "gun" / "manifest.json").read_text())
    made = manifest["provenance"]
    assert made["process"] == {"name": "particle_gun", "pdg_id": 11}
    assert made["seed"] == 1 and made["luminosity_weight"] == 0.0
    assert manifest["plan"]["events"] == 5


def test_weights_of_events_share_the_cross_section() -> None:
    """Two chunks of weighted events, of which filter and selection keep a part."""

    def chunk(generated: float, accepted: float, passed: float, stored: float) -> dict[str, Any]:
        flow = {"cuts": ["a"], "passed": [30, 20], "weights": [accepted, passed]}
        counts = {"tried": 100, "vetoed": 0, "failed": 20, "filtered": 50, "accepted": 30}
        weights = {"generated": generated, "accepted": accepted, "stored": stored}
        made = {"weights": weights, "counts": counts, "detected": 30, "cut_flow": flow}
        return {
            "events": 15,
            "record": {**made, "cross_section_pb": 5.0, "cross_section_error_pb": 0.1},
        }

    settings = module.settings_of(
        "particle_gun", 30, pileup=0.0, energy=8000.0, seed=1, readout="full"
    )
    made = module._provenance(settings, [chunk(8.0, 4.0, 2.0, 2.0), chunk(12.0, 6.0, 4.0, 1.0)])
    assert made["filter_efficiency"] == pytest.approx(0.8 * 10 / 20)
    assert made["efficiency"] == pytest.approx(0.8 * 10 / 20 * 6 / 10)
    assert made["luminosity_weight"] * 3.0 == pytest.approx(5.0 * made["efficiency"])

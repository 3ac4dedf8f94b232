"""Toy stores for all studies, made once a session: guns through the real detector, and jets."""

import pytest

pytest.importorskip("torch")
pytest.importorskip("xgboost")

from hepvision.simulation.simulate import simulate
from toy_multijets import multijets
from toy_objects import objects_events
from toy_prongs import prongs, store_of

#: What stands in for the classes of a study, in order: photons, softer photons, neutral pions.
GUNS = (
    {"pdg_id": 22, "low": 60.0, "high": 120.0},
    {"pdg_id": 22, "low": 50.0, "high": 80.0},
    {"pdg_id": 111, "low": 50.0, "high": 90.0},
)
SELECT = ["num(Photon) == 2", "(Photon[:, 0] + Photon[:, 1]).mass > 60"]


@pytest.fixture(scope="session")
def toy_stores(tmp_path_factory):
    """Paths of three stores of 70 selected events each."""
    folder = tmp_path_factory.mktemp("toys")
    for number, gun in enumerate(GUNS):
        simulate(
            "particle_gun",
            70,
            folder / str(number),
            pileup=0,
            seed=3 + number,
            select=SELECT,
            parameters={**gun, "per_event": 2, "eta_min": -1.3, "eta_max": 1.3},
            progress=False,
        )
    return [folder / str(number) for number in range(len(GUNS))]


@pytest.fixture(scope="session")
def toy_guns(tmp_path_factory):
    """Paths of two stores of 120 events with one particle each: electrons and photons of 50 GeV."""
    folder = tmp_path_factory.mktemp("guns")
    for number, kind in enumerate((11, 22)):
        simulate(
            "particle_gun",
            120,
            folder / str(kind),
            pileup=0,
            seed=7 + number,
            parameters={"pdg_id": kind, "low": 50.0, "high": 50.0, "both_charges": kind == 11},
            progress=False,
        )
    return [folder / "11", folder / "22"]


@pytest.fixture(scope="session")
def toy_jets(tmp_path_factory):
    """Paths of two stores of 90 jets each, of three prongs and of one, by collection."""
    folder = tmp_path_factory.mktemp("jets")
    for jet in ("Jet", "FatJet"):
        for count in (3, 1):
            store_of(folder / f"{jet}{count}", prongs(90, count, count, jet=jet))
    return {jet: [folder / f"{jet}{count}" for count in (3, 1)] for jet in ("Jet", "FatJet")}


@pytest.fixture(scope="session")
def toy_multijets(tmp_path_factory):
    """Paths of two stores of 90 events with five large jets each, heavy ones and light ones."""
    folder = tmp_path_factory.mktemp("multijets")
    for number, mass in enumerate((130.0, 100.0)):
        store_of(folder / str(number), multijets(90, number, mass))
    return [folder / str(number) for number in range(2)]


@pytest.fixture(scope="session")
def toy_objects(tmp_path_factory):
    """Paths of three stores of 90 events with leptons and more and more jets."""
    folder = tmp_path_factory.mktemp("objects")
    for number, (jets, tags) in enumerate(((4.0, 0.5), (1.5, 0.1), (0.7, 0.0))):
        store_of(folder / str(number), objects_events(90, number, jets, tags))
    return [folder / str(number) for number in range(3)]


@pytest.fixture(scope="session")
def toy_sources(toy_jets, toy_multijets, request):
    """Gives the stores that stand in for the classes of a study, in order."""

    def sources(study):
        if any("num(FatJet[" in cut for cut in study.select):
            return toy_multijets
        if any("num(Electron)" in cut for cut in study.select):
            return request.getfixturevalue("toy_objects")
        for jet, stores in toy_jets.items():
            if f"num({jet}) == 1" in study.select:
                return stores
        if "num(Photon) == 1" in study.select:
            return request.getfixturevalue("toy_guns")
        return request.getfixturevalue("toy_stores")

    return sources


@pytest.fixture(scope="session")
def toy_changes(toy_sources):
    """Gives the changes that bring a study to toy size."""

    def changes(study):
        made = [
            f"samples.{key}={{store: {store}}}"
            for key, store in zip(study.samples, toy_sources(study), strict=False)
        ]
        made += [f"entries.{entry.name}.training={{epochs: 2}}" for entry in study.entries]
        return [*made, "training={batch: 16, precision: float32, threads: 1}"]

    return changes

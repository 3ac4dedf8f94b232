"""The readout of particles: one jet an event, the sum of its constituents, without a detector."""

from __future__ import annotations

from pathlib import Path

import awkward as ak
import numpy as np
import pytest

from generated_jets import generated_jets
from hepvision.core.errors import UserError
from hepvision.simulation.processes._jets import contained
from hepvision.simulation.simulate import simulate

pytest.importorskip("pythia8mc")
pytest.importorskip("fastjet")
PARTICLES = {"readout": "particles", "pileup": 0.0, "progress": False}


def test_the_jet_is_the_sum_of_its_particles() -> None:
    found = generated_jets("dijets")
    jet, particles = found["jet"], found["Particle"]
    assert ak.to_list(ak.num(particles)) == ak.to_list(jet.nConstituents)
    assert ak.all(particles.jetIdx == 0)
    total = ak.zip(
        {axis: ak.sum(getattr(particles, axis), axis=1) for axis in ("px", "py", "pz", "E")},
        with_name="Momentum4D",
    )
    for name in ("pt", "eta", "phi", "mass"):
        np.testing.assert_allclose(
            ak.to_numpy(getattr(total, name)), ak.to_numpy(jet[name]), rtol=2e-3, atol=1e-4
        )
    assert ak.all(particles.pt[:, :-1] >= particles.pt[:, 1:])


def test_particles_are_what_a_detector_tells_apart() -> None:
    particles = ak.flatten(generated_jets("dijets")["Particle"])
    assert set(np.abs(ak.to_numpy(particles.pdgId))) <= {11, 13, 22, 130, 211}
    charge, kind = ak.to_numpy(particles.charge), ak.to_numpy(particles.pdgId)
    mass = ak.to_numpy(particles.mass)
    assert (mass[kind == 22] == 0).all()
    assert (np.abs(mass[np.abs(kind) == 13] - 0.1057) < 1e-3).all()
    assert (charge[np.isin(kind, (22, 130))] == 0).all()
    assert (np.sign(kind[np.abs(kind) == 211]) == charge[np.abs(kind) == 211]).all()


def test_a_quark_outside_is_no_top() -> None:
    top = {
        "pdgId": np.array([6, 24, 5, 1, -2]),
        "genPartIdxMother": np.array([-1, 0, 0, 1, 1]),
        "status": np.array([22, 22, 23, 23, 23]),
        "eta": np.array([0.0, 0.1, -0.3, 0.3, 0.1]),
        "phi": np.array([np.pi - 0.1, 0.0, -np.pi + 0.1, np.pi - 0.2, np.pi - 0.3]),
    }
    axis = (np.array([0.0]), np.array([-np.pi + 0.05]))
    asked = {"pdg_id": 6, "quarks": 3, "radius": 0.8}
    offsets = np.array([0, 5])
    assert contained(offsets, top, *axis, **asked).tolist() == [True]
    for row in (2, 3, 4, 0):
        away = {**top, "eta": np.where(np.arange(5) == row, 1.0, top["eta"])}
        assert contained(offsets, away, *axis, **asked).tolist() == [False]
    assert contained(np.array([0, 0]), {k: v[:0] for k, v in top.items()}, *axis, **asked) == [
        False
    ]


def test_a_store_of_jets(tmp_path: Path) -> None:
    store = simulate("boosted_w", 12, tmp_path / "w", select="FatJet[:, 0].mass > 60", **PARTICLES)
    events = store.read()
    assert len(events) == 12
    assert ak.all(ak.num(events.FatJet) == 1)
    assert ak.all(events.FatJet.mass > 60)
    made = store.manifest["provenance"]
    assert made["detector"] == "none"
    assert made["cut_flow"]["cuts"] == ["num(FatJet) == 1", "FatJet[:, 0].mass > 60"]
    assert 0 < made["efficiency"] < 0.3
    again = simulate("boosted_w", 12, tmp_path / "2", select="FatJet[:, 0].mass > 60", **PARTICLES)
    assert ak.array_equal(again.read(), events)
    other = simulate("boosted_w", 12, tmp_path / "3", seed=2, **PARTICLES)
    assert not set(ak.flatten(other.read().FatJet.pt)) & set(ak.flatten(events.FatJet.pt))


@pytest.mark.parametrize(
    ("process", "changes", "said"),
    [
        ("particle_gun", {}, "particles needs a process of jets, such as dijets, got particle_gun"),
        ("dijets", {"pileup": 20.0}, "holds the hard collision alone, got pile-up 20"),
        ("dijets", {"content": "hard"}, "got content hard"),
        ("dijets", {"select": "num(Photon) == 2"}, "Photon"),
        ("dijets", {"parameters": {"jet_pt_max": 500.0}}, "jet_pt_max: must lie between 550 and"),
    ],
)
def test_what_does_not_fit_is_one_line(tmp_path, process, changes, said) -> None:
    with pytest.raises((ValueError, UserError), match=said) as caught:
        simulate(process, 5, tmp_path / "out", **{**PARTICLES, **changes})
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()

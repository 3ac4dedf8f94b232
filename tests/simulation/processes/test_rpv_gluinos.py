"""Gluinos of the mass that was asked for, each to three quarks of the right flavours."""

import tempfile

import numpy as np
import pytest

from hepvision.simulation.generation import generate
from hepvision.simulation.processes.rpv_gluinos import RpvGluinos

pytest.importorskip("pythia8mc")

MASS = 800.0


@pytest.fixture(scope="module")
def made():
    return generate(RpvGluinos(mass=MASS), 20, seed=1, sample="rpv")


def quarks(made):
    """Flavours, shape (B, 2, 3), and four-momenta, shape (B, 2, 3, 4), by gluino."""
    truth = made.truth
    starts = np.repeat(made.truth_offsets[:-1], np.diff(made.truth_offsets))
    hard = np.flatnonzero(truth["status"] == 23)
    mother = starts[hard] + truth["genPartIdxMother"][hard]
    assert set(truth["pdgId"][mother]) == {1_000_021}
    order = np.lexsort((hard, mother))
    hard = hard[order].reshape(len(made), 2, 3)
    pt, eta, phi, mass = (truth[name][hard] for name in ("pt", "eta", "phi", "mass"))
    x, y, z = pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)
    energy = np.sqrt(x**2 + y**2 + z**2 + mass**2)
    return truth["pdgId"][hard], np.stack([x, y, z, energy], axis=-1)


def test_three_quarks_have_the_mass_of_the_gluino(made):
    total = quarks(made)[1].sum(axis=2)
    mass = np.sqrt(total[..., 3] ** 2 - (total[..., :3] ** 2).sum(axis=-1))
    np.testing.assert_allclose(mass, MASS, atol=60)  # a width of 1 GeV has tails
    assert abs(np.median(mass) - MASS) < 2


def test_baryon_number_and_flavours_are_those_of_the_coupling(made):
    kind = quarks(made)[0]
    assert (np.abs(np.sign(kind).sum(axis=-1)) == 3).all()  # three quarks, or three antiquarks
    assert {-1, 1} == set(np.sign(kind).ravel())
    size = np.sort(np.abs(kind), axis=-1)
    assert (np.isin(size, (2, 4)).sum(axis=-1) == 1).all()
    for pair in size.reshape(-1, 3):
        assert {one for one in pair if one % 2} in ({1, 3}, {1, 5}, {3, 5})


def test_each_gluino_changes_the_baryon_number_of_the_final_state_by_one(made):
    """Junctions of three strings: two protons come in, and what flies off has 0, 2 or 4."""
    number = made.particles["pdgId"].astype(np.int64)
    size = np.abs(number)
    digits = [(size // 10**n) % 10 > 0 for n in (3, 2, 1)]
    baryon = np.sign(number) * (np.all(digits, axis=0) & (size < 10_000))
    event = np.repeat(np.arange(len(made)), np.diff(made.offsets))
    sign = np.sign(quarks(made)[0][..., 0]).sum(axis=1)
    assert {-2, 0, 2} == set(sign.tolist())  # both quarks, one each, both antiquarks
    assert np.bincount(event, baryon).tolist() == (2 + sign).tolist()


def test_the_file_of_masses_may_lie_in_a_folder_with_a_blank(tmp_path, monkeypatch):
    (tmp_path / "my files").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "my files"))
    assert len(generate(RpvGluinos(mass=MASS), 1, seed=1, sample="rpv")) == 1


def test_flavours_can_be_chosen():
    light = RpvGluinos(flavours="light").slha()
    assert " 5" not in light.split("DECAY")[1]
    every = [line.split() for line in RpvGluinos().slha().split("DECAY")[1].splitlines()[1:]]
    assert len(every) == 12
    assert sum(float(one[0]) for one in every) == pytest.approx(1.0)


def test_heavier_gluinos_are_rarer(made):
    heavy = generate(RpvGluinos(mass=2 * MASS), 5, seed=1, sample="rpv")
    assert 0 < heavy.cross_section_pb < 0.05 * made.cross_section_pb


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="flavours: must be one of .*, got 'top'"):
        RpvGluinos(flavours="top")
    with pytest.raises(ValueError, match="mass: must lie between 100 and 6190.48 GeV, got 7000"):
        RpvGluinos(mass=7000.0)

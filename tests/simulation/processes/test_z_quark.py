"""Quark jets beside an unseen Z: fewer particles than gluon jets, by what colour lets expect."""

import awkward as ak
import numpy as np
import pytest

from generated_jets import generated_jets

pytest.importorskip("pythia8mc")
pytest.importorskip("fastjet")


def test_quark_jets_hold_fewer_particles_in_less_space():
    """More than 1, and below the C_A/C_F = 9/4 of leading order: P. Gras et al., 1704.03878."""
    quark, gluon = (generated_jets(name, 250)["jet"] for name in ("z_quark", "z_gluon"))
    assert min(len(quark), len(gluon)) >= 10
    ratio = ak.mean(gluon.nConstituents) / ak.mean(quark.nConstituents)
    assert 1.3 < ratio < 2.25
    assert np.median(ak.to_numpy(quark.mass)) < np.median(ak.to_numpy(gluon.mass))


def test_the_parton_of_the_hard_process_is_a_quark():
    truth = generated_jets("z_quark", 250)["GenPart"]
    outgoing = truth[(truth.status == 23) & (abs(truth.pdgId) < 11)]
    assert ak.all(ak.num(outgoing) == 1)

"""Minimum bias: diffraction as a switch, the multiplicity of 8 TeV."""

import numpy as np
import pytest

from hepvision.simulation.generation import generate
from hepvision.simulation.processes.minimum_bias import MinimumBias


def test_diffraction_is_a_switch():
    assert "SoftQCD:inelastic = on" in MinimumBias().settings()
    assert "SoftQCD:nonDiffractive = on" in MinimumBias(diffractive=False).settings()


def test_charged_multiplicity_and_cross_section_at_8_tev():
    pytest.importorskip("pythia8mc")
    generated = generate(MinimumBias(), 150, seed=1)
    p = generated.particles
    pt = np.hypot(p["px"], p["py"])
    central = (p["charge"] != 0) & (np.abs(p["pz"]) < pt * np.sinh(0.5)) & (pt > 0.1)
    # CMS-TOTEM, arXiv:1405.0722: about 5.4 a unit of eta at 8 TeV in inelastic events, pT > 0.1
    assert central.sum() / len(generated) == pytest.approx(5.4, abs=1.5)
    assert generated.cross_section_pb == pytest.approx(7.3e10, rel=0.05)

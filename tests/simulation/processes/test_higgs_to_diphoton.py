"""The Higgs boson: its settings follow its parameters."""

import pytest

from hepvision.simulation.processes.higgs_to_diphoton import HiggsToDiphoton


def test_settings_follow_the_parameters():
    lines = HiggsToDiphoton(energy=13000.0, mass=130.0).settings()
    assert "Beams:eCM = 13000.0" in lines
    assert "25:m0 = 130.0" in lines
    assert "25:onIfMatch = 22 22" in lines


@pytest.mark.parametrize("wrong", [{"mass": 0.0}, {"mass": -125.0}, {"energy": 8.0}])
def test_wrong_parameters_are_refused(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}: must lie between"):
        HiggsToDiphoton(**wrong)

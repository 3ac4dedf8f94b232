"""Two prompt photons: phase-space cuts."""

import pytest

from hepvision.simulation.processes.prompt_diphoton import PromptDiphoton


def test_settings_follow_the_parameters():
    lines = PromptDiphoton(pt_hat_min=30.0, pt_hat_max=90.0, m_hat_min=0.0).settings()
    assert "PhaseSpace:pTHatMin = 30.0" in lines
    assert "PhaseSpace:pTHatMax = 90.0" in lines
    assert "PhaseSpace:mHatMin = 0.0" in lines


@pytest.mark.parametrize(
    "wrong",
    [
        {"pt_hat_min": 0.0},
        {"pt_hat_max": 10.0},
        {"m_hat_min": -1.0},
        {"pt_hat_max": 5000.0},
    ],
)
def test_wrong_parameters_are_refused(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))}: must lie between"):
        PromptDiphoton(**wrong)

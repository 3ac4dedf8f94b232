"""Two jets of light quarks, b quarks and gluons."""

from dataclasses import dataclass

from hepvision.simulation.processes._jets import JetProcess

__all__ = ["Dijets"]


@dataclass(frozen=True)
class Dijets(JetProcess):
    r"""The background of tagging boosted tops and W bosons, :math:`2 \to 2` of QCD.

    Parameters
    ----------
    energy, radius, jet_pt_min, jet_pt_max, jet_eta_max, multiparton
        As of all processes of jets: GeV, R, GeV, GeV, :math:`|\eta|`.

    Raises
    ------
    ValueError
        A parameter lies outside its range.

    References
    ----------
    G. Kasieczka, T. Plehn et al., "The Machine Learning Landscape of Top Taggers", SciPost
    Phys. 7 (2019) 014, arXiv:1902.09914.

    Examples
    --------
    >>> Dijets().settings()[4]
    'HardQCD:all = on'
    """

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads."""
        return (*super().settings(), "HardQCD:all = on")

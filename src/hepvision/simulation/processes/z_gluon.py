"""A gluon jet beside a Z boson that decays to neutrinos."""

from dataclasses import dataclass

from hepvision.simulation.processes._jets import UNSEEN_Z, JetProcess

__all__ = ["ZGluon"]


@dataclass(frozen=True)
class ZGluon(JetProcess):
    r"""Jets of gluons, :math:`q\bar q \to gZ`, the Z unseen, so that the jet stands alone.

    Parameters
    ----------
    energy, radius, jet_pt_min, jet_pt_max, jet_eta_max, multiparton
        As of all processes of jets: GeV, R, GeV, GeV, :math:`|\eta|`. Radius and
        range are by default those of the published quark and gluon jets, which have multiparton
        scattering.

    Raises
    ------
    ValueError
        A parameter lies outside its range.

    References
    ----------
    P. T. Komiske, E. M. Metodiev, J. Thaler, "Energy Flow Networks: deep sets for particle jets",
    arXiv:1810.05165.

    Examples
    --------
    >>> ZGluon().settings()[4]
    'WeakBosonAndParton:qqbar2gmZg = on'
    """

    radius: float = 0.4
    jet_pt_min: float = 500.0
    jet_pt_max: float = 550.0
    jet_eta_max: float = 1.7

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads."""
        return (
            *super().settings(),
            "WeakBosonAndParton:qqbar2gmZg = on",
            "WeakZ0:gmZmode = 2",
            *UNSEEN_Z,
        )

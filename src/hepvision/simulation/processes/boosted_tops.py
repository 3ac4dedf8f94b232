"""Pairs of boosted top quarks that decay to quarks."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.simulation.processes._jets import HADRONIC_W, JetProcess, contained

__all__ = ["BoostedTops"]


@dataclass(frozen=True)
class BoostedTops(JetProcess):
    r"""Signal of top tagging, :math:`gg, q\bar q \to t\bar t`, both tops to quarks.

    The jet is a top if a top quark and the three quarks of its decay lie within R of its axis, as
    in the published reference sample.

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
    >>> BoostedTops().settings()[4]
    'Top:gg2ttbar = on'
    """

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads."""
        return (
            *super().settings(),
            "Top:gg2ttbar = on",
            "Top:qqbar2ttbar = on",
            *HADRONIC_W,
        )

    def matched(
        self,
        truth_offsets: npt.NDArray[np.int64],
        truth: dict[str, npt.NDArray[Any]],
        eta: npt.NDArray[np.float64],
        phi: npt.NDArray[np.float64],
    ) -> npt.NDArray[np.bool_]:
        """Whether a jet holds a whole top."""
        return contained(truth_offsets, truth, eta, phi, pdg_id=6, quarks=3, radius=self.radius)

"""A boosted W boson that decays to quarks beside a Z boson that decays to neutrinos."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hepvision.simulation.processes._jets import HADRONIC_W, UNSEEN_Z, JetProcess, contained

__all__ = ["BoostedW"]


@dataclass(frozen=True)
class BoostedW(JetProcess):
    r"""Signal of W tagging, :math:`q\bar q' \to W(qq') Z(\nu\nu)`, the W alone in the detector.

    Unlike in the decay of a heavy resonance the pT falls, much as that of QCD jets does. The jet
    is a W if the boson and both quarks of its decay lie within R of its axis.

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
    L. de Oliveira, M. Kagan, L. Mackey, B. Nachman, A. Schwartzman, "Jet-images — deep learning
    edition", arXiv:1511.05190.

    Examples
    --------
    >>> BoostedW().settings()[4]
    'WeakDoubleBoson:ffbar2ZW = on'
    """

    jet_pt_min: float = 250.0
    jet_pt_max: float = 300.0

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads."""
        return (
            *super().settings(),
            "WeakDoubleBoson:ffbar2ZW = on",
            *HADRONIC_W,
            *UNSEEN_Z,
        )

    def matched(
        self,
        truth_offsets: npt.NDArray[np.int64],
        truth: dict[str, npt.NDArray[Any]],
        eta: npt.NDArray[np.float64],
        phi: npt.NDArray[np.float64],
    ) -> npt.NDArray[np.bool_]:
        """Whether a jet holds a whole W."""
        return contained(truth_offsets, truth, eta, phi, pdg_id=24, quarks=2, radius=self.radius)

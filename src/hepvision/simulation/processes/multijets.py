"""QCD events of many jets, with weights that fill the tail of the transverse momentum."""

from dataclasses import dataclass

from hepvision.simulation.processes._large_jets import LargeJetsProcess
from hepvision.simulation.processes._pythia import check_between

__all__ = ["Multijets"]


@dataclass(frozen=True)
class Multijets(LargeJetsProcess):
    r"""The background of searches in multijet events, :math:`2 \to 2` of QCD and its radiation.

    The spectrum of :math:`\hat p_T` falls by five powers of ten from 300 to 2000 GeV. Events are
    generated :math:`(\hat p_T / \hat p_T^{min})^n` times as often and have the inverse as their
    weight, which goes with them into training and every measure: as samples in slices of
    :math:`\hat p_T`, each with its own weight, but without steps. With n = 0 weights are 1, and a
    slice is what lies between ``pt_hat_min`` and ``pt_hat_max``.

    Parameters
    ----------
    energy, multiparton, filter, filter_jets, filter_pt, filter_eta
        As of all processes of large jets: GeV, GeV, :math:`|\eta|`.
    pt_hat_min, pt_hat_max : float, GeV
        Range of the transverse momentum of the hard scattering; the upper end is optional.
    power : float
        n.

    Raises
    ------
    ValueError
        A parameter lies outside its range.

    References
    ----------
    C. Bierlich et al., "A comprehensive guide to the physics and usage of PYTHIA 8.3",
    arXiv:2203.11601, section 3.9 (weighted events).

    Examples
    --------
    >>> Multijets(power=0).settings()[2:]
    ('HardQCD:all = on', 'PhaseSpace:pTHatMin = 300')
    """

    pt_hat_min: float = 300.0
    pt_hat_max: float | None = None
    power: float = 4.0

    def __post_init__(self) -> None:
        """Refuse parameters outside their range."""
        super().__post_init__()
        check_between("pt_hat_min", self.pt_hat_min, 20.0, self.energy / 2)
        if self.pt_hat_max is not None:
            check_between("pt_hat_max", self.pt_hat_max, self.pt_hat_min, self.energy / 2)
        check_between("power", self.power, 0.0, 10.0, "")

    def settings(self) -> tuple[str, ...]:
        """Lines that Pythia reads."""
        lines = [
            *super().settings(),
            "HardQCD:all = on",
            f"PhaseSpace:pTHatMin = {self.pt_hat_min:g}",
        ]
        if self.pt_hat_max is not None:
            lines.append(f"PhaseSpace:pTHatMax = {self.pt_hat_max:g}")
        if self.power > 0.0:
            lines += [
                "PhaseSpace:bias2Selection = on",
                f"PhaseSpace:bias2SelectionPow = {self.power:g}",
                f"PhaseSpace:bias2SelectionRef = {self.pt_hat_min:g}",
            ]
        return tuple(lines)

"""Four-momenta of the two photons, with the mass divided out."""

import dataclasses
from collections.abc import Iterable
from typing import ClassVar, Self

import awkward as ak
import numpy as np

from hepvision.core.inputs import Dense, Inputs, InputSpec, PartSpec
from hepvision.representations._pair import FOUR_MOMENTA, kinematics, leading_pair

__all__ = ["FourMomenta"]


@dataclasses.dataclass(frozen=True)
class FourMomenta:
    r"""Five numbers of a photon pair: pT1/m, η1, pT2/m, η2, cos Δφ.

    The mass cannot be solved for from them. Photons are ordered by pT; an event with fewer than
    two gives zeros.

    References
    ----------
    M. Andrews, M. Paulini, S. Gleyzer, B. Poczos, EPJ Web Conf. 214 (2019) 06031; Comput. Softw.
    Big Sci. 4 (2020) 6, arXiv:1807.11916.
    CMS Collaboration, Eur. Phys. J. C 74 (2014) 3076, arXiv:1407.0558.

    Examples
    --------
    >>> FourMomenta().spec["vector"].names
    ('pt1_over_mass', 'eta1', 'pt2_over_mass', 'eta2', 'cos_delta_phi')
    """

    version: ClassVar[int] = 1

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that are read."""
        return ("Photon.pt", "Photon.eta", "Photon.phi")

    @property
    def spec(self) -> InputSpec:
        """One vector of five."""
        width = len(FOUR_MOMENTA)
        return {"vector": PartSpec("vector", (width,), FOUR_MOMENTA, ("",) * width, (1.0,) * width)}

    def __call__(self, examples: ak.Array) -> Inputs:
        """Calculate the features.

        Parameters
        ----------
        examples : ak.Array
            B events.

        Returns
        -------
        Inputs
            ``{"vector": Dense}``.
        """
        there, pair = leading_pair(examples, ("pt", "eta", "phi"))
        values = np.zeros((len(examples), len(FOUR_MOMENTA)), np.float32)
        values[there] = kinematics(pair)
        return {"vector": Dense(values)}

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        """The same: all features are of order one, nothing is measured.

        Parameters
        ----------
        stream : iterable of ak.Array
            Examples of the training split; not read.

        Returns
        -------
        FourMomenta
            Itself.
        """
        return self

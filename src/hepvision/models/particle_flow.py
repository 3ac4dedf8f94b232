"""Particle flow network: a sum over constituents of what a network sees in each."""

import dataclasses

from torch import Tensor

from hepvision.core.inputs import InputSpec
from hepvision.models.layers.columns import Place, mask_of, values_at
from hepvision.models.layers.deep_sets import DeepSet, FlowNetwork
from hepvision.models.layers.network import Network, Tensors
from hepvision.models.layers.objects import every_column

__all__ = ["ParticleFlow"]


@dataclasses.dataclass(frozen=True)
class ParticleFlow(FlowNetwork):
    r"""PFN, :math:`F(\sum_i \Phi(p_i))`: all features of the constituents, in any order.

    Layers are those of the paper. Weights start as torch starts dense layers, not He-uniform: with
    features of order one, and sums of some fifty constituents, that learns faster.

    Parameters
    ----------
    inside : tuple of int
        Widths of Φ; the last is the number of observables that are summed.
    outside : tuple of int
        Widths of the hidden layers of F.
    dropout : float
        Share of hidden values of F that are left out in training; the paper leaves out none.

    References
    ----------
    P. Komiske, E. Metodiev, J. Thaler, JHEP 01 (2019) 121, arXiv:1810.05165.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> names = ("delta_eta", "delta_phi", "pt_share")
    >>> jet = PartSpec("set", (128, 3), names, ("",) * 3, (1.0,) * 3)
    >>> ParticleFlow().from_spec({"jet": jet}, outputs=2).parameters_total
    82458
    """

    def from_spec(self, spec: InputSpec, outputs: int) -> Network:
        """A network with fresh weights.

        Parameters
        ----------
        spec : InputSpec
            Sets or sequences of the same objects; all their columns are read.
        outputs : int
            Numbers an example.

        Returns
        -------
        Network
            Constituents → (B, outputs).
        """
        places = every_column("particle_flow", spec, self.reads_kinds)
        return _Objects(places, self.body(len(places), outputs))


class _Objects(Network):
    def __init__(self, places: dict[str, Place], body: DeepSet):
        super().__init__(next(iter(places.values()))[0], body)
        self.places = places

    def forward(self, inputs: Tensors) -> Tensor:
        outputs: Tensor = self.body(values_at(inputs, self.places), mask_of(inputs, self.places))
        return outputs.float()

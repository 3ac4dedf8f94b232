"""Energy flow network: a sum over constituents that is linear in their share of pT."""

import dataclasses

from torch import Tensor

from hepvision.core.inputs import InputSpec
from hepvision.models.layers.choice import parts_of_kind
from hepvision.models.layers.columns import Place, columns, mask_of, values_at
from hepvision.models.layers.deep_sets import DeepSet, FlowNetwork
from hepvision.models.layers.network import Network, Tensors

__all__ = ["EnergyFlow"]


@dataclasses.dataclass(frozen=True)
class EnergyFlow(FlowNetwork):
    r"""EFN, :math:`F(\sum_i z_i \Phi(\hat p_i))`: blind to soft and to collinear radiation.

    Φ sees only where a constituent is, and each is weighted by its share z of the jet's pT: one
    of no pT changes nothing, and two in the same direction are the same as one. What is left out
    because a jet has more constituents than ``particles`` keeps is soft, but not always softer
    than what another jet keeps: choose ``most`` large.

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
    >>> EnergyFlow().from_spec({"jet": jet}, outputs=2).parameters_total
    82358
    """

    def from_spec(self, spec: InputSpec, outputs: int) -> Network:
        """A network with fresh weights.

        Parameters
        ----------
        spec : InputSpec
            Sets or sequences with the columns ``delta_eta``, ``delta_phi`` and ``pt_share``;
            others are not read.
        outputs : int
            Numbers an example.

        Returns
        -------
        Network
            Constituents → (B, outputs).
        """
        parts_of_kind("energy_flow", spec, self.reads_kinds)
        places = columns("energy_flow", spec, ("delta_eta", "delta_phi", "pt_share"))
        return _Shares(places, self.body(2, outputs))


class _Shares(Network):
    def __init__(self, places: dict[str, Place], body: DeepSet):
        super().__init__(places["pt_share"][0], body)
        self.share = {"pt_share": places["pt_share"]}
        self.direction = {key: one for key, one in places.items() if key not in self.share}

    def forward(self, inputs: Tensors) -> Tensor:
        share = values_at(inputs, self.share)[..., 0]
        direction = values_at(inputs, self.direction)
        outputs: Tensor = self.body(direction, mask_of(inputs, self.share), share)
        return outputs.float()

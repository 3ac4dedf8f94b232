"""One network a part of the inputs, and a dense head on what they all find."""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from hepvision.core.card import component
from hepvision.core.inputs import InputSpec
from hepvision.models.layers.choice import chosen_parts, parts_of_kind
from hepvision.models.layers.dense import checked_dropout, checked_hidden, dense
from hepvision.models.layers.network import Network, Tensors, values_of

__all__ = ["Joined"]

Component = str | dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Joined:
    """Several networks side by side, their features concatenated and read by dense layers.

    Three ``resnet15`` on the barrel and the two endcaps, each up to the maxima of its maps, are
    the network of the paper for images in ECAL geometry. Vectors go to the dense layers as they
    are, unless a network is named for them.

    Parameters
    ----------
    each : str or mapping
        Network of each part. ``circular`` of ``resnet15`` is for the barrel: name it there.
    networks : mapping of str or mapping
        Networks of single parts instead: by the name of the part, such as ``ecal.barrel``, by
        its last word ``barrel``, or by its first ``ecal`` for all parts of a representation.
    share : tuple of tuple of str
        Groups of parts of the same shape that one network reads with the same weights, such as
        ``[[endcap_minus, endcap_plus]]``; the paper shares none.
    features : int
        Numbers that each network hands on; 0 for what its last dense layer reads, such as the
        maxima of ``resnet15``.
    hidden : tuple of int
        Widths of the dense layers on top.
    dropout : float
        Share of their values that are left out in training.

    References
    ----------
    M. Andrews, M. Paulini, S. Gleyzer, B. Poczos, EPJ Web Conf. 214 (2019) 06031; Comput. Softw.
    Big Sci. 4 (2020) 6, arXiv:1807.11916.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> def image(rows, columns):
    ...     return PartSpec("image", (1, rows, columns), ("ecal",), ("GeV",), (1.0,))
    >>> spec = {"barrel": image(170, 360), "minus": image(100, 100), "plus": image(100, 100)}
    >>> Joined().from_spec(spec, outputs=3).parameters_total
    260323
    >>> Joined(share=(("minus", "plus"),)).from_spec(spec, outputs=3).parameters_total
    175683
    """

    each: Component = "resnet15"
    networks: dict[str, Component] = dataclasses.field(default_factory=dict)
    share: tuple[tuple[str, ...], ...] = ()
    features: int = 0
    hidden: tuple[int, ...] = (64,)
    dropout: float = 0.0
    #: What it reads as it stands; with ``networks`` all that they read.
    reads_kinds: ClassVar[frozenset[str]] = frozenset({"image", "vector"})
    output_level: ClassVar[str] = "example"

    def __post_init__(self) -> None:
        checked_hidden(self.hidden)
        checked_dropout(self.dropout)
        if self.features < 0:
            raise ValueError(f"features: must be 0 or more, got {self.features}. Leave it out.")
        for block in (self.each, *self.networks.values()):
            component("models", block)

    def from_spec(self, spec: InputSpec, outputs: int) -> Network:
        """A network with fresh weights.

        Parameters
        ----------
        spec : InputSpec
            Any parts that the networks read.
        outputs : int
            Numbers an example.

        Returns
        -------
        Network
            All parts → (B, outputs).

        Raises
        ------
        ValueError
            A part is of a kind that its network does not read, a name fits no part, or parts that
            share a network differ.
        """
        if not spec:
            parts_of_kind("joined", spec, self.reads_kinds)
        blocks, direct = self._blocks(spec), tuple[str, ...]()
        branches: list[Network] = []
        members: list[tuple[str, ...]] = []
        inside = 0
        for parts in self._groups(spec):
            if parts[0] not in blocks:
                direct += parts
                inside += sum(spec[part].width for part in parts)
                continue
            made, width = self._branch(blocks[parts[0]], {parts[0]: spec[parts[0]]}, outputs)
            branches.append(made)
            members.append(parts)
            inside += width * len(parts)
        head = dense(inside, self.hidden, outputs, self.dropout)
        return _SideBySide(branches, members, direct, head)

    def _blocks(self, spec: InputSpec) -> dict[str, Component]:
        """Network of each part; vectors that go to the head as they are have none."""
        reads = component("models", self.each).reads_kinds
        blocks = {
            name: self.each
            for name, part in spec.items()
            if part.kind in reads or part.kind != "vector"
        }
        named = {name: chosen_parts("joined networks", spec, name) for name in self.networks}
        # what names fewer parts is meant more exactly
        for name in sorted(named, key=lambda one: -len(named[one])):
            blocks |= dict.fromkeys(named[name], self.networks[name])
        return blocks

    def _groups(self, spec: InputSpec) -> list[tuple[str, ...]]:
        """Parts that share a network, in the order of the spec; most are alone."""
        groups: dict[str, tuple[str, ...]] = {part: (part,) for part in spec}
        for names in self.share:
            found = [part for name in names for part in chosen_parts("joined share", spec, name)]
            parts = tuple(part for part in spec if part in found)
            if len({(spec[part].kind, spec[part].shape) for part in parts}) > 1:
                shapes = ", ".join(f"{part} {spec[part].shape}" for part in parts)
                raise ValueError(
                    f"joined: parts that share a network must be alike, got {shapes}. "
                    "Give each its own."
                )
            if any(len(groups[part]) > 1 for part in parts):
                raise ValueError(
                    f"joined: a part may share one network, got {self.share}. Name it once."
                )
            groups.update((part, parts) for part in parts)
        return list(dict.fromkeys(groups.values()))

    def _branch(self, block: Component, spec: InputSpec, outputs: int) -> tuple[Network, int]:
        sizes = component("models", block)
        parts_of_kind("joined", spec, sizes.reads_kinds)
        made = sizes.from_spec(spec, self.features or outputs)
        if not isinstance(made, Network):
            raise ValueError(f"joined: wraps networks, got {block}. Let an entry use it alone.")
        return made, self.features or made.without_last()


class _SideBySide(Network):
    """Networks side by side; ``body`` is the head."""

    def __init__(
        self,
        networks: Sequence[Network],
        members: Sequence[tuple[str, ...]],
        direct: Sequence[str],
        head: nn.Module,
    ):
        super().__init__((*(parts[0] for parts in members), *direct)[0], head)
        self.networks = nn.ModuleList(networks)
        self.members, self.direct = tuple(members), tuple(direct)

    def forward(self, inputs: Tensors) -> Tensor:
        found: list[Tensor] = []
        for network, parts in zip(self.networks, self.members, strict=True):
            found += [network({parts[0]: inputs[part]}) for part in parts]
        found += [values_of(inputs, part) for part in self.direct]
        outputs: Tensor = self.body(torch.cat(found, dim=1))
        return outputs.float()

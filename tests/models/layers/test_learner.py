"""Who counts as a learner."""

from __future__ import annotations

from torch import nn

from hepvision.models.boosted_trees import BoostedTrees
from hepvision.models.layers.learner import Learner
from hepvision.models.layers.network import Network
from toy_inputs import toy_spec


def test_trees_do_and_networks_do_not() -> None:
    assert isinstance(BoostedTrees().from_spec(toy_spec("vector"), 2), Learner)
    assert not isinstance(Network("x", nn.Linear(1, 1)), Learner)

"""A bundle with an untrained network that reads photons only."""

from __future__ import annotations

from pathlib import Path

from hepvision.deploy.bundle import Bundle, save_bundle
from hepvision.models.mlp import Mlp
from hepvision.representations._together import spec_of
from hepvision.representations.four_momenta import FourMomenta
from hepvision.tasks.classification import Classification

__all__ = ["toy_bundle"]


def toy_bundle(path: Path) -> Path:
    """Write the bundle.

    Parameters
    ----------
    path : Path
        The folder to make.
    """
    momenta, sizes = {"momenta": FourMomenta()}, Mlp(hidden=(4,))
    network = sizes.from_spec(spec_of(momenta), 2)
    return save_bundle(path, Bundle(network, sizes, momenta, Classification(("higgs", "jet"))))

"""What an analysis would use of two photons: kinematics, shower shapes and isolation."""

import dataclasses
from typing import Any, ClassVar

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.representations._features import FeatureVector
from hepvision.representations._pair import FOUR_MOMENTA, kinematics, leading_pair

__all__ = ["PhotonFeatures"]

SHAPES = ("r9", "sieie", "hoe")
ISOLATION = ("trkSumPtHollowConeDR03", "ecalRecHitSumEtDR03", "hcalTowerSumEtDR03")
NAMES = (
    *FOUR_MOMENTA,
    *(f"{key}{which}" for which in (1, 2) for key in SHAPES),
    *(f"{key}{which}_over_pt" for which in (1, 2) for key in ISOLATION),
)


@dataclasses.dataclass(frozen=True)
class PhotonFeatures(FeatureVector):
    r"""Seventeen numbers of a photon pair: four-momenta, R9, σ_iηiη, H/E, relative isolation.

    The honest baseline: what the detector image must beat. Isolation sums are divided by the
    photon's pT. An event with fewer than two photons gives zeros.

    Parameters
    ----------
    scale : tuple of float, optional
        Constant that each feature is divided by, see ``measured``; 1 if not given.

    References
    ----------
    CMS Collaboration, Eur. Phys. J. C 74 (2014) 3076, arXiv:1407.0558.

    Examples
    --------
    >>> PhotonFeatures().spec["vector"].shape
    (17,)
    """

    scale: tuple[float, ...] | None = None
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        self._check_scale()

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that are read."""
        return tuple(f"Photon.{key}" for key in ("pt", "eta", "phi", *SHAPES, *ISOLATION))

    def _names(self) -> tuple[str, ...]:
        return NAMES

    def _values(self, examples: ak.Array) -> NDArray[np.floating[Any]]:
        there, pair = leading_pair(examples, ("pt", "eta", "phi", *SHAPES, *ISOLATION))
        pt = pair["pt"]
        shapes = [pair[key][:, which] for which in (0, 1) for key in SHAPES]
        # a photon without pT has no share of anything
        shares = {
            key: np.divide(pair[key], pt, out=np.zeros_like(pt), where=pt > 0) for key in ISOLATION
        }
        sums = [shares[key][:, which] for which in (0, 1) for key in ISOLATION]
        values = np.zeros((len(examples), len(NAMES)))
        values[there] = np.column_stack([kinematics(pair), *shapes, *sums])
        return values

"""What an analysis would use of two photons: kinematics, shower shapes and isolation."""

import dataclasses
from collections.abc import Iterable
from typing import ClassVar, Self

import awkward as ak
import numpy as np

from hepvision.core.inputs import Dense, Inputs, InputSpec, PartSpec
from hepvision.representations._pair import FOUR_MOMENTA, kinematics, leading_pair
from hepvision.representations._scale import mean_scale

__all__ = ["PhotonFeatures"]

SHAPES = ("r9", "sieie", "hoe")
ISOLATION = ("trkSumPtHollowConeDR03", "ecalRecHitSumEtDR03", "hcalTowerSumEtDR03")
NAMES = (
    *FOUR_MOMENTA,
    *(f"{key}{which}" for which in (1, 2) for key in SHAPES),
    *(f"{key}{which}_over_pt" for which in (1, 2) for key in ISOLATION),
)


@dataclasses.dataclass(frozen=True)
class PhotonFeatures:
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
        if self.scale is not None and (len(self.scale) != len(NAMES) or min(self.scale) <= 0):
            raise ValueError(f"scale: must be {len(NAMES)} positive numbers, got {self.scale}.")

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that are read."""
        return tuple(f"Photon.{key}" for key in ("pt", "eta", "phi", *SHAPES, *ISOLATION))

    @property
    def spec(self) -> InputSpec:
        """One vector of seventeen."""
        scale = self.scale or (1.0,) * len(NAMES)
        return {"vector": PartSpec("vector", (len(NAMES),), NAMES, ("",) * len(NAMES), scale)}

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
        there, pair = leading_pair(examples, ("pt", "eta", "phi", *SHAPES, *ISOLATION))
        pt = pair["pt"]
        shapes = [pair[key][:, which] for which in (0, 1) for key in SHAPES]
        # a photon without pT has no share of anything
        shares = {
            key: np.divide(pair[key], pt, out=np.zeros_like(pt), where=pt > 0) for key in ISOLATION
        }
        sums = [shares[key][:, which] for which in (0, 1) for key in ISOLATION]
        values = np.zeros((len(examples), len(NAMES)), np.float32)
        features = np.column_stack([kinematics(pair), *shapes, *sums])
        values[there] = features / np.asarray(self.scale or 1.0)
        return {"vector": Dense(values)}

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        """The same with constants such that features average to 1 in size.

        Parameters
        ----------
        stream : iterable of ak.Array
            Examples of the training split.

        Returns
        -------
        PhotonFeatures
            With ``scale``; 1 for a feature that is always 0.
        """
        plain = dataclasses.replace(self, scale=None)
        scale = mean_scale(plain(examples)["vector"] for examples in stream)
        return dataclasses.replace(self, scale=scale or (1.0,) * len(NAMES))

"""What an analysis would use of one cluster: shower shapes, towers behind it, a matching track."""

import dataclasses
from collections.abc import Mapping
from typing import ClassVar, Literal, get_args

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.names import hint
from hepvision.events.schema import flat
from hepvision.representations._chosen_object import chosen_object, fields_of_object
from hepvision.representations._features import FeatureVector
from hepvision.representations._track_match import nearest_track

__all__ = ["ClusterFeatures"]

FeatureName = Literal[
    "r9",
    "sieie",
    "sipip",
    "hoe",
    "track_delta_eta",
    "track_delta_phi",
    "track_pt_over_et",
    "tracks",
]
KNOWN = get_args(FeatureName)
SHAPES: tuple[FeatureName, ...] = ("r9", "sieie", "sipip")
#: Column of ``nearest_track``.
OF_TRACKS = {"track_delta_eta": 0, "track_delta_phi": 1, "track_pt_over_et": 2, "tracks": 3}
PLACE = ("pt", "etaEcal", "phiEcal")


@dataclasses.dataclass(frozen=True)
class ClusterFeatures(FeatureVector):
    r"""Numbers of one super-cluster: R9, σ_iηiη, σ_iφiφ, H/E, and the track that points at it.

    The honest baseline of ``object_crop``: what a window of crystals must beat. The first three
    are made of the same crystals. A track belongs to the cluster if it has 1 GeV and meets the
    crystals within ΔR < 0.1 of it; the nearest one counts:

    - ``track_delta_eta``, ``track_delta_phi``: its distance on the face of the crystals; 0.1 where
      there is none;
    - ``track_pt_over_et``: its pT over the cluster's transverse energy; 0 where there is none;
    - ``tracks``: how many there are in the cone: a converted photon may have two.

    An example without the cluster gives zeros.

    Parameters
    ----------
    features : tuple of str
        Of ``r9``, ``sieie``, ``sipip``, ``hoe`` and the four of tracks.
    which : int
        Rank of the cluster in its event in falling pT, 0 the leading one; of no meaning in studies
        per ``Photon``.
    scale : tuple of float, optional
        Constant that each feature is divided by, see ``measured``; 1 if not given.

    References
    ----------
    CMS Collaboration, JINST 10 (2015) P06005, arXiv:1502.02701 (electrons); JINST 10 (2015)
    P08010, arXiv:1502.02702 (photons).

    Examples
    --------
    >>> ClusterFeatures().spec["vector"].names
    ('r9', 'sieie', 'sipip')
    """

    features: tuple[FeatureName, ...] = SHAPES
    which: int = 0
    scale: tuple[float, ...] | None = None
    version: ClassVar[int] = 1
    units: ClassVar[Mapping[str, str]] = {"track_delta_phi": "rad"}

    def __post_init__(self) -> None:
        for name in self.features:
            if name not in KNOWN:
                raise ValueError(f"features: no feature {name!r}. {hint(name, KNOWN)}")
        if not self.features or len(set(self.features)) < len(self.features):
            raise ValueError(f"features: must be one or more and differ, got {self.features}.")
        if self.which < 0:
            raise ValueError(f"which: must be 0 or more, got {self.which}.")
        self._check_scale()

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that are read."""
        found = fields_of_object("Photon", self._fields())
        if self._of_tracks():
            found += tuple(f"Track.{key}" for key in PLACE)
        return found

    def _of_tracks(self) -> bool:
        return bool(set(self.features) & set(OF_TRACKS))

    def _fields(self) -> tuple[str, ...]:
        """Fields of the cluster that features are, or are made of."""
        plain = tuple(name for name in self.features if name not in OF_TRACKS)
        return (*plain, "energyRaw") if "track_pt_over_et" in self.features else plain

    def _names(self) -> tuple[str, ...]:
        return self.features

    def _values(self, examples: ak.Array) -> NDArray[np.float64]:
        there, found = chosen_object(examples, "Photon", self.which, self._fields())
        columns: dict[str, NDArray[np.float64]] = {
            name: found[name].astype(float) for name in self._fields()
        }
        if self._of_tracks():
            offsets, track = flat(examples["Track"][list(PLACE)])
            table = np.stack([track[key].astype(float) for key in PLACE], axis=1)
            match = nearest_track(offsets, table, found["eta"], found["phi"])
            columns |= {name: match[:, column] for name, column in OF_TRACKS.items()}
        if "track_pt_over_et" in self.features:
            et = columns["energyRaw"] / np.cosh(found["eta"])
            columns["track_pt_over_et"] /= np.maximum(et, 1e-3)
        values = np.stack([columns[name] for name in self.features], axis=1)
        return np.where(there[:, None], values, 0.0)

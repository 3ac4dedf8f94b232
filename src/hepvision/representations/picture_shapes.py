"""Shower shapes of published pictures of crystals, for trees where a file has nothing else."""

import dataclasses
from collections.abc import Iterable
from typing import Any, ClassVar, Self

import awkward as ak
import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.core.inputs import Sparse
from hepvision.reconstruction.shower_shapes import BARREL_CRYSTAL, window, window_shapes
from hepvision.representations._features import FeatureVector
from hepvision.representations._scale import mean_scale
from hepvision.representations.published_image import PublishedImage, Shape

__all__ = ["PictureShapes"]

NAMES = ("r9", "sieie", "sipip")
#: Rows and columns to each side of the hardest pixel that make a super-cluster, as in the
#: reconstruction: 5 crystals and 0.3 rad.
STRIP = (2, 17)


@numba.njit(cache=True)
def _shapes(offsets, index, value, rows, columns):  # type: ignore[no-untyped-def]
    made = np.zeros((offsets.size - 1, 3))
    grid, step = np.zeros((rows, columns)), np.arange(-2.0, 3.0)
    along = np.repeat(step, 5).reshape(5, 5)
    across = along.T.copy()
    for b in range(offsets.size - 1):
        grid[:] = 0.0
        best = -1
        for i in range(offsets[b], offsets[b + 1]):
            r, c = np.int64(index[i]) // columns, np.int64(index[i]) % columns
            grid[r, c] += value[i]
            if best < 0 or grid[r, c] > grid[best // columns, best % columns]:
                best = r * columns + c
        if best < 0 or grid[best // columns, best % columns] <= 0.0:
            continue
        r, c = best // columns, best % columns
        down, right = max(r - STRIP[0], 0), max(c - STRIP[1], 0)
        total = grid[down : r + STRIP[0] + 1, right : c + STRIP[1] + 1].sum()
        shapes = window_shapes(window(grid, r, c, rows, False), along, across, BARREL_CRYSTAL)
        made[b, 0] = shapes[0] / total if total > 0.0 else 0.0
        made[b, 1], made[b, 2] = shapes[2], shapes[3]
    return made


@dataclasses.dataclass(frozen=True)
class PictureShapes(FeatureVector):
    r"""R9, σ_iηiη and σ_iφiφ about the hardest pixel of a published picture of crystals.

    The widths are those of ``Photon.sieie`` and ``Photon.sipip``, of 5 × 5 pixels of a barrel
    crystal's size. R9 is the sum of 3 × 3 pixels over that of the five rows within 17 columns, all
    of them lit or not, since a picture has no super-cluster. None of them changes when a picture is
    multiplied by a number. A dark picture gives zeros.

    Parameters
    ----------
    channel : str, optional
        The channel with the energy; the first one if not given.
    shape : tuple of int, optional
        Channels, rows and columns of the published picture; ``measured`` takes it from the events'
        attributes.
    channels : tuple of str, optional
        Names of the published channels, in order; from the attributes too.
    scale : tuple of float, optional
        Constant that each feature is divided by, see ``measured``; 1 if not given.

    References
    ----------
    CMS Collaboration, JINST 10 (2015) P08010, arXiv:1502.02702.

    Examples
    --------
    >>> PictureShapes(shape=(2, 32, 32), channels=("energy", "time")).spec["vector"].names
    ('r9', 'sieie', 'sipip')
    """

    channel: str | None = None
    shape: Shape | None = None
    channels: tuple[str, ...] | None = None
    scale: tuple[float, ...] | None = None
    version: ClassVar[int] = 1

    def __post_init__(self) -> None:
        self._check_scale()
        if self.shape is not None and self.channels is not None:
            self._picture()

    def _picture(self) -> PublishedImage:
        return PublishedImage(
            shape=self.shape,
            channels=self.channels,
            keep=None if self.channel is None else (self.channel,),
        )

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that are read."""
        return ("Pixel.index", "Pixel.value")

    def _names(self) -> tuple[str, ...]:
        return NAMES

    def _values(self, examples: ak.Array) -> NDArray[np.floating[Any]]:
        part = self._picture()(examples)["image"]
        values: NDArray[Any] = np.zeros((len(examples), len(NAMES)))
        if isinstance(part, Sparse):
            _, rows, columns = part.shape
            first = part.index < rows * columns
            bounds = np.concatenate([[0], np.cumsum(first)])[part.offsets]
            lit = part.value[first].astype(float)
            values = _shapes(bounds, part.index[first], lit, rows, columns)
        return values

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        """The same with the shape of the pictures, and constants that bring features to 1.

        Parameters
        ----------
        stream : iterable of ak.Array
            Examples of the training split.

        Returns
        -------
        PictureShapes
            With ``shape``, ``channels`` and ``scale``; 1 for a feature that is always 0.
        """
        plain = dataclasses.replace(self, scale=None)
        vectors = []
        for examples in stream:
            image = plain._picture().measured([examples])
            plain = dataclasses.replace(plain, shape=image.shape, channels=image.channels)
            vectors.append(plain(examples)["vector"])
        return dataclasses.replace(plain, scale=mean_scale(vectors) or (1.0,) * len(NAMES))

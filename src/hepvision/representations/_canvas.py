"""Where each channel of the detector is drawn: the barrel, an endcap, or the whole unrolled."""

import dataclasses
import functools
from typing import Any, ClassVar, NamedTuple, Protocol

import numba
import numpy as np
from numpy.typing import NDArray

from hepvision.events.geometry.ecal_barrel import EcalBarrel, barrel_flat
from hepvision.events.geometry.ecal_endcap import EcalEndcap
from hepvision.events.geometry.hcal import FIRST_WIDE, Hcal, tower_columns
from hepvision.physics.propagation import BARREL_ETA

__all__ = ["Canvas", "PARTS", "Table", "canvases"]

SIDE = EcalEndcap.shape[1]
UPSAMPLING = 5
SEAM, LIMIT = BARREL_ETA, 3.0
#: From the interaction point to an endcap, in crystals.
DISTANCE = EcalEndcap.face / EcalEndcap.pitch
#: Towers of a half that lie behind the barrel crystals, and all of them.
BARREL_TOWERS, TOWERS = EcalBarrel.shape[0] // (2 * UPSAMPLING), Hcal.shape[0] // 2
#: Names of the parts of the inputs that each region is drawn in.
PARTS = {
    "barrel": ("image",),
    "ecal_centric": ("barrel", "endcap_minus", "endcap_plus"),
    "hcal_centric": ("image",),
}


class Table(NamedTuple):
    """Pixels that each channel is drawn in.

    A channel's energy is shared equally by its pixels.

    Parameters
    ----------
    begin : array of int, shape (channels + 1,)
        Where each channel's pixels start; channels count as ``flat_index`` of their geometry.
    cells : array of int, shape (N,)
        Pixels, row by row.
    """

    begin: NDArray[np.int64]
    cells: NDArray[np.int32]

    def of(self, channel: Any) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Pixels of some channels.

        Parameters
        ----------
        channel : array of int, shape (N,)
            Channels.

        Returns
        -------
        offsets : array of int, shape (N+1,)
            Where each one's pixels start; none for a channel that is drawn elsewhere.
        pixels : array of int
            Row by row.
        """
        channel = np.asarray(channel, np.int64)
        counts = np.diff(self.begin)[channel]
        offsets = np.concatenate([[0], np.cumsum(counts)])
        inside = np.arange(offsets[-1]) - np.repeat(offsets[:-1], counts)
        return offsets, self.cells[np.repeat(self.begin[channel], counts) + inside]


class Canvas(Protocol):
    """What every picture of the detector, or of a part of it, has."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        ...

    @property
    def periodic(self) -> bool:
        """Whether columns go once around the beam."""
        ...

    @property
    def tables(self) -> dict[str, Table]:
        """Pixels of the channels of each collection that is drawn."""
        ...

    def locate(self, eta: Any, phi: Any) -> NDArray[np.int64]:
        """Pixels at directions, −1 for those that are drawn elsewhere."""
        ...

    def eta_phi(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Centres of the pixels, shape (rows, columns) each."""
        ...


def _table(channel: Any, cells: Any, channels: int) -> Table:
    """From pairs of a channel and one of its pixels."""
    channel, cells = (np.asarray(one, np.int64).ravel() for one in (channel, cells))
    order = np.argsort(channel, kind="stable")
    counts = np.bincount(channel, minlength=channels)
    return Table(np.concatenate([[0], np.cumsum(counts)]), cells[order].astype(np.int32))


def _tower_table(towers: int) -> Table:
    """Towers of |ieta| 1 to ``towers``, rows upsampled by five, in front of their crystals."""
    hcal = Hcal()
    ieta, iphi = hcal.numbers(np.arange(hcal.shape[0] * hcal.shape[1]))
    row, column = hcal.row_column(ieta, iphi)
    wide = np.abs(ieta) >= FIRST_WIDE
    # an even iphi there is the other half of the same tower
    start = tower_columns(np.where(wide, column - column % 2 + 1, iphi))
    first = (row - (TOWERS - towers)) * UPSAMPLING
    down, right = np.divmod(np.arange(UPSAMPLING * 2 * UPSAMPLING), 2 * UPSAMPLING)
    columns = EcalBarrel.shape[1]
    cells = (first[:, None] + down) * columns + (start[:, None] + right) % columns
    drawn = (np.abs(ieta)[:, None] <= towers) & (wide[:, None] | (right < UPSAMPLING))
    channel = np.broadcast_to(np.arange(len(ieta))[:, None], cells.shape)
    return _table(channel[drawn], cells[drawn], len(ieta))


def _crystal_table(first_row: int) -> Table:
    number = np.arange(EcalBarrel().channels)
    return _table(number, number + first_row * EcalBarrel.shape[1], len(number))


@numba.njit(cache=True)
def _in_barrel(eta, phi):  # type: ignore[no-untyped-def]
    pixel = np.empty(eta.size, np.int64)
    for i in range(eta.size):
        pixel[i] = barrel_flat(float(eta[i]), float(phi[i]))
    return pixel


@dataclasses.dataclass(frozen=True)
class Barrel:
    """170 × 360 crystals; a tower lies in front of 5 × 5 of them.

    Examples
    --------
    >>> Barrel().locate(np.array([0.01, 2.0]), np.array([0.0, 0.0])).tolist()
    [30610, -1]
    """

    shape: ClassVar[tuple[int, int]] = EcalBarrel.shape
    periodic: ClassVar[bool] = True

    @property
    def tables(self) -> dict[str, Table]:
        """Of EcalBarrelHit and HcalHit."""
        return _barrel_tables()

    def locate(self, eta: Any, phi: Any) -> NDArray[np.int64]:
        """Crystals in |η| < 1.479."""
        return _in_barrel(np.ascontiguousarray(eta), np.ascontiguousarray(phi))

    def eta_phi(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Centres of the crystals."""
        barrel = EcalBarrel()
        ieta, iphi = barrel.numbers(np.arange(barrel.channels).reshape(barrel.shape))
        return barrel.eta_phi(ieta, iphi)


@functools.cache
def _barrel_tables() -> dict[str, Table]:
    return {"EcalBarrelHit": _crystal_table(0), "HcalHit": _tower_table(BARREL_TOWERS)}


@numba.njit(cache=True)
def _in_endcap(eta, phi, side, nearest):  # type: ignore[no-untyped-def]
    pixel = np.full(eta.size, -1, np.int64)
    for i in range(eta.size):
        forward = float(eta[i]) * side
        if forward < SEAM or forward >= LIMIT:
            continue
        radius = DISTANCE / np.sinh(forward)
        column = min(max(int(np.floor(radius * np.cos(float(phi[i])))) + 50, 0), SIDE - 1)
        row = min(max(int(np.floor(radius * np.sin(float(phi[i])))) + 50, 0), SIDE - 1)
        pixel[i] = nearest[row * SIDE + column]
    return pixel


@functools.cache
def _nearest() -> NDArray[np.int64]:
    """Nearest crystal of each cell of the 100 × 100 grid."""
    from scipy.ndimage import distance_transform_edt

    row, column = distance_transform_edt(
        ~EcalEndcap().exists(), return_distances=False, return_indices=True
    )
    return (row * SIDE + column).astype(np.int64).ravel()


@dataclasses.dataclass(frozen=True)
class Endcap:
    """100 × 100 crystals of one side, row iy − 1 and column ix − 1, as ``EcalEndcap`` has them.

    x points to the right and y up (rows rise) on both sides: the −z endcap is seen from the
    interaction point, the +z one from outside. A tower is drawn in the crystals whose centres
    lie in it. A direction goes to the crystal it points at; at 1.479 < |η| < 1.51 and beyond
    2.93, where there may be none, to the nearest one, which is less than two crystals away.

    Parameters
    ----------
    side : int
        −1 or +1, the sign of z.

    Examples
    --------
    >>> Endcap(1).locate(np.array([2.0, -2.0, 0.0]), np.zeros(3)).tolist()
    [5079, -1, -1]
    """

    side: int
    shape: ClassVar[tuple[int, int]] = (SIDE, SIDE)
    periodic: ClassVar[bool] = False

    @property
    def tables(self) -> dict[str, Table]:
        """Of EcalEndcapHit and HcalHit."""
        return _endcap_tables(self.side)

    def locate(self, eta: Any, phi: Any) -> NDArray[np.int64]:
        """Crystals at 1.479 ≤ |η| < 3 of this side."""
        eta, phi = np.ascontiguousarray(eta), np.ascontiguousarray(phi)
        return _in_endcap(eta, phi, float(self.side), _nearest())

    def eta_phi(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Centres of the cells of the grid, also where there is no crystal."""
        row, column = np.indices(self.shape)
        return EcalEndcap().eta_phi(column + 1, row + 1, self.side)


@functools.cache
def _endcap_tables(side: int) -> dict[str, Table]:
    cell = np.arange(SIDE**2)
    first = SIDE**2 if side > 0 else 0
    crystals = _table(cell + first, cell, 2 * SIDE**2)
    hcal = Hcal()
    eta, phi = Endcap(side).eta_phi()
    # centres on the diagonals lie on edges of towers: always the one that follows in φ
    ieta, iphi, inside = hcal.locate(eta, phi + 1e-9)
    inside &= EcalEndcap().exists() & (np.abs(eta) >= SEAM)
    channel, cells = hcal.flat_index(ieta, iphi)[inside], cell.reshape(SIDE, SIDE)[inside]
    wide = np.abs(ieta[inside]) >= FIRST_WIDE
    # an even iphi there is the other half of the same tower
    channel = np.concatenate([channel, channel[wide] + 1])
    cells = np.concatenate([cells, cells[wide]])
    towers = _table(channel, cells, hcal.shape[0] * hcal.shape[1])
    return {"EcalEndcapHit": crystals, "HcalHit": towers}


def _fine_edges() -> NDArray[np.float64]:
    """|η| of the rows beyond the barrel: five a tower."""
    edges = Hcal().eta_edges[TOWERS + BARREL_TOWERS :]
    steps = np.arange(UPSAMPLING * (len(edges) - 1) + 1) / UPSAMPLING
    return np.interp(steps, np.arange(len(edges)), edges)


_EDGES = _fine_edges()
_FORWARD = len(_EDGES) - 1


@numba.njit(cache=True)
def _in_whole(eta, phi, edges):  # type: ignore[no-untyped-def]
    pixel = np.full(eta.size, -1, np.int64)
    forward = edges.size - 1
    for i in range(eta.size):
        one = float(eta[i])
        if abs(one) < SEAM:
            pixel[i] = barrel_flat(one, float(phi[i])) + forward * 360
        elif abs(one) < LIMIT:
            step = max(np.searchsorted(edges, abs(one), side="right") - 1, 0)
            row = forward + 170 + step if one > 0 else forward - 1 - step
            pixel[i] = row * 360 + barrel_flat(0.0, float(phi[i])) % 360
    return pixel


@dataclasses.dataclass(frozen=True)
class Whole:
    """280 × 360: 56 × 72 towers upsampled 5 × 5, barrel crystals in the middle 170 rows.

    A 10° tower is drawn in 5 × 10 pixels, half of it in each 5° cell. Rows beyond the barrel
    are a fifth of a tower in η. Seen from the interaction point they are about as large as an
    endcap crystal at |η| = 1.5 and a sixth of one at 2.5, so a crystal is drawn in all pixels
    whose centres it covers, as a tower is, and in the pixel of its own centre: a shower has no
    holes, and a hit lies within half a pixel of its own η and φ.

    Examples
    --------
    >>> Whole().locate(np.array([0.01, -2.99, 3.0]), np.zeros(3)).tolist()
    [50410, 10, -1]
    """

    shape: ClassVar[tuple[int, int]] = (Hcal.shape[0] * UPSAMPLING, EcalBarrel.shape[1])
    periodic: ClassVar[bool] = True

    @property
    def tables(self) -> dict[str, Table]:
        """Of EcalBarrelHit, EcalEndcapHit and HcalHit."""
        return _whole_tables()

    @property
    def eta_edges(self) -> NDArray[np.float64]:
        """Edges of the rows in η, shape (281,)."""
        return np.concatenate([-_EDGES[:0:-1], EcalBarrel().eta_edges, _EDGES[1:]])

    def locate(self, eta: Any, phi: Any) -> NDArray[np.int64]:
        """Pixels in |η| < 3."""
        return _in_whole(np.ascontiguousarray(eta), np.ascontiguousarray(phi), _EDGES)

    def eta_phi(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Centres of the pixels: of crystals in the barrel, of fifths of towers beyond."""
        edges, (_, phi) = self.eta_edges, Barrel().eta_phi()
        rows = 0.5 * (edges[1:] + edges[:-1])
        eta, azimuth = np.broadcast_arrays(rows[:, None], phi[0])
        return eta.copy(), azimuth.copy()


@functools.cache
def _whole_tables() -> dict[str, Table]:
    endcap, whole = EcalEndcap(), Whole()
    eta, phi = (one.ravel() for one in whole.eta_phi())
    outside = np.flatnonzero(np.abs(eta) >= SEAM)
    radius = DISTANCE / np.sinh(np.abs(eta[outside]))
    column = np.floor(radius * np.cos(phi[outside])).astype(np.int64) + SIDE // 2
    row = np.floor(radius * np.sin(phi[outside])).astype(np.int64) + SIDE // 2
    grid = (np.minimum(row, column) >= 0) & (np.maximum(row, column) < SIDE)
    channel = (np.where(eta[outside] > 0, SIDE, 0) + row)[grid] * SIDE + column[grid]
    cells = outside[grid]
    number = np.arange(2 * SIDE**2)
    own_eta, own_phi = endcap.eta_phi(*endcap.numbers(number))
    # corners and hole of the grid hold no crystals, but what a file says is there is drawn
    own_eta = np.sign(own_eta) * np.clip(np.abs(own_eta), SEAM, LIMIT - 1e-9)
    own = np.stack([number, whole.locate(own_eta, own_phi)], axis=1)
    pairs = np.unique(np.concatenate([np.stack([channel, cells], axis=1), own]), axis=0)
    channel, cells = pairs.T
    return {
        "EcalBarrelHit": _crystal_table(_FORWARD),
        "EcalEndcapHit": _table(channel, cells, len(number)),
        "HcalHit": _tower_table(TOWERS),
    }


def canvases(region: str) -> dict[str, Canvas]:
    """Pictures of a region.

    Parameters
    ----------
    region : "barrel", "ecal_centric" or "hcal_centric"
        Part of the detector, and how its endcaps are drawn.

    Returns
    -------
    dict of Canvas
        By the name of the part of the inputs.

    Examples
    --------
    >>> {name: one.shape for name, one in canvases("ecal_centric").items()}
    {'barrel': (170, 360), 'endcap_minus': (100, 100), 'endcap_plus': (100, 100)}
    """
    drawn: tuple[Canvas, ...] = (Barrel(),)
    if region == "hcal_centric":
        drawn = (Whole(),)
    elif region == "ecal_centric":
        drawn = (Barrel(), Endcap(-1), Endcap(1))
    return dict(zip(PARTS[region], drawn, strict=True))

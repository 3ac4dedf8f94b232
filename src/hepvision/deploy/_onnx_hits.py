"""Detector images drawn inside a graph: hits of a batch one behind the other in, pixels out."""

import dataclasses
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from hepvision.deploy._onnx_hit_feeds import LAYER, collections_of, drawn, value_name, windowed
from hepvision.deploy._onnx_trace import Scored
from hepvision.representations._canvas import Canvas, Table
from hepvision.representations.detector_image import DetectorImage

__all__ = ["FromHits", "Hits"]


@dataclasses.dataclass(frozen=True)
class Hits:
    """Hits of one collection in a batch.

    Parameters
    ----------
    channel : Tensor, shape (H,), int64
        Channels as ``flat_index`` of the geometry counts them; of tracks, the pixel, parts one
        behind the other. What is no channel is drawn nowhere.
    value : Tensor, shape (H,), float32, GeV
        Energies, or transverse momenta.
    offsets : Tensor, shape (B+1,), int64
        Where the hits of each event start.
    """

    channel: Tensor
    value: Tensor
    offsets: Tensor

    def event(self) -> Tensor:
        """Number of the event of each hit, shape (H,): how many events end before it."""
        ends = self.offsets[1:]
        marks = torch.zeros(self.channel.shape[0] + 1, dtype=torch.int64)
        return marks.scatter_add(0, ends, torch.ones_like(ends)).cumsum(0)[:-1]


class _Drawing(nn.Module):
    """One part of an image: hits of all collections to (B, C, H, W)."""

    shares: Tensor
    scale: Tensor

    def __init__(self, image: DetectorImage, canvas: Canvas, first: int):
        super().__init__()
        self.image, self.canvas, self.first = image, canvas, first
        self.shape = canvas.shape
        self.names = tuple(
            name for name in collections_of(image) if name == "Track" or name in canvas.tables
        )
        for name in self.names:
            if name != "Track":
                cells, counts = _padded(canvas.tables[name])
                self.register_buffer(f"cells_{name}", torch.from_numpy(cells))
                self.register_buffer(f"counts_{name}", torch.from_numpy(counts))
        scale = torch.tensor(image.scale or (1.0,) * len(image.layers), dtype=torch.float64)
        self.register_buffer("scale", scale)

    def forward(self, hits: Mapping[str, Hits], value: Tensor | None, at: Tensor | None) -> Tensor:
        layers, (rows, columns) = len(self.image.layers), self.shape
        batch = next(iter(hits.values())).offsets.shape[0] - 1
        whole = layers * rows * columns
        places, values = [], []
        for name in self.names:
            cells, share = self._cells(name, hits[name])
            layer = self.image.layers.index(LAYER[name])
            start = hits[name].event()[:, None] * whole + layer * rows * columns
            # what is drawn nowhere goes behind the last pixel, which is cut off
            places.append(torch.where(cells >= 0, start + cells, batch * whole).reshape(-1))
            values.append(share.expand(cells.shape).reshape(-1))
        empty = torch.zeros(batch * whole + 1)
        filled = empty.scatter_add(0, torch.cat(places), torch.cat(values))[:-1]
        return self._weighted(filled.view(batch, layers, rows, columns), value, at)

    def _cells(self, name: str, hits: Hits) -> tuple[Tensor, Tensor]:
        """Pixels (H, P) of hits, −1 for none, and what each of them gets (H, 1)."""
        if name == "Track":
            inside = hits.channel - self.first
            there = (inside >= 0) & (inside < self.shape[0] * self.shape[1])
            return torch.where(there, inside, -1)[:, None], hits.value[:, None]
        cells, counts = getattr(self, f"cells_{name}"), getattr(self, f"counts_{name}")
        nowhere = cells.shape[0] - 1
        known = (hits.channel >= 0) & (hits.channel < nowhere)
        index = torch.where(known, hits.channel, nowhere)
        share = hits.value / counts.index_select(0, index)
        return cells.index_select(0, index).long(), share[:, None]

    def _weighted(self, total: Tensor, value: Tensor | None, at: Tensor | None) -> Tensor:
        """Divided by the event's value and the scale; faint and unwanted pixels are zero."""
        weight = total.new_ones(total.shape[0], dtype=torch.float64)
        if value is not None:
            there = value > 0
            weight = torch.where(there, 1.0 / torch.where(there, value, 1.0), 0.0)
        factor = (weight[:, None] / self.scale).float()
        made = total * factor[:, :, None, None]
        if self.image.least > 0:
            bright = total.double() * weight[:, None, None, None] > self.image.least
            made = torch.where(bright, made, 0.0)
        if at is not None:
            made = torch.where(self._kept(at - self.first)[:, None], made, 0.0)
        return made

    def _kept(self, centres: Tensor) -> Tensor:
        """Which pixels (B, H, W) squares around some of them leave."""
        (rows, columns), image = self.shape, self.image
        there = (centres >= 0) & (centres < rows * columns)
        centres = torch.where(there, centres, 0)[:, :, None]
        # twice the columns: the way around is never the shorter one
        around = columns if self.canvas.periodic else 2 * columns
        up = (torch.arange(rows) - centres.div(columns, rounding_mode="floor")).abs()
        along = (torch.arange(columns) - centres % columns).abs()
        along = torch.minimum(along, around - along)

        def near(size: int) -> Tensor:
            rows_near = (up <= size) & there[:, :, None]
            both = rows_near[..., None] & (along <= size)[:, :, None, :]
            return both[:, 0] | both[:, 1]

        kept = torch.ones_like(near(0))
        if image.without_photons is not None:
            kept = ~near(image.without_photons)
        return kept & near(image.only_photons) if image.only_photons is not None else kept


def _padded(table: Table) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Pixels of each channel, filled up with −1, and their number; a channel more has none."""
    counts = np.diff(table.begin)
    cells = np.full((len(counts) + 1, max(int(counts.max(initial=1)), 1)), -1, np.int32)
    cells[:-1][np.arange(cells.shape[1]) < counts[:, None]] = table.cells
    return cells, np.maximum(np.append(counts, 1), 1).astype(np.float32)


class FromHits(nn.Module):
    """Hits to scores: images are drawn as the representation draws them, then scored.

    Parameters
    ----------
    key : str
        Of the representation.
    image : DetectorImage
        What is drawn.
    scored : Scored
        Images → scores.
    """

    def __init__(self, key: str, image: DetectorImage, scored: Scored):
        super().__init__()
        self.image, self.scored, self.names = image, scored, collections_of(image)
        self.parts = nn.ModuleList(_Drawing(image, one, first) for _, one, first in drawn(image))
        self.order = [f"{key}.{name}" for name, _, _ in drawn(image)]

    def example(self) -> dict[str, Tensor]:
        """Any inputs of the right form.

        Returns
        -------
        dict of Tensor
            By name, in the order of ``forward``.
        """
        made: dict[str, Tensor] = {}
        for name in self.names:
            made |= {
                f"{name}.index": torch.arange(7),
                f"{name}.{value_name(name)}": torch.rand(7),
                f"{name}.offsets": torch.tensor([0, 2, 5, 7]),
            }
        if self.image.divide_by is not None:
            made["divide_by"] = torch.rand(3, dtype=torch.float64)
        if windowed(self.image):
            made["photons"] = torch.zeros(3, 2, dtype=torch.int64)
        return made

    def images(self, *tensors: Tensor) -> list[Tensor]:
        """Images of a batch.

        Parameters
        ----------
        *tensors : Tensor
            In the order of ``example``.

        Returns
        -------
        list of Tensor, shape (B, C, H, W)
            One a part.
        """
        left = iter(tensors)
        hits = {name: Hits(next(left), next(left), next(left)) for name in self.names}
        value = next(left) if self.image.divide_by is not None else None
        at = next(left) if windowed(self.image) else None
        return [part(hits, value, at) for part in self.parts]

    def forward(self, *tensors: Tensor) -> Tensor:
        """Scores of a batch.

        Parameters
        ----------
        *tensors : Tensor
            In the order of ``example``.

        Returns
        -------
        Tensor, shape (B, K)
            Float32.
        """
        scores: Tensor = self.scored(*self.images(*tensors))
        return scores

"""Hits as arrays by the names of a graph that draws detector images."""

from collections.abc import Iterator
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.events.schema import flat
from hepvision.representations import _pixels
from hepvision.representations._canvas import Canvas, canvases
from hepvision.representations._eta_phi_cells import GEOMETRIES
from hepvision.representations._expressions import value_where_possible
from hepvision.representations.detector_image import DetectorImage

__all__ = ["LAYER", "collections_of", "drawn", "hit_feeds", "value_name", "windowed"]

#: The layer that a collection is drawn in.
LAYER = {"Track": "tracks", "EcalBarrelHit": "ecal", "EcalEndcapHit": "ecal", "HcalHit": "hcal"}


def collections_of(image: DetectorImage) -> tuple[str, ...]:
    """Collections that the layers of an image are made of.

    Parameters
    ----------
    image : DetectorImage
        Which layers, and which part of the detector.

    Returns
    -------
    tuple of str
        In the order in which they are drawn.

    Examples
    --------
    >>> collections_of(DetectorImage(layers=("tracks", "ecal")))
    ('Track', 'EcalBarrelHit')
    """
    there = {name for one in canvases(image.region).values() for name in one.tables} | {"Track"}
    return tuple(name for name, layer in LAYER.items() if layer in image.layers and name in there)


def drawn(image: DetectorImage) -> Iterator[tuple[str, Canvas, int]]:
    """Parts of an image, and where the pixels of each start when all are counted together.

    Parameters
    ----------
    image : DetectorImage
        Which part of the detector.

    Yields
    ------
    tuple of (str, Canvas, int)
        Name of the part, its picture, and its first pixel.

    Examples
    --------
    >>> [(name, first) for name, _, first in drawn(DetectorImage(region="ecal_centric"))]
    [('barrel', 0), ('endcap_minus', 61200), ('endcap_plus', 71200)]
    """
    first = 0
    for name, canvas in canvases(image.region).items():
        yield name, canvas, first
        first += canvas.shape[0] * canvas.shape[1]


def windowed(image: DetectorImage) -> bool:
    """Whether squares around the photons are left out, or left alone."""
    return image.without_photons is not None or image.only_photons is not None


def value_name(name: str) -> str:
    """What is drawn of the hits of a collection."""
    return "pt" if name == "Track" else "energy"


def hit_feeds(image: DetectorImage, examples: ak.Array) -> dict[str, NDArray[Any]]:
    """What a graph with ``hits`` is given for some events.

    Parameters
    ----------
    image : DetectorImage
        What is drawn.
    examples : ak.Array
        B events.

    Returns
    -------
    dict of array
        By the names of the inputs.
    """
    made: dict[str, NDArray[Any]] = {}
    for name in collections_of(image):
        if name == "Track":
            places = np.full(int(ak.sum(ak.num(examples["Track"]))), -1, np.int64)
            for _, canvas, first in drawn(image):
                (found,) = _pixels.tracks(examples, canvas, image.tracks_at)
                places = np.where(found.channel >= 0, found.channel + first, places)
            offsets, values = found.offsets, found.value
        else:
            geometry = GEOMETRIES[name]
            offsets, hit = flat(examples[name][[*geometry.fields, "energy"]])
            places = geometry.flat_index(*(hit[key] for key in geometry.fields))
            values = hit["energy"]
        made[f"{name}.index"] = np.asarray(places, np.int64)
        made[f"{name}.{value_name(name)}"] = np.asarray(values, np.float32)
        made[f"{name}.offsets"] = np.asarray(offsets, np.int64)
    if image.divide_by is not None:
        made["divide_by"] = np.asarray(value_where_possible(image.divide_by, examples), np.float64)
    if windowed(image):
        centres = np.full((len(examples), 2), -1, np.int64)
        for _, canvas, first in drawn(image):
            pixel = _pixels.photon_pixels(examples, canvas)
            centres = np.where(pixel >= 0, pixel + first, centres)
        made["photons"] = centres
    return made

"""What a producer of hits must know: one line on each input, and the channels as tables."""

import csv
from pathlib import Path
from typing import Any

import numpy as np

from hepvision.core.files import atomic_write
from hepvision.deploy._onnx_hit_feeds import collections_of, drawn, value_name, windowed
from hepvision.representations._canvas import Barrel, Whole
from hepvision.representations._eta_phi_cells import GEOMETRIES
from hepvision.representations.detector_image import DetectorImage

__all__ = ["canvases_told", "hits_told", "write_channels"]


def hits_told(image: DetectorImage) -> dict[str, str]:
    """One line on each input of a graph that reads hits.

    Parameters
    ----------
    image : DetectorImage
        What is drawn.

    Returns
    -------
    dict of str
        By name.

    Examples
    --------
    >>> hits_told(DetectorImage(layers=("ecal",)))["EcalBarrelHit.energy"]
    'float32 (hits): GeV'
    """
    made: dict[str, str] = {}
    for name in collections_of(image):
        counted = "pixel of the track, as 'canvases' of the metadata counts them, -1 for none"
        if name != "Track":
            fields = ", ".join(GEOMETRIES[name].fields)
            counted = f"channel of {fields}, as the table beside the file counts them"
        made[f"{name}.index"] = f"int64 (hits): {counted}"
        made[f"{name}.{value_name(name)}"] = "float32 (hits): GeV"
        made[f"{name}.offsets"] = "int64 (batch + 1): where the hits of each event start"
    if image.divide_by is not None:
        made["divide_by"] = f"float64 (batch): {image.divide_by}; NaN where there is none"
    if windowed(image):
        made["photons"] = "int64 (batch, 2): pixels of the two leading photons, -1 for none"
    return made


def canvases_told(image: DetectorImage) -> dict[str, Any]:
    """Pixels of directions, for tracks and photons.

    Parameters
    ----------
    image : DetectorImage
        What is drawn.

    Returns
    -------
    dict
        By part: its first pixel, rows and columns, and where they are.

    Examples
    --------
    >>> canvases_told(DetectorImage(region="ecal_centric"))["endcap_plus"]["first"]
    71200
    """
    made: dict[str, Any] = {}
    for name, canvas, first in drawn(image):
        made[name] = {"first": first, "shape": list(canvas.shape)}
        if isinstance(canvas, Barrel | Whole):
            edges = GEOMETRIES["EcalBarrelHit"].eta_edges
            edges = canvas.eta_edges if isinstance(canvas, Whole) else edges
            # columns are one degree wide
            made[name] |= {"eta_edges": edges.tolist(), "first_column_from_degrees": -10.0}
        else:
            made[name] |= {"rule": "crystal that the direction points at, 1.479 <= |eta| < 3"}
    return made


def write_channels(image: DetectorImage, path: Path) -> tuple[Path, ...]:
    """Tables of all channels, beside an ONNX file.

    Parameters
    ----------
    image : DetectorImage
        What is drawn.
    path : Path
        The ONNX file; ``model.onnx`` gets ``model.EcalBarrelHit.csv`` and so on.

    Returns
    -------
    tuple of Path
        One a collection: index, the fields that name a channel, and its centre.
    """
    made = []
    for name in collections_of(image):
        if name == "Track":
            continue
        geometry = GEOMETRIES[name]
        index = np.arange(int(np.prod(geometry.shape)))
        numbers = geometry.numbers(index)
        eta, phi = geometry.eta_phi(*numbers)
        file = path.with_suffix(f".{name}.csv")
        with atomic_write(file, "w") as text:
            lines = csv.writer(text, lineterminator="\n")
            lines.writerow(["index", *geometry.fields, "eta", "phi"])
            columns = [one.tolist() for one in (index, *numbers, eta.round(6), phi.round(6))]
            lines.writerows(zip(*columns, strict=True))
        made.append(file)
    return tuple(made)

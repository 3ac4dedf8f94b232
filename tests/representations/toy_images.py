"""Images as arrays."""

from __future__ import annotations

import awkward as ak
import numpy as np

from hepvision.representations.detector_image import DetectorImage

__all__ = ["dense"]


def dense(image: DetectorImage, events: ak.Array) -> dict[str, np.ndarray]:
    """Every part of an image, filled in."""
    made = {}
    for name, part in image(events).items():
        made[name] = np.empty((len(events), *image.spec[name].shape), np.float32)
        part.fill(made[name])
    return made

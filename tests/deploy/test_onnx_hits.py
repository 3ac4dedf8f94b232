"""Images that a graph draws are those of the representation, and so are the scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from hepvision.deploy._onnx_feeds import feeds
from hepvision.deploy._onnx_hit_feeds import collections_of, hit_feeds
from hepvision.deploy._onnx_hits import FromHits
from hepvision.representations._together import represent, spec_of
from hepvision.representations.detector_image import DetectorImage
from toy_events import toy_events


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"layers": ("ecal",), "divide_by": "diphoton_mass", "scale": (0.3,)},
        {"region": "ecal_centric", "scale": (0.5, 2.0, 3.0)},
        {"region": "hcal_centric", "tracks_at": "ecal_face"},
        {"region": "ecal_centric", "only_photons": 7, "without_photons": 2},
        {"only_photons": 20, "least": 0.001, "divide_by": "diphoton_mass"},
        {"region": "hcal_centric", "without_photons": 5, "layers": ("hcal", "ecal")},
    ],
)
def test_the_same_images(chosen: dict[str, Any]) -> None:
    image = DetectorImage(**chosen)
    # some events have one photon or none: neither mass nor squares
    events = toy_events(9, 1, photons=None)
    representations = {"key": image}
    wanted = feeds(represent(representations, events), spec_of(representations))
    draw = FromHits("key", image, torch.nn.Identity())  # type: ignore[arg-type]
    given = hit_feeds(image, events)
    assert list(given) == list(draw.example())
    assert {name: one.dtype for name, one in given.items()} == {
        name: one.numpy().dtype for name, one in draw.example().items()
    }
    found = draw.images(*(torch.from_numpy(one) for one in given.values()))
    assert draw.order == list(wanted)
    assert any(one.any() for one in wanted.values())
    for one, image_wanted in zip(found, wanted.values(), strict=True):
        np.testing.assert_allclose(one.numpy(), image_wanted, rtol=3e-6, atol=1e-7)


def test_channels_that_are_none_are_drawn_nowhere() -> None:
    image = DetectorImage(layers=("ecal",))
    draw = FromHits("key", image, torch.nn.Identity())  # type: ignore[arg-type]
    index = torch.tensor([-1, 61200, 5, 5])
    made = draw.images(index, torch.ones(4), torch.tensor([0, 3, 4, 4]))[0]
    assert made.shape == (3, 1, 170, 360)
    assert made.sum((1, 2, 3)).tolist() == [1.0, 1.0, 0.0]
    assert made[0, 0, 0, 5] == 1
    assert collections_of(image) == ("EcalBarrelHit",)

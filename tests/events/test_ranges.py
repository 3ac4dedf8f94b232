"""Ranges are those of all pieces together."""

import awkward as ak
import numpy as np
import pytest

from hepvision.events.ranges import Ranges
from hepvision.events.schema import FIELDS, SCALARS
from toy_events import toy_events


def test_ranges_of_pieces_are_those_of_the_whole():
    events = toy_events(60, seed=3)
    whole, pieces = Ranges(), Ranges()
    whole.add(events)
    for start in range(0, 60, 7):
        pieces.add(events[start : start + 7])
    assert whole.events == pieces.events == 60
    assert whole.objects == pieces.objects
    assert list(whole.fields) == list(pieces.fields)
    for name, one in whole.fields.items():
        other = pieces.fields[name]
        assert (one.count, one.low, one.high) == (other.count, other.low, other.high), name
        assert one.mean == pytest.approx(other.mean)
    photons = ak.to_numpy(ak.flatten(events.Photon.pt)).astype(float)
    found = whole.fields["Photon.pt"]
    assert (found.low, found.high, found.count) == (photons.min(), photons.max(), len(photons))
    assert found.mean == pytest.approx(photons.mean())
    assert found.field is FIELDS["Photon"]["pt"]
    assert whole.fields["weight"].field is SCALARS["weight"]
    assert whole.objects["Photon"] == (len(photons), int(ak.max(ak.num(events.Photon))))


def test_no_events_and_no_objects():
    seen = Ranges()
    seen.add(toy_events(2, mean=0, photons=0))
    assert seen.objects["Photon"] == (0, 0)
    assert np.isnan(seen.fields["Photon.pt"].mean)
    seen.add(toy_events(2)[:0])
    assert seen.events == 2

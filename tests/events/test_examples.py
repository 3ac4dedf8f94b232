"""One row an event or an object, with all of its event."""

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import UnknownNameError
from hepvision.events.examples import examples


def test_objects_keep_their_event_and_place(toy):
    rows = examples(toy, per="Photon")
    counts = ak.to_numpy(ak.num(toy.Photon))
    np.testing.assert_array_equal(rows.event_id, np.repeat(toy.event_id, counts))
    picked = rows.Photon[np.arange(len(rows))[:, None], rows.object_index[:, None]]
    assert ak.all(ak.flatten(picked.pt) == rows.object.pt)


def test_events_are_rows_themselves(toy):
    rows = examples(toy)
    assert rows.event_id.tolist() == toy.event_id.tolist()
    assert set(rows.object_index.tolist()) == {0}


def test_no_objects_give_no_rows_and_a_typo_names_the_near_one(toy):
    assert len(examples(toy[ak.num(toy.Photon) == 0], per="Photon")) == 0
    with pytest.raises(UnknownNameError, match="Did you mean 'Photon'"):
        examples(toy, per="Foton")
    with pytest.raises(UnknownNameError, match="no collection 'weight'"):
        examples(toy, per="weight")

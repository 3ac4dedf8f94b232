"""Splits stand still when events are added."""

import awkward as ak
import numpy as np
import pytest

from hepvision.core.card import parse
from hepvision.core.errors import CardError
from hepvision.events.examples import examples
from hepvision.events.split import Split, split_of, splits


def test_fractions_come_out_and_seeds_differ():
    ids = np.arange(50_000, dtype=np.uint64)
    counts = np.bincount(split_of(ids, Split(validation=0.1, test=0.25)), minlength=3)
    np.testing.assert_allclose(counts / 50_000, [0.65, 0.1, 0.25], atol=0.01)
    a, b = split_of(ids, Split(seed=1)), split_of(ids, Split(seed=2))
    # two independent splits of 0.6, 0.2, 0.2 agree in 0.36 + 0.04 + 0.04 of the events
    assert np.mean(a == b) == pytest.approx(0.44, abs=0.02)


def test_adding_events_moves_none():
    ids = np.arange(1000, dtype=np.uint64)
    np.testing.assert_array_equal(split_of(ids)[:300], split_of(ids[:300]))


def test_neighbouring_ids_and_chunks_are_unrelated():
    ids = (np.arange(40, dtype=np.uint64)[:, None] << np.uint64(20)) + np.arange(
        500, dtype=np.uint64
    )
    train = split_of(ids.ravel()).reshape(40, 500) == 0
    spread = train.mean(axis=1).std()
    assert spread == pytest.approx(np.sqrt(0.24 / 500), rel=0.4)


def test_objects_of_an_event_stay_together(toy):
    rows = examples(toy, per="Photon")
    part = splits(rows)
    by_event = dict(zip(toy.event_id.tolist(), splits(toy).tolist(), strict=True))
    assert part.tolist() == [by_event[number] for number in rows.event_id.tolist()]
    assert rows.object.pt.tolist() == ak.flatten(toy.Photon.pt).tolist()


def test_a_published_split_wins(toy):
    published = ak.with_field(toy, np.full(len(toy), 2, np.int8), "split")
    assert set(splits(published)) == {2}


def test_impossible_fractions_are_refused():
    with pytest.raises(CardError, match="leave some events for training"):
        parse(Split, {"validation": 0.5, "test": 0.5}, "card")

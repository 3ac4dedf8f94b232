"""Streams are the same for the same key and unrelated for others."""

import itertools

import numpy as np
import pytest

from hepvision.core.seeds import STAGES, generator


def test_every_part_of_the_key_changes_the_stream():
    keys = itertools.product((0, 1), STAGES[:2], ("a", "b"), (0, 1))
    first = [generator(*key).random() for key in keys]
    assert len(set(first)) == 16


def test_streams_of_neighbouring_chunks_are_unrelated():
    a, b = (generator(1, "detector", "x", chunk).standard_normal(20_000) for chunk in (0, 1))
    assert abs(np.corrcoef(a, b)[0, 1]) < 4 / np.sqrt(20_000)


def test_unknown_stage_and_negative_seed_are_refused():
    with pytest.raises(ValueError, match="stage: must be one of"):
        generator(1, "nonsense")
    with pytest.raises(ValueError, match="must not be negative, got -1"):
        generator(-1, "detector")

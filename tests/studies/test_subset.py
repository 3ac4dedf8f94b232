"""Learning curves: fewer training examples are a part of more."""

import numpy as np
import pytest

from hepvision.core.errors import CardError
from hepvision.studies._subset import UNUSED, fewer

SPLIT = np.tile([0, 0, 0, 1, 2], 200)
LABEL = np.repeat([0, 1], 500)
EVENT = np.arange(1000) % 500


def test_fewer_are_a_part_of_more_and_nothing_else_moves() -> None:
    some, more = (fewer(SPLIT, LABEL, EVENT, number) for number in (50, 200))
    assert [int(((some == 0) & (k == LABEL)).sum()) for k in (0, 1)] == [50, 50]
    assert (more[some == 0] == 0).all()
    np.testing.assert_array_equal(some[SPLIT > 0], SPLIT[SPLIT > 0])
    assert (some[(SPLIT == 0) & (some != 0)] == UNUSED).all()


def test_order_and_other_events_do_not_matter() -> None:
    order = np.random.default_rng(1).permutation(1000)
    mixed = fewer(SPLIT[order], LABEL[order], EVENT[order], 50)
    np.testing.assert_array_equal(mixed, fewer(SPLIT, LABEL, EVENT, 50)[order])


def test_all_or_too_many() -> None:
    assert fewer(SPLIT, LABEL, EVENT, None) is SPLIT
    with pytest.raises(CardError, match=r"at most what there is of each class, 300, got 301"):
        fewer(SPLIT, LABEL, EVENT, 301)

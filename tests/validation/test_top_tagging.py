"""The rows of the top-tagging validation fit into the machine."""

from __future__ import annotations

from typing import Any

import pytest

from hepvision.core.card import read_yaml
from hepvision.studies.card import resolve
from hepvision.studies.entry import options_of


@pytest.fixture
def rows(script: Any) -> Any:
    return script("validation/_tops_rows.py")


def test_every_entry_of_the_card_has_a_row_that_can_be_trained(rows: Any) -> None:
    entries = [one["name"] for one in read_yaml(rows.CARD)["entries"]]
    assert {one.entry for one in rows.ROWS} == set(entries)
    assert len({one.key for one in rows.ROWS}) == len(rows.ROWS)
    assert set(rows.MUST) <= set(entries)
    for row in rows.ROWS:
        study = resolve(rows.card_of(row), changes=["files=[train.h5, val.h5, test.h5]"])
        assert study.samples["top"].where == ("label == 1",)
        assert study.samples["qcd"].where == ("label == 0",)
        (entry,) = study.entries
        options = options_of(study, entry)
        assert (options.threads, options.schedule, options.patience) == (1, "cosine", 0)
        assert options.examples == row.examples


def test_the_table_takes_half_a_day_of_one_core_and_no_row_ninety_minutes_of_two(rows: Any) -> None:
    assert sum(map(rows.core_hours, rows.ROWS)) <= 14
    assert max(map(rows.core_hours, rows.ROWS)) <= 3


def test_entries_have_three_seeds_where_one_takes_under_twenty_minutes_of_two_cores(
    rows: Any,
) -> None:
    for entry in {one.entry for one in rows.ROWS}:
        seeds = [one for one in rows.ROWS if one.entry == entry and one.examples is None]
        short = rows.core_hours(seeds[0]) < 2 * 20 / 60
        assert len(seeds) == (3 if short else 1), entry
        assert (entry in rows.LONG) == (not short)

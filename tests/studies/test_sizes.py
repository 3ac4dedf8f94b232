"""A size changes what it names, and says so."""

import pytest
import yaml

from hepvision.core.card import read_yaml
from hepvision.core.errors import CardError
from hepvision.core.names import names
from hepvision.studies._sizes import merged, size_line, sized
from hepvision.studies.card import resolve

CARD = {"simulate": {"events": 200, "pileup": 20}, "seeds": [1], "size": ""}


@pytest.mark.parametrize("study", names("studies"))
def test_a_shipped_card_says_nothing_twice(study):
    assert size_line(study) == ""
    card = read_yaml(study)
    for size in card["sizes"]:
        line = size_line(study, size)
        assert "(was" in line or not card["sizes"][size]


@pytest.mark.parametrize("study", names("studies"))
def test_the_events_of_a_copied_card_may_be_edited(study, tmp_path):
    card = read_yaml(study)
    card["simulate"]["events"] = 200
    copied = tmp_path / "mine.yaml"
    copied.write_text(yaml.safe_dump(card, sort_keys=False))
    made = resolve(copied)
    assert made.size == "quick"
    assert {one.simulate.events for one in made.samples.values()} == {200}


def test_what_a_size_replaces_is_said_with_what_it_was():
    card = {**CARD, "sizes": {"quick": {"simulate": {"events": 1000, "pileup": 20}, "per": "a"}}}
    made, changed = sized(card, None, "card")
    assert made["simulate"] == {"events": 1000, "pileup": 20}
    assert changed == ["simulate.events=1000 (was 200)", "per=a"]
    assert size_line(card) == "size quick: simulate.events=1000 (was 200), per=a"
    assert card["simulate"]["events"] == 200
    assert "sizes" in card


@pytest.mark.parametrize("change", ["simulate.events=5", "simulate={}", " simulate.events =5"])
def test_what_set_replaces_in_turn_is_not_said(change):
    card = {**CARD, "sizes": {"quick": {"simulate": {"events": 1000}, "seeds": [1, 2]}}}
    assert size_line(card, "quick", [change]) == "size quick: seeds=[1, 2] (was [1])"


def test_a_size_may_be_empty_and_must_be_a_mapping():
    for empty in ({}, None):
        assert sized({**CARD, "sizes": {"quick": empty}}, None, "card") == (
            {**CARD, "size": "quick"},
            [],
        )
    for wrong in ([1], {"quick": 3}):
        with pytest.raises(CardError, match="must be a mapping"):
            sized({**CARD, "sizes": wrong}, "quick", "card")


def test_lists_are_replaced_and_mappings_merged():
    assert merged({"a": [1, 2], "b": {"c": 1}}, {"a": [3], "b": {"d": 2}}) == {
        "a": [3],
        "b": {"c": 1, "d": 2},
    }


def test_lists_of_blocks_are_told_by_their_names() -> None:
    sizes = {"quick": {"entries": [{"name": "a"}]}}
    card = {"entries": [{"name": "a"}, {"name": "b"}], "sizes": sizes}
    assert sized(card, "quick", "card")[1] == ["entries=[a] (was [a, b])"]

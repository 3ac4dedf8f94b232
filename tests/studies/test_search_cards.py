"""Cards of what a search found say what was found, and leave the rest as it was."""

from pathlib import Path

from hepvision.studies._search_cards import card_of
from hepvision.studies._search_front import Found
from hepvision.studies.card import resolve
from studies.toy_search import toy_search


def test_a_representation_of_a_trial_takes_the_place_of_no_other(tmp_path: Path) -> None:
    plain = toy_search(tmp_path, ranges={"representations.m.pixels": [32, 64]})
    image = {"name": "event_image", "pixels": 32}
    plain["representations"] = {"m": image, "m_7": {**image, "pixels": 16}}
    plain["entries"][1]["uses"] = ["m", "m_7"]
    found = Found(7, 0.5, 0.1, {}, {"representations.m.pixels": 64})
    made = card_of(resolve(plain), [found], "big")
    entries = {one.name: one for one in made.entries}
    pixels = {
        name: [made.representations[key]["pixels"] for key in one.uses]
        for name, one in entries.items()
    }
    assert pixels == {"trial-7": [64], "big": [32, 16]}

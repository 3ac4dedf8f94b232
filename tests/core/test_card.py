"""A typo in a card is one line with the near name."""

import pytest

from hepvision.core.card import Card, component, parse, read_yaml
from hepvision.core.errors import CardError, UnknownNameError


class Inner(Card):
    """A block."""

    epochs: int = 1


class Outer(Card):
    """A card."""

    training: Inner = Inner()
    entries: tuple[Inner, ...] = ()


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"trainig": {}}, r"card: no key 'trainig'\. Did you mean 'training'\?"),
        ({"training": {"epoch": 1}}, r"card: training: no key 'epoch'\. Did you mean 'epochs'\?"),
        ({"entries": [{"epoch": 1}]}, r"entries\.0: no key 'epoch'\. Did you mean 'epochs'\?"),
        ({"training": {"epochs": "many"}}, r"training\.epochs: .* got 'many'"),
        ([1], "card: "),
    ],
)
def test_typos_are_named_with_their_place(data, text):
    with pytest.raises(CardError, match=text) as caught:
        parse(Outer, data, "card")
    assert "\n" not in str(caught.value)


def test_components_are_checked_against_their_fields():
    image = component("representations", {"name": "detector_image", "layers": ["ecal"]})
    assert image.layers == ("ecal",)
    with pytest.raises(CardError, match="no key 'layer'. Did you mean 'layers'"):
        component("representations", {"name": "detector_image", "layer": ["ecal"]})
    with pytest.raises(CardError, match="layers"):
        component("representations", {"name": "detector_image", "layers": ["muons"]})
    with pytest.raises(UnknownNameError, match="Did you mean 'detector_image'"):
        component("representations", "detector_imag")
    with pytest.raises(CardError, match="needs a name"):
        component("representations", {"layers": ["ecal"]})


@pytest.mark.parametrize("text", ["a: [", "- 1", "!!python/object/apply:os.system [echo]", ""])
def test_yaml_that_is_no_mapping_is_refused_and_runs_nothing(tmp_path, text):
    path = tmp_path / "card.yaml"
    path.write_text(text)
    with pytest.raises(CardError, match=r"card\.yaml: must be"):
        read_yaml(path)


def test_an_unknown_study_names_the_near_one():
    with pytest.raises(UnknownNameError, match="Did you mean 'higgs_diphoton'"):
        read_yaml("higgs_dipoton")
    with pytest.raises(CardError, match="no such card"):
        read_yaml("nowhere.yaml")

"""A typo in a card is one line with the near name."""

import dataclasses
from typing import Annotated, Any, ClassVar, Literal

import pydantic
import pytest

from hepvision.core.card import Card, component, parse, read_yaml, sizes_of
from hepvision.core.errors import CardError, UnknownNameError


class Inner(Card):
    """A block."""

    epochs: int = 1


class Sized(Card):
    """A block with bounds."""

    rate: Annotated[float, pydantic.Field(gt=0)] = 1.0
    kind: Literal["a", "b"] = "a"
    model: str | dict[str, Any] = "mlp"
    seeds: Annotated[tuple[int, ...], pydantic.Field(min_length=1)] = (1,)
    both: bool = True


class Needs(Card):
    """A block with a key that must be given."""

    name: str
    inner: Sized = Sized()


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


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"rate": "fast"}, "inner.rate: must be a number, got 'fast'. Give one."),
        ({"rate": 0}, "inner.rate: must be greater than 0, got 0. Give more."),
        ({"kind": "c"}, "inner.kind: must be 'a' or 'b', got 'c'. Take one of them."),
        ({"seeds": []}, "inner.seeds: must hold at least 1, got []. Add to it."),
        ({"seeds": 1}, "inner.seeds: must be a list, got 1. Put it into [ ]."),
        ({"seeds": [1.5]}, "inner.seeds.0: must be a whole number, got 1.5. Round it."),
        ({"seeds": ["x"]}, "inner.seeds.0: must be a whole number, got 'x'. Give one."),
        ({"both": "so"}, "inner.both: must be true or false, got 'so'. Write one of them."),
        (
            {"model": 3},
            "inner.model: must be text or a mapping of keys to values, got 3. Write one of them.",
        ),
        (3, "inner: must be a mapping of keys to values, got 3. Write key: value."),
    ],
)
def test_rules_are_in_the_words_of_a_card(data, said):
    with pytest.raises(CardError) as caught:
        parse(Needs, {"name": "x", "inner": data}, "card")
    assert str(caught.value) == f"card: {said}"


def test_what_is_missing_is_named():
    with pytest.raises(CardError) as caught:
        parse(Needs, {}, "card")
    assert str(caught.value) == "card: name: must be given, got nothing. Add it."


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"nam": "x"}, "card: no key 'nam'. Did you mean 'name'?"),
        ({"inner": {"rat": 1}}, "card: name: must be given, got nothing. Add it."),
        ({"inner": {"rat": 1}, "nam": "x"}, "card: no key 'nam'. Did you mean 'name'?"),
    ],
)
def test_an_unknown_key_is_told_before_one_missing_beside_it(data, said):
    with pytest.raises(CardError) as caught:
        parse(Needs, data, "card")
    assert str(caught.value) == said


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan"), ".inf", "inf"])
def test_numbers_must_be_finite(value):
    with pytest.raises(CardError, match=r"inner\.rate: must be a (finite )?number, got"):
        parse(Needs, {"name": "x", "inner": {"rate": value}}, "card")
    with pytest.raises(CardError, match=r"particle_gun: low: must be a (finite )?number, got"):
        component("processes", {"name": "particle_gun", "low": value})


@pytest.mark.parametrize(
    ("inner", "where"), [({"rate": True}, "rate"), ({"seeds": [2, False]}, r"seeds\.1")]
)
def test_a_truth_value_is_no_number(inner, where):
    """Else ``epochs: yes`` trains one epoch."""
    rule = "must be a number, got a truth value"
    with pytest.raises(CardError, match=rf"^card: inner\.{where}: {rule}"):
        parse(Needs, {"name": "x", "inner": inner}, "card")
    with pytest.raises(CardError, match=rf"^processes particle_gun: low: {rule}"):
        component("processes", {"name": "particle_gun", "low": True})
    assert parse(Needs, {"name": "x", "inner": {"both": False}}, "card").inner.both is False


def test_a_card_ends_in_yaml(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, ending in (("afile", "no ending"), ("card.txt", ".txt")):
        (tmp_path / name).write_text("seeds: [1]")
        with pytest.raises(CardError, match=rf"{name}: a card must end in \.yaml, got {ending}"):
            read_yaml(name)
    (tmp_path / "higgs_diphoton").write_text("a study's name comes first")
    assert "samples" in read_yaml("higgs_diphoton")


@dataclasses.dataclass(frozen=True)
class Growing:
    """A component of two sizes."""

    width: int = 8
    depth: int = 2
    sizes: ClassVar[dict[str, dict[str, Any]]] = {"small": {}, "paper": {"width": 64, "depth": 3}}


@dataclasses.dataclass(frozen=True)
class Measured:
    """A component with a field called size."""

    size: int = 1
    sizes: ClassVar[dict[str, dict[str, Any]]] = {"small": {}}


def test_a_size_gives_fields_and_fields_beside_it_win(monkeypatch):
    monkeypatch.setattr("hepvision.core.card.load", lambda *_: Growing)
    assert component("models", {"name": "growing", "size": "small"}) == Growing()
    assert component("models", {"name": "growing", "size": "paper"}) == Growing(64, 3)
    assert component("models", {"name": "growing", "depth": 5, "size": "paper"}) == Growing(64, 5)
    assert sizes_of(Growing) == Growing.sizes


@pytest.mark.parametrize("size", ["papr", 3, None, ["paper"]])
def test_an_unknown_size_is_one_line(size, monkeypatch):
    monkeypatch.setattr("hepvision.core.card.load", lambda *_: Growing)
    with pytest.raises(CardError, match="models growing: no size .* (Did you mean|There are)"):
        component("models", {"name": "growing", "size": size})


def test_a_field_called_size_is_a_field(monkeypatch):
    monkeypatch.setattr("hepvision.core.card.load", lambda *_: Measured)
    assert component("models", {"name": "measured", "size": 3}) == Measured(3)
    assert sizes_of(Measured) == {}


def test_without_sizes_it_is_an_unknown_key():
    with pytest.raises(CardError, match="no key 'size'"):
        component("geometries", {"name": "hcal", "size": "paper"})

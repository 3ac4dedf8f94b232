"""A model names what it can read."""

from __future__ import annotations

import pytest

from hepvision.core.errors import UnknownNameError
from hepvision.models.layers.choice import chosen_parts, fitting, parts_of_kind, single_part
from toy_inputs import toy_spec


def test_all_parts_in_order() -> None:
    spec = toy_spec("vector", "b") | toy_spec("vector", "a")
    assert parts_of_kind("m", spec, {"vector"}) == ("b", "a")


def test_one_part_too_many() -> None:
    spec = toy_spec("image", "b") | toy_spec("image", "a")
    with pytest.raises(ValueError, match="m: reads one part, got b, a"):
        single_part("m", spec, {"image"})


def test_representations_that_fit_are_named() -> None:
    with pytest.raises(ValueError, match=r"m: reads .* sequence, got b \(image\)") as caught:
        parts_of_kind("m", toy_spec("image", "b"), {"sequence"})
    assert "Representations that fit: object_set (kind: sequence), particles" in str(caught.value)
    assert {"jet_image", "detector_image", "rapidity_mass_matrix"} <= set(fitting({"image"}))
    assert "jet_image" not in fitting({"vector", "set"})
    assert {"jet_features", "rapidity_mass_matrix (kind: vector)"} <= set(fitting({"vector"}))
    with pytest.raises(ValueError, match="Choose another model"):
        parts_of_kind("m", toy_spec("image", "b"), {"volume"})


def test_none_at_all() -> None:
    with pytest.raises(ValueError, match="got none"):
        parts_of_kind("m", {}, {"image"})


def test_a_name_may_be_whole_or_its_first_or_last_word() -> None:
    spec = toy_spec("vector", "a.x") | toy_spec("vector", "a.y") | toy_spec("vector", "b.x")
    assert chosen_parts("m", spec, "a") == ("a.x", "a.y")
    assert chosen_parts("m", spec, "x") == ("a.x", "b.x")
    assert chosen_parts("m", spec, "a.x") == ("a.x",)
    with pytest.raises(UnknownNameError, match=r"m: no part 'b.y'. Did you mean"):
        chosen_parts("m", spec, "b.y")

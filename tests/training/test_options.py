"""Settings of a training and what `auto` chooses."""

from __future__ import annotations

import pytest

from hepvision.core.card import parse
from hepvision.core.errors import CardError
from hepvision.training.options import Options, chosen_precision
from toy_inputs import toy_spec


@pytest.mark.parametrize(
    ("kind", "features", "wanted"),
    [
        ("image", ("avx512_bf16",), "bfloat16"),
        ("image", ("amx_bf16", "avx2"), "bfloat16"),
        ("image", ("avx2", "avx512f"), "float32"),
        ("vector", ("amx_bf16",), "float32"),
    ],
)
def test_auto(kind: str, features: tuple[str, ...], wanted: str) -> None:
    assert chosen_precision(Options(), toy_spec(kind), features) == wanted


def test_a_choice_is_obeyed() -> None:
    coarse = Options(precision="bfloat16")
    assert chosen_precision(coarse, toy_spec("vector"), ()) == "bfloat16"


def test_cosine_falls_to_nearly_nothing() -> None:
    options = Options(epochs=10, schedule="cosine", learning_rate=0.1)
    rates = [options.rate(epoch) for epoch in range(10)]
    assert rates[0] == pytest.approx(0.1)
    assert rates == sorted(rates, reverse=True)
    assert 0 < rates[-1] < 0.003


def test_a_typo_is_named() -> None:
    with pytest.raises(CardError, match="no key 'epoch'. Did you mean 'epochs'"):
        parse(Options, {"epoch": 3}, "training")
    with pytest.raises(CardError, match="batch"):
        parse(Options, {"batch": 0}, "training")


def test_turns_are_what_is_asked_for() -> None:
    spec = toy_spec("image")
    assert Options().turns(spec, 1, 0) is None
    assert Options(turn=True, rotation=False, mirror=False).turns(spec, 1, 0) is None
    both = Options(turn=True).turns(spec, 1, 0)
    assert both is not None and both.rotation and both.mirror
    assert not both.shear and not both.translation
    alone = Options(rotation=True, shear=0.2).turns(spec, 1, 3)
    assert alone is not None and alone.rotation and not alone.mirror
    assert (alone.shear, alone.seed, alone.epoch) == (0.2, 1, 3)
    assert [Options(shear=0.2).asks(name) for name in ("shear", "mirror")] == [True, False]


@pytest.mark.parametrize("wrong", [{"shear": -0.1}, {"translation": 1.0}, {"mirrors": True}])
def test_nonsense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(CardError, match=next(iter(wrong))):
        parse(Options, wrong, "training")

"""The public names are a promise: a change here is a change for every user."""

from __future__ import annotations

import inspect

import pytest

import hepvision

#: Parameters in order; new ones are appended, and after a ``*``.
PUBLIC = {
    "bench": "bundle out * events batches threads seconds compiled progress components",
    "compare": "runs out * against shared",
    "convert": (
        "files out * label format options select workers scheduler skip_broken progress components"
    ),
    "doctor": "folder",
    "draw": "bundle out * source event components",
    "export": "bundle out * inputs precision events components",
    "inspect": "path format options * events components",
    "open_store": "path",
    "predict": "bundle inputs out * batch threads workers scheduler progress components",
    "run": "card out * size changes workers scheduler progress components devices nodes",
    "search": (
        "card out * trials budget storage reference minutes size changes workers scheduler "
        "progress components"
    ),
    "serve": "model * name host port threads batch waiting largest components say",
    "show": "source event out * format options components",
    "simulate": (
        "process events out * pileup energy seed workers scheduler readout select split parameters "
        "content pool_events progress reconstruct"
    ),
}


def test_all_is_pinned() -> None:
    assert sorted(hepvision.__all__) == sorted(["__version__", *PUBLIC])


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public_function_loads(name: str) -> None:
    function = getattr(hepvision, name)
    assert inspect.isfunction(function)
    assert function.__name__ == name
    words: list[str] = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and "*" not in words:
            words.append("*")
        words.append(parameter.name)
    assert " ".join(words) == PUBLIC[name]


def test_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="simulat"):
        _ = hepvision.simulat  # type: ignore[attr-defined]


def test_dir_offers_every_name() -> None:
    assert set(hepvision.__all__) <= set(dir(hepvision))


def test_version_is_the_installed_one() -> None:
    from importlib.metadata import version

    assert hepvision.__version__ == version("hepvision")

"""Components are found by their files, and what they need is read off them."""

from __future__ import annotations

from pathlib import Path

import pytest

from hepvision.core import names
from hepvision.core.errors import MissingExtraError, UnknownNameError


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in place of the models'."""
    monkeypatch.setitem(names.KINDS, "models", (str(tmp_path), ".py"))
    return tmp_path


def test_private_files_folders_and_other_suffixes_are_no_components(models: Path) -> None:
    for name in ("b.py", "a.py", "_block.py", "__init__.py", "notes.txt"):
        (models / name).write_text("")
    (models / "layers").mkdir()
    assert names.names("models") == ("a", "b")


def test_a_new_file_is_seen_at_once(models: Path) -> None:
    assert names.names("models") == ()
    (models / "new.py").write_text('"""The first line.\n\nMore."""\n')
    assert names.names("models") == ("new",)
    assert names.summary("models", "new") == "The first line."


@pytest.mark.parametrize(
    ("source", "extra"),
    [
        ("import numpy", None),
        ("import torch.nn as nn", "train"),
        ("from sklearn.svm import SVC", "classical"),
        ("def f():\n    import xgboost", "trees"),
        ("def f():\n    return require('fastjet', extra='simulate')", "simulate"),
        ("from hepvision.models._block import f", "train"),
        ("from hepvision.models._absent import f", None),
    ],
)
def test_extra_is_read_off_the_imports(source: str, extra: str | None, models: Path) -> None:
    (models / "one.py").write_text(source)
    (models / "_block.py").write_text("from hepvision.models._deep import g")
    (models / "_deep.py").write_text("import torch\nfrom hepvision.models._block import f")
    assert names.extra_of("models", "one") == extra


def test_files_that_import_each_other_end(models: Path) -> None:
    (models / "one.py").write_text("from hepvision.models._a import f")
    (models / "_a.py").write_text("from hepvision.models._b import f")
    (models / "_b.py").write_text("from hepvision.models._a import f")
    assert names.extra_of("models", "one") is None


@pytest.mark.parametrize("ask", [names.file_of, names.load, names.summary, names.extra_of])
def test_an_unknown_name_gets_its_neighbour(ask: object) -> None:
    with pytest.raises(UnknownNameError, match="no 'hcall'. Did you mean 'hcal'?") as caught:
        ask("geometries", "hcall")  # type: ignore[operator]
    assert "\n" not in str(caught.value)


def test_a_far_name_gets_the_list() -> None:
    with pytest.raises(UnknownNameError, match="There are: .*hcal"):
        names.load("geometries", "zzzz")


def test_an_unknown_kind() -> None:
    with pytest.raises(UnknownNameError, match="kinds: no 'geometry'. Did you mean 'geometries'?"):
        names.names("geometry")


def test_what_is_not_installed_is_said_with_its_extra() -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'hepvision\[simulate\]'"):
        names.require("no_such_package_here", extra="simulate")


def test_an_import_that_fails_inside_a_package_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "outer_package.py").write_text("import inner_package_that_is_absent")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ModuleNotFoundError, match="inner_package") as caught:
        names.require("outer_package", extra="simulate")
    assert not isinstance(caught.value, MissingExtraError)


@pytest.mark.parametrize("kind", list(names.KINDS))
def test_every_component_has_its_line(kind: str) -> None:
    for name in names.names(kind):
        line = names.summary(kind, name)
        assert line, name
        assert "\n" not in line

"""What the texts say is so: commands, links, versions, pins."""

from __future__ import annotations

import inspect
import re
import shlex
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import hepvision
from hepvision.core import names

ROOT = Path(__file__).resolve().parent.parent
TEXTS = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md"))]
CODE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def commands(text: str) -> list[list[str]]:
    """Words of each line of a code block, or a code span, that calls ``hepvision``."""
    lines = [line for block in CODE.findall(text) for line in block.splitlines()]
    lines += re.findall(r"`(hepvision [^`]+)`", text)
    return [shlex.split(line, comments=True) for line in lines if line.startswith("hepvision ")]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_commands_exist(path: Path) -> None:
    for words in commands(path.read_text("utf-8")):
        command, *rest = words[1:]
        assert command in names.names("commands"), words
        source = inspect.getsource(names.load("commands", command))
        for option in (word for word in rest if word.startswith("--") and word != "--help"):
            name = option[2:].replace("-", "_")
            assert f'"{option}"' in source or re.search(rf"\b{name}\b: ", source), words


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_links_point_at_files(path: Path) -> None:
    for target in LINK.findall(CODE.sub("", path.read_text("utf-8"))):
        generated = target.startswith(("components/", "api/"))
        assert generated or (path.parent / target).exists(), target


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_make_targets_exist(path: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake (\w+)(?=`|\s*#|\s*$)", path.read_text("utf-8"))) <= targets


def test_one_version() -> None:
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))["version"] == (
        hepvision.__version__
    )
    assert f"## {hepvision.__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


@pytest.mark.parametrize("file", ["constraints.txt", "constraints-backbones.txt"])
def test_pins_lie_in_the_ranges(file: str) -> None:
    pins = {}
    for line in (ROOT / file).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            name, exact, version = line.partition("==")
            assert exact, f"{file}: no exact pin, got {line!r}"
            pins[re.sub(r"[-_.]+", "-", name).lower()] = version
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    backbones = extras.pop("backbones") if "backbones" not in file else []
    if "backbones" in file:
        extras.pop("bench")  # in an environment of its own
    lines = [*project["dependencies"], *(line for needs in extras.values() for line in needs)]
    for requirement in map(Requirement, lines):
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        here = requirement.marker is None or requirement.marker.evaluate()
        if name != "hepvision" and here:
            assert name in pins, f"{file} does not pin {name}"
            assert pins[name] in requirement.specifier, f"{file}: {name}=={pins[name]}"
    for requirement in map(Requirement, backbones):
        assert requirement.name not in {"torchvision", "timm"} & set(pins)


def test_every_extra_of_a_component_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = project["optional-dependencies"]
    for package, extra in names.EXTRAS.items():
        distribution = {"sklearn": "scikit-learn"}.get(package, package)
        assert any(line.startswith(distribution) for line in declared[extra]), package

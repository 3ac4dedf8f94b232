"""A sample for every reader: a published file if there is one here, else one that is written."""

from __future__ import annotations

import importlib.util
import re
import shutil
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from hepvision.core.names import load

from shared_data import shared

__all__ = ["NO_EVENTS", "companions", "published", "reader", "sample", "small", "write", "written"]

WRITTEN = Path(__file__).resolve().parent / "readers" / "written"
LARGE = 20_000_000  # bytes: the contract needs no larger sample
#: Lie beside the published samples, and hold no events.
NO_EVENTS = {"README.md", "detectors.csv.gz"}


def reader(name: str) -> Any:
    """A reader with its defaults."""
    return load("readers", name)()


@cache
def written(name: str) -> ModuleType | None:
    """The module that writes files of a format, ``tests/readers/written/<name>.py``."""
    path = WRITTEN / f"{name}.py"
    if not path.is_file():
        return None
    spec = importlib.util.spec_from_file_location(f"written_{name}", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def write(name: str, folder: Path, events: int = 7, seed: int = 1) -> Path:
    """Write a file of a format; skips the calling test if nothing writes it."""
    module = written(name)
    if module is None:
        pytest.skip(f"nothing writes files of {name!r}")
    path = folder / getattr(module, "NAME", f"event000000001{module.SUFFIX}")
    module.write(path, events=events, seed=seed)
    return path


@cache
def published(name: str) -> tuple[Path, ...]:
    """Published files that a reader recognises, the smallest first; none if they are not here."""
    try:
        folder = shared("data")
    except pytest.skip.Exception:
        return ()
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in NO_EVENTS]
    known = [path for path in files if reader(name).recognises(path)]
    return tuple(sorted(known, key=lambda path: (path.stat().st_size, path.name)))


def companions(path: Path) -> Iterator[Path]:
    """The file and those that belong to it, such as the tables of one event."""
    start = re.split(r"[-.]", path.name)[0]
    for one in sorted(path.parent.iterdir()):
        if one.is_file() and re.split(r"[-.]", one.name)[0] == start:
            yield one


def sample(name: str, folder: Path) -> Path:
    """The smallest published file, with what belongs to it, or a written one, in a folder."""
    known = published(name)
    if not known or known[0].stat().st_size > LARGE:
        return write(name, folder)
    for one in companions(known[0]):
        shutil.copy(one, folder / one.name)
        (folder / one.name).chmod(0o644)
    return folder / known[0].name


def small(name: str, folder: Path, events: int = 4) -> Path:
    """A sample that is quick to read hundreds of times: of a large zip the first events."""
    path = sample(name, folder)
    if path.suffix == ".ig":
        with zipfile.ZipFile(path) as archive:
            members = {one: archive.read(one) for one in archive.namelist()[: events + 1]}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for one, content in members.items():
                archive.writestr(one, content)
    return path

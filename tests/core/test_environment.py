"""What the machine and the installation are."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
from pathlib import Path

import pytest

import hepvision
from hepvision.core.environment import doctor


def test_versions_are_the_installed_ones() -> None:
    found = doctor()
    assert found.version == hepvision.__version__
    for name in ("numpy", "awkward", "typer"):
        assert found.packages[name] == importlib.metadata.version(name)


def test_every_extra_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        "numpy>=2.0",
        "numpy>=2.0; extra == 'full'",
        "no-such-package-here>=1; extra == 'part'",
        "never-on-this-system; sys_platform == 'none' and extra == 'part'",
        "hepvision[part]; extra == 'both'",
    ]
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: lines)
    found = doctor()
    assert found.extras["full"] == ()
    assert found.extras["part"] == ("no-such-package-here",)
    assert found.extras["both"] == ("no-such-package-here",)
    assert found.packages["no-such-package-here"] is None
    assert "never-on-this-system" not in found.packages


def test_thread_limits_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert doctor().threads["OMP_NUM_THREADS"] == "7"


def test_disk_of_the_nearest_folder_that_exists(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free / 2**30
    assert doctor(tmp_path / "not" / "there").disk == pytest.approx(free, rel=0.1)


def test_json_holds_all_fields() -> None:
    found = doctor()
    assert json.loads(found.to_json()).keys() == found.to_dict().keys()


def test_processor_is_read_where_the_system_tells_it() -> None:
    found = doctor()
    assert found.processor
    assert found.memory >= 0
    assert found.cores >= 1

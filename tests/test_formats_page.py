"""docs/formats.md says of the readers what they say of themselves."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from hepvision.core.names import names

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def formats() -> ModuleType:
    spec = importlib.util.spec_from_file_location("formats", ROOT / "docs" / "gen" / "formats.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_up_to_date(formats: ModuleType) -> None:
    text = (ROOT / "docs" / "formats.md").read_text("utf-8")
    assert formats.page(text) == text, "run: python docs/gen/formats.py"


def test_every_format_has_its_row(formats: ModuleType) -> None:
    rows = formats.table().splitlines()[2:]
    assert len(rows) == len(names("readers"))
    for name, row in zip(names("readers"), rows, strict=True):
        cells = [cell.strip() for cell in row.strip("|").split(" | ")]
        assert len(cells) == 7, row
        assert f"`{name}`" in cells[0]
        assert all(cells), row
        assert cells[5] in {"real sample", "published layout"}


def test_what_feeds_what(formats: ModuleType) -> None:
    assert "published_image" in formats.feeds(("Pixel",))
    assert "detector_image" not in formats.feeds(("EcalBarrelHit",))
    assert "detector_image" in formats.feeds(("EcalBarrelHit", "EcalEndcapHit", "HcalHit", "Track"))


def test_every_format_is_shown(formats: ModuleType) -> None:
    assert formats.shown_by(("Pixel", "Primary")) == ["pictures"]
    assert formats.shown_by(("Cell",)) == ["cells", "layers"]

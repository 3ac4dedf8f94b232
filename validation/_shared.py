"""Where the published samples lie that pages are held against."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["shared"]


def shared(*parts: str) -> Path:
    """A file of the folder that HEPVISION_SHARED names, else of ``shared`` beside the checkout."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    return Path(os.environ.get("HEPVISION_SHARED", beside)).joinpath(*parts)

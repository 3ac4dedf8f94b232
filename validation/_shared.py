"""What the scripts share: their samples and options, and how a page is written."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hepvision.core.files import atomic_write
from hepvision.physics.intervals import Interval

__all__ = [
    "arguments",
    "head",
    "interval_of",
    "row",
    "shared",
    "signed",
    "write",
]


def shared(*parts: str) -> Path | None:
    """A file of the folder that HEPVISION_SHARED names, else of ``shared`` beside the checkout.

    Where it is not there, this is said: the page is then left as it is.
    """
    beside = Path(__file__).resolve().parents[2] / "shared"
    found = Path(os.environ.get("HEPVISION_SHARED", beside)).joinpath(*parts)
    if found.exists():
        return found
    where = "/".join(parts)
    print(f"no {where}: set HEPVISION_SHARED to its folder. The page is left as it is.")
    return None


def arguments(script: str, about: str, workers: int = 1) -> argparse.ArgumentParser:
    """Options of a script: how many processes simulate, and where the page goes."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--workers", type=int, default=workers, help="processes that simulate")
    parser.add_argument("--out", type=Path, default=Path(script).with_suffix(".md"))
    return parser


def interval_of(plain: Mapping[str, Any]) -> Interval:
    """From plain data, which may hold more."""
    return Interval(plain["value"], plain["low"], plain["high"])


def signed(plain: Mapping[str, Any]) -> str:
    """From plain data, as text that may begin with a minus."""
    return str(interval_of(plain)).replace("-", "−")


def row(*cells: object) -> str:
    """A row of a table."""
    return " ".join(["|", *(f"{cell} |".lstrip() for cell in cells)])


def head(*names: str) -> list[str]:
    """The first two rows of a table."""
    return [row(*names), "|---" * len(names) + "|"]


def write(path: Path, lines: Iterable[str]) -> None:
    """Put a page in its place."""
    with atomic_write(path, "w") as file:
        file.write("\n".join(lines).rstrip("\n") + "\n")

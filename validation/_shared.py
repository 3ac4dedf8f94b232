"""What the scripts share: samples, options, rows one after the other, and how a page is written."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hepvision.core.files import atomic_write
from hepvision.physics.intervals import Interval

__all__ = [
    "arguments",
    "by_rows",
    "head",
    "interval_of",
    "plain_interval",
    "row",
    "rows_to_make",
    "shared",
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


def by_rows(parser: argparse.ArgumentParser, example: str) -> argparse.ArgumentParser:
    """Options of a script that makes one training after the other."""
    parser.add_argument("--minutes", type=float, default=1e9, help="start no row after that")
    parser.add_argument("--only", default="", help=f"rows whose key starts so, as {example}")
    parser.add_argument("--page", action="store_true", help="only write the page")
    return parser


def rows_to_make(
    rows: Iterable[Any], done: Callable[[], Container[str]], given: argparse.Namespace
) -> Iterator[Any]:
    """Rows that were asked for and are not done when it is their turn, as long as there is time."""
    ends = time.monotonic() + 60.0 * given.minutes
    for one in () if given.page else rows:
        if one.key.startswith(given.only) and one.key not in done():
            if time.monotonic() >= ends:
                return
            yield one


def plain_interval(found: Interval) -> dict[str, float]:
    """As plain data."""
    return {key: float(getattr(found, key)) for key in ("value", "low", "high")}


def interval_of(plain: Mapping[str, Any]) -> Interval:
    """From plain data, which may hold more."""
    return Interval(plain["value"], plain["low"], plain["high"])


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

"""Rows of a page, kept in the cache one by one, so that a run that was stopped goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from hepvision.core.cache import cache_folder, cache_key
from hepvision.core.files import read_json, write_json

__all__ = ["resumed"]


def resumed(
    page: str, decided: Mapping[str, Any], rows: Mapping[str, Callable[[Any], Any]], samples: Any
) -> dict[str, Any]:
    """Make all rows, or find them in the cache under everything that decides them."""
    path = cache_folder("validation") / f"{page}-{cache_key(dict(decided))}.json"
    done: dict[str, Any] = read_json(path) if path.is_file() else {}
    for name, row in rows.items():
        if name not in done:
            started = time.perf_counter()
            done[name] = row(samples)
            write_json(path, done)
            print(f"{name}: {time.perf_counter() - started:.0f} s", flush=True)
    return done

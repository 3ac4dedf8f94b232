"""Processes that a training started."""

from __future__ import annotations

import multiprocessing

__all__ = ["children"]


def children() -> list[int]:
    """Their numbers, of those that live."""
    return [one.pid for one in multiprocessing.active_children() if one.pid is not None]

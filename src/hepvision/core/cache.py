"""Where made things are kept that may be deleted at will, and the keys they are kept under."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

__all__ = ["cache_folder", "cache_key"]


def cache_folder(*parts: str) -> Path:
    """A folder below the cache; it may be deleted at will.

    Parameters
    ----------
    *parts : str
        Names below the root, which is ``$HEPVISION_CACHE``, else ``$XDG_CACHE_HOME/hepvision``,
        else ``~/.cache/hepvision``.

    Returns
    -------
    Path
        The folder, made if it was not there.

    Examples
    --------
    >>> cache_folder("samples").name
    'samples'
    """
    root = os.environ.get("HEPVISION_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(root) if root else Path(base) / "hepvision"
    folder = folder.joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def cache_key(settings: Any) -> str:
    """A short name for all settings that decide a result.

    Parameters
    ----------
    settings : plain data
        What JSON can hold.

    Returns
    -------
    str
        16 hexadecimal digits of SHA-256; the same for equal settings in any order of keys.

    Examples
    --------
    >>> cache_key({"a": 1, "b": 2}) == cache_key({"b": 2, "a": 1})
    True
    """
    text = json.dumps(settings, sort_keys=True, allow_nan=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]

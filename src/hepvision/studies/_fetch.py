"""Files that lie elsewhere: fetched into the cache, checked for their length."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from hepvision.core.cache import cache_folder, cache_key
from hepvision.core.errors import CorruptFileError, UserError
from hepvision.core.files import atomic_write, read_json, write_json
from hepvision.core.names import require

__all__ = ["addresses", "fetch", "is_address", "shown"]

_LOG = logging.getLogger(__name__)
BLOCK = 4_000_000
#: What a server tells of a file that may have changed since.
_MARKS = ("size", "ETag", "mtime", "LastModified", "created")
#: Seconds without an answer.
PATIENCE = 60

Tell = Callable[[str, int, int | None], None]


def is_address(word: str) -> bool:
    """Whether a word is an address, not a path: ``https://…``, ``s3://…``."""
    return "://" in word


def shown(address: str) -> str:
    """An address without name, password and query, which may hold a key."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def addresses(pattern: str) -> list[str]:
    """The addresses that one with stars stands for; itself if it has none."""
    if not set("*[") & set(shown(pattern)):
        return [pattern]
    files, path = _system(pattern)
    try:
        found = sorted(str(one) for one in files.glob(path))
    except Exception as error:
        raise _unreachable(pattern, error) from error
    if not found:
        raise FileNotFoundError(f"{shown(pattern)}: no such file. Check the address.")
    return [str(files.unstrip_protocol(one)) for one in found]


def fetch(address: str, tell: Tell) -> Path:
    """A file's copy in the cache; fetched if there is none, or the file has changed.

    ``tell`` is called with the name, the bytes that are here and those in all.
    """
    files, path = _system(address)
    name = Path(urlsplit(address).path).name or "file"
    # files of one folder stay side by side: some formats are several files
    folder = cache_folder("fetched", cache_key(address.partition("?")[0].rpartition("/")[0]))
    copy, notes = folder / name, folder / f".{name}.json"
    try:
        info = files.info(path)
    except Exception as error:
        raise _unreachable(address, error) from error
    marks = {key: str(info[key]) for key in _MARKS if info.get(key) is not None}
    size = None if info.get("size") is None else int(info["size"])
    if copy.is_file() and notes.is_file() and marks.get("size") == str(copy.stat().st_size):
        if read_json(notes) == marks:
            return copy
    _copy(files, path, copy, address, lambda here: tell(name, here, size))
    found = copy.stat().st_size
    if size is not None and found != size:
        copy.unlink()
        raise CorruptFileError(
            f"{shown(address)}: must hold {size} bytes, got {found}. Fetch it again."
        )
    if size is None:
        _LOG.warning("%s: the server does not say how long it is, got %d bytes.", name, found)
    write_json(notes, marks)
    return copy


def _copy(files: Any, path: str, copy: Path, address: str, tell: Callable[[int], None]) -> None:
    here = 0
    with atomic_write(copy) as out:
        remote = _reached(address, lambda: files.open(path, "rb"))
        with remote:
            while block := _reached(address, lambda: remote.read(BLOCK)):
                out.write(block)
                here += len(block)
                tell(here)


def _reached(address: str, action: Callable[[], Any]) -> Any:
    try:
        return action()
    except Exception as error:
        raise _unreachable(address, error) from error


def _system(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path in it."""
    from fsspec.core import url_to_fs

    options: dict[str, Any] = {"skip_instance_cache": True}
    if address.startswith(("http://", "https://")):
        times = require("aiohttp", extra="files").ClientTimeout(
            total=None, sock_connect=PATIENCE, sock_read=PATIENCE
        )
        options["client_kwargs"] = {"timeout": times}
    try:
        files, path = url_to_fs(address, **options)
    except Exception as error:
        raise _unreachable(address, error) from error
    return files, str(path)


def _unreachable(address: str, error: Exception) -> Exception:
    """One line of whatever a protocol raises."""
    if isinstance(error, UserError):
        return error
    # fsspec calls whatever goes wrong with http a missing file
    while isinstance(error, FileNotFoundError) and isinstance(error.__cause__, Exception):
        error = error.__cause__
    status = getattr(error, "status", None)
    if isinstance(error, FileNotFoundError) or status in (404, 410):
        return FileNotFoundError(f"{shown(address)}: no such file. Check the address.")
    lines = str(error).replace(address, shown(address)).split("\n")
    text = f"status {status}" if status else f"{type(error).__name__}: {lines[0][:120]}"
    return OSError(f"{shown(address)}: cannot be fetched, got {text.strip(' :.')}. Check it.")

"""Files that are either whole or not there."""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from hepvision.core.errors import CorruptFileError
from hepvision.core.places import place

__all__ = ["atomic_folder", "atomic_write", "read_json", "refuse_plain", "sha256", "write_json"]


@contextlib.contextmanager
def atomic_write(path: str | Path, mode: str = "wb") -> Iterator[IO[Any]]:
    """Write a file that appears under its name only when it is whole.

    Parameters
    ----------
    path : path
        The final name; missing parent folders are made.
    mode : "wb" or "w"
        Binary or UTF-8 text.

    Yields
    ------
    file object
        A temporary file beside ``path``; renamed on success, removed on any failure.

    Raises
    ------
    IsADirectoryError
        A folder has the name.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.txt"
    >>> with atomic_write(path, "w") as file:
    ...     _ = file.write("whole")
    >>> path.read_text()
    'whole'
    """
    path = Path(path)
    if path.is_dir():  # else the error would name the temporary file
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, mode, encoding=None if "b" in mode else "utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException as error:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        if isinstance(error, OSError) and error.errno and error.filename is None:
            error.filename = str(path)  # a full disk does not say which file it was
        raise


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


@contextlib.contextmanager
def atomic_folder(path: str | Path) -> Iterator[Path]:
    """Fill a folder that appears under its name only when it is whole.

    Parameters
    ----------
    path : path
        The final name; an existing folder is replaced on success.

    Yields
    ------
    Path
        A temporary folder beside ``path``.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp()) / "bundle"
    >>> with atomic_folder(folder) as made:
    ...     _ = (made / "a").write_text("1")
    >>> sorted(entry.name for entry in folder.iterdir())
    ['a']
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
    try:
        yield made
        os.chmod(made, 0o777 & ~_umask())
        if path.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".old", dir=path.parent))
            os.replace(path, old / path.name)
            os.replace(made, path)
            shutil.rmtree(old, ignore_errors=True)
        else:
            os.replace(made, path)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def write_json(path: str | Path, value: Any) -> None:
    """Write a value as indented JSON with sorted keys, atomically.

    Parameters
    ----------
    path : path
        The final name.
    value : object
        What ``json`` can write; NaN and infinity are refused.

    Raises
    ------
    ValueError
        A number is not finite.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.json"
    >>> write_json(path, {"b": 1})
    >>> read_json(path)
    {'b': 1}
    """
    text = json.dumps(value, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False)
    with atomic_write(path, "w") as file:
        file.write(text + "\n")


def read_json(path: str | Path) -> Any:
    """Read a JSON file.

    Parameters
    ----------
    path : path
        A file in UTF-8.

    Returns
    -------
    object
        What the file holds.

    Raises
    ------
    CorruptFileError
        The file is not JSON.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "a.json"
    >>> _ = path.write_text("[1, 2")
    >>> read_json(path)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: ...a.json: must be JSON, ... Delete it and make it anew.
    """
    try:
        return json.loads(place(path).read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise CorruptFileError(
            f"{path}: must be JSON, got {str(error)[:80]}. Delete it and make it anew."
        ) from error


def sha256(path: str | Path) -> str:
    """Checksum of a file.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    str
        SHA-256 as 64 hexadecimal digits.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "empty"
    >>> path.touch()
    >>> sha256(path)[:8]
    'e3b0c442'
    """
    digest = hashlib.sha256()
    with place(path).open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def refuse_plain(folder: str | Path) -> None:
    """Refuse a folder of plain files where a store is asked for.

    Parameters
    ----------
    folder : path
        One that is there. Of one that is empty, or has a manifest or plan, nothing is said.

    Raises
    ------
    CorruptFileError
        It holds other files.

    Examples
    --------
    >>> import tempfile
    >>> refuse_plain(tempfile.mkdtemp())
    """
    there = {one.name for one in place(folder).iterdir()}
    if there and not there & {"manifest.json", "plan.json"}:
        raise CorruptFileError(
            f"{folder}: must be a store, got a folder of other files. Give the files themselves, "
            "or make a store of them with 'hepvision convert'."
        )

"""Where something lies: a path of this machine, or an address in an object store."""

import re
from pathlib import Path
from typing import Any

from hepvision.core.errors import MissingExtraError, UnknownNameError

__all__ = ["is_remote", "place"]

#: What makes an address; of those that were taken for paths before, one slash is left.
_ADDRESS = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]+):/{1,2}(?=.)")


#: Of files that ``convert`` fetches; a store is none.
_FETCHED = {"http", "https"}


def place(path: Any) -> Any:
    """A path, or what an address of an object store names, which is asked as paths are.

    Parameters
    ----------
    path : path or str
        Such as ``stores/higgs`` or ``s3://bucket/stores/higgs``, of any protocol that fsspec and
        what is installed beside it know.

    Returns
    -------
    pathlib.Path or upath.UPath
        Nothing is looked for yet.

    Raises
    ------
    UnknownNameError
        Nobody knows the protocol.
    MissingExtraError
        The package for the protocol is not installed.

    References
    ----------
    fsspec, https://filesystem-spec.readthedocs.io.

    Examples
    --------
    >>> place("stores/higgs")
    PosixPath('stores/higgs')
    >>> is_remote(place("memory://stores/higgs"))
    True
    """
    if is_remote(path):
        return path
    found = _ADDRESS.match(str(path))
    if found is None or Path(path).exists():
        return Path(path)
    protocol, rest = found[1].lower(), str(path)[found.end() :]
    if protocol in _FETCHED:
        return Path(path)
    if protocol in {"file", "local"}:
        return Path("/", rest.lstrip("/"))
    from upath import UPath

    address = f"{protocol}://{rest}"
    try:
        made = UPath(address)
        _ = made.fs  # which imports what is needed
    except ImportError as error:
        raise MissingExtraError(f"{address}: {str(error).rstrip('.')} (pip install).") from error
    except ValueError as error:
        raise UnknownNameError(
            f"{address}: no protocol {protocol!r}. Give a path, or an address such as s3://…"
        ) from error
    return made


def is_remote(path: Any) -> bool:
    """Whether something lies elsewhere.

    Parameters
    ----------
    path : object
        What ``place`` gave, or a path.

    Returns
    -------
    bool
        False for paths and strings.

    Examples
    --------
    >>> is_remote(Path("stores"))
    False
    """
    return not isinstance(path, Path | str) and hasattr(path, "protocol")

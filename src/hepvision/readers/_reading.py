"""What a library raises while a file is read, in one line that names the file."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from hepvision.core.errors import CorruptFileError, UserError

__all__ = ["advice", "check_file", "looking", "reading", "said"]

#: Errors of the system that say all there is to say, where they name the file itself.
_OPENING = (FileNotFoundError, PermissionError, IsADirectoryError)
#: Errors whose text says enough without their name.
_PLAIN = (OSError, ValueError)


def said(error: BaseException) -> str:
    """What an error says, cut to one short line.

    Parameters
    ----------
    error : BaseException
        Of whatever library.

    Returns
    -------
    str
        At most 160 characters, without a full stop at the end; its name where that is needed.

    Examples
    --------
    >>> said(ValueError("bad.\\nworse")), said(KeyError("X_jets")), said(EOFError())
    ('bad', "KeyError: 'X_jets'", 'EOFError')
    """
    lines = [" ".join(line.split()) for line in str(error).splitlines() if line.strip()]
    name = type(error).__name__
    if not lines:
        return name
    text = lines[0] if isinstance(error, _PLAIN) else f"{name}: {lines[0]}"
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return text[:160].rstrip(" .,:")


def advice(path: str | Path) -> str:
    """What to do where nothing is: an address is no path, but it can be converted.

    Parameters
    ----------
    path : path
        What was given.

    Returns
    -------
    str
        One sentence.

    Examples
    --------
    >>> advice("absent.root")
    'Check the path.'
    """
    if str(path).startswith(("http:/", "https:/")):
        return "Addresses are fetched by 'hepvision convert'; give what that makes."
    return "Check the path."


def check_file(path: str | Path) -> Path:
    """Refuse what cannot be opened, before any library tries.

    Parameters
    ----------
    path : path
        A file.

    Returns
    -------
    Path
        The same.

    Raises
    ------
    FileNotFoundError, IsADirectoryError, PermissionError
        It is not there, is a folder or no plain file, or may not be read.
    CorruptFileError
        It is empty.

    Examples
    --------
    >>> check_file("absent.root")
    Traceback (most recent call last):
    ...
    FileNotFoundError: absent.root: no such file. Check the path.
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not path.exists():
        raise FileNotFoundError(f"{path}: no such file. {advice(path)}")
    if not path.is_file():  # a pipe would wait for ever
        raise CorruptFileError(f"{path}: must be a plain file, got another kind. Give a file.")
    with path.open("rb") as file:  # the system's own error says what it refuses
        if not file.read(1):
            raise CorruptFileError(f"{path}: must hold data, got an empty file. Fetch it again.")
    return path


@contextlib.contextmanager
def reading(path: str | Path, what: str = "a whole file") -> Iterator[Path]:
    """Turn whatever is raised while a file is read into one line.

    Parameters
    ----------
    path : path
        The file; it is checked as ``check_file`` does.
    what : str
        What must be there, such as ``"a ROOT file with the tree Events"``; the message reads
        ``<path>: must be <what>, got <the library's first line>. Fetch the file again.``

    Yields
    ------
    Path
        The file.

    Raises
    ------
    CorruptFileError
        Anything else than a ``UserError`` was raised; an interrupt passes.
    FileNotFoundError, IsADirectoryError, PermissionError
        The file cannot be opened.

    Examples
    --------
    >>> with reading(__file__, "JSON"):
    ...     raise KeyError("Event")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: ...: must be JSON, got KeyError: 'Event'. \
Fetch the file again.
    """
    path = check_file(path)
    try:
        yield path
    except UserError:
        raise
    except _OPENING as error:
        if error.filename is not None and os.fspath(error.filename) == str(path):
            raise
        raise _corrupt(path, what, error) from error
    except Exception as error:
        if type(error) is NameError:  # a fault of ours; libraries leave variables unbound at most
            raise
        raise _corrupt(path, what, error) from error


def _corrupt(path: Path, what: str, error: Exception) -> CorruptFileError:
    return CorruptFileError(f"{path}: must be {what}, got {said(error)}. Fetch the file again.")


@contextlib.contextmanager
def looking() -> Iterator[None]:
    """For ``recognises``: whatever is raised inside means that the file is not recognised.

    Yields
    ------
    None
        Put ``return False`` behind the block.

    Examples
    --------
    >>> def recognises(path):
    ...     with looking():
    ...         return open(path).read(1) == "{"
    ...     return False
    >>> recognises("absent.json")
    False
    """
    with contextlib.suppress(Exception):
        yield

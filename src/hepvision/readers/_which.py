"""The reader of a file: by its content, or by the name of a format."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hepvision.core.card import component
from hepvision.core.errors import CardError, CorruptFileError
from hepvision.core.names import names
from hepvision.readers._reading import check_file

__all__ = ["which"]

#: What a file seems to be by its first bytes.
_BEGINS = {
    b"root": "a ROOT file of another layout",
    b"\x89HDF": "an HDF5 file of another layout",
    b"PAR1": "a Parquet file of another layout",
    b"PK\x03\x04": "a zip of something else",
    b"\x1f\x8b": "a gzip of something else",
    b"SQLi": "an SQLite file of another layout",
    b"\x93NUM": "a NumPy array",
}


def which(
    path: str | Path, format: str | None = None, options: Mapping[str, Any] | None = None
) -> Any:
    """Choose the reader of a file.

    Parameters
    ----------
    path : path
        The file.
    format : str, optional
        Name of a reader; it is then taken whatever the file looks like.
    options : mapping, optional
        Fields of the reader, where the format leaves a choice.

    Returns
    -------
    object
        A reader: ``read``, ``stream``, ``count``; its name is that of its module.

    Raises
    ------
    CorruptFileError
        No reader knows the file, or more than one does.
    UnknownNameError
        There is no such format; a near name is suggested.
    CardError
        The reader has no such option, or not with this value.
    FileNotFoundError, IsADirectoryError, PermissionError
        The file cannot be opened.

    Examples
    --------
    >>> which("absent.ig")
    Traceback (most recent call last):
    ...
    FileNotFoundError: absent.ig: no such file. Check the path.
    """
    if format is not None:
        reader = _made(format, options)
        check_file(path)
        return reader
    path = check_file(path)
    known = [name for name in names("readers") if component("readers", name).recognises(path)]
    if not known:
        with path.open("rb") as file:
            start = file.read(8)
        found = (what for begin, what in _BEGINS.items() if start.startswith(begin))
        raise CorruptFileError(
            f"{path}: no reader knows this format, got {next(found, 'something else')}. "
            "See 'hepvision list readers'."
        )
    if len(known) > 1:
        raise CorruptFileError(
            f"{path}: must be of one format, got {' and '.join(known)}. Name the format."
        )
    return _made(known[0], options)


def _made(name: str, options: Mapping[str, Any] | None) -> Any:
    try:
        return component("readers", {**(options or {}), "name": name})
    except CardError as error:  # there may be no card
        raise CardError(str(error).replace("Mend the card.", "Give another value.")) from None

"""The reader of a file: by its content, or by the name of a format."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hepvision.core.card import component
from hepvision.core.errors import CardError, CorruptFileError, SchemaError
from hepvision.core.names import load, names
from hepvision.readers._contents import contents
from hepvision.readers._reading import check_file

__all__ = ["name_of", "which"]


def which(
    path: str | Path, format: str | None = None, options: Mapping[str, Any] | None = None
) -> Any:
    """Choose the reader of a file.

    Parameters
    ----------
    path : path
        The file.
    format : str, optional
        Name of a reader; it is then taken, unless the file is clearly of another format.
    options : mapping, optional
        Fields of the reader, where the format leaves a choice.

    Returns
    -------
    object
        A reader: ``read``, ``stream``, ``count``; its name is that of its module.

    Raises
    ------
    CorruptFileError
        No reader knows the file, or more than one does; or it is a damaged file of a known kind.
    SchemaError
        The reader that was named does not know the file, and another does.
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
        path = check_file(path)
        if not reader.recognises(path) and (known := _known(path)):
            raise SchemaError(
                f"{path}: must be of the format {format}, got {' or '.join(known)}. "
                "Name that format, or give another file."
            )
        return reader
    path = check_file(path)
    known = _known(path)
    if not known:
        if main := _main_file(path):
            raise CorruptFileError(
                f"{path}: must hold events, got what belongs to {main.name}. Give that file."
            )
        raise CorruptFileError(
            f"{path}: no reader knows this format, got {contents(path, whole=True)}. "
            "See 'hepvision list readers'."
        )
    if len(known) > 1:
        raise CorruptFileError(
            f"{path}: must be of one format, got {' and '.join(known)}. Name the format."
        )
    return _made(known[0], options)


def _known(path: Path) -> list[str]:
    """Formats that a file seems to have."""
    return [name for name in names("readers") if component("readers", name).recognises(path)]


def _main_file(path: Path) -> Path | None:
    """The file that a companion belongs to, where a format has such."""
    readers = (component("readers", name) for name in names("readers"))
    found = (one.main_file(path) for one in readers if hasattr(one, "main_file"))
    return next(filter(None, found), None)


def _made(name: str, options: Mapping[str, Any] | None) -> Any:
    try:
        return component("readers", {**(options or {}), "name": name})
    except CardError as error:  # there may be no card
        raise CardError(str(error).replace("Mend the card.", "Give another value.")) from None


def name_of(reader: Any) -> str:
    """Name of a reader.

    Parameters
    ----------
    reader : object
        From ``which``.

    Returns
    -------
    str
        As in ``hepvision list readers``.

    Examples
    --------
    >>> from hepvision.readers.ispy import Ispy
    >>> name_of(Ispy())
    'ispy'
    """
    kinds = ((name, load("readers", name)) for name in names("readers"))
    return next((name for name, kind in kinds if kind is type(reader)), type(reader).__name__)

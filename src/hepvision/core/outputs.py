"""Where a command may write: never over what it reads, never into what another one made."""

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from hepvision.core.errors import CorruptFileError
from hepvision.core.files import read_json

__all__ = ["enough_space", "output_file", "output_folder", "resumable"]


def output_file(path: str | Path, *inputs: str | Path, suffix: str = "") -> Path:
    """Refuse a file that is an input, a folder, or a part of a store, a bundle or a run.

    Also one whose name promises another format than is written.

    Parameters
    ----------
    path : path
        The file to write; it need not be there.
    *inputs : path
        What is read to make it.
    suffix : str
        That of the format, such as ``.html``; a name without any is none the worse.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        It is one of the inputs, by whatever name, lies in a folder that is kept whole, or has
        another suffix.
    IsADirectoryError
        It is a folder.

    Examples
    --------
    >>> import tempfile
    >>> events = Path(tempfile.mkdtemp()) / "events.ig"
    >>> events.touch()
    >>> output_file(events.with_suffix(".html"), events).name
    'events.html'
    >>> output_file(events, events)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: .../events.ig: the output is the input. Give another file with -o.
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    for one in inputs:
        if path.exists() and Path(one).exists() and os.path.samefile(path, one):
            raise ValueError(f"{path}: the output is the input. Give another file with -o.")
    _refuse_inside(path)
    if suffix and path.suffix and path.suffix.lower() != suffix:
        raise ValueError(
            f"{path}: must end in {suffix}, got {path.suffix}. Give another name with -o."
        )
    return path


def output_folder(path: str | Path) -> Path:
    """Refuse a folder that is a file, or lies in a store, a bundle or a run.

    Parameters
    ----------
    path : path
        The folder to fill; it need not be there. What lies in it is its maker's to judge.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    ValueError
        It lies in a folder that is kept whole.
    NotADirectoryError
        It is a file, or lies below one.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> output_folder(folder / "new") == folder / "new"
    True
    """
    path = Path(path)
    there = next((one for one in (path, *path.parents) if os.path.lexists(one)), path)
    if os.path.lexists(there) and not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(there))
    _refuse_inside(path)
    return path


@contextlib.contextmanager
def resumable(out: str | Path) -> Iterator[None]:
    """Make a store here: a failure leaves no folder without parts, and a full disk is told.

    Parameters
    ----------
    out : path
        Folder of the store.

    Yields
    ------
    None
        Write the store in the block.

    Raises
    ------
    OSError
        The disk is full; what is written is kept, and the same command goes on from there.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp()) / "store"
    >>> with contextlib.suppress(KeyError), resumable(folder):
    ...     folder.mkdir()
    ...     raise KeyError
    >>> folder.exists()
    False
    """
    out = Path(out)
    there = out.exists()
    try:
        with enough_space(out):
            yield
    except BaseException:
        if not there and out.is_dir() and not any(out.glob("part-*.json")):
            shutil.rmtree(out, ignore_errors=True)
        raise


@contextlib.contextmanager
def enough_space(out: str | Path) -> Iterator[None]:
    """Tell of a full disk in one line, where what is written is kept.

    Parameters
    ----------
    out : path
        What is made.

    Yields
    ------
    None
        Write it in the block.

    Raises
    ------
    OSError
        The disk is full.

    Examples
    --------
    >>> with enough_space("scores.parquet"):
    ...     raise OSError(errno.ENOSPC, "No space left on device")
    Traceback (most recent call last):
    ...
    OSError: scores.parquet: needs space, got a full disk. Free some and run the same command \
again; it carries on.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OSError(
                f"{out}: needs space, got a full disk. Free some and run the same command again; "
                "it carries on."
            ) from error
        raise


def _refuse_inside(path: Path) -> None:
    """What is kept whole, with checksums, takes no file of another command."""
    # a link is replaced, not followed: the folder that holds it is what counts
    for folder in (path.parent.resolve(), *path.parent.resolve().parents):
        kind = _kind(folder)
        if kind:
            raise ValueError(
                f"{path}: must not lie in a {kind}, got {folder}. Give another path with -o."
            )


def _kind(folder: Path) -> str:
    """Whether a folder is a store, a bundle or a run folder; empty if it is none."""
    if (folder / "card.yaml").is_file() and (folder / "environment.json").is_file():
        return "run folder"
    manifest = folder / "manifest.json"
    if manifest.is_file():
        try:
            held = read_json(manifest)
        except (CorruptFileError, OSError):
            held = None
        if isinstance(held, dict) and "format" in held:
            for key, kind in (("parts", "store"), ("representations", "bundle")):
                if key in held:
                    return kind
    if (folder / "plan.json").is_file():
        names = [one.name for one in folder.iterdir() if not one.name.startswith(".")]
        known = ("plan.json", "manifest.json", "part-")
        return "store" if all(name.startswith(known) for name in names) else ""
    return ""

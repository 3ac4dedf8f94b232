"""Components of the user's own, named on the command line, that cards and bundles then know."""

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from hepvision.core._own_file import CONTRACTS, Own, load, named
from hepvision.core.errors import CardError, SchemaError, UnknownNameError

__all__ = ["CONTRACTS", "Own", "active", "carried", "code_of", "demand", "load", "records", "using"]

_ACTIVE: ContextVar[tuple[Own, ...]] = ContextVar("hepvision_own_components", default=())


def active(kind: str | None = None) -> tuple[Own, ...]:
    """The user's components that cards can name now.

    Parameters
    ----------
    kind : str, optional
        Only this kind.

    Returns
    -------
    tuple of Own
        In the order in which they were named.

    Examples
    --------
    >>> active()
    ()
    """
    return tuple(one for one in _ACTIVE.get() if kind in (None, one.kind))


@contextlib.contextmanager
def using(components: Iterable[str | Own]) -> Iterator[None]:
    """Let cards name the user's own components for a while.

    Parameters
    ----------
    components : iterable of str
        ``path/to/file.py:Class`` each. The kind follows from what the class has, see
        ``CONTRACTS``; the name in the card is the file's, without ``.py``.

    Yields
    ------
    None
        Lists, cards and bundles know them until the block ends.

    Raises
    ------
    CardError
        A file is not Python, raises when it is imported, or holds no component; or its name is
        taken.
    UnknownNameError
        The file has no such class.
    MissingExtraError
        It needs a package that is not installed.
    FileNotFoundError
        There is no such file.

    Examples
    --------
    >>> with using(["my_network.txt:MyNetwork"]):
    ...     pass
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CardError: component: must be a Python file and a class, got \
'my_network.txt:MyNetwork'. Write path/to/file.py:Class.
    """
    found = list(_ACTIVE.get())
    for each in [components] if isinstance(components, str) else components:
        one = each if isinstance(each, Own) else named(each)
        load(one)
        if one not in found:
            _refuse_taken(one, found)
            found.append(one)
    token = _ACTIVE.set(tuple(found))
    try:
        yield
    finally:
        _ACTIVE.reset(token)


def _refuse_taken(one: Own, others: Sequence[Own]) -> None:
    from hepvision.core.names import names

    if any((one.kind, one.name) == (other.kind, other.name) for other in others):
        raise CardError(f"component: {one.kind} {one.name!r} must be one class, got two. Rename.")
    if one.name in {*names(one.kind)} - {other.name for other in active(one.kind)}:
        raise CardError(
            f"component: {one.kind} have a {one.name!r} already, got another. "
            f"Rename {one.path.name}."
        )


def code_of(kind: str, name: str) -> dict[str, str]:
    """What the key of a cached result must hold beside a component's name and parameters.

    Parameters
    ----------
    kind, name : str
        A component.

    Returns
    -------
    dict
        ``sha256`` of the user's file; empty for the library's own components.

    Examples
    --------
    >>> code_of("representations", "detector_image")
    {}
    """
    mine = [one.sha256 for one in active(kind) if one.name == name]
    return {"sha256": mine[0]} if mine else {}


def records(named: Mapping[str, Iterable[str]] | None = None) -> list[dict[str, str]]:
    """Plain data of the user's components, for a run folder or a bundle.

    Parameters
    ----------
    named : mapping, optional
        Names of each kind that count; all if not given.

    Returns
    -------
    list of dict
        ``kind``, ``name``, ``file``, ``class`` and ``sha256`` each.

    Examples
    --------
    >>> records()
    []
    """
    counts = {kind: set(each) for kind, each in named.items()} if named is not None else None
    return [
        one.record for one in active() if counts is None or one.name in counts.get(one.kind, ())
    ]


def demand(wanted: Iterable[Mapping[str, str]], where: str) -> None:
    """Refuse to go on without the user's components that something was made with.

    Parameters
    ----------
    wanted : iterable of mapping
        As ``records`` gave them.
    where : str
        What needs them, for the error.

    Raises
    ------
    UnknownNameError
        One is not there.
    SchemaError
        It is another file.

    Examples
    --------
    >>> mine = {"kind": "models", "name": "mine", "file": "mine.py", "class": "Mine"}
    >>> demand([{**mine, "sha256": "0f12"}], "bundle")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.UnknownNameError: bundle: needs mine.py with SHA-256 0f12, got none. \
Give it with --component path/to/mine.py:Mine
    """
    there = {(one.kind, one.name): one for one in active()}
    for each in wanted:
        need = f"{where}: needs {each['file']} with SHA-256 {each['sha256']}, got"
        option = f"--component path/to/{each['file']}:{each['class']}"
        mine = there.get((each["kind"], each["name"]))
        if mine is None:
            raise UnknownNameError(f"{need} none. Give it with {option}")
        if mine.sha256 != each["sha256"] or mine.symbol != each["class"]:
            raise SchemaError(
                f"{need} {mine.sha256} ({mine.symbol}). Give the file it was made with, {option}"
            )


def carried(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that knows the user's components in another process too.

    Parameters
    ----------
    function : callable
        A module-level function.

    Returns
    -------
    callable
        Itself if there are none; else one that finds the files at the same paths and refuses
        changed ones.

    Examples
    --------
    >>> carried(abs)
    <built-in function abs>
    """
    return functools.partial(_within, active(), function) if active() else function


def _within(components: Sequence[Own], function: Callable[..., Any], item: Any) -> Any:
    with using(components):
        return function(item)

"""Text of one event to a dictionary: JSON, and the way Python wrote it in older files."""

from __future__ import annotations

import json
import re
from typing import Any

from hepvision.core.errors import CorruptFileError
from hepvision.readers._reading import said

__all__ = ["parse"]

#: Strings, and outside them what is Python and not JSON.
TOKEN = re.compile(
    r"""
    "(?:[^"\\]|\\.)*" | [ub]?'(?:[^'\\]|\\.)*'
    | (?<![\w.])[-+]?(?:nan|inf(?:inity)?)\b(?:\((?:ind|snan|qnan|0x[0-9a-f]+)\))?
    | \b(?:None|True|False)\b | (?<=\d)L\b | [()] | ,(?=\s*[\])}])
    """,
    re.DOTALL | re.VERBOSE | re.IGNORECASE,
)
WORDS = {"(": "[", ")": "]", ",": "", "l": "", "none": "null", "true": "true", "false": "false"}


def _modern(found: re.Match[str]) -> str:
    token = found.group()
    if token[0] == '"':
        return token
    if token[-1] == "'":
        body = token[token.index("'") + 1 : -1].replace("\\'", "'")
        return '"' + re.sub(r'(?<!\\)"', r"\"", body) + '"'
    word = token.lower()
    if word in WORDS:
        return WORDS[word]
    sign = "-" if token[0] == "-" else ""
    return "NaN" if "nan" in word else f"{sign}Infinity"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice[:60]!r} twice")
    return found


def parse(text: str, where: str) -> dict[str, Any]:
    """Parse an event, in JSON or in the older way with ``( )``, ``' '`` and ``nan``.

    Parameters
    ----------
    text : str
        Content of a member.
    where : str
        File and member, for messages.

    Returns
    -------
    dict
        ``Types`` and ``Collections``; strings are as they were.

    Raises
    ------
    CorruptFileError
        It is neither, or has a name twice.

    Examples
    --------
    >>> parse("{'Types': {}, 'Collections': {'A': [(1, -nan, 'a (b) nan')]}}", "x")["Collections"]
    {'A': [[1, nan, 'a (b) nan']]}
    """
    read = json.JSONDecoder(strict=False, object_pairs_hook=_once).decode
    try:
        try:
            found = read(text)
        except json.JSONDecodeError:
            found = read(TOKEN.sub(_modern, text))
    except (ValueError, RecursionError, MemoryError) as error:
        raise CorruptFileError(
            f"{where}: must be JSON, got {said(error)}. Fetch the file again."
        ) from error
    if not isinstance(found, dict):
        raise CorruptFileError(
            f"{where}: must be a JSON object, got {type(found).__name__}. "
            "Fetch the file again, or take this member out of it."
        )
    for part in ("Types", "Collections"):
        if not isinstance(found.get(part), dict):
            raise CorruptFileError(
                f"{where}: must hold {part!r} as an object, got {type(found.get(part)).__name__}. "
                "Fetch the file again, or take this member out of it."
            )
    return found

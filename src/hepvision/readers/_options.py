"""What a reader lets a user choose, read off its file without importing it."""

from __future__ import annotations

import ast
import inspect
import re
from itertools import groupby
from typing import NamedTuple

from hepvision.core.names import file_of, names

__all__ = ["Option", "options_help", "options_of"]


class Option(NamedTuple):
    """One field of a reader: its name, type and default as they are written, and its meaning."""

    name: str
    kind: str
    default: str
    text: str


def options_of(name: str) -> tuple[Option, ...]:
    """Options of a reader.

    Parameters
    ----------
    name : str
        A reader.

    Returns
    -------
    tuple of Option
        In the order of its fields; empty if there is nothing to choose.

    Raises
    ------
    UnknownNameError
        There is no such reader.

    Examples
    --------
    >>> options_of("ispy")
    ()
    """
    tree = ast.parse(file_of("readers", name).read_text(encoding="utf-8"))
    plain = name.replace("_", "")
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    for node in classes:
        if node.name.lower() == plain:
            told = _told(ast.get_docstring(node) or "")
            return tuple(
                Option(field.target.id, *_written(field), told.get(field.target.id, ("", ""))[1])
                for field in node.body
                if isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and "ClassVar" not in ast.unparse(field.annotation)
            )
    return ()


def _written(field: ast.AnnAssign) -> tuple[str, str]:
    """Type and default of a field; the values of a Literal alone."""
    kind = ast.unparse(field.annotation)
    literal = re.fullmatch(r"Literal\[(.*)\]", kind)
    default = ast.unparse(field.value) if field.value is not None else ""
    return (literal.group(1).replace("'", "") if literal else kind), default.strip("'")


def _told(doc: str) -> dict[str, tuple[str, str]]:
    """Type and text of each name in the Parameters section of a docstring."""
    section = re.search(r"^Parameters\n-{3,}\n(.*?)(?=^\w[\w ]*\n-{3,}\n|\Z)", doc, re.M | re.S)
    found: dict[str, tuple[str, str]] = {}
    if section is None:
        return found
    for head, body in re.findall(r"^(\S.*)\n((?:[ \t]+.*\n?|\n)*)", section.group(1), re.M):
        keys, _, kind = head.partition(" : ")
        text = " ".join(inspect.cleandoc(body).split()).replace("``", "")
        found |= {key.strip(): (kind, text) for key in keys.split(",")}
    return found


def options_help() -> str:
    """Options of all readers, a paragraph each, for ``--help``.

    Returns
    -------
    str
        ``reader.option = default (type): meaning``.

    Examples
    --------
    >>> "ispy" in options_help()
    False
    """
    told = []
    for name in names("readers"):
        # options that are explained together stand together
        for (kind, text), same in groupby(options_of(name), lambda one: (one.kind, one.text)):
            pairs = ", ".join(f"{one.name}={one.default}" for one in same)
            told.append(f"{name}: {pairs} ({kind}). {text}")
    return "\n\n".join(told)

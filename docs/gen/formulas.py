"""Formulas of docstrings as MathML, which browsers draw by themselves: no script, no network."""

from __future__ import annotations

import re
import textwrap
from typing import Any

import griffe
from latex2mathml.converter import convert

INLINE = re.compile(r":math:`([^`]+)`", re.DOTALL)
BLOCK = re.compile(r"^([ \t]*)\.\. math::[ \t]*(.*)\n((?:[ \t]*\n|\1[ \t]+.*\n?)*)", re.MULTILINE)
ROLE = re.compile(r":(?:func|class|meth|mod|attr):`~?([^`]+)`")
CITED = re.compile(r"^([ \t]*)\.\. \[(\w+)\] ", re.MULTILINE)


def block(found: re.Match[str]) -> str:
    """A displayed formula, at the indentation of its directive."""
    tex = " ".join((found.group(2) + "\n" + textwrap.dedent(found.group(3))).split())
    return f"{found.group(1)}{convert(tex, display='block')}\n\n"


def markdown(text: str) -> str:
    """Sphinx roles in a docstring, as Markdown."""
    text = BLOCK.sub(block, text + "\n")
    text = INLINE.sub(lambda found: convert(" ".join(found.group(1).split())), text)
    text = CITED.sub(r"\1- ", text)
    return ROLE.sub(r"`\1`", text).rstrip()


class Formulas(griffe.Extension):
    """Rewrite each docstring when it is loaded."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        """Called for each module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = markdown(obj.docstring.value)

"""Where the templates of pages are, and what they may call."""

from __future__ import annotations

import re

import jinja2
from markupsafe import Markup, escape

__all__ = ["environment"]


def environment() -> jinja2.Environment:
    """Templates of this package; all that is filled in is escaped."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("hepvision.studies", "_templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["symbols"] = _symbols
    return made


def _symbols(text: str) -> Markup:
    """ε_s and ε_b with their letters lowered."""
    lowered = re.sub("ε_([sb])", r"ε<sub>\1</sub>", str(escape(text)))
    return Markup(lowered)

"""What several commands share: ``NAME=VALUE`` words, and a bundle's own components."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

__all__ = ["OfBundle", "settings"]

#: The option that names them, of every command that reads a bundle.
OfBundle = Annotated[
    list[str] | None,
    typer.Option(
        help="A component of your own that the bundle was made with. May be repeated.",
        metavar="FILE.py:CLASS",
    ),
]


def settings(given: Iterable[str], what: str, example: str) -> dict[str, object]:
    """``NAME=VALUE`` words as a mapping; values are read as YAML numbers, truth values or text."""
    import yaml

    from hepvision.core.errors import CardError

    found: dict[str, object] = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise CardError(f"{what}: must be NAME=VALUE, got {word!r}. Write {example}.")
        try:
            found[name] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise CardError(f"{what}: must be YAML, got {value!r}. Quote it.") from error
    return found

"""``NAME=VALUE`` words of a command line."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["settings"]


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

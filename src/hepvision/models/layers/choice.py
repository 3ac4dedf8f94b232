"""Which parts of the inputs a model reads, refused in one line where they do not fit."""

import dataclasses
import typing
from collections.abc import Iterable, Iterator
from typing import Any, Literal

from hepvision.core.errors import UnknownNameError, UserError
from hepvision.core.inputs import InputSpec
from hepvision.core.names import hint, load, names

__all__ = ["chosen_parts", "fitting", "parts_of_kind", "single_part"]


def fitting(kinds: Iterable[str]) -> tuple[str, ...]:
    """Representations whose parts are all of some kinds.

    Parameters
    ----------
    kinds : iterable of str
        Kinds of parts.

    Returns
    -------
    tuple of str
        Names, with the ``kind`` to ask for where it is not the default.

    Examples
    --------
    >>> fitting(["sequence"])
    ('object_set (kind: sequence)', 'particles (kind: sequence)')
    """
    wanted, found = set(kinds), []
    for name in names("representations"):
        try:
            made = list(_variants(load("representations", name)))
        except (UserError, ValueError, TypeError):
            continue  # one that must be told what to do
        fits = [more for more, spec in made if {part.kind for part in spec.values()} <= wanted]
        found += [name + more for more in fits[:1]]
    return tuple(found)


def _variants(component: Any) -> Iterator[tuple[str, InputSpec]]:
    """What to write behind the name, and the spec that comes of it; the default first."""
    yield "", component().spec
    if "kind" in {field.name for field in dataclasses.fields(component)}:
        choices = typing.get_type_hints(component)["kind"]
        for kind in typing.get_args(choices) if typing.get_origin(choices) is Literal else ():
            yield f" (kind: {kind})", component(kind=kind).spec


def parts_of_kind(model: str, spec: InputSpec, kinds: Iterable[str]) -> tuple[str, ...]:
    """Names of all parts, which must all be of kinds that the model reads.

    Parameters
    ----------
    model : str
        Name of the model, for the message.
    spec : InputSpec
        What the inputs are.
    kinds : iterable of str
        Kinds that the model reads.

    Returns
    -------
    tuple of str
        In order.

    Raises
    ------
    ValueError
        A part is of another kind, or there is none.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> parts_of_kind("mlp", {"x": PartSpec("vector", (1,), ("pt",), ("GeV",), (1.0,))}, ["vector"])
    ('x',)
    """
    kinds = sorted(kinds)
    wrong = [f"{name} ({part.kind})" for name, part in spec.items() if part.kind not in kinds]
    if wrong or not spec:
        fits = ", ".join(fitting(kinds))
        raise ValueError(
            f"{model}: reads parts of kind {' or '.join(kinds)}, got {', '.join(wrong) or 'none'}. "
            + (f"Representations that fit: {fits}." if fits else "Choose another model.")
        )
    return tuple(spec)


def single_part(model: str, spec: InputSpec, kinds: Iterable[str]) -> str:
    """Name of the one part, for a model that reads one.

    Parameters
    ----------
    model : str
        Name of the model, for the message.
    spec : InputSpec
        What the inputs are.
    kinds : iterable of str
        Kinds that the model reads.

    Returns
    -------
    str
        The part.

    Raises
    ------
    ValueError
        There is not exactly one part, or it is of another kind.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> part = PartSpec("vector", (1,), ("pt",), ("GeV",), (1.0,))
    >>> single_part("resnet15", {"x": part}, ["image"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: resnet15: reads parts of kind image, got x (vector). Representations that fit: ...
    """
    names = parts_of_kind(model, spec, kinds)
    if len(names) != 1:
        raise ValueError(
            f"{model}: reads one part, got {', '.join(names)}. Let the entry use only one."
        )
    return names[0]


def chosen_parts(where: str, spec: InputSpec, name: str) -> tuple[str, ...]:
    """Parts that a card means by a name.

    Parameters
    ----------
    where : str
        What names it, for the message.
    spec : InputSpec
        What the inputs are; parts are called ``representation.part``.
    name : str
        A whole name, its last word, or its first word for all parts of a representation.

    Returns
    -------
    tuple of str
        At least one, in order.

    Raises
    ------
    UnknownNameError
        No part has this name.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> part = PartSpec("vector", (1,), ("pt",), ("GeV",), (1.0,))
    >>> chosen_parts("share", {"a.x": part, "a.y": part, "b.z": part}, "a")
    ('a.x', 'a.y')
    """
    words = {part: {part, part.partition(".")[0], part.rpartition(".")[2]} for part in spec}
    found = (name,) if name in spec else tuple(part for part in spec if name in words[part])
    if not found:
        known = dict.fromkeys(word for part in spec for word in (part, *sorted(words[part])))
        advice = hint(name, known, f"There are: {', '.join(spec)}.")
        raise UnknownNameError(f"{where}: no part {name!r}. {advice}")
    return found

"""Columns of sets and sequences by name: where they are, and a batch of them."""

from collections.abc import Iterable, Mapping

import torch
from torch import Tensor

from hepvision.core.inputs import InputSpec
from hepvision.models.layers.network import Tensors, values_of

__all__ = ["Place", "columns", "mask_of", "same_objects", "values_at"]

#: Name of a part, and number of a column in it.
Place = tuple[str, int]


def columns(
    model: str, spec: InputSpec, names: Iterable[str], otherwise: str = "particles"
) -> dict[str, Place]:
    """Where a model finds the columns that it reads.

    Parameters
    ----------
    model : str
        Name of the model, for the message.
    spec : InputSpec
        What the inputs are. Parts of kind set, sequence or graph are searched; those of one jet
        have the same objects in the same order.
    names : iterable of str
        Names of columns.
    otherwise : str
        Representation that has them, for the message.

    Returns
    -------
    dict of (str, int)
        Part and column of each name, in the given order.

    Raises
    ------
    ValueError
        A column is missing, two parts have it, or the parts have different numbers of objects.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> part = PartSpec("set", (9, 2), ("pt", "delta_eta"), ("GeV", ""), (1.0, 1.0))
    >>> columns("particle_net", {"jet": part}, ["delta_eta"])
    {'delta_eta': ('jet', 1)}
    >>> columns("particle_net", {"jet": part}, ["delta_phi"])
    Traceback (most recent call last):
    ...
    ValueError: particle_net: reads columns delta_phi, got pt, delta_eta. Use the representation \
'particles'.
    """
    names = tuple(names)
    searched = {key: one for key, one in spec.items() if one.kind in {"set", "sequence", "graph"}}
    places: dict[str, list[Place]] = {}
    for key, one in searched.items():
        for column, name in enumerate(one.names):
            places.setdefault(name, []).append((key, column))
    if not set(names) <= set(places):
        raise ValueError(
            f"{model}: reads columns {', '.join(names)}, got {', '.join(places) or 'none'}. "
            f"Use the representation {otherwise!r}."
        )
    found = {name: places[name] for name in names}
    for name, where in found.items():
        if len(where) > 1:
            raise ValueError(
                f"{model}: reads one column {name}, got it in "
                f"{', '.join(key for key, _ in where)}. Let the entry use only one of them."
            )
    same_objects(model, spec, dict.fromkeys(where[0][0] for where in found.values()))
    return {name: where[0] for name, where in found.items()}


def same_objects(model: str, spec: InputSpec, parts: Iterable[str]) -> None:
    """Refuse parts that cannot have the same objects, for a model that reads them side by side.

    Parameters
    ----------
    model : str
        Name of the model, for the message.
    spec : InputSpec
        What the inputs are.
    parts : iterable of str
        Names of sets or sequences.

    Raises
    ------
    ValueError
        They hold different numbers of objects.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> part = PartSpec("set", (9, 1), ("pt",), ("GeV",), (1.0,))
    >>> same_objects("particle_flow", {"x": part, "y": part}, ["x", "y"])
    """
    most = {part: spec[part].shape[0] for part in parts}
    if len(set(most.values())) > 1:
        told = ", ".join(f"{part} ({number})" for part, number in most.items())
        raise ValueError(
            f"{model}: parts must have the same objects, got {told}. "
            "Let the entry use one representation."
        )


def values_at(inputs: Tensors, places: Mapping[str, Place]) -> Tensor:
    """Some columns of a batch, side by side.

    Parameters
    ----------
    inputs : mapping
        Tensors by part.
    places : mapping
        As ``columns`` gave them; at least one.

    Returns
    -------
    Tensor, shape (B, N, len(places))
        In the order of ``places``.

    Examples
    --------
    >>> batch = torch.arange(6.0).reshape(1, 2, 3), torch.ones(1, 2, dtype=torch.bool)
    >>> values_at({"jet": batch}, {"b": ("jet", 2), "a": ("jet", 0)}).tolist()
    [[[2.0, 0.0], [5.0, 3.0]]]
    """
    parts = dict.fromkeys(part for part, _ in places.values())
    if len(parts) == 1:
        found = values_of(inputs, next(iter(parts)))
        order = [column for _, column in places.values()]
        return found if order == list(range(found.shape[-1])) else found[..., order]
    return torch.stack([values_of(inputs, part)[..., at] for part, at in places.values()], dim=-1)


def mask_of(inputs: Tensors, places: Mapping[str, Place]) -> Tensor:
    """Where a batch has objects.

    Parameters
    ----------
    inputs : mapping
        Tensors by part.
    places : mapping
        As ``columns`` gave them; at least one.

    Returns
    -------
    Tensor, shape (B, N), bool
        False at padding; True everywhere for a part without a mask.

    Examples
    --------
    >>> batch = torch.zeros(1, 3, 1), torch.tensor([[True, True, False]])
    >>> mask_of({"jet": batch}, {"pt": ("jet", 0)}).tolist()
    [[True, True, False]]
    """
    found = inputs[next(iter(places.values()))[0]]
    if isinstance(found, Tensor):
        return found.new_ones(found.shape[:2], dtype=torch.bool)
    return found[1]

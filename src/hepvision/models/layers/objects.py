"""All columns of the sets or sequences that a model reads whole."""

from collections.abc import Iterable

from hepvision.core.inputs import InputSpec
from hepvision.models.layers.choice import parts_of_kind
from hepvision.models.layers.columns import Place, same_objects

__all__ = ["every_column"]


def every_column(model: str, spec: InputSpec, kinds: Iterable[str]) -> dict[str, Place]:
    """Where a model finds all features of its objects, for ``values_at`` and ``mask_of``.

    Parameters
    ----------
    model : str
        Name of the model, for the message.
    spec : InputSpec
        What the inputs are. All parts must have the same objects in the same order.
    kinds : iterable of str
        Kinds that the model reads.

    Returns
    -------
    dict of (str, int)
        Part and column, by ``part:name``, in the order of the spec.

    Raises
    ------
    ValueError
        A part is of another kind, there is none, or they have different numbers of objects.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> part = PartSpec("set", (9, 2), ("pt", "delta_eta"), ("GeV", ""), (1.0, 1.0))
    >>> every_column("particle_flow", {"jet": part}, ["set"])
    {'jet:pt': ('jet', 0), 'jet:delta_eta': ('jet', 1)}
    """
    parts = parts_of_kind(model, spec, kinds)
    same_objects(model, spec, parts)
    return {
        f"{part}:{name}": (part, column)
        for part in parts
        for column, name in enumerate(spec[part].names)
    }

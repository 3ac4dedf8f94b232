"""Which parts of the inputs a model reads, refused in one line where they do not fit."""

from collections.abc import Iterable

from hepvision.core.inputs import InputSpec

__all__ = ["parts_of_kind", "single_part"]


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
        raise ValueError(
            f"{model}: reads parts of kind {' or '.join(kinds)}, got {', '.join(wrong) or 'none'}. "
            "Choose another representation or model."
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
    >>> single_part("resnet15", {"x": part}, ["image"])
    Traceback (most recent call last):
    ...
    ValueError: resnet15: reads parts of kind image, got x (vector). Choose another representation \
or model.
    """
    names = parts_of_kind(model, spec, kinds)
    if len(names) != 1:
        raise ValueError(
            f"{model}: reads one part, got {', '.join(names)}. Let the entry use only one."
        )
    return names[0]

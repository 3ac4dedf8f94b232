"""Several representations of the same examples, their parts prefixed by a key."""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol, Self, runtime_checkable

import awkward as ak

from hepvision.core.errors import SchemaError
from hepvision.core.inputs import Inputs, InputSpec
from hepvision.events.schema import missing_fields

__all__ = ["Representation", "fields_read", "measure", "represent", "spec_of"]


@runtime_checkable
class Representation(Protocol):
    """What every representation has."""

    @property
    def reads(self) -> tuple[str, ...]:
        """Schema fields that are read."""
        ...

    @property
    def spec(self) -> InputSpec:
        """What the inputs are."""
        ...

    @property
    def version(self) -> int:
        """Counts changes of meaning."""
        ...

    def __call__(self, examples: ak.Array) -> Inputs:
        """Examples to inputs."""
        ...

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        """The same with constants from the training split."""
        ...


def spec_of(representations: Mapping[str, Representation]) -> InputSpec:
    """Parts of all representations, as ``key.part``.

    Parameters
    ----------
    representations : mapping
        By key.

    Returns
    -------
    InputSpec
        One entry a part.
    """
    return {
        f"{key}.{name}": part
        for key, one in representations.items()
        for name, part in one.spec.items()
    }


def fields_read(representations: Mapping[str, Representation]) -> tuple[str, ...]:
    """Schema fields that any of the representations reads.

    Parameters
    ----------
    representations : mapping
        By key.

    Returns
    -------
    tuple of str
        Each once.
    """
    return tuple(dict.fromkeys(name for one in representations.values() for name in one.reads))


def represent(representations: Mapping[str, Representation], examples: ak.Array) -> Inputs:
    """Inputs of all representations, parts as ``key.part``.

    Parameters
    ----------
    representations : mapping
        By key.
    examples : ak.Array
        B examples.

    Returns
    -------
    Inputs
        B examples in each part.

    Raises
    ------
    SchemaError
        The examples lack a field that is read.
    """
    lost = missing_fields(examples, fields_read(representations))
    if lost:
        raise SchemaError(
            f"input: needs the fields {', '.join(lost)}, got none. Give events that have them."
        )
    return {
        f"{key}.{name}": part
        for key, one in representations.items()
        for name, part in one(examples).items()
    }


def measure(representations: Mapping[str, Any], batches: Iterable[ak.Array]) -> dict[str, Any]:
    """All representations with constants from the training split.

    Parameters
    ----------
    representations : mapping
        By key.
    batches : iterable of ak.Array
        Can be run over more than once, such as a list.

    Returns
    -------
    dict
        By key.
    """
    return {key: one.measured(batches) for key, one in representations.items()}

"""Several representations of the same examples, their parts prefixed by a key."""

import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError, UserError
from hepvision.core.inputs import Dense, Inputs, InputSpec, Part, Ragged, Sparse
from hepvision.events._fields import REQUIRED_SCALARS
from hepvision.events.observables import OBSERVABLES
from hepvision.events.schema import missing_fields
from hepvision.events.selection import names_in

__all__ = ["Representation", "columns_read", "fields_read", "measure", "represent", "spec_of"]


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


def columns_read(
    fields: Iterable[str], select: Iterable[str], per: str, observables: Iterable[str]
) -> tuple[str, ...]:
    """What must be read of a store to make examples and their inputs.

    Parameters
    ----------
    fields : iterable of str
        Schema fields that the inputs are made of.
    select : iterable of str
        Cuts.
    per : str
        ``event`` or a collection.
    observables : iterable of str
        Names or expressions.

    Returns
    -------
    tuple of str
        Scalars, fields, and whole collections where an expression needs them; each once.

    Examples
    --------
    >>> columns_read(["Track.pt"], ["num(Photon) == 2"], "event", ["pileup"])[-2:]
    ('Track.pt', 'Photon')
    """
    expressions = [*select, *(OBSERVABLES.get(one, one) for one in observables)]
    named = [name for one in expressions for name in names_in(one)]
    whole = [] if per == "event" else [per]
    return tuple(dict.fromkeys([*REQUIRED_SCALARS, *fields, *named, *whole]))


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
        The examples lack a field that is read, or what comes of them is not what a representation
        says it is.
    """
    lost = missing_fields(examples, fields_read(representations))
    if lost:
        raise SchemaError(
            f"input: needs the fields {', '.join(lost)}, got none. Give events that have them."
        )
    made: dict[str, Part] = {}
    for key, one in representations.items():
        found = _inputs(key, one, examples)
        _check(key, found, one.spec, len(examples))
        made |= {f"{key}.{name}": part for name, part in found.items()}
    return made


def _inputs(key: str, one: Representation, examples: ak.Array) -> Inputs:
    """Inputs of one; what goes wrong in a user's own file is told with its line."""
    try:
        return one(examples)
    except UserError:
        raise
    except Exception as error:
        own = Path(type(one).__call__.__code__.co_filename)
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if Path(frame.filename) == own
        ]
        if type(one).__module__.startswith("hepvision.") or not lines:
            raise
        said = " ".join(str(error).split())[:160]
        raise SchemaError(
            f"representations.{key}: must turn examples into inputs, got {type(error).__name__} in "
            f"{own.name}, line {lines[-1]}: {said}. Mend it."
        ) from error


def _check(key: str, found: Inputs, spec: InputSpec, number: int) -> None:
    """Refuse inputs of another form, or not finite: a training would fail on them much later."""
    if found.keys() != spec.keys():
        raise SchemaError(
            f"representations.{key}: must give the parts {', '.join(spec)}, got "
            f"{', '.join(found) or 'none'}. Let spec and result agree."
        )
    for name, part in found.items():
        values = part.value if isinstance(part, Sparse) else part.values
        shape = part.shape if isinstance(part, Sparse) else values.shape[1:]
        wanted = spec[name].shape[1:] if isinstance(part, Ragged) else spec[name].shape
        if len(part) != number or tuple(shape) != tuple(wanted):
            raise SchemaError(
                f"representations.{key}: {name} must be {number} examples of shape {wanted}, got "
                f"{len(part)} of {tuple(shape)}. Let spec and result agree."
            )
        if not isinstance(part, Dense) and not _whole(part.offsets, len(values)):
            raise SchemaError(
                f"representations.{key}: offsets of {name} must rise from 0 to the number of "
                f"values, {len(values)}, got others. Mend the representation."
            )
        bad = values.size - int(np.count_nonzero(np.isfinite(values)))
        if bad:
            raise SchemaError(
                f"representations.{key}: {name} must be finite, got {bad} values that are not. "
                "Mend the representation."
            )


def _whole(offsets: NDArray[np.int64], number: int) -> bool:
    return bool(offsets[0] == 0 and offsets[-1] == number and (np.diff(offsets) >= 0).all())


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

    Raises
    ------
    SchemaError
        One gives something else than another of its kind.
    """
    made = {key: one.measured(batches) for key, one in representations.items()}
    for key, one in representations.items():
        if type(made[key]) is not type(one):
            raise SchemaError(
                f"representations.{key}: measured must return a {type(one).__name__}, got "
                f"{type(made[key]).__name__}. Return self, or dataclasses.replace(self, …)."
            )
    return made

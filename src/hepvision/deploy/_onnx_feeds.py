"""Inputs as arrays by the names of a graph."""

from collections.abc import Iterator, Mapping
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.inputs import Inputs, InputSpec, Ragged, taken
from hepvision.deploy._onnx_hit_feeds import hit_feeds
from hepvision.representations._together import represent, spec_of

__all__ = ["feeds", "feeds_of"]


def feeds(inputs: Inputs, spec: InputSpec, *, longest: bool = False) -> dict[str, NDArray[Any]]:
    """What a dense graph is given for some examples.

    Parameters
    ----------
    inputs : Inputs
        B examples.
    spec : InputSpec
        What they are.
    longest : bool
        Whether sets and sequences are padded only to their longest example, not to what the
        spec allows.

    Returns
    -------
    dict of array
        Float32 values by part, and masks.

    Examples
    --------
    >>> from hepvision.core.inputs import PartSpec
    >>> spec = {"jet": PartSpec("set", (9, 1), ("pt",), ("GeV",), (1.0,))}
    >>> jets = {"jet": Ragged(np.array([0, 2, 3]), np.ones((3, 1), np.float32))}
    >>> {name: one.shape for name, one in feeds(jets, spec, longest=True).items()}
    {'jet': (2, 2, 1), 'jet.mask': (2, 2)}
    """
    made: dict[str, NDArray[Any]] = {}
    for name, described in spec.items():
        part, shape = inputs[name], described.shape
        if longest and isinstance(part, Ragged):
            shape = (min(int(np.diff(part.offsets).max(initial=0)), shape[0]), *shape[1:])
        made[name] = np.zeros((len(part), *shape), np.float32)
        mask = np.zeros((len(part), shape[0]), np.bool_) if described.masked else None
        part.fill(made[name], mask)
        if mask is not None:
            made[f"{name}.mask"] = mask
    return made


def feeds_of(
    representations: Mapping[str, Any], rows: ak.Array, inputs: str, batch: int
) -> Iterator[dict[str, NDArray[Any]]]:
    """What a file is given for examples, a batch at a time.

    Parameters
    ----------
    representations : mapping
        Of what was exported.
    rows : ak.Array
        B examples.
    inputs : "dense" or "hits"
        How.
    batch : int
        Examples at a time.

    Yields
    ------
    dict of array
        By names of the inputs.
    """
    if inputs == "hits":
        (image,) = representations.values()
        for start in range(0, len(rows), batch):
            yield hit_feeds(image, rows[start : start + batch])
        return
    every = represent(representations, rows) if len(rows) else {}
    spec = spec_of(representations)
    for start in range(0, len(rows), batch):
        some = np.arange(start, min(start + batch, len(rows)))
        yield feeds(taken(every, some), spec, longest=True)

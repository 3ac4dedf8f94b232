"""Events that an exported file is held against, or is calibrated with."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError
from hepvision.deploy._onnx_feeds import feeds
from hepvision.deploy._onnx_hits import hit_feeds
from hepvision.deploy._scorer import stream_for
from hepvision.deploy.bundle import Bundle
from hepvision.events.examples import examples
from hepvision.events.selection import selected
from hepvision.events.split import NAMES, Split, splits

__all__ = ["batches", "feeds_of", "rows_of"]


def rows_of(bundle: Bundle, events: str | Path, part: str, most: int) -> ak.Array:
    """First examples of a split that pass a bundle's selection.

    Parameters
    ----------
    bundle : Bundle
        With the selection, and the card that says how events were divided.
    events : path
        A store, or a file that a reader knows.
    part : "train", "validation" or "test"
        The split.
    most : int
        Examples.

    Returns
    -------
    ak.Array
        At most so many.

    Raises
    ------
    SchemaError
        There is none, or a field is missing that the bundle reads.
    """
    said = bundle.card.get("split")
    split = Split(**said) if isinstance(said, Mapping) else Split()
    found: list[ak.Array] = []
    for piece in stream_for(Path(events), bundle):
        rows, _ = selected(examples(piece, bundle.per), bundle.select)
        rows = rows[splits(rows, split) == NAMES.index(part)]
        if len(rows):
            found.append(rows)
        if sum(map(len, found)) >= most:
            break
    if not found:
        raise SchemaError(
            f"{events}: needs examples of the {part} split that pass the selection, got none. "
            "Give the events of the study."
        )
    return ak.concatenate(found)[:most]


def batches(rows: ak.Array, size: int) -> Iterator[ak.Array]:
    """Rows a batch at a time.

    Parameters
    ----------
    rows : ak.Array
        B examples.
    size : int
        Of a batch.

    Yields
    ------
    ak.Array
        In order.
    """
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def feeds_of(bundle: Bundle, rows: ak.Array, inputs: str) -> dict[str, NDArray[Any]]:
    """What a file is given for examples.

    Parameters
    ----------
    bundle : Bundle
        What was exported.
    rows : ak.Array
        B examples.
    inputs : "dense" or "hits"
        How.

    Returns
    -------
    dict of array
        By names of the inputs.
    """
    if inputs == "hits":
        (image,) = bundle.representations.values()
        return hit_feeds(image, rows)
    return {
        name: np.ascontiguousarray(one)
        for name, one in feeds(bundle.inputs(rows), bundle.spec, longest=True).items()
    }

"""Events that an exported file is held against, or is calibrated with."""

from collections.abc import Mapping
from pathlib import Path

import awkward as ak

from hepvision.core.errors import SchemaError
from hepvision.deploy._scorer import stream_for
from hepvision.deploy.bundle import Bundle
from hepvision.events.examples import examples
from hepvision.events.selection import selected
from hepvision.events.split import NAMES, Split, splits

__all__ = ["rows_of"]


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

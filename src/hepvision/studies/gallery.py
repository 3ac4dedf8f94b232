"""One event of each class and the average of many, for the report."""

from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.card import component
from hepvision.core.files import atomic_write
from hepvision.core.inputs import Sparse
from hepvision.events.schema import missing_fields
from hepvision.events.store import Store, write_store

__all__ = ["collect"]

AVERAGED = 250  # events a class: enough for a smooth picture, quick to read


def _images(store: Store, image: Any) -> tuple[ak.Array, NDArray[np.float32]] | None:
    if not len(store):
        return None
    events = store.read(stop=AVERAGED)
    if missing_fields(events, image.reads):
        return None
    part = image(events)["image"]
    if not isinstance(part, Sparse):
        return None
    one = np.zeros((1, *part.shape), np.float32)
    part.fill(one, rows=np.zeros(1, np.int64))
    mean = np.bincount(part.index, part.value, minlength=one.size) / len(events)
    return events[:1], np.stack([one[0], mean.reshape(part.shape).astype(np.float32)])


def collect(stores: dict[str, Store], folder: Path) -> bool:
    """Write what the report shows of the samples, once.

    Parameters
    ----------
    stores : dict of Store
        By class.
    folder : Path
        The run folder; gets ``images.npz`` with ``example_<class>`` and ``average_<class>``,
        shape (3, 170, 360), GeV, and the store ``examples`` with one event a class.

    Returns
    -------
    bool
        Whether the events have hits to draw.

    Examples
    --------
    >>> import tempfile
    >>> collect({}, Path(tempfile.mkdtemp()))
    False
    """
    if (folder / "images.npz").is_file() and (folder / "examples" / "manifest.json").is_file():
        return True
    image = component("representations", "detector_image")
    found = {key: made for key, store in stores.items() if (made := _images(store, image))}
    if not found:
        return False
    arrays = {}
    for key, (_, pair) in found.items():
        arrays[f"example_{key}"], arrays[f"average_{key}"] = pair
    common = [
        name
        for name in next(iter(found.values()))[0].fields
        if all(name in events.fields for events, _ in found.values())
    ]
    events = ak.concatenate(
        [
            ak.with_field(ak.with_field(one[common], [key], "sample"), [number], "event_id")
            for number, (key, (one, _)) in enumerate(found.items())
        ]
    )
    events = ak.with_field(events, np.arange(len(events), dtype=np.uint64), "event_id")
    if not (folder / "examples" / "manifest.json").is_file():
        write_store(folder / "examples", events)
    with atomic_write(folder / "images.npz") as file:
        np.savez_compressed(file, **arrays)
    return True

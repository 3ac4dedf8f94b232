"""One event of each class and the average of many, for the report."""

import shutil
from collections.abc import Collection
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

__all__ = ["collect", "part_key"]

AVERAGED = 250  # events a class: enough for a smooth picture, quick to read


def _images(
    store: Store, images: dict[str, Any]
) -> tuple[ak.Array, dict[str, NDArray[np.float32]]] | None:
    """The first event, and each part of each region: of one event, and averaged."""
    if not len(store):
        return None
    events = store.read(stop=AVERAGED)
    made = {}
    for region, image in images.items():
        if missing_fields(events, image.reads):
            continue
        for name, part in image(events).items():
            if not isinstance(part, Sparse):
                continue
            one = np.zeros((1, *part.shape), np.float32)
            part.fill(one, rows=np.zeros(1, np.int64))
            mean = np.bincount(part.index, part.value, minlength=one.size) / len(events)
            pair = np.stack([one[0], mean.reshape(part.shape).astype(np.float32)])
            made[part_key("", region, name)] = pair
    return (events[:1], made) if made else None


def part_key(key: str, region: str, part: str) -> str:
    """Name of an array in ``images.npz``; of the barrel, just what is given.

    Parameters
    ----------
    key, region, part : str
        Such as ``example_higgs``, ``ecal_centric``, ``endcap_plus``.

    Returns
    -------
    str
        Name.

    Examples
    --------
    >>> part_key("example_higgs", "ecal_centric", "endcap_plus")
    'example_higgs.ecal_centric.endcap_plus'
    """
    return key if region == "barrel" else f"{key}.{region}.{part}"


def collect(stores: dict[str, Store], folder: Path, regions: Collection[str] = ("barrel",)) -> bool:
    """Write what the report shows of the samples, once.

    Parameters
    ----------
    stores : dict of Store
        By class.
    folder : Path
        The run folder; gets ``images.npz`` with ``example_<class>`` and ``average_<class>``,
        shape (3, 170, 360), GeV, ``example_<class>.<region>.<part>`` of other regions than the
        barrel, and the store ``examples`` with one event a class.
    regions : collection of str
        Of ``detector_image``.

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
    images = {
        region: component("representations", {"name": "detector_image", "region": region})
        for region in regions
    }
    found = {key: made for key, store in stores.items() if (made := _images(store, images))}
    if not found:
        return False
    arrays = {}
    for key, (_, parts) in found.items():
        for end, pair in parts.items():
            arrays[f"example_{key}{end}"], arrays[f"average_{key}{end}"] = pair
    common = [
        name
        for name in next(iter(found.values()))[0].fields
        if all(name in events.fields for events, _ in found.values())
    ]
    events = ak.concatenate(
        [ak.with_field(one[common], [key], "sample") for key, (one, _) in found.items()]
    )
    events = ak.with_field(events, np.arange(len(events), dtype=np.uint64), "event_id")
    if not (folder / "examples" / "manifest.json").is_file():
        # what a killed run began to write cannot be taken up again
        shutil.rmtree(folder / "examples", ignore_errors=True)
        write_store(folder / "examples", events)
    with atomic_write(folder / "images.npz") as file:
        np.savez_compressed(file, **arrays)
    return True

"""``predictions.parquet`` of an entry and seed: written once, read for measures and report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hepvision.core.errors import CorruptFileError
from hepvision.core.files import atomic_write
from hepvision.tasks._predictions import Predictions

__all__ = ["PREDICTIONS", "read_predictions", "write_predictions"]

#: Name of the file.
PREDICTIONS = "predictions.parquet"
_ABOUT = ("event_id", "object_index", "split", "sample", "weight")


def write_predictions(home: Path, found: Predictions, classes: Sequence[str]) -> None:
    """Write scores of K classes, and all that is known of the examples."""
    columns = {name: getattr(found, name) for name in _ABOUT} | found.observables
    columns |= {f"target_{key}": one for key, one in found.target.items()}
    columns |= {f"score_{name}": found.scores[:, k] for k, name in enumerate(classes)}
    with atomic_write(home / PREDICTIONS) as file:
        pq.write_table(pa.table({key: pa.array(one) for key, one in columns.items()}), file)


def read_predictions(home: Path, classes: Sequence[str], observables: Sequence[str]) -> Predictions:
    """What ``write_predictions`` wrote; CorruptFileError if it is damaged or of another card."""
    path = home / PREDICTIONS
    try:
        found = pq.read_table(path)
        columns = {name: found.column(name).to_numpy() for name in found.column_names}
        return Predictions(
            np.stack([columns[f"score_{name}"] for name in classes], axis=1),
            {
                key.removeprefix("target_"): one
                for key, one in columns.items()
                if key.startswith("target_")
            },
            observables={name: columns[name] for name in observables},
            **{name: columns[name] for name in _ABOUT},
        )
    except (pa.ArrowException, KeyError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:60]
        raise CorruptFileError(
            f"{path}: cannot be read, got {reason}. Delete {home} and run again."
        ) from error

"""What an exported file gives, held against PyTorch on the same events."""

import dataclasses
from pathlib import Path
from typing import Any, Literal

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.errors import SchemaError
from hepvision.deploy._onnx_bundle import load_onnx
from hepvision.deploy.bundle import Bundle
from hepvision.evaluation.classification import signal_versus
from hepvision.evaluation.roc import roc

__all__ = ["Parity", "parity"]

#: Examples at a time.
BATCH = 64


@dataclasses.dataclass(frozen=True)
class Parity:
    """How far an exported file is from PyTorch in float32.

    Parameters
    ----------
    examples : int
        On which it was measured.
    largest : float
        Largest difference of a score.
    measures : dict of (float, float)
        AUC, and the efficiencies at the bundle's working points: by PyTorch, and by the file.
        Empty where the events do not say their classes.
    left_out : str
        Why there are no measures.

    Examples
    --------
    >>> Parity(100, 2e-7, {"AUC against rest": (0.9, 0.91)})
    largest difference of a score in 100 examples: 2e-07
      AUC against rest: 0.90000 -> 0.91000 (+0.01000)
    """

    examples: int
    largest: float
    measures: dict[str, tuple[float, float]]
    left_out: str = ""

    def __repr__(self) -> str:
        lines = [f"largest difference of a score in {self.examples:,} examples: {self.largest:.2g}"]
        lines += [
            f"  {name}: {before:.5f} -> {after:.5f} ({after - before:+.5f})"
            for name, (before, after) in self.measures.items()
        ]
        if self.left_out:
            lines.append(f"  AUC and working points were left out: {self.left_out}")
        return "\n".join(lines)


def parity(bundle: Bundle, path: str | Path, rows: ak.Array) -> Parity:
    """Hold a file of ``export`` against its bundle.

    Parameters
    ----------
    bundle : Bundle
        What was exported.
    path : path
        The ONNX file.
    rows : ak.Array
        B examples, one at least.

    Returns
    -------
    Parity
        Differences; weighted where the examples are.

    Raises
    ------
    CorruptFileError
        The file is not one of ``export``.
    ValueError
        There are no examples.

    Examples
    --------
    >>> import tempfile
    >>> from hepvision.models.mlp import Mlp
    >>> from hepvision.representations._together import spec_of
    >>> from hepvision.representations.four_momenta import FourMomenta
    >>> from hepvision.tasks.classification import Classification
    >>> momenta = {"momenta": FourMomenta()}
    >>> made = Bundle(Mlp().from_spec(spec_of(momenta), 2), Mlp(), momenta, Classification())
    >>> parity(made, tempfile.mkdtemp() + "/model.onnx", [])
    Traceback (most recent call last):
    ...
    ValueError: parity: needs examples, got none. Give events that pass the selection.
    """
    if not len(rows):
        raise ValueError("parity: needs examples, got none. Give events that pass the selection.")
    after = load_onnx(path).scores(rows, batch=BATCH)
    before = dataclasses.replace(bundle, precision="float32").scores(rows, batch=BATCH)
    largest = float(np.abs(after - before).max())
    try:
        target = bundle.task.target(rows)["class"]
    except (SchemaError, KeyError) as error:
        return Parity(len(rows), largest, {}, str(error))
    measures = _measures(bundle, rows, target, before, after)
    why = "" if measures else "they need the signal and a background. Give events of both."
    return Parity(len(rows), largest, measures, why)


def _measures(
    bundle: Bundle,
    rows: ak.Array,
    target: NDArray[np.int64],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
) -> dict[str, tuple[float, float]]:
    """Measures of a classification with the classes of its examples."""
    task = bundle.task
    weight = ak.to_numpy(rows["weight"]) if "weight" in rows.fields else np.ones(len(rows))
    signal = task.class_names.index(task.signal_class)
    against: dict[str, int | Literal["rest"]] = {"rest": "rest"}
    if len(task.class_names) > 2:
        against |= {name: k for k, name in enumerate(task.class_names) if k != signal}
    made: dict[str, tuple[float, float]] = {}
    for name, other in against.items():
        pair = [signal_versus(_normed(one), target, signal, other) for one in (before, after)]
        is_signal, chosen = pair[0].is_signal, weight[pair[0].rows]
        if is_signal.all() or not is_signal.any():
            continue
        areas = [roc(one.score, is_signal, chosen).area for one in pair]
        made[f"AUC against {name}"] = (areas[0], areas[1])
        for point, cut in _cuts(bundle.working_points.get(name)):
            for what, mask in (("signal", is_signal), ("background", ~is_signal)):
                kept = [
                    float(np.average(one.score[mask] >= cut, weights=chosen[mask])) for one in pair
                ]
                made[f"{what} efficiency {point}, against {name}"] = (kept[0], kept[1])
    return made


def _normed(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities in float32 sum to one in float32 only."""
    return scores / scores.sum(axis=1, keepdims=True)


def _cuts(points: Any) -> list[tuple[str, float]]:
    """Working points of a bundle as words and thresholds."""
    if not isinstance(points, dict):
        return []
    return [
        (f"{kind.replace('_', ' ')} {level}", float(cut))
        for kind, levels in points.items()
        if isinstance(levels, dict)
        for level, cut in levels.items()
        if isinstance(cut, int | float)
    ]

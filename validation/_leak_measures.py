"""What the leak controls measure: coarse sums, cross-fitted AUCs, and masses within cuts."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.core.inputs import Dense, Inputs, InputSpec, PartSpec, Sparse
from hepvision.core.names import require
from hepvision.evaluation.classification import signal_versus
from hepvision.evaluation.roc import auc
from hepvision.models.boosted_trees import BoostedTrees
from hepvision.models.layers.batches import outputs_of
from hepvision.models.resnet15 import Resnet15
from hepvision.physics.intervals import LEVEL, Interval
from hepvision.physics.resampling import bootstrap, bootstrap_interval
from hepvision.representations.detector_image import DetectorImage
from hepvision.tasks.classification import Classification
from hepvision.training.fit import fit, new_network
from hepvision.training.options import Options

__all__ = [
    "coarse_sums",
    "network_scores",
    "photon_windows",
    "pixels_kept",
    "repeated_images",
    "rsquared",
    "separation",
    "shuffled",
    "shuffled_within_cuts",
    "tree_scores",
    "within_cuts",
]

Array = NDArray[Any]
Booleans = NDArray[np.bool_]
RINGS = 5
LEAST_PT, LEAST_MASS, PT_HAT = 20.0, 90.0, (25.0, 250.0)  # GeV
#: Few and shallow: with some hundred events deeper trees learn noise.
TREES = BoostedTrees(rounds=60, depth=3, learning_rate=0.08, patience=0, least_weight=5.0)


def pixels_kept(part: Sparse, kept: Booleans) -> Sparse:
    """Images with some of their pixels.

    Parameters
    ----------
    part : Sparse
        B images.
    kept : array of bool, shape (N,)
        For each lit pixel.

    Returns
    -------
    Sparse
        B images.
    """
    offsets = np.concatenate([[0], np.cumsum(kept)])[part.offsets]
    return Sparse(offsets, part.index[kept], part.value[kept], part.shape)


def photon_windows(events: ak.Array, window: int, divide_by: str | None = None) -> Sparse:
    """What the ECAL image shows around the photons, and nothing else.

    Parameters
    ----------
    events : ak.Array
        B events.
    window : int
        Crystals to each side.
    divide_by : str, optional
        As in ``DetectorImage``.

    Returns
    -------
    Sparse
        B images of one layer.
    """
    whole, rest = (
        DetectorImage(layers=("ecal",), divide_by=divide_by, without_photons=one)(events)["image"]
        for one in (None, window)
    )
    size = int(np.prod(whole.shape))
    here, there = (
        np.repeat(np.arange(len(one)) * size, np.diff(one.offsets)) + one.index
        for one in (whole, rest)
    )
    return pixels_kept(whole, ~np.isin(here, there))


def coarse_sums(part: Sparse, smallest: bool = True) -> Array:
    """How much there is in each layer of an image, without its details.

    Parameters
    ----------
    part : Sparse
        B images of C layers.
    smallest : bool
        Whether the smallest pixel is among the features.

    Returns
    -------
    array, shape (B, 13 C) or (B, 12 C)
        A layer: lit pixels and sums in five rings of η, the largest pixel, the size of the vector
        sum over φ, and the smallest pixel that is positive.
    """
    layers, rows, columns = part.shape
    number, value = len(part), part.value.astype(np.float64)
    event = np.repeat(np.arange(number), np.diff(part.offsets))
    layer = part.index // (rows * columns)
    ring = part.index % (rows * columns) // columns * RINGS // rows
    where = (event * layers + layer) * RINGS + ring
    size = number * layers * RINGS
    lit = np.bincount(where, minlength=size)
    total = np.bincount(where, value, minlength=size)
    one = event * layers + layer
    most, least = np.zeros(number * layers), np.full(number * layers, np.inf)
    np.maximum.at(most, one, value)
    np.minimum.at(least, one[value > 0], value[value > 0])
    least[~np.isfinite(least)] = 0.0
    angle = 2 * np.pi * (part.index % columns) / columns
    x, y = (np.bincount(one, value * f(angle), minlength=number * layers) for f in (np.cos, np.sin))
    found = [lit.reshape(number, -1), total.reshape(number, -1)]
    found += [column.reshape(number, layers) for column in (most, np.hypot(x, y), least)]
    return np.concatenate(found if smallest else found[:-1], axis=1)


def tree_scores(features: Array, label: Array, test: Booleans, seed: int = 0) -> Array:
    """Class probabilities of the test examples, from boosted trees fitted to the others.

    Parameters
    ----------
    features : array, shape (B, F)
        Inputs.
    label : array of int, shape (B,)
        Class.
    test : array of bool, shape (B,)
        Examples that are scored.
    seed : int
        Of the trees.

    Returns
    -------
    array, shape (T, K)
        Rows sum to 1.
    """
    width, classes = features.shape[1], int(label.max()) + 1
    names = tuple(map(str, range(width)))
    part = PartSpec("vector", (width,), names, ("",) * width, (1.0,) * width)
    values, trees = features.astype(np.float32), TREES.from_spec({"x": part}, classes)
    weight = np.ones(int((~test).sum()))
    trees.fit({"x": Dense(values[~test])}, label[~test], weight, seed=seed)
    return _task(classes).scores(trees.predict({"x": Dense(values[test])}))


def network_scores(
    inputs: Inputs, spec: InputSpec, label: Array, test: Booleans, epochs: int = 5, seed: int = 0
) -> Array:
    """Class probabilities of the test examples, from a ResNet-15 trained on the others.

    Parameters
    ----------
    inputs : Inputs
        One image an example.
    spec : InputSpec
        What it is.
    label : array of int, shape (B,)
        Class.
    test : array of bool, shape (B,)
        Examples that are scored.
    epochs, seed : int
        Of the training.

    Returns
    -------
    array, shape (T, K)
        Rows sum to 1.
    """
    task = _task(int(label.max()) + 1)
    network = new_network(Resnet15(), spec, task.outputs, seed)
    options = Options(epochs=epochs, batch=32, patience=0, threads=1)
    split, weight = np.where(test, 2, 0), np.ones(len(label))
    done = fit(network, task, spec, inputs, {"class": label}, weight, split, options, seed=seed)
    taken = {name: part.take(np.flatnonzero(test)) for name, part in inputs.items()}
    coarse = done.precision == "bfloat16"
    return task.scores(outputs_of(network, taken, spec, bfloat16=coarse, threads=1))


def _task(classes: int) -> Classification:
    return Classification(tuple(map(str, range(classes))))


def separation(scores: Array, label: Array, against: int, level: float = LEVEL) -> Interval:
    """AUC of class 0 against another.

    Parameters
    ----------
    scores : array, shape (T, K)
        Class probabilities.
    label : array of int, shape (T,)
        Class.
    against : int
        The other class.
    level : float
        Confidence level.

    Returns
    -------
    Interval
        DeLong's. One test set, not an average over folds: the AUCs of two folds of the same
        events are correlated, since each model is trained on the other's test set.
    """
    part = signal_versus(scores, label, 0, against=against)
    return auc(part.score, part.is_signal, level=level)


def shuffled(label: Array, test: Booleans, seed: int) -> Array:
    """Labels dealt out anew within the training and within the test examples.

    Over both together an excess of a class here would be a lack of it there, and the AUC would
    come out below 0.5.

    Parameters
    ----------
    label : array of int, shape (B,)
        Class.
    test : array of bool, shape (B,)
        Which are the test examples.
    seed : int
        Of the shuffling.

    Returns
    -------
    array of int, shape (B,)
        As many of each class as before, in either part.
    """
    random, mixed = np.random.default_rng(seed), label.copy()
    for part in (test, ~test):
        mixed[part] = random.permutation(label[part])
    return mixed


def repeated_images(images: list[Sparse]) -> int:
    """Examples whose image another example has too, in any of the samples.

    Parameters
    ----------
    images : list of Sparse
        One a sample.

    Returns
    -------
    int
        0 if all differ.
    """
    seen: set[bytes] = set()
    repeated = 0
    for part in images:
        for row in range(len(part)):
            one = slice(int(part.offsets[row]), int(part.offsets[row + 1]))
            content = part.index[one].tobytes() + part.value[one].tobytes()
            repeated += content in seen
            seen.add(content)
    return repeated


def within_cuts(inputs: Array, mass: Array) -> Booleans:
    r"""Whether photon pairs with these inputs and masses pass the cuts.

    Parameters
    ----------
    inputs : array, shape (B, 5)
        pT1/m, η1, pT2/m, η2, cos Δφ.
    mass : array, shape (B,), GeV
        Of the pair.

    Returns
    -------
    array of bool, shape (B,)
        pT above 20 GeV, mass above 90 GeV and the generator's p̂T, which is
        :math:`m / 2\cosh(\Delta\eta/2)`, between 25 and 250 GeV.
    """
    pt_hat = mass / (2 * np.cosh((inputs[:, 1] - inputs[:, 3]) / 2))
    passed = (inputs[:, 0] * mass > LEAST_PT) & (inputs[:, 2] * mass > LEAST_PT)
    return passed & (mass > LEAST_MASS) & (pt_hat > PT_HAT[0]) & (pt_hat < PT_HAT[1])


def shuffled_within_cuts(inputs: Array, mass: Array, seed: int, sweeps: int = 400) -> Array:
    """Masses dealt out anew among events, such that all still pass the cuts.

    A random walk over all such permutations by swaps of two masses that are refused where one of
    the two events would fail. This is what "independent but for the cuts" means: the marginal
    distributions stay exactly as they are.

    Parameters
    ----------
    inputs : array, shape (B, 5)
        As in :func:`within_cuts`; all must pass with their own mass.
    mass : array, shape (B,), GeV
        Of the pairs.
    seed, sweeps : int
        Of the walk; every sweep offers each event one swap.

    Returns
    -------
    array, shape (B,), GeV
        A permutation of ``mass``.

    References
    ----------
    B. Efron, V. Petrosian, J. Am. Stat. Assoc. 94 (1999) 824 (independence of truncated data).
    """
    random = np.random.default_rng(seed)
    dealt, half = np.array(mass, np.float64), len(mass) // 2
    for _ in range(sweeps):
        a, b = random.permutation(len(mass))[: 2 * half].reshape(2, half)
        good = within_cuts(inputs[a], dealt[b]) & within_cuts(inputs[b], dealt[a])
        dealt[a[good]], dealt[b[good]] = dealt[b[good]], dealt[a[good]]
    return dealt


def rsquared(
    features: Array,
    target: Array,
    seed: int = 0,
    level: float = LEVEL,
    *,
    depth: int = 3,
    rounds: int = 200,
) -> Interval:
    """Share of the variance that boosted trees explain in events that they did not see.

    Parameters
    ----------
    features : array, shape (B, F)
        Inputs.
    target : array, shape (B,)
        What is regressed.
    seed : int
        Of folds, trees and bootstrap.
    level : float
        Confidence level.
    depth, rounds : int
        Of the trees.

    Returns
    -------
    Interval
        1 is perfect, 0 or less is nothing.
    """
    xgboost = require("xgboost", extra="trees")
    fold = np.random.default_rng(seed).permutation(len(target)) % 5
    settings = {"max_depth": depth, "eta": 0.05, "subsample": 0.8, "min_child_weight": 20}
    settings |= {"tree_method": "hist", "seed": seed, "nthread": 1, "verbosity": 0}
    guess = np.zeros(len(target))
    for one in range(5):
        train, test = fold != one, fold == one
        middle = target[train].mean()
        matrix = xgboost.DMatrix(features[train], target[train], nthread=1)
        trees = xgboost.train(settings | {"base_score": float(middle)}, matrix, rounds)
        guess[test] = trees.predict(xgboost.DMatrix(features[test], nthread=1))

    def explained(weight: Array) -> float:
        centre = np.average(target, weights=weight)
        off = np.average((target - guess) ** 2, weights=weight)
        return float(1 - off / np.average((target - centre) ** 2, weights=weight))

    weight = np.ones(len(target))
    return bootstrap_interval(explained(weight), bootstrap(explained, weight, 300, seed), level)

"""Random inputs of every kind, and the specs that describe them."""

from __future__ import annotations

import numpy as np

from hepvision.core.inputs import Dense, Frame, Inputs, InputSpec, PartSpec, Ragged, Sparse

__all__ = ["COLUMNS", "KINDS", "toy_inputs", "toy_spec"]

#: Columns of an object of a jet, as the representation ``particles`` calls them.
COLUMNS = ("delta_eta", "delta_phi", "pt_share", "log_pt", "energy", "px", "py", "pz")

#: Kind: shape of one example.
KINDS = {
    "image": (2, 20, 24),
    "volume": (1, 6, 6, 6),
    "set": (5, len(COLUMNS)),
    "sequence": (5, len(COLUMNS)),
    "graph": (5, len(COLUMNS)),
    "vector": (6,),
}


def toy_spec(kind: str, name: str = "part") -> InputSpec:
    """One part of the given kind.

    Parameters
    ----------
    kind, name : str
        Kind and name of the part.
    """
    shape = KINDS[kind]
    width = shape[0] if kind in {"image", "volume"} else shape[-1]
    names = COLUMNS if len(shape) == 2 else tuple(f"feature{k}" for k in range(width))
    frame: Frame = "eta_phi" if kind == "image" else ""
    return {name: PartSpec(kind, shape, names, ("",) * width, (1.0,) * width, frame)}  # type: ignore[arg-type]


def toy_inputs(kind: str, number: int, seed: int = 0, name: str = "part") -> Inputs:
    """Random examples of the given kind.

    Of sets, sequences and graphs the second example has one object, and the third has none.

    Parameters
    ----------
    kind : str
        Kind of the part.
    number, seed : int
        How many, and from which random stream.
    name : str
        Name of the part.
    """
    rng, shape = np.random.default_rng(seed), KINDS[kind]
    if kind == "vector":
        return {name: Dense(rng.normal(size=(number, *shape)).astype(np.float32))}
    sparse = kind in {"image", "volume"}
    counts = rng.integers(1, 40 if sparse else shape[0] + 1, number)
    if not sparse:
        counts[1:3] = (1, 0)[: len(counts[1:3])]
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    if sparse:
        index = rng.integers(0, np.prod(shape), offsets[-1]).astype(np.uint32)
        return {name: Sparse(offsets, index, rng.random(offsets[-1], np.float32), shape)}
    return {name: Ragged(offsets, _objects(rng, offsets))}


def _objects(rng: np.random.Generator, offsets: np.ndarray) -> np.ndarray:
    """Constituents of jets, hardest first, in the columns above; momenta of order one."""
    total, jet = offsets[-1], np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    pt = np.abs(rng.normal(1.0, 0.5, total)) + 0.05
    pt = pt[np.lexsort((-pt, jet))]
    share = pt / np.bincount(jet, pt, minlength=len(offsets) - 1)[jet]
    delta_eta, delta_phi = rng.normal(0, 0.3, (2, total))
    axis_eta = rng.uniform(-1.5, 1.5, len(offsets) - 1)[jet]
    axis_phi = rng.uniform(-np.pi, np.pi, len(offsets) - 1)[jet]
    px, py = pt * np.cos(axis_phi + delta_phi), pt * np.sin(axis_phi + delta_phi)
    pz = pt * np.sinh(axis_eta + delta_eta)
    energy = np.sqrt(px**2 + py**2 + pz**2 + 0.14**2)
    columns = (delta_eta, delta_phi, share, np.log(pt), energy, px, py, pz)
    return np.stack(columns, axis=1).astype(np.float32)

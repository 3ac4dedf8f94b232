"""Random inputs of every kind, and the specs that describe them."""

from __future__ import annotations

import numpy as np

from hepvision.core.inputs import Dense, Inputs, InputSpec, PartSpec, Ragged, Sparse

__all__ = ["KINDS", "toy_inputs", "toy_spec"]

#: Kind: shape of one example.
KINDS = {
    "image": (2, 20, 24),
    "volume": (1, 6, 6, 6),
    "set": (5, 4),
    "sequence": (5, 4),
    "graph": (5, 4),
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
    names = tuple(f"feature{k}" for k in range(width))
    return {name: PartSpec(kind, shape, names, ("",) * width, (1.0,) * width)}  # type: ignore[arg-type]


def toy_inputs(kind: str, number: int, seed: int = 0, name: str = "part") -> Inputs:
    """Random examples of the given kind.

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
    counts = rng.integers(1, 40 if kind in {"image", "volume"} else shape[0], number)
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    if kind in {"image", "volume"}:
        index = rng.integers(0, np.prod(shape), offsets[-1]).astype(np.uint32)
        return {name: Sparse(offsets, index, rng.random(offsets[-1], np.float32), shape)}
    return {name: Ragged(offsets, rng.normal(size=(offsets[-1], shape[1])).astype(np.float32))}

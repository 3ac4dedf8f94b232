"""One random stream a stage, sample and chunk, all from one seed."""

import zlib

import numpy as np

__all__ = ["STAGES", "generator"]

#: Stages that draw random numbers; the position is part of every stream, so only append.
STAGES = (
    "generate",
    "detector",
    "pileup",
    "readout",
    "pool",
    "split",
    "train",
    "bootstrap",
    "gun",
    "representation",
    "search",
)


def generator(seed: int, stage: str, sample: str = "", chunk: int = 0) -> np.random.Generator:
    """Random numbers of one stage of one chunk of one sample.

    Parameters
    ----------
    seed : int
        The seed of the store or run, 0 or more.
    stage : str
        One of ``STAGES``.
    sample : str
        Name of the sample; any text.
    chunk : int
        Number of the chunk, 0 or more.

    Returns
    -------
    numpy.random.Generator
        The same for the same arguments, whatever ran before, in any process.

    Raises
    ------
    ValueError
        The stage is unknown, or seed or chunk is negative.

    Examples
    --------
    >>> a, b = (generator(1, "detector", "higgs_to_diphoton", 3) for _ in range(2))
    >>> bool(a.random() == b.random())
    True
    """
    if stage not in STAGES:
        raise ValueError(f"stage: must be one of {', '.join(STAGES)}, got {stage!r}.")
    if seed < 0 or chunk < 0:
        raise ValueError(f"seed: must not be negative, got {min(seed, chunk)}. Give 0 or more.")
    key = (STAGES.index(stage), zlib.crc32(sample.encode()), chunk)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))

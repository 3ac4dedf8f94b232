"""The heavy quark of a hadron, from its number."""

import numba

__all__ = ["heavy_flavour"]


@numba.njit(cache=True)
def heavy_flavour(pdg_id: int) -> int:
    """Heaviest quark of a hadron if it is b or c.

    Parameters
    ----------
    pdg_id : int
        Number of a particle.

    Returns
    -------
    int
        5, 4, or 0 for all other particles: lighter hadrons, diquarks, quarks, leptons, nuclei.

    References
    ----------
    Particle Data Group, "Monte Carlo particle numbering scheme".

    Examples
    --------
    >>> [heavy_flavour(one) for one in (511, -5122, 421, 4122, 541, 211, 22, 5, 5101)]
    [5, 5, 4, 4, 5, 0, 0, 0, 0]
    """
    size = abs(pdg_id)
    if size < 100 or size > 1_000_000 or (size // 10) % 10 == 0:
        return 0  # diquarks have no third quark
    heaviest = max((size // 1000) % 10, (size // 100) % 10)
    return heaviest if heaviest == 4 or heaviest == 5 else 0

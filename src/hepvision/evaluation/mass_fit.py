"""A peak on a falling background: shapes from simulation, and what a fit of them would find.

Spectra are histograms of expected events, many at a time: shape (R, bins) holds R categories or R
replicas of a bootstrap, and each row is fitted by itself.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from hepvision.evaluation._samples import Array

__all__ = ["expected_fit", "fit_background", "fit_peak", "peak_window"]

STEPS = 60
"""Steps of the fit of several Gaussians; a single one is there at once."""
STEEPEST = 12.0
"""Largest change of ln(background) over the range; steeper slopes are noise of a few events."""
FORMS = ("exponential", "power")


def _checked(name: str, counts: npt.ArrayLike, edges: Array) -> Array:
    found = np.atleast_2d(np.asarray(counts, dtype=np.float64))
    if found.ndim != 2 or found.shape[1] != edges.size - 1:
        raise ValueError(
            f"{name}: must have shape (R, {edges.size - 1}) for these edges, got {found.shape}. "
            "Give one histogram a row."
        )
    if not np.isfinite(found).all() or (found.sum(axis=1) < 0.0).any():
        raise ValueError(
            f"{name}: contents must be finite and sum to 0 or more. Check the event weights."
        )
    # bins that negative weights pull below zero count as empty
    return np.maximum(found, 0.0)


def fit_peak(counts: npt.ArrayLike, edges: npt.ArrayLike, components: int = 2) -> Array:
    r"""Sum of Gaussians through the signal of the simulation.

    .. math:: f(m) = \sum_k a_k\, \mathcal{N}(m;\, \mu_k, \sigma_k), \quad \sum_k a_k = 1

    The fit maximises the likelihood by expectation and maximisation. No component becomes
    narrower than a bin. The number of steps is fixed: the likelihood is flat by then, and the
    parameters themselves, which nobody reads, need not settle.

    Parameters
    ----------
    counts : array, shape (R, bins)
        Weighted signal events, R spectra.
    edges : array, shape (bins + 1,), GeV
        Rising edges of equal bins.
    components : int
        Gaussians, 1 to 3: three describe a resolution with tails, one is all that a few events
        bear.

    Returns
    -------
    array, shape (R, bins)
        Share of each bin; rows sum to 1. A row without events gives zeros.

    Raises
    ------
    ValueError
        If shapes disagree, contents are not fit, or there are other numbers of Gaussians.

    References
    ----------
    A. P. Dempster, N. M. Laird, D. B. Rubin, J. R. Stat. Soc. B 39 (1977) 1.
    CMS Collaboration, Eur. Phys. J. C 74 (2014) 3076, arXiv:1407.0558 (sums of Gaussians as the
    signal of H→γγ).

    Examples
    --------
    >>> edges = np.linspace(100, 180, 161)
    >>> mass = np.random.default_rng(1).normal(125, 1.5, 5000)
    >>> shape = fit_peak(np.histogram(mass, edges)[0], edges, 1)
    >>> centres = 0.5 * (edges[1:] + edges[:-1])
    >>> print(round(float(shape[0] @ centres), 1))
    125.0
    """
    if components not in (1, 2, 3):
        raise ValueError(f"components: must be 1, 2 or 3, got {components}. Take 2.")
    bounds = np.asarray(edges, dtype=np.float64)
    found = _checked("signal", counts, bounds)
    total = found.sum(axis=1, keepdims=True)
    share = np.divide(found, total, out=np.zeros_like(found), where=total > 0)
    x, width = 0.5 * (bounds[1:] + bounds[:-1]), float(bounds[1] - bounds[0])
    middle, spread = _start(share, bounds)
    scale = np.array([[1.0], [0.6, 1.6], [0.6, 1.2, 3.0]][components - 1])
    mean = np.repeat(middle[:, None], components, axis=1)
    sigma = np.maximum(spread[:, None] * scale, width)
    part = np.full_like(mean, 1.0 / components)
    for _ in range(STEPS if components > 1 else 10):
        pull = (x - mean[:, :, None]) / sigma[:, :, None]
        # a floor, or bins far from every component would be shared as 0/0
        density = part[:, :, None] / sigma[:, :, None] * np.exp(-0.5 * pull**2) + 1e-30
        member = share[:, None, :] * density / density.sum(axis=1, keepdims=True)
        part = member.sum(axis=2)
        norm = np.maximum(part, 1e-12)
        mean = member @ x / norm
        variance = (member * (x - mean[:, :, None]) ** 2).sum(axis=2) / norm
        sigma = np.sqrt(np.maximum(variance, width**2))
    rise = special.ndtr((bounds - mean[:, :, None]) / sigma[:, :, None])
    shape: Array = (part[:, :, None] * np.diff(rise, axis=2)).sum(axis=1)
    norm = shape.sum(axis=1, keepdims=True)
    return np.divide(shape, norm, out=np.zeros_like(shape), where=(norm > 0) & (total > 0))


def _start(share: Array, edges: Array) -> tuple[Array, Array]:
    """Median and half of the central 68 %, which tails do not move."""
    rise = np.concatenate([np.zeros((len(share), 1)), np.cumsum(share, axis=1)], axis=1)
    low, middle, high = (
        np.array([np.interp(level, row, edges) for row in rise]) for level in (0.16, 0.5, 0.84)
    )
    return middle, 0.5 * (high - low)


def _terms(edges: Array, form: str) -> Array:
    """What the logarithm of the background is linear in, from −1 to 1."""
    if form not in FORMS:
        raise ValueError(f"form: must be exponential or power, got {form!r}. Take one of them.")
    x = 0.5 * (edges[1:] + edges[:-1])
    t = np.log(x) if form == "power" else x
    scaled: Array = 2.0 * (t - t[0]) / (t[-1] - t[0]) - 1.0
    return scaled


def _log_linear(counts: Array, t: Array, steps: int = 40) -> Array:
    """Poisson fit of exp(α + βt): the likelihood is concave, so Newton's steps arrive."""
    total = counts.sum(axis=1)
    target = np.divide(counts @ t, total, out=np.zeros_like(total), where=total > 0)
    slope = np.zeros_like(total)
    for _ in range(steps):
        shape = np.exp(slope[:, None] * t)
        shape /= shape.sum(axis=1, keepdims=True)
        mean = shape @ t
        variance = shape @ t**2 - mean**2
        step = np.clip((target - mean) / variance, -1.0, 1.0)
        slope = np.clip(slope + step, -0.5 * STEEPEST, 0.5 * STEEPEST)
        if np.abs(step).max(initial=0.0) < 1e-12:
            break
    shape = np.exp(slope[:, None] * t)
    fitted: Array = total[:, None] * shape / shape.sum(axis=1, keepdims=True)
    return fitted


def fit_background(counts: npt.ArrayLike, edges: npt.ArrayLike, form: str = "exponential") -> Array:
    r"""Falling background through the simulation, by maximum likelihood.

    .. math:: b(m) = e^{\alpha + \beta m} \quad\text{or}\quad b(m) = e^{\alpha}\, m^{\beta}

    Parameters
    ----------
    counts : array, shape (R, bins)
        Weighted background events, R spectra.
    edges : array, shape (bins + 1,), GeV
        Rising edges of equal bins.
    form : "exponential" or "power"
        The function.

    Returns
    -------
    array, shape (R, bins)
        Expected events; each row sums to that of the counts, as at every maximum.

    Raises
    ------
    ValueError
        If shapes disagree, contents are not fit, or the form is another.

    Examples
    --------
    >>> edges = np.linspace(100, 180, 81)
    >>> true = np.exp(-0.03 * 0.5 * (edges[1:] + edges[:-1]))
    >>> bool(np.allclose(fit_background(true, edges), true))
    True
    """
    bounds = np.asarray(edges, dtype=np.float64)
    return _log_linear(_checked("background", counts, bounds), _terms(bounds, form))


def expected_fit(
    signal: npt.ArrayLike,
    background: npt.ArrayLike,
    edges: npt.ArrayLike,
    form: str = "exponential",
) -> tuple[Array, Array]:
    r"""What the fit of :math:`\mu s + b` finds on average, if the signal is there.

    The data are their own expectation, ``signal + background`` (the Asimov data set). Norm and
    slope of the background float. The significance is the root of

    .. math:: q_0 = -2 \ln \frac{L(\mu = 0, \hat{\hat{\alpha}}, \hat{\hat{\beta}})}{L(\mu = 1)}

    and :math:`1/\sigma_\mu^2` is the information on μ that is left when norm and slope are
    profiled. Categories share only μ, so over categories both :math:`q_0` and
    :math:`1/\sigma_\mu^2` add: that is the simultaneous fit.

    Parameters
    ----------
    signal, background : array, shape (R, bins)
        Expected events; the background is one that :func:`fit_background` gave.
    edges : array, shape (bins + 1,), GeV
        Rising edges of equal bins.
    form : "exponential" or "power"
        The background's function, as it was fitted.

    Returns
    -------
    significance : array, shape (R,)
        :math:`\sqrt{q_0}`, in standard deviations.
    precision : array, shape (R,)
        :math:`1/\sigma_\mu`.

    Raises
    ------
    ValueError
        If shapes disagree, contents are not fit, or the form is another.

    References
    ----------
    G. Cowan, K. Cranmer, E. Gross, O. Vitells, Eur. Phys. J. C 71 (2011) 1554, arXiv:1007.1727.

    Examples
    --------
    >>> edges = np.linspace(100, 180, 81)
    >>> peak = fit_peak(np.eye(80)[25], edges, 1)
    >>> significance, precision = expected_fit(100 * peak, np.full((1, 80), 50.0), edges)
    >>> print(significance.round(1), precision.round(1))
    [6.5] [5.7]
    """
    bounds = np.asarray(edges, dtype=np.float64)
    s, b = _checked("signal", signal, bounds), _checked("background", background, bounds)
    t = _terms(bounds, form)
    data = s + b
    null = _log_linear(data, t)
    excess = np.divide(data - null, null, out=np.zeros_like(data), where=null > 0)
    q0 = 2.0 * (special.xlog1py(data, np.maximum(excess, -1.0)) - null * excess).sum(axis=1)
    inverse = np.divide(1.0, data, out=np.zeros_like(data), where=data > 0)
    slopes = np.stack([s, b, b * t], axis=1)
    information = np.einsum("rib,rb,rjb->rij", slopes, inverse, slopes)
    norm = information[:, 1, 1] * information[:, 2, 2] - information[:, 1, 2] ** 2
    fixed = norm > 1e-12 * information[:, 1, 1] * information[:, 2, 2]
    crossed = (
        information[:, 0, 1] ** 2 * information[:, 2, 2]
        + information[:, 0, 2] ** 2 * information[:, 1, 1]
        - 2.0 * information[:, 0, 1] * information[:, 0, 2] * information[:, 1, 2]
    )
    profiled = np.divide(crossed, norm, out=np.zeros_like(norm), where=fixed)
    left = np.where(fixed, information[:, 0, 0] - profiled, 0.0)
    return np.sqrt(np.maximum(q0, 0.0)), np.sqrt(np.maximum(left, 0.0))


def peak_window(shape: npt.ArrayLike, edges: npt.ArrayLike, share: float = 0.6827) -> Array:
    r"""Narrowest window that holds a share of the peak; half of it is the effective width.

    Parameters
    ----------
    shape : array, shape (bins,)
        Share of each bin, as :func:`fit_peak` gives it.
    edges : array, shape (bins + 1,), GeV
        Rising edges.
    share : float
        What the window holds.

    Returns
    -------
    array, shape (2,), GeV
        Lower and upper end.

    Raises
    ------
    ValueError
        If the peak is empty.

    Examples
    --------
    >>> edges = np.linspace(-8, 8, 161)
    >>> window = peak_window(np.diff(special.ndtr(edges)), edges)
    >>> print(window.round(1))
    [-1.  1.]
    """
    column = np.asarray(shape, dtype=np.float64)
    bounds = np.asarray(edges, dtype=np.float64)
    if not column.sum() > 0.0:
        raise ValueError("peak: must hold events, got none. Check the selection.")
    rise = np.concatenate([[0.0], np.cumsum(column)]) / column.sum()
    # flat stretches of an empty tail have no inverse
    rise += 1e-12 * np.arange(rise.size)
    starts = np.linspace(0.0, 1.0 - share, 501)
    low, high = np.interp(starts, rise, bounds), np.interp(starts + share, rise, bounds)
    best = int(np.argmin(high - low))
    return np.array([low[best], high[best]])

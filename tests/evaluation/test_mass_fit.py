"""The fit against a counting experiment, an analytic error, and a minimiser that knows nothing."""

import numpy as np
import pytest
from scipy import optimize, special, stats

from hepvision.evaluation.mass_fit import expected_fit, fit_background, fit_peak, peak_window

EDGES = np.linspace(100.0, 180.0, 161)
CENTRES = 0.5 * (EDGES[1:] + EDGES[:-1])


def gauss(mean, sigma, edges=EDGES):
    return np.diff(special.ndtr((edges - mean) / sigma))


def test_a_well_known_background_gives_the_counting_significance():
    """Far sidebands fix norm and slope; each bin is then a counting experiment."""
    edges = np.linspace(100.0, 180.0, 1601)
    signal, background = 400.0 * gauss(140.0, 0.1, edges), np.full(1600, 50.0)
    bins = 2.0 * ((signal + background) * np.log1p(signal / background) - signal)
    significance, _ = expected_fit(signal, background, edges)
    assert significance[0] < np.sqrt(bins.sum())
    assert significance[0] == pytest.approx(np.sqrt(bins.sum()), rel=0.01)


@pytest.mark.parametrize("sigma", [1.0, 2.5])
def test_error_of_mu_is_the_analytic_one(sigma):
    r"""Gaussian of S events on a flat density D in the middle of the range R.

    Without sidebands :math:`1/\sigma^2 = \int s^2/D = S^2/(2\sqrt\pi\,\sigma D)`; the free norm
    takes :math:`S^2/(DR)`; the slope takes nothing, by symmetry.
    """
    edges = np.linspace(100.0, 180.0, 1601)
    s, density = 3.0, 1000.0
    _, precision = expected_fit(
        s * gauss(140.0, sigma, edges), np.full(1600, 80.0 * density / 1600), edges
    )
    expected = s**2 / (2 * np.sqrt(np.pi) * sigma * density) - s**2 / (80.0 * density)
    assert precision[0] == pytest.approx(np.sqrt(expected), rel=2e-3)


@pytest.mark.parametrize("form", ["exponential", "power"])
def test_categories_add_to_the_simultaneous_fit(form):
    """One likelihood of two categories, by a general minimiser with numeric second derivatives."""
    edges = np.linspace(100.0, 180.0, 41)
    x = 0.5 * (edges[1:] + edges[:-1])
    t = np.log(x / 140.0) if form == "power" else (x - 140.0) / 40.0
    shapes = [
        np.exp(slope * t) / np.exp(slope * t).sum() * total
        for slope, total in ((-1.2, 4000.0), (-0.6, 300.0))
    ]
    peaks = [60.0 * gauss(125.0, 1.4, edges), 25.0 * gauss(124.5, 2.0, edges)]
    data = np.concatenate([s + b for s, b in zip(peaks, shapes, strict=True)])

    def loss(values):
        mu, rest = values[0], values[1:].reshape(2, 2)
        told = np.concatenate(
            [
                mu * s + b * np.exp(a + c * t)
                for s, b, (a, c) in zip(peaks, shapes, rest, strict=True)
            ]
        )
        return float((told - data * np.log(told)).sum())

    best = loss(np.array([1.0, 0.0, 0.0, 0.0, 0.0]))
    null = optimize.minimize(lambda v: loss(np.concatenate([[0.0], v])), np.zeros(4), tol=1e-10)
    q0 = 2.0 * (null.fun - best)
    step, centre = 1e-3, np.array([1.0, 0.0, 0.0, 0.0, 0.0])
    unit = step * np.eye(5)
    hessian = np.array(
        [
            [
                loss(centre + a + b)
                - loss(centre + a - b)
                - loss(centre - a + b)
                + loss(centre - a - b)
                for b in unit
            ]
            for a in unit
        ]
    ) / (4 * step**2)
    significance, precision = expected_fit(np.stack(peaks), np.stack(shapes), edges, form)
    assert np.sqrt((significance**2).sum()) == pytest.approx(np.sqrt(q0), rel=1e-4)
    error = np.sqrt(np.linalg.inv(hessian)[0, 0])
    assert 1.0 / np.sqrt((precision**2).sum()) == pytest.approx(error, rel=1e-3)


def test_pseudo_experiments_scatter_as_expected(rng):
    """Median significance and spread of μ over fluctuated data, fitted by Newton's method."""
    edges = np.linspace(100.0, 180.0, 81)
    t = np.linspace(-1.0, 1.0, 80)
    signal, background = 120.0 * gauss(125.0, 1.5, edges), 60.0 * np.exp(-1.2 * t)
    significance, precision = expected_fit(signal, background, edges)
    terms = np.stack([signal, background, background * t])
    found = []
    for _ in range(400):
        data = rng.poisson(signal + background).astype(float)
        values = np.array([1.0, 1.0, 0.0])  # linear in all parameters near the truth
        for _ in range(8):
            told = values @ terms
            gradient = terms @ (data / told - 1.0)
            values = values + np.linalg.solve((terms * data / told**2) @ terms.T, gradient)
        found.append(values[0])
    assert np.mean(found) == pytest.approx(1.0, abs=4 / precision[0] / 20)
    assert np.std(found) == pytest.approx(1.0 / precision[0], rel=0.12)
    assert significance[0] > precision[0]  # without signal the error is smaller


def test_luminosity_enters_as_its_root():
    signal, background = 10.0 * gauss(125.0, 1.5), 1e4 * np.exp(-0.03 * (CENTRES - 100.0))
    one = np.array(expected_fit(signal, background, EDGES))
    four = np.array(expected_fit(4 * signal, 4 * background, EDGES))
    np.testing.assert_allclose(four, 2 * one, rtol=1e-9)


def test_no_signal_is_not_found():
    significance, precision = expected_fit(np.zeros(160), np.ones(160), EDGES)
    assert significance[0] == precision[0] == 0.0


@pytest.mark.parametrize("form", ["exponential", "power"])
def test_backgrounds_are_found_again(form, rng):
    true = CENTRES**-4.0 if form == "power" else np.exp(-0.03 * CENTRES)
    np.testing.assert_allclose(fit_background(true, EDGES, form)[0], true, rtol=1e-9)
    drawn = rng.poisson(2e5 * true / true.sum()).astype(float)
    fitted = fit_background(drawn, EDGES, form)[0]
    assert fitted.sum() == pytest.approx(drawn.sum())
    np.testing.assert_allclose(fitted, 2e5 * true / true.sum(), rtol=0.02)


def test_rows_are_fitted_alone(rng):
    counts = rng.poisson(3.0, (5, 160)).astype(float)
    np.testing.assert_allclose(
        fit_background(counts, EDGES), np.concatenate([fit_background(r, EDGES) for r in counts])
    )
    np.testing.assert_allclose(
        fit_peak(counts, EDGES), np.concatenate([fit_peak(r, EDGES) for r in counts])
    )


def test_one_event_or_none_gives_numbers():
    counts = np.stack([np.eye(160)[3], np.zeros(160), np.eye(160)[159]])
    for components in (1, 2, 3):
        peak = fit_peak(counts, EDGES, components)
        np.testing.assert_allclose(peak.sum(axis=1), [1.0, 0.0, 1.0])
    fitted = fit_background(counts, EDGES)
    np.testing.assert_allclose(fitted.sum(axis=1), [1.0, 0.0, 1.0])
    assert np.isfinite(expected_fit(peak, fitted, EDGES)).all()


def test_a_peak_with_a_tail_is_described(rng):
    core, tail = rng.normal(125.0, 1.2, 14000), rng.normal(123.0, 3.5, 6000)
    counts, _ = np.histogram(np.concatenate([core, tail]), EDGES)
    true = 0.7 * gauss(125.0, 1.2) + 0.3 * gauss(123.0, 3.5)
    for components, limit in ((1, 0.3), (2, 0.02), (3, 0.02)):
        shape = fit_peak(counts, EDGES, components)[0]
        distance = 0.5 * np.abs(shape - true).sum()
        assert distance < limit
        assert (distance > 0.04) == (components == 1)  # one Gaussian has no tail
    np.testing.assert_allclose(shape, fit_peak(1e-3 * counts, EDGES, 3)[0])


def test_window_is_the_narrowest():
    shape = gauss(130.0, 1.5)
    low, high = peak_window(shape, EDGES)
    assert 0.5 * (high - low) == pytest.approx(1.5, rel=0.02)
    assert 0.5 * (low + high) == pytest.approx(130.0, abs=0.1)
    tailed = np.diff(stats.expon.cdf(EDGES, 120.0, 2.0))
    low, high = peak_window(tailed, EDGES)
    assert low == pytest.approx(120.0, abs=0.1)
    assert high == pytest.approx(120.0 - 2.0 * np.log(1 - 0.6827), abs=0.1)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"shape \(R, 160\)"):
        fit_peak(np.ones(5), EDGES)
    for components in (0, 4):
        with pytest.raises(ValueError, match="components: must be 1, 2 or 3"):
            fit_peak(np.ones(len(EDGES) - 1), EDGES, components)
    with pytest.raises(ValueError, match="finite and sum to 0 or more"):
        fit_background(-np.ones(160), EDGES)
    with pytest.raises(ValueError, match="exponential or power"):
        fit_background(np.ones(160), EDGES, "straight")
    with pytest.raises(ValueError, match="must hold events"):
        peak_window(np.zeros(160), EDGES)

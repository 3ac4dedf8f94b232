"""Expected mass spectra: what is drawn adds up to what was given."""

from __future__ import annotations

import numpy as np
import pytest

from hepvision.figures.peak import ExpectedSpectrum, expected_spectrum
from hepvision.figures.style import embed

EDGES = np.linspace(100.0, 180.0, 161)
X = 0.5 * (EDGES[1:] + EDGES[:-1])


def toy(scale: float = 1.0) -> ExpectedSpectrum:
    falling = scale * 50.0 * np.exp(-(X - 100.0) / 40.0)
    peak = scale * 8.0 * np.exp(-0.5 * ((X - 125.0) / 1.5) ** 2)
    parts = {"γγ": 0.3 * falling, "γ+jet": 0.7 * falling}
    return ExpectedSpectrum(EDGES, parts, 0.1 * falling, peak, falling, falling + peak)


def test_wider_bins_keep_events_and_add_errors_in_squares() -> None:
    spectrum = toy()
    wide = spectrum.merged(5)
    assert wide.edges.tolist() == EDGES[::5].tolist()
    for name in ("peak", "falling", "variance"):
        assert getattr(wide, name).sum() == pytest.approx(getattr(spectrum, name).sum())
    assert (wide.error**2).sum() == pytest.approx((spectrum.error**2).sum())
    with pytest.raises(ValueError, match="cannot be merged by 7"):
        spectrum.merged(7)


@pytest.mark.parametrize(("scale", "power"), [(1.0, ""), (1e6, "10^{8}")])
def test_the_stack_is_all_that_is_expected(scale: float, power: str) -> None:
    spectrum = toy(scale)
    top = expected_spectrum(spectrum, "H→γγ", merge=5).axes[0]
    unit = 1e-8 if power else 1.0
    highest = top.patches[2].get_data().values / unit
    wide = spectrum.merged(5)
    np.testing.assert_allclose(highest, wide.falling + wide.peak)
    assert [text.get_text() for text in top.get_legend().get_texts()] == [
        "γγ",
        "γ+jet",
        "H→γγ",
        "fit",
    ]
    assert (power in top.get_ylabel()) and ("2.5 GeV" in top.get_ylabel())
    # the fit's line runs through the tops of its own bins
    line = top.lines[0].get_ydata() / unit
    np.testing.assert_allclose(line, 5 * (spectrum.falling + spectrum.peak))


def test_below_stands_the_signal_over_the_scatter_of_data() -> None:
    spectrum = toy()
    below = expected_spectrum(spectrum, merge=5).axes[1]
    band = below.patches[0].get_data()
    np.testing.assert_allclose(band.values, np.sqrt(spectrum.merged(5).variance))
    np.testing.assert_allclose(below.lines[1].get_ydata(), 5 * spectrum.peak)


def test_an_empty_spectrum_is_drawn() -> None:
    none = np.zeros(160)
    figure = expected_spectrum(ExpectedSpectrum(EDGES, {"γγ": none}, none, none, none, none))
    assert embed(figure).startswith("data:image/svg+xml")

"""The display in a browser: nothing complains, nothing is fetched, it fits a telephone."""

import pytest

from hepvision.figures.show import show
from pages.browser import browser, opened
from toy_events import toy_events

__all__ = ["browser"]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("pages") / "event.html"
    show(toy_events(1, seed=5, photons=2, mean=80), out=path)
    return path


@pytest.mark.parametrize("width", [1200, 390])
def test_page_is_drawn_without_a_word(browser, page, width):
    with opened(browser, page, width) as found:
        assert found.errors == []
        assert found.requests == []
        assert found.overflow() <= 0
        assert min(found.plots()) >= 4


def test_a_photon_answers_the_pointer(browser, page):
    with opened(browser, page) as found:
        found.page.evaluate(
            "(() => { const n = document.getElementById('event_map');"
            "const k = n.data.findIndex(t => t.name === 'photons');"
            "Plotly.Fx.hover(n, [{curveNumber: k, pointNumber: 0}]); })()"
        )
        text = found.page.locator("#event_map .hoverlayer").text_content()
    assert "photon" in text
    assert "GeV" in text


def test_paper_gets_narrow_plots(browser, page, tmp_path):
    with opened(browser, page) as found:
        found.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        widths = found.page.evaluate(
            "[...document.querySelectorAll('.plot')].map(n => n._fullLayout.width)"
        )
        found.page.pdf(path=str(tmp_path / "page.pdf"))
    assert max(widths) <= 680
    assert (tmp_path / "page.pdf").stat().st_size > 10_000

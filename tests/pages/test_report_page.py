"""The report in a browser: no error, no request, every image there, wide and narrow."""

import pytest

from hepvision.studies.report import report
from pages.browser import browser, opened
from studies.toy_run import toy_run

__all__ = ["browser"]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return report(
        toy_run(tmp_path_factory.mktemp("runs") / "toy", count=120, entries=("EB", "trees"))
    )


DRAWN = """[...document.querySelectorAll("#displays > details")].map(
    d => [...d.querySelectorAll(".plot")].map(n => (n.data || []).length))"""


def _drawn(page):
    """Traces of each plot, by event."""
    return page.evaluate(DRAWN)


@pytest.mark.parametrize("width", [1200, 390])
def test_report_is_shown_whole(browser, page, width):
    with opened(browser, page, width) as found:
        assert found.errors == []
        assert found.requests == []
        assert found.overflow() <= 0
        assert found.broken_images() == 0
        first, *rest = _drawn(found.page)
        # one event is open, the others wait until they are
        assert min(first) >= 1
        assert rest == [[0] * len(first)] * 2


def test_a_closed_event_is_drawn_when_it_opens(browser, page):
    with opened(browser, page) as found:
        found.page.locator("#displays > details > summary").nth(1).click()
        found.page.wait_for_timeout(300)
        assert min(_drawn(found.page)[1]) >= 1
        widths = found.page.evaluate(
            "[...document.querySelectorAll('.plot[data-drawn]')].map(n => n._fullLayout.width)"
        )
        assert min(widths) > 300
        assert found.errors == []


# what lies right of the window, but for plots, which have their own test, and what scrolls
CUT = """scrolls => [...document.querySelectorAll('body *')]
    .filter(n => !n.closest('svg, .plot' + (scrolls ? ', .scroll, pre' : '')))
    .filter(n => n.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(n => n.tagName + ' ' + n.textContent.trim().slice(0, 40))"""
OPEN = """document.querySelectorAll('details').forEach(
    n => { n.open = n.open || !n.closest('#displays'); })"""


@pytest.mark.parametrize("width", [703, 1000])
def test_nothing_is_cut_on_paper(browser, page, width):
    # 703 pixels are A4 between its margins
    with opened(browser, page, width) as found:
        found.page.evaluate(OPEN)
        found.page.emulate_media(media="print")
        assert found.page.evaluate(CUT, False) == []
        assert found.page.locator("table.groups").count() >= 3


@pytest.mark.parametrize("width", [1280, 390])
def test_on_a_screen_what_is_too_wide_scrolls_under_a_shadow(browser, page, width):
    with opened(browser, page, width) as found:
        found.page.evaluate(OPEN)
        assert found.page.evaluate(CUT, True) == []
        style = (
            "n => n.map(e => getComputedStyle(e)).map(s => [s.overflowX, s.backgroundAttachment])"
        )
        shown = found.page.eval_on_selector_all(".scroll", style)
        assert {tuple(one) for one in shown} == {("auto", "local, local, scroll, scroll")}

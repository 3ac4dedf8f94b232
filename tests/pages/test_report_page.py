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


@pytest.mark.parametrize("width", [1200, 390])
def test_report_is_shown_whole(browser, page, width):
    with opened(browser, page, width) as found:
        assert found.errors == []
        assert found.requests == []
        assert found.overflow() <= 0
        assert found.broken_images() == 0
        drawn = found.plots()
        # one event is open, the others wait until they are
        assert min(drawn[:4]) >= 4
        assert drawn[4:] == [0] * 8


def test_a_closed_event_is_drawn_when_it_opens(browser, page):
    with opened(browser, page) as found:
        found.page.locator("#displays > details > summary").nth(1).click()
        found.page.wait_for_timeout(300)
        assert min(found.plots()[4:8]) >= 4
        widths = found.page.evaluate(
            "[...document.querySelectorAll('.plot[data-drawn]')].map(n => n._fullLayout.width)"
        )
        assert min(widths) > 300
        assert found.errors == []

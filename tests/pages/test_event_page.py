"""The display in a browser: no complaint, nothing fetched, it fits a telephone and paper."""

import pytest

from hepvision.core.names import names
from hepvision.figures.show import show
from pages.browser import browser, opened
from reader_samples import published, reader, write, written
from toy_events import toy_events

__all__ = ["browser"]

#: One format for each kind of view; the others are opened in the slow tests.
SOME = ("clic_lcd", "delphes", "dune_cvn", "trackml")
#: What the simulation gives.
DETECTOR = [
    *("event", "sample", "run", "pileup", "EcalBarrelHit", "EcalEndcapHit", "HcalHit", "Track"),
    *("Vertex", "Photon", "MET", "Jet"),
]
FORMATS = [
    pytest.param(name, marks=[] if name in SOME else [pytest.mark.slow])
    for name in names("readers")
]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("pages") / "event.html"
    show(toy_events(1, seed=5, photons=2, mean=80)[DETECTOR], out=path)
    return path


def _sample(name, folder):
    """The smallest published file of a format, or a written one, and an event of it."""
    known = published(name)
    if not known and written(name) is None:
        pytest.skip("sample file absent: none of this format. Set HEPVISION_SHARED to its folder.")
    path = known[0] if known else write(name, folder)
    return path, min(1, reader(name).count(path) - 1)


@pytest.mark.parametrize("width", [1200, 360])
def test_page_is_drawn_without_a_word(browser, page, width):
    with opened(browser, page, width) as found:
        assert found.errors == []
        assert found.requests == []
        assert found.overflow() <= 0
        assert min(found.plots()) >= 1


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_drawn_and_fits(browser, name, tmp_path):
    path, number = _sample(name, tmp_path)
    display = show(path, number, tmp_path / "event.html")
    with opened(browser, tmp_path / "event.html", 360) as found:
        found.page.wait_for_timeout(300)
        assert found.errors == []
        assert found.requests == []
        assert found.overflow() <= 0
        drawn = found.plots()
        assert len(drawn) + found.page.locator("figure table").count() == len(display.panels)
        assert min(drawn) >= 1
        found.page.set_viewport_size({"width": 1400, "height": 900})
        found.page.wait_for_timeout(200)
        assert found.overflow() <= 0
        assert _outside(found.page) == []
        assert found.errors == []


def _outside(page):
    """Legends that reach over the data or out of their plot."""
    return page.evaluate(
        """[...document.querySelectorAll('.plot')].filter(n => n.querySelector('.legend'))
        .filter(n => {
            const one = n.querySelector('.legend .bg').getBoundingClientRect();
            const all = n.getBoundingClientRect();
            const axes = n.querySelector('.plot > .bg, .nsewdrag');
            const top = axes ? axes.getBoundingClientRect().top : all.bottom;
            return one.top < all.top - 1 || one.bottom > top + 2;
        }).map(n => n.id)"""
    )


def test_a_picture_is_spread_over_its_pixels(browser, tmp_path):
    path, number = _sample("dune_cvn", tmp_path)
    show(path, number, tmp_path / "event.html")
    event = reader("dune_cvn").read(path, slice(number, number + 1))[0]
    with opened(browser, tmp_path / "event.html") as found:
        total, lit = found.page.evaluate(
            """[...document.querySelectorAll('.plot')].map(n => n.data[0].customdata.flat())
            .flat().reduce((a, v) => v === null ? a : [a[0] + v, a[1] + 1], [0, 0])"""
        )
    assert lit == len(event.Pixel)
    assert total == pytest.approx(float(sum(event.Pixel["value"])), rel=1e-5)


def test_a_photon_answers_the_pointer(browser, page):
    with opened(browser, page) as found:
        found.page.evaluate(
            "(() => { const n = document.getElementById('event_eta_phi');"
            "const k = n.data.findIndex(t => t.name === 'photons' && t.text);"
            "Plotly.Fx.hover(n, [{curveNumber: k, pointNumber: 0}]); })()"
        )
        text = found.page.locator("#event_eta_phi .hoverlayer").text_content()
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


def test_what_stands_in_space_is_printed_as_a_picture(browser, tmp_path):
    path, number = _sample("clic_lcd", tmp_path)
    show(path, number, tmp_path / "event.html")
    with opened(browser, tmp_path / "event.html") as found:
        found.page.wait_for_selector(".plot.space.pictured", timeout=10_000)
        found.page.emulate_media(media="print")
        shown = "n => getComputedStyle(n).display"
        assert found.page.locator(".plot.space").evaluate(shown) == "none"
        assert found.page.locator("img.printed").evaluate(shown) == "block"
        assert found.page.locator("img.printed").evaluate("n => n.naturalWidth") == 1280
        assert found.broken_images() == 0

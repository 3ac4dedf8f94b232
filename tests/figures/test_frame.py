"""The frame of a page: no text gets out of its element, nothing is asked of a network."""

import json
import re

from hepvision.figures.frame import page, plotly_script, script


def test_text_in_data_cannot_end_the_script():
    nasty = "</script><script>alert(1)</script><!-- <script>"
    made = script("place", {"data": [{"text": nasty}], "layout": {}})
    assert made.count("</script>") == 1
    assert "<!--" not in made
    body = re.fullmatch(r'<script type="application/json" id="place_data">(.*)</script>', made)
    assert json.loads(body.group(1))["data"][0]["text"] == nasty


def test_title_is_escaped_and_plotly_comes_only_where_it_is_needed():
    plain = page("<b>", "<p>text</p>")
    assert "<title>&lt;b&gt;</title>" in plain
    assert len(plain) < 20_000
    assert page("a", "", plots=True).count(plotly_script()) == 1


def test_page_names_no_other_file():
    assert not re.search(r'(?:src|href)="(?!data:|#)', page("a", ""))

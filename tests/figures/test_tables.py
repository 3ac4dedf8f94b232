"""Tables: escaped, few digits, cut flows that only fall."""

import pytest

from hepvision.figures.tables import cut_flow_table, number, table


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.0, "0"),
        (-1234.0, "−1 234"),
        (1234567, "1 234 567"),
        (0.00123456, "0.00123"),
        (99.96, "100.0"),
        (3.2e-12, "3.2·10⁻¹²"),
        (1e-4, "1·10⁻⁴"),
        (True, "True"),
        (float("nan"), "–"),
        (float("inf"), "∞"),
    ],
)
def test_numbers(value, text):
    assert number(value).replace("\N{NARROW NO-BREAK SPACE}", " ") == text


def test_cells_are_escaped():
    html = table(["<b>"], [["<script>alert(1)</script>"]], caption="a & b")
    assert "<script>" not in html
    assert "<b>" not in html
    assert "a &amp; b" in html


def test_cut_flow_gives_efficiencies_of_step_and_of_all():
    steps = [{"name": n, "events": e} for n, e in (("all", 1000), ("2 γ", 500), ("m", 100))]
    html = cut_flow_table(steps)
    assert "50.0 % +1.6 −1.6" in html
    assert "20.0 % +" in html
    assert "10.0 % +" in html


def test_cut_flow_that_rises_is_refused_and_empty_ones_are_not():
    with pytest.raises(ValueError, match="must not keep more than the 5"):
        cut_flow_table([{"name": "a", "events": 5}, {"name": "b", "events": 6}])
    assert "–" in cut_flow_table([{"name": "a", "events": 0}, {"name": "b", "events": 0}])

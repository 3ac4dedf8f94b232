"""The hard process: which rows, and what stands in them."""

import re

from figures.shown import event, panels
from hepvision.figures.views.hard_process import HardProcess


def _rows(shown):
    html = panels(HardProcess(), shown)["hard_process"].table
    body = html.partition("<tbody>")[2]
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("</tr>")[:-1]]


def _truth(pdg, status, **more):
    size = len(pdg)
    columns = {"pt": [10.0 * (k + 1) for k in range(size)], "eta": [0.5] * size}
    return event(GenPart=columns | {"phi": [1.0] * size, "pdgId": pdg, "status": status} | more)


def test_les_houches_events_are_shown_whole():
    shown = _truth([2, -2, 6, -6], [-1, -1, 2, 1], eta=[20.0, -20.0, 0.5, 0.5])
    rows = _rows(shown)
    assert [row[0] for row in rows] == ["u", "u̅", "t", "t̅"]
    assert [row[3] for row in rows] == ["along the beam", "along the beam", "0.500", "0.500"]


def test_of_a_long_record_only_the_hard_process_is_shown():
    mothers = [-1, -1, 0, 2, 2]
    shown = _truth([21, 21, 25, 22, 22], [21, 21, 22, 23, 1], genPartIdxMother=mothers)
    rows = _rows(shown)
    assert [row[0] for row in rows] == ["g", "g", "H", "γ"]
    assert [row[-1] for row in rows] == ["–", "–", "g", "H"]


def test_a_record_without_one_shows_beams_and_the_hardest():
    shown = _truth([2212, 2212] + [211] * 20, [4, 4] + [1] * 20)
    rows = _rows(shown)
    assert len(rows) == 10
    assert [row[2] for row in rows[2:4]] == ["220", "210"]
    panel = panels(HardProcess(), shown)["hard_process"]
    assert panel.title == "Generator record"
    assert "marks no hard process" in panel.text


def test_long_ones_are_cut_and_it_is_said():
    panel = panels(HardProcess(), _truth([21] * 30, [23] * 30))["hard_process"]
    assert "The first 20 of 30 rows" in panel.text


def test_no_status_no_table():
    shown = event(GenPart={"pt": [1.0], "eta": [0.0], "phi": [0.0], "pdgId": [22]})
    assert panels(HardProcess(), shown) == {}

"""The table of photons: sorted, with the truth only where there is one."""

from figures.shown import event, panels
from hepvision.figures.views.photons import Photons

PHOTONS = {
    "pt": [20.0, 45.5],
    "eta": [0.1, -1.0],
    "phi": [1.0, 2.0],
    "r9": [0.91, 0.97],
    "genPartFlav": [0, 1],
}


def test_the_hardest_comes_first():
    table = panels(Photons(), event(Photon=PHOTONS))["photons"].table
    assert table.index("45.5") < table.index("0.910")
    assert "truth" not in table


def test_truth_is_told_where_it_is_known():
    truth = {"pt": [45.0], "eta": [0.0], "phi": [0.0]}
    table = panels(Photons(), event(Photon=PHOTONS, GenPart=truth))["photons"].table
    assert table.index("prompt photon") < table.index("no photon")


def test_without_shapes_there_is_no_table():
    plain = {key: PHOTONS[key] for key in ("pt", "eta", "phi")}
    assert panels(Photons(), event(Photon=plain)) == {}

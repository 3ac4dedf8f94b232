"""Heavy quarks by the numbering scheme: excited states, antiparticles, what is no hadron."""

import pytest

from hepvision.physics.flavour import heavy_flavour


@pytest.mark.parametrize(
    ("number", "quark"),
    [
        (521, 5),
        (-513, 5),
        (10511, 5),
        (20523, 5),
        (553, 5),
        (541, 5),
        (-5232, 5),
        (411, 4),
        (-431, 4),
        (443, 4),
        (100443, 4),
        (4332, 4),
        (130, 0),
        (310, 0),
        (-321, 0),
        (3122, 0),
        (2212, 0),
        (4, 0),
        (-5, 0),
        (21, 0),
        (13, 0),
        (4203, 0),
        (1000010020, 0),
    ],
)
def test_the_number_tells_the_quark(number, quark):
    assert heavy_flavour(number) == quark

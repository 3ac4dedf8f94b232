"""Features of events: numbers that can be counted by hand, and zeros where objects are absent."""

from __future__ import annotations

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import UserError
from hepvision.representations.event_features import MULTIJET, EventFeatures


def jets(*events) -> ak.Array:
    """Events of (pt, eta, mass), hardest first."""
    return ak.Array(
        [
            {"FatJet": [{"pt": pt, "eta": eta, "phi": 0.0, "mass": m} for pt, eta, m in one]}
            for one in events
        ]
    )


def test_multiplicity_and_sum_of_masses() -> None:
    five = [(500, 0.5, 100), (400, -1, 80), (300, 0, 60), (210, 0, 40), (190, 0, 20)]
    values = EventFeatures()(jets(five, five[:2], []))["vector"].values
    np.testing.assert_allclose(values[0], [4, 280, 1600, 500, 210, 1.5])
    np.testing.assert_allclose(values[1], [2, 180, 900, 500, 0, 1.5])
    np.testing.assert_allclose(values[2], 0)
    assert EventFeatures().reads == ("FatJet.pt", "FatJet.eta", "FatJet.phi", "FatJet.mass")


def test_constants_make_features_average_to_one() -> None:
    events = jets([(500, 0.5, 100), (400, -1, 80)], [(300, 0, 10)])
    one = EventFeatures(features=MULTIJET[:3]).measured([events[:1], events[1:]])
    values = one(events)["vector"].values
    np.testing.assert_allclose(np.abs(values).mean(axis=0), 1.0, rtol=1e-5)
    assert one.spec["vector"].scale == pytest.approx((1.5, 95, 600))


@pytest.mark.parametrize("given", [(), ("num(Jet)", "num(Jet)"), ("3 + 4",)])
def test_nonsense_is_refused(given) -> None:
    with pytest.raises(ValueError, match="features: must "):
        EventFeatures(features=given)


def test_a_typo_is_told_in_one_line() -> None:
    with pytest.raises(UserError, match="FatJet.*'mas'") as error:
        EventFeatures(features=("sum(FatJet.mas)",))(jets([(1, 1, 1)]))
    assert "\n" not in str(error.value)

"""Jets: sums of their candidates, pile-up out, b tags with the efficiencies that are promised."""

import awkward as ak
import numpy as np
import pytest

from hepvision.events.schema import FIELDS
from hepvision.physics.intervals import clopper_pearson
from hepvision.reconstruction.energy_flow import energy_flow
from hepvision.reconstruction.jets import B_TAG, RADIUS, b_tags, hadron_flavours, jets, response
from made_up_detector import event_of

pytest.importorskip("fastjet")


def made(event, used=None, seed=1):
    flow = energy_flow(event)
    used = np.zeros(len(flow.pt), bool) if used is None else used
    return jets(event, flow, used, np.random.default_rng(seed))


def hadrons(*directions: tuple[float, float, float]) -> list[dict[str, float]]:
    return [{"pt": pt, "eta": eta, "phi": phi, "charge": 1} for pt, eta, phi in directions]


def test_a_jet_is_the_sum_of_its_tracks_over_the_response():
    tracks = hadrons((40.0, 0.1, 3.1), (20.0, 0.2, -3.1), (30.0, -1.5, 0.0))
    found = made(event_of(tracks=tracks))
    assert ak.num(found).tolist() == [2]
    raw = (1 - found.rawFactor[0]) * found.pt[0]
    sums = np.hypot(40 * np.cos(3.1) + 20 * np.cos(-3.1), 40 * np.sin(3.1) + 20 * np.sin(-3.1))
    np.testing.assert_allclose(raw.to_numpy(), [sums, 30.0], rtol=1e-5)
    np.testing.assert_allclose(
        found.pt[0].to_numpy(),
        raw.to_numpy() / response(raw.to_numpy(), found.eta[0].to_numpy()),
        rtol=1e-5,
    )
    assert found.nConstituents[0].tolist() == [2, 1]
    assert abs(found.phi[0, 0]) > 3.0
    assert found.chHEF[0].tolist() == pytest.approx([1.0, 1.0])
    assert set(found.fields) <= set(FIELDS["Jet"])


def test_candidates_of_leptons_are_in_no_jet():
    event = event_of(tracks=hadrons((40.0, 0.1, 1.0), (30.0, -1.5, 0.0)))
    found = made(event, np.array([True, False]))
    assert found.eta.tolist()[0] == pytest.approx([-1.5], abs=1e-5)


def test_pile_up_is_subtracted_by_area():
    """An even carpet of neutral energy gives no jets, and adds little to a hard one."""
    grid = [
        (eta, phi, 1.3 * np.cosh(eta))
        for eta in np.arange(-27, 28) * 0.087
        for phi in np.deg2rad(np.arange(-177.5, 180, 10))
    ]
    alone = made(event_of(tracks=hadrons((60.0, 0.0, 1.0))))
    crowded = made(event_of([], grid, hadrons((60.0, 0.0, 1.0))))
    raw = (1 - crowded.rawFactor[0, 0]) * crowded.pt[0, 0]
    assert raw > 75.0
    assert crowded.pt[0, 0] == pytest.approx(alone.pt[0, 0], rel=0.12)


def test_flavour_is_the_heaviest_of_the_hadrons_in_the_jet():
    b = {"pt": [20.0, 30.0, 3.0], "eta": [0.4, 0.1, 2.0], "phi": [0.0, 0.0, 2.0]}
    b |= {"pdgId": [511, 421, -521]}
    eta, phi = [0.0, 2.0, 0.6], [0.0, 2.0, 0.0]
    # the B lies nearer to the third jet; the last hadron is too soft
    assert hadron_flavours([0, 3], eta, phi, [0, 3], b).tolist() == [4, 0, 5]
    assert hadron_flavours([0, 2], eta[:2], phi[:2], [0, 3], b).tolist() == [5, 0]


@pytest.mark.parametrize("flavour", [5, 4, 0])
def test_tags_have_the_efficiencies_of_csv_medium(flavour):
    rng = np.random.default_rng(11)
    number = 20_000
    tags = b_tags(np.full(number, flavour), np.linspace(-2.39, 2.39, number), rng)
    low, high = clopper_pearson(int(tags.sum()), number, level=0.999)
    assert low < B_TAG[flavour] < high
    assert not b_tags(np.full(99, flavour), np.full(99, 2.5), rng).any()


def test_tags_of_jets_follow_flavour_and_seed():
    generated = [{"pt": 40.0, "eta": 0.0, "phi": 1.0, "pdgId": 521}]
    event = event_of(tracks=hadrons((60.0, 0.0, 1.0), (50.0, 1.0, -2.0)), generated=generated)
    events = ak.concatenate([event] * 300)
    found = made(events, seed=4)
    assert found.hadronFlavour.tolist() == [[5, 0]] * 300
    tags = found.bTag
    low, high = clopper_pearson(int(ak.sum(tags[:, 0])), 300, level=0.999)
    assert low < 0.70 < high
    assert ak.sum(tags[:, 1]) < 20
    assert tags.tolist() == made(events, seed=4).bTag.tolist()
    assert tags.tolist() != made(events, seed=5).bTag.tolist()


def test_events_without_anything_and_without_truth():
    assert ak.num(made(ak.concatenate([event_of(), event_of()]))).tolist() == [0, 0]
    assert RADIUS == 0.5

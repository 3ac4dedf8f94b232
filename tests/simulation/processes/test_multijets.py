"""The weighted spectrum is the sum of unweighted slices; weights reach the store's luminosity."""

import itertools

import awkward as ak
import numpy as np
import pytest

from hepvision.simulation.generation import generate
from hepvision.simulation.processes.multijets import Multijets
from hepvision.simulation.simulate import simulate

pytest.importorskip("pythia8mc")

EDGES = np.array([300.0, 380.0, 500.0, 800.0])


def hard_pt(made):
    """Transverse momentum of the hard scattering, shape (B,), GeV."""
    event = np.repeat(np.arange(len(made)), np.diff(made.truth_offsets))
    hard = made.truth["status"] == 23
    found = np.zeros(len(made))
    np.maximum.at(found, event[hard], made.truth["pt"][hard])
    return found


@pytest.fixture(scope="module")
def weighted():
    return generate(Multijets(pt_hat_max=800.0), 900, seed=1, sample="weighted")


def test_the_weighted_spectrum_is_the_sum_of_unweighted_slices(weighted):
    sums, _ = np.histogram(hard_pt(weighted), EDGES, weights=weighted.weight)
    squares, _ = np.histogram(hard_pt(weighted), EDGES, weights=weighted.weight**2)
    unit = weighted.cross_section_pb / weighted.weight_sums["generated"]
    for k, (low, high) in enumerate(itertools.pairwise(EDGES)):
        one = Multijets(pt_hat_min=low, pt_hat_max=high, power=0.0)
        flat = generate(one, 100, seed=2, sample=f"slice {k}")
        assert (flat.weight == 1.0).all()
        pt = hard_pt(flat)
        assert low - 1 < pt.min() and pt.max() < high + 1
        assert flat.weight_sums == {"generated": 100.0, "accepted": 100.0}
        error = np.hypot(unit * np.sqrt(squares[k]), flat.cross_section_error_pb)
        error = np.hypot(error, weighted.cross_section_error_pb * sums[k] / sums.sum())
        assert abs(unit * sums[k] - flat.cross_section_pb) < 3.5 * error
        assert error < 0.2 * flat.cross_section_pb


def test_weights_undo_the_bias_event_by_event(weighted):
    np.testing.assert_allclose(weighted.weight, (300.0 / hard_pt(weighted)) ** 4, rtol=1e-3)
    assert np.median(hard_pt(weighted)) > 400  # flat in pT³ or so, where unweighted ones fall


def test_the_filter_keeps_events_of_many_large_jets():
    pytest.importorskip("fastjet")
    one = Multijets(pt_hat_min=400.0, filter=True, filter_jets=2, filter_pt=350.0)
    made = generate(one, 20, seed=3, sample="filter")
    assert made.counts["filtered"] > 0
    assert made.counts["accepted"] >= len(made) == 20
    low = made.weight_sums["accepted"] / made.weight_sums["generated"]
    assert 0 < low < 1
    none = np.zeros(1, np.int64), {key: np.zeros(0) for key in made.particles}
    assert one.accepts(*none).tolist() == []


@pytest.mark.slow
def test_weights_reach_the_store_and_what_its_events_stand_for(tmp_path):
    given = {"pt_hat_max": 800.0, "multiparton": False}
    store = simulate(
        *("multijets", 12, tmp_path / "qcd"),
        **{"pileup": 0, "energy": 13000, "parameters": given, "progress": False},
    )
    made, weight = store.manifest["provenance"], ak.to_numpy(store.read().weight)
    assert len(set(weight.tolist())) == 12
    assert made["weights"]["stored"] == pytest.approx(weight.sum())
    # the generator made what was stored: its cross-section is shared among these events
    total = made["luminosity_weight"] * weight.sum()
    assert total == pytest.approx(made["cross_section_pb"], rel=1e-6)


def test_nonsense_is_refused():
    with pytest.raises(ValueError, match="pt_hat_max: must lie between 300 and 6500 GeV, got 200"):
        Multijets(pt_hat_max=200.0)
    with pytest.raises(ValueError, match="power: must lie between 0 and 10, got 11"):
        Multijets(power=11.0)

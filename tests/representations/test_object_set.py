"""Sets of objects: the same numbers as the objects, the hardest kept, momenta that add up."""

import numpy as np
import pytest

from hepvision.representations.object_set import ObjectSet
from toy_objects import events_of

EVENT = {
    "Electron": [{"pt": 30.0, "eta": -1.0, "phi": 0.5}],
    "Jet": [{"pt": 20.0 + k, "eta": 0.1 * k, "phi": 1.0, "bTag": float(k == 1)} for k in range(4)],
    "MET": [{"pt": 50.0, "phi": 1.0}],
}


def test_features_are_those_of_the_objects():
    one = ObjectSet()
    part = one(events_of(EVENT, {}, {"MET": EVENT["MET"]}))["features"]
    assert part.offsets.tolist() == [0, 6, 6, 7]
    values = part.values * np.asarray(one.spec["features"].scale)
    found = dict(zip(one.spec["features"].names, values.T, strict=True))
    assert found["is_electron"].tolist() == [1, 0, 0, 0, 0, 0, 0]
    assert found["is_met"].tolist() == [0, 0, 0, 0, 0, 1, 1]
    np.testing.assert_allclose(np.exp(found["log_pt"])[1:5], [23, 22, 21, 20], rtol=1e-5)
    assert found["b_tag"].tolist() == [0, 0, 0, 1, 0, 0, 0]
    # counted from the electron, and in the last event from what is missing
    np.testing.assert_allclose(found["delta_phi"], [0, 0.5, 0.5, 0.5, 0.5, 0.5, 0], atol=1e-6)


def test_momenta_are_massless_and_have_the_pt():
    one = ObjectSet()
    made = one(events_of(EVENT))
    energy, px, py, pz = (made["momenta"].values.astype(float) * one.momentum_scale).T
    np.testing.assert_allclose(energy**2, px**2 + py**2 + pz**2, rtol=1e-5)
    np.testing.assert_allclose(np.hypot(px, py), [30, 23, 22, 21, 20, 50], rtol=1e-5)


def test_the_hardest_of_each_kind_are_kept():
    part = ObjectSet(most=2)(events_of(EVENT))["momenta"]
    assert len(part.values) == 4
    assert ObjectSet(most=2).spec["momenta"].shape == (7, 4)


@pytest.mark.parametrize("eta", [100.0, 1000.0, np.inf])
def test_energies_beyond_single_precision_are_left_out(eta):
    jets = [{"pt": 30.0, "eta": eta}, {"pt": 20.0, "eta": 1.0}]
    part = ObjectSet()(events_of({"Jet": jets}))
    assert len(part["momenta"].values) == 1
    assert np.isfinite(part["features"].values).all()


@pytest.mark.parametrize("wrong", [{"most": 0}, {"momentum_scale": 0.0}, {"kinds": ("met", "met")}])
def test_wrong_parameters_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        ObjectSet(**wrong)

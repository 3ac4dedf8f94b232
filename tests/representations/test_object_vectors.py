"""Padded vectors: each number in its place, zeros where nothing is, turned events alike."""

import numpy as np
import pytest

from hepvision.representations.object_vectors import ObjectVectors
from toy_objects import events_of

EVENT = {
    "Muon": [{"pt": 40.0, "eta": 1.0, "phi": 0.5}],
    "Jet": [
        {"pt": 35.0, "eta": -0.5, "phi": -1.0},
        {"pt": 90.0, "eta": 0.2, "phi": 3.0, "bTag": 1.0},
    ],
    "MET": [{"pt": 50.0, "phi": -2.0}],
}


def named(one: ObjectVectors, events) -> dict[str, np.ndarray]:
    spec = one.spec["vector"]
    values = one(events)["vector"].values * np.asarray(spec.scale)
    return dict(zip(spec.names, values.T, strict=True))


def test_objects_stand_in_their_places():
    found = named(ObjectVectors(), events_of(EVENT, {}))
    assert found["jet1_log_pt"][0] == pytest.approx(np.log(91), rel=1e-6)
    assert found["jet2_log_pt"][0] == pytest.approx(np.log(36), rel=1e-6)
    assert found["jet1_b_tag"].tolist() == [1.0, 0.0]
    assert found["jet2_b_tag"][0] == 0.0
    assert found["muon1_eta"][0] == pytest.approx(1.0)
    # azimuths are counted from the hardest jet, at 3.0
    assert found["jet1_cos_phi"][0] == pytest.approx(1.0)
    assert found["muon1_cos_phi"][0] == pytest.approx(np.cos(2.5), rel=1e-5)
    assert found["met1_sin_phi"][0] == pytest.approx(np.sin(-5.0), rel=1e-5)
    assert [found[key][0] for key in ("electrons", "muons", "jets", "b_jets")] == [0, 1, 2, 1]
    assert not any(values[1] for values in found.values())


def test_turning_an_event_changes_nothing():
    def turned(angle: float):
        return {
            name: [
                {**one, "phi": (one["phi"] + angle + np.pi) % (2 * np.pi) - np.pi} for one in rows
            ]
            for name, rows in EVENT.items()
        }

    values = ObjectVectors()(events_of(EVENT, turned(1.0), turned(-2.5)))["vector"].values
    np.testing.assert_allclose(values[1:], values[[0, 0]], atol=1e-5)


def test_objects_without_a_place_are_still_counted():
    jets = [{"pt": 30.0 + k, "eta": 0.0, "phi": 0.1 * k, "bTag": 1.0} for k in range(5)]
    found = named(ObjectVectors(jets=2), events_of({"Jet": jets}))
    assert found["jets"][0] == found["b_jets"][0] == 5
    assert found["jet2_log_pt"][0] == pytest.approx(np.log(34), rel=1e-6)
    assert "jet3_log_pt" not in found


def test_without_a_tag_none_is_read():
    one = ObjectVectors(b_tag="")
    assert not any("Tag" in field for field in one.reads)
    assert not any("b_" in name for name in one.spec["vector"].names)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kinds": ("jte",)}, "kinds: no 'jte'. Did you mean 'jet'?"),
        ({"kinds": ()}, "kinds: must be one or more"),
        ({"jets": 0}, "jets: must be 1 or more"),
        ({"b_tag": "btagSCV"}, "b_tag: no field 'btagSCV' of Jet"),
        ({"b_tag": "btagDeepB"}, "b_cut: must be given for btagDeepB"),
    ],
)
def test_wrong_parameters_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message.replace("?", r"\?")):
        ObjectVectors(**wrong)

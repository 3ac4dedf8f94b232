"""Features of jets: the sums they claim to be, and tops that look like tops."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pytest

from hepvision.core.inputs import Dense
from hepvision.physics.substructure import energy_correlations, n_subjettiness
from hepvision.representations.jet_features import JetFeatures
from toy_events import toy_events
from toy_jets import jets_of

pytest.importorskip("fastjet")

from shared_data import shared


def columns(events: ak.Array, **chosen: Any) -> dict[str, np.ndarray]:
    one = JetFeatures(**chosen)
    part = one(events)["vector"]
    assert isinstance(part, Dense)
    return dict(zip(one.spec["vector"].names, part.values.T, strict=True))


def test_sums_against_vector() -> None:
    events = toy_events(8, 1, jets=2)
    lead = ak.argmax(events["FatJet"].pt, axis=1)
    inside = events["Particle"][events["Particle"].jetIdx == lead]
    total = ak.sum(inside, axis=1)
    found = columns(events, features=("mass", "pt", "multiplicity"))
    np.testing.assert_allclose(found["mass"], total.mass, rtol=1e-4)
    np.testing.assert_allclose(found["pt"], total.pt, rtol=1e-4)
    np.testing.assert_array_equal(found["multiplicity"], ak.num(inside, axis=1))


def test_turning_a_jet_about_the_beam_changes_nothing() -> None:
    events = toy_events(8, 2, jets=1)
    moved = events
    for name in ("FatJet", "Particle"):
        phi = (moved[name].phi + 2.0 + np.pi) % (2 * np.pi) - np.pi
        moved = ak.with_field(moved, ak.with_field(moved[name], phi, "phi"), name)
    before, after = columns(events), columns(moved)
    for name, values in after.items():
        np.testing.assert_allclose(values, before[name], rtol=1e-3, err_msg=name)


def test_ratios_and_names() -> None:
    jet = {
        "pt": [50.0, 30.0, 20.0, 9.0],
        "eta": [0.1, -0.2, 0.0, 0.3],
        "phi": [0.0, 0.1, -0.2, 0.3],
    }
    pt, eta, phi = (np.array(jet[key], np.float32).astype(float) for key in ("pt", "eta", "phi"))
    momenta = [pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), pt * np.cosh(eta)]
    momenta = np.stack(momenta, axis=1)
    found = columns(jets_of(jet), subjettiness_beta=(1.0, 2.0), correlation_beta=(0.5,))
    for power, suffix in ((1.0, ""), (2.0, "_beta2")):
        taus = n_subjettiness([0, 4], momenta, 4, beta=power)[0]
        np.testing.assert_allclose(found[f"tau2{suffix}"], taus[1], rtol=1e-5)
        np.testing.assert_allclose(found[f"tau32{suffix}"], taus[2] / taus[1], rtol=1e-5)
    e2, e3 = energy_correlations([0, 4], momenta, 0.5)
    np.testing.assert_allclose(found["c2_beta0.5"], e3 / e2**2, rtol=1e-5)
    np.testing.assert_allclose(found["d2_beta0.5"], e3 / e2**3, rtol=1e-5)
    assert found["tau4"].item() == found["tau43"].item() == 0


def test_odd_jets_are_vectors_like_any() -> None:
    none: dict[str, list[float]] = {"pt": [], "eta": [], "phi": []}
    one = {"pt": [7.0], "eta": [0.2], "phi": [0.1]}
    zero = {"pt": [0.0, 5.0], "eta": [0.1, 0.2], "phi": [0.0, 0.0]}
    pair = {"pt": [5.0, 5.0], "eta": [0.1, 0.2], "phi": [0.0, 0.0]}
    found = columns(jets_of(none, one, zero, pair))
    assert np.isfinite(np.stack(list(found.values()))).all()
    assert found["multiplicity"].tolist() == [0, 1, 1, 2]
    assert not any(values[0] for values in found.values())
    assert found["tau1"][3] > 0 and found["tau2"][3] == found["tau21"][3] == found["c2"][3] == 0
    assert not any(values[0] for values in columns(jets_of(one, pt=0.0)).values())


def test_measured_features_average_to_one() -> None:
    events = toy_events(30, 3, jets=1)
    one = JetFeatures().measured([events[:10], events[10:]])
    part = one(events)["vector"]
    assert isinstance(part, Dense)
    np.testing.assert_allclose(part.values.mean(axis=0), 1, rtol=1e-4)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"features": ("masses",)}, "mean .mass."),
        ({"features": ()}, "features"),
        ({"subjettiness_beta": (0.0,)}, "subjettiness_beta"),
        ({"correlation_beta": ()}, "correlation_beta"),
        ({"axes": "kT"}, "axes"),
        ({"z_cut": 0.7}, "z_cut"),
        ({"scale": (1.0,)}, "scale"),
    ],
)
def test_nonsense_is_refused(chosen: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        JetFeatures(**chosen)


def test_tops_look_like_tops() -> None:
    """Published jets: tops are heavy and have three prongs."""
    from hepvision.readers.top_tagging import TopTagging

    events = TopTagging().read(shared("data", "top_tagging", "test.h5"), range(400))
    found = columns(events, features=("mass", "tau32", "soft_drop_mass"))
    top = ak.to_numpy(events["label"]) == 1
    middle = {name: (np.median(one[top]), np.median(one[~top])) for name, one in found.items()}
    assert middle["mass"][0] == pytest.approx(173, abs=8) and middle["mass"][1] < 110
    assert middle["soft_drop_mass"][0] == pytest.approx(168, abs=10)
    assert middle["soft_drop_mass"][1] < 60
    assert middle["tau32"][0] < 0.6 < middle["tau32"][1]
    np.testing.assert_allclose(found["mass"], ak.flatten(events["FatJet"].mass), rtol=1e-3)

"""Observables are one finite number an event."""

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import SchemaError
from hepvision.events.observables import OBSERVABLES, observable
from hepvision.physics.kinematics import diphoton_mass
from toy_events import toy_events


def test_the_diphoton_mass_is_the_formula(toy):
    two = toy[ak.num(toy.Photon) >= 2]
    columns = [ak.to_numpy(two.Photon[:, :2][key]).astype(float) for key in ("pt", "eta", "phi")]
    np.testing.assert_allclose(
        observable("diphoton_mass", two), diphoton_mass(*columns), rtol=1e-3, atol=1e-2
    )


@pytest.mark.parametrize("name", OBSERVABLES)
def test_every_name_gives_one_number_an_event(name):
    events = toy_events(20, photons=2, jets=2)
    assert observable(name, events).shape == (20,)


def test_what_is_no_number_an_event_is_refused(toy):
    with pytest.raises(SchemaError, match="Require enough objects"):
        observable("leading_photon_pt", toy)
    with pytest.raises(SchemaError, match="must be one number an event, got shape"):
        observable("Photon.pt[:, :1]", toy[ak.num(toy.Photon) >= 1])
    some = ak.with_field(toy, np.where(np.arange(len(toy)) == 2, np.nan, 1.0), "weight")
    with pytest.raises(SchemaError, match=r"must be finite, got nan for 1 of .* first at 2\. Sel"):
        observable("weight", some)
    with pytest.raises(SchemaError, match="must be finite, got inf"):
        observable("weight / 0", toy)

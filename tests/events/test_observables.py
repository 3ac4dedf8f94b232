"""Observables are one finite number an event."""

import awkward as ak
import numpy as np
import pytest

from hepvision.core.errors import SchemaError
from hepvision.events.observables import OBSERVABLES, observable
from hepvision.physics.kinematics import diphoton_mass
from toy_prongs import prongs


def test_the_diphoton_mass_is_the_formula(toy):
    two = toy[ak.num(toy.Photon) >= 2]
    columns = [ak.to_numpy(two.Photon[:, :2][key]).astype(float) for key in ("pt", "eta", "phi")]
    np.testing.assert_allclose(
        observable("diphoton_mass", two), diphoton_mass(*columns), rtol=1e-3, atol=1e-2
    )


@pytest.mark.parametrize("name", OBSERVABLES)
def test_every_name_gives_one_number_an_event(toy, name):
    jet = {"jet": "Jet", "fatjet": "FatJet"}.get(name.partition("_")[0])
    events = prongs(4, 1, 3, jet=jet) if jet else toy[ak.num(toy.Photon) >= 2]
    assert observable(name, events).shape == (len(events),)


def test_what_is_no_number_an_event_is_refused(toy):
    with pytest.raises(SchemaError, match="Require enough objects"):
        observable("leading_photon_pt", toy)
    with pytest.raises(SchemaError):
        observable("weight / 0", toy)

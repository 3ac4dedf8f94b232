"""Odd jets: every representation of jets treats them alike, and networks learn on with them."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
import pytest
import torch

from hepvision.core.card import component
from hepvision.core.errors import SchemaError
from hepvision.core.inputs import Dense, Inputs, Ragged
from hepvision.models.layers.batches import Buffers, outputs_of
from hepvision.models.layers.learner import Learner
from hepvision.representations._together import spec_of
from toy_jets import jets_of

#: Representations of jets, with options that are odd jets' chance to go wrong.
IMAGES: dict[str, dict[str, Any]] = {
    f"jet_image, {centre}, {normalise}": {
        "name": "jet_image",
        "centre": centre,
        "rotate": centre == "centroid",
        "flip": normalise != "none",
        "normalise": normalise,
        "channels": ["pt", "charged_pt", "neutral_pt", "multiplicity", "charged_multiplicity"],
    }
    for centre, normalise in (
        ("jet", "none"),
        ("jet", "sum"),
        ("centroid", "none"),
        ("centroid", "sum"),
        ("centroid", "maximum"),
        ("centroid", "euclidean"),
    )
}
VECTORS: dict[str, dict[str, Any]] = {
    "jet_features": {"name": "jet_features"},
    "jet_features, massless": {"name": "jet_features", "masses": "zero"},
    "jet_features, powers": {
        "name": "jet_features",
        "features": ["pt", "tau32", "c2", "d2"],
        "subjettiness_beta": [1.0, 2.0],
        "correlation_beta": [0.5, 2.0],
        "axes": "wta_kt",
    },
    "rapidity_mass_matrix": {
        "name": "rapidity_mass_matrix",
        "collections": ["Particle"],
        "most": 8,
        "kind": "vector",
    },
}
SETS: dict[str, dict[str, Any]] = {
    "particles": {"name": "particles", "most": 32, "identities": True},
    "particles, massless": {"name": "particles", "most": 32, "masses": "zero"},
    "particles, sequence": {"name": "particles", "most": 32, "kind": "sequence"},
}
EVERY = IMAGES | VECTORS | SETS
NETWORKS: dict[str, tuple[dict[str, Any], str]] = {
    "compact_cnn": ({}, "jet_image, centroid, sum"),
    "resnet15": ({}, "jet_image, jet, none"),
    "mlp": ({}, "jet_features"),
    "joined": ({"each": "mlp"}, "rapidity_mass_matrix"),
    "energy_flow": ({}, "particles, massless"),
    "particle_flow": ({}, "particles"),
    "particle_net": ({}, "particles"),
    "particle_transformer": ({}, "particles"),
    "lorentz_net": ({"beams": True}, "particles"),
    "recurrent": ({}, "particles, sequence"),
}
LEARNERS: dict[str, dict[str, Any]] = {
    "boosted_trees": {},
    "cuts": {},
    "classical": {"components": 2},
}


def _usual(rng: np.random.Generator, number: int) -> dict[str, Any]:
    pt = np.sort(rng.exponential(10.0, number) + 0.1)[::-1]
    eta, phi = rng.normal(0, 0.3, (2, number))
    return {"pt": pt, "eta": eta, "phi": phi, "charge": rng.integers(-1, 2, number)}


#: Jets without anything that has a direction.
EMPTY: dict[str, dict[str, Any]] = {
    "none": {"pt": [], "eta": [], "phi": []},
    "zero pT": {"pt": [0.0, 0.0], "eta": [0.1, -0.1], "phi": [0.2, 0.0]},
    "negative pT": {"pt": [-5.0], "eta": [0.1], "phi": [0.2]},
    "of another jet": {"pt": [5.0], "eta": [0.1], "phi": [0.2], "jetIdx": [-1]},
}
ODD: dict[str, dict[str, Any]] = {
    "one": {"pt": [50.0], "eta": [0.1], "phi": [0.2]},
    "one, massive": {"pt": [50.0], "eta": [0.1], "phi": [0.2], "mass": [20.0]},
    "tiny": {"pt": [1e-30, 1e-12], "eta": [0.1, 0.0], "phi": [0.2, 0.1]},
    "too many": _usual(np.random.default_rng(1), 300),
    "twins": {"pt": [30.0] * 6, "eta": [0.1] * 3 + [-0.1] * 3, "phi": [0.2] * 6},
    "a point": {"pt": [9.0, 5.0, 4.0, 1.0], "eta": [0.1] * 4, "phi": [0.2] * 4},
    "nearly a point": {"pt": [9.0, 5.0, 4.0], "eta": [0.1, 0.1 + 1e-7, 0.1], "phi": [0.2] * 3},
    "on the axis": {"pt": [9.0, 5.0], "eta": [0.0] * 2, "phi": [0.0] * 2},
    "negative masses": {"pt": [9.0, 5.0], "eta": [0.1, 0.0], "phi": [0.2, 0], "mass": [-0.1, -3.0]},
    "far": {"pt": [9.0, 5.0], "eta": [11.0, -9.0], "phi": [3.1, -3.1]},
    "unwrapped": {"pt": [9.0, 5.0], "eta": [0.1, 0.0], "phi": [1e20, -100.0]},
}


def whole(name: str, inputs: Inputs, spec: Any) -> dict[str, np.ndarray]:
    """Each part in a buffer; zeros where nothing is."""
    made = {}
    for key, part in inputs.items():
        made[key] = np.full((len(part), *spec[key].shape), np.nan, np.float32)
        part.fill(made[key])
        assert np.isfinite(made[key]).all(), (name, key)
    return made


@pytest.mark.parametrize("name", EVERY)
def test_odd_jets_are_finite_and_empty_ones_are_blank(name: str) -> None:
    one = component("representations", EVERY[name])
    one = one.measured([jets_of(*ODD.values(), *EMPTY.values())])
    odd = whole(name, one(jets_of(*ODD.values())), one.spec)
    empty = one(jets_of(*EMPTY.values()))
    for key, values in whole(name, empty, one.spec).items():
        assert not values.any(), key
        part = empty[key]
        assert not isinstance(part, Ragged) or not part.offsets.any()
        # but for a lone constituent that is laid in the middle, every odd jet is something
        assert odd[key].reshape(len(ODD), -1).any(axis=1)[[0, 3, 4, 5, 8]].all()


@pytest.mark.parametrize("name", EVERY)
def test_a_jet_without_pt_is_empty(name: str) -> None:
    one = component("representations", EVERY[name])
    for pt in (0.0, -1.0):
        events = jets_of(ODD["twins"], pt=pt)
        for values in whole(name, one(events), one.spec).values():
            assert not values.any()


@pytest.mark.parametrize("name", EVERY)
def test_constituents_without_direction_change_nothing(name: str) -> None:
    one = component("representations", EVERY[name])
    twins = ODD["twins"]
    more = {key: [*values, 0.4, 0.4] for key, values in twins.items()}
    more["pt"] = [*twins["pt"], 0.0, -3.0]
    want = whole(name, one(jets_of(twins)), one.spec)
    for key, values in whole(name, one(jets_of(more)), one.spec).items():
        np.testing.assert_array_equal(values, want[key])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("field", ["pt", "eta", "phi", "mass"])
def test_what_is_not_finite_is_refused_before(bad: float, field: str) -> None:
    jet = {"pt": [9.0, 5.0], "eta": [0.1, 0.0], "phi": [0.2, 0.0], "mass": [0.0, 0.0]}
    jet[field] = [bad, 1.0]
    with pytest.raises(SchemaError, match=rf"Particle.{field}: must be finite") as caught:
        jets_of(jet)
    assert "\n" not in str(caught.value)
    with pytest.raises(SchemaError, match=rf"FatJet.{field}: must be finite"):
        jets_of(ODD["one"], **{field: bad})


def test_energies_below_the_momentum_are_massless() -> None:
    jet = {"pt": [9.0, 5.0, 3.0], "eta": [0.1, 0.0, 0.2], "phi": [0.2, 0.0, 0.1]}
    events = jets_of(jet)
    particles = events.Particle[["pt", "eta", "phi", "charge", "pdgId", "jetIdx"]]
    low = ak.with_field(particles, particles.pt * np.array([[-1.0, 0.0, 0.5]]), "energy")
    below = ak.with_field(events, low, "Particle")
    for block in ({"name": "particles"}, {"name": "jet_features"}):
        made = component("representations", {**block, "masses": "from_energy"})(below)
        want = component("representations", {**block, "masses": "zero"})(events)
        for key, part in want.items():
            assert isinstance(part, Dense | Ragged)
            np.testing.assert_array_equal(made[key].values, part.values)  # type: ignore[union-attr]


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_train_on_odd_jets(name: str) -> None:
    parameters, representation = NETWORKS[name]
    chosen = component("representations", EVERY[representation])
    rng = np.random.default_rng(2)
    events = jets_of(*ODD.values(), *EMPTY.values(), *(_usual(rng, n) for n in (3, 9, 40)))
    one = chosen.measured([events])
    spec, inputs = spec_of({"jets": one}), {f"jets.{k}": v for k, v in one(events).items()}
    torch.manual_seed(3)
    model = component("models", {"name": name, **parameters}).from_spec(spec, 2)
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3)
    # all; empty ones alone; a single one of each kind, as the last batch of an epoch may be
    batches = [np.arange(len(events)), np.arange(len(ODD), len(ODD) + len(EMPTY))]
    batches += [np.array([0]), np.array([len(ODD)])]
    buffers = Buffers(spec, len(events))
    model.train()
    for rows in batches:
        outputs = model(buffers.tensors(inputs, rows))
        loss = torch.nn.functional.cross_entropy(outputs, torch.from_numpy(rows % 2))
        optimiser.zero_grad()
        loss.backward()
        assert torch.isfinite(loss), rows
        for key, parameter in model.named_parameters():
            assert parameter.grad is None or torch.isfinite(parameter.grad).all(), key
        optimiser.step()
    assert np.isfinite(outputs_of(model, inputs, spec)).all()


@pytest.mark.parametrize("name", LEARNERS)
def test_learners_learn_on_odd_jets(name: str) -> None:
    one = component("representations", VECTORS["jet_features"])
    rng = np.random.default_rng(2)
    events = jets_of(*ODD.values(), *EMPTY.values(), *(_usual(rng, n) for n in range(2, 42)))
    spec, inputs = spec_of({"jets": one}), {f"jets.{k}": v for k, v in one(events).items()}
    model = component("models", {"name": name, **LEARNERS[name]}).from_spec(spec, 2)
    assert isinstance(model, Learner)
    model.fit(inputs, np.arange(len(events)) % 2, np.ones(len(events)))
    assert np.isfinite(outputs_of(model, inputs, spec)).all()

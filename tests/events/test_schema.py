"""Events that could be misread are refused."""

import awkward as ak
import numpy as np
import pytest
import vector

from hepvision.core.errors import SchemaError
from hepvision.events.schema import (
    FIELDS,
    SCALARS,
    check,
    empty,
    flat,
    from_columns,
    missing_fields,
    no_events,
)


def test_flat_undoes_from_columns_also_after_a_selection(toy):
    some = toy.Photon[ak.num(toy.Photon) > 2][:, 1:]
    offsets, columns = flat(some)
    again = from_columns(offsets, columns, "Photon")
    assert ak.array_equal(again, some)


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda e: ak.with_field(e, e.weight, "wieght"), "no collection 'wieght'"),
        (lambda e: ak.with_field(e, e.Photon, "Foton"), "Did you mean 'Photon'"),
        (lambda e: ak.with_field(e, ak.values_astype(e.pileup, float), "pileup"), "must be i4"),
        (lambda e: ak.with_field(e, e.weight * np.nan, "weight"), "must be finite, got 600"),
        (lambda e: ak.with_field(e, e.event_id // 2, "event_id"), "must be unique"),
        (lambda e: e[["event_id", "sample"]], "need the scalar 'weight'"),
    ],
)
def test_wrong_events_are_refused(toy, change, text):
    with pytest.raises(SchemaError, match=text):
        check(change(toy))


def test_columns_must_fit_their_offsets():
    with pytest.raises(SchemaError, match="must hold 2 values"):
        from_columns([0, 2], {"x": [1.0]}, "Vertex")


def test_empty_collections_have_all_fields():
    none = empty(3, "Photon")
    assert len(none) == 3
    assert ak.num(none).tolist() == [0, 0, 0]
    assert "r9" in none.fields


def test_no_events_have_all_scalars_and_fields():
    nothing = no_events(["Photon", "Track"])
    assert len(nothing) == 0
    assert set(nothing.fields) == {*SCALARS, "Photon", "Track"}
    assert set(nothing.Photon.fields) == set(FIELDS["Photon"])


def test_missing_fields_are_listed(toy):
    assert missing_fields(toy, ("weight", "Photon.r9", "Track.pt")) == ("Photon.r9", "Track.pt")


def test_a_four_vector_has_mass_or_energy() -> None:
    columns = {"pt": [3.0], "eta": [0.0], "phi": [0.0], "energy": [5.0]}
    assert from_columns([0, 1], columns, "Particle").mass.tolist() == [[4.0]]
    with pytest.raises(SchemaError, match="mass or energy, got both"):
        from_columns([0, 1], {**columns, "mass": [4.0]}, "Particle")
    for name in FIELDS:
        assert len(empty(2, name)) == 2


def test_subjettiness_is_not_the_proper_time():
    jets = from_columns(
        np.array([0, 2, 3]),
        {
            "pt": np.array([500.0, 400.0, 300.0]),
            "eta": np.array([0.5, 1.0, -1.0]),
            "phi": np.array([0.1, 3.0, -2.0]),
            "mass": np.array([170.0, 80.0, 20.0]),
            "tau2": np.array([0.25, 0.5, 0.125]),
        },
        "FatJet",
    )
    vector.register_awkward()  # as users' scripts do
    again = ak.Array(jets.layout)
    assert again.tau2.tolist() == [[0.25, 0.5], [0.125]]
    assert again[0, 0].tau2 == 0.25
    expected = [[28900.0, 6400.0], [400.0]]
    for squared in (again.mass2, again.M2, np.square(again), again**2, np.sqrt(again) ** 4):
        np.testing.assert_allclose(ak.flatten(squared), ak.flatten(ak.Array(expected)), rtol=1e-3)
    pair = again[:1, 0] + again[:1, 1]
    assert pair.tau2.tolist() == pytest.approx(pair.mass2.tolist())
    assert pair.mass[0] == pytest.approx(np.sqrt(pair.mass2[0]))

"""What every process promises: settings that Pythia takes, finite events, one-line errors."""

import dataclasses

import numpy as np
import pytest

from hepvision.core.card import component
from hepvision.core.names import load, names, summary
from hepvision.simulation.generation import generate

pytest.importorskip("pythia8mc")
PROCESSES = names("processes")


@pytest.fixture(scope="module", params=PROCESSES)
def generated(request):
    return generate(component("processes", request.param), 8, seed=2, sample="contract")


@pytest.mark.parametrize("name", PROCESSES)
def test_is_a_frozen_dataclass_with_defaults_and_a_summary(name):
    made = load("processes", name)
    assert dataclasses.is_dataclass(made)
    process = made()
    with pytest.raises(dataclasses.FrozenInstanceError):
        process.energy = 1.0
    assert hash(process) == hash(made())
    assert summary("processes", name)
    assert all(isinstance(line, str) for line in process.settings())


@pytest.mark.parametrize("name", PROCESSES)
@pytest.mark.parametrize("value", [-1e6, float("nan"), float("inf"), 1e12])
def test_absurd_numbers_are_refused_in_one_line(name, value):
    made = load("processes", name)
    for field in dataclasses.fields(made):
        if isinstance(field.default, float):
            with pytest.raises(ValueError, match=rf"^{field.name}: must .*, got .*\.$") as error:
                made(**{field.name: value})
            assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", PROCESSES)
@pytest.mark.parametrize("energy", [7000.0, 8000.0, 13000.0])
def test_its_defaults_do_at_the_energies_of_the_collider(name, energy):
    """``simulate`` sets the energy of a process and nothing else."""
    made = load("processes", name)
    if "energy" in {field.name for field in dataclasses.fields(made)}:
        assert any(f"eCM = {energy}" in line for line in made(energy=energy).settings())


@pytest.mark.parametrize("name", PROCESSES)
def test_unknown_fields_are_refused(name):
    with pytest.raises(ValueError, match="no key 'colour'"):
        component("processes", {"name": name, "colour": "blue"})


def test_columns_have_their_types_and_are_finite(generated):
    assert len(generated) == 8
    assert generated.offsets.dtype == generated.truth_offsets.dtype == np.int64
    types = {"pdgId": "i4", "charge": "f4", "genPartIdx": "i4", "motherPdgId": "i4"}
    for name, column in generated.particles.items():
        assert column.dtype == np.dtype(types.get(name, "f8"))
        assert len(column) == generated.offsets[-1]
        assert np.isfinite(column).all()
    types = {"pdgId": "i4", "status": "i4", "genPartIdxMother": "i4"}
    for name, column in generated.truth.items():
        assert column.dtype == np.dtype(types.get(name, "f8"))
        assert len(column) == generated.truth_offsets[-1]
        assert np.isfinite(column).all()
    assert np.isfinite(generated.weight).all()


def test_links_stay_within_their_event(generated):
    size = np.diff(generated.truth_offsets)
    assert np.all(generated.particles["genPartIdx"] < np.repeat(size, np.diff(generated.offsets)))
    mother = generated.truth["genPartIdxMother"]
    rows = np.arange(len(mother)) - np.repeat(generated.truth_offsets[:-1], size)
    assert np.all((mother < np.repeat(size, size)) & (mother >= -1) & (mother != rows))


def test_counts_add_up(generated):
    counts = dict(generated.counts)
    assert counts.pop("tried") == sum(counts.values())
    assert counts["accepted"] >= len(generated)
    assert generated.cross_section_pb >= 0

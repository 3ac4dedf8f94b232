"""Cards resolve sizes and changes, and a typo costs a line, not an hour."""

import re

import pytest

from hepvision.core.card import read_yaml
from hepvision.core.errors import CardError, UnknownNameError
from hepvision.core.names import names
from hepvision.studies._checks import tried
from hepvision.studies.card import resolve


@pytest.mark.parametrize("study", names("studies"))
def test_every_card_resolves_at_every_size(study):
    for size in read_yaml(study).get("sizes") or [None]:
        resolve(study, size)


def test_changes_reach_blocks_and_entries_by_name():
    changes = ["training.epochs=3", "entries.EB.training.epochs=5", "samples.higgs={store: x}"]
    study = resolve("higgs_diphoton", changes=changes)
    assert study.training["epochs"] == 3
    assert study.entries[0].training["epochs"] == 5
    assert study.samples["higgs"].store == "x"
    assert study.samples["diphoton"].simulate.events == 1000


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("sampels=3", "no key 'sampels'. Did you mean 'samples'"),
        ("samples.higgs.simulate.pileup=-3", r"greater than or equal to 0, got -3"),
        ("samples.higgs.simulate.pilup=3", "no key 'pilup'. Did you mean 'pileup'"),
        ("entries.EB.uses=[ecl]", "entry EB: no representation 'ecl'. Did you mean 'ecal'"),
        ("entries.Eb.uses=[ecal]", "no entry 'Eb'"),
        ("samples.higgs.store=here", "needs exactly one of simulate, read, store"),
        ("training", "must be key=value"),
        ("seeds=[]", "seeds: "),
        ("seeds=[", "must be YAML"),
        ("title.a.b=1", "below a value"),
    ],
)
def test_typos_are_one_line(change, text):
    with pytest.raises(CardError, match=text) as caught:
        resolve("higgs_diphoton", changes=[change])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("against: photon_jets", "published: no against 'photon_jets'. Did you mean 'photon_jet'?"),
        ("against: higgs", "There are: diphoton, photon_jet, rest."),
        ("against: rest, entry: tree", "published: no entry 'tree'. Did you mean 'trees'?"),
    ],
)
def test_a_published_number_beside_nothing_is_refused(row, said):
    change = f"published=[{{measure: AUC, value: 0.8, {row}}}]"
    with pytest.raises(CardError, match=re.escape(said)) as caught:
        resolve("higgs_diphoton", changes=[change])
    assert "\n" not in str(caught.value)
    resolve("higgs_diphoton", changes=[change.replace(row, "against: rest, entry: trees")])


def test_an_unknown_size_names_those_that_exist():
    with pytest.raises(CardError, match="no size 'qick'. Did you mean 'quick'"):
        resolve("higgs_diphoton", "qick")


def test_components_are_checked_before_the_work():
    with pytest.raises(UnknownNameError, match="Did you mean 'resnet15'"):
        tried(resolve("higgs_diphoton", changes=["entries.EB.model.name=resnet16"]))
    changes = ["representations.ecal.layer=[ecal]"]
    with pytest.raises(CardError, match="Did you mean .layers."):
        tried(resolve("higgs_diphoton", changes=changes))


def test_mass_is_an_observable_by_name_or_with_bins():
    assert resolve("higgs_diphoton").mass_observable == "diphoton_mass"
    assert resolve("higgs_diphoton", changes=["mass=pileup"]).mass_observable == "pileup"
    first = resolve("higgs_diphoton", changes=["mass={}", "observables=[pileup, diphoton_mass]"])
    assert first.mass_observable == "pileup"
    assert resolve("higgs_diphoton", changes=["mass={}", "observables=[]"]).mass_observable == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("mass=diphoton_mas", "Did you mean 'diphoton_mass'"),
        ("mass={low: 90}", "both be given"),
        ("mass={low: 90, high: 90}", "below high"),
        ("mass.bin=3", "'bins'"),
    ],
)
def test_wrong_mass_is_refused(change, said):
    with pytest.raises(CardError, match=said):
        resolve("higgs_diphoton", changes=[change])

"""Mistakes in a card are found before anything is simulated."""

from pathlib import Path

import pytest

from hepvision.core.card import read_yaml
from hepvision.core.errors import CardError, UserError
from hepvision.studies._checks import tried
from hepvision.studies.card import resolve
from hepvision.studies.plan import plan
from hepvision.studies.run import run


@pytest.mark.parametrize("name", ["higgs_diphoton", "higgs_diphoton_forward"])
def test_the_cards_of_the_package_pass(name: str) -> None:
    assert tried(resolve(name)).signal == "higgs"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("task=clasification", "Did you mean 'classification'"),
        ("per=Foton", "Foton"),
        ("seeds=[-1]", "not negative"),
        ("seeds=[1, 1]", "different"),
        ("observables=[diphoton_mass, foo]", "no 'foo'"),
        ("observables=[diphoton_mass, diphoton_mas]", "Did you mean 'diphoton_mass'"),
        ("representations.ecal.divide_by=diphoton_mas", "diphoton_mas"),
        ("training.stop_on=decorelated", "stop_on"),
        ("training.stopon=loss", "stop_on"),
        ("training.epochs=0", "epochs"),
        ("training.epochs=many", "epochs"),
        ("training.decorrelate_from=diphoton_mas", "Did you mean 'diphoton_mass'"),
        ("entries.4-momentum.uses=[ecal]", "entry 4-momentum"),
        ("entries.trees.uses=[ecal]", "entry trees"),
        ("simulate.pileup=1000", "between 0 and 500"),
        ("simulate.readout=redced", "full or reduced"),
        ('select=["num(Photn) == 2"]', "Did you mean 'Photon'"),
        ('select=["num(Photon) ="]', "selection"),
        ("samples.higgs={read: {files: [a.ig], reader: ispi}}", "Did you mean 'ispy'"),
        ("samples.higgs={read: {files: [a.ig], reader: {name: ispy, x: 1}}}", "no key 'x'"),
    ],
)
def test_a_mistake_is_named_and_nothing_is_made(change: str, said: str, tmp_path: Path) -> None:
    with pytest.raises((UserError, ValueError, LookupError)) as caught:
        run("higgs_diphoton", tmp_path / "run", changes=[change], progress=False)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()


def test_workers_are_counted() -> None:
    with pytest.raises(ValueError, match="workers: must be positive, got 0"):
        plan(resolve("higgs_diphoton"), 0)


def test_a_key_given_twice_is_refused(tmp_path: Path) -> None:
    card = tmp_path / "card.yaml"
    card.write_text("title: one\nseeds: [1]\ntitle: two\n", encoding="utf-8")
    with pytest.raises(CardError, match="the key 'title' twice, again in line 3"):
        read_yaml(card)


def test_aliases_within_aliases_take_no_time(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{k}: &a{k} [*a{k - 1}, *a{k - 1}]" for k in range(1, 60)]
    card = tmp_path / "card.yaml"
    card.write_text("\n".join(lines), encoding="utf-8")
    assert len(read_yaml(card)) == 60

"""Mistakes in a card are found before anything is simulated."""

import json
from pathlib import Path
from typing import Any

import pytest

from hepvision.cli import main
from hepvision.core.card import read_yaml
from hepvision.core.errors import CardError, UserError
from hepvision.core.own import using
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
        ("training.accelerator=gpu", "accelerator: needs a GPU"),
        ("training.epochs=0", "epochs"),
        ("training.epochs=many", "epochs"),
        ("training.decorrelate_from=diphoton_mas", "Did you mean 'diphoton_mass'"),
        ("entries.4-momentum.uses=[ecal]", "entry 4-momentum"),
        ("entries.trees.uses=[ecal]", "entry trees"),
        ("simulate.pileup=1000", "between 0 and 500"),
        ("simulate.readout=redced", "full, reduced or particles"),
        ('select=["num(Photn) == 2"]', "Did you mean 'Photon'"),
        ('select=["num(Photon) ="]', "selection"),
        ("samples.rest={simulate: {process: prompt_diphoton}}", "what all backgrounds together"),
        ("samples.all={simulate: {process: prompt_diphoton}}", "where a training follows"),
        ("samples.a/b={simulate: {process: prompt_diphoton}}", "without '/'"),
        ("samples.higgs.title=$\\PH$", "got '$\\\\PH$': Unknown symbol: \\PH"),
        ("samples.higgs.title=γγ", "samples.diphoton: title: 'γγ' is what figures call higgs"),
        ("samples.higgs.title=all backgrounds", "all backgrounds together, too"),
        ("samples.γγ={store: x}", "samples.γγ: title: 'γγ' is what figures call diphoton"),
        ("task={name: classification, signal: diphoton}", "the first one the signal"),
        ("task={name: classification, classes: [photon_jet, higgs, diphoton]}", "in their order"),
        ("task={name: classification, classes: {a: [higgs], b: [diphoton]}}", "got a, b with"),
        ("entries.EB.name=examples", "'examples' is a file or folder of each run"),
        ("entries.EB.name=Metrics.json", "is a file or folder of each run"),
        ("entries.EB.name=TREES", "whatever their capitals, got 'TREES' and 'trees'"),
        (f"entries.EB.name={81 * 'n'}", "at most 80 characters"),
        ("observables=[diphoton_mass, event_id]", "kept beside each prediction anyway"),
        ("observables=[diphoton_mass, sample]", "kept beside each prediction anyway"),
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


def jets_card(**changes: Any) -> dict[str, Any]:
    """Jets, one representation and one entry."""
    return {
        "title": "jets",
        "samples": {"a": {"store": "a"}, "b": {"store": "b"}},
        "representations": {"r": changes.get("r", "particles")},
        "entries": [{"name": "net", "uses": ["r"], "model": changes.get("model", "mlp")}],
        "training": changes.get("training", {}),
    }


IMAGE = {"name": "jet_image"}
VECTOR = {"name": "jet_features"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model": "particle_net", "r": IMAGE}, "Representations that fit: object_set, particles"),
        ({"model": "compact_cnn"}, "jet_image"),
        ({"model": "boosted_trees"}, "jet_features"),
        ({"model": "recurrent"}, "particles (kind: sequence)"),
        ({"model": "lorentz_net", "r": {"name": "particles", "parts": ["features"]}}, "energy"),
        ({"model": "compact_cnn", "r": {**IMAGE, "pixels": [4, 4]}}, "8 × 8 pixels"),
        ({"model": "compact_cnn", "r": {**IMAGE, "pixels": [0, 33]}}, "pixels: must be 1"),
        ({"model": "compact_cnn", "r": {**IMAGE, "pixels": 33}}, "pixels"),
        ({"model": "compact_cnn", "r": {**IMAGE, "rotate": "maybe"}}, "rotate"),
        ({"model": "compact_cnn", "r": {**IMAGE, "normalise": "summ"}}, "normalise"),
        ({"model": "compact_cnn", "r": {**IMAGE, "chanels": ["pt"]}}, "'channels'"),
        ({"model": "compact_cnn", "r": {**IMAGE, "channels": ["ptt"]}}, "Did you mean 'pt'"),
        ({"model": "particle_flow", "r": {"name": "particles", "most": "many"}}, "most"),
        ({"model": "particle_flow", "r": {"name": "particles", "most": -1}}, "most: must be 1"),
        ({"model": {"name": "mlp", "dropout": 1.5}, "r": VECTOR}, "dropout: must be in [0, 1)"),
        ({"model": {"name": "mlp", "hiden": [3]}, "r": VECTOR}, "Did you mean 'hidden'"),
        ({"model": {"name": "boosted_trees", "subsample": 2.0}, "r": VECTOR}, "at most 1, got"),
        ({"model": {"name": "boosted_trees", "columns": 0.0}, "r": VECTOR}, "above 0"),
        ({"model": {"name": "boosted_trees", "learning_rate": -1.0}, "r": VECTOR}, "above 0"),
        ({"model": {"name": "boosted_trees", "least_weight": -1.0}, "r": VECTOR}, "0 or more"),
        ({"model": {"name": "classical", "components": 99}, "r": VECTOR}, "at most 14"),
        ({"model": {"name": "cuts", "features": ["mas"]}, "r": VECTOR}, "Did you mean 'mass'"),
        ({"model": {"name": "particle_net", "size": "papr"}}, "Did you mean 'paper'"),
        ({"model": "particle_flow", "training": {"batch": 0}}, "batch"),
        ({"model": "particle_flow", "training": {"learning_rate": -1}}, "learning_rate"),
    ],
)
def test_mistakes_in_cards_of_jets_are_one_line(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError) as caught:
        tried(resolve(jets_card(**changes)))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mistake_in_a_card_ends_the_command_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = tmp_path / "card.yaml"
    card.write_text(json.dumps(jets_card(model="particle_net", r=IMAGE)), encoding="utf-8")
    assert main(["run", str(card), "-o", str(tmp_path / "run")]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("error: entry net: particle_net: reads parts of kind")
    assert not (tmp_path / "run").exists()


OWN = """
from dataclasses import dataclass
from typing import ClassVar
from torch import nn
from hepvision.models.layers.network import Network

@dataclass(frozen=True)
class Mine:
    width: int = 14
    outputs: int = 2
    part: str = ""
    reads_kinds: ClassVar[frozenset[str]] = frozenset({"vector"})
    output_level: ClassVar[str] = "example"

    def from_spec(self, spec, outputs):
        return Network(self.part or next(iter(spec)), nn.Linear(self.width, self.outputs))
"""


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"width": 3}, "entry net: my_net must read its inputs, got mat1 and mat2"),
        ({"outputs": 1}, "entry net: the network must give 2 outputs an example"),
        ({"part": "nope"}, "entry net: my_net must read its inputs, got KeyError 'nope'"),
    ],
)
def test_an_own_network_sees_an_example_before_any_is_made(
    parameters: dict[str, int], said: str, tmp_path: Path
) -> None:
    file = tmp_path / "my_net.py"
    file.write_text(OWN, encoding="utf-8")
    with using([f"{file}:Mine"]):
        tried(resolve(jets_card(model="my_net", r=VECTOR)))
        wrong = resolve(jets_card(model={"name": "my_net", **parameters}, r=VECTOR))
        with pytest.raises(CardError) as caught:
            tried(wrong)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_an_own_network_reads_only_the_kinds_that_it_says(tmp_path: Path) -> None:
    file = tmp_path / "my_net.py"
    file.write_text(OWN.replace('"vector"', '"image"'), encoding="utf-8")
    with using([f"{file}:Mine"]), pytest.raises(CardError, match="my_net: reads parts of kind"):
        tried(resolve(jets_card(model="my_net", r=VECTOR)))
    with pytest.raises(UserError, match=r"no 'my_net'.* of your own with --component"):
        tried(resolve(jets_card(model="my_net", r=VECTOR)))


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

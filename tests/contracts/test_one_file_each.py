"""A new process, representation, network and study are one file each, and nothing else.

The package is copied to a temporary folder, four files are put into it as a user would, and a
fresh interpreter must list them, build them from a card and put them through the contract tests.
"""

import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import hepvision

pytest.importorskip("torch")
pytest.importorskip("pythia8mc")

PROCESS = '''
"""Two photons back to back, a toy."""

from dataclasses import dataclass

from hepvision.simulation.processes.particle_gun import ParticleGun

__all__ = ["ToyPair"]


@dataclass(frozen=True)
class ToyPair(ParticleGun):
    """Two photons an event."""

    per_event: int = 2
'''

REPRESENTATION = '''
"""The hardest photon, a toy."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

import awkward as ak
import numpy as np

from hepvision.core.inputs import Dense, Inputs, InputSpec, PartSpec

__all__ = ["ToyPhoton"]


@dataclass(frozen=True)
class ToyPhoton:
    """One number."""

    version: ClassVar[int] = 1

    @property
    def reads(self) -> tuple[str, ...]:
        return ("Photon.pt",)

    @property
    def spec(self) -> InputSpec:
        return {"pt": PartSpec("vector", (1,), ("pt",), ("GeV",), (1.0,))}

    def __call__(self, examples: ak.Array) -> Inputs:
        hardest = ak.fill_none(ak.max(examples.Photon.pt, axis=1), 0.0)
        return {"pt": Dense(ak.to_numpy(hardest).astype(np.float32)[:, None])}

    def measured(self, stream: Iterable[ak.Array]) -> Self:
        return self
'''

NETWORK = '''
"""One linear layer on a vector, a toy."""

from dataclasses import dataclass
from typing import ClassVar

import torch

from hepvision.core.inputs import InputSpec
from hepvision.models.layers.choice import parts_of_kind
from hepvision.models.layers.network import Network

__all__ = ["ToyLinear"]


@dataclass(frozen=True)
class ToyLinear:
    """Sizes: none."""

    reads_kinds: ClassVar[frozenset[str]] = frozenset({"vector"})
    output_level: ClassVar[str] = "example"

    def from_spec(self, spec: InputSpec, outputs: int) -> Network:
        (part,) = parts_of_kind("toy_linear", spec, self.reads_kinds)
        return Network(part, torch.nn.Linear(spec[part].width, outputs))
'''

STUDY = """
# Toy pairs against single photons.
title: toy
samples:
  pair: {simulate: {process: toy_pair, events: 40, pileup: 0}}
  single: {simulate: {process: particle_gun, events: 40, pileup: 0}}
representations: {photon: {name: toy_photon}}
entries:
  - {name: linear, uses: [photon], model: {name: toy_linear}, training: {epochs: 2}}
"""

CHECK = """
from hepvision.core import names
from hepvision.core.card import component
from hepvision.studies._checks import tried
from hepvision.studies.card import resolve
for kind, name in (("processes", "toy_pair"), ("representations", "toy_photon"),
                   ("models", "toy_linear"), ("studies", "toy_study")):
    assert name in names.names(kind), (kind, names.names(kind))
study = tried(resolve("toy_study"))
assert study.signal == "pair"
print(names.__file__)
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("package")
    package = folder / "hepvision"
    shutil.copytree(Path(hepvision.__file__).parent, package)
    files = {
        "simulation/processes/toy_pair.py": PROCESS,
        "representations/toy_photon.py": REPRESENTATION,
        "models/toy_linear.py": NETWORK,
        "studies/cards/toy_study.yaml": STUDY,
    }
    for path, text in files.items():
        (package / path).write_text(textwrap.dedent(text).lstrip())
    # the tests' own helpers as well, without the outer configuration
    shutil.copytree(Path(__file__).parents[1], folder / "tests")
    path = os.pathsep.join([str(folder), str(folder / "tests")])
    return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def _run(environment: dict[str, str], *words: str) -> str:
    where = environment["PYTHONPATH"].split(os.pathsep)[0]
    done = subprocess.run(
        [sys.executable, *words],
        env=environment,
        cwd=where,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_they_are_found_and_a_card_builds_them(environment):
    folder = environment["PYTHONPATH"].split(os.pathsep)[0]
    assert folder in _run(environment, "-c", CHECK)


def test_they_are_listed(environment):
    main = "from hepvision.cli import main; import sys; sys.argv = ['hepvision', 'list']; main()"
    out = _run(environment, "-c", main)
    for name in ("toy_pair", "toy_photon", "toy_linear", "toy_study"):
        assert name in out
    assert "The hardest photon, a toy." in out


def test_they_inherit_the_contract_tests(environment):
    kinds = ("process", "representation", "model")
    files = [f"tests/contracts/test_every_{kind}.py" for kind in kinds]
    options = ["-v", "--import-mode=importlib", "-p", "no:cacheprovider", "-k", "toy_"]
    out = _run(environment, "-m", "pytest", *files, *options)
    for name in ("toy_pair", "toy_photon", "toy_linear"):
        assert f"[{name}" in out
    assert " passed" in out
    assert "failed" not in out

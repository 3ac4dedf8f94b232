"""Inputs from the cache are those that were computed; constants come from training events."""

import dataclasses

import awkward as ak
import numpy as np
import pytest

from hepvision.core.card import component
from hepvision.core.errors import SchemaError
from hepvision.core.inputs import Dense, PartSpec
from hepvision.studies import inputs as module
from hepvision.studies.card import resolve
from hepvision.studies.inputs import inputs_of, table_of
from hepvision.studies.samples import ExampleStream, prepare
from toy_events import toy_events


@pytest.fixture
def stream(toy_changes, tmp_path, monkeypatch):
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path))
    study = resolve("higgs_diphoton")
    study = resolve("higgs_diphoton", changes=toy_changes(study))
    return ExampleStream(study, prepare(study), ())


def test_the_cache_gives_what_was_computed(stream, monkeypatch):
    wanted = {
        key: component("representations", block)
        for key, block in stream.study.representations.items()
    }
    first, measured = inputs_of(stream, wanted)
    monkeypatch.setattr(module, "represent", None)
    second, again = inputs_of(stream, wanted)
    assert measured == again
    for key, part in first.items():
        assert len(part) == len(second[key]) == len(table_of(stream).columns["event_id"])
        for name in ("values", "offsets", "index", "value"):
            if hasattr(part, name):
                np.testing.assert_array_equal(getattr(part, name), getattr(second[key], name))


def test_constants_are_of_the_training_split_alone(stream):
    image = component("representations", {"name": "detector_image", "layers": ["ecal"]})
    _, measured = inputs_of(stream, {"ecal": image})
    train = dataclasses.replace(stream, fields=image.reads, part=0)
    assert measured["ecal"] == image.measured(train)
    everything = dataclasses.replace(stream, fields=image.reads)
    assert measured["ecal"] != image.measured(everything)


def test_a_damaged_cache_is_made_anew(stream, tmp_path):
    momenta = {"momenta": component("representations", "four_momenta")}
    first, _ = inputs_of(stream, momenta)
    (file,) = (tmp_path / "inputs").glob("*.parquet")
    file.write_bytes(b"PAR1 and nothing else")
    second, _ = inputs_of(stream, momenta)
    np.testing.assert_array_equal(first["momenta.vector"].values, second["momenta.vector"].values)


@dataclasses.dataclass(frozen=True)
class Shares:
    """The number of photons over the most that any example of the piece has."""

    version = 1
    reads = ("Photon.pt",)
    spec = {"share": PartSpec("vector", (1,), ("share",), ("",), (1.0,))}  # noqa: RUF012

    def __call__(self, examples):
        counts = ak.to_numpy(ak.num(examples["Photon"])).astype(np.float32)
        return {"share": Dense(counts[:, None] / counts.max(initial=1))}


def test_what_depends_on_its_neighbours_is_refused():
    rows = [toy_events(30, 1), toy_events(5, 2)]
    with pytest.raises(SchemaError, match=r"representations\.bad: an example must give the same"):
        list(module._pieces("bad", Shares(), rows))
    good = component("representations", "four_momenta")
    assert len(list(module._pieces("good", good, rows))) == 2

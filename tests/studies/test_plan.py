"""Plans count the work and use what this machine has shown."""

import pytest

from hepvision.core.cache import cache_folder
from hepvision.studies.card import resolve
from hepvision.studies.plan import note_rate, plan, rates


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path))


def test_without_rates_the_time_is_not_known():
    steps = plan(resolve("higgs_diphoton")).steps
    assert [step.seconds for step in steps] == [None] * 7
    assert "time not known yet" in str(plan(resolve("higgs_diphoton")))


def test_rates_give_a_time_that_workers_divide():
    note_rate("simulate photon_jet", 0.2)
    study = resolve("higgs_diphoton")
    one, two = plan(study, 1).steps[2], plan(study, 2).steps[2]
    assert one.seconds == pytest.approx(200)
    assert two.seconds == pytest.approx(100)
    assert "about 3 min" in str(plan(study, 1))


def test_damaged_rates_are_forgotten(caplog):
    (cache_folder() / "rates.json").write_text("{")
    assert rates() == {}
    assert "must be JSON" in caplog.text

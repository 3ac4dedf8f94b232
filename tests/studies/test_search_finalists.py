"""Networks that a search has chosen are the same whoever trains them."""

from pathlib import Path

import pytest

pytest.importorskip("distributed")

from hepvision.studies._search_finalists import train_beside
from hepvision.studies.card import resolve
from hepvision.studies.entry import is_trained
from hepvision.studies.run import run
from studies.toy_search import toy_search


def test_two_workers_train_what_one_process_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    card = {**toy_search(tmp_path / "stores"), "search": None}
    entry, names = card["entries"][0], ["first", "second"]
    rates = dict(zip(names, (1e-3, 1e-2), strict=True))
    card["entries"] = [
        {**entry, "name": name, "training": {**entry.get("training", {}), "learning_rate": rate}}
        for name, rate in rates.items()
    ]
    whole = run(card, tmp_path / "whole", progress=False).folder
    study, beside = resolve(card), tmp_path / "beside"
    train_beside(study, beside, names[:1], 2, None, False)
    assert not beside.exists()
    train_beside(study, beside, names, 2, None, False)
    for name in names:
        home = Path(name) / "1"
        assert is_trained(beside / home)
        for file in ("predictions.parquet", "bundle/weights.safetensors"):
            assert (beside / home / file).read_bytes() == (whole / home / file).read_bytes()
    # what is trained is left as it is
    before = (beside / "first" / "1" / "timing.json").read_bytes()
    train_beside(study, beside, names, 2, None, False)
    assert (beside / "first" / "1" / "timing.json").read_bytes() == before

"""A user's own file is found, hashed and checked, or one line says what is wrong with it."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

import pytest

from hepvision.core import names
from hepvision.core.card import component
from hepvision.core.chunks import each_chunk
from hepvision.core.errors import CardError, MissingExtraError, SchemaError, UnknownNameError
from hepvision.core.own import CONTRACTS, active, carried, code_of, demand, records, using
from toy_own import SOURCES, toy_component


@pytest.mark.parametrize("name", SOURCES)
def test_its_kind_follows_from_its_contract(name: str, tmp_path: Path) -> None:
    kind, symbol, _ = SOURCES[name]
    word = toy_component(tmp_path, name)
    assert name not in names.names(kind)
    with using([word]):
        assert name in names.names(kind)
        assert not any(name in names.names(other) for other in CONTRACTS if other != kind)
        assert type(component(kind, name)).__name__ == symbol
        assert names.file_of(kind, name) == tmp_path.resolve() / f"{name}.py"
        assert names.summary(kind, name).endswith(".")
    assert name not in names.names(kind)
    with pytest.raises(UnknownNameError, match=f"no '{name}'"):
        names.load(kind, name)


def test_every_kind_that_cards_name_has_a_contract() -> None:
    assert set(CONTRACTS) == set(names.KINDS) - {"studies", "views", "commands"}
    assert {kind for kind, _, _ in SOURCES.values()} == set(CONTRACTS)


@pytest.mark.parametrize("kind", CONTRACTS)
def test_the_library_keeps_its_own_contracts(kind: str, tmp_path: Path) -> None:
    for name in names.names(kind):
        made = names.load(kind, name)
        path = tmp_path / f"mine_{name}.py"
        path.write_text(f"from {made.__module__} import {made.__name__}\n", encoding="utf-8")
        with using([f"{path}:{made.__name__}"]):
            assert active()[-1].kind == kind
            assert names.load(kind, path.stem) is made


def test_parameters_are_checked_as_those_of_the_library(tmp_path: Path) -> None:
    with using([toy_component(tmp_path, "my_loss"), toy_component(tmp_path, "my_linear")]):
        assert component("losses", {"name": "my_loss", "share": 0.25}).share == 0.25
        with pytest.raises(CardError, match="my_loss: no key 'shar'. Did you mean 'share'?"):
            component("losses", {"name": "my_loss", "shar": 1})
        with pytest.raises(CardError, match="my_loss: share: must be a number, got .half"):
            component("losses", {"name": "my_loss", "share": "half"})
        with pytest.raises(UnknownNameError, match="no 'my_liner'. Did you mean 'my_linear'?"):
            component("models", "my_liner")


def test_a_block_within_a_block_knows_the_outer_files(tmp_path: Path) -> None:
    first, second = toy_component(tmp_path, "my_gun"), toy_component(tmp_path, "my_loss")
    with using([first]), using(first), using([first, second]):
        assert [one.name for one in active()] == ["my_gun", "my_loss"]
        assert [one.kind for one in active("losses")] == ["losses"]
    assert active() == ()


def test_two_classes_of_one_file_are_two_kinds(tmp_path: Path) -> None:
    path = tmp_path / "my_loss.py"
    word = toy_component(tmp_path, "my_loss")
    path.write_text(path.read_text() + SOURCES["my_gun"][2].replace("\n        ", "\n"))
    with using([word, f"{path}:MyGun"]):
        assert {one.kind: one.name for one in active()} == {
            "losses": "my_loss",
            "processes": "my_loss",
        }
        assert len({one.sha256 for one in active()}) == 1


@pytest.mark.parametrize(
    ("text", "word", "error", "said"),
    [
        ("class Mine: pass", "mine.py", CardError, "must be a Python file and a class, got"),
        ("class Mine: pass", "mine.txt:Mine", CardError, "Write path/to/file.py:Class."),
        ("class Mine: pass", "mine.py:1", CardError, "must be a Python file and a class, got"),
        ("class Mine: pass", "other.py:Mine", FileNotFoundError, "no such file"),
        ("class Mine: pass", "_mine.py:Mine", CardError, "got '_mine.py'. Rename it"),
        ("class Mine: pass", "my-net.py:Mine", CardError, "got 'my-net.py'. Rename it"),
        ("class Mine: pass", "mine.py:Mines", UnknownNameError, "Did you mean 'Mine'?"),
        ("import os", "mine.py:Mine", UnknownNameError, "no class 'Mine'. There are: none."),
        ("class Mine: pass", "mine.py:Mine", CardError, "must be a dataclass, got <class"),
        ("def Mine(): pass", "mine.py:Mine", CardError, "must be a dataclass, got <function"),
        ("class Mine:\n  x = = 1", "mine.py:Mine", CardError, "must be Python, got line 2: inval"),
        ("x = '\0'", "mine.py:Mine", CardError, "mine.py: must be "),
        ("1 / 0", "mine.py:Mine", CardError, "got ZeroDivisionError: division by zero. Mend it."),
        ("raise SystemExit(3)", "mine.py:Mine", CardError, "got SystemExit: 3. Mend it."),
        ("raise ValueError('a\\nb')", "mine.py:Mine", CardError, "got ValueError: a b. Mend it."),
        ("import no_such_one.x", "mine.py:Mine", MissingExtraError, "pip install no_such_one"),
    ],
)
def test_what_is_wrong_is_one_line(
    text: str, word: str, error: type[Exception], said: str, tmp_path: Path
) -> None:
    for name in ("mine.py", "mine.txt", "_mine.py", "my-net.py"):
        (tmp_path / name).write_text(text)
    with pytest.raises(error, match=".") as caught, using([str(tmp_path / word)]):
        pass
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert active() == ()


def test_bytes_that_are_no_text_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_bytes(b"x = '\xff\xfe'")
    with (
        pytest.raises(CardError, match="must be Python, got") as caught,
        using([f"{tmp_path / 'mine.py'}:Mine"]),
    ):
        pass
    assert "\n" not in str(caught.value)


def test_what_no_contract_fits_is_told_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(
        "import dataclasses\n@dataclasses.dataclass\nclass Mine:\n"
        "    output_level = 'example'\n    def from_spec(self): ...\n"
    )
    with (
        pytest.raises(CardError, match="for models lacks reads_kinds. Add what it lacks."),
        using([f"{path}:Mine"]),
    ):
        pass
    path.write_text(
        "import dataclasses\n@dataclasses.dataclass\nclass Mine:\n    reads_kinds = ()\n"
        "    output_level = 'example'\n    def from_spec(self): ...\n"
        "    def __call__(self, outputs, target, weight): ...\n"
    )
    with (
        pytest.raises(CardError, match="must be of one kind, got models and losses"),
        using([f"{path}:Mine"]),
    ):
        pass


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    word = toy_component(tmp_path, "my_linear")
    other = tmp_path / "mlp.py"
    other.write_text((tmp_path / "my_linear.py").read_text())
    with (
        pytest.raises(CardError, match="models have a 'mlp' already, got another. Rename mlp.py."),
        using([f"{other}:MyLinear"]),
    ):
        pass
    (tmp_path / "second").mkdir()
    again = toy_component(tmp_path / "second", "my_linear")
    with (
        pytest.raises(CardError, match="models 'my_linear' must be one class, got two"),
        using([word, again]),
    ):
        pass


def test_the_very_file_is_run_and_known_by_its_checksum(tmp_path: Path) -> None:
    word = toy_component(tmp_path, "my_loss")
    path = tmp_path / "my_loss.py"
    with using([word]):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert code_of("losses", "my_loss") == {"sha256": digest}
        assert code_of("losses", "cross_entropy") == {}
        assert records() == [
            {
                "kind": "losses",
                "name": "my_loss",
                "file": "my_loss.py",
                "class": "MyLoss",
                "sha256": digest,
            }
        ]
        assert records({"models": ["my_loss"]}) == []
        assert records({"losses": ["my_loss"]}) == records()
        assert component("losses", "my_loss").share == 0.5
    # the same length, within the resolution of the file system's clock
    path.write_text(path.read_text().replace("0.5", "0.4"))
    with using([word]):
        assert component("losses", "my_loss").share == 0.4
        assert records()[0]["sha256"] != digest


def test_a_file_is_demanded_by_its_checksum(tmp_path: Path) -> None:
    word = toy_component(tmp_path, "my_loss")
    with using([word]):
        wanted = records()
        demand(wanted, "bundle")
    with pytest.raises(UnknownNameError, match=r"needs my_loss.py with SHA-256 \w{64}, got none"):
        demand(wanted, "bundle")
    path = tmp_path / "my_loss.py"
    path.write_text(path.read_text() + "# more\n")
    with using([word]), pytest.raises(SchemaError, match=r"with SHA-256 \w{64}, got \w{64}"):
        demand(wanted, "bundle")


def test_a_worker_sees_it_and_refuses_a_change(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    ask = functools.partial(names.summary, "processes")  # what workers import is the library's
    assert carried(ask) is ask
    word = toy_component(tmp_path, "my_gun")
    path = tmp_path / "my_gun.py"
    with using([word]):
        assert list(each_chunk(ask, ["my_gun"] * 3, workers=2)) == ["Two photons an event."] * 3
        path.write_text(path.read_text() + "# more\n")
        with pytest.raises(CardError, match="must be as the run began with it"):
            list(each_chunk(ask, ["my_gun"], workers=2))

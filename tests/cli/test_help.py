"""Every command shows an example, and the example runs."""

from __future__ import annotations

import contextlib
import json
import os
import re
import runpy
import shlex
import shutil
import signal
import socket
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import hepvision
from hepvision.cli import main
from hepvision.cli._app import examples, help_text
from hepvision.core import names
from hepvision.core.interruption import Terminated
from studies.toy_compared import compared, entry
from studies.toy_search import toy_search
from toy_bundle import toy_bundle
from toy_own import toy_component

from shared_data import shared

#: A later command uses what an earlier one left in the folder.
ORDER = ("list", "doctor", "simulate", "show", "run", "predict")
COMMANDS = sorted(
    names.names("commands"), key=lambda name: (ORDER.index(name) if name in ORDER else 99, name)
)
LINES = [
    pytest.param(line, marks=[pytest.mark.slow] if line.endswith("# minutes") else [], id=line)
    for command in COMMANDS
    for line in examples(names.load("commands", command))
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One working folder for all examples, in order."""
    before = Path.cwd()
    here = tmp_path_factory.mktemp("examples")
    os.chdir(here)
    yield here
    os.chdir(before)


def test_python_runs_the_package_like_the_script(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["hepvision", "run", "no_such_study"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("hepvision", run_name="__main__")
    assert ended.value.code == 2
    assert "studies: no 'no_such_study'." in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_the_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = examples(names.load("commands", command))
    assert lines, f"{command} has no example"
    assert all(line.split()[:2] == ["hepvision", command] for line in lines)
    assert main([command, "--help"]) == 0
    shown = re.sub(r"[\s│]+", "", capsys.readouterr().out)
    assert "Example:" in shown
    for line in lines:
        assert line.replace(" ", "") in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_help_leaves_the_sections_out(command: str) -> None:
    text = help_text(names.load("commands", command))
    assert "----" not in text
    assert text.splitlines()[0] == names.summary("commands", command)


@contextlib.contextmanager
def ended_when_it_listens(words: list[str]) -> Iterator[None]:
    """What waits for requests is asked to end, as a batch system does, when it takes one."""

    def end() -> None:
        for _ in range(600):
            time.sleep(0.1)
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", int(words[-1])), 1).close()
                break
        os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=end)
    if words[1] == "serve":
        thread.start()
    yield
    if words[1] == "serve":
        thread.join()


@pytest.mark.parametrize("line", LINES)
def test_example_runs(line: str, folder: Path) -> None:
    words = shlex.split(line, comments=True)
    for word in map(Path, words):
        if word.suffix == ".ig" and not word.exists():
            shutil.copy(shared("data", "cms_ispy", "DoublePhoton_Run2012B_0.ig"), word)
        if word.name == "*.root" and not word.parent.exists():
            word.parent.mkdir()
            shutil.copy(shared("data", "cms_nanoaod", "nano_tt_v12.root"), word.parent)
        if ".py:" in word.name:
            toy_component(folder, word.name.partition(".")[0])
        if word.name == "my_card.yaml" and words[1] == "search":
            word.write_text(json.dumps(toy_search(folder / "searched")), "utf-8")
        elif word.name == "my_card.yaml":
            text = names.file_of("studies", "higgs_diphoton").read_text("utf-8")
            word.write_text(text.replace("{name: mlp}", "my_linear"), "utf-8")
        if word.name == "bundle" and not word.exists():
            toy_bundle(folder / word)
        if words[1] == "compare" and word.parent.name == "runs" and not word.exists():
            compared(folder / word, [entry("trees"), entry("net")], count=600)
    with ended_when_it_listens(words):
        assert main(words[1:]) == 0
    for option, made in pairwise(words):
        if option in {"-o", "--out"}:
            assert Path(made).exists()


def test_root_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for command in COMMANDS:
        assert re.search(rf"^\W*{command}\b", shown, re.MULTILINE)


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == hepvision.__version__


def test_no_argument_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    out, err = capsys.readouterr()
    assert "Usage" in out + err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lsit"], "error: commands: no 'lsit'. Did you mean 'list'?"),
        (["list", "model"], "error: kinds: no 'model'. Did you mean 'models'?"),
        (["doctor", "--jsno"], "--jsno"),
        (["list", "models", "losses"], "losses"),
    ],
)
def test_a_mistake_is_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("error: ")
    assert said in err


def test_debug_shows_where(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(LookupError, match="model"):
        main(["list", "model", "--debug"])


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (
            KeyboardInterrupt(),
            130,
            "interrupted; given again, the same command goes on with what is finished\n",
        ),
        (
            Terminated(),
            75,
            "terminated; given again, the same command goes on with what is finished\n",
        ),
        (OSError(28, "No space left on device", "out.parquet"), 2, "error: out.parquet: no space"),
        (ValueError("pile-up: must not be negative,\n got -3."), 2, "negative, got -3.\n"),
        (KeyError("Photon"), 2, "error: KeyError: 'Photon'\n"),
    ],
)
def test_what_a_command_raises(
    error: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(kind: str | None = None) -> None:
        raise error

    fail.__doc__ = "Fail."
    monkeypatch.setattr(names, "load", lambda kind, name: fail)
    assert main(["list"]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert said in err


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        """Fail."""
        raise ZeroDivisionError

    monkeypatch.setattr(names, "load", lambda kind, name: fail)
    with pytest.raises(ZeroDivisionError):
        main(["list"])

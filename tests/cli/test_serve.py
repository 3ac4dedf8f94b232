"""``hepvision serve``: one line and exit code 2, or a line that says where it listens."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from hepvision.cli import main
from toy_bundle import toy_bundle


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "error: nothing: no bundle is there."),
        (["nothing.onnx"], "error: nothing.onnx: no such file. Check the path."),
        (["bundle", "--port", "70000"], "port"),
        (["bundle", "--batch", "0"], "batch"),
    ],
)
def test_one_line_and_two(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    toy_bundle(tmp_path / "bundle")
    assert main(["serve", *words]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_port_that_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    toy_bundle(tmp_path / "bundle")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", str(tmp_path / "bundle"), "--port", str(port)]) == 2
    error = capsys.readouterr().err
    assert str(port) in error and "in use" in error
    assert error.count("\n") == 1

"""Files at an address: fetched once, whole or not at all."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fsspec
import pytest

from hepvision.core.errors import CorruptFileError
from hepvision.figures.show import show
from hepvision.studies import _fetch
from hepvision.studies._fetch import fetch, shown
from hepvision.studies.convert import convert
from hepvision.studies.inspect import inspect
from toy_reader import toy_file, toy_reader

pytest.importorskip("aiohttp")

#: Requests of each path; a name that is "short", "silent" or "locked" is served so.
ASKED: Counter[str] = Counter()


class Server(SimpleHTTPRequestHandler):
    """Files of a folder, some of them badly."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is written."""

    def do_GET(self) -> None:
        """A file."""
        ASKED[f"GET {self.path}"] += 1
        if "locked" in self.path:
            self.send_error(403)
        elif "short" in self.path:
            self._say(1000)
            self.wfile.write(b"# lines\n")
        elif "silent" in self.path:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"# lines\n0 30\n")
        else:
            super().do_GET()

    def do_HEAD(self) -> None:
        """What a file is."""
        ASKED[f"HEAD {self.path}"] += 1
        if "locked" in self.path:
            self.send_error(403)
        elif "short" in self.path:
            self._say(1000)
        elif "silent" in self.path:
            self.send_response(200)
            self.end_headers()
        else:
            super().do_HEAD()

    def _say(self, length: int) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(length))
        self.end_headers()


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path]]:
    """A server on this machine: its address and its folder."""
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "web"
    for number in range(3):
        toy_file(folder / f"f{number}.lines", [[n, 10.0 + number] for n in range(4)])
    ASKED.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Server, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", folder
        server.shutdown()
        thread.join()


def nothing(name: str, here: int, total: int | None) -> None:
    """No progress."""


def test_addresses_become_a_store_and_are_fetched_once(
    web: tuple[str, Path], tmp_path: Path
) -> None:
    address, folder = web
    words = [f"{address}/f0.lines", f"{address}/f1.lines?download=1"]
    settings: dict[str, Any] = {"label": "far", "progress": False}
    settings["components"] = [toy_reader(tmp_path)]
    made = convert(words, tmp_path / "out", **settings)
    assert made.read().Photon.pt[:, 0].tolist() == [10.0] * 4 + [11.0] * 4
    told = made.manifest["provenance"]["files"]
    assert [one["file"] for one in told] == [f"{address}/f0.lines", f"{address}/f1.lines"]
    convert(words, tmp_path / "again", **settings)
    assert ASKED["GET /f0.lines"] == 1
    local = convert([folder / "f0.lines", folder / "f1.lines"], tmp_path / "local", **settings)
    for one, other in zip(made.manifest["parts"], local.manifest["parts"], strict=True):
        assert one["sha256"] == other["sha256"]


def test_stars_in_an_address(web: tuple[str, Path], tmp_path: Path) -> None:
    address, _ = web
    made = convert(
        f"{address}/*.lines",
        tmp_path / "out",
        label="far",
        progress=False,
        components=[toy_reader(tmp_path)],
    )
    assert len(made) == 12
    with pytest.raises(FileNotFoundError, match=r"/\*\.root: no such file\. Check the address"):
        convert(f"{address}/*.root", tmp_path / "none", label="far", progress=False)


def test_a_changed_file_is_fetched_anew(web: tuple[str, Path]) -> None:
    address, folder = web
    first = fetch(f"{address}/f0.lines", nothing)
    toy_file(folder / "f0.lines", [[0, 99.0]])
    again = fetch(f"{address}/f0.lines", nothing)
    assert again == first and again.read_text() == "# lines\n0 99.0\n"
    again.write_text("cut off")
    assert fetch(f"{address}/f0.lines", nothing).read_text() == "# lines\n0 99.0\n"


def test_progress_is_told(web: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_fetch, "BLOCK", 16)
    address, folder = web
    told: list[tuple[str, int, int | None]] = []
    fetch(f"{address}/f0.lines", lambda *words: told.append(words))
    size = (folder / "f0.lines").stat().st_size
    assert told[-1] == ("f0.lines", size, size) and len(told) == -(-size // 16)


@pytest.mark.parametrize(
    ("path", "error", "text"),
    [
        ("nowhere.lines", FileNotFoundError, "nowhere.lines: no such file. Check the address."),
        ("locked.lines", OSError, "locked.lines: cannot be fetched, got status 403. Check it."),
        ("short.lines", OSError, "short.lines: "),
    ],
)
def test_what_cannot_be_fetched_leaves_nothing(
    web: tuple[str, Path], tmp_path: Path, path: str, error: type, text: str
) -> None:
    address, _ = web
    with pytest.raises(error) as caught:
        fetch(f"{address}/{path}?token=secret", nothing)
    assert text in str(caught.value) and "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert not [one for one in (tmp_path / "cache").rglob("*") if one.is_file()]


def test_a_server_that_is_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path))
    with pytest.raises(
        OSError, match=r"http://127\.0\.0\.1:9/a\.lines: cannot be fetched"
    ) as caught:
        fetch("http://127.0.0.1:9/a.lines", nothing)
    assert "\n" not in str(caught.value)
    with pytest.raises(OSError, match="cannot be fetched") as caught:
        fetch("nosuch://host/a.lines", nothing)
    assert "\n" not in str(caught.value)


def test_a_length_that_is_not_said_is_told(
    web: tuple[str, Path], caplog: pytest.LogCaptureFixture
) -> None:
    address, _ = web
    assert fetch(f"{address}/silent.lines", nothing).read_text() == "# lines\n0 30\n"
    assert "does not say how long it is, got 13 bytes" in caplog.text


def test_other_protocols(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "cache"))
    with fsspec.open("memory://box/m.lines", "wb") as file:
        file.write(b"# lines\n0 30\n1 40 41\n")
    settings: dict[str, Any] = {"label": "m", "progress": False}
    settings["components"] = [toy_reader(tmp_path)]
    made = convert("memory://box/m.lines", tmp_path / "out", **settings)
    assert made.read().Photon.pt.tolist() == [[30.0], [40.0, 41.0]]
    path = toy_file(tmp_path / "here.lines", [[0, 5.0]])
    made = convert(f"file://{path}", tmp_path / "file", **settings)
    assert made.manifest["provenance"]["files"][0]["file"] == str(path)


def test_a_wrong_length_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path))
    with fsspec.open("memory://box/n.lines", "wb") as file:
        file.write(b"# lines\n")
    kind = fsspec.get_filesystem_class("memory")
    monkeypatch.setattr(kind, "info", lambda self, path: {"name": path, "size": 99})
    with pytest.raises(CorruptFileError, match=r"n\.lines: must hold 99 bytes, got 8\. Fetch it"):
        fetch("memory://box/n.lines", nothing)


def test_names_and_keys_are_not_shown() -> None:
    assert shown("https://me:secret@host.org:80/a/b.root?key=1#x") == "https://host.org:80/a/b.root"


def test_a_broken_file_is_called_by_its_address(web: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = web
    (folder / "broken.lines").write_text("junk\n")
    with pytest.raises(CorruptFileError) as caught:
        convert(
            f"{address}/broken.lines",
            tmp_path / "out",
            label="x",
            progress=False,
            components=[toy_reader(tmp_path)],
        )
    assert f"{address}/broken.lines" in str(caught.value)
    assert "cache" not in str(caught.value)


def test_an_address_cannot_be_looked_at_but_converted() -> None:
    for look in (inspect, show):
        with pytest.raises(FileNotFoundError, match="Addresses are fetched by 'hepvision convert'"):
            look("https://no.such.host.invalid/a.root")

"""Where the cache lies, and what its keys tell apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from hepvision.core.cache import cache_folder, cache_key


def test_the_variable_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEPVISION_CACHE", str(tmp_path / "mine"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder("a", "b") == tmp_path / "mine" / "a" / "b"
    assert (tmp_path / "mine" / "a" / "b").is_dir()
    assert not (tmp_path / "xdg").exists()


def test_then_the_desktop_standard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEPVISION_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert cache_folder("a") == tmp_path / "xdg" / "hepvision" / "a"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder("a") == tmp_path / ".cache" / "hepvision" / "a"


@pytest.mark.parametrize(
    "other", [{"a": 1, "b": [1, 3]}, {"a": 1.5, "b": [1, 2]}, {"a": 1}, {"a": 1, "b": [2, 1]}]
)
def test_keys_differ_where_settings_do(other: object) -> None:
    assert cache_key(other) != cache_key({"a": 1, "b": [1, 2]})


def test_order_of_keys_does_not_matter() -> None:
    assert cache_key({"a": {"x": 1, "y": 2}, "b": 3}) == cache_key({"b": 3, "a": {"y": 2, "x": 1}})


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        cache_key({"a": float("nan")})

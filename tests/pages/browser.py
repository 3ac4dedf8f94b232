"""A headless browser for pages: what it complains about, what it asks of the network, what it sees.

Chromium is looked for where HEPVISION_CHROMIUM says, else on the PATH.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

__all__ = ["NO_BROWSER", "Opened", "browser", "opened"]

#: Milliseconds that a page may take: a busy machine draws in minutes what takes a second.
PATIENCE = 240_000
NO_BROWSER = "no browser. Install chromium and playwright to test pages."
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Opened:
    """A page that has been opened, with all that went wrong."""

    page: Any
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def overflow(self) -> float:
        """Pixels by which the page is wider than its window."""
        script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return float(self.page.evaluate(script))

    def broken_images(self) -> int:
        """Images that did not load."""
        script = "[...document.images].filter(i => !(i.complete && i.naturalWidth)).length"
        return int(self.page.evaluate(script))

    def plots(self) -> list[int]:
        """Number of traces of each drawn plot."""
        script = "[...document.querySelectorAll('.plot')].map(n => (n.data || []).length)"
        return list(self.page.evaluate(script))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, or a skipped test where there is none."""
    path = os.environ.get("HEPVISION_CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if path is None:
        pytest.skip(NO_BROWSER)
    playwright = pytest.importorskip("playwright.sync_api", reason=NO_BROWSER)
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@contextmanager
def opened(browser: Any, path: Path, width: int = 1200, height: int = 900) -> Iterator[Opened]:
    """Open a page from disk; requests that leave it are noted and refused."""
    context = browser.new_context(viewport={"width": width, "height": height})
    context.set_default_timeout(PATIENCE)
    found = Opened(context.new_page())
    page = found.page
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    page.on(
        "console",
        lambda message: found.errors.append(message.text) if message.type == "error" else None,
    )

    def seen(route: Any) -> None:
        url = route.request.url
        if url.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            found.requests.append(url)
            route.abort()

    page.route("**/*", seen)
    page.goto(path.resolve().as_uri(), wait_until="load")
    page.wait_for_timeout(200)
    try:
        yield found
    finally:
        context.close()

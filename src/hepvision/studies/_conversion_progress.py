"""Progress of a conversion: files fetched and looked at, events read, with rates and time left."""

from __future__ import annotations

from hepvision.core.progress import Bars

__all__ = ["Progress"]


class Progress(Bars):
    """One bar for each of the three steps; ``shown`` False shows none."""

    def fetched(self, name: str, here: int, total: int | None) -> None:
        """Bytes of a file that is fetched."""
        done = f"{here / 1e6:,.1f}" + (f" of {total / 1e6:,.1f} MB" if total else " MB")
        rate = self.rate(name, here)
        self.show(name, f"fetch {name}", here, total, done, f"{rate / 1e6:,.1f} MB/s")

    def looked(self, files: int, total: int) -> None:
        """Files whose format, length and checksum are known."""
        self.show("look", "look at files", files, total, f"{files} of {total} files", "")

    def read(self, events: int, total: int, passed: int) -> None:
        """Events that are read, of all files, and how many of them passed."""
        self.events("convert", events, total, passed / events if events else 1.0)

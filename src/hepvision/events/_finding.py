"""One thing that a user should know of events."""

from typing import NamedTuple

__all__ = ["Finding"]


class Finding(NamedTuple):
    """Which check found it, in which field or file, and what it is in one line."""

    check: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"

"""What a file lacks and what was left out of it, counted and said."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field

__all__ = ["Account"]

_LOG = logging.getLogger(__name__)
#: Common and of no harm: every 2012 file has them.
QUIET = "Vertices that are no fits"
#: What is empty where a file has no such collection.
_MADE_OF = {"EERecHits": "EcalEndcapHit", "HBRecHits": "HcalHit", "Tracks": "Track"}


@dataclass
class Account:
    """Counts kept while events are read.

    Examples
    --------
    >>> account = Account()
    >>> account.missing["HERecHits"] += 1
    >>> account.attrs()["missing"]
    {'HERecHits': 1}
    """

    #: Rows left out, by collection.
    left_out: Counter[str] = field(default_factory=Counter)
    #: Values put right, by ``collection.column``.
    repaired: Counter[str] = field(default_factory=Counter)
    #: Events that lack a collection, or a ``collection.column``.
    missing: Counter[str] = field(default_factory=Counter)
    #: Events that a collection was read from, by its full name.
    collections: Counter[str] = field(default_factory=Counter)

    def attrs(self) -> dict[str, dict[str, int]]:
        """Counts that are not 0, for ``events.attrs["hepvision"]``.

        Returns
        -------
        dict of dict of int
            By kind and name.
        """
        return {
            kind: {name: int(count) for name, count in sorted(counts.items()) if count}
            for kind, counts in vars(self).items()
        }

    def take_over(self, other: Account) -> None:
        """Take the counts of another one, which begins anew.

        Parameters
        ----------
        other : Account
            Of a piece.

        Examples
        --------
        >>> whole, piece = Account(), Account(missing=Counter(Tracks=2))
        >>> whole.take_over(piece)
        >>> whole.missing["Tracks"], piece.missing["Tracks"]
        (2, 0)
        """
        for kind, counts in vars(other).items():
            getattr(self, kind).update(counts)
            counts.clear()

    def lacks(self) -> list[str]:
        """Collections that images are made of and that at least one event was read without.

        Returns
        -------
        list of str
            Sorted. Without HE the towers of HB are still there.
        """
        return sorted(
            _MADE_OF[name] for name, count in self.missing.items() if count and name in _MADE_OF
        )

    def say(self, where: str, events: int) -> None:
        """Log one line for each thing a user should know.

        Parameters
        ----------
        where : str
            The file.
        events : int
            Number of events read.
        """
        for name, count in sorted(self.missing.items()):
            _LOG.warning("%s: %d of %d events have no %s.", where, count, events, name)
        for name, count in sorted(self.repaired.items()):
            if count:
                _LOG.warning("%s: %d values of %s put right.", where, count, name)
        for name, count in sorted(self.left_out.items()):
            if count and name != QUIET:
                _LOG.warning("%s: %d %s left out.", where, count, name)

"""A container for measures that shows itself and becomes deterministic JSON."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from hepvision.physics.intervals import Interval

__all__ = ["Interval", "Metrics"]

_INTERVAL_KEYS = {"value", "low", "high"}


class Metrics(Mapping[str, Any]):
    """Named measures, nested, in the order in which they were given.

    Parameters
    ----------
    values : mapping
        Names to numbers, strings, None, :class:`Interval`, arrays, lists, further mappings, or
        objects with ``to_dict``.

    Raises
    ------
    ValueError
        If a number is not finite or a name holds a slash.
    TypeError
        If a value is of none of these kinds.

    Examples
    --------
    >>> metrics = Metrics({"rest": {"auc": Interval(0.912, 0.907, 0.916)}, "events": 1000})
    >>> print(metrics)
    rest/auc  0.912 +0.004 −0.005
    events    1000
    >>> metrics["rest"]["auc"].value
    0.912
    >>> metrics.to_dict()["rest"]
    {'auc': {'value': 0.912, 'low': 0.907, 'high': 0.916}}
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values: dict[str, Any] = _nested(values, "")

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Metrics({self._values!r})"

    def __str__(self) -> str:
        rows = self.flat()
        width = max((len(name) for name in rows), default=0)
        return "\n".join(f"{name:<{width}}  {_short(value)}" for name, value in rows.items())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(name)}</td><td>{html.escape(_short(value))}</td></tr>"
            for name, value in self.flat().items()
        )
        return f"<table><thead><tr><th>measure</th><th>value</th></tr></thead>{rows}</table>"

    def flat(self) -> dict[str, Any]:
        """Every measure by its path.

        Returns
        -------
        dict
            ``"rest/auc"`` → value; lists stay whole.

        Examples
        --------
        >>> Metrics({"a": {"b": 1, "c": 2}}).flat()
        {'a/b': 1, 'a/c': 2}
        """
        return dict(_paths(self._values, ""))

    def to_dict(self) -> dict[str, Any]:
        """As plain dicts, lists, numbers and strings: the same JSON for the same numbers.

        Returns
        -------
        dict
            An interval as ``{value, low, high}``; floats with every digit; no infinity, no NaN.

        Examples
        --------
        >>> Metrics({"share": np.float32(0.5), "bins": np.arange(2)}).to_dict()
        {'share': 0.5, 'bins': [0, 1]}
        """
        plain: dict[str, Any] = _plain(self._values)
        return plain

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Metrics:
        """Back from :meth:`to_dict`.

        Parameters
        ----------
        values : mapping
            The plain dict, for instance read from ``metrics.json``.

        Returns
        -------
        Metrics
            With intervals as :class:`Interval` again.

        Examples
        --------
        >>> Metrics.from_dict({"auc": {"value": 0.5, "low": 0.4, "high": 0.6}})["auc"]
        Interval(value=0.5, low=0.4, high=0.6)
        """
        return cls(_revived(values))


def _nested(value: Any, path: str) -> Any:
    """One value in its stored form, refused if it cannot be JSON."""
    if hasattr(value, "to_dict") and not isinstance(value, Interval):
        value = value.to_dict()
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str) or "/" in name:
                raise ValueError(
                    f"metric {path or '/'}: names must be text without '/', got {name!r}. "
                    "Rename it."
                )
        return {name: _nested(item, f"{path}/{name}".strip("/")) for name, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_nested(item, path) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(
            f"metric {path}: must be finite, got {value}. Give None, or an Interval with a limit."
        )
    if value is None or isinstance(value, bool | int | float | str | Interval):
        return value
    raise TypeError(
        f"metric {path}: must be a number, text, Interval, list or mapping, got "
        f"{type(value).__name__}. Convert it."
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Interval):
        return value.to_dict()
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _revived(value: Any) -> Any:
    if isinstance(value, Mapping):
        if set(value) == _INTERVAL_KEYS:
            return Interval(value["value"], value["low"], value["high"])
        return {name: _revived(item) for name, item in value.items()}
    return [_revived(item) for item in value] if isinstance(value, list) else value


def _paths(values: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _paths(value, f"{path}{name}/")
        else:
            yield f"{path}{name}", value


def _short(value: Any) -> str:
    if isinstance(value, list):
        return f"[{len(value)} entries]"
    if isinstance(value, float):
        return f"{value:.4g}"
    return "–" if value is None else str(value)

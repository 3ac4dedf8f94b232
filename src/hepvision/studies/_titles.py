"""How figures call the classes of a study: each otherwise, and in symbols that can be drawn."""

from __future__ import annotations

from matplotlib.cbook import is_math_text
from matplotlib.mathtext import MathTextParser

from hepvision.core.errors import CardError
from hepvision.figures.style import pretty
from hepvision.studies.card import Study

__all__ = ["require_titles"]


def require_titles(study: Study) -> None:
    """Refuse titles that would fail when the report is drawn, or hide one class behind another.

    Parameters
    ----------
    study : Study
        A card.

    Raises
    ------
    CardError
        With the sample and its title.

    Examples
    --------
    >>> from hepvision.studies.card import resolve
    >>> require_titles(resolve("higgs_diphoton", changes=["samples.higgs.title=γγ"]))
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CardError: samples.diphoton: title: 'γγ' is what figures call \
higgs, too. Give each another.
    """
    known = {"all backgrounds": "all backgrounds together"} if len(study.samples) > 2 else {}
    for key, sample in study.samples.items():
        title = sample.title or pretty(key)
        if title in known:
            raise CardError(
                f"samples.{key}: title: {title!r} is what figures call {known[title]}, too. "
                "Give each another."
            )
        known[title] = key
        try:
            if is_math_text(title):
                MathTextParser("path").parse(title)
        except ValueError as error:
            said = str(error).splitlines()[-1].partition(": ")[2]
            raise CardError(
                f"samples.{key}: title: must be symbols that matplotlib draws, got {title!r}: "
                f"{said.strip()}. Write it without TeX, or see matplotlib's page on mathtext."
            ) from error

"""One table of all entries of one or more runs: same jets, intervals, costs, who is told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any

from hepvision.core.files import atomic_write, write_json
from hepvision.core.names import hint
from hepvision.core.outputs import output_file
from hepvision.evaluation.metrics import Metrics
from hepvision.figures.frame import page
from hepvision.physics.intervals import LEVEL, Interval
from hepvision.studies._compare_fairness import (
    Sample,
    aligned,
    fairness,
    require_one_question,
)
from hepvision.studies._compare_figures import pictures
from hepvision.studies._compare_measures import (
    SIGNIFICANT,
    TESTED,
    Background,
    Pair,
    agreement,
    measured,
    pairs,
)
from hepvision.studies._compare_page import Compared, costs_of, learning_curves, values
from hepvision.studies._compare_rows import Row, read_rows
from hepvision.studies._pages import environment

__all__ = ["Comparison", "compare"]

#: Format of compare.json.
FORMAT = 1


@dataclass(frozen=True)
class Comparison:
    """What came of a comparison.

    Parameters
    ----------
    page : Path
        The page to show; the numbers lie beside it, with the suffix ``.json``.
    numbers : dict
        What that file holds: ``rows`` with measures and costs, ``pairs``, ``agreement``,
        ``learning_curves``, ``fairness``, ``left_out``.

    Examples
    --------
    >>> Comparison(Path("compare.html"), {"rows": [], "fairness": [], "left_out": []})
    compare.html
    """

    page: Path
    numbers: Mapping[str, Any]

    def __repr__(self) -> str:
        lines = [
            f"{row['number']:>2} {row['label']}: 1/ε_b at ε_s = 0.5 "
            f"{_text(row['measures']['rejection_at_0.5'])}, AUC {_text(row['measures']['auc'])}"
            f"{_like(row['not_told_apart_from'])}"
            for row in self.numbers["rows"]
        ]
        lines += [
            f"{'not known' if one['holds'] is None else 'not so'}: {one['name']}: {one['text']}"
            for one in self.numbers["fairness"]
            if not one["holds"]
        ]
        lines += [f"left out: {one}" for one in self.numbers["left_out"]]
        return "\n".join([*lines, str(self.page)])

    def _repr_html_(self) -> str:
        return f'<a href="{escape(str(self.page))}">{escape(str(self.page))}</a><pre>{self!r}</pre>'


def _text(found: Mapping[str, Any]) -> str:
    return str(Interval(found["value"], found["low"], found["high"]))


def _like(numbers: Sequence[int]) -> str:
    return f", not told apart from {', '.join(map(str, numbers))}" if numbers else ""


def compare(
    runs: Sequence[str | Path],
    out: str | Path = "compare.html",
    *,
    against: str = "rest",
    shared: bool = False,
) -> Comparison:
    """Hold all entries of one or more runs against each other, from their folders alone.

    Every number is measured anew on the test examples that all rows have, in one order. Intervals
    hold finite test events, finite validation events where these chose the cut, and the seeds.

    Parameters
    ----------
    runs : sequence of path
        Run folders; those that are not finished give the entries that are.
    out : path
        The page to write; the numbers go beside it as JSON, the same for the same runs.
    against : str
        The background, by the name of its class; all but the signal by default.
    shared : bool
        Judge on the test examples that all rows share, where they differ; refused otherwise.

    Returns
    -------
    Comparison
        Page and numbers.

    Raises
    ------
    ValueError
        Rows have other classes, another signal, or other test examples; or there is no such
        background.
    CorruptFileError
        A folder is no run, or nothing is finished in any.

    References
    ----------
    A. Butter, T. Plehn, et al., SciPost Phys. 7 (2019) 014, arXiv:1902.09914 (such a table).

    Examples
    --------
    >>> compare(["no/such/run"])
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: no/such/run: must be a run folder, got no card.yaml. \
Give the folder of 'hepvision run'.
    """
    path = output_file(out, suffix=".html")
    beside = output_file(path.with_suffix(".json"))
    found = _compared(runs, against, shared)
    numbers = _numbers(found)
    template = environment().get_template("compare.html.j2")
    body = template.render(**values(found), pictures=pictures(found))
    text = page(f"Comparison: {found.title}", body)
    write_json(beside, numbers)
    with atomic_write(path, "w") as file:
        file.write(text)
    return Comparison(path, numbers)


def _compared(paths: Sequence[str | Path], against: str, shared: bool) -> Compared:
    runs, rows, left_out = read_rows(paths)
    require_one_question(rows)
    other = _background(rows[0], against)
    test = aligned(rows, 2, shared)
    if test is None:
        raise ValueError(_different(rows))
    common = aligned(rows, 1)
    found = measured(rows, test, common or _each(rows), other)
    order = sorted(range(len(rows)), key=lambda k: -found[k].lead)
    rows, found = [rows[k] for k in order], [found[k] for k in order]
    test = replace(test, scores=tuple(test.scores[k] for k in order))
    return Compared(
        runs=runs,
        rows=rows,
        numbers=found,
        pairs=pairs(found),
        agreement=agreement(rows, found, test, other),
        checks=fairness(runs, rows, test, common),
        left_out=left_out,
        test=test,
        against=against,
        background=other,
    )


def _each(rows: Sequence[Row]) -> list[Sample]:
    """Validation examples, where rows have their own."""
    found = [one for row in rows if (one := aligned([row], 1)) is not None]
    if len(found) < len(rows):
        raise ValueError(
            "compare: seeds of a row must have the same validation examples, got others. "
            "Run the study anew."
        )
    return found


def _background(row: Row, against: str) -> Background:
    if against == "rest":
        return "rest"
    known = [name for name in row.classes if name != row.signal]
    if against not in known:
        raise ValueError(f"compare: no background {against!r}. {hint(against, ('rest', *known))}")
    return row.classes.index(against)


def _different(rows: Sequence[Row]) -> str:
    """What rows differ in their test examples, in one line."""
    for row in rows[1:]:
        if aligned([rows[0], row], 2) is None:
            counts = [len(one.predictions[0].of_split(2)) for one in (rows[0], row)]
            return (
                f"compare: all rows must have the same test examples, got {counts[0]} of "
                f"{rows[0].label} and others, {counts[1]}, of {row.label}. Compare runs of the "
                "same samples, selection and split, or judge on what they share with --shared."
            )
    return (
        f"compare: seeds of {rows[0].label} must have the same test examples, got others. "
        "Run the study anew."
    )


def _numbers(found: Compared) -> dict[str, Any]:
    """What compare.json holds."""
    rows = [
        {
            "number": k + 1,
            "label": row.label,
            "run": row.run.name,
            "entry": str(row.entry["name"]),
            "title": row.title,
            "representation": row.representation,
            "network": row.network,
            "seeds": list(row.seeds),
            "measures": numbers.to_dict(),
            "costs": costs_of(row),
            "not_told_apart_from": found.like(k),
        }
        for k, (row, numbers) in enumerate(zip(found.rows, found.numbers, strict=True))
    ]
    plain = {
        "format": FORMAT,
        "level": LEVEL,
        "classes": list(found.rows[0].classes),
        "signal": found.rows[0].signal,
        "against": found.against,
        "test_examples": len(found.test.key),
        "runs": [{"name": run.name, "title": found.title_of_run(run)} for run in found.runs],
        "rows": rows,
        "tests": {
            "measures": list(TESTED),
            "adjusted_by": "Holm",
            "number": sum(one is not None for pair in found.pairs for one in pair.tests.values()),
            "significant": SIGNIFICANT,
        },
        "pairs": [_pair(one) for one in found.pairs],
        "agreement": found.agreement.to_dict(),
        "learning_curves": [
            {"rows": [k + 1 for k in curve.rows], "training_events": list(curve.events)}
            for curve in learning_curves(found)
        ],
        "fairness": [one.to_dict() for one in found.checks],
        "left_out": list(found.left_out),
    }
    return Metrics(plain).to_dict()


def _pair(one: Pair) -> dict[str, Any]:
    return {
        "first": one.first + 1,
        "second": one.second + 1,
        "told_apart": one.apart,
        "tests": one.tests,
    }

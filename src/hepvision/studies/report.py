"""The page of a run: what was done, what it is worth, what the events look like."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hepvision.core.errors import CorruptFileError
from hepvision.core.files import atomic_write
from hepvision.figures.frame import page
from hepvision.studies._mass_figures import mass_pictures
from hepvision.studies._pages import environment
from hepvision.studies._report_figures import displays, pictures
from hepvision.studies._report_mass import mass_tables
from hepvision.studies._report_significance import significance_section
from hepvision.studies._report_tables import (
    headline,
    sample_tables,
    warnings,
    working_points,
)
from hepvision.studies._run_folder import RunFolder

__all__ = ["report"]


def report(run_folder: str | Path) -> Path:
    """Write the report of a run, from what its folder holds and nothing else.

    Parameters
    ----------
    run_folder : path
        Needs ``card.yaml`` and ``metrics.json``; a section whose files are not there is left
        out: ``timing.json``, ``environment.json``, ``samples.json``, ``images.npz``,
        ``examples/`` (a store), ``<entry>/<seed>/history.json`` and ``predictions.parquet``.

    Returns
    -------
    Path
        ``report.html`` in the folder: one file, which needs no network.

    Raises
    ------
    CorruptFileError
        A file is missing or damaged.

    Examples
    --------
    >>> report("no/such/run")
    Traceback (most recent call last):
    ...
    hepvision.core.errors.CorruptFileError: no/such/run: must be a run folder, got no card.yaml. \
Give the folder of 'hepvision run'.
    """
    run = RunFolder(Path(run_folder))
    for name in ("card.yaml", "metrics.json"):
        if not (run.path / name).is_file():
            raise CorruptFileError(
                f"{run.path}: must be a run folder, got no {name}. "
                "Give the folder of 'hepvision run'."
            )
    shown = displays(run)
    body = environment().get_template("report.html.j2").render(_values(run, shown))
    path = run.path / "report.html"
    with atomic_write(path, "w") as file:
        file.write(page(str(run.card.get("title", "Report")), body, plots=bool(shown)))
    return path


def _values(run: RunFolder, shown: list[Any]) -> dict[str, Any]:
    """All that the template fills in."""
    entries = list(run.entries())
    return {
        "card": run.card,
        "card_text": (run.path / "card.yaml").read_text(encoding="utf-8"),
        "signal": run.title_of(run.signal),
        "classes": [run.title_of(key) for key in run.classes],
        "entries": entries,
        "headline": headline(run, entries),
        "warnings": warnings(run, entries),
        "working_points": working_points(run, entries),
        "samples": sample_tables(run),
        "significance": significance_section(run, entries),
        "mass": mass_tables(run, entries),
        "pictures": {**pictures(run, entries), **mass_pictures(run, entries)},
        "displays": shown,
        "environment": run.environment,
        "several_seeds": len({one.seed for one in entries}) > 1,
        "on_test": any(one.metrics.get("chosen_on") == "test" for one in entries),
        "events": sum(
            int((sample.get("split") or {}).get("test", 0)) for sample in run.samples.values()
        ),
    }

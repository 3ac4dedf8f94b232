"""The table of formats in docs/formats.md, read off the readers themselves.

``python docs/gen/formats.py`` writes it anew; a test holds the page to it.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from hepvision.core import names
from hepvision.readers._options import options_of

PAGE = Path(__file__).resolve().parent.parent / "formats.md"
BEGIN, END = "<!-- made by docs/gen/formats.py -->\n", "<!-- up to here -->\n"
SECTION = re.compile(r"^References\n-{3,}\n(.*?)(?=^\w[\w ]*\n-{3,}\n|\Z)", re.M | re.S)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def reference(kind: type) -> str:
    """What a reader's docstring refers to, as one line."""
    found = SECTION.search(inspect.getdoc(kind) or "")
    return _cell(found.group(1)) if found else ""


def feeds(collections: tuple[str, ...]) -> list[str]:
    """Representations that read nothing but what is in these collections, with any kind of jet."""
    made = {}
    for name in names.names("representations"):
        kind = names.load("representations", name)
        jets = [{"jet": one} for one in ("FatJet", "Jet")]
        made[name] = [kind(**chosen) for chosen in (jets if "jet" in vars(kind) else [{}])]
    return [
        name
        for name, every in made.items()
        if any(
            {field.partition(".")[0] for field in one.reads if "." in field} <= set(collections)
            for one in every
        )
    ]


def shown_by(collections: tuple[str, ...]) -> list[str]:
    """Views of `hepvision show` that draw one of these collections."""
    return [
        name
        for name in names.names("views")
        if set(names.load("views", name).reads) & set(collections)
    ]


def table() -> str:
    """All formats, a row each."""
    lines = [
        "| format | what it is | collections | feeds | shown by | checked on | reference |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name in names.names("readers"):
        kind = names.load("readers", name)
        cells = [
            f"[`{name}`](components/readers.md)",
            f"{names.summary('readers', name)} {', '.join(f'`{one}`' for one in kind.suffixes)}",
            ", ".join(f"`{one}`" for one in kind.collections),
            ", ".join(f"`{one}`" for one in feeds(kind.collections)) or "none yet",
            ", ".join(f"`{one}`" for one in shown_by(kind.collections)),
            kind.checked,
            reference(kind),
        ]
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(lines) + "\n"


def choices() -> str:
    """Options of the readers, where sources conflict or a file does not tell."""
    lines = ["| format | option | default | values | what it decides |"]
    lines.append("| --- | --- | --- | --- | --- |")
    for name in names.names("readers"):
        for one in options_of(name):
            cells = [f"`{name}`", f"`{one.name}`", f"`{one.default}`", f"`{one.kind}`", one.text]
            lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(lines) + "\n"


def page(text: str) -> str:
    """A page with its tables made anew; what stands between the marks is replaced."""
    parts = iter((table(), choices()))
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    return pattern.sub(lambda found: f"{BEGIN}\n{next(parts)}\n{END}", text)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")

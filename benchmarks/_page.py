"""Run the benchmarks one after the other, and write what they say into ``docs/performance.md``.

    python benchmarks/_page.py                 # all of them
    python benchmarks/_page.py loader training # only these; the other sections stay

A section is replaced when its benchmark has ended well, so that what was stopped goes on with the
names that are left.
"""

from __future__ import annotations

import argparse
import ast
import datetime
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from hepvision.core.environment import doctor
from hepvision.core.files import atomic_write

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "performance.md"
HEAD = """# Performance

What `make bench` measured, each section by the command that stands in it. Ratios are medians of
pairs that ran in turn in one process, with the middle 68 % and the extremes; single times say
little, as other programs ran on some of these machines.
"""


def sections(text: str) -> dict[str, str]:
    """Sections of a page by the name of their benchmark."""
    found = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    return {
        name.strip("`"): f"## {name}{body.rstrip()}\n"
        for name, body in zip(found[::2], found[1::2], strict=True)
    }


def about(file: Path) -> str:
    """What a benchmark says of itself, without the command."""
    text = ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
    return text.partition("\n\n    ")[0]


def measured(file: Path) -> str | None:
    """A new section, or None if the benchmark failed."""
    words = [sys.executable, str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    print(done.stdout, flush=True)
    if done.returncode:
        print(done.stderr, file=sys.stderr, flush=True)
        return None
    machine = doctor()
    day = datetime.datetime.now(datetime.UTC).date()
    return (
        f"## `{file.stem}`\n\n{about(file)}\n\n"
        f"`python benchmarks/{file.name}`, {day}, {machine.processor}, {machine.cores} cores\n\n"
        f"```text\n{done.stdout.rstrip()}\n```\n"
    )


def main(words: Sequence[str] | None = None, page: Path = PAGE) -> int:
    """Run benchmarks and write the page after each; 1 if one failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    files = {one.stem: one for one in sorted(HERE.glob("[!_]*.py"))}
    parser.add_argument("names", nargs="*", help="all if none is given: " + ", ".join(files))
    given = parser.parse_args(words)
    wrong = [name for name in given.names if name not in files]
    if wrong:
        parser.error(f"no benchmark {wrong[0]!r}")
    failed = 0
    for name in given.names or files:
        print(f"== {name}", flush=True)
        made = measured(files[name])
        if made is None:
            failed = 1
            continue
        known = sections(page.read_text("utf-8")) if page.is_file() else {}
        known[name] = made
        with atomic_write(page, "w") as file:
            file.write("\n".join([HEAD, *(known[one] for one in sorted(known))]))
    return failed


if __name__ == "__main__":
    sys.exit(main())

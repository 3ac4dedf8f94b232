"""Print the oldest version of each package that pyproject.toml allows, as pip constraints.

``python .ci/minimums.py --keep torch constraints.txt`` keeps the pin of torch in that file.
"""

import argparse
import re
import sys
import tomllib
from pathlib import Path

LOWEST = re.compile(r"^([\w.-]+)(?:\[[\w,-]+\])?>=([\w.]+)")


def main() -> None:
    """Read the ranges next to this file's folder and write ``name==lowest`` lines."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="append", default=[])
    parser.add_argument("pins", type=Path)
    given = parser.parse_args()
    pins = dict(line.split("==") for line in given.pins.read_text().splitlines() if "==" in line)
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"]]
    for extra, needs in project["optional-dependencies"].items():
        if extra not in {"docs", "dev", "bench", "backbones"}:
            wanted += needs
    for line in wanted:
        found = LOWEST.match(line)
        if found and found.group(1) not in given.keep:
            sys.stdout.write(f"{found.group(1)}=={found.group(2)}\n")
    for name in given.keep:
        sys.stdout.write(f"{name}=={pins[name]}\n")


if __name__ == "__main__":
    main()

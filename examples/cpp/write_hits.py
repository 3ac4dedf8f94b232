"""Write the hits of events as text, for ``score_hits``.

    python write_hits.py STORE_OR_FILE model.onnx > hits.txt

Events are those that pass the selection of the bundle that the file was exported from, with the
hits that its network looks at.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TextIO

import numpy as np

from hepvision.deploy._onnx_bundle import load_onnx
from hepvision.deploy._onnx_hit_feeds import hit_feeds
from hepvision.deploy._scorer import stream_for
from hepvision.events.selection import selected


def table(file: Path) -> list[str]:
    """What names the channels, by index."""
    with file.open(newline="") as text:
        return [" ".join(line[1:-2]) for line in list(csv.reader(text))[1:]]


def write(events: Path, model: Path, out: TextIO) -> None:
    """Write all events that pass the selection."""
    made = load_onnx(model)
    if made.graph != "hits":
        raise SystemExit(f"{model}: must take hits. Export it with --inputs hits.")
    (image,) = made.representations.values()
    tables: dict[str, list[str]] = {}
    for piece in stream_for(events, made):
        rows, _ = selected(piece, made.select)
        feeds = hit_feeds(image, rows)
        for i in range(len(rows)):
            lines = [f"event {rows['run'][i]} {rows['luminosityBlock'][i]} {rows['event'][i]}"]
            for name in (key.partition(".")[0] for key in feeds if key.endswith(".offsets")):
                if name != "Track" and name not in tables:
                    tables[name] = table(model.with_suffix(f".{name}.csv"))
                index, value, offsets = (one for key, one in feeds.items() if key.startswith(name))
                for at in range(offsets[i], offsets[i + 1]):
                    channel = str(index[at]) if name == "Track" else tables[name][index[at]]
                    lines.append(f"{name} {channel} {np.float32(value[at])!s}")
            if "divide_by" in feeds:
                lines.append(f"divide_by {float(feeds['divide_by'][i])!r}")
            if "photons" in feeds:
                lines.append("photons {} {}".format(*feeds["photons"][i]))
            print(*lines, sep="\n", file=out)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(str(__doc__))
    write(Path(sys.argv[1]), Path(sys.argv[2]), sys.stdout)

"""EnergyFlow's and JetNet's pictures, in an environment of theirs: told by jet_images.py when."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from energyflow.utils import pixelate
from jetnet.utils import to_image


def functions(folder: Path, pixels: int, width: float) -> dict[str, Callable[[], np.ndarray]]:
    """Each draws all jets once, from the layout that its library works on."""
    with np.load(folder / "jets.npz") as file:
        offsets, eta, phi, pt = (file[key] for key in ("offsets", "eta", "phi", "pt"))
    jets = np.split(np.stack([pt, eta, phi], axis=1), offsets[1:-1])
    padded = np.zeros((len(jets), int(np.diff(offsets).max()), 3))
    for row, jet in zip(padded, jets, strict=True):
        row[: len(jet)] = jet[:, [1, 2, 0]]

    def energyflow() -> np.ndarray:
        drawn = [pixelate(jet, npix=pixels, img_width=width, norm=False) for jet in jets]
        # its rows run along the azimuth
        return np.stack(drawn)[..., 0].transpose(0, 2, 1)

    def jetnet() -> np.ndarray:
        return np.asarray(to_image(padded, pixels, maxR=width / 2))

    return {"EnergyFlow": energyflow, "JetNet": jetnet}


def main() -> None:
    """Draw whenever a line names a library; leave the last pictures behind."""
    folder, pixels, width = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    known, last = functions(folder, pixels, width), {}
    for line in sys.stdin:
        name = line.strip()
        if name == "end":
            break
        if name in known:
            last[name] = known[name]()
        print(name, flush=True)
    for name, images in last.items():
        np.save(folder / f"{name}.npy", images)


if __name__ == "__main__":
    main()

"""Small Les Houches files: q q̄ → Z → μ μ, with two weights an event."""

from __future__ import annotations

from pathlib import Path

import numpy as np

__all__ = ["SUFFIX", "write"]

SUFFIX = ".lhe"


def write(path: Path, events: int = 7, seed: int = 1) -> dict[str, np.ndarray]:
    """Muons back to back in the frame of a boson that moves along the beam."""
    rng = np.random.default_rng(seed)
    text = ['<LesHouchesEvents version="3.0">', "<header>", "<!-- a & b < c -->", "</header>"]
    text += ["<init>", "2212 2212 6.5e+03 6.5e+03 0 0 260000 260000 3 2"]
    text += ["1.5e+03 2.0e+00 1.0e+00 1", "4.0e+02 1.0e+00 1.0e+00 2"]
    text += ["<generator name='Toy' version='1'>by hand</generator>", "</init>"]
    muons, weights, processes = [], [], []
    for _ in range(events):
        up, down = rng.uniform(20, 400, 2)
        mass, boost = 2 * np.sqrt(up * down), 0.5 * np.log(up / down)
        cosine, phi = rng.uniform(-1, 1), rng.uniform(-np.pi, np.pi)
        sine = np.sqrt(1 - cosine**2)
        way = np.array([sine * np.cos(phi), sine * np.sin(phi), cosine]) * mass / 2
        pair = []
        for sign in (1, -1):
            energy, along = mass / 2, sign * way[2]
            z = np.cosh(boost) * along + np.sinh(boost) * energy
            e = np.cosh(boost) * energy + np.sinh(boost) * along
            pair.append((sign * way[0], sign * way[1], z, e))
        weight, process = float(f"{rng.normal(1, 0.5):.8e}"), int(rng.integers(1, 3))
        boson = (0.0, 0.0, up - down, up + down)
        rows = [
            (2, -1, 0, 0, 501, 0, (0, 0, up, up), 0),
            (-2, -1, 0, 0, 0, 501, (0, 0, -down, down), 0),
        ]
        rows += [(23, 2, 1, 2, 0, 0, boson, mass), (13, 1, 3, 3, 0, 0, pair[0], 0)]
        rows += [(-13, 1, 3, 3, 0, 0, pair[1], 0)]
        text += ["<event>", f" 5 {process} {weight:.8e} {mass:.8e} 7.8e-03 1.2e-01"]
        for pdg, status, one, two, red, green, p, m in rows:
            words = " ".join(f"{value:.14e}" for value in (*p, m))
            text.append(f" {pdg} {status} {one} {two} {red} {green} {words} 0. 9.")
        text += ["#pdf 1 2", "<rwgt>", f"<wgt id='1001'>{2 * weight:.8e}</wgt>"]
        text += [f"<wgt id='1002'>{3 * weight:.8e}</wgt>", "</rwgt>", "</event>"]
        muons.append(pair)
        weights.append(weight)
        processes.append(process)
    path.write_text("\n".join([*text, "</LesHouchesEvents>", ""]), encoding="ascii")
    return {
        "muons": np.array(muons),
        "weight": np.array(weights),
        "process": np.array(processes),
    }

"""Small files by the published layout of the hls4ml jets."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

__all__ = ["JETS", "PARTICLES", "SUFFIX", "write"]

SUFFIX = ".h5"

_SHAPES = [
    "tau1_b1", "tau2_b1", "tau3_b1", "tau1_b2", "tau2_b2", "tau3_b2", "tau32_b1", "tau32_b2",
]  # fmt: skip
_CORRELATORS = [
    "c1_b0", "c1_b1", "c1_b2", "c2_b1", "c2_b2", "d2_b1", "d2_b2", "d2_a1_b1", "d2_a1_b2",
    "m2_b1", "m2_b2", "n2_b1", "n2_b2",
]  # fmt: skip
JETS = (
    [f"j_{name}" for name in ("ptfrac", "pt", "eta", "mass", *_SHAPES, "zlogz", *_CORRELATORS)]
    + [f"j_{name}_mmdt" for name in (*_SHAPES, *_CORRELATORS)]
    + [f"j_mass_{name}" for name in ("trim", "mmdt", "prun", "sdb2", "sdm1")]
    + ["j_multiplicity", "j_g", "j_q", "j_w", "j_z", "j_t", "j_undef"]
)
PARTICLES = [
    "j1_px", "j1_py", "j1_pz", "j1_e", "j1_erel", "j1_pt", "j1_ptrel", "j1_eta", "j1_etarel",
    "j1_etarot", "j1_phi", "j1_phirel", "j1_phirot", "j1_deltaR", "j1_costheta",
    "j1_costhetarel", "j1_pdgid",
]  # fmt: skip


def write(
    path: Path, events: int = 7, seed: int = 1, particles: int = 30, named: bool = True
) -> dict[str, np.ndarray]:
    """Constituents, features and three images; the second jet has no constituent."""
    rng = np.random.default_rng(seed)
    number = rng.integers(2, particles + 1, events)
    number[1:2] = 0
    there = np.arange(particles) < number[:, None]
    pt, eta = rng.exponential(30.0, there.shape), rng.normal(0.3, 0.2, there.shape)
    axis = rng.uniform(-3, 3, events)
    phi = (axis[:, None] + rng.normal(0, 0.2, there.shape) + np.pi) % (2 * np.pi) - np.pi
    columns = np.zeros((*there.shape, 16))
    place = {name: k for k, name in enumerate(PARTICLES)}
    for name, values in {
        "j1_px": pt * np.cos(phi),
        "j1_py": pt * np.sin(phi),
        "j1_pz": pt * np.sinh(eta),
        "j1_e": pt * np.cosh(eta) * 1.01,
        "j1_pt": pt,
        "j1_ptrel": pt / 1000,
        "j1_eta": eta,
        "j1_etarel": eta - 0.3,
        "j1_phi": phi,
        "j1_phirel": phi - axis[:, None],
    }.items():
        columns[..., place[name]] = values
    jets = rng.uniform(0, 1, (events, 59))
    jets[:, JETS.index("j_pt")] = rng.normal(1000, 50, events)
    jets[:, 53:] = 0
    jets[np.arange(events), 53 + np.arange(events) % 6] = 1
    ecal, hcal = np.zeros((events, 100, 100)), np.zeros((events, 100, 100))
    where = rng.integers(0, ecal.size, ecal.size // 100)
    for image in (ecal, hcal):
        image.reshape(-1)[where] = rng.exponential(5.0, len(where))
    truth = {
        "jetConstituentList": columns * there[..., None],
        "jets": jets,
        "jetImage": ecal + hcal,
        "jetImageECAL": ecal,
        "jetImageHCAL": hcal,
    }
    with h5py.File(path, "w") as file:
        for name, values in truth.items():
            file.create_dataset(name, data=values, compression="lzf")
        if named:
            file["jetFeatureNames"] = np.array(JETS, h5py.string_dtype())
            file["particleFeatureNames"] = np.array(PARTICLES, h5py.string_dtype())
    return truth

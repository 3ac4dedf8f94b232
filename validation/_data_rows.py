"""Each section of the data page: from samples to numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import _data_measures as measures
import awkward as ak
import numpy as np
import uproot
from numpy.typing import NDArray

from hepvision.core.cache import cache_folder, cache_key
from hepvision.readers.ispy import Ispy
from hepvision.simulation.simulate import simulate
from hepvision.studies.samples import code_key

__all__ = ["REAL", "ROWS", "SIMULATED", "Samples"]

Array = NDArray[Any]
Row = dict[str, Any]
#: Data sets of the files, and what they are called on the page.
REAL = {
    "MinimumBias_Run2012C_0": "minimum bias",
    "DoublePhoton_Run2012B_0": "two photons",
    "DoubleElectron_Run2012C_0": "two electrons",
    "BJetPlusX_Run2012C_0": "b jets",
}
#: Simulated processes, and the real file whose vertices are matched.
SIMULATED = {
    "minimum_bias": "MinimumBias_Run2012C_0",
    "photon_jet": "DoublePhoton_Run2012B_0",
}
#: Reconstructed vertices an interaction of the simulation, the hard one included.
VERTICES_EACH = 0.85
#: Pile-up of the simulated CMS samples of 2017.
CMS_PILEUP = 32.0
CMS_FILE = "ttH_M125_2017.root"
SHAPES = ("r9", "sieie", "hoe")
#: Both sides: Et, |η| of the barrel and H/E of photons that CMS stores at all.
LEAST_PT, BARREL, LARGEST_HOE = 20.0, 1.44, 0.5


class Samples:
    """Real and simulated events, read or made when they are first asked for."""

    def __init__(self, data: Path, events: int, workers: int = 1):
        self.data, self.events, self.workers = data, events, workers
        self.code = code_key("readers")
        self._read: dict[str, ak.Array] = {}

    def real(self, name: str) -> ak.Array:
        """Events of a display file."""
        if name not in self._read:
            self._read[name] = Ispy().read(self.data / "cms_ispy" / f"{name}.ig")
        return self._read[name]

    def simulated(self, process: str, pileup: float, readout: str) -> ak.Array:
        """Events of a process."""
        key = cache_key(
            {"code": self.code, "events": self.events, "pileup": pileup, "readout": readout}
        )
        store = simulate(
            process,
            self.events,
            cache_folder("validation") / f"data-{process}-{key}",
            pileup=pileup,
            readout=readout,
            workers=self.workers,
            progress=False,
        )
        return store.read()

    def matched(self, process: str) -> ak.Array:
        """Reduced readout at as many vertices as in the file that goes with the process."""
        vertices = ak.mean(ak.num(self.real(SIMULATED[process])["Vertex"]))
        pileup = round(float(vertices) / VERTICES_EACH - 1.0, 1)
        return self.simulated(process, pileup, "reduced")

    def all(self) -> dict[str, ak.Array]:
        """Real files and the samples matched to them."""
        found = {name: self.real(name) for name in REAL}
        return found | {process: self.matched(process) for process in SIMULATED}


def hits(samples: Samples) -> Row:
    """Counts, energies, profiles and tracks."""
    return {name: measures.hit_numbers(events) for name, events in samples.all().items()}


def aligned(samples: Samples) -> Row:
    """Where ECAL and HCAL images fit best."""
    rng = np.random.default_rng(5)
    every = samples.all()
    needed = ["EcalBarrelHit", "HcalHit"]
    every["real"] = ak.concatenate([samples.real(name)[needed] for name in REAL])
    return {name: measures.alignment(events, rng) for name, events in every.items()}


def _chosen(photon: dict[str, Array], kind: int | None) -> dict[str, Array]:
    good = (photon["pt"] > LEAST_PT) & (np.abs(photon["eta"]) < BARREL)
    good &= photon["hoe"] < LARGEST_HOE
    if kind is not None:
        good &= photon["genPartFlav"] == kind
    return {name: photon[name][good] for name in (*SHAPES, "pt")}


def _flat(photons: ak.Array, names: tuple[str, ...]) -> dict[str, Array]:
    return {name: measures.flat(photons[name]) for name in names}


def photons(samples: Samples) -> Row:
    """Shower shapes of prompt and other photons: CMS's simulation, ours, and real b jets."""
    rng = np.random.default_rng(7)
    names = ("pt", "eta", *SHAPES, "genPartFlav")
    ours = samples.simulated("photon_jet", CMS_PILEUP, "full")["Photon"]
    both = {"ours": _flat(ours, names), "cms": {}}
    with uproot.open(samples.data / "cms_nanoaod" / CMS_FILE) as file:
        tree = file["Events"]
        for name in names:
            both["cms"][name] = measures.flat(tree[f"Photon_{name}"].array())
    found: Row = {}
    for side, values in both.items():
        found[side] = {
            title: measures.photon_numbers(_chosen(values, kind), rng)
            for title, kind in (("prompt", 1), ("non-prompt", 0))
        }
    jets = samples.real("BJetPlusX_Run2012C_0")["StoredPhoton"]
    found["real b jets"] = {
        "stored": measures.photon_numbers(_chosen(_flat(jets, names[:-1]), None), rng)
    }
    return found


def reach(samples: Samples) -> Row:
    """How much of a super-cluster lies in the 3×3 and in the 5×5 crystals."""
    from hepvision.reconstruction.clusters import superclusters

    events = samples.simulated("photon_jet", CMS_PILEUP, "full")
    clusters = superclusters(events, 0.8 * LEAST_PT)
    photon = {
        name: measures.flat(events["Photon"][name])
        for name in ("pt", "eta", "hoe", "genPartFlav", "energyRaw")
    }
    event = np.repeat(np.arange(len(events)), ak.num(events["Photon"]))
    known = {
        (int(one), round(float(raw), 3)): place
        for place, (one, raw) in enumerate(zip(clusters.event, clusters.raw, strict=True))
    }
    good = (photon["pt"] > LEAST_PT) & (np.abs(photon["eta"]) < BARREL)
    good &= (photon["hoe"] < LARGEST_HOE) & (photon["genPartFlav"] == 0)
    keys = zip(event[good], photon["energyRaw"][good], strict=True)
    rows = [known.get((int(one), round(float(raw), 3)), -1) for one, raw in keys]
    chosen = np.array([row for row in rows if row >= 0])
    ratios = {
        "E3×3 / E5×5": clusters.e3x3[chosen] / clusters.e5x5[chosen],
        "E5×5 / raw": clusters.e5x5[chosen] / clusters.raw[chosen],
    }
    return {name: [float(x) for x in np.percentile(r, [50, 16, 84])] for name, r in ratios.items()}


#: In the order of the page.
ROWS: dict[str, Callable[[Samples], Row]] = {
    "hits": hits,
    "aligned": aligned,
    "photons": photons,
    "reach": reach,
}

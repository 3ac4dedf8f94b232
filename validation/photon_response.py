"""Fit the energy correction of photons and say what it leaves: about ten minutes on two cores.

    python validation/photon_response.py --out response

simulates photons of 15 to 120 GeV without and with pile-up, prints the constants of
``hepvision/reconstruction/energy_correction.py`` as fitted on every other event, and writes
``validation/photon_response.md``: response of the other events with the constants in the code.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path
from typing import Any

import awkward as ak
import numpy as np

from hepvision.events.store import open_store
from hepvision.reconstruction import photons
from hepvision.reconstruction.energy_correction import corrected_energy, response_terms
from hepvision.simulation.simulate import simulate

REGIONS = {"barrel": (-1.44, 1.44), "endcap": (1.5, 2.55)}
PILEUP = {0: 4000, 20: 2500, 40: 2000}
Columns = dict[str, Any]


def make(out: Path, workers: int) -> None:
    """Simulate what is not there yet."""
    for region, (eta_min, eta_max) in REGIONS.items():
        for pileup, events in PILEUP.items():
            gun = {"low": 15.0, "high": 120.0, "eta_min": eta_min, "eta_max": eta_max}
            simulate(
                "particle_gun",
                events,
                out / f"{region}_{pileup}",
                pileup=pileup,
                parameters=gun,
                workers=workers,
                pool_events=2000,
            )


def columns(folder: Path) -> Columns:
    """Each generated photon with the reconstructed one nearest to it."""
    events = open_store(folder).read()
    own = photons(events)
    gen = ak.firsts(events.GenPart[(events.GenPart.status == 1) & (events.GenPart.pdgId == 22)])
    turn = (own.superclusterPhi - gen.phi + np.pi) % (2 * np.pi) - np.pi
    near = own[(abs(turn) < 0.1) & (abs(own.superclusterEta - gen.eta) < 0.3)]
    best = ak.firsts(near[ak.argmax(near.energyRaw, axis=1, keepdims=True)])
    found = ~ak.to_numpy(ak.is_none(best))

    def plain(values: ak.Array) -> np.ndarray:
        return ak.to_numpy(ak.fill_none(values, 0))[found].astype(float)

    take = {"raw": "energyRaw", "eta": "superclusterEta", "r9": "r9", "sieie": "sieie"}
    table = {key: plain(best[name]) for key, name in take.items()}
    table["energy"] = plain(gen.pt * np.cosh(gen.eta))
    table["pt"] = plain(gen.pt)
    table["converted"] = plain(gen.converted) > 0
    table["vertices"] = np.maximum(plain(ak.num(events.Vertex)), 1)
    table["pileup"] = np.full(found.sum(), int(folder.name.split("_")[1]))
    table["even"] = np.arange(len(events))[found] % 2 == 0
    return table


def fit(table: Columns) -> tuple[float, np.ndarray]:
    """Median regression, by least squares with weights 1/|residual|."""
    et, gen = table["raw"] / np.cosh(table["eta"]), table["energy"] / np.cosh(table["eta"])
    terms = response_terms(et, table["eta"], table["r9"])
    design = np.column_stack([(table["vertices"] - 1.0) / gen, terms])
    weight = np.ones(len(et))
    for _ in range(60):
        scaled = design * weight[:, None]
        # the ridge keeps terms that the sample does not decide near zero
        normal = scaled.T @ scaled + 1e-4 * np.eye(design.shape[1])
        found = np.linalg.solve(normal, scaled.T @ (weight * et / gen))
        weight = 1.0 / np.sqrt(np.maximum(np.abs(et / gen - design @ found), 0.002))
        weight *= 0.05
    return float(found[0]), found[1:]


def effective_width(values: np.ndarray) -> float:
    """Half the shortest range that holds 68.3 %."""
    values = np.sort(values)
    inside = int(0.683 * len(values))
    return float((values[inside:] - values[: len(values) - inside]).min() / 2)


def rows(table: Columns, barrel: bool) -> list[str]:
    """Median response and effective width in bins."""
    response = (
        corrected_energy(
            table["raw"],
            table["eta"],
            table["r9"],
            np.full(len(table["raw"]), barrel),
            table["vertices"],
        )
        / table["energy"]
    )
    eta = np.abs(table["eta"])
    bins = {"all": eta > 0}
    for pileup in PILEUP:
        bins[f"pile-up {pileup}"] = table["pileup"] == pileup
    for low, high in ((15, 25), (25, 40), (40, 70), (70, 120)):
        bins[f"pT {low}–{high} GeV"] = (table["pt"] >= low) & (table["pt"] < high)
    edges = (0, 0.4, 0.8, 1.15, 1.44) if barrel else (1.5, 1.65, 1.8, 2.1, 2.5)
    for low, high in itertools.pairwise(edges):
        bins[f"|η| {low}–{high}"] = (eta >= low) & (eta < high)
    bins |= {"unconverted": ~table["converted"], "converted": table["converted"]}
    bins["R9 > 0.94"] = table["r9"] > 0.94
    lines = []
    for name, chosen in bins.items():
        values = response[chosen]
        error = 1.2533 * effective_width(values) / np.sqrt(len(values))
        lines.append(
            f"| {'barrel' if barrel else 'endcaps'} | {name} | {len(values)} "
            f"| {np.median(values):.4f} ± {error:.4f} | {100 * effective_width(values):.2f} % |"
        )
    return lines


def main() -> None:
    """Simulate, fit, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("response"), help="folder of the stores")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    make(options.out, options.workers)
    lines = [
        "# Response of reconstructed photons",
        "",
        "Made by `python validation/photon_response.py`. Single photons of 15–120 GeV; the fit",
        "used the events that are not in this table.",
        "",
        "| region | bin | photons | median response | effective width |",
        "|---|---|---|---|---|",
    ]
    for region in REGIONS:
        parts = [columns(options.out / f"{region}_{pileup}") for pileup in PILEUP]
        table = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        pileup, terms = fit({key: value[table["even"]] for key, value in table.items()})
        print(f"{region}: PILEUP {pileup:.4f}")
        print("(" + ", ".join(f"{value:.4f}" for value in terms) + ")")
        lines += rows(
            {key: value[~table["even"]] for key, value in table.items()}, region == "barrel"
        )
    report = Path(__file__).with_suffix(".md")
    report.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(report.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()

"""γ+jet with veto and filter against γ+jet without either: rates, kinematics, what the fakes are.

    python validation/closure.py [--events 1000] [--workers 1]

makes ``closure.md`` beside itself: from two independent samples, and from the one without veto and
filter, whose events are generated again to ask what these would have dropped. Events are kept in
the cache, under the code that makes them, chunk by chunk, so a run that was stopped goes on. 1,000
selected events without veto are 45,000 generated ones: half an hour on an idle core, without
pile-up, which neither veto nor filter sees.
"""

from __future__ import annotations

from collections.abc import Mapping

import awkward as ak
import numpy as np
from _closure_pairs import Fate, fates, kept
from _shared import arguments, head, row, write
from scipy.stats import chi2_contingency, ks_2samp

import hepvision
from hepvision.core.cache import cache_folder
from hepvision.events.store import Store
from hepvision.studies.card import resolve
from hepvision.studies.samples import code_key

Columns = Mapping[str, np.ndarray]
CATEGORIES = {
    "central": ("higgs_diphoton", {}),
    "central and forward": ("higgs_diphoton_forward", {"filter_eta": 2.4, "veto_eta": 2.7}),
}
#: What a fake came from, by the identity of the particle that gave most of its energy.
FAKES = {"π⁰": (111,), "η": (221,), "electron": (11,), "other mesons and baryons": ()}


def made(category: str, closed: bool, events: int, workers: int) -> Store:
    """Selected events, with veto and filter or without either."""
    card, parameters = CATEGORIES[category]
    folder = cache_folder("validation") / f"closure-{code_key()}"
    name = f"{category.replace(' ', '_')}-{'with' if closed else 'without'}-{events}"
    on = parameters if closed else {"veto": False, "filter": False}
    return hepvision.simulate(
        "photon_jet",
        events,
        folder / name,
        pileup=0.0,
        seed=31 if closed else 32,
        workers=workers,
        select=list(resolve(card).select),
        parameters=on,
    )


def columns(store: Store) -> Columns:
    """What is compared, one row an event; the fake is the photon that is not prompt."""
    events = store.read(["Photon", "event_id"])
    photons = events["Photon"]
    mass = ak.to_numpy((photons[:, 0] + photons[:, 1]).mass)
    prompt = photons.genPartFlav == 1
    second = np.where(ak.to_numpy(prompt[:, 1]), 0, 1)
    fake = photons[np.arange(len(mass)), second]
    found = {
        "m (GeV)": mass,
        "pT1/m": ak.to_numpy(photons.pt[:, 0]) / mass,
        "pT2/m": ak.to_numpy(photons.pt[:, 1]) / mass,
        "η1": ak.to_numpy(photons.eta[:, 0]),
        "η2": ak.to_numpy(photons.eta[:, 1]),
        "cos Δφ": np.cos(ak.to_numpy(photons.phi[:, 0] - photons.phi[:, 1])),
    }
    found |= {
        f"fake's {title}": ak.to_numpy(fake[field])
        for field, title in (("r9", "R9"), ("sieie", "σ_iηiη"), ("hoe", "H/E"), ("pt", "pT (GeV)"))
    }
    real = ak.to_numpy(ak.all(prompt, axis=1))
    source = np.abs(ak.to_numpy(fake["fakePdgId"]))
    kinds = np.full(len(mass), len(FAKES) - 1)
    for number, ids in enumerate(FAKES.values()):
        kinds[np.isin(source, ids)] = number
    kinds[source == 0] = len(FAKES)
    kinds[real] = len(FAKES) + 1
    return {**found, "kind": kinds}


def rates(stores: Mapping[bool, Store]) -> list[str]:
    """Selected cross-sections and their ratio."""
    stages = ("generated", "after the veto", "after the filter", "selected")
    lines = head("veto and filter", *stages, "selected cross-section (pb)")
    values = {}
    for closed, store in stores.items():
        record = store.manifest["provenance"]
        selected = len(store) * float(record["luminosity_weight"])
        values[closed] = (selected, selected / np.sqrt(len(store)))
        counts = record["counts"]
        left = counts["tried"] - counts["vetoed"]
        numbers = (counts["tried"], left, left - counts["filtered"], len(store))
        value, error = values[closed]
        lines.append(row("on" if closed else "off", *numbers, f"{value:.1f} ± {error:.1f}"))
    ratio = values[True][0] / values[False][0]
    error = ratio * np.hypot(*(one[1] / one[0] for one in values.values()))
    said = f"Kept of the selected rate, two independent samples: **{ratio:.3f} ± {error:.3f}**."
    return [*lines, "", said, ""]


def shapes(on: Columns, off: Columns) -> list[str]:
    """Kolmogorov–Smirnov tests of all distributions, and the origin of fakes."""
    lines = head("quantity", "median, on", "median, off", "p (KS)")
    for name in on:
        if name != "kind":
            p = ks_2samp(on[name], off[name]).pvalue
            medians = (f"{np.median(one[name]):.4g}" for one in (on, off))
            lines.append(row(name, *medians, f"{p:.2f}"))
    names = [*FAKES, "nothing that the record holds", "real photon (q → qγ)"]
    counts = [np.bincount(one["kind"], minlength=len(names)) for one in (on, off)]
    seen = np.stack(counts)[:, (counts[0] + counts[1]) > 0]
    lines += ["", *head("the second photon", "on", "off")]
    for number, name in enumerate(names):
        cells = []
        for one in counts:
            share = one[number] / one.sum()
            cells.append(
                f"{100 * share:.1f} ± {100 * np.sqrt(share * (1 - share) / one.sum()):.1f} %"
            )
        lines.append(row(name, *cells))
    return [*lines, "", f"Composition alike: p = {chi2_contingency(seen).pvalue:.2f}.", ""]


def dropped(all_of: Columns, fate: Fate) -> list[str]:
    """Events that veto or filter would have dropped, against those that they keep."""
    lost = fate.vetoed | fate.filtered
    if lost.sum() < 2:
        return ["Too few events are dropped to say what they are like.", ""]
    lines = head("quantity", "median, kept", "median, dropped", "shift of the median of all")
    for name, values in all_of.items():
        if name != "kind":
            middle, gone, whole = (np.median(values[rows]) for rows in (~lost, lost, lost | ~lost))
            shift = (middle - whole) / max(np.std(values), 1e-12)
            told = f"{shift:+.3f} standard dev."
            lines.append(row(name, f"{middle:.4g}", f"{gone:.4g}", told))
    return [*lines, ""]


def main() -> None:
    """Read the command line, make events, write the page."""
    parser = arguments(__file__, __doc__)
    parser.add_argument("--events", type=int, default=1000, help="selected ones of each kind")
    given = parser.parse_args()
    lines = [
        "# γ+jet: veto and filter against neither",
        "",
        f"Made by `python validation/closure.py --events {given.events}`. Pythia 8 at 8 TeV, no",
        "pile-up, `paper` selection. One p-value in twenty is below 0.05 by chance.",
        "",
    ]
    for category in CATEGORIES:
        stores = {
            closed: made(category, closed, given.events, given.workers) for closed in (True, False)
        }
        lines += [f"## {category.capitalize()}", "", *rates(stores)]
        fate = fates(stores[False], CATEGORIES[category][1], given.workers)
        lines += [*kept(fate), *dropped(columns(stores[False]), fate)]
        lines += shapes(*(columns(store) for store in stores.values()))
        write(given.out, lines)


if __name__ == "__main__":
    main()

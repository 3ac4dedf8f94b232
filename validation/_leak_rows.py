"""Each row of the leak controls: from simulated events to numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import _leak_measures as measures
import awkward as ak
import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from hepvision.core.cache import cache_folder, cache_key
from hepvision.core.inputs import concatenate
from hepvision.events.observables import observable
from hepvision.events.selection import selected
from hepvision.events.split import splits
from hepvision.representations.detector_image import DetectorImage
from hepvision.representations.four_momenta import FourMomenta
from hepvision.representations.photon_features import PhotonFeatures
from hepvision.simulation.simulate import simulate
from hepvision.studies.card import resolve
from hepvision.studies.samples import code_key

__all__ = ["ROWS", "WINDOW", "WINDOWS", "Samples"]

Array = NDArray[Any]
Row = dict[str, Any]
CLASSES = ("higgs_to_diphoton", "prompt_diphoton", "photon_jet")
PAIRS = {1: "γγ", 2: "γ+jet"}
#: Crystals to each side of a photon that are blanked; 15 is ΔR of 0.26.
WINDOWS = (5, 15, 25)
WINDOW = 15
MASS = "diphoton_mass"
#: Of the mass; 0.004 is 0.5 GeV at 125 GeV.
LEAST = (0.001, 0.004)


class Samples:
    """Simulated events, made when they are first asked for."""

    def __init__(self, events: int, workers: int = 1):
        self.number, self.workers, self.code = events, workers, code_key()
        self.select = list(resolve("higgs_diphoton").select)

    def __call__(self, process: str, content: str = "all", seed: int = 1) -> ak.Array:
        """Events of a process that pass the study's selection."""
        decided = {"code": self.code, "select": self.select, "events": self.number, "seed": seed}
        folder = f"{process}-{content}-{cache_key(decided)}"
        store = simulate(
            process,
            self.number,
            cache_folder("validation") / folder,
            seed=seed,
            content=content,
            select=self.select,
            split={"validation": 0.1, "test": 0.5},
            workers=self.workers,
        )
        return selected(store.read(), self.select)[0]

    def classes(self, content: str = "all", seeds: int = 1) -> tuple[list[ak.Array], Array]:
        """Events of all classes, with the seeds 1, 2 …, and their labels."""
        numbers = range(1, seeds + 1)
        made = [ak.concatenate([self(one, content, k) for k in numbers]) for one in CLASSES]
        return made, np.repeat(np.arange(len(made)), [len(one) for one in made])

    def seeds(self) -> tuple[list[ak.Array], Array]:
        """The signal with two seeds, and labels."""
        made = [self(CLASSES[0], seed=seed) for seed in (1, 2)]
        return made, np.repeat([0, 1], [len(one) for one in made])


def areas(scores: Array, label: Array, pairs: dict[int, str] = PAIRS) -> Row:
    """AUC with 68 % and 95 % intervals of class 0 against each other one."""
    found = {}
    for other, name in pairs.items():
        inner = measures.separation(scores, label, other)
        outer = measures.separation(scores, label, other, 0.95)
        found[name] = [inner.value, inner.low, inner.high, outer.low, outer.high]
    return found


def tested(parts: list[ak.Array]) -> NDArray[np.bool_]:
    """Which events are tested; no pile-up of theirs is in the others."""
    return np.concatenate([splits(one) == 2 for one in parts])


def sums(parts: list[ak.Array], image: DetectorImage | None = None) -> Array:
    """Coarse sums of several samples, one after the other."""
    drawn = [(image or DetectorImage())(one)["image"] for one in parts]
    return np.concatenate([measures.coarse_sums(one) for one in drawn])


def positions(parts: list[ak.Array]) -> Array:
    """η1, η2 and cos Δφ of the photons."""
    return np.concatenate([FourMomenta()(one)["vector"].values[:, [1, 3, 4]] for one in parts])


def by_trees(
    parts: list[ak.Array], features: Array, label: Array, pairs: dict[int, str] = PAIRS
) -> Row:
    """AUCs of boosted trees."""
    test = tested(parts)
    return areas(measures.tree_scores(features, label, test), label[test], pairs)


def by_network(
    parts: list[ak.Array], label: Array, image: DetectorImage, pairs: dict[int, str] = PAIRS
) -> Row:
    """AUCs of a ResNet-15."""
    test, drawn = tested(parts), image.measured(iter(parts))
    inputs = concatenate([drawn(one) for one in parts])
    return areas(measures.network_scores(inputs, drawn.spec, label, test), label[test], pairs)


# 1: pile-up alone


def pileup_trees(samples: Samples) -> Row:
    """Trees on coarse sums of pile-up."""
    parts, label = samples.classes("pileup", 4)
    return {"auc": by_trees(parts, sums(parts), label)}


def pileup_network(samples: Samples) -> Row:
    """A network on images of pile-up."""
    parts, label = samples.classes("pileup", 2)
    return {"auc": by_network(parts, label, DetectorImage())}


def pileup_seen(samples: Samples) -> Row:
    """The same trees on the same images, but classes that do differ: by number of interactions."""
    parts, _ = samples.classes("pileup", 2)
    label = np.concatenate([ak.to_numpy(one.pileup) > 20 for one in parts]).astype(int)
    return {"auc": by_trees(parts, sums(parts), label, {1: "more than 20 interactions"})}


def pileup_divided(samples: Samples) -> Row:
    """Pile-up divided by the event's mass, as the study's images are."""
    parts, label = samples.classes("pileup", 2)
    return {"auc": by_trees(parts, sums(parts, DetectorImage(divide_by=MASS)), label)}


def mass_divided(samples: Samples) -> Row:
    """What coarse sums of images, divided by the mass, tell of the mass of prompt pairs."""
    found: Row = {}
    pile_up, events = samples(CLASSES[1], "pileup"), samples(CLASSES[1])
    layers = DetectorImage(divide_by=MASS)
    ecal = DetectorImage(layers=("ecal",), divide_by=MASS)
    images = {
        "pile-up alone, three layers, not divided": (pile_up, DetectorImage()(pile_up)["image"]),
        "pile-up alone, three layers": (pile_up, layers(pile_up)["image"]),
        "whole event, ECAL": (events, ecal(events)["image"]),
        "±7 crystals around the photons, ECAL": (events, measures.photon_windows(events, 7, MASS)),
    }
    for name, (sample, image) in images.items():
        truth = np.log(observable(MASS, sample))
        cuts = (None,) if "not" in name else (None, *LEAST)
        for least in cuts:
            part = image
            if least is not None:
                part = measures.pixels_kept(image, image.value > least)
            features = measures.coarse_sums(part, smallest=least is None)
            one = measures.rsquared(features, truth)
            title = name if least is None else f"{name}, pixels above {least:g} m"
            found[title] = [one.value, one.low, one.high]
    return {"rsquared": found}


def pileup_divided_network(samples: Samples) -> Row:
    """A network on pile-up divided by the event's mass."""
    parts, label = samples.classes("pileup", 2)
    return {"auc": by_network(parts, label, DetectorImage(divide_by=MASS))}


def pileup_counts(samples: Samples) -> Row:
    """Interactions and tracks of pile-up an event, and photons that no hard photon made."""
    parts, label = samples.classes("pileup", 4)
    found: Row = {}
    for process, events in zip(CLASSES, parts, strict=True):
        number = ak.to_numpy(events.pileup).astype(float)
        tracks = ak.to_numpy(ak.num(events.Track, axis=1)).astype(float)
        prompt = ak.to_numpy(ak.sum(events.Photon.genPartFlav == 1, axis=1))
        found[process] = {
            "interactions": [number.mean(), number.std() / np.sqrt(len(number))],
            "tracks": [tracks.mean(), tracks.std() / np.sqrt(len(tracks))],
            "prompt": [float((prompt == k).mean()) for k in (2, 1, 0)],
        }
    number = np.concatenate([ak.to_numpy(one.pileup) for one in parts]).astype(float)
    likely = 1 / (1 + np.exp((number - 20) / 20))
    found["auc"] = areas(np.stack([likely, (1 - likely) / 2, (1 - likely) / 2], axis=1), label)
    return found


def repeats(samples: Samples) -> Row:
    """Images that occur twice, and events that stand in two parts of the split."""
    parts, _ = samples.classes("all")
    parts.append(samples(CLASSES[0], "all", seed=2))
    images = [DetectorImage()(one)["image"] for one in parts]
    shared = 0
    for one in parts:
        part, number = splits(one), ak.to_numpy(one.event_id)
        shared += len(number) - len(np.unique(number))
        shared += sum(
            len(np.intersect1d(number[part == a], number[part == b]))
            for a, b in ((0, 1), (0, 2), (1, 2))
        )
    return {
        "images": sum(map(len, images)),
        "repeated": measures.repeated_images(images),
        "shared": int(shared),
    }


# 2: all but the photons


def blanked_network(samples: Samples) -> Row:
    """A network on images with blanked windows."""
    parts, label = samples.classes("all")
    return {"auc": by_network(parts, label, DetectorImage(without_photons=WINDOW))}


def whole_network(samples: Samples) -> Row:
    """The same network on whole images."""
    parts, label = samples.classes("all")
    return {"auc": by_network(parts, label, DetectorImage())}


def blanked_trees(content: str, window: int) -> Callable[[Samples], Row]:
    """Trees on coarse sums outside the windows."""

    def row(samples: Samples) -> Row:
        parts, label = samples.classes(content, 2 if content == "pileup" else 1)
        return {"auc": by_trees(parts, sums(parts, DetectorImage(without_photons=window)), label)}

    return row


def blanked_layer(layer: str) -> Callable[[Samples], Row]:
    """Trees on coarse sums of one layer of the hard process outside the windows."""

    def row(samples: Samples) -> Row:
        parts, label = samples.classes("hard")
        image = DetectorImage(layers=(layer,), without_photons=WINDOW)  # type: ignore[arg-type]
        return {"auc": by_trees(parts, sums(parts, image), label)}

    return row


def holes(samples: Samples) -> Row:
    """Where the photons are, which is all that the windows themselves can tell."""
    parts, label = samples.classes("all")
    return {"auc": by_trees(parts, positions(parts), label)}


def activity(samples: Samples) -> Row:
    """Tracks, and energy in both calorimeters, of the hard process outside the windows."""
    found: Row = {}
    for process in CLASSES:
        events = samples(process, "hard")
        image = DetectorImage(without_photons=WINDOW)(events)["image"]
        rows, layer = np.repeat(np.arange(len(image)), np.diff(image.offsets)), image.index // 61200
        pair = events.Photon[:, 0] + events.Photon[:, 1]
        above = image.value > np.array([0.0, 0.2, 0.03])[layer]
        columns = {"pair's pT": ak.to_numpy(pair.pt)}
        for number, name in enumerate(("track pT", "ECAL above 0.2 GeV", "HCAL above 0.8 GeV")):
            kept = (layer == number) & above
            columns[name] = np.bincount(rows[kept], image.value[kept], minlength=len(image))
        found[process] = {
            name: [float(np.median(one)), float(one.mean()), float(one.std() / len(one) ** 0.5)]
            for name, one in columns.items()
        }
    return found


# 3: the mass

FITS: dict[str, tuple[Callable[[Array], Array], dict[str, int]]] = {
    "m, 200 trees of depth 3": (np.asarray, {}),
    "ln m, 200 trees of depth 3": (np.log, {}),
    "ln m, 40 trees of depth 2": (np.log, {"depth": 2, "rounds": 40}),
}


def mass(samples: Samples) -> Row:
    """Regress the mass of prompt pairs from the inputs, from shuffled ones, and with energies."""
    events = samples(CLASSES[1])
    inputs = FourMomenta()(events)["vector"].values.astype(float)
    truth = np.asarray(observable(MASS, events), float)
    kept = measures.within_cuts(inputs, truth)
    inputs, truth = inputs[kept], truth[kept]
    energy = inputs[:, [0, 2]] * truth[:, None] * np.cosh(inputs[:, [1, 3]])
    solved = energy[:, 0] / np.cosh(inputs[:, 1]) / inputs[:, 0]
    found: Row = {"events": len(truth), "dropped": int((~kept).sum())}
    for name, (scale, sizes) in FITS.items():
        null = [
            measures.rsquared(
                inputs, scale(measures.shuffled_within_cuts(inputs, truth, seed)), seed, **sizes
            ).value
            for seed in range(20)
        ]
        real = measures.rsquared(inputs, scale(truth), **sizes)
        outer = measures.rsquared(inputs, scale(truth), level=0.95, **sizes)
        with_energy = measures.rsquared(np.hstack([inputs, energy]), scale(truth), **sizes)
        found[name] = {
            "inputs": [real.value, real.low, real.high, outer.low, outer.high],
            "null": [float(np.mean(null)), float(np.std(null, ddof=1)), min(null), max(null)],
            "energies": [with_energy.value, with_energy.low, with_energy.high],
        }
    recoil = np.hypot(
        inputs[:, 0] + inputs[:, 2] * inputs[:, 4],
        inputs[:, 2] * np.sqrt(np.maximum(1 - inputs[:, 4] ** 2, 0)),
    )
    null = [
        spearmanr(recoil, measures.shuffled_within_cuts(inputs, truth, seed)).statistic
        for seed in range(20)
    ]
    found["recoil"] = [
        float(spearmanr(recoil, truth).statistic),
        float(np.mean(null)),
        float(np.std(null, ddof=1)),
    ]
    found["solved"] = float(np.abs(solved / truth - 1).max())
    return found


# 4: labels and seeds that mean nothing


def everything(parts: list[ak.Array]) -> Array:
    """Shower shapes and sums of layers, an event a row."""
    vectors = [PhotonFeatures()(one)["vector"].values for one in parts]
    return np.concatenate([np.concatenate(vectors), sums(parts)], axis=1)


def shuffled_trees(samples: Samples) -> Row:
    """Trees on everything with labels dealt out anew, many times."""
    parts, label = samples.classes("all")
    features, test = everything(parts), tested(parts)
    found: Row = {"auc": by_trees(parts, features, label)}
    pulls = []
    for seed in range(40):
        mixed = measures.shuffled(label, test, seed)
        scores = measures.tree_scores(features, mixed, test, seed)
        for other in PAIRS:
            area = measures.separation(scores, mixed[test], other)
            pulls.append([area.value, 2 * (area.value - 0.5) / (area.high - area.low)])
    value, pull = np.array(pulls).T
    found["shuffles"] = len(pull)
    # the two AUCs of a shuffle share the signal
    found["mean"] = [float(value.mean()), float(value.std() / np.sqrt(len(value) / 2))]
    found["inside"] = [float((np.abs(pull) < 1).mean()), float((np.abs(pull) < 1.96).mean())]
    return found


def shuffled_network(samples: Samples) -> Row:
    """A network on whole images with labels dealt out anew."""
    parts, label = samples.classes("all")
    return {"auc": by_network(parts, measures.shuffled(label, tested(parts), 7), DetectorImage())}


def seeds_trees(samples: Samples) -> Row:
    """The signal against itself with another seed, by trees on everything."""
    parts, label = samples.seeds()
    return {"auc": by_trees(parts, everything(parts), label, {1: "seed 2"})}


def seeds_network(samples: Samples) -> Row:
    """The signal against itself with another seed, by a network on whole images."""
    parts, label = samples.seeds()
    return {"auc": by_network(parts, label, DetectorImage(), {1: "seed 2"})}


ROWS: dict[str, Callable[[Samples], Row]] = {
    "pileup_trees": pileup_trees,
    "pileup_seen": pileup_seen,
    "pileup_divided": pileup_divided,
    "mass_divided": mass_divided,
    "pileup_counts": pileup_counts,
    "repeats": repeats,
    "mass": mass,
    "shuffled_trees": shuffled_trees,
    "seeds_trees": seeds_trees,
    "holes": holes,
    **{f"all_{window}": blanked_trees("all", window) for window in WINDOWS},
    **{f"pileup_{window}": blanked_trees("pileup", window) for window in WINDOWS},
    "hard_blanked": blanked_trees("hard", WINDOW),
    **{f"hard_{layer}": blanked_layer(layer) for layer in ("tracks", "ecal", "hcal")},
    "activity": activity,
    "pileup_network": pileup_network,
    "whole_network": whole_network,
    "blanked_network": blanked_network,
    "shuffled_network": shuffled_network,
    "pileup_divided_network": pileup_divided_network,
    "seeds_network": seeds_network,
}

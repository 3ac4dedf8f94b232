"""Pictures of the data page: energies, occupancy in η, and maps of the barrel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import _data_measures as measures
import awkward as ak
import numpy as np
from _data_rows import SIMULATED, Samples
from numpy.typing import NDArray

from hepvision.figures.style import CLASS_COLOURS, MARKERS, finish, label, new_figure, style

__all__ = ["pictures"]

Array = NDArray[Any]
TITLES = {"minimum_bias": "minimum bias", "photon_jet": "photons"}
EDGES = {
    "EB": np.concatenate([-np.geomspace(1.0, 0.03, 8), np.geomspace(0.03, 100.0, 24)]),
    "EE": np.concatenate([-np.geomspace(5.0, 0.1, 8), np.geomspace(0.1, 300.0, 24)]),
    "HB": np.concatenate([-np.geomspace(1.0, 0.1, 5), np.geomspace(0.1, 100.0, 20)]),
}
LINEAR = {"EB": 0.03, "EE": 0.1, "HB": 0.1}


def _samples(samples: Samples) -> Iterator[tuple[int, ak.Array, bool]]:
    """Number of the process, its events, and whether they are real: each real file first."""
    for index, (process, name) in enumerate(SIMULATED.items()):
        yield index, samples.real(name), True
        yield index, samples.matched(process), False


def _centres(edges: Array) -> Array:
    """Middles of bins that widen by a factor, and of the one that holds zero."""
    product = edges[1:] * edges[:-1]
    geometric = np.sign(edges[1:]) * np.sqrt(np.abs(product))
    return np.where(product > 0, geometric, 0.5 * (edges[1:] + edges[:-1]))


def _draw(
    axes: Any, edges: Array, values: Array, per: Any, index: int, real: bool, centres: Array
) -> None:
    """Entries in bins over ``per``: points for real events, lines for simulated ones."""
    counts = np.histogram(values, edges)[0]
    name = list(TITLES.values())[index]
    colour = CLASS_COLOURS[index]
    if real:
        some = counts > 0
        axes.errorbar(
            centres[some],
            (counts / per)[some],
            (np.sqrt(counts) / per)[some],
            fmt=MARKERS[index],
            color=colour,
            markersize=3.5,
            linewidth=1.0,
            label=f"{name}, real",
        )
    else:
        axes.stairs(counts / per, edges, color=colour, label=f"{name}, simulated")


def _spectra(samples: Samples, path: Path) -> None:
    figure, axes = new_figure(9.2, 7.0, 2, 2)
    for place, part in zip(axes.flat, EDGES, strict=False):
        for index, events, real in _samples(samples):
            energy = measures.flat(measures.columns(events, part)["energy"])
            edges = EDGES[part]
            _draw(place, edges, energy, len(events), index, real, _centres(edges))
        place.set_xscale("symlog", linthresh=LINEAR[part], linscale=0.5)
        ticks = [-1.0, 0.0, 0.1, 1.0, 10.0, 100.0]
        place.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        place.set_xlabel(f"{part} hit energy (GeV)")
    last = axes.flat[3]
    edges = np.geomspace(measures.TRACK_PT, 50.0, 18)
    for index, events, real in _samples(samples):
        pt = measures.flat(events["Track"]["pt"])
        _draw(last, edges, pt, len(events), index, real, _centres(edges))
    last.set_xscale("log")
    last.set_xlabel("track pT (GeV)")
    for place in axes.flat:
        place.set_yscale("log")
        place.set_ylabel("entries an event")
    axes.flat[0].set_ylim(top=3e4)
    axes.flat[0].legend(loc="upper right")
    label(axes.flat[0], source="and CMS 2012")
    label(axes.flat[1], "8 TeV, reduced readout", source="")
    finish(figure)
    figure.savefig(path, dpi=110)


def _places(events: ak.Array) -> dict[str, Array]:
    """η of crystals, towers and tracks."""
    barrel = measures.flat(events["EcalBarrelHit"]["ieta"])
    hits = events["EcalEndcapHit"]
    endcap = measures.endcap_eta(hits) * measures.flat(hits["side"])
    ring = measures.flat(measures.columns(events, "HB")["ieta"])
    tracks = events["Track"][events["Track"]["pt"] > measures.TRACK_PT]
    return {
        "ECAL hits": np.concatenate([(barrel - 0.5 * np.sign(barrel)) * 0.01745, endcap]),
        "HB hits": (ring - 0.5 * np.sign(ring)) * 0.087,
        "tracks": measures.flat(tracks["eta"]),
    }


def _occupancy(samples: Samples, path: Path) -> None:
    figure, axes = new_figure(11.0, 3.6, 1, 3)
    edges = {
        "ECAL hits": np.concatenate(
            [
                -np.linspace(3.0, 1.479, 8),
                np.linspace(-1.479, 1.479, 18)[1:-1],
                np.linspace(1.479, 3.0, 8),
            ]
        ),
        "HB hits": np.linspace(-1.392, 1.392, 17),
        "tracks": np.linspace(-2.5, 2.5, 21),
    }
    for index, events, real in _samples(samples):
        for place, (what, values) in zip(axes, _places(events).items(), strict=True):
            wide = np.diff(edges[what])
            centres = 0.5 * (edges[what][1:] + edges[what][:-1])
            _draw(place, edges[what], values, wide * len(events), index, real, centres)
            place.set_xlabel("η")
            place.set_ylabel(f"{what} an event and unit of η")
    for place in axes:
        place.set_ylim(0.0, place.get_ylim()[1])
    top = axes[1].get_ylim()[1]
    axes[1].set_ylim(0.0, 1.9 * top)
    axes[1].legend(loc="upper center", fontsize=9)
    label(axes[0], source="and CMS 2012")
    finish(figure)
    figure.savefig(path, dpi=110)


def _maps(samples: Samples, path: Path) -> None:
    figure, axes = new_figure(9.2, 3.6, 1, 2, sharey=True)
    real, simulated = samples.real("DoublePhoton_Run2012B_0"), samples.matched("photon_jet")
    shown = {
        "two photons, CMS 2012, one event": real[2],
        "γ+jet, simulated, one event": simulated[1],
    }
    for place, (title, event) in zip(axes, shown.items(), strict=True):
        hits = event["EcalBarrelHit"]
        ring = np.asarray(hits["ieta"]).astype(float)
        image = place.scatter(
            np.asarray(hits["iphi"]),
            ring,
            c=np.asarray(hits["energy"]),
            s=1.5,
            cmap="viridis",
            vmin=-0.1,
            vmax=0.5,
            rasterized=True,
        )
        place.set_xlabel("iφ")
        place.set_title(title, fontsize=10)
        place.set_xlim(1, 360)
        place.set_ylim(-85, 85)
    axes[0].set_ylabel("iη")
    figure.colorbar(image, ax=axes, label="energy (GeV)", extend="both")
    finish(figure)
    figure.savefig(path, dpi=110)


def pictures(samples: Samples, folder: Path) -> dict[str, str]:
    """Draw all; file names by what they show."""
    made = {"spectra": _spectra, "occupancy": _occupancy, "maps": _maps}
    names = {name: f"data_{name}.png" for name in made}
    with style():
        for name, draw in made.items():
            draw(samples, folder / names[name])
    return names

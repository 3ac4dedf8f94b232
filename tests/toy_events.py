"""Small random events with every collection that representations read."""

from __future__ import annotations

import awkward as ak
import numpy as np

from hepvision.events.schema import FIELDS, build, empty, flat, from_columns

__all__ = ["TOY_IMAGE", "toy_events", "turned"]

#: What the attributes say of the toy's ``Pixel``.
TOY_IMAGE = {"shape": [2, 8, 8], "channels": ["tracks", "ecal"], "unit": "GeV"}


def _column(rng: np.random.Generator, name: str, key: str, size: int) -> np.ndarray:
    dtype = np.dtype(FIELDS[name][key].dtype)
    if key in {"ieta", "side"}:
        limit = {"EcalBarrelHit": 85, "HcalHit": 28, "EcalEndcapHit": 1}[name]
        return (rng.integers(1, limit + 1, size) * rng.choice([-1, 1], size)).astype(dtype)
    if key == "iphi":
        return rng.integers(1, 361 if name == "EcalBarrelHit" else 73, size).astype(dtype)
    if name == "Pixel" and key == "index":
        return rng.integers(0, np.prod(TOY_IMAGE["shape"]), size).astype(dtype)
    if key in {"ix", "iy"}:
        return rng.integers(1, 101, size).astype(dtype)
    if key.lower().endswith(("phi", "phiecal")):
        return rng.uniform(-np.pi, np.pi, size).astype(dtype)
    if "eta" in key.lower() and key != "sieie":
        return rng.uniform(-1.6, 1.6, size).astype(dtype)
    if key == "mass":
        return np.zeros(size, dtype)
    if key == "pt":
        return (20 + rng.exponential(30, size)).astype(dtype)
    if dtype.kind == "b":
        return rng.random(size) < 0.5
    if dtype.kind in "iu":
        return rng.integers(0, 2, size).astype(dtype)
    return rng.exponential(1.0, size).astype(dtype)


def toy_events(
    number: int,
    seed: int = 0,
    *,
    sample: str | list[str] = "toy",
    photons: int | None = None,
    jets: int | None = None,
    mean: int = 30,
    first_id: int = 0,
) -> ak.Array:
    """Events of random hits, tracks and photons; other objects are random too.

    Parameters
    ----------
    number, seed : int
        How many, and from which random stream.
    sample : str or list of str
        Name of the sample.
    photons : int, optional
        Photons an event; random from 0 to 3 by default.
    jets : int, optional
        Jets an event, the same as ``Jet`` and ``FatJet`` and in no order, whose constituents the
        particles are. By default the random jets have nothing to do with the particles.
    mean : int
        Mean number of hits of each kind; 0 for empty events.
    first_id : int
        Number of the first event.
    """
    rng = np.random.default_rng(seed)
    ids = np.arange(first_id, first_id + number, dtype=np.uint64)
    one = np.ones(number)
    scalars = {
        "event_id": ids,
        "sample": sample,
        "weight": one,
        "run": one,
        "luminosityBlock": one,
        "event": ids,
        "pileup": rng.integers(0, 40, number),
    }
    collections = {}
    for name in FIELDS:
        fields = empty(0, name).fields
        if name in {"GenPart", "StoredPhoton"}:
            continue
        counts = rng.poisson(mean, number)
        if name == "Photon":
            counts = rng.integers(0, 4, number) if photons is None else np.full(number, photons)
        counts = counts if mean else np.zeros(number, int)
        offsets = np.concatenate([[0], np.cumsum(counts)])
        columns = {key: _column(rng, name, key, int(offsets[-1])) for key in fields}
        collections[name] = from_columns(offsets, columns, name)
        if name == "Photon":
            order = ak.argsort(collections[name].pt, axis=1, ascending=False)
            collections[name] = collections[name][order]
    if jets is not None and mean:
        # numbers of their own, so that all other collections stay as they were
        collections |= _toy_jets(collections, jets, np.random.default_rng([seed, jets]))
    return build(scalars, collections, {"image": TOY_IMAGE})


def _toy_jets(
    collections: dict[str, ak.Array], jets: int, rng: np.random.Generator
) -> dict[str, ak.Array]:
    """Jets, and the particles as their constituents, within some 0.3 of the axes."""
    offsets, particle = flat(collections["Particle"])
    events, number = len(offsets) - 1, int(offsets[-1])
    index = rng.integers(0, jets, number)
    owner = np.repeat(np.arange(events), np.diff(offsets)) * jets + index
    axis = {
        "eta": rng.uniform(-1.6, 1.6, events * jets),
        "phi": rng.uniform(-np.pi, np.pi, events * jets),
    }
    phi = axis["phi"][owner] + rng.normal(0, 0.25, number)
    charge = rng.integers(-1, 2, number)
    kinds = np.where(charge == 0, rng.choice([22, 130], number), charge * 211)
    made = {
        **particle,
        "eta": axis["eta"][owner] + rng.normal(0, 0.25, number),
        "phi": (phi + np.pi) % (2 * np.pi) - np.pi,
        "charge": charge,
        "pdgId": kinds,
        "jetIdx": index,
    }
    jet = {
        **axis,
        "pt": np.bincount(owner, particle["pt"], events * jets),
        "mass": rng.uniform(5, 90, events * jets),
    }
    found = {"Particle": from_columns(offsets, made, "Particle")}
    for name in ("Jet", "FatJet"):
        others = {
            key: _column(rng, name, key, events * jets)
            for key in collections[name].fields
            if key not in jet
        }
        found[name] = from_columns(np.arange(events + 1) * jets, {**jet, **others}, name)
    return found


def turned(events: ak.Array, crystals: int) -> ak.Array:
    """The same events turned by a number of crystals; whole towers are five.

    Parameters
    ----------
    events : ak.Array
        Events.
    crystals : int
        Degrees to turn by.
    """
    made = events
    barrel, towers = made["EcalBarrelHit"], made["HcalHit"]
    crystal, tower = (ak.values_astype(one.iphi, np.int16) - 1 for one in (barrel, towers))
    barrel = ak.with_field(barrel, (crystal + crystals) % 360 + 1, "iphi")
    towers = ak.with_field(towers, (tower + crystals // 5) % 72 + 1, "iphi")
    made = ak.with_field(ak.with_field(made, barrel, "EcalBarrelHit"), towers, "HcalHit")
    for name, keys in {
        "Track": ("phi", "phiEcal"),
        "Photon": ("phi", "superclusterPhi"),
    }.items():
        objects = made[name]
        for key in keys:
            angle = objects[key] + np.deg2rad(crystals)
            objects = ak.with_field(objects, (angle + np.pi) % (2 * np.pi) - np.pi, key)
        made = ak.with_field(made, objects, name)
    return made

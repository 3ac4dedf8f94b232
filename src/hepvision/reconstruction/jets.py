"""Jets of the energy flow: pile-up subtracted, calibrated, with a b tag."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.events.schema import flat, from_columns
from hepvision.physics.jets import Jets, anti_kt
from hepvision.reconstruction._jet_kernel import flavours, nearest
from hepvision.reconstruction.energy_flow import (
    CHARGED,
    ELECTRON,
    NEUTRAL,
    PHOTON,
    Candidates,
)

__all__ = ["B_TAG", "RADIUS", "b_tags", "hadron_flavours", "jets", "pile_up", "response"]

Array = NDArray[Any]

#: Of the years 2010 to 2012.
RADIUS = 0.5
#: Chance of the tag of CSV at its medium working point, by ``hadronFlavour``.
B_TAG = {5: 0.70, 4: 0.20, 0: 0.015}
_TRACKER = 2.4
#: Softest hadron with a heavy quark that makes a jet a heavy one.
_HADRON_PT = 5.0  # GeV
_LEAST_RAW = 4.0  # GeV
#: Where no track tells which charged particles are pile-up, all of it is in the jet: as much more.
_TRACKLESS, _ALL = 2.5, 2.5
_TIGHT = 2  # bit of jetId
#: Mean response at these measured pT and |η|, between them linear in ln pT and |η|: from tt̄ and
#: dijets without pile-up. In tt̄ with seven pile-up interactions medians then lie within 0.04 of 1
#: for 30 GeV and more in the tracker, and 0.1 above it in the forward calorimeter.
_PT = np.array([15.0, 20.0, 28.0, 38.0, 54.0, 75.0, 105.0, 165.0])  # GeV
_ETA = np.array([0.5, 1.15, 1.45, 1.8, 2.25, 2.75, 3.25, 4.2])
_RESPONSE = np.array(
    [
        [0.806, 0.814, 0.821, 0.828, 0.849, 0.861, 0.873, 0.900],
        [0.790, 0.792, 0.790, 0.817, 0.845, 0.859, 0.870, 0.902],
        [0.750, 0.752, 0.769, 0.788, 0.816, 0.822, 0.846, 0.905],
        [0.725, 0.727, 0.751, 0.774, 0.785, 0.823, 0.848, 0.876],
        [0.725, 0.733, 0.768, 0.802, 0.831, 0.853, 0.880, 0.890],
        [0.698, 0.738, 0.800, 0.832, 0.845, 0.865, 0.880, 0.890],
        [0.907, 0.930, 0.924, 0.926, 0.924, 0.924, 0.924, 0.924],
        [0.955, 0.960, 0.956, 0.956, 0.956, 0.956, 0.956, 0.956],
    ]
)


def response(pt: Any, eta: Any) -> NDArray[np.float64]:
    r"""Mean of measured over generated pT of a jet whose pile-up is subtracted.

    Parameters
    ----------
    pt, eta : array, shape (N,), GeV, -
        As measured.

    Returns
    -------
    array, shape (N,)
        What pT is divided by.

    Examples
    --------
    >>> bool(0.5 < response(50.0, 0.0) < 1.2)
    True
    """
    x = np.interp(np.log(np.maximum(pt, 1.0)), np.log(_PT), np.arange(len(_PT)))
    y = np.interp(np.abs(eta), _ETA, np.arange(len(_ETA)))
    column = np.minimum(x.astype(np.int64), len(_PT) - 2)
    row = np.minimum(y.astype(np.int64), len(_ETA) - 2)
    u, v = x - column, y - row
    low = (1 - u) * _RESPONSE[row, column] + u * _RESPONSE[row, column + 1]
    high = (1 - u) * _RESPONSE[row + 1, column] + u * _RESPONSE[row + 1, column + 1]
    found: NDArray[np.float64] = (1 - v) * low + v * high
    return found


def pile_up(density: Any, eta: Any) -> NDArray[np.float64]:
    r"""Transverse momentum that pile-up adds to a jet: density times :math:`\pi R^2`.

    Beyond the tracker charged pile-up cannot be told apart; there it is 2.5 times as much.

    Parameters
    ----------
    density : array, shape (N,), GeV
        Of neutral pT in the event, in a unit of η and φ.
    eta : array, shape (N,)
        Of the jets.

    Returns
    -------
    array, shape (N,), GeV
        What is subtracted.

    Examples
    --------
    >>> pile_up(np.array([4.0, 4.0]), np.array([0.0, -3.0])).round(2).tolist()
    [3.14, 7.85]
    """
    more = np.where(np.abs(eta) > _TRACKLESS, _ALL, 1.0)
    return np.asarray(density, float) * more * (np.pi * RADIUS**2)


def b_tags(flavour: Any, eta: Any, rng: np.random.Generator) -> NDArray[np.bool_]:
    r"""Draw b tags with the efficiencies of CSV medium, 0.70, 0.20 and 0.015 for b, c and light.

    Nothing of the jet itself is looked at: the tag follows the true flavour and is independent
    from jet to jet. Beyond the tracker, :math:`|\eta|` > 2.4, there is none.

    Parameters
    ----------
    flavour : array of int, shape (N,)
        ``hadronFlavour``: 5, 4 or 0.
    eta : array, shape (N,)
        Pseudorapidity of the jets.
    rng : Generator
        One draw a jet.

    Returns
    -------
    array of bool, shape (N,)
        Whether tagged.

    References
    ----------
    CMS Collaboration, Identification of b-quark jets with the CMS experiment, JINST 8 (2013)
    P04013, arXiv:1211.4462.

    Examples
    --------
    >>> b_tags(np.array([5, 5]), np.array([0.0, 3.0]), np.random.default_rng(1)).tolist()
    [True, False]
    """
    flavour = np.asarray(flavour)
    chance = np.full(len(flavour), B_TAG[0])
    for quark in (4, 5):
        chance[flavour == quark] = B_TAG[quark]
    drawn = rng.random(len(flavour)) < chance
    found: NDArray[np.bool_] = drawn & (np.abs(eta) < _TRACKER)
    return found


def hadron_flavours(
    offsets: Any, eta: Any, phi: Any, truth_offsets: Any, truth: Any, radius: float = RADIUS
) -> NDArray[np.int64]:
    """Flavour of jets by the hadrons in them.

    Parameters
    ----------
    offsets : array of int, shape (B + 1,)
        Jets of each event.
    eta, phi : array, shape (N,), -, rad
        Their axes.
    truth_offsets : array of int, shape (B + 1,)
        Generated particles of each event.
    truth : mapping of arrays, shape (G,)
        Columns of ``GenPart``.
    radius : float
        Largest ΔR of a hadron and the jet.

    Returns
    -------
    array of int64, shape (N,)
        5 if a hadron with a b quark above 5 GeV belongs to the jet, else 4 for a c quark, else 0.

    Examples
    --------
    >>> b = {"pt": [30.0], "eta": [0.2], "phi": [0.0], "pdgId": [521]}
    >>> hadron_flavours([0, 2], [0.0, 1.0], [0.0, 1.0], [0, 1], b).tolist()
    [5, 0]
    """
    directions = [np.asarray(truth[name], float) for name in ("pt", "eta", "phi")]
    return np.asarray(
        flavours(
            np.asarray(offsets, np.int64),
            np.stack([np.asarray(eta, float), np.asarray(phi, float)], axis=1),
            np.asarray(truth_offsets, np.int64),
            np.stack(directions, axis=1),
            np.asarray(truth["pdgId"], np.int64),
            radius,
            _HADRON_PT,
        )
    )


def jets(
    events: ak.Array,
    found: Candidates,
    used: NDArray[np.bool_],
    rng: np.random.Generator,
    least_pt: float = 10.0,
) -> ak.Array:
    r"""Cluster jets by anti-:math:`k_T` with R = 0.5.

    From the pT of a jet the neutral pile-up is subtracted, the density of the event times
    :math:`\pi R^2`; charged pile-up is not among the candidates. What is left is divided by the
    mean response.

    Parameters
    ----------
    events : ak.Array, shape (B,)
        ``GenPart`` tells the flavour, ``GenJet`` the matched jet, as far as they are there.
    found : Candidates
        Of these events.
    used : array of bool, shape (N,)
        Candidates that belong to isolated leptons and to no jet.
    rng : Generator
        Draws the b tags.
    least_pt : float, GeV
        Softer jets are left out.

    Returns
    -------
    ak.Array
        B lists of ``Jet`` records, highest pT first. ``rawFactor`` holds calibration and
        subtraction together.

    Raises
    ------
    MissingExtraError
        FastJet is not installed.

    References
    ----------
    M. Cacciari, G. P. Salam, Pileup subtraction using jet areas, Phys. Lett. B 659 (2008) 119,
    arXiv:0707.1378. CMS Collaboration, JINST 6 (2011) P11002, arXiv:1107.4277.

    Examples
    --------
    >>> from hepvision.reconstruction.energy_flow import energy_flow
    >>> crystal = [{"ieta": 1, "iphi": 11, "energy": 30.0}]
    >>> events = ak.Array([{"EcalBarrelHit": crystal}])
    >>> flow = energy_flow(events)
    >>> jets(events, flow, np.zeros(1, bool), np.random.default_rng(1)).neEmEF.tolist()
    [[1.0]]
    """
    rows = np.flatnonzero(~used & (found.pt > 0))
    before = np.concatenate([[0], np.cumsum(~used & (found.pt > 0))])
    momenta = found.momenta()[rows]
    made = anti_kt(before[found.offsets], momenta, RADIUS, _LEAST_RAW)
    event = np.repeat(np.arange(len(events)), np.diff(made.offsets))
    px, py, pz, energy = made.momenta.T
    raw = np.hypot(px, py)
    eta, phi = np.arcsinh(pz / np.maximum(raw, 1e-9)), np.arctan2(py, px)
    left = raw - pile_up(found.density[event], eta)
    pt = np.maximum(left, 0.0) / response(left, eta)
    scale = pt / np.maximum(raw, 1e-9)
    columns: dict[str, Array] = {
        "pt": pt,
        "eta": eta,
        "phi": phi,
        "mass": scale * np.sqrt(np.maximum(energy**2 - raw**2 - pz**2, 0.0)),
        "area": np.full(len(pt), np.pi * RADIUS**2),
        "rawFactor": 1.0 - raw / np.maximum(pt, 1e-9),
        **_shares(made, found.kind[rows], momenta[:, 3]),
    }
    columns["jetId"] = np.where(_identified(columns), _TIGHT, 0)
    kept = np.flatnonzero(pt >= least_pt)
    order = kept[np.lexsort((-pt[kept], event[kept]))]
    columns = {name: column[order] for name, column in columns.items()}
    counts = np.bincount(event[order], minlength=len(events))
    offsets = np.concatenate([[0], np.cumsum(counts)])
    columns |= _truth(events, offsets, columns)
    if "hadronFlavour" in columns:
        columns["bTag"] = b_tags(columns["hadronFlavour"], columns["eta"], rng)
    return from_columns(offsets, columns, "Jet")


def _shares(made: Jets, kind: Array, energy: Array) -> dict[str, Array]:
    """Number of members and shares of their energy."""
    sizes = np.diff(made.member_offsets)
    owner = np.repeat(np.arange(len(sizes)), sizes)
    kinds, energies = kind[made.members], energy[made.members]
    total = np.maximum(np.bincount(owner, energies, minlength=len(sizes)), 1e-9)
    names = {"chHEF": CHARGED, "chEmEF": ELECTRON, "neEmEF": PHOTON, "neHEF": NEUTRAL}
    parts = {
        name: np.bincount(owner, energies * (kinds == one), minlength=len(sizes)) / total
        for name, one in names.items()
    }
    return {"nConstituents": sizes, **parts}


def _identified(jet: dict[str, Array]) -> NDArray[np.bool_]:
    """Not a single particle, nor of one kind: CMS's loose identification of 2011."""
    passed = (jet["nConstituents"] > 1) & (jet["neHEF"] < 0.99) & (jet["neEmEF"] < 0.99)
    central = np.abs(jet["eta"]) < _TRACKER
    found: NDArray[np.bool_] = passed & (~central | ((jet["chHEF"] > 0) & (jet["chEmEF"] < 0.99)))
    return found


def _truth(events: ak.Array, offsets: Array, jet: dict[str, Array]) -> dict[str, Array]:
    """Flavour and matched generated jet, as far as the events know them."""
    found: dict[str, Array] = {}
    if "GenPart" in events.fields:
        truth = flat(events["GenPart"])
        found["hadronFlavour"] = hadron_flavours(offsets, jet["eta"], jet["phi"], *truth)
    if "GenJet" in events.fields:
        starts, other = flat(events["GenJet"])
        axes, places = (
            np.stack([one["eta"], one["phi"]], axis=1).astype(float) for one in (jet, other)
        )
        found["genJetIdx"] = nearest(offsets, axes, starts, places, 0.5 * RADIUS)
    return found

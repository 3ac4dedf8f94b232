"""The two leading photons of each event as flat columns."""

import awkward as ak
import numpy as np
from numpy.typing import NDArray

from hepvision.events.schema import flat
from hepvision.physics.kinematics import delta_phi

__all__ = ["FOUR_MOMENTA", "kinematics", "leading_pair", "leading_photons"]

FOUR_MOMENTA = ("pt1_over_mass", "eta1", "pt2_over_mass", "eta2", "cos_delta_phi")

#: cosh Δη − cos Δφ below which directions in float32 do not tell two photons apart.
LEAST = 1e-9

Column = NDArray[np.float64]


def leading_photons(examples: ak.Array, fields: tuple[str, ...]) -> ak.Array:
    """The two photons of largest pT, or as many as there are.

    Parameters
    ----------
    examples : ak.Array
        B events.
    fields : tuple of str
        Photon fields, beside pt.

    Returns
    -------
    ak.Array
        Up to two photons an event, the leading one first.
    """
    photons = examples["Photon"][list(dict.fromkeys(("pt", *fields)))]
    order = ak.argsort(photons.pt, axis=1, ascending=False, stable=True)
    return photons[order][:, :2]


def leading_pair(
    examples: ak.Array, fields: tuple[str, ...]
) -> tuple[NDArray[np.bool_], dict[str, Column]]:
    """Fields of the two photons of largest pT.

    Parameters
    ----------
    examples : ak.Array
        B events.
    fields : tuple of str
        Photon fields.

    Returns
    -------
    there : array of bool, shape (B,)
        Whether the event has two photons.
    columns : dict of array, shape (P, 2)
        For the P events that have; the leading one first.
    """
    photons = leading_photons(examples, fields)
    there = ak.to_numpy(ak.num(photons, axis=1)) == 2
    _, columns = flat(photons[there])
    return there, {key: columns[key].reshape(-1, 2).astype(float) for key in fields}


def kinematics(pair: dict[str, Column]) -> Column:
    r"""pT1/m, η1, pT2/m, η2, cos Δφ.

    The energies are left out on purpose: with them the mass could be solved for.

    Parameters
    ----------
    pair : dict of array, shape (P, 2)
        pt, eta, phi in GeV, -, rad.

    Returns
    -------
    array, shape (P, 5)
        Features; photons are massless, so
        :math:`m^2 = 2 p_{T1} p_{T2} (\cosh\Delta\eta - \cos\Delta\phi)`. Ratios are 0 where
        there is no mass: photons in one place, or without pT.
    """
    pt, eta, phi = pair["pt"], pair["eta"], pair["phi"]
    cosine = np.cos(delta_phi(phi[:, 0], phi[:, 1]))
    opening = np.cosh(eta[:, 0] - eta[:, 1]) - cosine
    mass = np.sqrt(np.maximum(2 * pt[:, 0] * pt[:, 1] * opening, 0.0))[:, None]
    share = np.divide(
        pt, mass, out=np.zeros_like(pt), where=(mass > 0) & (opening > LEAST)[:, None]
    )
    return np.column_stack([share[:, 0], eta[:, 0], share[:, 1], eta[:, 1], cosine])

"""Missing transverse momentum of the energy flow."""

from __future__ import annotations

import awkward as ak
import numpy as np

from hepvision.events.schema import flat, from_columns
from hepvision.reconstruction.energy_flow import Candidates
from hepvision.reconstruction.jets import pile_up

__all__ = ["missing_momentum"]

#: Jets softer than this are not corrected.
_LEAST_JET = 15.0  # GeV


def missing_momentum(found: Candidates, jets: ak.Array) -> ak.Array:
    r"""What balances all candidates, with the calibration of the jets among them.

    .. math:: \vec p_T^\mathrm{\,miss} = -\sum_i \vec p_{T,i}
       - \sum_\mathrm{jets} (\vec p_T - \vec p_T^\mathrm{\,subtracted})

    Parameters
    ----------
    found : Candidates
        Of B events.
    jets : ak.Array
        B lists of ``Jet`` records of the same candidates, with ``rawFactor``.

    Returns
    -------
    ak.Array
        B lists of one ``MET`` record: pt, phi, sumEt.

    References
    ----------
    CMS Collaboration, Missing transverse energy performance of the CMS detector, JINST 6 (2011)
    P09001, arXiv:1106.5048.

    Examples
    --------
    >>> from hepvision.reconstruction.energy_flow import energy_flow
    >>> from hepvision.events.schema import empty
    >>> crystal = [{"ieta": 1, "iphi": 11, "energy": 30.0}]
    >>> flow = energy_flow(ak.Array([{"EcalBarrelHit": crystal}]))
    >>> missing_momentum(flow, empty(1, "Jet")).sumEt.tolist()
    [[30.0]]
    """
    number = len(found.offsets) - 1
    event = found.event
    px, py = (
        -np.bincount(event, found.pt * way(found.phi), minlength=number) for way in (np.cos, np.sin)
    )
    offsets, jet = flat(jets)
    owner = np.repeat(np.arange(number), np.diff(offsets))
    hard = jet["pt"] > _LEAST_JET
    # back to what the candidates sum to, less the pile-up, which is even in φ
    shift = np.where(hard, jet["pt"] * jet["rawFactor"], 0.0).astype(float)
    shift += np.where(hard, pile_up(found.density[owner], jet["eta"]), 0.0)
    px -= np.bincount(owner, shift * np.cos(jet["phi"]), minlength=number)
    py -= np.bincount(owner, shift * np.sin(jet["phi"]), minlength=number)
    columns = {
        "pt": np.hypot(px, py),
        "phi": np.arctan2(py, px),
        "sumEt": np.bincount(event, found.pt, minlength=number),
    }
    return from_columns(np.arange(number + 1), columns, "MET")

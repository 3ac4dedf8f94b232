"""Responses of single particles against a committed record, so that none shifts unseen.

After a change that is meant to shift them: ``python tests/simulation/test_responses.py``, and say
in the commit what moved and why.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from hepvision.simulation._channels import ENDCAP_FIRST, HCAL_FIRST
from hepvision.simulation.detector import respond

RECORD = Path(__file__).with_name("responses.json")
SHOTS = 600
MASS = {22: 0.0, 11: 0.000511, 13: 0.10566, 211: 0.13957, 130: 0.49761, -2212: 0.93827}
CASES = [
    (22, 5.0, 0.3),
    (22, 20.0, 0.3),
    (22, 60.0, 1.2),
    (22, 60.0, 2.0),
    (22, 60.0, 2.7),
    (11, 40.0, 0.6),
    (11, 40.0, 1.8),
    (13, 20.0, 0.3),
    (211, 3.0, 0.3),
    (211, 50.0, 0.3),
    (211, 50.0, 2.0),
    (130, 20.0, 0.8),
    (-2212, 5.0, 0.3),
]


def name(case: tuple[int, float, float]) -> str:
    return "pdg {} · {:g} GeV · eta {:g}".format(*case)


def measured(case: tuple[int, float, float]) -> dict[str, list[float]]:
    """Mean and its standard error of what one kind of particle leaves."""
    pdg_id, energy, eta = case
    rng = np.random.default_rng(20)
    phi = rng.uniform(-math.pi, math.pi, SHOTS)
    pt = math.sqrt(energy**2 - MASS[pdg_id] ** 2) / math.cosh(eta)
    zero = np.zeros(SHOTS)
    columns = dict.fromkeys(("vx", "vy", "vz", "time"), zero)
    columns |= {"px": pt * np.cos(phi), "py": pt * np.sin(phi), "pz": zero + pt * math.sinh(eta)}
    charge = 0.0 if pdg_id in (22, 130) else math.copysign(1.0, pdg_id * (abs(pdg_id) > 20) - 0.5)
    columns |= {"energy": zero + energy, "charge": zero + charge}
    columns["pdgId"] = np.full(SHOTS, pdg_id)
    response = respond(np.arange(SHOTS + 1), columns, rng)
    event = np.repeat(np.arange(SHOTS), np.diff(response.offsets))
    crystals = response.channel < HCAL_FIRST
    barrel = response.channel < ENDCAP_FIRST
    ecal, hcal = (
        np.bincount(event[part], response.energy[part], SHOTS) / energy
        for part in (crystals, ~crystals)
    )
    largest = np.zeros(SHOTS)
    np.maximum.at(largest, event[crystals], response.energy[crystals])
    found = {
        "ecal": ecal,
        "hcal": hcal,
        "barrel": np.bincount(event[barrel], response.energy[barrel], SHOTS) / energy,
        "seed": largest / energy,
        "cells": np.bincount(event[response.energy > 0.05], minlength=SHOTS).astype(float),
        "tracks": np.diff(response.track_offsets).astype(float),
        "converted": response.converted.astype(float),
    }
    low, high = np.percentile(ecal + hcal, [15.87, 84.13])
    summary = {
        key: [round(float(x), 5) for x in (value.mean(), value.std() / math.sqrt(SHOTS))]
        for key, value in found.items()
    }
    half = 0.5 * (high - low)
    return {**summary, "half_width": [round(half, 5), round(1.3 * half / math.sqrt(SHOTS), 5)]}


@pytest.mark.parametrize("case", CASES, ids=name)
def test_response_has_not_shifted(case: tuple[int, float, float]) -> None:
    """Within four standard errors of the difference, or half a per cent."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))[name(case)]
    now = measured(case)
    assert set(now) == set(record)
    shifted = {
        key: (record[key], now[key])
        for key in now
        if abs(now[key][0] - record[key][0])
        > 4.0 * math.hypot(now[key][1], record[key][1]) + 0.005 * abs(record[key][0])
    }
    assert not shifted


def test_a_shift_would_be_seen() -> None:
    """Three per cent more energy in the same shower fails the comparison."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))[name(CASES[2])]["ecal"]
    tolerance = 4.0 * math.hypot(record[1], record[1]) + 0.005 * record[0]
    assert 0.03 * record[0] > 2.0 * tolerance


if __name__ == "__main__":
    text = json.dumps(
        {name(case): measured(case) for case in CASES}, indent=1, sort_keys=True, ensure_ascii=False
    )
    RECORD.write_text(
        text.replace("[\n   ", "[").replace(",\n   ", ", ").replace("\n  ]", "]") + "\n"
    )

"""Sheared and shifted training images, against rolling line by line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hepvision.core.inputs import Frame, Inputs, PartSpec, Sparse
from hepvision.training.turns import Turns
from hepvision.training.warps import Warp, warped
from toy_inputs import toy_inputs, toy_spec

EVENTS = 30


def picture(frame: Frame, shape: tuple[int, int] = (20, 24)) -> tuple[PartSpec, Sparse]:
    spec = PartSpec("image", (2, *shape), ("a", "b"), ("", ""), (1.0, 1.0), frame)
    rng = np.random.default_rng(2)
    offsets = 25 * np.arange(EVENTS + 1)
    index = np.concatenate(
        [rng.choice(2 * shape[0] * shape[1], 25, replace=False) for _ in range(EVENTS)]
    )
    value = rng.random(len(index), np.float32) + 0.1
    return spec, Sparse(offsets, index.astype(np.uint32), value, spec.shape)


def dense(part: Any) -> np.ndarray:
    out = np.empty((len(part), *part.shape), np.float32)
    part.fill(out)
    return out


def shifted(lines: np.ndarray, by: int, axis: int) -> np.ndarray:
    """Moved along an axis; what leaves is lost."""
    size = lines.shape[axis]
    made = np.roll(lines, by, axis)
    place = [slice(None)] * lines.ndim
    place[axis] = slice(0, min(by, size)) if by >= 0 else slice(max(size + by, 0), size)
    made[tuple(place)] = 0
    return made


def slow(one: np.ndarray, frame: Frame, shear: float, shift: float) -> np.ndarray:
    """One image (C, H, W): each line of η along φ, then all lines along η."""
    if frame == "phi_eta":
        return slow(one.swapaxes(1, 2), "eta_phi", shear, shift).swapaxes(1, 2)
    rows = one.shape[1]
    made = np.empty_like(one)
    for row in range(rows):
        by = int(np.floor(shear * (row - (rows - 1) / 2) + 0.5))
        move = shifted if frame == "window" else np.roll
        made[:, row] = move(one[:, row], by, 1)
    return shifted(made, int(np.floor(shift * rows + 0.5)), 1)


@pytest.mark.parametrize("frame", ["eta_phi", "phi_eta", "crystals", "window"])
def test_against_rolling_line_by_line(frame: Frame) -> None:
    spec, part = picture(frame)
    before = dense(part)
    rng = np.random.default_rng(3)
    warp = Warp(rng.uniform(-0.6, 0.6, EVENTS), rng.uniform(-0.4, 0.4, EVENTS))
    made = dense(warped({"x": spec}, {"x": part}, warp)["x"])
    for b in range(EVENTS):
        np.testing.assert_array_equal(made[b], slow(before[b], frame, warp.shear[b], warp.shift[b]))
    np.testing.assert_array_equal(dense(part), before)
    assert not np.array_equal(made, before)


@pytest.mark.parametrize("frame", ["eta_phi", "phi_eta", "window"])
def test_nothing_is_moved_by_nothing(frame: Frame) -> None:
    spec, part = picture(frame)
    still = Warp(np.zeros(EVENTS), np.zeros(EVENTS))
    np.testing.assert_array_equal(dense(warped({"x": spec}, {"x": part}, still)["x"]), dense(part))


def test_shear_around_the_beam_loses_no_energy() -> None:
    spec, part = picture("eta_phi")
    warp = Warp(np.linspace(-2, 2, EVENTS), np.zeros(EVENTS))
    made = dense(warped({"x": spec}, {"x": part}, warp)["x"])
    np.testing.assert_allclose(made.sum(axis=3), dense(part).sum(axis=3), rtol=1e-5)


def test_endcaps_are_neither_sheared_nor_shifted() -> None:
    spec, _ = picture("endcap", (100, 100))
    with pytest.raises(ValueError, match=r"shear.*endcap"):
        Turns({"x": spec}, 1, 0, shear=0.1)
    with pytest.raises(ValueError, match=r"translation.*endcap"):
        Turns({"x": spec}, 1, 0, translation=0.1)


def test_drawn_within_what_is_asked_for() -> None:
    spec = toy_spec("image")
    turns = Turns(spec, 1, 0, shear=0.3, translation=0.2)
    warp = turns.warp(turns.generator(), 1000)
    assert warp is not None
    assert 0.29 < abs(warp.shear).max() <= 0.3 and warp.shear.min() < 0 < warp.shear.max()
    assert 0.19 < abs(warp.shift).max() <= 0.2 and warp.shift.min() < 0 < warp.shift.max()
    only = Turns(spec, 1, 0, translation=0.2).warp(turns.generator(), 9)
    assert only is not None and not only.shear.any() and only.shift.any()
    assert Turns(spec, 1, 0).warp(turns.generator(), 9) is None


def test_asking_for_them_changes_no_turn() -> None:
    """The same turns with and without: what is drawn for them is drawn first."""
    spec, part = toy_spec("image"), toy_inputs("image", EVENTS)
    plain, warping = Turns(spec, 1, 0), Turns(spec, 1, 0, shear=0.3)
    turn = plain.drawn(plain.generator(), EVENTS)
    again = warping.drawn(warping.generator(), EVENTS)
    for one, other in zip(turn, again, strict=True):
        np.testing.assert_array_equal(one, other)
    made: Inputs = warping.augmented(part, warping.generator())
    rng = warping.generator()
    turned = warping.apply(part, warping.drawn(rng, EVENTS))
    warp = warping.warp(rng, EVENTS)
    assert warp is not None
    np.testing.assert_array_equal(dense(made["part"]), dense(warped(spec, turned, warp)["part"]))

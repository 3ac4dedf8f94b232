"""Flight through the field, against plane geometry of circles and lines."""

import math

import numpy as np
import pytest

from hepvision.physics.propagation import (
    BARREL,
    ENDCAP,
    LOST,
    advance,
    calorimeter_face,
    closest_approach,
    curvature,
    way_to_face,
)

RADIUS_PER_GEV = 1000.0 / (0.299792458 * 3.8)  # mm


def faces(momentum: list[list[float]], charge: list[float]) -> tuple[np.ndarray, ...]:
    return calorimeter_face(np.zeros((len(charge), 3)), momentum, charge)


@pytest.mark.parametrize("pt", [0.8, 1.0, 3.0, 20.0, 500.0])
@pytest.mark.parametrize("charge", [-1, 1])
def test_azimuth_of_entry_is_that_of_a_chord(pt: float, charge: int) -> None:
    """From the centre the chord to radius r turns by asin(r / 2R) away from the momentum."""
    surface, hit, momentum = faces([[pt, 0.0, 0.1]], [charge])
    bend = math.asin(1290.0 / (2.0 * pt * RADIUS_PER_GEV))
    assert surface.tolist() == [BARREL]
    assert math.hypot(*hit[0, :2]) == pytest.approx(1290.0)
    assert math.atan2(hit[0, 1], hit[0, 0]) == pytest.approx(-charge * bend, rel=1e-9)
    assert math.atan2(momentum[0, 1], momentum[0, 0]) == pytest.approx(-charge * 2 * bend, rel=1e-9)
    assert math.hypot(*momentum[0, :2]) == pytest.approx(pt)


def test_z_grows_with_the_length_of_the_arc() -> None:
    _, hit, _ = faces([[2.0, 0.0, 1.0]], [1])
    arc = 2.0 * 2.0 * RADIUS_PER_GEV * math.asin(1290.0 / (4.0 * RADIUS_PER_GEV))
    assert hit[0, 2] == pytest.approx(0.5 * arc)


def test_neutral_particles_fly_straight(rng: np.random.Generator) -> None:
    place = rng.normal(size=(200, 3)) * [20.0, 20.0, 60.0]
    momentum = rng.normal(size=(200, 3))
    surface, hit, after = calorimeter_face(place, momentum, np.zeros(200))
    assert (surface != LOST).all()
    np.testing.assert_allclose(after, momentum, atol=1e-12)
    np.testing.assert_allclose(np.cross(hit - place, momentum), 0.0, atol=1e-8)
    assert ((hit - place) * momentum).sum(axis=1).min() > 0


def test_low_momentum_curls() -> None:
    """2R < 1.29 m below 0.735 GeV: never the barrel, the endcap only with some momentum along z."""
    least = 1290.0 / (2.0 * RADIUS_PER_GEV)
    surface, hit, _ = faces(
        [[1.001 * least, 0, 0], [0.999 * least, 0, 0], [0.999 * least, 0, -0.2]], [1, 1, 1]
    )
    assert surface.tolist() == [BARREL, LOST, ENDCAP]
    assert hit[2, 2] == pytest.approx(-3150.0)
    assert math.hypot(*hit[2, :2]) <= 1290.0


@pytest.mark.parametrize(("eta", "surface"), [(1.47, BARREL), (1.49, ENDCAP), (-2.5, ENDCAP)])
def test_seam_between_barrel_and_endcap(eta: float, surface: int) -> None:
    found, hit, _ = faces([[1.0, 0.0, math.sinh(eta)]], [0])
    assert found.tolist() == [surface]
    assert math.asinh(hit[0, 2] / hit[0, 0]) == pytest.approx(eta)


def test_first_crossing_is_found(rng: np.random.Generator) -> None:
    """No point of the way lies outside before the end."""
    for _ in range(300):
        x, y, z = rng.normal(size=3) * 100.0
        phi, slope, pt = rng.uniform(-3, 3), rng.normal() * 1.5, 0.1 + rng.exponential()
        kappa = curvature(pt, rng.choice([-1.0, 1.0]))
        start = (x, y, z, math.cos(phi), math.sin(phi), slope, kappa)
        surface, path = way_to_face(*start)
        if surface == LOST:
            continue
        way = np.array([advance(*start, s) for s in np.linspace(0, path, 60)])
        radius = np.hypot(way[:, 0], way[:, 1])
        if surface == BARREL:
            assert radius[:-1].max() < 1290.0 and radius[-1] == pytest.approx(1290.0)
        else:
            assert abs(way[-1, 2]) == pytest.approx(3150.0)


def test_closest_approach_is_perpendicular(rng: np.random.Generator) -> None:
    for charge in (-1.0, 0.0, 1.0):
        x, y, z, phi, slope = 30.0, -12.0, 5.0, rng.uniform(-3, 3), 0.7
        kappa = curvature(1.5, charge)
        near, dxy, along = closest_approach(x, y, z, phi, slope, kappa)
        path = (along - z) / slope
        heading = math.cos(phi), math.sin(phi)
        px, py, pz, cosine, sine = advance(x, y, z, *heading, slope, kappa, path)
        assert (px * cosine + py * sine) == pytest.approx(0.0, abs=1e-9)
        assert math.cos(near) * cosine + math.sin(near) * sine == pytest.approx(1.0)
        assert (py * cosine - px * sine) == pytest.approx(dxy)
        assert pz == pytest.approx(along)


def test_track_from_the_beam_keeps_its_direction() -> None:
    near, dxy, z = closest_approach(0.0, 0.0, 40.0, 1.2, 3.0, curvature(5.0, 1.0))
    assert (near, dxy, z) == pytest.approx((1.2, 0.0, 40.0))


def test_particles_made_behind_the_face_are_lost() -> None:
    assert calorimeter_face([[1300.0, 0, 0]], [[1.0, 0, 0]], [0])[0].tolist() == [LOST]


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"propagation: needs arrays of shape"):
        calorimeter_face([[0, 0, 0]], [[1, 0, 0]], [1, 1])

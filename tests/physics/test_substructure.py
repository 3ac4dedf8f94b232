"""Substructure of jets: laws of physics, slow references, and FastJet for what is our own."""

from __future__ import annotations

import itertools
import math

import awkward as ak
import numpy as np
import pytest

from hepvision.physics.substructure import (
    energy_correlations,
    jet_shapes,
    n_subjettiness,
    rapidity,
    soft_drop_mass,
)

fastjet = pytest.importorskip("fastjet")


def vectors(pt: object, eta: object, phi: object, mass: object = 0.0) -> np.ndarray:
    """px, py, pz, energy."""
    pt, eta, phi = (np.asarray(one, float) for one in (pt, eta, phi))
    energy = np.hypot(pt * np.cosh(eta), mass)
    return np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), energy], axis=-1)


def random_jets(
    seed: int, counts: tuple[int, ...] = (9, 0, 1, 2, 14, 3)
) -> tuple[list[int], np.ndarray]:
    """Massless constituents around random axes, some beyond φ = ±π."""
    rng = np.random.default_rng(seed)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    owner = np.repeat(np.arange(len(counts)), counts)
    number = len(owner)
    eta = rng.uniform(-1, 1, len(counts))[owner] + rng.normal(0, 0.2, number)
    phi = rng.choice([0.3, np.pi], len(counts))[owner] + rng.normal(0, 0.2, number)
    return offsets.tolist(), vectors(rng.exponential(20, number) + 0.5, eta, phi)


def changed(
    momenta: np.ndarray, *, boost: float = 0.0, turn: float = 0.0, scale: float = 1.0
) -> np.ndarray:
    """Boosted along the beam, turned about it, with more energy."""
    x, y, z, energy = momenta.T * scale
    return np.stack(
        [
            x * np.cos(turn) - y * np.sin(turn),
            x * np.sin(turn) + y * np.cos(turn),
            z * np.cosh(boost) + energy * np.sinh(boost),
            energy * np.cosh(boost) + z * np.sinh(boost),
        ],
        axis=1,
    )


def everything(offsets: list[int], momenta: np.ndarray) -> dict[str, np.ndarray]:
    shapes = jet_shapes(offsets, momenta)
    e2, e3 = energy_correlations(offsets, momenta, 1.0)
    taus = n_subjettiness(offsets, momenta, 3)
    found = {"width": shapes.width, "dispersion": shapes.dispersion, "e2": e2, "e3": e3}
    found |= {"mass": shapes.mass, "soft_drop": soft_drop_mass(offsets, momenta)}
    return found | {f"tau{n + 1}": taus[:, n] for n in range(3)}


def test_boosts_along_the_beam_and_turns_change_nothing() -> None:
    offsets, momenta = random_jets(1)
    before = everything(offsets, momenta)
    for after in (
        everything(offsets, changed(momenta, boost=1.3)),
        everything(offsets, changed(momenta, turn=2.1)),
    ):
        for name, values in after.items():
            np.testing.assert_allclose(values, before[name], rtol=1e-5, atol=1e-5, err_msg=name)


def test_only_masses_scale_with_energy() -> None:
    offsets, momenta = random_jets(2)
    before, after = (everything(offsets, one) for one in (momenta, changed(momenta, scale=7.0)))
    for name, values in after.items():
        factor = 7.0 if name in ("mass", "soft_drop") else 1.0
        np.testing.assert_allclose(values, factor * before[name], rtol=1e-5, atol=2e-5)


def test_collinear_splitting_and_soft_radiation() -> None:
    """C2, D2, N-subjettiness, mass and width do not see them; multiplicity and pTD do."""
    offsets, momenta = random_jets(3, (8,))
    split = np.concatenate([momenta[1:], 0.3 * momenta[:1], 0.7 * momenta[:1]])
    soft = np.concatenate([momenta, vectors([1e-9], [0.4], [0.1])])
    before = everything(offsets, momenta)
    for other in (split, soft):
        after = everything([0, 9], other)
        for name in ("mass", "width", "e2", "e3", "tau1", "tau2", "tau3", "soft_drop"):
            np.testing.assert_allclose(after[name], before[name], rtol=1e-4, atol=1e-6)
    assert everything([0, 9], split)["dispersion"] < before["dispersion"]


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0])
def test_correlations_against_a_slow_sum(beta: float) -> None:
    offsets, momenta = random_jets(4)
    e2, e3 = energy_correlations(offsets, momenta, beta)
    y, phi = rapidity(momenta), np.arctan2(momenta[:, 1], momenta[:, 0])
    pt = np.hypot(momenta[:, 0], momenta[:, 1])
    for b, (low, high) in enumerate(itertools.pairwise(offsets)):
        share = pt[low:high] / pt[low:high].sum()

        def apart(i: int, j: int, low: int = low) -> float:
            across = math.remainder(phi[low + i] - phi[low + j], 2 * math.pi)
            return math.hypot(y[low + i] - y[low + j], across) ** beta

        pairs = itertools.combinations(range(high - low), 2)
        wanted = sum(share[i] * share[j] * apart(i, j) for i, j in pairs)
        assert e2[b] == pytest.approx(wanted, rel=1e-9)
        triples = itertools.combinations(range(high - low), 3)
        wanted = sum(
            share[i] * share[j] * share[k] * apart(i, j) * apart(j, k) * apart(i, k)
            for i, j, k in triples
        )
        assert e3[b] == pytest.approx(wanted, rel=1e-9)


def test_correlations_against_fastjet() -> None:
    offsets, momenta = random_jets(5, (9, 14, 6))
    columns = dict(zip(("px", "py", "pz", "E"), momenta.T, strict=True))
    rows = ak.unflatten(ak.zip(columns, with_name="Momentum4D"), np.diff(offsets))
    definition = fastjet.JetDefinition(fastjet.cambridge_algorithm, 100.0)
    sequence = fastjet.ClusterSequence(rows, definition)
    e2, e3 = energy_correlations(offsets, momenta, 1.0)
    for name, ours in (("c2", e3 / e2**2), ("d2", e3 / e2**3)):
        theirs = sequence.exclusive_jets_energy_correlator(njets=1, func=name)
        np.testing.assert_allclose(ours, ak.to_numpy(theirs), rtol=1e-6)


def test_published_limits_of_correlations() -> None:
    """Narrow jets: e2 with beta 2 is (m/pT)²; angles times x: D2 the same, C2 times x."""
    rng = np.random.default_rng(6)
    pt, eta, phi = rng.exponential(20, 12) + 1, *rng.normal(0, 1, (2, 12))
    narrow = vectors(pt, 0.01 * eta, 0.01 * phi)
    shapes = jet_shapes([0, 12], narrow)
    e2, _ = energy_correlations([0, 12], narrow, 2.0)
    np.testing.assert_allclose(e2, (shapes.mass / pt.sum()) ** 2, rtol=1e-3)
    (a2, a3), (b2, b3) = (
        energy_correlations([0, 12], vectors(pt, x * eta, x * phi)) for x in (0.01, 0.03)
    )
    np.testing.assert_allclose(b3 / b2**3, a3 / a2**3, rtol=1e-9)
    np.testing.assert_allclose(b3 / b2**2, 3 * a3 / a2**2, rtol=1e-9)
    # a pair of prongs with radiation of angle θ around them: D2 falls with θ
    falling = []
    for opening in (0.1, 0.03, 0.01):
        four = vectors([50, 50, 5, 5], [0.2, -0.2, 0.2 + opening, -0.2 - opening], [0.0] * 4)
        e2, e3 = energy_correlations([0, 4], four)
        falling.append(float((e3 / e2**3)[0]))
    assert falling[0] > 2 * falling[1] > 4 * falling[2]


def test_shapes_against_plain_sums() -> None:
    offsets, momenta = random_jets(7, (6, 3))
    shapes = jet_shapes(offsets, momenta)
    for b, (low, high) in enumerate(itertools.pairwise(offsets)):
        total = momenta[low:high].sum(axis=0)
        assert shapes.mass[b] == pytest.approx(math.sqrt(total[3] ** 2 - (total[:3] ** 2).sum()))
        assert shapes.pt[b] == pytest.approx(math.hypot(*total[:2]))
        pt = np.hypot(*momenta[low:high, :2].T)
        assert shapes.dispersion[b] == pytest.approx(math.sqrt((pt**2).sum()) / pt.sum())
        assert shapes.multiplicity[b] == high - low
    pair = vectors([30.0, 10.0], [0.0, 0.2], [0.1, 0.1])
    # the axis lies a quarter of the way from the harder one
    assert jet_shapes([0, 2], pair).width[0] == pytest.approx(0.075, rel=2e-3)


def test_prongs_are_counted() -> None:
    rng = np.random.default_rng(8)
    for prongs in (1, 2, 3):
        centre = np.linspace(-0.5, 0.5, prongs) if prongs > 1 else np.zeros(1)
        eta = np.repeat(centre, 6) + rng.normal(0, 0.01, 6 * prongs)
        jet = vectors(np.full(6 * prongs, 20.0), eta, rng.normal(0, 0.01, 6 * prongs))
        taus = n_subjettiness([0, 6 * prongs], jet, 4)[0]
        assert taus[prongs - 1] < 0.05
        if prongs > 1:
            assert taus[prongs - 2] > 0.15


@pytest.mark.parametrize("beta", [1.0, 2.0])
def test_subjettiness_of_exclusive_axes_is_its_definition(beta: float) -> None:
    """Distances to FastJet's exclusive kT jets, summed with numpy."""
    offsets, momenta = random_jets(11, (12, 25))
    found = n_subjettiness(offsets, momenta, 3, beta=beta, radius=0.5, axes="kt")
    for b, (low, high) in enumerate(itertools.pairwise(offsets)):
        inside = momenta[low:high]
        # the axes are those of jets with the radius 1000 that the contributed code uses
        definition = fastjet.JetDefinition(fastjet.kt_algorithm, 1000.0)
        rows = [fastjet.PseudoJet(*map(float, one)) for one in inside]
        sequence = fastjet._swig.ClusterSequence(rows, definition)
        pt, phi = np.hypot(*inside[:, :2].T), np.arctan2(inside[:, 1], inside[:, 0])
        for number in (1, 2, 3):
            jets = sequence.exclusive_jets(number)
            axes = np.array([[jet.px(), jet.py(), jet.pz(), jet.e()] for jet in jets])
            across = phi[:, None] - np.arctan2(axes[:, 1], axes[:, 0])
            across = (across + np.pi) % (2 * np.pi) - np.pi
            apart = np.hypot(rapidity(inside)[:, None] - rapidity(axes), across).min(axis=1)
            wanted = (pt * apart**beta).sum() / (pt.sum() * 0.5**beta)
            assert found[b, number - 1] == pytest.approx(wanted, rel=1e-5)


def test_minimised_axes_fit_no_worse() -> None:
    offsets, momenta = random_jets(9, (20, 15, 30))
    start = n_subjettiness(offsets, momenta, 4, axes="kt")
    assert (n_subjettiness(offsets, momenta, 4) <= start + 1e-9).all()
    assert not np.allclose(n_subjettiness(offsets, momenta, 4, axes="wta_kt"), start)


def test_axes_are_those_of_their_names() -> None:
    """Each name against FastJet's, all of them different, and the first the one by default."""
    names = {
        "onepass_kt": "OnePass_KT_Axes",
        "kt": "KT_Axes",
        "onepass_wta_kt": "OnePass_WTA_KT_Axes",
        "wta_kt": "WTA_KT_Axes",
    }
    offsets, momenta = random_jets(9, (20, 15, 30))
    columns = dict(zip(("px", "py", "pz", "E"), momenta.T, strict=True))
    jets = ak.unflatten(ak.zip(columns, with_name="Momentum4D"), np.diff(offsets))
    history = fastjet.ClusterSequence(jets, fastjet.JetDefinition(fastjet.kt_algorithm, 1000.0))
    made = {}
    for axes, name in names.items():
        wanted = history.njettiness(
            njets=[1, 2, 3],
            measure_definition="NormalizedMeasure",
            axes_definition=name,
            beta=1.0,
            R0=0.8,
        )
        made[axes] = n_subjettiness(offsets, momenta, 3, axes=axes)
        np.testing.assert_allclose(made[axes], ak.to_numpy(wanted), rtol=1e-9)
    for one, other in itertools.combinations(made.values(), 2):
        assert not np.allclose(one, other, rtol=1e-6)
    np.testing.assert_array_equal(n_subjettiness(offsets, momenta, 3), made["onepass_kt"])


def test_soft_drop_of_two_prongs() -> None:
    """Two constituents: kept where the softer share is above the cut, else one is left."""
    for share, kept in ((0.3, True), (0.05, False)):
        pair = vectors([100 * (1 - share), 100 * share], [0.0, 0.0], [0.0, 0.4])
        mass = math.sqrt(2 * 1e4 * share * (1 - share) * (1 - math.cos(0.4)))
        found = soft_drop_mass([0, 2], pair)[0]
        assert found == pytest.approx(mass if kept else 0.0, rel=1e-6, abs=1e-3)
        # with beta 2 a share of 5 % at half the radius is above the cut
        assert soft_drop_mass([0, 2], pair, beta=2.0)[0] == pytest.approx(mass, rel=1e-6)


def apart(one: np.ndarray, other: np.ndarray) -> float:
    """Distance in rapidity and azimuth."""
    (y, above), (phi, beside) = rapidity([one, other]), np.arctan2(*np.array([one, other]).T[1::-1])
    return float(np.hypot(y - above, (phi - beside + np.pi) % (2 * np.pi) - np.pi))


def slow_soft_drop(momenta: np.ndarray, z_cut: float, beta: float, radius: float = 0.8) -> float:
    """Mass: the nearest two become one until one is left; then back, the softer one dropped."""
    jets = [(one, ()) for one in momenta]
    while len(jets) > 1:
        near = itertools.combinations(range(len(jets)), 2)
        a, b = min(near, key=lambda pair: apart(jets[pair[0]][0], jets[pair[1]][0]))
        both = (jets[a], jets[b])
        jets = [one for k, one in enumerate(jets) if k not in (a, b)]
        jets.append((both[0][0] + both[1][0], both))
    jet, parents = jets[0]
    while parents:
        soft, hard = sorted(parents, key=lambda one: np.hypot(*one[0][:2]))
        share = np.hypot(*soft[0][:2]) / sum(np.hypot(*one[0][:2]) for one in parents)
        if share > z_cut * (apart(soft[0], hard[0]) / radius) ** beta:
            break
        jet, parents = hard
    return math.sqrt(max(jet[3] ** 2 - (jet[:3] ** 2).sum(), 0.0))


@pytest.mark.parametrize(("z_cut", "beta"), [(0.1, 0.0), (0.3, 0.0), (0.3, 1.0)])
def test_soft_drop_against_its_definition(z_cut: float, beta: float) -> None:
    """Of jets clustered again by Cambridge/Aachen; other algorithms drop other branches."""
    offsets, momenta = random_jets(12, (9, 14, 20, 12))
    wanted = [
        slow_soft_drop(momenta[low:high], z_cut, beta) for low, high in itertools.pairwise(offsets)
    ]
    found = soft_drop_mass(offsets, momenta, z_cut=z_cut, beta=beta)
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-3)


def test_soft_drop_takes_mass_away() -> None:
    offsets, momenta = random_jets(10, (20, 15, 30, 2))
    loose, tight = (soft_drop_mass(offsets, momenta, z_cut=cut) for cut in (0.02, 0.2))
    whole = jet_shapes(offsets, momenta).mass
    assert (tight <= loose + 1e-6).all() and (loose <= whole + 1e-6).all()
    assert tight.sum() < loose.sum()
    np.testing.assert_allclose(soft_drop_mass(offsets, momenta, z_cut=0.0), whole, rtol=1e-6)


def test_odd_jets() -> None:
    none = np.zeros((0, 4))
    one = vectors([5.0], [0.3], [1.0])
    alike = np.repeat(one, 4, axis=0)
    for offsets, momenta in (([0, 0], none), ([0, 1], one), ([0, 4], alike)):
        for name, values in everything(offsets, momenta).items():
            assert np.isfinite(values).all()
            if name != "dispersion":
                np.testing.assert_allclose(values, 0, atol=1e-3, err_msg=name)
    assert everything([0], none)["mass"].shape == (0,)


def test_nonsense_is_refused() -> None:
    one = vectors([5.0], [0.3], [1.0])
    for call in (
        lambda: energy_correlations([0, 1], one, 0.0),
        lambda: n_subjettiness([0, 1], one, 2, beta=-1),
        lambda: soft_drop_mass([0, 1], one, radius=0),
    ):
        with pytest.raises(ValueError, match="positive"):
            call()

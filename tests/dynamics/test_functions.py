"""Functions of motion equal plain loops over atoms and pairs of times, in slices of atoms too."""

from types import SimpleNamespace

import numpy as np
import pytest

from glasscli.configuration import Box
from glasscli.observables import paths as paths_of
from glasscli.observables.collective import collective, wave_vectors
from glasscli.observables.currents import currents
from glasscli.observables.diffusion import diffusion, yeh_hummer
from glasscli.observables.dynamics import ALL, choose_pairs, motions
from glasscli.observables.motion_sums import velocity_sums
from glasscli.observables.van_hove import van_hove
from tests.dynamics.walks import Walk, by_loops, gone, pairs_at

LOG = [0, 1, 2, 4, 8, 16, 17, 18, 20, 24, 32]
GROUPS = {ALL: range(13), 1: range(8), 2: range(8, 13)}
EXACT = {"rtol": 1e-12, "atol": 1e-12}


@pytest.mark.parametrize("steps", [range(9), LOG])
@pytest.mark.parametrize("breathing", [0.0, 0.02])
@pytest.mark.parametrize("most_bytes", [paths_of.SLICE, 2000])
def test_motion_is_that_of_loops(steps, breathing, most_bytes, monkeypatch):
    monkeypatch.setattr(paths_of.slices, "__defaults__", (None, False, most_bytes, None))
    walk = Walk.of(list(steps), breathing=breathing)
    assert (paths_of.passes(walk, most_bytes=most_bytes) > 1) == (most_bytes < 3000)
    found = motions(walk, walk.steps, (2.0, 5.0), 0.5, most_origins=1000, species=(1, 2))
    for group, atoms in GROUPS.items():
        one = found[group]
        for n, lag in enumerate(one.lag):
            msd, alpha2, overlap, chi4, waves = by_loops(walk, lag, atoms, (2.0, 5.0), 0.5)
            np.testing.assert_allclose(one.msd[n], msd, **EXACT)
            np.testing.assert_allclose(one.alpha2[n], alpha2, **EXACT)
            np.testing.assert_allclose(one.overlap[n], overlap, **EXACT)
            np.testing.assert_allclose(one.waves[:, n], waves, **EXACT)
            if one.origins[n] > 1:
                np.testing.assert_allclose(one.chi4[n], chi4, **EXACT)


def test_errors_are_those_of_stretches():
    walk = Walk.of(range(41), sigma=0.1)
    one = motions(walk, walk.steps, 3.0, 0.3, most_origins=1000)[ALL]
    n = int(np.flatnonzero(one.lag == 4)[0])
    assert one.blocks[n] == 10 and one.blocks[-1] == 1 and np.isnan(one.errors.msd[-1])
    values = [(gone(walk, i, j) ** 2).sum(axis=1).mean() for i, j in pairs_at(walk, 4)]
    stretch = [min(i * 10 // 36, 9) for i, _ in pairs_at(walk, 4)]
    means = [np.mean([v for v, s in zip(values, stretch, strict=True) if s == b]) for b in range(10)]
    assert one.errors.msd[n] == pytest.approx(np.std(means, ddof=1) / np.sqrt(10))
    for k, inside in enumerate((lambda i, j: j <= 20, lambda i, j: i >= 20)):
        waves = [
            np.sinc(3 * np.linalg.norm(gone(walk, i, j), axis=1) / np.pi).mean()
            for i, j in pairs_at(walk, 4)
            if inside(i, j)
        ]
        assert one.halves[k, n] == pytest.approx(np.mean(waves), rel=1e-12)


@pytest.mark.parametrize("steps", [range(9), LOG])
def test_collective_waves_are_those_of_loops(steps):
    walk = Walk.of(list(steps))
    found = collective(walk, walk.steps, (3.0, 6.0), 1000, (1, 2))
    for k, q in enumerate((3.0, 6.0)):
        vectors = wave_vectors(walk[0].box, q) * 2 * np.pi / 4.0
        for group, atoms in GROUPS.items():
            one = found[group][k]
            assert one.lag[0] == 0 and one.vectors == len(vectors)
            for n, lag in enumerate(one.lag):
                total = 0.0
                pairs = pairs_at(walk, lag)
                for i, j in pairs:
                    for vector in vectors:
                        before = sum(np.exp(1j * walk.x[i][a] @ vector) for a in atoms)
                        after = sum(np.exp(1j * walk.x[j][a] @ vector) for a in atoms)
                        total += (after * before.conjugate()).real
                expected = total / len(pairs) / len(vectors) / len(atoms)
                np.testing.assert_allclose(one.value[n], expected, **EXACT)


@pytest.mark.parametrize("steps", [range(9), LOG])
def test_currents_are_those_of_loops(steps):
    walk = Walk.of(list(steps), breathing=0.02)
    (one,) = currents(walk, walk.steps, (4.0,), 1000)
    numbers = wave_vectors(walk[0].box, 4.0)
    assert one.lag[0] == 0 and one.vectors == len(numbers)
    for n, lag in enumerate(one.lag):
        along, across = [], []
        for i, j in pairs_at(walk, lag):
            for number in numbers:
                one_of = []
                for k in (i, j):
                    wave = number * 2 * np.pi / walk.edges[k]
                    u = wave / np.linalg.norm(wave)
                    phases = [np.exp(-1j * walk.x[k][a] @ wave) for a in range(13)]
                    j_of = sum(v * phase for v, phase in zip(walk.velocities[k], phases, strict=True))
                    one_of.append((u @ j_of, j_of - (u @ j_of) * u))
                (before, before_across), (after, after_across) = one_of
                along.append((after * before.conjugate()).real / 13)
                across.append((after_across @ before_across.conj()).real / 2 / 13)
        np.testing.assert_allclose(one.longitudinal[n], np.mean(along), **EXACT)
        np.testing.assert_allclose(one.transverse[n], np.mean(across), **EXACT)


def test_atoms_that_fly_freely_have_known_currents():
    """Of an ideal gas C_T = kT/m exp(-x/2) and C_L = kT/m (1 - x) exp(-x/2), x = q^2 kT t^2/m; here kT/m = 1."""
    rng = np.random.default_rng(3)
    n, t = 2000, np.linspace(0, 0.5, 6)
    v = rng.standard_normal((n, 3))
    x = rng.uniform(0, 4, (n, 3)) + v * t[:, None, None]
    gas = Walk(x, np.arange(6), np.full((6, 3), 4.0), np.ones(n, np.int32), np.tile(v, (6, 1, 1)))
    (one,) = currents(gas, gas.steps, (4.5,), 1000)
    f = collective(gas, gas.steps, (4.5,), 1000)[ALL][0]
    x = one.q**2 * t**2
    scatter = 4 / np.sqrt(2 * one.vectors)  # of a mean over so many waves, each of two random numbers
    np.testing.assert_allclose(one.transverse, np.exp(-x / 2), atol=scatter / np.sqrt(2))
    np.testing.assert_allclose(one.longitudinal, (1 - x) * np.exp(-x / 2), atol=scatter)
    np.testing.assert_allclose(f.value, np.exp(-x / 2), atol=scatter)


def test_wave_vectors_are_near_q_and_none_is_there_twice():
    vectors = wave_vectors(Box.cube(9.0), 7.0)
    lengths = 2 * np.pi / 9 * np.linalg.norm(vectors, axis=1)
    assert np.abs(lengths - 7.0).max() < 0.36
    assert len({tuple(v) for v in vectors} | {tuple(-v) for v in vectors}) == 2 * len(vectors)


def test_van_hove_counts_every_pair():
    walk = Walk.of(range(9))
    found = van_hove(walk, walk.steps, [1, 4], 3.0, species=(1, 2), bins=30)
    for m, lag in enumerate((1, 4)):
        pairs = pairs_at(walk, lag)
        for group, atoms in GROUPS.items():
            distances = [np.linalg.norm(gone(walk, i, j)[a]) for i, j in pairs for a in atoms]
            expected = np.histogram(distances, 30, (0, 3))[0] / (len(pairs) * len(atoms) * 0.1)
            np.testing.assert_allclose(found.own[group][m], expected, **EXACT)
        counts = np.zeros(20)
        some = [pairs[k] for k in np.unique(np.linspace(0, len(pairs) - 1, 5).astype(int))]
        for i, j in some:
            for a in range(8):
                for b in range(8, 13):
                    d = walk.x[j][b] - walk.x[i][a]
                    r = np.linalg.norm(d - 4 * np.round(d / 4))
                    if r < 2:
                        counts[int(r / 0.1)] += 1
        shells = 4 / 3 * np.pi * np.diff((np.arange(21) * 0.1) ** 3)
        np.testing.assert_allclose(found.distinct[1, 2][m], counts * 64 / (shells * len(some) * 40), **EXACT)


def test_an_ideal_gas_has_a_distinct_part_of_one():
    walk = Walk.of([0, 1], species=np.ones(3000, np.int32), sigma=0.01)
    found = van_hove(walk, walk.steps, [1], 1.9, bins=10)
    np.testing.assert_allclose(found.distinct[1, 1][0][3:], 1.0, atol=0.03)


def test_velocities_are_those_of_loops():
    walk = Walk.of(range(6))
    (paths,) = paths_of.slices(walk, velocities=True)
    pairs = np.array([(0, 3), (2, 2), (1, 5)])
    found = velocity_sums(paths, pairs, np.array([1, 2]))
    v = walk.velocities - walk.velocities.mean(axis=1, keepdims=True)
    for p, (i, j) in enumerate(pairs):
        for g, atoms in enumerate(GROUPS.values()):
            np.testing.assert_allclose(found[p, g], sum(float(v[i, a] @ v[j, a]) for a in atoms), **EXACT)


def test_a_random_walk_diffuses():
    walk = Walk.of(range(400), species=np.ones(300, np.int32), sigma=0.3)
    one = motions(walk, walk.steps, 3.0, 0.3, most_origins=400)[ALL]
    found = diffusion(one, 0.5, walk[0].spacing)
    expected = 0.3**2 / (2 * 0.5) * (1 - 1 / 300)  # the centre of 300 atoms is held
    assert found.value == pytest.approx(expected, abs=3 * found.error) and found.error < 0.05 * expected
    assert found.exponent == pytest.approx(1, abs=0.05)


def test_an_exponent_is_as_near_to_one_as_it_is_known():
    lag = np.unique(np.geomspace(10, 1000, 15).astype(int))
    blocks = np.full(len(lag), 5)

    def found(exponent, relative):
        msd = lag**exponent
        return diffusion(
            SimpleNamespace(lag=lag, msd=msd, blocks=blocks, errors=SimpleNamespace(msd=relative * msd)),
            1.0,
            1.0,
        )

    assert found(0.96, 0.001).value is not None
    assert found(0.94, 0.001).value is None and "t^0.94" in found(0.94, 0.001).reason
    assert found(0.94, 0.05).value is not None
    assert found(0.9, 0.5).value is None


def test_atoms_in_cages_have_no_d():
    rng = np.random.default_rng(2)
    walk = Walk.of(range(60))
    walk.x = walk.x[:1] + 0.05 * rng.standard_normal(walk.x.shape)
    found = diffusion(motions(walk, walk.steps, 3.0, 0.3)[ALL], 1.0, walk[0].spacing)
    assert found.value is None and "do not leave" in found.reason


def test_yeh_hummer():
    # kT = 1, eta = 1, L = 10: 2.837297 / (60 pi)
    assert yeh_hummer(1.0, 1.0, 10.0) == pytest.approx(0.0150524, rel=1e-5)


def test_a_last_frame_that_does_not_fit_the_blocks_makes_no_lags_of_its_own():
    """Blocks of 64 steps spaced logarithmically and an end at 1000: no lag but the longest has one origin."""
    block = [0, 1, 2, 4, 8, 16, 32]
    steps = np.unique(np.append(np.add.outer(np.arange(0, 1000, 64), block).ravel(), 1000))
    pairs = choose_pairs(steps, 1000)
    often = {lag: len(found) for lag, found in pairs.items()}
    assert all(count > 3 for lag, count in often.items() if lag < 900), often
    assert len(often) > 20


def test_lags_that_are_asked_for():
    assert set(choose_pairs(np.array(LOG), 10, [2, 5, 4])) == {2, 4}

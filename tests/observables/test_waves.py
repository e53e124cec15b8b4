"""S(q) of crystals and gases, motion of known walks, first passages of known curves."""

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration
from glasscli.observables import structure_factor as sf
from glasscli.observables.dynamics import choose_pairs, motion, strings
from glasscli.observables.first_passage import Passage, first_passage, log_fit, passage_times, stretched_fit
from glasscli.observables.pair_distribution import pair_distribution
from glasscli.observables.scattering import maxima
from tests.lattices import DIAMOND, c15, crystal, fcc, gas


def test_bragg_peaks_of_fcc_are_n_high_where_indices_are_alike():
    crystal = fcc(repeat=4)
    grid = np.stack(np.meshgrid(*[np.arange(-2, 3)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    s = np.abs(sf.density_waves(crystal, 4 * grid)[0]) ** 2 / crystal.n_atoms
    alike = np.ptp(grid % 2, axis=1) == 0
    np.testing.assert_allclose(s[alike], crystal.n_atoms, rtol=1e-9)
    np.testing.assert_allclose(s[~alike], 0, atol=1e-9)


@pytest.mark.parametrize("repeat", [2, 3, 4])
def test_bragg_peaks_of_small_boxes_lie_where_they_are(repeat):
    """Silicon's 111, 220 and 113: neither bins of 0.1 nor the smoothing by the box's own resolution moves the first."""
    silicon = crystal(DIAMOND, [1] * 8, 5.431, repeat)
    found = sf.structure_factor(silicon, 6.0)
    peaks = maxima(found.q, found.total, found.vectors, np.pi / silicon.box.width)
    assert peaks[0].q == pytest.approx(2 * np.pi * np.sqrt(3) / 5.431, rel=0.01)
    bins = found.q[found.total > 5]
    exact = 2 * np.pi * np.sqrt([3, 8, 11, 16, 19, 24, 27]) / 5.431
    assert np.abs(bins[:, None] - exact).min(axis=1).max() < 0.002


def test_ideal_gas_has_flat_partials():
    sample = gas([3000, 2000], [12.0] * 3)
    found = sf.structure_factor(sample, 12, 1.0)
    for s in (found.total, *found.partials.values()):
        # |rho|^2 of random phases scatters as itself: 1/sqrt(vectors), over species' shares.
        assert np.abs(s[2:] - 1).max() < 5 / np.sqrt(found.vectors[2:].min()) / 0.4
    combined = 0.36 * found.partials[1, 1] + 0.48 * found.partials[1, 2] + 0.16 * found.partials[2, 2]
    np.testing.assert_allclose(combined, found.total, atol=1e-10)


def test_r_vanishes_between_equals_and_rises_to_a_crystal(derlet_glass):
    c = derlet_glass
    edge = 8.0
    cut = (c.positions < edge).all(axis=1)
    glass = Configuration(c.positions[cut], c.species[cut], np.full(3, edge))
    laves = c15(edge=24 ** (1 / 3) * glass.spacing, repeat=3, noise=0.05)
    one, two = (sf.structure_factor(x, 28) for x in (glass, laves))
    same = sf.relaxation_parameter(one, one)
    assert (same.value, same.signed) == (0, 0)
    first, second, q1, q2 = sf.peaks(one)
    assert first < q1 < second < q2 and 7 < first < 8.5 and 12 < second < 15
    assert sf.relaxation_parameter(one, two, (q1, q2)).value > 2


def test_parts_of_g_add_up():
    sample = gas([300, 200], [6.0] * 3)
    drawn = np.random.default_rng(0).integers(0, 3, 500)
    inside = drawn > 0
    found = pair_distribution(sample, 0.1, parts={1: drawn == 1, 2: inside})
    only = (
        pair_distribution(
            Configuration(sample.positions[inside], sample.species[inside], sample.box), 0.1
        ).total
        * (inside.sum() / 500) ** 2
    )
    np.testing.assert_allclose(found.parts[2], only, atol=1e-12)


class Walk:
    """Gaussian steps of one variance a frame."""

    def __init__(self, steps, sigma=0.1, n=4000):
        rng = np.random.default_rng(3)
        self.steps = np.asarray(steps)
        moves = rng.standard_normal((len(steps), n, 3)) * sigma
        moves *= np.sqrt(np.diff(self.steps, prepend=self.steps[0]))[:, None, None]
        self.x = 5 + moves.cumsum(axis=0)

    def __len__(self):
        return len(self.steps)

    def __getitem__(self, k):
        box = Box.cube(10.0)
        inside, images = box.folded(self.x[k])
        return Configuration(inside, np.ones(len(inside), np.int32), box, images)


@pytest.mark.parametrize("steps", [np.arange(0, 40), [0, 1, 2, 4, 8, 16, 32, 33, 34, 36, 40, 48, 64]])
def test_a_gaussian_walk(steps):
    walk = Walk(steps)
    found = motion(walk, walk.steps, q=4.0, reach=0.3)
    np.testing.assert_allclose(found.msd, 0.03 * found.lag, rtol=0.08)
    np.testing.assert_allclose(found.scattering, np.exp(-16 * 0.03 * found.lag / 6), atol=0.02)
    assert np.abs(found.alpha2).max() < 0.12
    assert found.tau_alpha.time == pytest.approx(6 / (16 * 0.03), rel=0.08)
    assert motion(walk, walk.steps[:1], 4.0, 0.3) is None


def test_pairs_are_exactly_a_lag_apart():
    steps = np.array([0, 1, 2, 4, 100, 101, 102, 104])
    for lag, found in choose_pairs(steps).items():
        assert all(steps[j] - steps[i] == lag for i, j in found)


def test_a_ring_of_exchanges_is_a_string():
    x = np.array([[1.0, 1, 1], [2, 1, 1], [2, 2, 1], [1, 2, 1], [5, 5, 5]])
    box, species = np.full(3, 8.0), np.ones(5, np.int32)
    after = x.copy()
    after[:4] = x[[1, 2, 3, 0]]
    after[4] += [0, 0, 0.9]
    found = strings(Configuration(x, species, box), Configuration(after, species, box), np.arange(5), 0.6)
    assert found.tolist() == [4, 1]


def test_fits_return_what_was_put_in():
    t = np.linspace(0, 1000, 80)
    e = -7 + 0.1 * np.exp(-((t / 150) ** 0.7)) + 1e-5 * np.random.default_rng(0).standard_normal(80)
    fit = stretched_fit(t, e)
    assert fit.time == pytest.approx(150, rel=0.03) and fit.exponent == pytest.approx(0.7, abs=0.02)
    line = log_fit(t, -7 - 0.01 * np.log(np.maximum(t, 1)))
    assert line.slope == pytest.approx(-0.01, abs=1e-4)
    assert stretched_fit(t[:5], e[:5]) is None and log_fit([0, 1], [0, 1]) is None


def test_first_passage_and_its_censoring():
    t = np.arange(11.0)
    assert first_passage(t, -t, -3.5).time == pytest.approx(3.5)
    missed = first_passage(t, -t, -20)
    assert missed.censored and str(missed) == "> 10"
    mean = passage_times(0.5, [Passage(10.0, 20), Passage(1000.0, 2000), Passage(None, 500)])
    assert (mean.mean, mean.reached, mean.censored, mean.least) == (pytest.approx(100), 2, 1, 500)

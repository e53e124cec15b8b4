import numpy as np
import pytest

from glasscli.errors import InputError
from glasscli.observables.pair_distribution import (
    PairDistribution,
    average,
    coordination_numbers,
    pair_distribution,
    total_coordination,
)
from tests.lattices import bcc, c15, fcc, gas


def brute_force(sample, edges, a, b):
    """V n_ab / (N_a N_b shell), every ordered pair looked at."""
    vectors = sample.positions[None] - sample.positions[:, None]
    r = np.linalg.norm(sample.box.minimum_image(vectors), axis=-1)
    np.fill_diagonal(r, np.inf)
    pairs = r[np.ix_(sample.species == a, sample.species == b)]
    counts = np.histogram(pairs, edges)[0]
    shells = 4 / 3 * np.pi * np.diff(edges**3)
    return counts * sample.volume / (sample.counts[a] * sample.counts[b] * shells)


@pytest.mark.parametrize("counts", [[300], [200, 100], [100, 50, 70]])
def test_partials_equal_a_brute_force_histogram(counts):
    sample = gas(counts, [5.0, 6.0, 7.0])
    found = pair_distribution(sample, bin_width=0.1)
    assert found.edges[-1] == 2.5
    total = np.zeros(len(found.r))
    for a in sample.counts:
        for b in sample.counts:
            expected = brute_force(sample, found.edges, a, b)
            np.testing.assert_allclose(found.partials[min(a, b), max(a, b)], expected, rtol=1e-9)
            total += sample.counts[a] * sample.counts[b] / sample.n_atoms**2 * expected
    np.testing.assert_allclose(found.total, total, rtol=1e-9)


def test_ideal_gas_is_one_within_its_noise():
    frames = [pair_distribution(gas([1500, 500], [10.0] * 3, seed=s), bin_width=0.25) for s in range(12)]
    mean = average(frames)
    shells = 4 / 3 * np.pi * np.diff(mean.edges**3)
    for key, pairs in (((1, 1), 1500 * 1500 / 2), ((1, 2), 1500 * 500), ((2, 2), 500 * 500 / 2)):
        noise = 1 / np.sqrt(pairs * shells / 1000 * 12)
        assert np.abs((mean.partials[key] - 1) / noise).max() < 4
        # The stated errors are those of Poisson's law, from 12 frames each known to a fifth.
        assert np.median(mean.partial_errors[key] / noise) == pytest.approx(1, abs=0.2)
    assert np.average(mean.total, weights=shells) == pytest.approx(1, abs=0.002)
    assert set(coordination_numbers(mean).values()) == {None} == {total_coordination(mean)}


def test_fcc_shells_stand_where_they_should_with_their_neighbours():
    crystal = fcc(edge=2**0.5, repeat=4)  # nearest neighbours at 1
    found = pair_distribution(crystal, bin_width=0.01, cutoff=2.3)
    neighbours = found.total * np.sqrt(2) * 4 / 3 * np.pi * np.diff(found.edges**3)
    occupied = np.flatnonzero(neighbours > 1e-6)
    shells = {round(float(found.r[k] ** 2)): 0.0 for k in occupied}
    for k in occupied:
        assert min(abs(found.r[k] - np.sqrt(s)) for s in shells) < 0.0101
        shells[round(float(found.r[k] ** 2))] += float(neighbours[k])
    assert shells == pytest.approx({1: 12, 2: 6, 3: 24, 4: 12, 5: 24}, abs=1e-6)
    assert total_coordination(found).number == pytest.approx(12)


def test_coordination_numbers_of_crystals():
    assert total_coordination(pair_distribution(bcc(repeat=5))).number == pytest.approx(8)
    laves = coordination_numbers(pair_distribution(c15(edge=2.0, repeat=3)))
    assert {k: round(v.number, 9) for k, v in laves.items()} == {(1, 1): 4, (1, 2): 12, (2, 1): 6, (2, 2): 6}


def test_glass_has_thirteen_neighbours(derlet_glass):
    distribution = pair_distribution(derlet_glass, cutoff=2.5)
    found = coordination_numbers(distribution)
    assert 12 < total_coordination(distribution).number < 14
    # Each face of the mixed pair is seen from both sides: N_1 z_12 = N_2 z_21.
    assert found[1, 2].number == pytest.approx(found[2, 1].number)


def test_a_split_first_peak_is_one_shell():
    """Pairs of three sizes make peaks at 0.85, 1.05 and 1.25 of the total; its minimum lies at 1.5, not between."""
    edges = np.linspace(0, 3, 301)
    r = (edges[1:] + edges[:-1]) / 2

    def g(peak):
        ramp = 1 / (1 + np.exp(-(r - peak) / 0.02))
        dip = 0.6 * np.exp(-(((r - 1.5) / 0.1) ** 2))
        return ramp * (1 - dip) + 3 * np.exp(-(((r - peak) / 0.03) ** 2))

    partials = {(1, 1): g(1.25), (1, 2): g(1.05), (2, 2): g(0.85)}
    total = sum(share * partials[pair] for pair, share in (((1, 1), 0.25), ((1, 2), 0.5), ((2, 2), 0.25)))
    split = PairDistribution(edges, total, partials, {1: 0.6, 2: 0.6}, 1000.0)
    found = total_coordination(split)
    assert found.radius == pytest.approx(1.5, abs=0.03)
    inside = r <= found.radius
    assert found.number == pytest.approx((1.2 * total * 4 * np.pi * r**2 * 0.01)[inside].sum(), rel=1e-3)


def test_means_carry_errors_and_refuse_unlike_frames():
    one = pair_distribution(gas([200], [6.0] * 3))
    assert one.total_error is None and one.partial_errors == {}
    two = average([one, pair_distribution(gas([200], [6.0] * 3, seed=1))])
    assert two.n_frames == 2 and two.total_error.shape == two.total.shape
    with pytest.raises(InputError, match="different bins"):
        average([one, pair_distribution(gas([200], [7.0] * 3))])
    with pytest.raises(InputError, match="different species"):
        average([one, pair_distribution(gas([100, 100], [6.0] * 3))])
    with pytest.raises(InputError, match="at least one frame"):
        average([])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"cutoff": 3.1}, "half the box, 3: 3.1"),
        ({"cutoff": 0.0}, "cutoff"),
        ({"bin_width": 0.0}, "bin width"),
    ],
)
def test_bad_bins_are_one_line(options, says):
    with pytest.raises(InputError, match=says):
        pair_distribution(gas([10], [6.0] * 3), **options)


def test_a_cutoff_shorter_than_any_distance_costs_no_memory():
    """Cells no smaller than an atom needs: at a ten thousandth of the box there would be 10^13 of half a cutoff."""
    found = pair_distribution(gas([50], [10.0] * 3), bin_width=0.0001, cutoff=0.001)
    assert not found.total.any()
    sample = gas([40, 40], [10.0] * 3)
    short, whole = (pair_distribution(sample, 0.1, cutoff).total for cutoff in (0.9, 5.0))
    np.testing.assert_allclose(short, whole[: len(short)])


def test_more_bins_than_memory_are_refused():
    with pytest.raises(InputError, match="too many for g"):
        pair_distribution(gas([5], [10.0] * 3), bin_width=1e-9)

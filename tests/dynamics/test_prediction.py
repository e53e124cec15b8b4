"""Predictors find what there is, nothing in noise, and are not fooled by neighbours that are alike."""

import numpy as np
import pytest

from glasscli.errors import InputError
from glasscli.observables.prediction import correlation, ridge, slabs

RNG = np.random.default_rng(4)
PLACES = RNG.uniform(0, 1, (1000, 3))


def test_correlations():
    x = RNG.standard_normal(4000)
    found = correlation(x, np.exp(3 * x))
    assert found.spearman == pytest.approx(1.0) and found.pearson < 0.7
    assert correlation(x, np.ones(4000)).pearson is None
    both = correlation(x, RNG.standard_normal(4000))
    assert abs(both.pearson) < 0.06 and abs(both.spearman) < 0.06


def test_slabs_are_regions_of_equally_many_atoms():
    found = slabs(PLACES)
    assert np.bincount(found).tolist() == [200] * 5
    assert PLACES[found == 0, 0].max() <= PLACES[found == 1, 0].min()


def test_a_linear_law_is_found_with_the_share_that_noise_leaves():
    x = RNG.standard_normal((1000, 4))
    target = 2 * x[:, 0] - x[:, 2] + np.sqrt(5) * RNG.standard_normal(1000)
    found = ridge({f"m{k}": x[:, k] for k in range(4)}, target, slabs(PLACES))
    assert found.score == pytest.approx(0.5, abs=0.08) and found.pearson == pytest.approx(
        np.sqrt(0.5), abs=0.06
    )
    assert found.weights["m0"] == pytest.approx(2, abs=0.3) and found.weights["m1"] == pytest.approx(
        0, abs=0.3
    )
    assert abs(found.shuffled) < 0.05


def test_noise_foretells_nothing_though_neighbours_are_alike():
    """Both vary slowly in space: atom by atom each would seem to be foretold."""
    waves = [
        np.cos(2 * np.pi * PLACES @ k + p)
        for k, p in zip(RNG.integers(-2, 3, (30, 3)), RNG.uniform(0, 6, 30), strict=True)
    ]
    found = ridge({f"m{k}": w for k, w in enumerate(waves[:10])}, sum(waves[10:]), slabs(PLACES))
    assert found.score < 0.3


def test_few_atoms_are_refused():
    with pytest.raises(InputError, match="too few"):
        ridge({"m": RNG.standard_normal(20)}, RNG.standard_normal(20), slabs(PLACES[:20]))

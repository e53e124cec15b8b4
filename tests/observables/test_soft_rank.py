"""The rank of atoms in a map: one for the softest, a half for those at random, nothing for the stiffest."""

import numpy as np
import pytest

from glasscli.observables.soft_rank import rank


def test_the_softest_atoms_rank_first_and_those_at_random_in_the_middle():
    rng = np.random.default_rng(1)
    values = rng.random(500)
    order = np.argsort(values)
    assert rank(values, order[-5:]) == pytest.approx(1 - 2.5 / 500)
    assert rank(values, order[:5]) == pytest.approx(2.5 / 500)
    many = [rank(values, rng.choice(500, 5, replace=False)) for _ in range(400)]
    assert np.mean(many) == pytest.approx(0.5, abs=4 * np.sqrt(1 / 12 / 5 / 400))
    assert np.std(many) == pytest.approx(np.sqrt(1 / 12 / 5), rel=0.15)
    assert rank(np.ones(500), order[:5]) == 0.5

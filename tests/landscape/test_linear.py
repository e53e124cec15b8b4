"""Symmetric equations known by products alone: against SciPy's solver, and against what is exact."""

import numpy as np
import pytest
from scipy.sparse.linalg import minres

from glasscli.landscape.linear import minimal_residual


def symmetric(values: np.ndarray, seed: int) -> np.ndarray:
    """A matrix of these eigenvalues."""
    turned = np.linalg.qr(np.random.default_rng(seed).standard_normal((len(values),) * 2))[0]
    return (turned * values) @ turned.T


@pytest.mark.parametrize("tolerance", [1e-3, 1e-7, 1e-12])
def test_it_goes_as_far_as_scipys(tolerance):
    matrix = symmetric(np.concatenate([[-3.0, -0.1, 0.02], np.linspace(0.5, 90, 57)]), 1)
    right = np.random.default_rng(2).standard_normal(60)
    products = []

    def product(v):
        products.append(v)
        return matrix @ v

    theirs: list[int] = []
    wanted, _ = minres(matrix, right, rtol=tolerance, maxiter=240, callback=lambda _: theirs.append(1))
    found = minimal_residual(product, right, tolerance, 240)
    # Round-off decides the last few where the tolerance is near it.
    assert abs(len(products) - len(theirs)) <= (5 if tolerance == 1e-12 else 0)
    assert np.abs(found - wanted).max() < 1e-8 * np.abs(wanted).max()
    if tolerance == 1e-12:
        assert np.abs(found - np.linalg.solve(matrix, right)).max() < 1e-8 * np.abs(found).max()


def test_where_there_is_no_solution_it_comes_as_near_as_it_can():
    """A rigid shift costs nothing and is solved for by nothing."""
    matrix, right = symmetric(np.array([0.0, 1.0, 2.0, 5.0, -4.0]), 3), np.arange(1.0, 6.0)
    free = np.linalg.eigh(matrix)[1][:, 1]
    right = right - free * (free @ right)
    found = minimal_residual(lambda v: matrix @ v, right, 1e-12, 20)
    assert np.abs(found - np.linalg.pinv(matrix) @ right).max() < 1e-10
    assert not minimal_residual(lambda v: matrix @ v, np.zeros(5), 1e-12, 20).any()

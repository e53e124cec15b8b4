"""The root finder against scipy's."""

import numpy as np
import pytest
from scipy.optimize import brentq

from glasscli.theory.roots import find_root


@pytest.mark.parametrize("seed", range(50))
def test_a_root_is_where_scipy_finds_it(seed):
    rng = np.random.default_rng(seed)
    a, b, c = rng.uniform(0.1, 3, 3)
    functions = [
        lambda x: np.exp(a * x) - b / 9 - 1,
        lambda x: x**3 * a - b / 4,
        lambda x: np.tanh(40 * (x - c / 3)),
        lambda x: (x - c / 3) ** 9,
        lambda x: np.log(x + 1e-9) + c / 2,
    ]
    for function in functions[:3] + functions[4:]:
        expected = brentq(function, 0.0, 5.0, xtol=1e-14)
        assert find_root(function, 0.0, 5.0) == pytest.approx(expected, abs=2e-14, rel=1e-14)
    # So flat a root is found only to where the function is zero in floating point.
    assert find_root(functions[3], 0.0, 5.0) == pytest.approx(c / 3, abs=1e-10)


def test_steps_are_few_and_a_missing_change_of_sign_is_said():
    calls = []
    find_root(lambda x: calls.append(x) or np.cos(x) - x, 0, 1)
    assert len(calls) < 15
    assert find_root(lambda x: x, 0.0, 1.0) == 0.0
    with pytest.raises(ValueError, match="no change of sign"):
        find_root(lambda x: x**2 + 1, -1, 1)

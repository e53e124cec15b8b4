"""Down to minima that are near or far beside the first step."""

import numpy as np
import pytest

from glasscli.engine.descent import descend


@pytest.mark.parametrize("off", [1.0, 1e-4, 1e-6, 1e-8])
def test_what_is_almost_at_rest_comes_to_rest_whatever_the_first_step(off):
    """A configuration in single precision is off by less than a first step halved twelve times."""
    stiff = np.linspace(50, 500, 30).reshape(10, 3)
    there = off * np.random.default_rng(1).normal(size=(10, 3))
    found = descend(lambda x: (0.5 * float((stiff * x**2).sum()) - 1000, -stiff * x), there, 0.05, 1e-9)
    assert found.max_force <= 1e-9
    assert np.abs(found.positions).max() < 1e-10

"""Distributions of drops: densities that integrate to one, and a law that is found again."""

import numpy as np
import pytest

from glasscli.observables.drops import PER_DECADE, drops


def test_a_power_law_is_found_again():
    rng = np.random.default_rng(1)
    values = 1e-3 * (1 - rng.random(20000)) ** -2  # P(x) goes as x^-3/2
    found = drops(np.concatenate([values, [-1.0, 0.0]]))
    assert found.n == 20000 and found.rising == 2
    widths = found.size * (10 ** (0.5 / PER_DECADE) - 10 ** (-0.5 / PER_DECADE))
    assert float(found.density @ widths) == pytest.approx(1)
    many = (found.density_error / found.density < 0.1) & (found.size > 2e-3)
    slope = np.polyfit(np.log(found.size[many]), np.log(found.density[many]), 1)[0]
    assert slope == pytest.approx(-1.5, abs=0.05)


def test_none_is_none():
    found = drops(np.array([-1.0]))
    assert found.n == 0 and found.mean is None and not len(found.size)

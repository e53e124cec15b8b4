"""Errors of means over frames that resemble their neighbours, against the known variance of such a mean."""

import numpy as np
import pytest

from glasscli.observables.blocks import mean_of_frames, over_frames


def test_independent_frames_count_each():
    stack = np.random.default_rng(0).standard_normal((100, 30))
    found = mean_of_frames(list(stack))
    assert found.blocks == pytest.approx(100, rel=0.1)
    np.testing.assert_allclose(found.error, stack.std(axis=0, ddof=1) / 10, rtol=0.06)
    # Two frames tell nothing of time: the plain standard error.
    two = mean_of_frames(list(stack[:2]))
    np.testing.assert_array_equal(two.error, stack[:2].std(axis=0, ddof=1) / np.sqrt(2))


def test_correlated_frames_count_as_their_blocks():
    """x_t = 0.8 x_(t-1) + noise: tau = (1 + 0.8)/(1 - 0.8) = 9, so the mean of n has the variance of n/9 frames."""
    rng = np.random.default_rng(1)
    x = np.empty((1000, 40))
    x[0] = rng.standard_normal(40)
    for t in range(1, 1000):
        x[t] = 0.8 * x[t - 1] + 0.6 * rng.standard_normal(40)
    found = mean_of_frames(list(1 + x))
    assert found.blocks == pytest.approx(1000 / 9, rel=0.25)
    assert found.error.mean() == pytest.approx(np.sqrt(9 / 1000), rel=0.15)
    # And it is what the forty means scatter by, which know nothing of tau.
    assert found.mean.std(ddof=1) == pytest.approx(found.error.mean(), rel=0.3)


def test_frames_that_do_not_differ_and_single_ones():
    still = mean_of_frames([np.ones(3)] * 5)
    assert still.error.tolist() == [0, 0, 0] and still.blocks == 5
    one = mean_of_frames([np.ones(3)])
    assert one.error is None and over_frames(1, one.blocks) == "none: one frame"
    assert over_frames(10, 4.23) == "standard errors over 10 frames, of which 4.23 are independent"

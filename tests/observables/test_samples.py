"""Errors of means over samples hold the truth as often as they say."""

import numpy as np
import pytest

from glasscli.observables.samples import jackknife, line_through_means, mean_of_samples


@pytest.mark.parametrize("n", [2, 3, 8, 30])
def test_errors_hold_the_truth_in_68_of_100_cases(n):
    """Twenty thousand ensembles of n samples; the share of those within one error scatters by 0.003."""
    samples = np.random.default_rng(n).normal(3.0, 0.7, (n, 20000))
    mean, error = mean_of_samples(samples)
    assert np.mean(np.abs(mean - 3.0) < error) == pytest.approx(0.683, abs=0.012)


def test_the_error_is_that_of_the_bootstrap_for_many_samples():
    rng = np.random.default_rng(1)
    values = rng.normal(0, 1, 60)
    drawn = rng.choice(values, (20000, 60)).mean(axis=1)
    mean, error = mean_of_samples(values)
    assert mean == pytest.approx(values.mean(), rel=1e-14)
    assert error == pytest.approx(drawn.std(), rel=0.03)


def test_what_is_missing_is_left_out_and_one_sample_has_no_error():
    mean, error = mean_of_samples([[1.0, 5.0, np.nan], [3.0, np.nan, np.nan]])
    assert mean.tolist()[:2] == [2.0, 5.0] and np.isnan(mean[2])
    assert error[0] > 0 and np.isnan(error[1:]).all()


def test_the_jackknife_of_a_mean_is_its_error_and_that_of_a_ratio_holds_the_truth():
    """Of a mean the delete-one jackknife is exact; of a ratio of means it is so in 68 of 100 cases."""
    rng = np.random.default_rng(2)
    values = rng.normal(2, 1, 7)
    without = [np.delete(values, k).mean() for k in range(7)]
    assert jackknife(without) == pytest.approx(mean_of_samples(values)[1], rel=1e-12)
    x, y = rng.normal(5, 1, (2, 8, 20000))
    ratio, parts = (
        x.mean(0) / y.mean(0),
        [np.delete(x, k, 0).mean(0) / np.delete(y, k, 0).mean(0) for k in range(8)],
    )
    assert np.mean(np.abs(ratio - 1) < jackknife(parts)) == pytest.approx(0.683, abs=0.02)
    assert np.isnan(jackknife([[1.0, 2.0]])).all()


def test_a_line_through_means_strays_from_the_truth_by_its_errors():
    rng = np.random.default_rng(3)
    x, sigma = np.array([-3.0, -2.0, -1.0, 0.0]), np.array([0.01, 0.02, 0.05, 0.1])
    strays = []
    for _ in range(2000):
        line = line_through_means(x, 0.6 + 0.03 * x + sigma * rng.standard_normal(4), sigma)
        strays.append([(line.slope - 0.03), (line.intercept - 0.6)])
    exact = line_through_means(x, 0.6 + 0.03 * x, sigma)
    assert (exact.slope, exact.intercept, exact.n) == (pytest.approx(0.03), pytest.approx(0.6), 4)
    assert np.std(strays, axis=0) == pytest.approx([exact.slope_error, exact.intercept_error], rel=0.06)
    # Means that miss a line by more than they are uncertain by make it as uncertain.
    wide = line_through_means(x, 0.6 + 0.03 * x + 10 * sigma * np.array([1, -1, -1, 1]), sigma)
    assert wide.slope_error == pytest.approx(exact.slope_error * np.sqrt(wide.chi2 / 2))
    assert line_through_means(x[:3], [0.5, 0.6, 0.7], [0.1, np.nan, 0.1]) is None

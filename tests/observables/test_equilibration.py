"""The verdict on equilibrium, on series whose answer is known."""

import numpy as np
import pytest

from glasscli.observables.equilibration import (
    AGEING,
    CRYSTALLISING,
    EQUILIBRATED,
    _covariances,
    correlation,
    decorrelation_time,
    verdict,
)


def correlated(n, phi, seed, scale=0.01):
    """An autoregressive series around -7.4 whose integrated autocorrelation time is (1 + phi)/(1 - phi)."""
    rng, x = np.random.default_rng(seed), np.zeros(n)
    for k in range(1, n):
        x[k] = phi * x[k - 1] + rng.normal()
    return -7.4 + scale * x * np.sqrt(1 - phi**2)


@pytest.mark.parametrize("phi", [0.0, 0.5, 0.8])
def test_the_decorrelation_time_of_an_autoregression(phi):
    times = [decorrelation_time(correlated(20000, phi, seed)) for seed in range(10)]
    assert np.mean(times) == pytest.approx((1 + phi) / (1 - phi), rel=0.15)


def test_errors_of_the_drift_hold_for_correlated_samples():
    """A series without drift is called drifting about once in twenty times, not more often than one in seven."""
    found = [verdict(correlated(800, 0.8, seed)) for seed in range(200)]
    wrong = sum(v.label == AGEING for v in found)
    assert wrong < 200 / 7
    normal = np.array([v.drift / v.drift_error for v in found])
    assert 0.8 < normal.std() < 1.4


def test_a_short_run_that_goes_on_falling_is_seldom_called_equilibrated():
    """Over the last half of 51 samples the energy falls by 2.3 fluctuations, which are correlated over six samples."""
    fall = -0.114 * np.linspace(0, 1, 102)
    found = [verdict(correlated(102, 0.7, seed, 0.025) + fall).label for seed in range(200)]
    assert found.count(EQUILIBRATED) < 200 / 5


def test_a_series_too_short_to_know_its_own_decorrelation_is_not_called_equilibrated():
    """Thirteen samples look independent by chance where each lasts over two; of a hundred ten times are plain."""
    for phi in (0.0, 0.4):
        found = [verdict(correlated(26, phi, seed)) for seed in range(200)]
        assert not any(one.label == EQUILIBRATED for one in found)
        quiet = [one for one in found if abs(one.drift) <= 2 * one.drift_error]
        assert quiet and all(one.label is None and "too short to judge" in one.reason for one in quiet)
    slow = correlated(400, 0.97, 3)
    assert verdict(slow).label in (None, AGEING)
    found = [verdict(correlated(200, 0.4, seed)).label for seed in range(100)]
    assert found.count(EQUILIBRATED) > 75


@pytest.mark.parametrize("phi", [0.0, 0.8])
def test_the_error_of_the_decorrelation_time_is_how_far_it_scatters(phi):
    found = np.array([correlation(correlated(4000, phi, seed)) for seed in range(60)])
    assert found[:, 0].std() == pytest.approx(found[:, 1].mean(), rel=0.7)


def test_each_label_has_its_cause():
    still = correlated(400, 0.5, 2)
    assert verdict(still).label == EQUILIBRATED
    ageing = still - 0.05 * np.log(1 + np.arange(400) / 20)
    found = verdict(ageing)
    assert found.label == AGEING and found.drift < -3 * found.drift_error
    assert f"{found.drift:+.4f}" in found.reason
    assert verdict(still, np.linspace(0, 0.4, 400)).label == CRYSTALLISING
    assert verdict(still, np.full(400, 0.01), other=still - 0.1).label == AGEING
    agreed = verdict(still, np.full(400, 0.01), other=correlated(400, 0.5, 4))
    assert agreed.label == EQUILIBRATED and abs(agreed.difference) < 2 * agreed.difference_error


def test_a_slow_crystallisation_is_no_equilibrium():
    """From 6 to 10 % of the atoms in the last half, well above what they scatter, is less than crystallising."""
    still, noise = correlated(400, 0.5, 2), correlated(400, 0.5, 6, 0.005) + 7.4
    found = verdict(still, np.linspace(0.02, 0.1, 400) + noise)
    assert found.label == AGEING and "rising by" in found.reason
    assert verdict(still, 0.08 + noise).label == EQUILIBRATED
    wrong = sum(
        verdict(still, 0.08 + 0.7 * correlated(400, 0.8, seed, 0.03) + 0.7 * 7.4).label != EQUILIBRATED
        for seed in range(100)
    )
    assert wrong < 10


def test_too_few_points_get_no_label():
    found = verdict(np.full(9, -7.0))
    assert found.label is None and "too few" in found.reason


def test_covariances_of_a_long_series_are_the_sums_that_they_are():
    """Lags beyond the first are taken at once, by Fourier's way."""
    d = correlated(1000, 0.99, 5)[:, None] * [1.0, 0.3] - [7.4, 0.1]
    d -= d.mean(axis=0)
    sums = [np.vdot(d[:-lag], d[lag:]) for lag in range(1, 500)]
    assert np.allclose(list(_covariances(d)), sums, rtol=0, atol=1e-12 * np.vdot(d, d))

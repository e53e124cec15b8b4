"""Green-Kubo integrals of processes whose answer is known, and when a plateau is none."""

import numpy as np
import pytest

from glasscli.errors import InputError
from glasscli.observables.green_kubo import (
    autocorrelation,
    evenly_spaced,
    green_kubo,
    shear_stress,
    spectrum,
    spectrum_of,
)


def decaying(n, time, spacing, rng, components=6):
    """Ornstein and Uhlenbeck: <x(0) x(t)> = exp(-t/time)."""
    from scipy.signal import lfilter

    keep = np.exp(-spacing / time)
    noise = np.sqrt(1 - keep**2) * rng.standard_normal((n, components))
    noise[0] = rng.standard_normal(components)
    return lfilter([1.0], [1.0, -keep], noise, axis=0)


def test_autocorrelations_are_those_of_loops():
    x = np.random.default_rng(0).standard_normal((50, 2))
    found = autocorrelation(x, 20)
    for lag in range(20):
        np.testing.assert_allclose(found[lag], (x[: 50 - lag] * x[lag:]).mean(axis=0), rtol=1e-12, atol=1e-13)


def test_the_integral_of_an_exponential():
    rng = np.random.default_rng(1)
    series = decaying(400_000, 0.5, 0.02, rng)
    found = green_kubo(series, 0.02, 2.0)
    exact = 2.0 * 6 * 0.5  # factor, components, time
    assert found.plateau and found.value == pytest.approx(exact, abs=3 * found.error)
    assert found.error < 0.04 * exact and found.window[0] > 1.0
    np.testing.assert_allclose(found.correlation[:50] / 6, np.exp(-found.time[:50] / 0.5), atol=0.06)


def test_a_run_of_few_relaxation_times_has_no_plateau():
    found = green_kubo(decaying(20_000, 5.0, 0.02, np.random.default_rng(1)), 0.02, 1.0)
    assert not found.plateau and found.value is None and found.reason.startswith("no plateau")
    with pytest.raises(InputError, match="too few"):
        green_kubo(np.zeros((50, 6)), 0.1, 1.0)


def test_shears_are_weighted_as_for_an_isotropic_liquid():
    """An isotropic tensor: off-diagonals of variance 1, (xx - yy)/2 too."""
    rng = np.random.default_rng(3)
    n = 200_000
    off = rng.standard_normal((n, 3))
    symmetric = rng.standard_normal((n, 3)) * np.sqrt(2.0)
    diagonal = symmetric - symmetric.mean(axis=1, keepdims=True) + rng.standard_normal((n, 1))
    names = [f"pressure_{ab}" for ab in ("xx", "yy", "zz", "xy", "xz", "yz")]
    parts = shear_stress(dict(zip(names, np.hstack([diagonal, off]).T, strict=True)))
    assert (parts**2).sum(axis=1).mean() == pytest.approx(1.0, rel=0.01)


def test_a_spectrum_integrates_to_one_and_peaks_where_it_swings():
    t = np.arange(2000) * 0.01
    frequency, found = spectrum(np.cos(30 * t) * np.exp(-t / 2), 0.01)
    assert np.trapezoid(found, frequency) == pytest.approx(1.0, abs=0.01)
    assert frequency[np.argmax(found)] == pytest.approx(30, abs=0.3)


def test_a_gas_has_a_gaussian_dynamical_structure_factor():
    """S(q, omega) of F = exp(-t^2/2) is exp(-omega^2/2)/sqrt(2 pi), its integral S(q); a hole ends the lags."""
    lag = np.append(5 * np.arange(400), 5000)
    frequency, found = spectrum_of(lag, 3 * np.exp(-((lag * 0.01) ** 2) / 2), 5, 0.01)
    np.testing.assert_allclose(found, 3 * np.exp(-(frequency**2) / 2) / np.sqrt(2 * np.pi), atol=0.01)
    assert 2 * np.trapezoid(found, frequency) == pytest.approx(3.0, rel=0.01)


def test_even_spacing():
    assert evenly_spaced(np.array([5, 10, 15])) == 5
    assert evenly_spaced(np.array([1, 2, 4])) is None

"""What a stress says, of series whose answer is known."""

import numpy as np
import pytest

from glasscli.errors import InputError
from glasscli.observables.rheology import creep, herschel_bulkley, level, moduli


def test_a_level_has_the_error_of_its_correlated_noise():
    """An autoregressive series of correlation 0.9: its mean errs 19^(1/2) times as much as of independent ones."""
    random, values = np.random.default_rng(2), np.zeros(40000)
    for k, kick in enumerate(random.normal(size=len(values) - 1), start=1):
        values[k] = 0.9 * values[k - 1] + kick
    found = level(5 + values)
    expected = np.sqrt(1 / (1 - 0.81) * 19 / 20000)
    assert (
        found.error == pytest.approx(expected, rel=0.1)
        and abs(found.value - 5) < 3 * expected
        and found.steady
    )
    assert not level(5 + values + np.linspace(0, 20, len(values))).steady
    with pytest.raises(InputError, match="too few"):
        level(values[:10])


def test_moduli_of_a_maxwell_body():
    """G' = G w^2 t^2 / (1 + w^2 t^2), G'' = G w t / (1 + w^2 t^2)."""
    G, wt, amplitude = 15.0, 2.0, 0.02
    storage, loss = G * wt**2 / (1 + wt**2), G * wt / (1 + wt**2)
    angle = np.arange(0, 2 * np.pi * 21, 2 * np.pi / 40)
    exact = 0.3 + amplitude * (storage * np.cos(angle) - loss * np.sin(angle))
    found = moduli(angle, exact, amplitude)
    assert (found.storage, found.loss, found.periods) == (pytest.approx(storage), pytest.approx(loss), 20)
    assert found.third < 1e-9 and found.storage_error < 1e-9
    noisy = moduli(angle, exact + np.random.default_rng(1).normal(0, 0.05, len(angle)), amplitude)
    assert noisy.storage_error == pytest.approx(0.05 * np.sqrt(2 / 40 / 20) / amplitude, rel=0.5)
    assert (
        abs(noisy.storage - storage) < 4 * noisy.storage_error
        and abs(noisy.loss - loss) < 4 * noisy.loss_error
    )
    cubed = moduli(angle, amplitude * np.cos(angle) ** 3, amplitude)  # 3/4 cos + 1/4 cos 3
    assert cubed.third == pytest.approx(1 / 3) and cubed.storage == pytest.approx(0.75)
    with pytest.raises(InputError, match="two whole periods"):
        moduli(angle[:60], exact[:60], amplitude)
    with pytest.raises(InputError, match="--stress-every"):
        moduli(angle[::8], exact[::8], amplitude)


def test_creep_of_a_burgers_body():
    """A spring, a dashpot, and a spring beside a dashpot: what flows remains, the rest comes back."""
    stress, flow, instant, late, tau = 0.4, 50.0, 12.0, 20.0, 3.0
    time = np.arange(0, 100, 0.1)
    under = time <= 60
    strain = stress * (1 / instant + time / flow + (1 - np.exp(-time / tau)) / late)
    back = stress * (60 / flow + np.exp(-(time - 60) / tau) * (1 - np.exp(-60 / tau)) / late)
    found = creep(time, np.where(under, strain, back), stress, 60)
    assert found.viscosity == pytest.approx(flow, rel=1e-3)
    assert found.compliance == pytest.approx(1 / instant + 60 / flow + 1 / late, rel=1e-6)
    assert found.recovered == pytest.approx((1 / instant + 1 / late) / found.compliance, rel=1e-4)
    solid = creep(time, 0.03 + np.random.default_rng(1).normal(0, 1e-3, len(time)), stress, 100)
    assert solid.viscosity is None and solid.recovered is None


def test_the_law_of_herschel_and_bulkley_comes_back_with_errors_that_hold():
    """Of 200 curves with noise of 2 %, the parameters are off by one standard error on average."""
    rate, random = np.geomspace(1e-4, 1e-1, 8), np.random.default_rng(3)
    exact = 0.5 + 2.0 * rate**0.45
    found = herschel_bulkley(rate, exact, 0.01 * exact)
    assert (found.yield_stress, found.consistency, found.exponent) == pytest.approx(
        (0.5, 2.0, 0.45), rel=1e-5
    )
    assert found.stress(rate) == pytest.approx(exact)
    off = []
    for _ in range(200):
        fit = herschel_bulkley(rate, exact * (1 + random.normal(0, 0.02, len(rate))), 0.02 * exact)
        off.append([
            (fit.yield_stress - 0.5) / fit.yield_stress_error, (fit.consistency - 2) / fit.consistency_error,
            (fit.exponent - 0.45) / fit.exponent_error, fit.chi2,
        ])  # fmt: skip
    spread, chi2 = np.std(np.array(off)[:, :3], axis=0), np.mean(np.array(off)[:, 3])
    assert spread == pytest.approx(1, abs=0.25) and chi2 == pytest.approx(1, abs=0.15)
    back = herschel_bulkley(-rate, -exact, 0.01 * exact)
    assert back.yield_stress == pytest.approx(0.5, rel=1e-5)
    with pytest.raises(InputError, match="4 rates"):
        herschel_bulkley(rate[:3], exact[:3], 0.01 * exact[:3])

"""eta(t) against the integrated equation, its extremes, the full equations, the condensate and the fit."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from glasscli.errors import InputError
from glasscli.theory import condensate, kinetics, relaxation_fit


def integrated(t, gain, Gamma, Omega=0.0):
    """Eq. 11 by an adaptive integrator that shares nothing with the closed form; |b(t)|/|b(end)|."""
    G = Gamma + 1j * Omega

    def rate(u, y):
        b, d = y[0] + 1j * y[1], y[2] + 1j * y[3]
        bend = -G * d + gain**2 * np.exp(-u) * b
        return [d.real, d.imag, bend.real, bend.imag]

    y = solve_ivp(rate, (0, t[-1]), [0.0, 0.0, 1.0, 0.0], "DOP853", t, rtol=1e-9, atol=1e-12).y
    b = np.hypot(y[0], y[1])
    return b / b[-1]


@pytest.mark.parametrize(
    ("gain", "Gamma", "t_half", "precision", "curve"), [(20, 10, 4.12, 5e-3, 3), (1, 1, 1.199, 5e-4, 2)]
)
def test_checked_half_times(gain, Gamma, t_half, precision, curve):
    assert kinetics.time_to(0.5, gain, Gamma) == pytest.approx(t_half, abs=precision)
    assert kinetics.regime(kinetics.inflections(gain, Gamma), Gamma) == curve


def test_closed_form_against_integration_at_random_parameters():
    rng = np.random.default_rng(1)
    for gain, Gamma in zip(rng.uniform(0.05, 15, 200), np.exp(rng.uniform(-1, 2.5, 200)), strict=True):
        end = kinetics.time_to(0.99, gain, Gamma)
        t = np.linspace(0, end, 12)
        ours = kinetics.order_parameter(t, gain, Gamma)
        assert ours / ours[-1] == pytest.approx(integrated(t, gain, Gamma), abs=2e-7), (gain, Gamma)


def test_off_resonance_against_integration():
    t = np.linspace(0, 12, 13)
    for gain, Gamma, Omega in ((2.0, 1.0, 3.0), (8.0, 4.0, 1.0), (0.5, 2.0, 10.0)):
        ours = kinetics.off_resonance(t, gain, Gamma, Omega)
        assert ours / ours[-1] == pytest.approx(integrated(t, gain, Gamma, Omega), abs=1e-7)
    assert kinetics.off_resonance(t, 20, 10, 0) == pytest.approx(
        kinetics.order_parameter(t, 20, 10), abs=1e-12
    )


def test_equation_14_holds_with_mended_exponents_only():
    t = np.linspace(0.1, 4, 30)
    exact = kinetics.off_resonance(t, 0.05, 1.0, 60.0)
    assert kinetics.far_off_resonance(t, 1.0, 60.0) == pytest.approx(exact, abs=1e-4)
    printed = kinetics.far_off_resonance(t, 0.5, 60.0)
    assert np.abs(printed - exact).max() > 0.1


@pytest.mark.parametrize(
    ("gain", "Gamma"), [(250, 10), (250, 300), (1e-9, 2), (0, 2), (0.5, 800), (20, 0.05)]
)
def test_extremes_stay_between_zero_and_one(gain, Gamma):
    end = kinetics.time_to(0.999, gain, Gamma)
    eta = kinetics.order_parameter(np.linspace(0, 3 * end, 200), gain, Gamma)
    assert eta[0] == 0 and (np.diff(eta) > -1e-11).all()
    assert eta[-1] == pytest.approx(1, abs=1e-3)
    if gain < 1e-6:
        assert kinetics.time_to(0.5, gain, Gamma) == pytest.approx(np.log(2) / Gamma, rel=1e-9)


def test_z0_of_500_against_mpmath():
    import mpmath

    z0, nu = mpmath.mpf(500), mpmath.mpf(10)
    t = np.array([0.01, 0.5, 5.0, 9.0, 12.0])
    ours = kinetics.order_parameter(t, 250, 10)
    with mpmath.workdps(40):
        for time, value in zip(t, ours, strict=True):
            z = z0 * mpmath.exp(-mpmath.mpf(float(time)) / 2)
            bracket = mpmath.besseli(nu, z0) * mpmath.besselk(nu, z) - mpmath.besseli(nu, z) * mpmath.besselk(
                nu, z0
            )
            exact = 2 * (z0 / 2) ** nu * mpmath.exp(-nu * mpmath.mpf(float(time)) / 2) * bracket
            exact /= mpmath.besseli(nu, z0) * mpmath.gamma(nu)
            assert value == pytest.approx(float(exact), rel=1e-9)


def test_debye_expansion_against_mpmath():
    import mpmath

    z = np.array([1e-6, 0.1, 3.0, 40.0, 300.0])
    for nu in (41.0, 120.5, 400.0):
        for kind, exact in (("I", mpmath.besseli), ("K", mpmath.besselk)):
            with mpmath.workdps(30):
                expected = [float(mpmath.log(exact(nu, mpmath.mpf(float(at))))) for at in z]
            assert kinetics._log_debye(kind, nu, z) == pytest.approx(expected, rel=1e-13, abs=1e-12)


def test_inflections_are_where_the_slope_turns():
    for gain, Gamma in ((20, 10), (5, 1), (250, 10)):
        bends = kinetics.inflections(gain, Gamma)
        assert len(bends) == 2
        for at in bends:
            t = at * (1 + np.array([-0.02, -0.01, 0.01, 0.02]))
            slope = np.diff(kinetics.order_parameter(t, gain, Gamma)) / np.diff(t)
            assert (slope[1] - slope[0]) * (slope[2] - slope[1]) < 0 or abs(
                slope[2] - 2 * slope[1] + slope[0]
            ) > abs(slope[2] - slope[0])
    assert kinetics.inflections(1, 1) == [] == kinetics.inflections(1, 10)
    # At the start b'' = -G b' + gain^2 b with b = t b'(0).
    assert kinetics.inflections(250, 10)[0] == pytest.approx(10 / 250**2, rel=2e-2)


def test_full_equations_reduce_to_the_closed_form_and_conserve():
    t = np.linspace(0, 12, 25)
    weak = kinetics.integrate(t, 3.0, 0.7, seed=1e-9)
    closed = kinetics.order_parameter(t, 3.0, 0.7)
    assert weak.eta * closed[-1] == pytest.approx(closed, abs=1e-8)
    assert weak.population == pytest.approx(np.exp(-t), abs=1e-8)
    strong = kinetics.integrate(t, 20.0, 10.0, seed=1e-2)
    assert strong.population[10] < np.exp(-t[10]) - 1e-3  # emptied by the growth
    # d(s + 2 b^2)/dt = -s: what is emptied but by itself is in the condensate.
    fine = np.linspace(0, 3, 6001)
    strong = kinetics.integrate(fine, 20.0, 10.0, seed=1e-2)
    total = strong.population + 2 * strong.amplitude**2
    assert total[-1] - 1 == pytest.approx(-np.trapezoid(strong.population, fine), abs=1e-6)
    off = kinetics.integrate(t, 2.0, 1.0, seed=1e-9, Omega=3.0)
    exact = kinetics.off_resonance(t, 2.0, 1.0, 3.0)
    assert off.eta * exact[-1] == pytest.approx(exact, abs=1e-8)


def test_threshold_and_condensate_against_the_integrated_laser():
    pump = condensate.Pump(G=2.0, kappa=0.5, D=1.3, t_s=0.7, n=3.0, a=0.8)
    assert pump.threshold == pytest.approx(2.0 * 0.5 / (3.0 * 1.3**2 * 0.8))
    t = np.linspace(0, 300, 5)
    for ratio in (0.5, 0.95, 1.5, 4.0):
        assert pump.evolve(ratio * pump.threshold, t)[-1] == pytest.approx(
            pump.condensate(ratio * pump.threshold), rel=1e-5, abs=1e-6
        )
    assert pump.condensate(pump.threshold) == 0
    # Far above the threshold Eq. 18 is 19.
    assert condensate.induced_order(0.8, 0.3, 1e6, pump, 100.0) == pytest.approx(
        condensate.saturated_order(0.8, 0.3, 1e6, pump, 100.0), rel=1e-4
    )
    with pytest.raises(InputError, match="concentration"):
        condensate.induced_order(0.8, 1.3, 1e6, pump)
    low, high = (condensate.induced_order(eta, 0.3, 10.0, pump, 100.0) for eta in (0.0, 0.8))
    assert high > low > 0
    assert condensate.induced_order(0.0, 0.6, 10.0, pump) == 0
    with pytest.raises(InputError):
        condensate.Pump(1, 1, 0, 1)


def test_fit_finds_what_made_the_data_and_prefers_the_right_law():
    rng = np.random.default_rng(3)
    t = np.linspace(0, 50, 80)
    shape = kinetics.order_parameter(0.2 * t, 20, 10)
    eta, stretched = relaxation_fit.fit(t, -7.1 - 0.2 * shape + rng.normal(0, 0.002, 80))
    assert eta.rms == pytest.approx(0.002, rel=0.25)
    for name, true in (("y0", -7.1), ("y1", -7.3), ("g", 0.2)):
        assert abs(eta.parameters[name] - true) < 4 * eta.errors[name]
    assert eta.aicc < stretched.aicc - 10
    y = -7.1 - 0.2 * (1 - np.exp(-((t / 9) ** 0.6))) + rng.normal(0, 0.002, 80)
    eta, stretched = relaxation_fit.fit(t, y)
    for name, true in (("tau", 9.0), ("beta", 0.6)):
        assert abs(stretched.parameters[name] - true) < 4 * stretched.errors[name]
    assert stretched.aicc < eta.aicc


def test_errors_of_the_fit_are_the_scatter_of_repeated_fits():
    rng = np.random.default_rng(5)
    t = np.linspace(0, 40, 60)
    exact = 1 - np.exp(-((t / 9) ** 0.8))
    found = [relaxation_fit.fit(t, exact + rng.normal(0, 0.01, 60))[1] for _ in range(12)]
    scatter = np.std([one.parameters["tau"] for one in found], ddof=1)
    assert scatter == pytest.approx(np.mean([one.errors["tau"] for one in found]), rel=0.6)


@pytest.mark.parametrize(
    ("t", "y", "words"),
    [
        (np.arange(5), np.arange(5), "eight"),
        (np.arange(10)[::-1], np.arange(10), "ascend"),
        (np.arange(10), np.ones(10), "do not change"),
        (np.arange(10), np.full(10, np.nan), "finite"),
    ],
)
def test_bad_relaxations_are_refused(t, y, words):
    with pytest.raises(InputError, match=words):
        relaxation_fit.fit(t, y)


@pytest.mark.parametrize(("gain", "Gamma"), [(-1, 1), (1, 0), (1, -2), (np.inf, 1), (np.nan, 1)])
def test_bad_rates_are_refused(gain, Gamma):
    with pytest.raises(InputError, match="Gamma"):
        kinetics.time_to(0.5, gain, Gamma)


@pytest.mark.parametrize(
    ("gain", "Gamma", "Omega"), [(1, 2, 3), (2, 10, 20), (5, 0.3, 30), (20, 10, 500), (0, 2, 1)]
)
def test_the_series_far_off_resonance_is_the_bessel_functions(gain, Gamma, Omega):
    """Eq. 12 with a complex order, by mpmath with many digits."""
    t = np.array([0.1, 1.0, 3.0])
    found = kinetics.off_resonance(t, gain, Gamma, Omega)
    if gain == 0:
        assert found == pytest.approx(np.abs(1 - np.exp(-(Gamma + 1j * Omega) * t)), rel=1e-12)
        return
    with mpmath.workdps(60):
        nu, z0 = mpmath.mpc(Gamma, Omega), mpmath.mpf(2 * gain)
        for time, eta in zip(t.tolist(), found, strict=True):
            z = z0 * mpmath.exp(-mpmath.mpf(time) / 2)
            ratio = mpmath.besselk(nu, z0) / mpmath.besseli(nu, z0)
            exact = (
                (z / 2) ** nu * (mpmath.besselk(nu, z) - mpmath.besseli(nu, z) * ratio) * 2 / mpmath.gamma(nu)
            )
            assert eta == pytest.approx(float(abs(exact)), rel=1e-10)

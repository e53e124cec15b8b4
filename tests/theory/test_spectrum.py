"""Ensembles of soft potentials: heat capacity, density of states, time, phonons."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from glasscli import units
from glasscli.errors import InputError
from glasscli.theory import conductivity, distributions, population, quartic_levels, tunnelling
from glasscli.theory.density_of_states import ANHARMONIC, HARMONIC, TUNNELLING, density_of_states
from glasscli.theory.heat_capacity import heat_capacity, schottky, shape

ETA_L = 0.0142


@functools.cache
def flat(cutoff):
    return population.flat(cutoff)


@functools.cache
def uniform():
    return population.from_distribution(distributions.uniform(1.0), ETA_L)


@pytest.mark.parametrize(("cutoff", "ratio"), [(7, 1.961), (8, 1.887), (10, 1.784), (15, 1.638)])
def test_T_star_of_the_flat_distribution_lies_where_it_was_found(cutoff, ratio):
    T = np.geomspace(0.01, 4, 90)
    found = shape(T, heat_capacity(flat(cutoff), T))
    assert 1.6 < 1 / found.T_star < 2.0
    assert 1 / found.T_star == pytest.approx(ratio, abs=2e-3)


def test_limits_of_the_flat_distribution():
    T = np.geomspace(0.005, 4, 90)
    deep = shape(T, heat_capacity(flat(20), T)).exponent
    assert deep[0] == pytest.approx(1.07, abs=0.02)  # towards T^1
    assert shape(T, heat_capacity(flat(8), T)).exponent[-1] == pytest.approx(5, abs=0.06)  # towards T^5


def test_heat_capacity_of_one_potential_is_the_derivative_of_its_energy():
    one = population.from_samples(np.array([-2 * ETA_L]), np.array([0.5 * ETA_L**0.5]), ETA_L)
    E = quartic_levels.states(-2.0, 0.5, 24).energies

    def energy(T):
        weights = np.exp(-(E - E[0]) / T)
        return (weights @ E) / weights.sum()

    T = np.geomspace(0.05, 4, 30)
    expected = [(energy(t * 1.0005) - energy(t / 1.0005)) / (t * (1.0005 - 1 / 1.0005)) for t in T]
    assert heat_capacity(one, T) == pytest.approx(expected, rel=1e-4, abs=1e-9)
    # T -> 0 is neither a warning nor a nan.
    assert heat_capacity(one, np.array([1e-6, 1e-3])) == pytest.approx([0, 0], abs=1e-12)


def test_quadrature_over_F_against_random_sampling():
    rng = np.random.default_rng(11)
    F = distributions.gaussian(0.15, 0.1, 0.0, 0.2)
    eta = rng.normal(0.15, 0.1 / np.sqrt(2), 10000)
    xi = rng.normal(0.0, 0.2 / np.sqrt(2), 10000)
    soft = (np.abs(eta) < 0.2) & (np.abs(xi) < distributions.soft_xi(0.2))
    T = np.array([0.1, 0.4, 1.0, 1.8])
    grid = population.from_distribution(F, ETA_L, 0.2)
    by_grid = heat_capacity(grid, T)
    samples = population.from_samples(eta[soft], xi[soft], ETA_L)
    by_samples = heat_capacity(samples, T) * soft.mean()
    # The standard error of the samples: few of them tunnel, so it is 40 % at the lowest T, 0.2 % at the highest.
    excitations = samples.levels - samples.levels[:, :1]
    for t, exact, sampled in zip(T, by_grid, by_samples, strict=True):
        weights = np.exp(-excitations / t)
        mean, square = ((weights * excitations**n).sum(axis=1) / weights.sum(axis=1) for n in (1, 2))
        error = np.std((square - mean**2) / t**2) / np.sqrt(len(excitations)) * soft.mean()
        assert abs(exact - sampled) < 4 * error
    assert by_grid[2:] == pytest.approx(by_samples[2:], rel=0.03)
    shares = distributions.concentrations(F, 0.2)
    assert shares.c_a == pytest.approx(soft.mean(), rel=0.02)
    # n(E) of the samples and of the grid, over a coarse bin.
    found = [density_of_states(one, 0.01, 8.0) for one in (grid, samples)]
    for low, high in ((0.5, 2.0), (2.0, 4.0), (4.0, 6.0)):
        part = (low < found[0].E) & (high > found[0].E)
        a, b = (n.total[part] @ np.diff(n.edges)[part] for n in found)
        assert abs(a - b * soft.mean()) < 4 * np.sqrt(a / 10000)  # they are counted


def test_flat_density_is_the_plain_sum_over_D1_and_D2():
    """The map to the lower minimum against a brute-force sum over (D1, D2), which shares only the levels."""
    T = 0.6
    D1 = 60 * np.linspace(0, 1, 81) ** 2
    total = 0.0
    for d2 in np.linspace(-4, 36, 101)[:-1] + 0.2:
        # D1 y + d2 y^2 + y^4 about its lower minimum y0 <= 0: K1 = d2 + 6 y0^2, K2 = 4 y0.
        y0 = np.array([np.roots([4, 0, 2 * d2, d1]).real.min() for d1 in D1])
        y0 = np.where((d2 > 0) & (D1 == 0), 0.0, y0)
        for _ in range(40):  # Newton, for the real parts that were of complex roots
            y0 -= (4 * y0**3 + 2 * d2 * y0 + D1) / (12 * y0**2 + 2 * d2)
        E = quartic_levels.levels(d2 + 6 * y0**2, 4 * y0, 16, points=48)
        E = E - E[:, :1]
        weights = np.exp(-E / T)
        Z = weights.sum(axis=1)
        mean = (weights * E).sum(axis=1) / Z
        C = ((weights * E**2).sum(axis=1) / Z - mean**2) / T**2
        total += 2 * np.trapezoid(C, D1) * 0.4
    assert heat_capacity(flat(4), np.array([T]))[0] == pytest.approx(total, rel=3e-3)


def test_heat_capacity_from_the_density_of_states_at_low_temperature():
    n = density_of_states(flat(8), 1e-4, 10.0)
    T = np.array([0.02, 0.05])
    from_n = schottky(n.E / T[:, None]) @ (n.total * np.diff(n.edges))
    assert heat_capacity(flat(8), T) == pytest.approx(from_n, rel=2e-3)


def test_density_of_states_has_its_classes_peak_and_powers():
    n = density_of_states(uniform(), 0.01, 6.0)
    assert n.peak() == pytest.approx(2.18, abs=0.12)  # the saddle of E1 - E0
    # In a hot glass the upper levels are occupied too: the excess goes as tanh(E/2T), which favours larger E.
    assert n.peak(0.05) == n.peak() <= n.peak(5.0)
    assert n.by_class[TUNNELLING][n.E < 0.5].min() > 0
    assert not n.by_class[ANHARMONIC][n.E < 0.5].any()
    assert not n.by_class[HARMONIC][n.E < 2.9].any()
    flat_n = density_of_states(flat(8), 0.01, 60.0)
    high = (flat_n.E > 15) & (flat_n.E < 50)
    power = np.polyfit(np.log(flat_n.E[high]), np.log(flat_n.total[high]), 1)[0]
    assert power == pytest.approx(4, abs=0.1)
    assert np.isnan(flat_n.peak()) or flat_n.peak() < 3


def test_harmonic_tail_of_a_uniform_F_is_of_debye_form():
    # n ~ E^2 (3.24): single wells with E = 2 K1^(1/2), F d eta d xi, |xi| up to the symmetric line ~ K1^(1/2).
    wide = population.from_distribution(distributions.uniform(1.0), 0.002, 0.2)
    n = density_of_states(wide, 0.01, 16.0)
    part = (n.E > 5) & (n.E < 11)
    assert np.polyfit(np.log(n.E[part]), np.log(n.by_class[HARMONIC][part]), 1)[0] == pytest.approx(
        2, abs=0.35
    )


def test_heat_capacity_far_above_w_goes_as_3_26():
    """C = (4 pi^4/15) F0 gamma_0 eta_L^(3/2) (T/w)^3 with gamma_0 of n(E) = F0 gamma_0 eta_L^(3/2) E^2/w^3 (3.24)."""
    eta_L = 0.001
    wide = population.from_distribution(distributions.uniform(1.0), eta_L, 0.2)
    n = density_of_states(wide, 0.01, 28.0)
    part = (n.E > 6) & (n.E < 12)
    gamma = float(np.mean(n.by_class[HARMONIC][part] / n.E[part] ** 2)) / eta_L**1.5
    T = np.array([1.8, 2.2, 2.6])  # far above w and below a tenth of the band, 28 w
    C = heat_capacity(wide, T)
    assert gamma == pytest.approx(1, abs=0.1)  # "gamma_0 ~ 1"
    # n(E) has one excitation a configuration, C all: the vibrations of double wells come on top.
    ratio = C / (4 * np.pi**4 / 15 * gamma * eta_L**1.5 * T**3)
    assert (ratio > 1.3).all() and (ratio < 1.8).all()
    assert np.polyfit(np.log(T), np.log(C), 1)[0] == pytest.approx(3, abs=0.3)


def test_standard_tunnelling_model_is_linear_in_T_and_in_the_logarithm_of_time():
    T = np.array([0.01, 0.02, 0.05, 0.1])
    law = {"P0": 2.0, "J_min": 1e-30, "tau_w": 1e-12}
    late, later = (tunnelling.standard_heat_capacity(T, t, **law) for t in (1e3, 1e6))
    # dC/d ln t = (P0/4) T int (x/2)^2/cosh^2 dx = P0 T pi^2/24, the integral being pi^2/6.
    assert (later - late) / T == pytest.approx(2.0 * np.pi**2 / 24 * np.log(1e3), rel=1e-3)
    assert tunnelling.standard_density(0.1, 1e-12 * 1e3, **law) == pytest.approx(0, abs=1e-6)
    E = 1e-2
    sampled = np.random.default_rng(2)
    Delta, lam = sampled.uniform(0, 0.02, 400000), sampled.uniform(4, 12, 400000)
    J = np.exp(-lam)
    energy = 2 * np.hypot(Delta, J)
    share = (np.abs(energy - E) < 5e-4).sum() / 400000 * 0.02 * 8 / 1e-3
    exact = tunnelling.standard_density(E, P0=1.0, J_min=np.exp(-12))
    assert share == pytest.approx(float(exact), rel=0.1)


def test_share_seen_in_time_follows_3_21():
    E, tau = np.array([0.01, 0.1]), 1e-12
    t_min = tunnelling.shortest_time(E, tau)
    assert tunnelling.seen(E, float(t_min[1]), tau)[1] == 0
    for t in (1e-3, 1.0, 1e6):
        expected = 1 - (1 + np.log(t / t_min) / (2 * np.log(1 / E))) ** (-1 / 3)
        assert tunnelling.seen(E, t, tau) == pytest.approx(expected)
    assert tunnelling.seen(E, np.inf, tau) == pytest.approx([1, 1])
    # tau_min (w/E)^2 ~ 1e-5 s between E = 0.1 and 1 K for w = 15 K.
    assert 1e-6 < tunnelling.shortest_time(0.5 / 15, tau) * (15 / 0.5) ** 2 < 1e-4
    n = density_of_states(flat(8), 1e-3, 10.0)
    T = np.array([0.05])
    missing = [tunnelling.unseen_heat_capacity(n, T, t, tau)[0] for t in (1e-9, 1e-3, 1e3)]
    assert missing[0] > missing[1] > missing[2] > 0
    assert missing[0] < heat_capacity(flat(8), T)[0] * 1.01


def test_conductivity_is_T2_below_and_flattens_near_w():
    medium = conductivity.Medium(0.6 * units.ELECTRONVOLT, 2200.0, 4100.0)
    T = np.geomspace(0.05, 1, 20)
    kappa = medium.conductivity(T, lambda E: np.full_like(E, 1e45))
    assert np.gradient(np.log(kappa), np.log(T)) == pytest.approx(np.full(20, 2.0), abs=1e-6)
    # Closed form: int x^3 e^x/(e^x - 1)^2 coth(x/2) dx = 9.31..., by an independent sum.
    x = np.linspace(1e-6, 60, 600001)
    integral = np.trapezoid(x**3 * np.exp(-x) / np.expm1(-x) ** 2 / np.tanh(x / 2), x)
    front = units.BOLTZMANN**3 * 1.0 * 2200 * 4100 / (2 * np.pi**3 * units.HBAR**2)
    exact = front * integral / ((0.3 * units.ELECTRONVOLT) ** 2 * 1e45)
    assert medium.conductivity(1.0, lambda E: np.full_like(E, 1e45))[0] == pytest.approx(exact, rel=1e-6)
    w = 4.0 * units.BOLTZMANN
    n = density_of_states(flat(8), 0.01, 60.0)
    soft = medium.conductivity(
        np.geomspace(0.04, 16, 60),
        lambda E: 1e24 / w * n.at(E / w),
        lambda E: 1e24 / w * n.at(E / w, TUNNELLING),
    )
    slope = np.gradient(np.log(soft), np.log(np.geomspace(0.04, 16, 60)))
    assert 1.5 < slope[0] < 2.0
    assert slope[-1] < 0.6
    with pytest.raises(InputError, match="limit"):
        medium.conductivity(1.0, np.zeros_like)


def test_bad_ensembles_are_refused():
    with pytest.raises(InputError, match="eta_star"):
        population.from_distribution(distributions.uniform(), 0.3, 0.2)
    with pytest.raises(InputError, match="cutoff"):
        population.flat(-1)
    with pytest.raises(InputError, match="finite"):
        population.from_samples(np.array([np.nan]), np.array([0.0]), ETA_L)
    with pytest.raises(InputError, match="one xi"):
        population.from_samples(np.array([0.1, 0.2]), np.array([0.0]), ETA_L)

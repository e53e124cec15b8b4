"""Buchenau's numbers; closed forms against quadrature; the branches and their limits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from glasscli.errors import InputError
from glasscli.theory import stability
from glasscli.theory.participation import GLASSES, participation, participation_number


@pytest.mark.parametrize(
    ("name", "Ns_a2", "eps0", "formation"),
    [("silica", 162, 55, 3.5), ("selenium", 289, 89, 10), ("boron-oxide", 392, 45, 5.3)],
)
def test_printed_participation_numbers(name, Ns_a2, eps0, formation):
    glass = GLASSES[name]
    found = participation(glass.nu_c, glass.T_star, glass.mass)
    assert round(found.Ns_a2_A2) == Ns_a2
    assert round(found.eps0_eV) == eps0
    assert pytest.approx(1.6 * glass.T_star) == found.W_K
    beta = 1 / (1.380649e-23 * glass.T_g)
    # The text rounds 9.85 to 10.
    assert stability.formation_energy(found.eps0 * beta) == pytest.approx(
        formation, abs=0.16 if formation == 10 else 0.05
    )


def test_the_two_forms_of_W_agree():
    from glasscli.units import BOLTZMANN, HBAR

    rng = np.random.default_rng(1)
    for nu, T, mass in zip(
        rng.uniform(0.5, 5, 200), rng.uniform(0.2, 5, 200), rng.uniform(5, 100, 200), strict=True
    ):
        found = participation(nu * 1e12, T, mass * 1.66e-27)
        by_eq_7 = (HBAR**2 / (2 * found.Ns_a2 * mass * 1.66e-27)) ** (2 / 3) * found.eps0 ** (1 / 3)
        assert by_eq_7 == pytest.approx(found.W, rel=1e-12)
        assert pytest.approx(1.6 * BOLTZMANN * T) == found.W


def test_participation_number_of_known_vectors():
    one = np.zeros((7, 3))
    one[3] = [0, 2, 0]
    equal = np.ones((7, 3))
    assert participation_number([one, equal]) == pytest.approx([1, 7])
    with pytest.raises(InputError, match="zeros"):
        participation_number(np.zeros((4, 3)))
    with pytest.raises(InputError, match="greater than zero"):
        participation(0, 1, 1)


def test_mean_square_against_quadrature_at_random_parameters():
    rng = np.random.default_rng(2)
    values = np.concatenate(
        [
            rng.uniform(-20, 60, 150),
            rng.uniform(-1e-3, 1e-3, 30),
            [-1e-8, 0, 1e-8],
            rng.uniform(-200, 300, 17),
        ]
    )
    for s in values:
        centre = np.sqrt(max(0.0, -s / 2))
        width = 10 / np.sqrt(max(1.0, abs(s)))
        low, high = max(0.0, centre - width), centre + width

        def weight(u, s=s):
            return np.exp(-s * u * u - u**4 - (s * s / 4 if s < 0 else 0.0))

        Z = quad(weight, low, high, epsabs=0, epsrel=1e-11, limit=200)[0]
        square = quad(lambda u, f=weight: u * u * f(u), low, high, epsabs=0, epsrel=1e-11, limit=200)[0]
        assert float(stability.mean_square(s)) == pytest.approx(square / Z, rel=1e-9)
        assert float(stability.deficit(s)) == pytest.approx(1 - 2 * s * square / Z, rel=1e-8, abs=1e-9)


def test_limits_of_the_harmonic_branch():
    assert stability.harmonic_limits(3) == pytest.approx((0.90825, 0.09175), abs=5e-6)
    assert stability.harmonic_limits(1.0) == pytest.approx((0.5, 0.5))
    assert stability.harmonic_limits(0.99) is None
    assert stability.quartic_energy(1) == pytest.approx(35.015, abs=5e-4)


def test_figure_8():
    eta1, _ = stability.harmonic_limits(3)
    for eta, ratio in ((-0.1, 45.70), (0.0, 105.05), (0.05, 252.03), (eta1 + 0.02, 3.334)):
        assert stability.mode(3, eta).ratio == pytest.approx(ratio, abs=0.006 if ratio > 10 else 6e-4)
    assert stability.mode(3, 0.0).branch == "lower" and stability.mode(3, 0.95).branch == "upper"
    drawn = stability.curve(3, np.array([0.0, 0.5, 0.95, 1.0]))
    assert np.isnan(drawn).tolist() == [False, True, False, True]


def test_modes_solve_equation_20_and_24_at_random_parameters():
    rng = np.random.default_rng(3)
    done = 0
    while done < 200:
        beta, eta = rng.uniform(0.3, 12), rng.uniform(-1, 0.999)
        limits = stability.harmonic_limits(beta)
        if limits and limits[1] - 1e-3 < eta < limits[0] + 1e-3:
            continue
        found = stability.mode(beta, eta)
        e = found.ratio * beta
        width = min(40.0, 12 / np.sqrt(max(abs(eta) * e, 1e-9)), 6 / e**0.25 + np.sqrt(max(-eta, 0) * 2))
        x = np.linspace(-width, width, 40001)
        V = e * (eta * x**2 + x**4)
        weight = np.exp(-(V - V.min()))
        mean = (weight @ x**2) / weight.sum()
        assert e * mean == pytest.approx(2 * beta * (1 - eta), rel=1e-6)
        # Eq. 24 with its signs: "-" above eta_1, "+" below eta_2.
        u2, s = float(stability.mean_square(np.sqrt(e) * eta)), np.sqrt(e) * eta
        if found.branch != "single" and eta > 0:
            root = np.sqrt(max((beta / u2) ** 2 - 2 * beta * s / u2, 0.0))
            sign = -1 if found.branch == "upper" else 1
            assert np.sqrt(e) == pytest.approx(beta / u2 + sign * root, rel=1e-5)
        done += 1


def test_divergence_at_eta_2_is_resolved():
    _, eta2 = stability.harmonic_limits(3)
    steps = np.array([1e-4, 1e-6, 1e-8, 1e-10])
    ratios = [stability.mode(3, eta2 - step).ratio for step in steps]
    # 3/s^2 = 4 beta (eta_1 - eta_2) step: eps_k/eps_m = 3/(eta^2 beta 12 (eta_1 - eta_2) step).
    expected = 3 / (eta2**2 * 3 * 12 * (1 - 2 * eta2) * steps)
    assert ratios[1:] == pytest.approx(expected[1:], rel=1e-4)
    assert stability.mode(3, 1 - 1e-12).ratio > 0


@pytest.mark.parametrize(
    ("beta", "eta", "words"),
    [
        (3, 0.5, "between eta2 = 0.0917517 and eta1 = 0.908248"),
        (3, 1.0, "less than 1"),
        (-1, 0, "beta eps_m"),
    ],
)
def test_unstable_modes_are_refused_in_one_line(beta, eta, words):
    with pytest.raises(InputError, match=words):
        stability.mode(beta, eta)

"""The one-dimensional solver against closed forms, an independent finite-difference solver and mpmath."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import eigh_tridiagonal
from scipy.special import ai_zeros

from glasscli.errors import GlassError, InputError
from glasscli.theory import quartic_levels, tunnel_splitting, wkb
from glasscli.theory.anharmonic import solve


def finite_differences(V, low, high, count, points=600):
    """Levels by three-point differences on two grids, extrapolated in h^2."""
    found = []
    for n in (points, 2 * points + 1):
        x = np.linspace(low, high, n + 2)[1:-1]
        h = x[1] - x[0]
        found.append(
            eigh_tridiagonal(
                2 / h**2 + V(x),
                np.full(n - 1, -1 / h**2),
                eigvals_only=True,
                select="i",
                select_range=(0, count - 1),
            )
        )
    return (4 * found[1] - found[0]) / 3


def test_pure_quartic_levels_are_the_published_ones():
    found = quartic_levels.states(0, 0, 3)
    assert found.energies == pytest.approx([1.060362, 3.799673, 7.455698], abs=5e-7)
    assert found.energies[1] - found.energies[0] == pytest.approx(2.739, abs=5e-4)
    # Banerjee, Proc. R. Soc. A 364, 265 (1978)
    assert found.energies[0] == pytest.approx(1.0603620904841829, abs=1e-10)
    assert found.edge < 1e-6


def test_the_texts_numbers_are_those_of_another_hamiltonian():
    found = solve(lambda x: 2 / 3 * x**4, 2, (-6, 6), stiffness=0.5)
    assert found.energies[1] - found.energies[0] == pytest.approx(1.5075, abs=5e-5)


@pytest.mark.parametrize(("K1", "splitting"), [(-4, 0.46243), (-6, 0.041398)])
def test_splittings_of_double_wells(K1, splitting):
    found = tunnel_splitting.splitting(K1, 0.0)
    assert found.value == pytest.approx(splitting, rel=2e-5)
    assert found.method == "double"


def test_levels_agree_with_finite_differences_at_random_parameters():
    rng = np.random.default_rng(20)
    K1, K2 = rng.uniform(-8, 8, 200), rng.uniform(-5, 5, 200)
    at_once = quartic_levels.levels(K1, K2, 4, points=96, reach=17.0)
    low, high = quartic_levels.box(K1, K2, 250.0)
    for a, b, left, right, many in zip(K1, K2, low, high, at_once, strict=True):
        found = quartic_levels.states(a, b, 4)
        other = finite_differences(lambda x, a=a, b=b: x**2 * (a + x * (b + x)), left, right, 4)
        scale = 1 + np.abs(found.energies).max()
        assert np.abs(found.energies - other).max() < 1e-5 * scale, (a, b)
        assert np.abs(many - found.energies).max() < 1e-9 * scale


def test_wave_functions_are_orthonormal_and_solve_the_equation():
    found = quartic_levels.states(-3, 1.5, 5)
    assert found.moment(0) == pytest.approx(np.eye(5), abs=1e-10)
    # Virial theorem: 2 <T> = <X V'>, with <T> = E - <V>.
    V = -3 * found.moment(2) + 1.5 * found.moment(3) + found.moment(4)
    XdV = -6 * found.moment(2) + 4.5 * found.moment(3) + 4 * found.moment(4)
    assert 2 * (found.energies - np.diag(V)) == pytest.approx(np.diag(XdV), abs=1e-7)


def test_kappa_and_the_slope_it_stands_for():
    kappa = quartic_levels.kappa(quartic_levels.states(0, 0, 2))
    assert kappa == pytest.approx(0.5396, abs=5e-5)
    for K1, K2 in ((1e-3, 0.0), (0.0, 0.03), (-1e-3, 0.02)):
        change = quartic_levels.gap(K1, K2) - quartic_levels.gap(0, 0)
        assert change == pytest.approx(kappa * (K1 - 3 * K2**2 / 8), rel=2e-3)


@pytest.mark.parametrize("sign", [-1, 1])
def test_saddle_of_the_gap(sign):
    found = quartic_levels.saddle((0.1, sign * 1.8))
    assert pytest.approx(0, abs=1e-8) == found.K1
    assert pytest.approx(sign * 1.894, abs=5e-4) == found.K2
    assert found.gap == pytest.approx(2.182, abs=5e-4)
    assert found.kind == "saddle"


def test_harmonic_oscillator_box_and_triangle():
    assert solve(lambda x: x**2, 5, (-9, 9)).energies == pytest.approx([1, 3, 5, 7, 9], abs=1e-10)
    assert solve(lambda x: 0 * x, 4, (0, np.pi)).energies == pytest.approx([1, 4, 9, 16], abs=1e-10)
    # A wall at 0 and a constant force: zeros of the Airy function.
    assert solve(lambda x: x, 3, (0, 20), tolerance=1e-8).energies == pytest.approx(-ai_zeros(3)[0], abs=1e-6)


def test_a_mass_that_depends_on_position():
    # -d/dx (x^2 d/dx) on 1 < x < e: x^(-1/2) sin(n pi ln x), E = 1/4 + (n pi)^2.
    found = solve(lambda x: 0 * x, 4, (1.0, np.e), stiffness=lambda x: x**2, tolerance=1e-6)
    assert found.energies == pytest.approx(0.25 + (np.pi * np.arange(1, 5)) ** 2, rel=1e-5)
    # A constant mass given as a function is the constant.
    a = solve(lambda x: x**4, 4, (-6, 6), stiffness=lambda x: 0.7 + 0 * x).energies
    assert a == pytest.approx(solve(lambda x: x**4, 4, (-6, 6), stiffness=0.7).energies, abs=1e-9)


def test_mass_by_a_change_of_variable_at_random_parameters():
    # With q = int dx/D^(1/2) and phi = D^(1/4) psi the mass is constant and V gains D''/4 - D'^2/(16 D).
    rng = np.random.default_rng(3)
    for a, k in zip(rng.uniform(0.1, 0.6, 20), rng.uniform(0.5, 3, 20), strict=True):
        # D^(1/2) = 1 + a x^2: q = atan(a^(1/2) x)/a^(1/2).
        def D(x, a=a):
            return (1 + a * x**2) ** 2

        def V(x, a=a, k=k):
            return k * x**4 + 3 * x**2

        def extra(x, a=a):
            first, second = 4 * a * x * (1 + a * x**2), 4 * a + 12 * a**2 * x**2
            return second / 4 - first**2 / (16 * D(x, a))

        def in_q(q, a=a):
            x = np.tan(np.sqrt(a) * q) / np.sqrt(a)
            return V(x) + extra(x)

        end = np.arctan(np.sqrt(a) * 6.0) / np.sqrt(a)
        ours = solve(V, 3, (-6.0, 6.0), stiffness=D, tolerance=1e-8).energies
        assert ours == pytest.approx(solve(in_q, 3, (-end, end), tolerance=1e-8).energies, rel=1e-6)


def test_tables_are_as_good_as_their_spline():
    x = np.linspace(-5, 5, 801)
    found = solve((x, x**4 - 2 * x**2), 3, tolerance=1e-7)
    assert found.energies == pytest.approx(quartic_levels.states(-2, 0, 3).energies, abs=1e-6)
    assert solve((x, x**4), 2, stiffness=(x, np.full_like(x, 0.5)), tolerance=1e-7).energies[
        0
    ] == pytest.approx(1.0603620904841829 * 0.5 ** (2 / 3), abs=1e-6)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"potential": ([0, 1, 1, 2], [1, 2, 3, 4])}, "ascending"),
        ({"potential": ([0, 1, 2], [1, 2, 3])}, "four rows"),
        ({"potential": ([0, 1, 2, 3], [1, np.nan, 3, 4])}, "finite"),
        ({"potential": lambda x: x}, "interval"),
        ({"potential": lambda x: x, "interval": (1, 1)}, "empty"),
        ({"potential": lambda x: 1 / (x * 0), "interval": (0, 1)}, "not finite"),
        ({"potential": lambda x: x, "interval": (0, 1), "stiffness": -1.0}, "greater than zero"),
        ({"potential": lambda x: x, "interval": (-1, 1), "stiffness": lambda x: x}, "greater than zero"),
        ({"potential": lambda x: x, "interval": (0, 1), "levels": 0}, "1 or more"),
        ({"potential": ([0, 1, 2, 3], [1, 2, 3, 4]), "interval": (-1, 1)}, "leaves the table"),
    ],
)
def test_bad_potentials_are_refused_in_one_line(arguments, words):
    with np.errstate(all="ignore"), pytest.raises(InputError, match=words):
        solve(**{"levels": 2, **arguments})


def test_a_jump_says_that_it_does_not_converge():
    with pytest.raises(GlassError, match="tolerance"):
        solve(lambda x: np.where(x > 0.1234, 50.0, 0.0), 2, (-1, 1), tolerance=1e-12)


def test_wkb_of_the_quartic():
    n = np.arange(8)
    assert wkb.levels(0, 0, 8).energies / (n + 0.5) ** (4 / 3) == pytest.approx(np.full(8, 2.18507), abs=5e-6)
    # The next term of the semiclassical series is smaller by (n + 1/2)^-2.
    wrong = wkb.levels(0, 0, 8).energies / quartic_levels.states(0, 0, 8).energies - 1
    assert (np.abs(wrong) * (n + 0.5) ** 2 < 0.05).all() and abs(wrong[-1]) < 1e-3


def test_wkb_is_continuous_and_near_the_exact_levels():
    rng = np.random.default_rng(4)
    for K1, K2 in zip(rng.uniform(-9, 6, 20), rng.uniform(-4, 4, 20), strict=True):
        near, exact = wkb.levels(K1, K2, 8).energies, quartic_levels.states(K1, K2, 8).energies
        assert (np.diff(near) > 0).all()
        assert np.abs(near - exact)[4:].max() < 0.25 * np.diff(exact)[4:].min() + 0.5


def test_wkb_actions_are_the_integrals_they_claim():
    from scipy.integrate import quad

    rng = np.random.default_rng(9)
    for K1 in rng.uniform(-9, -3, 20):
        K2 = rng.uniform(-0.8, 0.8)
        V = np.poly1d([1, K2, K1, 0, 0])
        bottom = max(V(x) for x in np.roots(V.deriv()).real if V.deriv(2)(x) > 0)
        E = bottom * rng.uniform(0.3, 0.9)
        found = wkb.phases(E, K1, K2)
        r = np.sort(np.roots(V - E).real)
        for low, high, action in (
            (r[0], r[1], found.alpha),
            (r[1], r[2], found.theta),
            (r[2], r[3], found.beta),
        ):
            value = quad(lambda x, E=E, V=V: np.sqrt(abs(E - V(x))), low, high, epsabs=1e-10)[0]
            assert action == pytest.approx(value, abs=2e-5)


def test_tiny_splitting_against_an_independent_series():
    """Splitting at K1 = -20 from a high-precision matrix in oscillator states, sharing nothing with the series."""
    import mpmath

    with mpmath.workdps(50):
        omega, size = mpmath.mpf(9), 90  # H in the states of p^2 + omega^2 x^2/4 ...
        scale = 1 / mpmath.sqrt(omega)
        a = [mpmath.sqrt(n) for n in range(size + 5)]

        def position(rows):
            out = mpmath.matrix(rows, rows)
            for n in range(1, rows):
                out[n - 1, n] = out[n, n - 1] = scale * a[n]
            return out

        x = position(size + 4)
        x2 = x * x
        # With p^2 = omega (2N + 1)/... : h = (2n + 1) omega/2 - omega^2 x^2/4 + V, x^2 in units of scale^2.
        levels = []
        for parity in (0, 1):
            index = list(range(parity, size, 2))
            H = mpmath.matrix(len(index), len(index))
            x4 = x2 * x2
            for i, m in enumerate(index):
                for j, n in enumerate(index):
                    H[i, j] = -(20 + omega**2 / 4) * x2[m, n] + x4[m, n]
                H[i, i] += (2 * m + 1) * omega / 2
            # inverse iteration from the double value
            guess = mpmath.mpf(quartic_levels.states(-20, 0, 1).energies[0]) + mpmath.mpf("1e-9")
            v = mpmath.matrix([1] * len(index))
            shifted = H - guess * mpmath.eye(len(index))
            lu, p = mpmath.mp.LU_decomp(shifted)
            for _ in range(5):
                v = mpmath.mp.U_solve(lu, mpmath.mp.L_solve(lu, v, p))
                v /= mpmath.norm(v)
            levels.append((v.T * H * v)[0])
        splitting = float(levels[1] - levels[0])
    assert tunnel_splitting.splitting(-20, 0).value == pytest.approx(splitting, rel=1e-6)


def test_splitting_below_1e_30_is_resolved_and_says_how():
    found = tunnel_splitting.splitting(-40, 0)
    assert found.method == "mpmath"
    assert found.value < 1e-30
    assert found.log10 == pytest.approx(-49.06391664, abs=1e-6)
    assert found.log10 == pytest.approx(wkb.levels(-40, 0, 2).log10_splitting, abs=0.05)
    # The same well written about another origin: K1 = K2^2/4 is symmetric about X = -K2/4, D2 = -K1/2.
    assert tunnel_splitting.splitting(64, 16).log10 == pytest.approx(
        tunnel_splitting.splitting(-32, 0).log10, abs=1e-9
    )
    deep = tunnel_splitting.splitting(-400, 0)
    assert deep.method == "wkb" and deep.log10 < -1000 and np.isfinite(deep.log10)


def test_methods_of_the_splitting_meet():
    for K1 in (-8.6, -9.0, -9.5):
        exact = tunnel_splitting.splitting(K1, 0)
        assert exact.method == "mpmath"
        assert exact.value == pytest.approx(float(quartic_levels.gap(K1, 0)), rel=1e-6)
    # A small asymmetry: E1 - E0 = 2 (Delta^2 + J^2)^(1/2) against doubles where both hold.
    close = tunnel_splitting.splitting(-10, 1e-6)
    assert close.method == "double"
    even = tunnel_splitting.splitting(-10, 0)
    assert pytest.approx(even.J, rel=1e-5) == close.J
    assert close.value == pytest.approx(2 * np.hypot(close.J, close.Delta), rel=1e-5)
    tiny = tunnel_splitting.splitting(-20, 1e-13)
    assert tiny.method == "mpmath" and tiny.Delta > 1e3 * tiny.J


def test_J_of_unlike_wells_is_not_lost_in_rounding():
    """Tilted a little, a well keeps its amplitude, which is 1e-17 of the splitting here."""
    even, tilted = tunnel_splitting.splitting(-20, 0), tunnel_splitting.splitting(-20, 0.02)
    assert tilted.method == "double" and tilted.Delta == pytest.approx(tilted.value / 2, rel=1e-6)
    assert np.log10(tilted.J) == pytest.approx(np.log10(even.J), abs=2e-3)


@pytest.mark.parametrize(
    ("K1", "K2", "why"),
    [(1.0, 0.0, "one well"), (-1.0, 0.0, "above the barrier"), (-10.0, 0.5, "both in the lower well")],
)
def test_there_is_no_two_level_system_where_both_states_lie_in_one_well(K1, K2, why):
    found = tunnel_splitting.splitting(K1, K2)
    assert found.J is None and found.Delta is None, why
    assert found.value == pytest.approx(float(quartic_levels.gap(K1, K2)), rel=1e-8)

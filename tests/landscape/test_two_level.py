"""Tunnelling along a path: double wells that are solved exactly, and units."""

import numpy as np
import pytest

from glasscli.theory import tunnel_splitting
from glasscli.theory.bridge import predict
from glasscli.theory.double_well import Path, double_well, heat_capacity, quartic
from glasscli.units import UNIT_SYSTEMS, scale


def quartic_path(K1, K2, points=15, beyond=4):
    """K1 x^2 + K2 x^3 + x^4 between its minima, as a band would give it, and a little beyond them."""
    low, _, high = np.sort(np.roots([4, 3 * K2, 2 * K1, 0]).real)
    h = (high - low) / (points - 1)
    x = low + h * np.arange(-beyond, points + beyond)
    bends = [2 * K1 + 6 * K2 * m + 12 * m**2 for m in (low, high)]
    return Path(
        x,
        K1 * x**2 + K2 * x**3 + x**4,
        2 * K1 * x + 3 * K2 * x**2 + 4 * x**3,
        bends,
        (beyond, beyond + points - 1),
    )


# With hbar^2/2 = 1 the path is Klinger's h = -d^2/dX^2 + K1 X^2 + K2 X^3 + X^4.
HBAR = 2**0.5


@pytest.mark.parametrize(("K1", "splitting"), [(-4.0, 0.46243), (-6.0, 0.041398)])
def test_splitting_of_a_symmetric_double_well(K1, splitting):
    """Fifteen points of a path, as a band has, give the exact splittings to one in a thousand."""
    found = double_well(quartic_path(K1, 0.0), HBAR)
    assert found.splitting == pytest.approx(splitting, rel=1e-3)
    assert found.levels[1] == pytest.approx(splitting, rel=1e-3)
    assert 2 * found.tunnelling == pytest.approx(splitting, rel=1e-3) and found.asymmetry < 1e-9
    assert found.tunnelling == pytest.approx(found.quantum * np.exp(-found.exponent))


def test_wkb_beside_exact():
    """Within ten per cent three quanta below the barrier, as it should be."""
    found = double_well(quartic_path(-10.0, 0.0), HBAR)
    assert found.tunnelling == pytest.approx(1.49093e-5, rel=1e-3)
    assert found.wkb == pytest.approx(found.tunnelling, rel=0.1)


def test_a_tilted_double_well_is_a_two_level_system():
    """2 (Delta^2 + J^2)^(1/2) from the wells alone against the levels of the whole."""
    pair = tunnel_splitting.splitting(-6.0, 0.02)
    found = double_well(quartic_path(-6.0, 0.02, 31, 8), HBAR)
    assert found.splitting == pytest.approx(pair.value, rel=1e-3)
    assert found.asymmetry == pytest.approx(pair.Delta, rel=2e-3)
    assert found.tunnelling == pytest.approx(pair.J, rel=5e-3)


def ln_J(found):
    return np.log(found.quantum) - found.exponent


def test_the_amplitude_against_series_of_many_digits():
    """From J = 0.2 to 1e-50: ln J to a thousandth, where doubles hold sixteen digits of the levels."""
    for K1 in (-4.0, -8.0, -14.0, -20.0, -40.0):
        exact = np.log(10) * tunnel_splitting.splitting(K1, 0.0).log10 - np.log(2)
        found = double_well(quartic_path(K1, 0.0, 61, 40), HBAR)
        assert ln_J(found) == pytest.approx(exact, abs=1e-3), K1


@pytest.mark.parametrize("K2", [0.0, 0.05, 0.3])
def test_the_map_of_one_family_has_no_jump(K2):
    """J of one double well as it grows deeper, from 1e-2 to 1e-30: lambda and its slope vary smoothly."""
    K1 = -np.geomspace(6.2, 29.4, 24)
    found = [double_well(quartic_path(k, K2, 41, 8), HBAR) for k in K1]
    log10 = np.array([ln_J(one) for one in found]) / np.log(10)
    assert log10[0] > -2.2 and log10[-1] < -30
    lam = np.array([one.exponent for one in found])
    # An action that grows as |K1|^(3/2), a power in front of the exponential, and corrections in 1/action.
    x = np.abs(K1) ** 1.5
    terms = np.column_stack([x**0, x, np.log(x), 1 / x, 1 / x**2])
    left = lam - terms @ np.linalg.lstsq(terms, lam, rcond=None)[0]
    assert np.abs(left).max() < 2e-3
    wkb = np.array([np.log(one.wkb) for one in found]) - np.log(10) * log10
    assert np.abs(np.diff(wkb)).max() < 0.05  # the two go together all the way


def test_a_shallow_well_holds_no_state():
    assert double_well(quartic_path(-1.0, 0.0), HBAR) is None


def overlapping(K1, K2):
    """The same path, but straight on beyond the minima atoms run into each other: energies grow like 1/r^12."""
    path = quartic_path(K1, K2)
    s, (low, high) = path.s, path.wells
    beyond = np.maximum(low - s, s - high).clip(0) / (s[1] - s[0])
    V = path(s) + 1e-3 * ((1 - beyond / 4.5) ** -12 - 1)
    slope = 2 * K1 * s + 3 * K2 * s**2 + 4 * s**3
    slope += np.sign(s) * (beyond > 0) * 12e-3 / 4.5 / (s[1] - s[0]) * (1 - beyond / 4.5) ** -13
    inside = np.flatnonzero(beyond == 0)
    return Path(s, V, slope, path.curvatures, (inside[0], inside[-1]))


@pytest.mark.parametrize("K2", [0.0, 0.1])
def test_atoms_that_overlap_beyond_a_minimum_do_not_bend_the_wells(K2):
    """Asymmetry is half the difference of the depths but for the zero-point energies, whatever the outer walls do."""
    path, plain = overlapping(-6.0, K2), quartic_path(-6.0, K2)
    s = np.linspace(*plain.wells, 201)
    assert path(s) == pytest.approx(plain(s), abs=1e-6)
    found, exact = double_well(path, HBAR), double_well(plain, HBAR)
    zero_point = HBAR * abs(np.diff(np.sqrt(path.curvatures))[0]) / 4
    depths = abs(path.ends[1] - path.ends[0]) / 2
    assert found.asymmetry == pytest.approx(depths, abs=1.5 * zero_point + 1e-6)
    assert found.splitting == pytest.approx(exact.splitting, rel=0.25)  # the walls are steeper


def test_the_fit_gives_the_quartic_back():
    """From the minimum at -sqrt(3): V = 12 y^2 - 4 sqrt(3) y^3 + y^4, so A = 1, eta = 12, xi = -4 sqrt(3)."""
    found = quartic(quartic_path(-6.0, 0.0, 41, 8), mass=1.0, length=1.0)
    assert (found.A, found.eta, found.xi) == pytest.approx((1.0, 12.0, -4 * 3**0.5), rel=1e-3)


def test_heat_capacity_of_two_levels_is_schottkys():
    """Its maximum is 0.4392 k_B at T = 0.4168 E (any textbook)."""
    T = np.linspace(0.2, 1.0, 4001)
    C = heat_capacity([np.array([0.0, 1.0])], T)[0]
    assert C.max() == pytest.approx(0.43923, abs=1e-5) and T[C.argmax()] == pytest.approx(0.4168, abs=2e-4)


def test_the_bridge_of_one_stiff_mode_is_einsteins_oscillator():
    """At K1 = 10000 a soft mode is harmonic, with the quantum 2 K1^(1/2) W; T* = W/1.6 (Buchenau, Eq. 8)."""
    W, eps0 = 0.01, 100.0
    eta_L = (W / eps0) ** 0.5
    T = np.array([0.1, 0.2, 0.3])
    found = predict(np.array([1e4 * eta_L]), np.zeros(1), 0.5, W, eps0, T)
    x = 2 * 1e4**0.5 * W / T
    assert found.soft == pytest.approx(0.5 * (x / 2 / np.sinh(x / 2)) ** 2, rel=1e-3)
    assert (found.eta_L, found.T_star) == pytest.approx((eta_L, W / 1.6))


def test_units():
    """De Boer's parameter of argon, h/(sigma sqrt(m epsilon)) = 0.186; metals bring their own."""
    argon = scale(UNIT_SYSTEMS["lj"], "argon", "wahnstrom")
    assert 2 * np.pi * argon.hbar == pytest.approx(0.186, abs=0.0005)
    assert scale(UNIT_SYSTEMS["metal"], None, "cuzr").hbar == pytest.approx(6.582119569e-4)

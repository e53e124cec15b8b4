"""Heat capacities and fictive temperatures of heatings whose answer is known."""

import numpy as np
import pytest

from glasscli.errors import GlassError
from glasscli.model.fictive import FictiveWindows
from glasscli.observables import calorimetry
from glasscli.observables.calorimetry import Sweep

WINDOWS = FictiveWindows(glass_below=0.3, liquid_above=0.9)
GLASS, LIQUID = 1.5, (-8.3, 2.7)  # slope of the glass; a + b T^(3/5) of the liquid
K = 1.0


def liquid(t):
    return LIQUID[0] + LIQUID[1] * t**0.6


def glass(t, T_f):
    """That of a liquid that fell out of equilibrium at T_f."""
    return liquid(T_f) + GLASS * (t - T_f)


def heated(T_f, late=0.0, noise=0.0, seed=0, points=4000):
    """A glass of fictive temperature T_f that follows its line beyond T_f by `late`, then falls onto the liquid."""
    t = np.linspace(0.01, 2.0, points)
    h = np.where(t < T_f, glass(t, T_f), liquid(t))
    # A superheated glass lies below the liquid until it softens.
    soft = 1 / (1 + np.exp(-(t - T_f - late) / 0.02))
    h = np.where(t < T_f, h, glass(t, T_f) + (liquid(t) - glass(t, T_f)) * soft) if late else h
    return Sweep(t, h + noise * t * np.random.default_rng(seed).standard_normal(points))


def test_slopes_and_the_momenta_make_the_heat_capacity():
    t = np.linspace(0.1, 1.0, 900)
    found = calorimetry.heat_capacity(Sweep(t, -7 + 1.7 * t), 1.5 * K)
    assert found.value == pytest.approx(3.2, abs=1e-9)
    assert found.error == pytest.approx(0, abs=1e-9)
    assert np.all(np.diff(found.temperature) > 0) and len(found.value) == 29


def test_errors_of_the_heat_capacity_are_those_of_repeated_heatings():
    found = [calorimetry.heat_capacity(heated(0.6, noise=0.05, seed=s), 1.5) for s in range(60)]
    spread = np.std([one.value for one in found], axis=0)
    said = np.mean([one.error for one in found], axis=0)
    assert np.median(said / spread) == pytest.approx(1, abs=0.2)


@pytest.mark.parametrize("T_f", [0.45, 0.6])
@pytest.mark.parametrize("late", [0.0, 0.12])
def test_areas_find_the_temperature_at_which_the_liquid_was_left(T_f, late):
    found = calorimetry.heating(heated(T_f, late), 1.5, WINDOWS)
    assert found.T_f_area is not None
    assert found.T_f_area.value == pytest.approx(T_f, abs=0.004)
    assert found.T_f_area.error < 0.004


def test_an_overshoot_that_reaches_into_the_liquid_window_needs_a_cooling():
    """Softening at 0.96, above 0.9: what lies there is no liquid, whose heat capacity is that of the cooling."""
    late = heated(0.6, 0.36, noise=0.004)
    alone = calorimetry.heating(late, 1.5, WINDOWS)
    assert alone.T_f_area is None and "no cooling" in alone.reasons["T_f_area"]
    cooled = heated(0.6, noise=0.004, seed=1)
    cooling = Sweep(cooled.temperature[::-1], cooled.enthalpy[::-1])
    found = calorimetry.heating(late, 1.5, WINDOWS, cooling=cooling)
    assert found.T_f_area is not None and abs(found.T_f_area.value - 0.6) < 3 * found.T_f_area.error < 0.05
    assert found.overshoot_T == pytest.approx(0.96, abs=0.06)


def test_its_error_is_that_of_repeated_heatings():
    found = [calorimetry.heating(heated(0.55, 0.1, 0.02, s), 1.5, WINDOWS, s).T_f_area for s in range(60)]
    assert all(found)
    values = np.array([one.value for one in found])
    assert values.mean() == pytest.approx(0.55, abs=0.01)
    assert 0.6 < np.mean([one.error for one in found]) / values.std() < 1.6


def test_a_glass_that_softens_late_overshoots_and_one_that_does_not_has_none():
    late = calorimetry.heating(heated(0.5, 0.2), 1.5, WINDOWS)
    assert late.overshoot is not None and late.overshoot_T == pytest.approx(0.7, abs=0.05)
    # All that the liquid is above the glass at 0.7 comes within some 0.08.
    assert late.overshoot.value > 0.5
    assert late.T_onset is not None and 0.58 < late.T_onset.value < 0.7
    prompt = calorimetry.heating(heated(0.5, noise=0.02), 1.5, WINDOWS)
    assert prompt.overshoot is None and "3 errors above" in prompt.reasons["overshoot"]


def test_a_glass_line_that_is_no_glass_has_no_areas():
    """A liquid all the way down: the curves have no crossing where the windows leave room."""
    t = np.linspace(0.01, 2.0, 4000)
    crystal = Sweep(t, -8 + 1.5 * t)  # one line: liquid's fit and glass's never part
    found = calorimetry.heating(crystal, 1.5, WINDOWS)
    assert found.T_f_area is None and found.reasons["T_f_area"]


def test_what_ageing_took_comes_back_and_rejuvenation_has_a_sign():
    cooling = Sweep(*(a[::-1] for a in (heated(0.6).temperature, heated(0.6).enthalpy)))
    aged, young = heated(0.5, 0.1, 0.01), heated(0.7, 0.0, 0.01)
    difference = glass(0.1, 0.6) - glass(0.1, 0.5)
    back = calorimetry.recovered(aged, cooling)
    assert back is not None and abs(back.value - difference) < 3 * back.error < 0.01
    assert calorimetry.recovered(young, cooling).value < -0.01
    assert calorimetry.lost(cooling, aged, 0.3, 0.1).value == pytest.approx(difference, abs=0.002)
    assert calorimetry.lost(None, aged, 0.3, 0.1) is None


def test_what_a_hold_on_the_way_took_is_no_part_of_the_cooling():
    """Cooled to 0.4, aged there from T_f = 0.6 to 0.5, cooled further: heat capacities do not see the hold."""
    young, old = heated(0.6, noise=0.01, seed=1), heated(0.5, 0.1, 0.01, seed=2)
    above, below = young.temperature > 0.4, old.temperature <= 0.4
    first = Sweep(young.temperature[above][::-1], young.enthalpy[above][::-1])
    second = Sweep(old.temperature[below][::-1], old.enthalpy[below][::-1])
    whole = Sweep(*(np.concatenate(pair) for pair in ((first.temperature, second.temperature),
                                                      (first.enthalpy, second.enthalpy))))  # fmt: skip
    lost = calorimetry.lost(first, second, 0.4, 0.1)
    back = calorimetry.recovered(heated(0.5, 0.1, 0.01, seed=3), whole, WINDOWS, lost)
    difference = glass(0.1, 0.6) - glass(0.1, 0.5)
    assert lost.value == pytest.approx(difference, abs=3 * lost.error)
    assert back.value == pytest.approx(difference, abs=3 * back.error) and back.error < 0.01


def test_what_came_back_is_known_better_over_the_liquid_window():
    """Of noise and a wider top alone; the error says so, and both hold."""
    cooled = heated(0.6, noise=0.02, seed=1)
    cooling = Sweep(cooled.temperature[::-1], cooled.enthalpy[::-1])
    aged, difference = heated(0.5, 0.1, 0.02), glass(0.1, 0.6) - glass(0.1, 0.5)
    narrow, wide = (calorimetry.recovered(aged, cooling, w) for w in (None, WINDOWS))
    assert wide.error < 0.7 * narrow.error
    for one in (narrow, wide):
        assert abs(one.value - difference) < 3 * one.error


def test_fluctuations_give_the_heat_capacity_of_an_oscillator_and_nothing_of_what_ages():
    rng = np.random.default_rng(3)
    N, T = 500, 0.7
    # Potential energy of N harmonic atoms: 3/2 N kT on average, its variance 3/2 N (kT)².
    h = (1.5 * N * T + np.sqrt(1.5 * N) * T * rng.standard_normal(8000)) / N
    found = calorimetry.from_fluctuations(h, T, N, K, 1.5)
    assert abs(found.value - 3.0) < 3 * found.error < 0.3
    assert calorimetry.from_fluctuations(np.linspace(0, -1, 8000) + 0.001 * h, T, N, K, 1.5) is None


def test_crystals_come_and_go():
    t = np.linspace(0.1, 2, 20)
    shares = np.where((t > 0.8) & (t < 1.5), 0.6, 0.02)
    assert calorimetry.crystal_temperatures(t, shares) == pytest.approx((0.9, 1.5))
    assert calorimetry.crystal_temperatures(t, np.full(20, 0.05)) == (None, None)
    molten = calorimetry.crystal_temperatures(t, np.where(t < 1.5, 0.9, 0.1))  # a crystal from the start
    assert molten[0] is None and molten[1] == pytest.approx(1.5)


def test_few_points_are_said():
    t = np.linspace(0.1, 1, 20)
    with pytest.raises(GlassError, match="at least 36 points"):
        calorimetry.heat_capacity(Sweep(t, t), 1.5)
    few = calorimetry.heating(Sweep(np.linspace(0.35, 2, 400), np.linspace(0, 1, 400)), 1.5, WINDOWS)
    assert few.T_f_area is None and "T < 0.3" in few.reasons["T_f_area"]

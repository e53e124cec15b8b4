"""Where there is no T_f none is given: series made by hand, of which is known what they are."""

import numpy as np
import pytest

from glasscli.errors import GlassError
from glasscli.observables.branch_guards import crystallised, evaporated, too_fast
from glasscli.observables.fictive import fictive_temperature
from tests.observables.test_fictive import kink, quench

T = np.linspace(2.0, 0.01, 400)


def noise(size, seed=0):
    return size * np.random.default_rng(seed).standard_normal(len(T)) * T


@pytest.mark.parametrize(
    ("at", "where"), [(0.2, r"inside the glass window, T < 0.3"), (0.9, r"inside the liquid window, T > 0.7")]
)
def test_a_crossing_outside_the_gap_is_no_fictive_temperature(at, where):
    """Windows that are not the system's: branches that meet within one of them were fitted to the wrong piece."""
    series = {"energy": kink(T, at, 1.5, (-8.3, 2.7))}
    with pytest.raises(GlassError, match=where):
        fictive_temperature(T, series)
    low, high = (0.1, 0.5) if at < 0.3 else (0.5, 1.2)
    found = fictive_temperature(T, series, low, high)
    assert found.value == pytest.approx(at, abs=1e-6) and found.in_gap


def test_a_second_property_that_crosses_elsewhere_is_left_out():
    _, series = quench()
    series["pressure"] = kink(T, 0.9, 11.5, (-10.0, 20.0))
    found = fictive_temperature(T, series)
    assert found.value == pytest.approx(0.56, abs=1e-6) and list(found.branches) == ["energy"]
    assert "inside the liquid window" in found.failed["pressure"]


@pytest.mark.parametrize(
    ("freezes", "heat"), [(0.65, 0.15), (0.6, 0.15), (0.66, 0.4), (0.9, 0.8), (1.2, 1.0)]
)
def test_a_crystallising_series_has_none(freezes, heat):
    """Below the freezing point the energy is that of a crystal, lower by the heat of fusion: a step, no kink."""
    liquid = -8.3 + 2.7 * T**0.6
    energy = np.where(freezes < T, liquid, -8.3 + 2.7 * freezes**0.6 - heat + 1.5 * (T - freezes))
    with pytest.raises(GlassError, match=r"no fictive temperature"):
        fictive_temperature(T, {"energy": energy + noise(0.005)})


def test_a_crystal_within_the_gap_is_a_bad_fit():
    freezes, heat = 0.65, 0.15
    energy = np.where(
        freezes < T, -8.3 + 2.7 * T**0.6, -8.3 + 2.7 * freezes**0.6 - heat + 1.5 * (T - freezes)
    )
    with pytest.raises(GlassError, match=r"the fit is bad: at T = 0.[56].* energy lies -.*crystallises"):
        fictive_temperature(T, {"energy": energy})


def test_only_the_crystals_side_is_called_crystallisation():
    """A step upward, against the property's way to the glass, is a sample that lags and none that crystallises."""
    energy = kink(T, 0.5, 1.5, (-8.3, 2.7)) + np.where((T > 0.42) & (T < 0.48), 0.5, 0.0)
    with pytest.raises(GlassError, match=r"lies \+\d+% .*rounder than a glass transition") as found:
        fictive_temperature(T, {"energy": energy})
    assert "crystal" not in str(found.value)


@pytest.mark.parametrize("step", [0.5, -0.5])
def test_of_a_property_that_is_left_out_nothing_but_its_miss_is_said(step):
    """The energy follows its branches, so that no step of the volume is a crystal's or spoils T_f."""
    _, series = quench()
    energy = series["energy"]
    series = {"energy": energy, "volume": energy + np.where((T > 0.42) & (T < 0.48), step, 0.0)}
    found = fictive_temperature(T, series)
    assert list(found.branches) == ["energy"] and found.value == pytest.approx(0.56, abs=1e-6)
    said = found.failed["volume"]
    assert said.startswith("at T = 0.4") and "the volume lies" in said and said.endswith("%)")


def test_a_fit_that_leaves_all_open_is_bad():
    with pytest.raises(GlassError, match=r"no fictive temperature: .*(quarter of the gap|lost in noise)"):
        fictive_temperature(T, {"energy": kink(T, 0.5, 1.5, (-8.3, 2.7)) + noise(0.4, 3)})


def test_the_liquid_form_is_the_systems():
    """Two straight lines that meet at 0.5: exactly found by the form that is theirs, not by the other."""
    energy = np.where(T > 0.5, 3 * (T - 0.5), 1.5 * (T - 0.5))
    found = fictive_temperature(T, {"energy": energy}, exponent=1.0)
    assert found.value == pytest.approx(0.5, abs=1e-9)
    assert found.branches["energy"].liquid_line(1.0) == pytest.approx(1.5)


def test_a_ramp_that_the_atoms_do_not_follow_is_too_fast():
    """Behind a thermostat of damping time τ a sample lags by rate times τ: at 0.1 a gap of 0.4 is refused."""
    jitter = noise(0.05)
    assert too_fast(T, T + jitter, 0.3, 0.7) is None
    assert too_fast(T, T + 0.02 + jitter, 0.3, 0.7) is None
    assert "too fast for its windows: at T < 0.3 the atoms lie 0.1 above" in too_fast(T, T + 0.1, 0.3, 0.7)
    assert too_fast(T[:0], T[:0], 0.3, 0.7) is None


def test_a_gas_is_no_liquid():
    """Volumes per atom of the Wahnström mixture, 0.767 as a melt; 3 is the critical one of such a fluid, 7 a foam."""
    liquid = 0.7 + 0.15 * T
    assert evaporated(T, liquid, 0.3, 0.767) is None
    assert "evaporated: it grew to" in evaporated(T, np.where(T > 1.3, 40.0, liquid), 0.3, 0.767)
    # A gas that was cooled too fast to become dense again.
    assert "evaporated" in evaporated(T, np.full_like(T, 7.0), 0.3, 0.767)
    # Constant pressure may be high: only swelling counts.
    assert evaporated(T, 0.3 * liquid, 0.3, 0.767) is None


def test_a_crystal_is_no_glass():
    assert crystallised(0.1) is None
    assert "crystallised: 85% of its atoms" in crystallised(0.85)

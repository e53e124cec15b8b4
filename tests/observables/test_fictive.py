from pathlib import Path

import numpy as np
import pytest

from glasscli.errors import GlassError, InputError
from glasscli.observables.fictive import fictive_temperature, temperature_of_inherent_energy

DATA = Path(__file__).parent / "data"
SEEDS = (11, 22, 33, 44, 55)


def kink(t, at, glass_slope, liquid):
    """A property that leaves the liquid curve a + b T^(3/5) for a straight line at T = `at`."""
    a, b = liquid
    return np.where(t > at, a + b * t**0.6, a + b * at**0.6 + glass_slope * (t - at))


def quench(at=0.56, noise=0.0, seed=0, points=400):
    t = np.linspace(2.0, 0.01, points)
    z = np.random.default_rng(seed).standard_normal((2, points))
    for k in range(1, points):
        z[:, k] = 0.5 * z[:, k - 1] + np.sqrt(0.75) * z[:, k]
    z[1] = 0.8 * z[0] + 0.6 * z[1]
    energy = kink(t, at, 1.5, (-8.3, 2.7)) + noise * z[0] * t
    pressure = kink(t, at, 11.5, (-10.0, 20.0)) + 10 * noise * z[1] * t
    return t, {"energy": energy, "pressure": pressure}


@pytest.mark.parametrize("at", [0.4, 0.56, 0.65])
def test_known_kink_is_found_exactly_without_noise(at):
    result = fictive_temperature(*quench(at))
    assert result.value == pytest.approx(at, abs=1e-6)
    assert result.error < 1e-6
    assert {name: b.crossing for name, b in result.branches.items()} == pytest.approx(
        {"energy": at, "pressure": at}, abs=1e-6
    )
    assert result.in_gap and not result.failed
    branch = result.branches["energy"]
    assert branch.glass_line(at) == pytest.approx(branch.liquid_line(at))
    assert branch.glass[1] == pytest.approx(1.5)
    assert branch.liquid == pytest.approx((-8.3, 2.7))


def test_errors_are_those_of_repeated_quenches():
    results = [fictive_temperature(*quench(noise=0.01, seed=s), seed=s, resamples=300) for s in range(80)]
    values = np.array([r.value for r in results])
    assert values.mean() == pytest.approx(0.56, abs=0.003)
    assert 0.6 < np.mean([r.error for r in results]) / values.std() < 1.5
    energies = np.array([r.branches["energy"].crossing for r in results])
    errors = np.array([r.branches["energy"].error for r in results])
    assert 0.6 < errors.mean() / energies.std() < 1.5


def test_quieter_property_weighs_more():
    t, series = quench(noise=0.002, seed=5)
    series["pressure"] = series["pressure"] + 0.5 * np.random.default_rng(1).standard_normal(len(t))
    result = fictive_temperature(t, series)
    energy, pressure = result.branches["energy"], result.branches["pressure"]
    assert pressure.error > 2 * energy.error
    assert abs(result.value - energy.crossing) < abs(result.value - pressure.crossing)
    assert result.error < pressure.error


def test_same_seed_same_answer_and_order_of_temperatures_does_not_matter():
    t, series = quench(noise=0.01)
    assert fictive_temperature(t, series, seed=3) == fictive_temperature(t, series, seed=3)
    backward = fictive_temperature(t[::-1], {k: v[::-1] for k, v in series.items()}, seed=3)
    assert backward.value == pytest.approx(fictive_temperature(t, series, seed=3).value, abs=0.01)


def test_noisy_second_property_does_not_spoil_the_first():
    t, series = quench()
    series["pressure"] = np.random.default_rng(0).standard_normal(len(t))
    result = fictive_temperature(t, series)
    assert "pressure" not in result.branches or result.branches["pressure"].error > 0
    straight = fictive_temperature(t, {"energy": series["energy"], "pressure": 3 * t**0.6 - 50 * (t < 0.3)})
    assert straight.value == pytest.approx(0.56, abs=1e-6)
    assert "do not cross" in straight.failed["pressure"]


@pytest.mark.parametrize("seed", SEEDS)
def test_real_quenches(seed):
    """LAMMPS quenches of 500 Wahnström atoms in 200000 steps (make_quench_series.py made them)."""
    t, _, energy, pressure = np.loadtxt(DATA / f"quench_{seed}.csv", delimiter=",", unpack=True)
    result = fictive_temperature(t, {"energy": energy, "pressure": pressure})
    assert 0.45 < result.value < 0.65
    assert 0.008 < result.error < 0.04
    assert result.in_gap and not result.failed
    energy_branch = result.branches["energy"]
    assert 1.4 < energy_branch.glass[1] < 1.55  # 3/2 k of a harmonic solid
    assert abs(energy_branch.crossing - result.branches["pressure"].crossing) < 0.06


def test_mean_curve_of_replicas_has_a_smaller_error():
    tables = np.stack([np.loadtxt(DATA / f"quench_{s}.csv", delimiter=",") for s in SEEDS]).mean(axis=0)
    mean = fictive_temperature(tables[:, 0], {"energy": tables[:, 2], "pressure": tables[:, 3]})
    assert 0.55 < mean.value < 0.62
    assert mean.error < 0.015


def test_inherent_energy_of_the_melt_gives_a_second_opinion():
    t = np.linspace(2.0, 0.5, 16)
    melt, glass = -6.9 - 0.1 / t, -6.9 - 0.1 / 0.55
    exact, error = temperature_of_inherent_energy(t, melt, glass, 0.5, 1.5)
    assert exact == pytest.approx(0.55) and error < 1e-9
    noise = np.random.default_rng(0).normal(0, 0.003, len(t))
    value, error = temperature_of_inherent_energy(t, melt + noise, glass, 0.5, 1.5)
    assert 0.002 < error < 0.1 and abs(value - 0.55) < 3 * error
    with pytest.raises(GlassError, match=r"at T = 0.7 is still above the glass's -7.082: hold the melt"):
        temperature_of_inherent_energy(t, melt, glass, 0.69, 1.5)
    with pytest.raises(GlassError, match="four inherent structures"):
        temperature_of_inherent_energy(t[:3], t[:3], -7, 0.7, 1.5)
    with pytest.raises(GlassError, match="does not rise"):
        temperature_of_inherent_energy(t, -6.9 + 0.1 / t, -7, 0.7, 1.5)


def test_no_answer_is_a_clear_line():
    t, series = quench()
    with pytest.raises(GlassError, match=r"no fictive temperature: .* energy do not cross between T = 0.01"):
        fictive_temperature(t, {"energy": 3 * t**0.6 + 50 * (t > 0.5)})
    with pytest.raises(GlassError, match=r"at least 10 points with T < 0.3, the quench has 0"):
        fictive_temperature(t[t > 0.5], {"energy": series["energy"][t > 0.5]})
    with pytest.raises(GlassError, match=r"T > 0.7, the quench has 4"):
        fictive_temperature(t[t < 0.72], {"energy": series["energy"][t < 0.72]})
    with pytest.raises(GlassError, match="the quench has 0"):
        fictive_temperature(np.zeros(0), {"energy": np.zeros(0)})
    with pytest.raises(InputError, match="energy has 3 points, the temperature 400"):
        fictive_temperature(t, {"energy": [1, 2, 3]})
    with pytest.raises(InputError, match="not numbers"):
        fictive_temperature(t, {"energy": np.where(t < 0.1, np.nan, t)})
    with pytest.raises(InputError, match="windows"):
        fictive_temperature(t, series, glass_max=0.8, liquid_min=0.7)
    with pytest.raises(InputError, match="at least one series"):
        fictive_temperature(t, {})

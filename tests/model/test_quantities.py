"""Temperatures, times and walltimes as people write them."""

import pytest

from glasscli.errors import InputError
from glasscli.model.quantities import describe_steps, parse_steps, parse_temperature, parse_walltime
from glasscli.model.system import System, load_system

LJ, METAL = load_system("wahnstrom"), load_system("cuzr")


@pytest.mark.parametrize(
    ("text", "system", "steps"),
    [
        ("1us", LJ, 10**9),  # the convention of Derlet and Maass
        ("0.1ns", LJ, 100_000),
        ("2ps", LJ, 2000),
        ("2.778tau", LJ, 1000),
        ("2.5e6", LJ, 2_500_000),
        ("100 steps", LJ, 100),
        ("2ps", METAL, 1000),
        ("1 ns", METAL, 500_000),
    ],
)
def test_times_become_steps(text, system, steps):
    assert parse_steps(text, system) == steps


@pytest.mark.parametrize("text", ["3 parsec", "-5", "0", "1e-10us", "fast", "nan", "inf", "1 2", ""])
def test_impossible_times_are_refused(text):
    with pytest.raises(InputError, match="time"):
        parse_steps(text, LJ, "time")


def test_tau_is_no_time_in_metal_units():
    with pytest.raises(InputError, match="unknown unit 'tau'"):
        parse_steps("10tau", METAL)


def test_temperatures():
    assert parse_temperature("0.95Tf", LJ, 0.54) == pytest.approx(0.513)
    assert parse_temperature("0.52", LJ) == 0.52
    assert parse_temperature("300K", METAL) == 300


@pytest.mark.parametrize(
    ("text", "system", "words"),
    [
        ("0.95Tg", LJ, "unknown unit 'Tg'"),
        ("300K", LJ, "no kelvin"),
        ("0", LJ, "not positive"),
        ("1e308", LJ, "beyond any number of physics"),
        ("1e-308Tf", LJ, "beyond any number of physics"),
        ("0.95Tf", LJ, "T_f"),
    ],
)
def test_impossible_temperatures_are_refused(text, system, words):
    with pytest.raises(InputError, match=words):
        parse_temperature(text, system)


def test_walltimes():
    assert parse_walltime("23:50:00") == 85800
    assert parse_walltime("1-00:00:10") == 86410
    assert parse_walltime("0:10") == 10
    with pytest.raises(InputError, match="walltime"):
        parse_walltime("an hour")


def test_steps_are_described_in_the_largest_fitting_unit():
    assert describe_steps(100_000, METAL) == "0.2 ns"
    assert describe_steps(2 * 10**9, METAL) == "4 µs"


def test_the_time_of_a_model_without_a_clock_is_its_own_first():
    """0.004 x 3000 is 12; Derlet and Maass call a million steps a nanosecond, Kob and Andersen nothing."""
    assert describe_steps(3000, load_system("kob-andersen"), 0.004) == "12 τ"
    assert describe_steps(3000, LJ, 0.004) == "12 τ, 3 ps as its paper counts"
    assert describe_steps(100_000, LJ) == "277.8 τ, 0.1 ns as its paper counts"
    # A run's file says no more of its system than decides its bits: the paper is known by the commands.
    stored = System.model_validate(LJ.model_dump())
    assert stored.steps_per_nanosecond is None and parse_steps("0.1ns", stored) == 100_000


def test_times_count_the_time_step_of_the_run():
    assert parse_steps("12tau", LJ, "time", 0.004) == 3000
    assert parse_steps("2ps", METAL, "time", 0.001) == 2000
    with pytest.raises(InputError, match="kob-andersen has no clock in us: use tau or steps"):
        parse_steps("1us", load_system("kob-andersen"), "time")


def test_real_units_count_in_femtoseconds():
    real = System(**METAL.model_dump() | {"units": "real", "timestep": 2.0})
    assert (parse_steps("1ps", real, "time"), parse_steps("2fs", real, "time")) == (500, 1)
    assert describe_steps(500, real) == "1 ps"
    assert parse_temperature("300K", real) == 300.0


def test_a_time_has_a_unit():
    with pytest.raises(InputError, match=r"time '5' has no unit: write 5tau, or 5steps"):
        parse_steps("5", LJ, "time")
    assert parse_steps("5steps", LJ, "time") == 5

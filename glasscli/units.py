"""Units: the physical constants, the systems of units that simulations are in, and quantities written with their unit.

Nothing here is a default. A number comes from a system, which says its unit, or from a file without one, whose figures
and tables say `length` and `energy` instead of a unit (WITHOUT_SYSTEM).

Constants are those that define the SI, and the atomic mass constant of CODATA 2022.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace

from glasscli.errors import InputError, near

PLANCK = 6.62607015e-34
HBAR = PLANCK / (2 * math.pi)
BOLTZMANN = 1.380649e-23
ELECTRONVOLT = 1.602176634e-19
AVOGADRO = 6.02214076e23
KILOCALORIE_PER_MOL = 4184 / AVOGADRO
ATOMIC_MASS = 1.66053906892e-27
ANGSTROM = 1e-10
KELVIN_PER_EV = ELECTRONVOLT / BOLTZMANN


@dataclass(frozen=True)
class UnitNames:
    """What figures and tables call the units, and where there is none to name, the quantities."""

    length_unit: str
    energy_unit: str
    temperature_unit: str
    pressure_unit: str
    time_unit: str
    mass_unit: str
    frequency_unit: str  # of angular frequencies

    @property
    def volume_unit(self) -> str:
        """Of a volume, in a plane of an area."""
        return f"{self.length_unit}³"

    @property
    def heat_capacity_unit(self) -> str:
        """Of an energy over a temperature."""
        if self.temperature_unit == f"{self.energy_unit}/k":
            return "k"
        return f"{self.energy_unit}/{self.temperature_unit}"


@dataclass(frozen=True)
class UnitSystem(UnitNames):
    """One of LAMMPS's systems of units.

    boltzmann                     Boltzmann's constant, energy per temperature
    lammps_boltzmann              the same as LAMMPS has it, older by some digits: what its temperatures are made with
    hbar                          quantum of action, energy times time
    picoseconds                   of one unit of time; None where the model has no clock
    joules                        of one unit of energy; None in reduced units
    pressure_per_energy_density   LAMMPS's nktv2p: pressure of one energy unit per volume unit
    energy_per_mass_velocity2     LAMMPS's mvv2e: one mass unit times a squared velocity in energy units
    coulomb                       LAMMPS's qqr2e: energy of two unit charges one length unit apart
    dimension                     of space: in a plane volumes are areas
    """

    name: str
    boltzmann: float
    lammps_boltzmann: float
    hbar: float
    picoseconds: float | None
    joules: float | None
    pressure_per_energy_density: float
    energy_per_mass_velocity2: float
    coulomb: float
    dimension: int = 3

    @property
    def gigapascals(self) -> float | None:
        """Of one unit of pressure; None in reduced units and in a plane."""
        if self.joules is None or self.dimension == 2:
            return None
        # Lengths of systems with units are in angstrom; the unit is defined, its factor rounded.
        pascals = self.joules / ANGSTROM**3 / self.pressure_per_energy_density
        return round(pascals) * 1e-9

    @property
    def volume_unit(self) -> str:
        """Of a volume, in a plane of an area."""
        return self.length_unit + ("²" if self.dimension == 2 else "³")

    @property
    def in_plane(self) -> UnitSystem:
        """The same of atoms in a plane, where a pressure is a force per length."""
        over_area = self.pressure_unit.replace("³", "²")
        if over_area == self.pressure_unit:
            over_area += f" {self.length_unit}"
        return replace(self, pressure_unit=over_area, dimension=2)


UNIT_SYSTEMS = {
    "lj": UnitSystem(
        length_unit="σ",
        energy_unit="ε",
        temperature_unit="ε/k",
        pressure_unit="ε/σ³",
        time_unit="τ",
        mass_unit="m",
        frequency_unit="1/τ",
        name="lj",
        boltzmann=1.0,
        lammps_boltzmann=1.0,
        hbar=1.0,  # there is no quantum of action: this one cancels between phases
        picoseconds=None,
        joules=None,
        pressure_per_energy_density=1.0,
        energy_per_mass_velocity2=1.0,
        coulomb=1.0,
    ),
    "metal": UnitSystem(
        length_unit="Å",
        energy_unit="eV",
        temperature_unit="K",
        pressure_unit="bar",
        time_unit="ps",
        mass_unit="u",
        frequency_unit="rad/ps",
        name="metal",
        boltzmann=8.617333262e-5,
        lammps_boltzmann=8.617343e-5,
        hbar=6.582119569e-4,
        picoseconds=1.0,
        joules=ELECTRONVOLT,
        pressure_per_energy_density=1.6021765e6,
        energy_per_mass_velocity2=1.0364269e-4,  # g/mol (Å/ps)²
        coulomb=14.399645,
    ),
    "real": UnitSystem(
        length_unit="Å",
        energy_unit="kcal/mol",
        temperature_unit="K",
        pressure_unit="atm",
        time_unit="fs",
        mass_unit="u",
        frequency_unit="rad/fs",
        name="real",
        boltzmann=BOLTZMANN / KILOCALORIE_PER_MOL,
        lammps_boltzmann=0.0019872067,
        hbar=HBAR / KILOCALORIE_PER_MOL * 1e15,
        picoseconds=1e-3,
        joules=KILOCALORIE_PER_MOL,
        pressure_per_energy_density=68568.415,
        energy_per_mass_velocity2=48.88821291**2,  # g/mol (Å/fs)²
        coulomb=332.06371,
    ),
}

# Of a file that nobody gave a system for, and that states none of these units itself.
WITHOUT_SYSTEM = UnitNames(
    length_unit="length",
    energy_unit="energy",
    temperature_unit="temperature",
    pressure_unit="pressure",
    time_unit="time",
    mass_unit="mass",
    frequency_unit="1/time",
)


def names_of(units: str | None) -> UnitNames:
    """What figures and tables call the units that a file states, by LAMMPS's name of them."""
    return UNIT_SYSTEMS.get(units or "", WITHOUT_SYSTEM)


@dataclass(frozen=True)
class Substance:
    """One Lennard-Jones unit of energy [K] and length [Å], and the mass [u] of the system's unit of mass."""

    kelvin: float
    angstrom: float
    mass: float
    source: str


SUBSTANCES = {
    "argon": Substance(119.8, 3.405, 39.948, "A. Rahman, Phys. Rev. 136, A405 (1964)"),
    # Atoms of type 1 are zirconium: its mass, its distance of 3.2 Å as 2^(1/6) sigma, and an epsilon that makes
    # T_f = 0.55 epsilon/k the glass transition of Cu50Zr50, 670 K.
    "cuzr": Substance(1220.0, 2.85, 91.224, "by T_g = 670 K and the Zr-Zr distance of 3.2 A"),
}


@dataclass(frozen=True)
class Scale:
    """kelvin of one unit of energy, angstrom of one of length, hbar in the system's energy x time."""

    name: str
    kelvin: float
    angstrom: float
    hbar: float


def scale(units: UnitSystem, substance: str | None, system: str) -> Scale:
    """Return what the units of a system are worth: reduced ones in a substance (None: argon), others as they are.

    system: its name. Raises InputError for an unknown substance, or one given for a system that has units of its own.
    """
    if units.joules is not None:
        if substance is not None and substance != system:
            raise InputError(
                f"{system} is in {units.energy_unit} and {units.length_unit} already: leave --units out"
            )
        # Masses count in energy x time²/length², such as eV ps²/Å².
        return Scale(system, units.joules / BOLTZMANN, 1.0, units.hbar)
    if (substance := substance or "argon") not in SUBSTANCES:
        raise InputError(f"--units: unknown substance {substance!r}{near(substance, SUBSTANCES)}")
    s = SUBSTANCES[substance]
    action = s.angstrom * ANGSTROM * math.sqrt(s.mass * ATOMIC_MASS * s.kelvin * BOLTZMANN)
    return Scale(substance, s.kelvin, s.angstrom, HBAR / action)


PICOSECONDS = {"fs": 1e-3, "ps": 1.0, "ns": 1e3, "us": 1e6, "µs": 1e6, "ms": 1e9}

# unit -> (kind, value in SI) of quantities that carry their unit: '2.879THz', '20.03u', '0.3eV'
UNITS: dict[str, tuple[str, float]] = {
    "Hz": ("frequency", 1.0),
    "kHz": ("frequency", 1e3),
    "MHz": ("frequency", 1e6),
    "GHz": ("frequency", 1e9),
    "THz": ("frequency", 1e12),
    "mK": ("temperature", 1e-3),
    "K": ("temperature", 1.0),
    "u": ("mass", ATOMIC_MASS),
    "kg": ("mass", 1.0),
    "J": ("energy", 1.0),
    "ueV": ("energy", 1e-6 * ELECTRONVOLT),
    "meV": ("energy", 1e-3 * ELECTRONVOLT),
    "eV": ("energy", ELECTRONVOLT),
    "m": ("length", 1.0),
    "nm": ("length", 1e-9),
    "A": ("length", ANGSTROM),
    "Å": ("length", ANGSTROM),
    "s": ("time", 1.0),
    "ms": ("time", 1e-3),
    "us": ("time", 1e-6),
    "ns": ("time", 1e-9),
    "ps": ("time", 1e-12),
    "fs": ("time", 1e-15),
    "bar": ("pressure", 1e5),
    "kbar": ("pressure", 1e8),
    "GPa": ("pressure", 1e9),
    "kg/m3": ("density", 1.0),
    "g/cm3": ("density", 1e3),
    "m/s": ("speed", 1.0),
    "km/s": ("speed", 1e3),
}

# Joules per SI unit of kinds that measure an energy; used only to say what the user probably meant.
_JOULES = {"energy": 1.0, "frequency": PLANCK, "temperature": BOLTZMANN}
_NATURAL = {"frequency": "THz", "temperature": "K", "mass": "u", "energy": "eV", "length": "A", "time": "s"}
_NATURAL |= {"pressure": "kbar", "density": "g/cm3", "speed": "km/s"}
_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(\S*)\s*")


def quantity(
    text: str,
    kind: str,
    name: str = "value",
    *,
    bare: str | None = None,
    thermal: bool = False,
    positive: bool = True,
) -> float:
    """Return the SI value of a number with its unit.

    text      '2.879THz' or '2.879 THz'
    kind      the kind wanted, e.g. 'frequency'
    name      what the message calls it
    bare      unit of a number given without one; None refuses it
    thermal   accept a temperature for an energy, E = k_B T
    positive  refuse zero and negative values

    Raises InputError with one line that names the right unit, and the value in it where there is one.
    """
    match = _NUMBER.fullmatch(text)
    natural = bare or _NATURAL[kind]
    article = "an" if kind[0] in "aeiou" else "a"
    if match is None:
        raise InputError(
            f"{name}: {text!r} is not {article} {kind}; write a number and its unit, e.g. 1{natural}"
        )
    number, unit = float(match[1]), match[2] or bare
    if unit is None:
        raise InputError(
            f"{name}: {text!r} has no unit; {article} {kind} is wanted, e.g. {match[1]}{natural}"
        )
    if unit == "MeV":
        raise InputError(
            f"{name}: {text!r} is mega-electronvolts; write {match[1]}meV for milli-electronvolts"
        )
    if unit not in UNITS:
        known = (u for u, (k, _) in UNITS.items() if k == kind)
        raise InputError(f"{name}: unknown unit {unit!r} in {text!r}{near(unit, known)}")
    given, factor = UNITS[unit]
    value = number * factor
    if given == "temperature" and kind == "energy" and thermal:
        given, value = "energy", value * BOLTZMANN
    if given != kind:
        raise InputError(
            f"{name}: {text!r} is {_article(given)}, not {_article(kind)}{_meant(value, given, kind)}"
        )
    if positive and not 0.0 < value < float("inf"):
        raise InputError(f"{name}: {text!r} must be greater than zero")
    return value


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _meant(value: float, given: str, kind: str) -> str:
    """Say the same energy in the kind that was wanted, where both measure one."""
    unit = _NATURAL[kind]
    if given not in _JOULES or kind not in _JOULES:
        return f"; write it in {unit}"
    same = value * _JOULES[given] / _JOULES[kind] / UNITS[unit][1]
    return f"; write {same:.6g}{unit} if that is what was meant"

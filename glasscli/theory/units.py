"""Physical constants and quantities written with their unit: '2.879THz', '2.057K', '20.03u', '0.3eV', '12meV'.

Constants are those that define the SI, and the atomic mass constant of CODATA 2022. Every quantity is of one kind
(frequency, temperature, mass, energy, length, time, density, speed, pressure) and is refused, with the corresponding
value of the right kind, when it is of another.
"""

from __future__ import annotations

import math
import re

from glasscli.errors import InputError, near

PLANCK = 6.62607015e-34
HBAR = PLANCK / (2 * math.pi)
BOLTZMANN = 1.380649e-23
ELECTRONVOLT = 1.602176634e-19
ATOMIC_MASS = 1.66053906892e-27
ANGSTROM = 1e-10
KELVIN_PER_EV = ELECTRONVOLT / BOLTZMANN

# unit -> (kind, value in SI)
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

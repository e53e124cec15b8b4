"""Temperatures, times and ranges as people write them: "0.95Tf", "300K", "0.1us", "250tau", "100000"."""

from __future__ import annotations

import math
import re

from glasscli.errors import InputError
from glasscli.model.system import System
from glasscli.units import PICOSECONDS

# Derlet & Maaß (2019), Sec. II: one billion steps of a Lennard-Jones system count as one microsecond.
LJ_STEPS_PER_NANOSECOND = 1_000_000

_NUMBER = re.compile(r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([^\d\s].*?)?\s*$")


class NoFictiveTemperature(InputError):
    """A temperature was given as a multiple of a T_f that there is not; `reason`: why there is none."""

    def __init__(self, text: str, reason: str = "which is not in the file") -> None:
        super().__init__(f"temperature {text!r} needs T_f, {reason}: give a number, or --Tf to set it")
        self.text = text


def split(text: str, what: str) -> tuple[float, str]:
    """Return the number and the unit (possibly '') of `text`, or raise InputError."""
    match = _NUMBER.match(text)
    if not match or not math.isfinite(float(match[1])):
        raise InputError(f"{what} {text!r} is not a number with an optional unit")
    return float(match[1]), (match[2] or "").strip()


def parse_temperature(text: str, system: System, fictive: float | None = None) -> float:
    """Return a temperature in the system's unit; "0.95Tf" needs `fictive` in that unit.

    Raises InputError, NoFictiveTemperature for a multiple of none.
    """
    value, unit = split(text, "temperature")
    if unit == "Tf":
        if fictive is None:
            raise NoFictiveTemperature(text)
        value *= fictive
    elif unit == "K":
        if system.temperature_unit != "K":
            raise InputError(
                f"temperature {text!r}: {system.name} has no kelvin; write ε/k as a plain number, or 0.95Tf"
            )
    elif unit:
        known = "Tf or K" if system.temperature_unit == "K" else "Tf"
        raise InputError(f"temperature {text!r} has the unknown unit {unit!r}: use a plain number or {known}")
    if value <= 0:
        raise InputError(f"temperature {text!r} is not positive")
    return value


def parse_steps(text: str, system: System, what: str = "time") -> int:
    """Return a number of MD steps from "100000", "2.5e6", "0.1us", "30ns", "250tau".

    In Lennard-Jones units 1e9 steps are one microsecond by convention, and tau is the model's own time unit;
    in metal units times are what the time step makes them.
    """
    value, unit = split(text, what)
    clock = system.unit_system.picoseconds
    if unit in ("", "steps"):
        steps = value
    elif unit == "tau" and clock is None:
        steps = value / system.timestep
    elif unit in PICOSECONDS:
        picoseconds = value * PICOSECONDS[unit]
        steps = (
            picoseconds * LJ_STEPS_PER_NANOSECOND / 1e3
            if clock is None
            else picoseconds / (system.timestep * clock)
        )
    else:
        known = "us, ns, ps, tau or steps" if clock is None else "us, ns, ps or steps"
        raise InputError(f"{what} {text!r} has the unknown unit {unit!r}: use {known}")
    if steps < 1 or steps > 2**53:
        raise InputError(f"{what} {text!r} is {steps:g} steps; it must be at least one")
    return round(steps)


def describe_steps(steps: int, system: System) -> str:
    """Return `steps` as a time: "0.1 ns", "2 µs"."""
    clock = system.unit_system.picoseconds
    picoseconds = steps * 1e3 / LJ_STEPS_PER_NANOSECOND if clock is None else steps * system.timestep * clock
    for unit, size in (("µs", 1e6), ("ns", 1e3), ("ps", 1.0)):
        if picoseconds >= 0.1 * size:
            return f"{picoseconds / size:g} {unit}"
    return f"{picoseconds:g} ps"


def parse_walltime(text: str) -> float:
    """Return seconds from "23:50:00", "1-12:00:00", "30:00" (minutes and seconds) or "90" (seconds)."""
    match = re.fullmatch(r"(?:(\d+)-)?(\d+(?::\d+){0,2})", text.strip())
    if not match:
        raise InputError(f"walltime {text!r} is not [days-]hours:minutes:seconds")
    seconds = 0
    for part in match[2].split(":"):
        seconds = 60 * seconds + int(part)
    return float(seconds + 86400 * int(match[1] or 0))

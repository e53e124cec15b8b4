"""Temperatures, times and ranges as people write them: "0.95Tf", "300K", "0.1us", "250tau", "100000"."""

from __future__ import annotations

import math
import re

from glasscli.errors import InputError
from glasscli.limits import beyond_physics
from glasscli.model.system import System, steps_per_nanosecond
from glasscli.units import PICOSECONDS

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
    if beyond_physics(float(match[1])):
        raise InputError(f"{what} {text!r} is beyond any number of physics")
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


def parse_steps(text: str, system: System, what: str = "steps", timestep: float | None = None) -> int:
    """Return a number of MD steps from "100000", "2.5e6", "0.1us", "30ns", "250tau".

    what: "time" refuses a plain number, which could be steps as well as a time. timestep: of the run, by default the
    system's. A model without a clock has tau, its own unit of time, and nanoseconds only where its paper counts in
    them (`steps_per_nanosecond`); elsewhere times are what the time step makes them.
    """
    value, unit = split(text, what)
    clock, step = system.unit_system.picoseconds, timestep or system.timestep
    counted = steps_per_nanosecond(system) if clock is None else None
    own, example = ("us, ns, ps", "ps") if clock is not None else ("tau", "tau")
    known = f"{'us, ns, ps, ' if counted else ''}{own} or steps"
    if unit == "" and what == "time":
        raise InputError(
            f"{what} {text!r} has no unit: write {text.strip()}{example}, or {text.strip()}steps ({known})"
        )
    if unit in ("", "steps"):
        steps = value
    elif unit == "tau" and clock is None:
        steps = value / step
    elif unit in PICOSECONDS and clock is not None:
        steps = value * PICOSECONDS[unit] / (step * clock)
    elif unit in PICOSECONDS and counted is not None:
        steps = value * PICOSECONDS[unit] * counted / 1e3
    elif unit in PICOSECONDS:
        raise InputError(f"{what} {text!r}: {system.name} has no clock in {unit}: use {known}")
    else:
        raise InputError(f"{what} {text!r} has the unknown unit {unit!r}: use {known}")
    if not 1 <= steps <= 2**53:
        bound = "at least one" if steps < 1 else f"at most {2**53:g}"
        raise InputError(f"{what} {text!r} is {steps:g} steps; it must be {bound}")
    return round(steps)


def describe_steps(steps: int, system: System, timestep: float | None = None) -> str:
    """Return `steps` as a time: "250 ps", "12 τ", "277.8 τ, 0.1 ns as its paper counts".

    timestep: of the run, by default the system's.
    """
    clock, step = system.unit_system.picoseconds, timestep or system.timestep
    if clock is not None:
        return _largest(steps * step * clock)
    own = f"{steps * step:.4g} {system.unit_system.time_unit}"
    counted = steps_per_nanosecond(system)
    return f"{own}, {_largest(steps * 1e3 / counted)} as its paper counts" if counted else own


def _largest(picoseconds: float) -> str:
    """In the largest fitting unit."""
    for unit, size in (("µs", 1e6), ("ns", 1e3), ("ps", 1.0)):
        if picoseconds >= 0.1 * size:
            return f"{picoseconds / size:g} {unit}"
    return f"{picoseconds:g} ps"


def parse_walltime(text: str) -> float:
    """Return seconds from "23:50:00", "1-12:00:00", "30:00" (minutes and seconds) or "90" (seconds)."""
    match = re.fullmatch(r"(?:(\d{1,9})-)?(\d{1,9}(?::\d{1,9}){0,2})", text.strip(), re.ASCII)
    if not match:
        raise InputError(f"walltime {text!r} is not [days-]hours:minutes:seconds")
    seconds = 0
    for part in match[2].split(":"):
        seconds = 60 * seconds + int(part)
    return float(seconds + 86400 * int(match[1] or 0))

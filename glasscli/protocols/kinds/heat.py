"""Calorimetry: a glass is aged and heated, once or in cycles of cooling, ageing and heating, in one file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from glasscli.engine.deck import THERMOSTAT, Leg, Start, integrate
from glasscli.errors import InputError
from glasscli.model.protocol import Density, Ramp, Segment
from glasscli.model.system import System
from glasscli.protocols.protocol import Continued, Protocol, Setting
from glasscli.protocols.wish import Sample, Wish, steps_of, temperature_of

AGED_AT = 0.9  # of T_f: where a glass loses most of its enthalpy in the time that a computer has
LEAST_POINTS = 36  # of a heating, for the three bins of a heat capacity (observables/calorimetry.py)
MAX_CYCLES = 100


class Heat(Continued):
    """Go through a programme of temperatures, each piece linear in the step."""

    outcome: ClassVar[tuple[str, ...]] = (
        "sample", "calorimetry", "inherent_energy_and_pressure", "icosahedra", "wall_seconds",
    )  # fmt: skip
    kept: ClassVar[Density] = Density(frames=200, minima=100, states=False, thermo=20)

    kind: Literal["heat"] = "heat"
    segments: tuple[Segment, ...] = Field(min_length=1)
    fictive_temperature: float | None

    @property
    def starts(self) -> list[int]:
        """Steps at which the segments begin, and the last step."""
        return list(accumulate((s.steps for s in self.segments), initial=0))

    def temperature_at(self, step: int) -> float:
        """Of the programme at `step`."""
        number = min(int(np.searchsorted(self.starts, step, side="right")) - 1, len(self.segments) - 1)
        segment = self.segments[number]
        return Ramp(segment.T_start, segment.T_end, segment.steps).temperature_at(step - self.starts[number])

    @property
    def constant_temperature(self) -> float | None:
        """None: its temperature changes, though a cycle may end where it began."""
        return None

    @property
    def fictive(self) -> float | None:
        """The T_f that it was planned with, None where it had none."""
        return self.fictive_temperature

    @property
    def course(self) -> dict[str, str]:
        """The temperatures between which it goes."""
        through = [self.segments[0].T_start, *(s.T_end for s in self.segments)]
        turns = [f"{T:g}" for k, T in enumerate(through) if k == 0 or through[k - 1] != T]
        said = turns if len(turns) < 10 else [*turns[:5], "...", turns[-1]]
        return {"temperature": " -> ".join(said)}

    @property
    def settings(self) -> dict[str, Setting]:
        """Its ends, rates, ageing and number of cycles, in place of the list of its segments."""
        found = {name: value for name, value in super().settings.items() if name != "segments"}
        heating = [s for s in self.segments if s.task == "heat"]
        cooling = [s for s in self.segments if s.task == "cool"]
        ageing = [s for s in self.segments if s.task == "age"]
        last = heating[-1]
        return found | {
            "cycles": len(heating),
            "T_start": self.segments[0].T_start,
            "T_low": last.T_start,
            "T_end": last.T_end,
            "rate": Ramp(last.T_start, last.T_end, last.steps).rate(self.timestep),
            "cooling_rate": Ramp(cooling[-1].T_start, cooling[-1].T_end, cooling[-1].steps).rate(
                self.timestep
            )
            if cooling
            else None,
            "T_age": ageing[-1].T_start if ageing else None,
            "age_steps": ageing[-1].steps if ageing else None,
        }

    def title(self, system: System) -> str:
        """One line that says what it is."""
        cycles = sum(s.task == "heat" for s in self.segments)
        return (
            f"heat of {sum(self.counts)} atoms of {system.name}, temperature {self.course['temperature']}, "
            f"{cycles} heating{'s' * (cycles > 1)} in {self.steps} steps"
        )

    def kept_legs(
        self, name: str, start: Start, enter: tuple[str, ...], before: tuple[str, ...]
    ) -> list[Leg]:
        """One leg a segment: LAMMPS changes the temperature of a thermostat linearly within one `run`."""
        names = [name, *(f"{THERMOSTAT}{number}" for number in range(1, len(self.segments)))]
        legs: list[Leg] = []
        for number, (segment, first, last) in enumerate(
            zip(self.segments, self.starts, self.starts[1:], strict=False)
        ):
            # A thermostat of its own name: one that was another's would keep that one's temperatures.
            fixes = integrate(
                names[number],
                self.ensemble,
                segment.T_start,
                segment.T_end,
                self.timestep,
                self.seed,
                space=self.space,
            )
            entering = (f"unfix {names[number - 1]}",) if number else enter
            fixes = fixes if number else (*before, *fixes)
            legs.append(Leg(f"{segment.task}{number + 1}", entering, fixes, first, last, (first, last), True))
        return legs


@dataclass(frozen=True)
class HeatWish(Wish):
    """Options of calorimetry as asked for; None means the default.

    T_end     the top, by default where the quench before began, else the system's T_start
    T_low     where heating begins, by default where the glass is, of a liquid the system's T_end
    rate      of heating, cool_rate of cooling, temperature over time; by default those of the quench before
    steps     of one heating, instead of its rate
    age       how long it is held before each heating, at T_age (by default 0.9 T_f)
    cycles    how many heatings; before each but a glass's first it is cooled from the top
    """

    protocol: ClassVar[type[Protocol]] = Heat

    T_end: float | str | None = None
    T_low: float | str | None = None
    rate: float | None = None
    steps: int | str | None = None
    cool_rate: float | None = None
    age: int | str | None = None
    T_age: float | str | None = None
    cycles: int = 1
    T_start: float | str | None = None

    def first_temperature(self, system: System, before: Protocol | None, fictive: float | None) -> float:
        """As asked for, else where the run before ended."""
        if self.T_start is not None:
            return temperature_of(self.T_start, system, fictive)
        if before is None:
            raise InputError("say with --T-start how warm the structure is")
        return before.temperatures[1]

    def plan(self, system: System, sample: Sample) -> Heat:
        """The programme of a sample. Raises InputError for one that heats nothing."""
        if not 1 <= self.cycles <= MAX_CYCLES:
            raise InputError(f"--cycles {self.cycles} must lie between 1 and {MAX_CYCLES}")
        timestep = self.step_of(system, sample)
        segments = tuple(self._segments(system, sample, timestep))
        steps = sum(s.steps for s in segments)
        if steps > 10**12:
            raise InputError(f"the programme has {steps:.3g} steps: heat and cool faster")
        found = Heat(
            **self.settings(system, sample, steps), segments=segments, fictive_temperature=sample.fictive
        )
        shortest = min(s.steps for s in segments if s.task == "heat")
        if (points := shortest // found.sampling.thermo_every) < LEAST_POINTS:
            raise InputError(
                f"heating in {shortest} steps has {points} energies, and a heat capacity wants {LEAST_POINTS}: "
                "heat slower (--rate, --steps) or note energies more often (--thermo-every)"
            )
        return found

    def _segments(self, system: System, sample: Sample, timestep: float) -> Iterator[Segment]:
        before, T = sample.before, sample.temperature
        ramp = before.ramp if before else None
        melt = max(ramp.T_start, ramp.T_end) if ramp else system.defaults.T_start
        top = self._temperature("T_end", melt, system, sample)
        is_liquid = ramp is None and (top <= T or (sample.fictive is not None and sample.fictive < T))
        low = self._temperature("T_low", system.defaults.T_end if is_liquid else T, system, sample)
        if low >= top:
            raise InputError(
                f"heating goes up: T-end {top:g} must lie above {low:g}, where it begins (--T-low)"
            )
        held, hold = self._ageing(system, sample, timestep, low, top)
        usual = ramp.rate(before.timestep) if before and ramp else None
        rate = self._rate(system, usual, top - low, timestep)
        cooling = rate if self.cool_rate is None else self.cool_rate
        if cooling <= 0:
            raise InputError(f"--cool-rate {cooling:g} is not positive")

        def to(task: Literal["cool", "warm", "heat"], first: float, last: float) -> Segment:
            speed = cooling if task == "cool" else rate
            return Segment(
                task=task,
                T_start=first,
                T_end=last,
                steps=max(1, round(abs(last - first) / speed / timestep)),
            )

        for _ in range(self.cycles):
            for target in (held, low) if hold else (low,):
                if target != T:
                    yield to("cool" if target < T else "warm", T, target)
                T = target
                if hold and target == held:
                    yield Segment(task="age", T_start=held, T_end=held, steps=hold)
                    if low == held:
                        break
            yield to("heat", low, top)
            T = top

    def _temperature(self, name: str, default: float, system: System, sample: Sample) -> float:
        asked = getattr(self, name)
        return default if asked is None else temperature_of(asked, system, sample.fictive)

    def _ageing(
        self, system: System, sample: Sample, timestep: float, low: float, top: float
    ) -> tuple[float, int]:
        """Where and how many steps it is held; 0 steps without ageing."""
        if self.age is None:
            if self.T_age is not None:
                raise InputError("--T-age needs --age, how long")
            return low, 0
        if self.T_age is None and sample.fictive is None:
            raise InputError("no T_f is known, say with --T-age where it is held")
        held = self._temperature("T_age", AGED_AT * (sample.fictive or 0), system, sample)
        if not low <= held < top:
            raise InputError(f"T-age {held:g} must lie between {low:g}, where heating begins, and {top:g}")
        return held, steps_of(self.age, system, "age", timestep)

    def _rate(self, system: System, usual: float | None, range_: float, timestep: float) -> float:
        """Of heating."""
        if self.rate is not None and self.steps is not None:
            raise InputError("give --steps or --rate, not both: one follows from the other")
        if self.steps is not None:
            return range_ / (steps_of(self.steps, system, timestep=timestep) * timestep)
        rate = self.rate if self.rate is not None else usual
        if rate is None:
            rate = (system.defaults.T_start - system.defaults.T_end) / (
                system.defaults.quench_steps * timestep
            )
        if rate <= 0:
            raise InputError(f"heating rate {rate:g} is not positive")
        return rate


PROTOCOL = Heat

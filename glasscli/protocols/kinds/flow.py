"""Deformation at a temperature: shear at a rate, in oscillation, under a stress; tension and compression at a rate."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, ClassVar, Literal

from pydantic import Field

from glasscli.box import Box
from glasscli.engine.deck import Leg, Start
from glasscli.errors import InputError
from glasscli.model.protocol import Density, Ensemble, Space, checkpoint_interval
from glasscli.model.strain import Plane
from glasscli.model.system import System
from glasscli.protocols.driven import LEAST, LONGEST, check_followed, flips_of, steps_to
from glasscli.protocols.kinds.anneal import Isotherm
from glasscli.protocols.protocol import Protocol, Setting
from glasscli.protocols.uniaxial import Axis, Sides, Uniaxial
from glasscli.protocols.wish import Sample, Wish, steps_of, temperature_of

Drive = Literal["steady", "oscillation", "creep"]
# Those of shear at rest that there are at a temperature.
Mode = Literal["simple", "uniaxial"]
# Values of the stress kept of a run, about; in a period of an oscillation at least.
NOTED, OF_PERIOD = 10_000, 64
CYCLES = 10
# Of uniaxial: how far it goes where nothing is said, how far at most, and the steps of its rest.
STRETCHED, MOST_STRETCHED, REST = 0.2, 1.5, 5000


class Flow(Isotherm):
    """Planes normal to the plane's second axis slide along its first, at a temperature; or one axis is stretched.

    steady       at a rate of strain: dynamics by SLLOD, in which planes are at rest beside each other; at the steps
                 `flips` the box that leans by half an edge becomes the same that leans the other way
    oscillation  the same with a strain amplitude cos(2 pi step / period), so many steps a period, to which it comes
                 from none in half a period before; LAMMPS knows no rate when it sets up, which is where there is none
    creep        under a stress, which a barostat keeps; without it for the last `recovery` steps

    uniaxial     of a steady drive: the rate is that of a stretch along an axis instead
    """

    outcome: ClassVar[tuple[str, ...]] = ("held", "flowing", "length", "steps_per_second")
    kept: ClassVar[Density] = Density(frames=100, minima=1, states=False, thermo=20)
    extendable: ClassVar[bool] = (
        False  # LAMMPS reckons strains as shares of the whole: rounding knows its length
    )

    kind: Literal["flow"] = "flow"
    drive: Drive
    plane: Plane = "xy"
    rate: float | None = None
    amplitude: float | None = Field(default=None, gt=0)
    period: int | None = Field(default=None, gt=0)
    stress: float | None = None
    recovery: int = 0
    flips: tuple[int, ...] = ()
    uniaxial: Uniaxial | None = None

    @property
    def mode(self) -> Mode:
        """How it deforms."""
        return "uniaxial" if self.uniaxial else "simple"

    @property
    def driven(self) -> bool:
        """Always."""
        return True

    @property
    def turns_over(self) -> bool:
        """By a leg of its own, or by the barostat of a creep."""
        return bool(self.flips) or self.drive == "creep"

    @property
    def miscounts(self) -> bool:
        """LAMMPS's change_box, which turns it over between legs, leaves the images as they were."""
        return bool(self.flips)

    @property
    def lengthens(self) -> bool:
        """Along one axis."""
        return self.uniaxial is not None

    @property
    def settings(self) -> dict[str, Setting]:
        """What is of its drive, the rest has no value. A rate alone would be one of temperature."""
        found = {name: value for name, value in super().settings.items() if value is not None}
        del found["flips"]
        if self.uniaxial:
            del found["plane"]
            found["mode"] = self.mode
        named = {"rate": "strain_rate"} | {f"uniaxial_{name}": name for name in Uniaxial.model_fields}
        return {named.get(name, name): value for name, value in found.items()}

    def strain_at(self, step: int) -> float:
        """Strain after so many steps. Of creep it is no setting but what happened: raises ValueError."""
        if self.rate is not None:
            return self.rate * step * self.timestep
        if self.amplitude is None or self.period is None:
            raise ValueError("the strain of a creep is measured")
        angle = 2 * math.pi * (step - self.period // 2) / self.period
        return self.amplitude * (math.cos(angle) if angle > 0 else (1 + math.cos(angle)) / 2)

    @property
    def leans(self) -> bool:
        """Under a stress."""
        return self.drive == "creep"

    @property
    def course(self) -> dict[str, str]:
        """What drives it."""
        where = f"along {self.uniaxial.axis}" if self.uniaxial else f"in {self.plane}"
        sides = f", {self.uniaxial.words(self.ensemble.pressure)}" if self.uniaxial else ""
        said = {
            "steady": f"rate {self.rate} {where}{sides}",
            "oscillation": f"amplitude {self.amplitude} {where}, {self.period} steps a period",
            "creep": f"stress {self.stress} {where}"
            + (f", none for the last {self.recovery} steps" * bool(self.recovery)),
        }  # fmt: skip
        return super().course | {"drive": said[self.drive]}

    def title(self, system: System) -> str:
        """One line that says what it is."""
        return (
            f"flow of {sum(self.counts)} atoms of {system.name} at T = {self.temperature:g}, {self.course['drive']}, "
            f"for {self.steps} steps"
        )

    def kept_legs(
        self, name: str, start: Start, enter: tuple[str, ...], before: tuple[str, ...]
    ) -> list[Leg]:
        """The box becomes one that may lean, and its atoms move with it from the first step on; or is stretched."""
        if self.uniaxial:
            assert self.rate is not None
            return self.uniaxial.legs(
                self.kind, name, enter, before, rate=self.rate, steps=self.steps, temperature=self.temperature,
                ensemble=self.ensemble, timestep=self.timestep, dimension=self.space.dimension,
            )  # fmt: skip
        ready = [*enter, "change_box all triclinic"]
        if self.rate is not None:
            a, b = self.plane
            speed = f"$({self.rate:.17g}*l{b}:%.17g)"
            ready.append(
                f"velocity all ramp v{a} 0 {speed} {b} $({b}lo:%.17g) $({b}hi:%.17g) sum yes units box"
            )
        ends = [0, *self.flips, self.steps]
        pieces = [(f"{self.kind}{k or ''}", *piece) for k, piece in enumerate(pairwise(ends))]
        if self.period is not None:
            pieces = [("begin", 0, self.period // 2), (self.kind, self.period // 2, self.steps)]
        elif self.recovery:
            pieces = [
                (self.kind, 0, self.steps - self.recovery),
                ("recovery", self.steps - self.recovery, self.steps),
            ]
        legs: list[Leg] = []
        for number, (task, first, last) in enumerate(pieces):
            # A restart's thermostat is of another style, and each box has its own beginning: names of their own.
            fixes = self._fixes(f"{name}_{task}", number)
            if number:
                ready = [f"unfix {line.split()[1]}" for line in legs[-1].fixes if line.startswith("fix ")]
            if number and self.rate is not None:
                # LAMMPS, on its way, would put atoms back into the box and leave their velocities as they were.
                sign = "-" if self.rate > 0 else "+"
                ready.append(
                    f"change_box all {self.plane} final $({self.plane}{sign}l{self.plane[0]}:%.17g) units box"
                )
            fixes = fixes if number else (*before, *fixes)
            legs.append(Leg(task, tuple(ready), fixes, first, last, (first, last), True))
        return legs

    def _fixes(self, name: str, number: int) -> tuple[str, ...]:
        """What moves atoms and box in a leg. The temperature is that of velocities beside the flow's."""
        plane = ("fix plane all enforce2d",) if self.space.dimension == 2 else ()
        damping = self.ensemble.thermostat_steps * self.timestep
        T = f"temp {self.temperature:.17g} {self.temperature:.17g} {damping:.10g}"
        if self.drive == "creep":
            slow = self.ensemble.barostat_steps * self.timestep
            pressure = f"{-(self.stress or 0.0) if number == 0 else 0.0:.17g}"
            return (f"fix {name} all npt {T} {self.plane} {pressure} {pressure} {slow:.10g}", *plane)
        ready: tuple[str, ...] = ()
        how = f"erate {self.rate:.17g}" if self.rate is not None else ""
        if self.amplitude is not None and self.period is not None:
            how, half = f"variable v_{name}_tilt v_{name}_rate", self.period // 2
            tilt, turn = f"{self.amplitude:.17g}*l{self.plane[1]}", math.pi / half
            part, angle = (1, f"{turn:.17g}*(step-{half})") if number else (0.5, f"{turn:.17g}*step-PI")
            none = 1 if number else -1
            ready = (
                f"variable {name}_tilt equal {part:g}*{tilt}*(cos({angle})-{none})",
                f"variable {name}_rate equal -{part * turn / self.timestep:.17g}*{tilt}*sin({angle})",
            )
        return (
            *ready,
            f"fix {name}_box all deform 1 {self.plane} {how} remap v flip no",
            f"fix {name} all nvt/sllod {T}",
            *plane,
            f"thermo_modify temp {name}_temp",
        )


@dataclass(frozen=True, kw_only=True)
class FlowWish(Wish):
    """Options of a flow as asked for; None means the default.

    mode         uniaxial: along `axis`, the others kept by `sides` (at `pressure`), after a `rest` (steps, or a time)
    rate         of strain, up to `strain_max`
    amplitude    of an oscillation with a `period` (steps, or a time), `cycles` of them
    stress       of a creep for `steps`, then for `recovery` (both steps, or times) without
    """

    protocol: ClassVar[type[Protocol]] = Flow
    own_fixes: ClassVar[bool] = True

    temperature: float | str
    mode: Mode = "simple"
    plane: Plane | None = None
    axis: Axis | None = None
    sides: Sides | None = None
    rest: int | str | None = None
    rate: float | None = None
    strain_max: float | None = None
    amplitude: float | None = None
    period: int | str | None = None
    cycles: int | None = None
    stress: float | None = None
    steps: int | str | None = None
    recovery: int | str | None = None

    def first_temperature(self, system: System, before: Protocol | None, fictive: float | None) -> float:
        """The temperature to hold."""
        return temperature_of(self.temperature, system, fictive)

    def plan(self, system: System, sample: Sample) -> Flow:
        """The flow of a sample. Raises InputError for what cannot be."""
        box = sample.box
        if box.free:
            raise InputError(f"flow deforms a box that is periodic everywhere; this one is {box.words}")
        if self.ensemble is not None:
            raise InputError("a flow has a thermostat of its own: leave the ensemble out")
        timestep = self.step_of(system, sample)
        if self.mode == "uniaxial":
            ensemble = self._checked_uniaxial(sample)
            driven = self._uniaxial(system, box, timestep, ensemble)
        else:
            self._check_shear(box)
            ensemble = Ensemble(kind="nvt")
            driven = self._driven(system, box, timestep)
        steps = driven.pop("steps")
        assert isinstance(steps, int)
        if not LEAST <= steps <= LONGEST:
            raise InputError(f"this flow has {steps} steps; it may have {LEAST} to {LONGEST:.0e}")
        sampling, period = self.sampling, driven.get("period")
        if sampling.velocities and self.mode == "simple":
            raise InputError(
                "velocities of a flow are not kept with frames (--velocities): those of atoms on their way across an "
                "edge are of the other side; stored states have them"
            )
        whole = period if isinstance(period, int) else steps
        if sampling.stress_every is None:
            often = period // OF_PERIOD if isinstance(period, int) else max(1, steps // NOTED)
            sampling = replace(sampling, stress_every=often)
        elif sampling.stress_every * LEAST > whole:
            raise InputError(
                f"--stress-every {sampling.stress_every} is too seldom for {whole} steps: at most {whole // LEAST}"
            )
        if isinstance(period, int):
            # Where it turns.
            every = sampling.checkpoint_every or checkpoint_interval(sum(sample.counts))
            sampling = replace(sampling, checkpoint_every=-(-2 * every // period) * (period // 2))
        if sampling.inherent_every is None:
            sampling = replace(sampling, inherent_every=0)
        chosen = replace(self, sampling=sampling, ensemble=ensemble.kind, pressure=ensemble.pressure)
        settings = chosen.settings(system, sample, steps)
        settings["space"] = Space.of(box).model_copy(update={"tilted": self.mode == "simple"})
        return Flow(
            **settings, **driven, temperature=sample.temperature, fictive_temperature=sample.fictive
        )  # fmt: skip

    def _check_shear(self, box: Box) -> None:
        """Raise InputError for what is of uniaxial, and for a plane that is not there."""
        asked = {"--axis": self.axis, "--sides": self.sides, "--rest": self.rest, "--pressure": self.pressure}
        for name, value in asked.items():
            if value is not None:
                raise InputError(
                    f"{name} is of --mode uniaxial; a simple shear keeps its volume: leave it out"
                )
        if box.dimension == 2 and self.plane not in (None, "xy"):
            raise InputError("in two dimensions a flow is in the plane xy")

    def _checked_uniaxial(self, sample: Sample) -> Ensemble:
        """What keeps the sides. Raises InputError for what is of a shear, and for what cannot be stretched."""
        asked = {
            "--plane": self.plane,
            "--amplitude": self.amplitude,
            "--period": self.period,
            "--cycles": self.cycles,
        }
        asked |= {"--stress": self.stress, "--steps": self.steps, "--recovery": self.recovery}
        for name, value in asked.items():
            if value is not None:
                raise InputError(
                    f"{name} is of --mode simple: --mode uniaxial is at a --rate along an --axis"
                )
        box = sample.box
        if box.tilted:
            raise InputError(
                f"--mode uniaxial is along an edge of a rectangular box, this one is {box.words}; glasscli shear "
                "--mode uniaxial takes any"
            )
        if box.dimension == 2 and self.axis not in ("x", "y"):
            raise InputError("in two dimensions --mode uniaxial is along x or y: say --axis")
        if self.sides == "volume":
            for name, given in {"--pressure": self.pressure, "--rest": self.rest}.items():
                if given is not None:
                    raise InputError(
                        f"{name} is of --sides pressure; --sides volume keeps the volume: leave it out"
                    )
            return Ensemble(kind="nvt")
        pressure = self.pressure
        if pressure is None and sample.before is not None:
            pressure = sample.before.ensemble.pressure
        if pressure is None:
            raise InputError(
                "the sample was not kept at a pressure: say --pressure, that on its sides, or --sides volume"
            )
        return Ensemble(kind="npt", pressure=pressure)

    def _uniaxial(self, system: System, box: Box, timestep: float, ensemble: Ensemble) -> dict[str, Any]:
        """The same as `_driven` of uniaxial."""
        if self.rate is None:
            raise InputError("--mode uniaxial needs --rate: of strain, below 0 to compress")
        strain = STRETCHED if self.strain_max is None else self.strain_max
        steps = steps_to(self.rate, strain, timestep)
        if strain > MOST_STRETCHED:
            raise InputError(f"--strain-max {strain:g} is no box any more: at most {MOST_STRETCHED:g}")
        rest = (
            REST if self.rest is None else steps_of(self.rest, system, "rest", timestep) if self.rest else 0
        )
        held = ensemble.kind == "npt"
        how = Uniaxial(axis=self.axis or "z", sides=self.sides or "pressure", rest=rest if held else 0)
        return {"drive": "steady", "rate": self.rate, "steps": steps, "uniaxial": how}

    def _driven(self, system: System, box: Box, timestep: float) -> dict[str, Any]:
        """The drive, its own fields, and the steps of the whole."""
        plane: Plane = self.plane or "xy"
        asked = {"--rate": self.rate, "--amplitude": self.amplitude, "--stress": self.stress}
        given = [name for name, value in asked.items() if value is not None]
        if len(given) != 1:
            raise InputError(
                f"say what drives it: one of {', '.join(asked)}; there are {' and '.join(given) or 'none'}"
            )
        if given != ["--amplitude"] and (self.period is not None or self.cycles is not None):
            raise InputError(f"--period and --cycles are of --amplitude; {given[0]} has none")
        if given != ["--stress"] and (self.steps is not None or self.recovery is not None):
            raise InputError(f"--steps and --recovery are of --stress; {given[0]} has a length of its own")
        if self.rate is not None:
            strain = 2.0 if self.strain_max is None else self.strain_max
            steps = steps_to(self.rate, strain, timestep)
            flips = flips_of(box, plane, self.rate * timestep, steps)
            return {"drive": "steady", "plane": plane, "rate": self.rate, "steps": steps, "flips": flips}
        if self.strain_max is not None:
            raise InputError("--strain-max is of --rate")
        if self.amplitude is not None:
            if self.period is None:
                raise InputError("an oscillation needs --period: steps, or a time")
            asked_for = steps_of(self.period, system, "period", timestep)
            half = asked_for // 2
            if half < OF_PERIOD:
                raise InputError(
                    f"a period of {asked_for} steps is too short for an oscillation: at least {2 * OF_PERIOD}"
                )
            check_followed(math.pi * self.amplitude / half)
            return {
                "drive": "oscillation", "plane": plane, "amplitude": self.amplitude, "period": 2 * half,
                "steps": half + 2 * half * (self.cycles or CYCLES),
            }  # fmt: skip
        if not (self.stress and math.isfinite(self.stress)):
            raise InputError(f"under a stress of {self.stress:g} nothing creeps")
        creep = steps_of(100_000 if self.steps is None else self.steps, system, timestep=timestep)
        back = 0 if self.recovery is None else steps_of(self.recovery, system, "recovery", timestep)
        return {
            "drive": "creep", "plane": plane, "stress": self.stress, "recovery": back, "steps": creep + back
        }  # fmt: skip


PROTOCOL = Flow

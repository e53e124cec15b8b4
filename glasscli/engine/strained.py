"""An engine whose steps are steps of strain at zero temperature: the box is deformed, its atoms go to the minimum.

Athermal quasistatic deformation (C. Maloney, A. Lemaitre, Phys. Rev. E 74, 016118 (2006)). While atoms follow a
minimum that moves with the strain, the work V sigma dgamma stays in the sample. What is missing after a step was given
off in a rearrangement: the step is halved, from the last minimum before it, until the rearrangement is known to lie
within a strain that is small enough; from there the path goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.engine.around import Around
from glasscli.engine.boxes import change_commands
from glasscli.engine.contract import Engine
from glasscli.engine.resting import Minimum, Resting
from glasscli.model.strain import Straining
from glasscli.model.system import System

# Of the least energy that is a rearrangement's: what work and energy of a valley differ by at most, many times over.
LEAP = 100


@dataclass(frozen=True)
class Rearrangement:
    """The minima before it, each nearer to it, and the one after; the energy of the sample that it gave off."""

    before: tuple[Minimum, ...]
    after: Minimum
    released: float


@dataclass(frozen=True)
class Stretch:
    """What happened in one step: where it ended, the work done on the sample, its rearrangements."""

    step: int
    end: Minimum
    work: float
    rearrangements: tuple[Rearrangement, ...]


class Strained(Around):
    """As `Engine`: a step is a step of strain.

    engine: with the atoms where they begin. own: whether by our own forces, else by LAMMPS's. held: the pressure that
    free sides are kept at, in units of pressure, where it is known; else it is found where the atoms first rest.
    """

    def __init__(
        self, engine: Engine, system: System, how: Straining, own: bool, held: float | None = None
    ) -> None:
        super().__init__(engine)
        self._how, self._unit = how, system.unit_system.pressure_per_energy_density
        start = engine.configuration()
        self._resting = Resting(system, start, how, own)
        self._stretches: list[Stretch] = []
        self._now: Minimum | None = None
        # With the strain: of free sides, and of the atoms beyond what all of space does.
        self._velocity: tuple[Floats, Floats] | None = None
        self._step = 0
        self._hold(how.pressure if held is None else held)
        self._take(start)

    @property
    def held(self) -> float | None:
        """The pressure that free sides are kept at, in units of pressure; None while there are none, or none yet."""
        return self._held

    def advance(self, steps: int, ramp: tuple[int, int], setup: bool) -> None:
        """Make steps of strain; at the very first one the atoms come to rest."""
        for _ in range(steps):
            step = self._step + 1
            before = self.start()
            done, work = self._to(before, self._how.path.at(step))
            after = self.start()
            # The enthalpy grew by it; what the pressure on free sides takes of that is no work on the sample.
            work -= after.held * (after.box.volume - before.box.volume)
            self._stretches.append(Stretch(step, after, work, tuple(done)))
            self._step = step
            self._note(step)

    def start(self) -> Minimum:
        """Where it is now; the atoms come to rest first where they have not."""
        if self._now is None:
            self._now = self._come_to_rest()
        return self._now

    def stretches(self) -> list[Stretch]:
        """The steps that were made since this was asked last."""
        found, self._stretches = self._stretches, []
        return found

    def thermo(self) -> dict[str, float]:
        """As LAMMPS has them, of atoms that rest."""
        now, n = self.start(), self._atoms.n_atoms
        pressure = float(np.trace(now.pressure[: now.box.dimension, : now.box.dimension])) / now.box.dimension
        return {
            "step": self._step, "temp": 0.0, "pe": now.energy / n, "ke": 0.0, "press": pressure * self._unit,
            "vol": now.box.volume,
        }  # fmt: skip

    def configuration(self) -> Configuration:
        """Present state, ordered by atom id, wrapped, with images and velocities, which are none."""
        now = self.start()
        positions, crossed = now.box.folded(now.positions)
        return replace(
            self._atoms, positions=positions, images=crossed, box=now.box, step=self._step,
            velocities=np.zeros_like(positions),
        )  # fmt: skip

    def rearrange(self, occupant: np.ndarray) -> None:
        """Atoms at rest exchange no places."""
        raise NotImplementedError

    def transmute(self, species: np.ndarray, speeds: np.ndarray) -> None:
        """Nor do they change species."""
        raise NotImplementedError

    def replace(self, configuration: Configuration) -> None:
        """Take positions and images of a configuration of the same atoms."""
        self._take(configuration)

    def state(self) -> bytes:
        """The present state as a LAMMPS restart file, from which this process goes on as another would."""
        now = self.configuration()
        self._within.commands(change_commands(now.box, self._how.strain.tilts or now.box.tilted))
        self._within.replace(now)
        self._within.commands([f"reset_timestep {self._step}"])
        content = self._within.state()
        self._take(now)
        return content

    def close(self) -> None:
        """End it, LAMMPS too."""
        self._within.close()
        self._resting.close()

    def _take(self, configuration: Configuration) -> None:
        """The atoms of a configuration, in the box of its step."""
        assert configuration.images is not None
        self._atoms, self._step = configuration, configuration.step
        self._now = self._velocity = None
        self._resting.forget()

    def _hold(self, pressure: float | None) -> None:
        """Free sides are kept at it from now on; by what is written down of it, as another process would."""
        self._held = pressure
        self._resting.held = None if pressure is None else pressure / self._unit

    def _come_to_rest(self) -> Minimum:
        """The minimum at the present strain; of atoms that rest, where they are."""
        atoms, strain, near = self._atoms, self._how.path.at(self._step), 0.01 * self._resting.spacing
        assert atoms.images is not None
        given = self._resting.given(atoms.box)
        there = atoms.positions + self._resting.box(strain, given).cartesian(atoms.images)
        found = self._resting.rest(there, strain, given, near)
        if giving := self._how.strain.giving if self._held is None else ():
            self._hold(float(np.mean([found.pressure[k, k] for k in giving])) * self._unit)
            found = self._resting.rest(found.positions, strain, given, near)
        return found

    def _to(self, now: Minimum, goal: float) -> tuple[list[Rearrangement], float]:
        """Follow the minimum to a strain; the rearrangements on the way, and the work done."""
        found: list[Rearrangement] = []
        before: list[Minimum] = [now]
        bound: float | None = None  # where something has given way
        target, work = goal, 0.0
        while True:
            after = self._next(now, target)
            done = (
                0.5 * (target - now.strain) * (now.box.volume * now.stress + after.box.volume * after.stress)
            )
            grown = after.enthalpy - now.enthalpy
            released, leapt = done - grown, False
            gave = self._beyond(released, self._how.release, now, after)
            if not gave:
                # In one valley the enthalpy grows by the work; else atoms went on so far that they leapt out of theirs.
                along = self._resting.work(now, after)
                leapt = self._beyond(abs(grown - along), LEAP * self._how.release, now, after)
            if (gave or leapt) and abs(target - now.strain) > self._how.resolution:
                bound, target = bound if leapt else target, self._halfway(now.strain, target)
                continue
            if gave or leapt:
                found.append(Rearrangement(tuple(before), after, released))
                before, bound, self._velocity = [], None, None
            else:
                between = after.positions - self._resting.moved(now, after.strain, after.given)
                by = after.strain - now.strain
                self._velocity = (after.given - now.given) / by, between / by
                done = along
            work += done
            now = after
            before.append(now)
            self._now = now
            if target == goal:
                return found, work
            if bound is None or target == bound:
                bound, target = None, goal
            else:
                near = abs(bound - target) <= self._how.resolution
                target = bound if near else self._halfway(target, bound)

    def _beyond(self, missing: float, allowed: float, now: Minimum, after: Minimum) -> bool:
        """Whether more energy is missing in a step than is allowed, and than pairs that cross their cutoffs explain."""
        return missing > allowed and missing > allowed + self._resting.toll(now, after)

    @staticmethod
    def _halfway(one: float, other: float) -> float:
        return one + 0.5 * (other - one)

    def _next(self, now: Minimum, strain: float) -> Minimum:
        """The minimum at a strain near the present one: atoms go with space, and on as they went in the last step."""
        by = strain - now.strain
        given = now.given
        if self._velocity is not None:
            given = given + by * self._velocity[0]
        guess = self._resting.moved(now, strain, given)
        if self._velocity is not None:
            guess = guess + by * self._velocity[1]
        return self._resting.rest(guess, strain, given, abs(by) * self._resting.spacing)

"""An engine whose steps are steps of strain at zero temperature: the box is deformed, its atoms go to the minimum.

Athermal quasistatic deformation (C. Maloney, A. Lemaitre, Phys. Rev. E 74, 016118 (2006)). While atoms follow a
minimum that moves with the strain, the work V sigma dgamma stays in the sample. What is missing after a step was given
off in a rearrangement: the step is halved, from the last minimum before it, until the rearrangement is known to lie
within a strain that is small enough; from there the path goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from glasscli.configuration import Box, Configuration, Floats, mean_spacing
from glasscli.engine.around import Around
from glasscli.engine.boxes import change_commands
from glasscli.engine.contract import Engine
from glasscli.engine.descent import descend
from glasscli.engine.forces import Evaluation, Forces, symmetric
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.own.sample import Sample, shape_of
from glasscli.errors import EngineError
from glasscli.model.strain import Straining
from glasscli.model.system import System

# No coordinate changes by more than this share of the mean spacing in a step of the descent.
STRIDE = 0.05
# Evaluations of one descent.
MOST = 20000
# Of the least energy that is a rearrangement's: what work and energy of a valley differ by at most, many times over.
LEAP = 100


@dataclass(frozen=True)
class Minimum:
    """Where the atoms rest at a strain: positions [n, 3], continuous; energy of the whole sample.

    pressure  [3, 3] tensor of the virial, energy per volume; forces: [n, 3] that are left
    evaluations  those that it took
    """

    strain: float
    positions: Floats
    box: Box
    energy: float
    pressure: Floats
    stress: float
    forces: Floats
    evaluations: int

    @property
    def max_force(self) -> float:
        """The largest component of a force."""
        return float(np.abs(self.forces).max())


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


class Resting:
    """The atoms of one sample, brought to rest in boxes of any strain.

    own: whether by our own forces; else by LAMMPS's, through a second instance.
    """

    def __init__(self, system: System, atoms: Configuration, how: Straining, own: bool) -> None:
        self._how, self._atoms = how, atoms
        self._box = Box(np.array(how.box), atoms.box.periodic, atoms.box.dimension)
        self._own: Sample | None = None
        if own:
            with Minimiser(system) as minimiser:
                self._own = minimiser.compared(atoms)
        self._forces = None if own else Forces(system)
        # Of the box at no strain, so that it is the same to the bit wherever a process begins.
        self.spacing = mean_spacing(self._box.extent, atoms.n_atoms, self._box.dimension)

    def close(self) -> None:
        """Give back what it holds."""
        if self._own:
            self._own.close()
        if self._forces:
            self._forces.close()

    def forget(self) -> None:
        """No list of neighbours: what follows depends on nothing before."""
        if self._own:
            self._own.reset()

    def box(self, strain: float) -> Box:
        """The box at a strain."""
        return self._how.strain.deformed(self._box, strain)

    def moved(self, minimum: Minimum, strain: float) -> Floats:
        """[n, 3] where the atoms of a minimum are when all of space is deformed on to a strain."""
        return np.asarray(
            minimum.positions @ (self._how.strain.gradient(strain) @ self._undone(minimum.strain)).T
        )

    def rest(self, positions: Floats, strain: float, first: float) -> Minimum:
        """The minimum below positions in the box of a strain. first: how far the first step of the descent goes."""
        box = self.box(strain)
        evaluate, tell = self._at(box)
        found = descend(evaluate, positions, STRIDE * self.spacing, self._how.force, first=first, most=MOST)
        energy, pressure, forces = tell(found.positions)
        if not np.isfinite(energy):
            raise EngineError("the energy is not finite: atoms lie on top of each other")
        stress = self._how.strain.stress(pressure)
        return Minimum(strain, found.positions, box, energy, pressure, stress, forces, found.evaluations)

    def work(self, one: Minimum, other: Minimum) -> float:
        """Work on the sample from one minimum to another, atoms going straight, as fractions of the box.

        int (V stress dstrain - F . dX), X the atoms where the box has no strain, by Lobatto's rule of four points: the
        stresses of both minima and what stress and forces are at two places between. No energy is asked for. Between
        minima of one valley a straight way is off their path by the square of the step, where the forces' part is what
        takes the stress to that of the minima: to the fourth order this is the integral of their stress.
        """
        by = other.strain - one.strain
        ends = [minimum.positions @ self._undone(minimum.strain).T for minimum in (one, other)]
        along = ends[1] - ends[0]

        def slope(strain: float, box: Box, stress: float, forces: Floats) -> float:
            on = float(np.vdot(forces, along @ self._how.strain.gradient(strain).T))
            return box.volume * stress * by - on

        sides = [slope(m.strain, m.box, m.stress, m.forces) for m in (one, other)]
        inner = []
        for part in (0.5 - 0.5 / np.sqrt(5), 0.5 + 0.5 / np.sqrt(5)):
            strain = one.strain + part * by
            box = self.box(strain)
            _, pressure, forces = self._at(box)[1](
                (ends[0] + part * along) @ self._how.strain.gradient(strain).T
            )
            inner.append(slope(strain, box, self._how.strain.stress(pressure), forces))
        return (sum(sides) + 5 * sum(inner)) / 12

    def _undone(self, strain: float) -> Floats:
        """[3, 3] what takes space back to no strain."""
        return np.asarray(np.linalg.inv(self._how.strain.gradient(strain)), dtype=np.float64)

    def _at(
        self, box: Box
    ) -> tuple[Callable[[Floats], tuple[float, Floats]], Callable[[Floats], tuple[float, Floats, Floats]]]:
        """Energy and forces in a box; and energy, pressure tensor and forces."""
        if self._own:
            own, shape = self._own, shape_of(box)

            def tell_own(x: Floats) -> tuple[float, Floats, Floats]:
                energy, f, virial = own.evaluate(x, shape)
                return energy, symmetric(virial) / box.volume, f

            return lambda x: own.energy_and_forces(x, shape), tell_own
        forces, atoms = self._forces, self._atoms
        assert forces is not None

        def found_at(x: Floats) -> Evaluation:
            return forces.evaluate(replace(atoms, positions=box.wrap(x), box=box, images=None))

        def evaluate(x: Floats) -> tuple[float, Floats]:
            found = found_at(x)
            return found.energy * atoms.n_atoms, found.forces

        def tell(x: Floats) -> tuple[float, Floats, Floats]:
            found = found_at(x)
            return found.energy * atoms.n_atoms, found.tensor, found.forces

        return evaluate, tell


class Strained(Around):
    """As `Engine`: a step is a step of strain.

    engine: with the atoms where they begin. own: whether by our own forces, else by LAMMPS's.
    """

    def __init__(self, engine: Engine, system: System, how: Straining, own: bool) -> None:
        super().__init__(engine)
        self._how, self._unit = how, system.unit_system.pressure_per_energy_density
        start = engine.configuration()
        self._resting = Resting(system, start, how, own)
        self._stretches: list[Stretch] = []
        self._now: Minimum | None = None
        self._velocity: Floats | None = None  # of the atoms with the strain, beyond what all of space does
        self._step = 0
        self._take(start)

    def advance(self, steps: int, ramp: tuple[int, int], setup: bool) -> None:
        """Make steps of strain; at the very first one the atoms come to rest."""
        for _ in range(steps):
            step = self._step + 1
            done, work = self._to(self.start(), self._how.path.at(step))
            self._stretches.append(Stretch(step, self.start(), work, tuple(done)))
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

    def _come_to_rest(self) -> Minimum:
        """The minimum at the present strain; of atoms that rest, where they are."""
        atoms, strain = self._atoms, self._how.path.at(self._step)
        assert atoms.images is not None
        there = atoms.positions + self._resting.box(strain).cartesian(atoms.images)
        return self._resting.rest(there, strain, 0.01 * self._resting.spacing)

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
            grown = after.energy - now.energy
            released, leapt = done - grown, False
            gave = released > self._how.release
            if not gave:
                # In one valley the energy grows by the work; else atoms went on so far that they leapt out of theirs.
                along = self._resting.work(now, after)
                leapt = abs(grown - along) > LEAP * self._how.release
            if (gave or leapt) and abs(target - now.strain) > self._how.resolution:
                bound, target = bound if leapt else target, self._halfway(now.strain, target)
                continue
            if gave or leapt:
                found.append(Rearrangement(tuple(before), after, released))
                before, bound, self._velocity = [], None, None
            else:
                between = after.positions - self._resting.moved(now, after.strain)
                self._velocity = between / (after.strain - now.strain)
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

    @staticmethod
    def _halfway(one: float, other: float) -> float:
        return one + 0.5 * (other - one)

    def _next(self, now: Minimum, strain: float) -> Minimum:
        """The minimum at a strain near the present one: atoms go with space, and on as they went in the last step."""
        by = strain - now.strain
        guess = self._resting.moved(now, strain)
        if self._velocity is not None:
            guess = guess + by * self._velocity
        return self._resting.rest(guess, strain, abs(by) * self._resting.spacing)

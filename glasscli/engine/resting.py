"""The atoms of one sample at rest in boxes of any strain, whose free sides rest too.

Sides that are kept at a pressure P go down with the atoms, to a minimum of the enthalpy E + P V: the coordinates of a
descent are the atoms' in the box as it was at its beginning, and one row more, the strains of the sides since, times a
length that makes them as stiff as an atom is (D. Sheppard, P. Xiao, W. Chemelewski, D. Johnson, G. Henkelman, J. Chem.
Phys. 136, 074103 (2012)). One descent of all of them is a function of where it begins, as one of atoms alone, stays in
its valley, and asks one tolerance of both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from glasscli.configuration import Box, Configuration, Floats, mean_spacing
from glasscli.engine.cutoffs import Cutoffs
from glasscli.engine.descent import descend
from glasscli.engine.forces import Forces, symmetric
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.own.sample import Sample, shape_of
from glasscli.errors import EngineError
from glasscli.model.strain import Straining
from glasscli.model.system import System

# No coordinate changes by more than this share of the mean spacing in a step of the descent.
STRIDE = 0.05
# Evaluations of one descent.
MOST = 20000
# Of the mean spacing: what atoms go beside space, at most, where only pairs cross their cutoffs.
QUIET = 0.05
# Strain of a side in one descent beyond which nothing holds it.
RUN_AWAY = 0.5


@dataclass(frozen=True)
class Minimum:
    """Where the atoms rest at a strain: positions [n, 3], continuous; energy of the whole sample.

    given     [3] strains by which free sides gave way since there was no strain
    held      the pressure that these are kept at, energy per volume; 0 where there are none
    pressure  [3, 3] tensor of the virial, energy per volume; forces: [n, 3] that are left
    pull      [3] what is left on free sides: minus the slope of the enthalpy with their strains
    max_force the largest component of a force, that of a side as a descent counts it among them
    evaluations  those that it took
    """

    strain: float
    given: Floats
    positions: Floats
    box: Box
    held: float
    energy: float
    pressure: Floats
    stress: float
    forces: Floats
    pull: Floats
    max_force: float
    evaluations: int

    @property
    def enthalpy(self) -> float:
        """What is least where sides are kept at a pressure; else the energy."""
        return self.energy + self.held * self.box.volume


class Resting:
    """The atoms of one sample, brought to rest in boxes of any strain.

    own: whether by our own forces; else by LAMMPS's, through a second instance. held: the pressure that free sides are
    kept at, energy per volume; until it is set they stay where they are.
    """

    held: float | None = None

    def __init__(self, system: System, atoms: Configuration, how: Straining, own: bool) -> None:
        self._system, self._how, self._atoms = system, how, atoms
        self._box = Box(np.array(how.box), atoms.box.periodic, atoms.box.dimension)
        self._own: Sample | None = None
        if own:
            with Minimiser(system) as minimiser:
                self._own = minimiser.compared(atoms)
        self._forces = None if own else Forces(system)
        # Of the box at no strain, so that it is the same to the bit wherever a process begins.
        self.spacing = mean_spacing(self._box.extent, atoms.n_atoms, self._box.dimension)
        self._as_stiff = self.spacing * np.sqrt(atoms.n_atoms)

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

    def box(self, strain: float, given: Floats) -> Box:
        """The box at a strain."""
        return self._how.strain.deformed(self._box, strain, given)

    def given(self, box: Box) -> Floats:
        """[3] strains by which free sides gave way to be those of a box."""
        return self._how.strain.given(self._box, box)

    def moved(self, minimum: Minimum, strain: float, given: Floats) -> Floats:
        """[n, 3] where the atoms of a minimum are when all of space is deformed on to a strain."""
        on = self._how.strain.gradient(strain, given)
        return np.asarray(minimum.positions @ (on @ self._undone(minimum)).T)

    def rest(self, positions: Floats, strain: float, given: Floats, first: float) -> Minimum:
        """The minimum below positions in the box of a strain, whose free sides begin as given.

        first: how far the first step of the descent goes.
        """
        giving = list(self._how.strain.giving) if self.held is not None else []
        evaluate = self._with_sides(strain, given, giving) if giving else self._at(self.box(strain, given))[0]
        start = np.vstack([positions, np.zeros(3)]) if giving else positions
        found = descend(evaluate, start, STRIDE * self.spacing, self._how.force, first=first, most=MOST)
        rested = found.positions
        if giving:
            strains = rested[-1] / self._as_stiff
            rested, given = rested[:-1] * np.exp(strains), given + strains
        box = self.box(strain, given)
        energy, pressure, forces = self._at(box)[1](rested)
        if not np.isfinite(energy):
            raise EngineError("the energy is not finite: atoms lie on top of each other")
        held, pull = self.held or 0.0, self._pull(pressure, box)
        largest = max(float(np.abs(forces).max()), float(np.abs(pull).max()) / self._as_stiff)
        return Minimum(
            strain, given, rested, box, held, energy, pressure, self._stress(pressure), forces, pull, largest,
            found.evaluations,
        )  # fmt: skip

    def work(self, one: Minimum, other: Minimum) -> float:
        """Work on the sample from one minimum to another, atoms going straight, as fractions of the box.

        int (V stress dstrain - F . dX), X the atoms where the box has no strain, by Lobatto's rule of four points: the
        stresses of both minima and what stress and forces are at two places between. No energy is asked for. Between
        minima of one valley a straight way is off their path by the square of the step, where the forces' part is what
        takes the stress to that of the minima: to the fourth order this is the integral of their stress. Free sides
        are coordinates as the atoms are, and what the pressure on them does is left out: it is the enthalpy that grows.
        """
        by, given = other.strain - one.strain, other.given - one.given
        ends = [minimum.positions @ self._undone(minimum).T for minimum in (one, other)]
        along = ends[1] - ends[0]

        def slope(gradient: Floats, box: Box, stress: float, forces: Floats, pull: Floats) -> float:
            on = float(np.vdot(forces, along @ gradient.T)) + float(pull @ given)
            return box.volume * stress * by - on

        def at(strain: float, sides: Floats) -> Floats:
            return self._how.strain.gradient(strain, sides)

        sides = [slope(at(m.strain, m.given), m.box, m.stress, m.forces, m.pull) for m in (one, other)]
        inner = []
        for part in (0.5 - 0.5 / np.sqrt(5), 0.5 + 0.5 / np.sqrt(5)):
            strain, between = one.strain + part * by, one.given + part * given
            box, gradient = self.box(strain, between), at(strain, between)
            _, pressure, forces = self._at(box)[1]((ends[0] + part * along) @ gradient.T)
            inner.append(slope(gradient, box, self._stress(pressure), forces, self._pull(pressure, box)))
        return (sum(sides) + 5 * sum(inner)) / 12

    def toll(self, one: Minimum, other: Minimum) -> float:
        """Energy that pairs may give off from one minimum to another because their force jumps at its cutoff; 0 where
        none does, and where atoms went so far that more happened."""
        if self._cutoffs is None:
            return 0.0
        went = other.positions - self.moved(one, other.strain, other.given)
        if np.abs(went).max() > QUIET * self.spacing:
            return 0.0
        return self._cutoffs.crossed(self._atoms.species, one.positions, one.box, other.positions, other.box)

    @cached_property
    def _cutoffs(self) -> Cutoffs | None:
        return Cutoffs.of(self._system)

    def _stress(self, pressure: Floats) -> float:
        """The stress that belongs to the strain."""
        return self._how.strain.stress(pressure) + (self.held or 0.0)

    def _pull(self, pressure: Floats, box: Box) -> Floats:
        """[3] on free sides; none while they stay where they are."""
        found = np.zeros(3)
        if self.held is not None:
            for k in self._how.strain.giving:
                found[k] = box.volume * (pressure[k, k] - self.held)
        return found

    def _undone(self, minimum: Minimum) -> Floats:
        """[3, 3] what takes the space of a minimum back to no strain."""
        gradient = self._how.strain.gradient(minimum.strain, minimum.given)
        return np.asarray(np.linalg.inv(gradient), dtype=np.float64)

    def _with_sides(
        self, strain: float, given: Floats, giving: list[int]
    ) -> Callable[[Floats], tuple[float, Floats]]:
        """Enthalpy and forces of the coordinates of a descent: [n, 3] atoms in the box as given, and a row of sides."""
        assert self.held is not None
        held = self.held

        def evaluate(x: Floats) -> tuple[float, Floats]:
            strains = x[-1] / self._as_stiff
            if not np.abs(strains).max() < RUN_AWAY:
                raise EngineError(
                    f"at strain {strain:.6g} nothing holds the sides of the box at their pressure: strain less, or "
                    "choose another --pressure"
                )
            box, stretch = self.box(strain, given + strains), np.exp(strains)
            energy, pressure, forces = self._at(box)[1](x[:-1] * stretch)
            return energy + held * box.volume, np.vstack(
                [forces * stretch, self._pull(pressure, box) / self._as_stiff]
            )

        return evaluate

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
        lammps, atoms = self._forces, self._atoms
        assert lammps is not None

        def tell(x: Floats) -> tuple[float, Floats, Floats]:
            found = lammps.evaluate(replace(atoms, positions=box.wrap(x), box=box, images=None))
            return found.energy * atoms.n_atoms, found.tensor, found.forces

        def evaluate(x: Floats) -> tuple[float, Floats]:
            energy, _, forces = tell(x)
            return energy, forces

        return evaluate, tell

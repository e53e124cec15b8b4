"""A crystal at a volume: its shape and internal coordinates relaxed under LAMMPS's forces and stress.

The free parameters keep the space group, so a search has one to five unknowns. lj/cut's force drops where a shell
crosses the cutoff, which makes the energy kinked (downwards: never a minimum) with several valleys, so every search
is begun from several places and the lowest end is taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from glasscli.configuration import Configuration, Floats
from glasscli.engine.forces import Evaluation, Forces
from glasscli.errors import EngineError
from glasscli.structures.phases import Phase
from glasscli.structures.prototypes import Parameters

# How far from the ideal structure it is still that structure: c/a as a share, internal coordinates in cell edges.
# bcc and fcc are a factor sqrt(2) in c/a apart (Bain's path), and Zr2Cu's C11b lies between, at c/a = 3.5.
MAX_STRETCH, MAX_SHIFT = 0.35, 0.06
# Of the energy per atom against a parameter: below, a search has converged.
SLOPE = 1e-4


@dataclass(frozen=True)
class RelaxedCell:
    """A crystal at one volume.

    volume, energy  per atom
    pressure        -dE/dV, energy per volume
    parameters      c/a and internal coordinates
    configuration   its orthogonal unit cell
    converged       whether the search of its parameters ended where their slopes vanish, or at the end of their range
    """

    volume: float
    energy: float
    pressure: float
    parameters: dict[str, float]
    configuration: Configuration
    converged: bool = True


class CrystalEnergy:
    """Energies of one phase at any volume, remembered."""

    def __init__(self, phase: Phase, forces: Forces) -> None:
        self.phase = phase
        self._forces = forces
        self._known: dict[float, RelaxedCell] = {}
        self._curvature: Floats | None = None
        self._names = list(phase.prototype.parameters)
        self._ideal = np.array([phase.prototype.parameters[n] for n in self._names], dtype=np.float64)
        reach = [MAX_STRETCH * v if n == "ca" else MAX_SHIFT for n, v in phase.prototype.parameters.items()]
        self._bounds = [(v - w, v + w) for v, w in zip(self._ideal, reach, strict=True)]
        # Positions are affine in the parameters: their derivatives are constants.
        base = phase.prototype.positions(phase.prototype.parameters)
        self._slopes = [
            phase.prototype.positions(phase.prototype.parameters | {n: v + 1.0}) - base
            for n, v in phase.prototype.parameters.items()
        ]

    def ideal(self, volume: float) -> float:
        """Energy per atom of the ideal structure, not relaxed."""
        return self._forces.evaluate(self.phase.cell(volume)).energy

    def scan(self, volumes: Floats) -> Floats:
        """[n] energies of the ideal structure, infinite where atoms overlap beyond what the potential knows."""
        energies = np.full(len(volumes), np.inf)
        for i, volume in enumerate(volumes.tolist()):
            with suppress(EngineError):
                energies[i] = self.ideal(volume)
        return energies

    def relaxed(self, volume: float, starts: Iterable[Parameters] = (), ideal: bool = True) -> RelaxedCell:
        """The crystal of lowest energy at a volume per atom, searched from `starts` and the ideal structure.

        Without `starts` the nearest volume already known is one. Raises EngineError when atoms overlap.
        """
        if volume in self._known and not starts:
            return self._known[volume]
        guesses = [self._ideal] if ideal or not self._names else []
        given = list(starts)
        if not given and self._known:
            given = [self._known[min(self._known, key=lambda v: abs(v - volume))].parameters]
        guesses += [np.array([p[n] for n in self._names]) for p in given]
        found = [self._search(volume, guess) for guess in (guesses if self._names else guesses[:1])]
        if volume in self._known:
            found.append(self._known[volume])
        self._known[volume] = min(found, key=lambda cell: cell.energy)
        return self._known[volume]

    def curve(self, volumes: Floats) -> list[RelaxedCell]:
        """The crystal at each of the ascending volumes: followed upwards, then downwards where valleys change."""
        cells: list[RelaxedCell] = []
        for i, volume in enumerate(map(float, volumes)):
            # Mostly from the volume before; from the ideal structure too, now and then, to find another valley.
            follow = [cells[-1].parameters] if cells else []
            cells.append(self.relaxed(volume, follow, ideal=i % 10 == 0))
        if self._names:
            for i in range(len(volumes) - 2, -1, -1):
                above = cells[i + 1].parameters
                if self._differ(above, cells[i].parameters):
                    cells[i] = self.relaxed(float(volumes[i]), [above], ideal=False)
        return cells

    def _differ(self, one: Parameters, other: Parameters) -> bool:
        """Whether two volumes lie in different valleys: neighbours of one valley differ by little."""
        return any(abs(one[n] - other[n]) > 0.003 for n in self._names)

    def _search(self, volume: float, guess: Floats) -> RelaxedCell:
        if not self._names:
            return self._cell(volume, guess, self._evaluate(volume, guess))
        options: dict[str, object] = {"gtol": 1e-5, "maxiter": 40}
        if self._curvature is not None:
            # The neighbouring volume's inverse Hessian saves most of the evaluations.
            options["hess_inv0"] = self._curvature
        result = minimize(
            lambda p: self._energy_and_slope(volume, p), guess, jac=True, method="BFGS", options=options
        )
        best, converged = result.x, bool(np.abs(result.jac).max() < SLOPE)
        if any(not lo <= x <= hi for x, (lo, hi) in zip(best, self._bounds, strict=True)):
            result = minimize(
                lambda p: self._energy_and_slope(volume, p), np.clip(guess, *np.array(self._bounds).T),
                jac=True, method="L-BFGS-B", bounds=self._bounds, options={"ftol": 1e-15, "gtol": 1e-6},
            )  # fmt: skip
            best, converged = result.x, bool(result.success)
        elif converged:
            inverse = (result.hess_inv + result.hess_inv.T) / 2
            self._curvature = inverse if (np.linalg.eigvalsh(inverse) > 0).all() else None
        return self._cell(volume, best, self._evaluate(volume, best), converged)

    def _evaluate(self, volume: float, values: Floats) -> Evaluation:
        return self._forces.evaluate(self._configuration(volume, values))

    def _configuration(self, volume: float, values: Floats) -> Configuration:
        return self.phase.cell(volume, dict(zip(self._names, values.tolist(), strict=True)))

    def _cell(self, volume: float, values: Floats, found: Evaluation, converged: bool = True) -> RelaxedCell:
        return RelaxedCell(
            volume, found.energy, float(found.stress.mean()),
            dict(zip(self._names, values.tolist(), strict=True)), self._configuration(volume, values),
            converged,
        )  # fmt: skip

    def _energy_and_slope(self, volume: float, values: Floats) -> tuple[float, Floats]:
        """Energy per atom and its derivatives, by the chain rule over fractional positions and edges."""
        cell = self._configuration(volume, values)
        found = self._forces.evaluate(cell)
        slopes = np.empty(len(values))
        for i, name in enumerate(self._names):
            if name == "ca":
                # At fixed volume ln c grows by 2/3 and ln a, ln b fall by 1/3 of d ln(c/a).
                stretch = np.array([-1.0, -1.0, 2.0]) / (3 * values[i])
                slopes[i] = -volume * (found.stress * stretch).sum()
            else:
                slopes[i] = -(found.forces * self._slopes[i] * cell.box.edges).sum() / cell.n_atoms
        return found.energy, slopes

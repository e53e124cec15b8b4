"""E(V) of a crystal: a table where it is drawn, LAMMPS itself wherever a number is asked for.

Energies have kinks where a shell of neighbours crosses a cut-off potential's cutoff, so minima and mixtures are
searched on the table first and then on LAMMPS's own energies, never on a spline.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import minimize_scalar

from glasscli.configuration import Floats
from glasscli.engine.forces import Forces
from glasscli.structures.build import rest_volume
from glasscli.structures.phases import Phase
from glasscli.structures.relax import CrystalEnergy, RelaxedCell

# The drawn curve, in the phase's own volume.
CURVE_LOW, CURVE_HIGH = 0.85, 1.35


@dataclass(frozen=True)
class EnergyCurve:
    """Energy (or free energy) per atom against volume per atom.

    volumes, energies, pressures  [n] the table; pressures are -dE/dV in energy per volume
    energy                        the exact function behind the table
    small_fraction                share of species 2
    minimum                       (volume, energy), None where the energy only falls with volume
    bulk_modulus                  V d2E/dV2 at the minimum, energy per volume
    """

    name: str
    small_fraction: float
    volumes: Floats
    energies: Floats
    pressures: Floats
    energy: Callable[[float], float]
    minimum: tuple[float, float] | None
    bulk_modulus: float | None


@dataclass(frozen=True)
class PhaseCurve:
    """A crystal's curve at T = 0 with its relaxed cells. `cells` are those of the table, in ascending volume."""

    phase: Phase
    crystal: CrystalEnergy
    curve: EnergyCurve
    cells: list[RelaxedCell] = field(repr=False)


def phase_curve(
    phase: Phase, forces: Forces, volume: float, points: int = 41, include: tuple[float, ...] = ()
) -> PhaseCurve:
    """Return E(V) of a phase, its shape and internal coordinates relaxed at each volume (Derlet & Maass 2019, Fig. 5).

    volume: the system's usual volume per atom, near which the minimum is looked for. include: volumes that the table
    must cover. A repulsive system has no minimum: its table is centred on `volume`.
    """
    crystal = CrystalEnergy(phase, forces)
    centre = rest_volume(crystal, volume, relaxed=False)
    low, high = CURVE_LOW * centre, CURVE_HIGH * centre
    low, high = min(low, *(0.98 * v for v in include), low), max(high, *(1.02 * v for v in include), high)
    # A wider table keeps its spacing.
    n = max(points, round((points - 1) * np.log(high / low) / np.log(CURVE_HIGH / CURVE_LOW)) + 1)
    volumes = np.geomspace(low, high, n)
    cells = crystal.curve(volumes)
    energies = np.array([c.energy for c in cells])

    def energy(v: float) -> float:
        return crystal.relaxed(v, _nearest(cells, v), ideal=False).energy

    minimum = find_minimum(volumes, energies, energy)
    bulk = None
    if minimum:
        step = 1e-4 * minimum[0]
        at = _nearest(cells, minimum[0])
        up, down = (crystal.relaxed(minimum[0] + d, at, ideal=False).pressure for d in (step, -step))
        bulk = -minimum[0] * (up - down) / (2 * step)
    pressures = np.array([c.pressure for c in cells])
    curve = EnergyCurve(phase.name, phase.small_fraction, volumes, energies, pressures, energy, minimum, bulk)
    return PhaseCurve(phase, crystal, curve, cells)


def find_minimum(
    volumes: Floats, energies: Floats, energy: Callable[[float], float]
) -> tuple[float, float] | None:
    """Return (volume, energy) of the lowest minimum inside the table, or None when the ends are lowest.

    Every dip of the table is followed with the exact function.
    """
    dips = [
        i
        for i in range(1, len(volumes) - 1)
        if energies[i] <= energies[i - 1] and energies[i] < energies[i + 1]
    ]
    if not dips:
        return None
    lowest = min(energies[i] for i in dips)
    # Other dips matter only if what lies between table points could make them the lowest.
    span = float(np.ptp(energies[max(0, dips[0] - 2) : dips[-1] + 3]))
    near = [i for i in dips if energies[i] <= lowest + 0.1 * span]
    found = [minimise_in(energy, volumes[i - 1], volumes[i + 1]) for i in near]
    return min(found, key=lambda pair: pair[1])


def minimise_in(function: Callable[[float], float], low: float, high: float) -> tuple[float, float]:
    """Return (x, f(x)) of a minimum of a function of one variable between two bounds."""
    result = minimize_scalar(
        function, bounds=(float(low), float(high)), method="bounded", options={"xatol": 1e-6 * high}
    )
    return float(result.x), float(result.fun)


def _nearest(cells: list[RelaxedCell], volume: float) -> list[dict[str, float]]:
    """Parameters of the table's neighbours of a volume, one if they lie in the same valley."""
    order = sorted(cells, key=lambda c: abs(c.volume - volume))[:2]
    same = all(abs(order[0].parameters[n] - order[-1].parameters[n]) < 0.01 for n in order[0].parameters)
    return [c.parameters for c in (order[:1] if same else order)]

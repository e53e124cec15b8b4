"""What the configurational temperature is made of: the forces on all atoms, and the Laplacian of the energy.

In the canonical distribution <sum_i F_i^2> = kT <sum_i lap_i U> exactly, by integration by parts (Rugh, Phys. Rev.
Lett. 78, 772 (1997); Butler, Ayton, Jepps and Evans, J. Chem. Phys. 109, 6519 (1998)): a thermometer that looks at
positions alone, and sees an integrator that samples another distribution than it should. A pair adds twice
u'' + (d - 1) u'/r in d dimensions. Where the force jumps at the cutoff, u'' is infinite there, and its share is the
jump times the density of pairs at the cutoff, which is counted in a shell within.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from glasscli.compiled import njit
from glasscli.configuration import Configuration
from glasscli.engine.pair_derivatives import sized_derivatives
from glasscli.engine.pair_tables import PairTable, tabulate
from glasscli.engine.pairwise import no_pairs
from glasscli.errors import InputError
from glasscli.model.system import System
from glasscli.simulation.kernel import _around, cells_of

# Of the cutoff: how thick the shell is.
SHELL = 0.02
# Of what neighbours have: a jump of the energy at the cutoff that is none.
NO_JUMP = 1e-6


@dataclass(frozen=True)
class Pull:
    """Both, per atom."""

    force_squared: float
    laplacian: float


class Gauge:
    """Measures configurations of one system. Raises InputError, in one line, where that has no meaning."""

    def __init__(self, system: System) -> None:
        if why := no_pairs(system):
            raise InputError(f"{system.name} {why}: forces and Laplacians are measured of pairs")
        self._table, self._dimension = tabulate(system), system.dimension
        self._jumps = _jumps(self._table, system)

    def fits(self, configuration: Configuration) -> bool:
        """Whether a configuration's box is one that is measured: rectangular, periodic, of at least two cutoffs."""
        box = configuration.box
        return box.layer(1.0).plain and box.width >= 2 * self._table.cutoff

    def measure(self, configuration: Configuration) -> Pull:
        """Forces and Laplacian of a configuration that fits."""
        c, table = configuration, self._table
        order, space = cells_of(c.positions, c.box, table.cutoff)
        species = (c.species[order] - 1).astype(np.int64)
        squares, laplacian = _pull(
            species, *space, table.pair, table.low, table.inverse, table.cutoff_sq, table.knots, self._jumps,
            self._dimension,
        )  # fmt: skip
        return Pull(squares / c.n_atoms, laplacian / c.n_atoms)


class SizedGauge(Gauge):
    """The same of atoms whose diameters vary, whose pairs end smoothly."""

    def __init__(self, system: System) -> None:
        self._derivatives = sized_derivatives(system)

    def fits(self, configuration: Configuration) -> bool:
        """Whether a configuration's box is of at least two cutoffs."""
        return configuration.box.width >= 2 * self._derivatives.cutoff

    def measure(self, configuration: Configuration) -> Pull:
        """Forces and Laplacian of a configuration."""
        c, found = configuration, self._derivatives
        i, j = c.box.tree(c.positions).pairs(found.cutoff).T
        apart = c.box.minimum_image(c.positions[i] - c.positions[j])
        squares = (apart * apart).sum(axis=1)
        first, second = found.between(c, i, j, squares)
        pulls, n = 2 * first[:, None] * apart, c.n_atoms
        forces = np.column_stack(
            [np.bincount(i, pulls[:, d], n) - np.bincount(j, pulls[:, d], n) for d in range(3)]
        )
        laplacian = 2 * float((2 * c.box.dimension * first + 4 * squares * second).sum())
        return Pull(float((forces * forces).sum()) / c.n_atoms, laplacian / c.n_atoms)


def gauge_of(system: System) -> Gauge:
    """The gauge of a system. Raises InputError, in one line, where it has none."""
    return SizedGauge(system) if system.sizes else Gauge(system)


def _jumps(table: PairTable, system: System) -> np.ndarray:
    """[n_pairs] slope u' just inside each cutoff, where it ends. Raises InputError where the energy itself jumps."""
    squares = 1 / (table.low + np.arange(len(table.knots)) / table.inverse)
    found, scale = [], float(np.abs(table.knots[squares >= system.spacing**2, :, 0]).max())
    for p, square in enumerate(table.cutoff_sq):
        energy, rise, _ = _curve(square * (1 - 1e-12), p, table.low, table.inverse, table.knots)
        if abs(energy) > NO_JUMP * scale:
            raise InputError(
                f"the energy of {system.name} jumps at its cutoff, where no force says so: its configurational "
                "temperature is not that of its forces (pair_modify shift yes)"
            )
        found.append(-2 * rise * square**-1.5)
    return np.array(found)


@njit(inline="always")
def _curve(square, p, low, inverse, knots):  # type: ignore[no-untyped-def]
    """Energy of a pair, and its two derivatives by 1/r^2."""
    t = (1 / square - low) * inverse
    k = min(max(int(t), 0), len(knots) - 2)
    t -= k
    e0, s0, e1, s1 = knots[k, p, 0], knots[k, p, 1], knots[k + 1, p, 0], knots[k + 1, p, 1]
    rise = e1 - e0
    b, c = 3 * rise - 2 * s0 - s1, s0 + s1 - 2 * rise
    return (
        e0 + t * (s0 + t * (b + t * c)),
        (s0 + t * (2 * b + 3 * t * c)) * inverse,
        (2 * b + 6 * t * c) * inverse**2,
    )


@njit()
def _pull(  # type: ignore[no-untyped-def]
    species, x, y, z, box, cells, where, begin, pair, low, inverse, cutoff_sq, knots, jumps, dimension
):
    """Sum of the squared forces, and the Laplacian of the energy, of all atoms."""
    n, furthest, total = len(x), cutoff_sq.max(), 0.0
    forces = np.zeros((n, 3))
    near, distances, squares = np.empty(n + 1, np.int64), np.empty(n + 1), np.empty(n)
    for i in range(n):
        count = _around(i, True, x, y, z, box, cells, where, begin, furthest, near, distances, squares)
        for m in range(count):
            j, square = near[m], distances[m]
            p = pair[species[i], species[j]]
            if square >= cutoff_sq[p]:
                continue
            _, first, second = _curve(square, p, low, inverse, knots)
            w = 1 / square
            total += 4 * w * w * w * second + (8 - 2 * dimension) * w * w * first
            if square > cutoff_sq[p] * (1 - SHELL) ** 2:
                total -= jumps[p] / (SHELL * np.sqrt(cutoff_sq[p]))
            pull = 2 * w * w * first
            for d in range(3):
                apart = (x, y, z)[d][i] - (x, y, z)[d][j]
                apart -= box[d] * np.rint(apart / box[d])
                forces[i, d] += pull * apart
                forces[j, d] -= pull * apart
    return (forces * forces).sum(), 2 * total

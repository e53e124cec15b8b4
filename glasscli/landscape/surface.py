"""The energy of one sample as a function of its positions, with forces and curvature, many times a second.

A band or a search asks for tens of thousands of forces of one set of atoms. Where LAMMPS's pair tables give LAMMPS's
own forces (`modes.hessian` decides) they are summed over a kept list of neighbours, by our own forces where these are
built, else here; that takes less than a LAMMPS set-up. Where diameters vary they are ours too, if these are LAMMPS's.
Else, and where LAMMPS's are asked for, every force is LAMMPS's. Numbers that are reported are LAMMPS's in all cases.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, Self

import numpy as np
from scipy.sparse import bsr_array

from glasscli.compiled import njit
from glasscli.configuration import Configuration, Floats
from glasscli.engine.forces import Forces
from glasscli.engine.launch import LAMMPS
from glasscli.engine.own.choice import wanted
from glasscli.engine.own.sample import Sample as OwnForces
from glasscli.engine.own.sample import TooClose, shape_of
from glasscli.engine.pair_derivatives import PairDerivatives
from glasscli.modes.hessian import AGREEMENT, Curvature
from glasscli.modes.hessian_pairwise import directed_pairs
from glasscli.modes.minimum import at
from glasscli.modes.spectrum import masses

Product = Callable[[Floats], Floats]
# Neighbours are kept until an atom has moved half of this share of the cutoff.
SKIN = 0.12


class Surface(Protocol):
    """Energies are of the whole sample. Positions [n, 3] are continuous: they need not lie in the box."""

    atoms: Configuration
    masses: Floats
    spacing: float

    def evaluate(self, positions: Floats) -> tuple[float, Floats]:
        """Energy (to a constant of the sample) and forces [n, 3]."""

    def product(self, positions: Floats) -> Product:
        """The Hessian there, as a function of a vector [3 n]."""

    def matrix(self, positions: Floats) -> bsr_array:
        """The Hessian there, [3 n, 3 n]."""

    def exact(self, positions: Floats) -> tuple[float, Floats]:
        """Energy of the sample and forces, LAMMPS's own."""

    def fresh(self) -> Self:
        """Another of the same atoms, for positions far from these."""


class _Sample:
    def __init__(self, atoms: Configuration, forces: Forces, curvature: Curvature) -> None:
        self.atoms, self._forces, self._curvature = atoms, forces, curvature
        self.masses = masses(atoms, forces.system)
        self.spacing = spacing(atoms)

    def fresh(self) -> Self:
        """Another of the same atoms."""
        return type(self)(self.atoms, self._forces, self._curvature)

    def exact(self, positions: Floats) -> tuple[float, Floats]:
        """Energy of the sample and forces, LAMMPS's own."""
        found = self._forces.evaluate(at(self.atoms, positions))
        return found.energy * self.atoms.n_atoms, found.forces

    def matrix(self, positions: Floats) -> bsr_array:
        """The Hessian."""
        return self._curvature.hessian(at(self.atoms, positions)).matrix


class LammpsSurface(_Sample):
    """Every force is LAMMPS's; the Hessian along a vector is a difference of two."""

    def evaluate(self, positions: Floats) -> tuple[float, Floats]:
        """Energy and forces."""
        return self.exact(positions)

    def product(self, positions: Floats) -> Product:
        """The Hessian as a function, by central differences."""

        def apply(vector: Floats) -> Floats:
            vector = np.asarray(vector, float).reshape(-1, 3)
            size = float(np.abs(vector).max())
            if size == 0:
                return np.zeros(vector.size)
            h = 1e-4 * self.spacing / size
            up, down = (self.evaluate(positions + sign * h * vector)[1] for sign in (1, -1))
            return np.asarray((down - up).ravel() / (2 * h))

        return apply


class SizedSurface(LammpsSurface):
    """Forces are our own, of atoms whose diameters vary; the Hessian along a vector is a difference of two."""

    def __init__(self, atoms: Configuration, forces: Forces, curvature: Curvature) -> None:
        super().__init__(atoms, forces, curvature)
        self._own, self._shape = OwnForces.of(forces.system, atoms), shape_of(atoms.box)

    def evaluate(self, positions: Floats) -> tuple[float, Floats]:
        """Energy and forces."""
        energy, found, _ = self._own.evaluate(positions, self._shape)
        return energy, found


class PairSurface(_Sample):
    """Forces from pair tables over a kept list of neighbours."""

    def __init__(self, atoms: Configuration, forces: Forces, curvature: Curvature) -> None:
        super().__init__(atoms, forces, curvature)
        assert curvature.pairs is not None
        self._tables = curvature.pairs
        self._energies = antiderivative(curvature.pairs)
        self._built: Floats | None = None
        self._own: OwnForces | None = None
        if atoms.box.closed and wanted(forces.system, None):
            self._own, self._shape = OwnForces(forces.system, atoms.species), shape_of(atoms.box)

    def evaluate(self, positions: Floats) -> tuple[float, Floats]:
        """Energy and forces."""
        if self._own:
            try:
                return self._own.energy_and_forces(positions, self._shape)
            except TooClose:  # a search threw atoms onto each other, where tables end
                return self.exact(positions)
        i, j, shift, kind = self._neighbours(positions)
        t = self._tables
        found: tuple[float, Floats] = _sum(
            positions, i, j, shift, kind, t.low, t.inverse, t.cutoff_sq, t.coefficients, self._energies
        )
        return found

    def product(self, positions: Floats) -> Product:
        """The Hessian as a function: 3 x 3 blocks of the pairs, never assembled."""
        i, j, shift, kind = self._neighbours(positions)
        t = self._tables
        d, first, second = _pairs(positions, i, j, shift, kind, t.low, t.inverse, t.cutoff_sq, t.coefficients)
        near = (first != 0) | (second != 0)
        i, j, d = i[near], j[near].astype(np.int32), d[near]
        along, across = 4 * second[near], 2 * first[near]
        rows = np.searchsorted(i, np.arange(len(positions) + 1))

        def apply(vector: Floats) -> Floats:
            return np.asarray(
                _multiply(np.ascontiguousarray(vector, float).reshape(-1, 3), rows, j, d, along, across)
            ).ravel()

        return apply

    def _neighbours(self, positions: Floats) -> tuple[np.ndarray, np.ndarray, Floats, np.ndarray]:
        skin = SKIN * self._tables.cutoff
        if self._built is None or np.abs(positions - self._built).max() > skin / (2 * 3**0.5):
            inside = self.atoms.box.wrap(positions)
            i, j, d = directed_pairs(inside, self.atoms.box, self._tables.cutoff + skin)
            once = i < j  # an atom's own images have an energy of the box alone
            i, j, d = i[once], j[once], d[once]
            order = np.argsort(i, kind="stable")
            i, j, d = i[order], j[order], d[order]
            kind = self._tables.pair[self.atoms.species[i] - 1, self.atoms.species[j] - 1]
            self._list = (i, j, d - (positions[j] - positions[i]), kind)
            self._built = positions.copy()
        return self._list


def spacing(atoms: Configuration) -> float:
    """How far atoms are apart: the mean of dense samples, the neighbours' distance in a cluster with room around it."""
    nearest = atoms.box.tree(atoms.positions).nearest(atoms.positions, 2)[0][:, 1]
    return float(min(atoms.spacing, np.median(nearest)))


def surface(atoms: Configuration, forces: Forces, curvature: Curvature, whose: str | None = None) -> Surface:
    """The surface of a sample: compiled where the potential is pairwise, LAMMPS's else and where it was asked for."""
    if whose == LAMMPS:
        return LammpsSurface(atoms, forces, curvature)
    if forces.system.sizes and atoms.box.closed and wanted(forces.system, None):
        return _sized(atoms, forces, curvature)
    if curvature.pairs is not None:
        curvature.hessian(
            atoms
        )  # compares its tables with LAMMPS's forces and gives them up where they differ
    return (PairSurface if curvature.pairs is not None else LammpsSurface)(atoms, forces, curvature)


def _sized(atoms: Configuration, forces: Forces, curvature: Curvature) -> Surface:
    """Our own forces where they are LAMMPS's, to a share of those between two atoms."""
    found = SizedSurface(atoms, forces, curvature)
    scale = float(abs(found.matrix(atoms.positions)).max()) * found.spacing
    ours, theirs = (of(atoms.positions)[1] for of in (found.evaluate, found.exact))
    agree = np.abs(ours - theirs).max() <= AGREEMENT * scale
    return found if agree else LammpsSurface(atoms, forces, curvature)


def largest_curvature(product: Product, coordinates: int, rounds: int) -> float:
    """The size of the larger curvatures: so many products with a vector that turns towards the largest."""
    v = np.random.default_rng(1).standard_normal(coordinates)
    for _ in range(rounds):
        v = product(v / np.linalg.norm(v))
    return float(np.linalg.norm(v))


def antiderivative(tables: PairDerivatives) -> Floats:
    """[n_pairs, KNOTS - 1] pair energies at the knots: the integral of e'(s) from the cutoff, where it is zero."""
    a, b, c, d = np.moveaxis(tables.coefficients, 2, 0)
    steps = (a / 4 + b / 3 + c / 2 + d) / tables.inverse[:, None]
    return np.ascontiguousarray(-np.cumsum(steps[:, ::-1], axis=1)[:, ::-1])


@njit()
def _piece(s, k, low, inverse, coefficients):  # type: ignore[no-untyped-def]
    """Which piece of a pair's table a squared distance lies in, where in it, and the piece's polynomial."""
    t = (s - low[k]) * inverse[k]
    m = min(max(int(t), 0), coefficients.shape[1] - 1)
    c3, c2, c1, c0 = coefficients[k, m]
    return m, t - m, c3, c2, c1, c0


@njit()
def _sum(x, i, j, shift, kind, low, inverse, cutoff_sq, coefficients, energies):  # type: ignore[no-untyped-def]
    forces = np.zeros_like(x)
    energy = 0.0
    for p in range(len(i)):
        k, a, b = kind[p], i[p], j[p]
        dx = x[b, 0] - x[a, 0] + shift[p, 0]
        dy = x[b, 1] - x[a, 1] + shift[p, 1]
        dz = x[b, 2] - x[a, 2] + shift[p, 2]
        s = dx * dx + dy * dy + dz * dz
        if s >= cutoff_sq[k]:
            continue
        m, t, c3, c2, c1, c0 = _piece(s, k, low, inverse, coefficients)
        first = c0 + t * (c1 + t * (c2 + t * c3))
        energy += energies[k, m] + t * (c0 + t * (c1 / 2 + t * (c2 / 3 + t * c3 / 4))) / inverse[k]
        fx, fy, fz = 2 * first * dx, 2 * first * dy, 2 * first * dz
        forces[a, 0] += fx
        forces[a, 1] += fy
        forces[a, 2] += fz
        forces[b, 0] -= fx
        forces[b, 1] -= fy
        forces[b, 2] -= fz
    return energy, forces


@njit()
def _pairs(x, i, j, shift, kind, low, inverse, cutoff_sq, coefficients):  # type: ignore[no-untyped-def]
    n = len(i)
    d, first, second = np.empty((n, 3)), np.zeros(n), np.zeros(n)
    for p in range(n):
        k = kind[p]
        s = 0.0
        for q in range(3):
            d[p, q] = x[j[p], q] - x[i[p], q] + shift[p, q]
            s += d[p, q] ** 2
        if s >= cutoff_sq[k]:
            continue
        _, t, c3, c2, c1, c0 = _piece(s, k, low, inverse, coefficients)
        first[p] = c0 + t * (c1 + t * (c2 + t * c3))
        second[p] = (c1 + t * (2 * c2 + t * 3 * c3)) * inverse[k]
    return d, first, second


@njit()
def _multiply(v, rows, j, d, along, across):  # type: ignore[no-untyped-def]
    """Sum of (along d d^T + across) times the difference of v over pairs, those of a from rows[a] to rows[a + 1]."""
    out = np.zeros_like(v)
    for a in range(len(v)):
        vx, vy, vz = v[a, 0], v[a, 1], v[a, 2]
        sx = sy = sz = 0.0
        for p in range(rows[a], rows[a + 1]):
            b, dx, dy, dz, f = j[p], d[p, 0], d[p, 1], d[p, 2], across[p]
            ux, uy, uz = v[b, 0] - vx, v[b, 1] - vy, v[b, 2] - vz
            s = along[p] * (dx * ux + dy * uy + dz * uz)
            gx, gy, gz = s * dx + f * ux, s * dy + f * uy, s * dz + f * uz
            out[b, 0] += gx
            out[b, 1] += gy
            out[b, 2] += gz
            sx += gx
            sy += gy
            sz += gz
        out[a, 0] -= sx
        out[a, 1] -= sy
        out[a, 2] -= sz
    return out

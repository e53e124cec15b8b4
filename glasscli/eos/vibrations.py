"""Harmonic vibrations of a crystal: dynamical matrix from LAMMPS's forces, frequencies over the Brillouin zone.

Every atom of the unit cell is moved a little both ways along each axis inside a supercell so wide that no force
constant meets its own image: wider than twice the range of the force constants, which is the cutoff of a pair
potential and twice the cutoff of a many-body one. The dynamical matrix then is exact at every wave vector.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from glasscli.configuration import Box, Configuration, Floats, mean_spacing
from glasscli.engine.forces import Forces
from glasscli.engine.pairwise import force_constant_range
from glasscli.errors import InputError
from glasscli.model.system import System
from glasscli.structures.build import replicate

# Displacement as a share of the mean spacing: the error of the force constants is of the order of its square.
DISPLACEMENT = 1e-4
# Wave vectors: as many along each axis as make the sampled crystal this many mean spacings wide.
MESH_SPACINGS = 10.0


@dataclass(frozen=True)
class ForceConstants:
    """Second derivatives of the energy.

    values      [n, 3, N, 3] -d force on atom j of the supercell / d displacement of atom i of the cell
    vectors     [n, N, 3] from atom i to the nearest image of atom j; j repeats atom j mod n of the cell
    masses      [n] in energy time^2 / length^2, so that frequencies are per time unit of the system
    box         of the cell
    """

    values: Floats
    vectors: Floats
    masses: Floats
    box: Box

    def dynamical_matrix(self, k: Floats) -> np.ndarray:
        """[3 n, 3 n] Hermitian dynamical matrix at a wave vector [3] (inverse length)."""
        n = len(self.masses)
        terms = self.values * np.exp(1j * self.vectors @ k)[:, None, :, None]
        # Atom j repeats atom j mod n of the cell.
        matrix = terms.reshape(n, 3, -1, n, 3).sum(axis=2)
        root = np.sqrt(self.masses)
        matrix /= root[:, None, None, None] * root[None, None, :, None]
        flat = matrix.reshape(3 * n, 3 * n)
        return np.asarray((flat + flat.conj().T) / 2)

    def squared_frequencies(self, k: Floats) -> Floats:
        """[3 n] squared angular frequencies, ascending; negative where the crystal is unstable."""
        return np.asarray(np.linalg.eigvalsh(self.dynamical_matrix(k)))


def supercell(cell: Configuration, system: System) -> Configuration:
    """The cell repeated so often that no force constant meets its own image. InputError where they have no end."""
    reach = force_constant_range(system)
    if not np.isfinite(reach):
        raise InputError(
            f"{system.name} sums charges over all periodic images: force constants that end somewhere, which free "
            "energies of crystals are made of, it has none; eos without --temperature works"
        )
    repeats = cell.box.repeats_for(2 * reach + 4 * DISPLACEMENT * cell.spacing)
    return replicate(cell, (int(repeats[0]), int(repeats[1]), int(repeats[2])))


def force_constants(cell: Configuration, forces: Forces) -> ForceConstants:
    """Return the force constants of a crystal from its unit cell at rest, by central differences of LAMMPS's forces."""
    system, step = forces.system, DISPLACEMENT * cell.spacing
    wide = supercell(cell, system)
    n = cell.n_atoms
    values = np.empty((n, 3, wide.n_atoms, 3))
    for atom, axis in product(range(n), range(3)):
        found = []
        for sign in (1, -1):
            moved = wide.positions.copy()
            moved[atom, axis] += sign * step
            found.append(forces.evaluate(Configuration(wide.box.wrap(moved), wide.species, wide.box)).forces)
        values[atom, axis] = (found[1] - found[0]) / (2 * step)
    # A rigid shift costs nothing: what is left over is rounding, put back on the atom itself.
    rest = values.sum(axis=2)
    for atom in range(n):
        values[atom, :, atom] -= rest[atom]
    vectors = wide.box.minimum_image(wide.positions[None] - cell.positions[:, None])
    masses = system.unit_system.energy_per_mass_velocity2 * np.array(
        [system.species[s - 1].mass for s in cell.species]
    )
    return ForceConstants(values, vectors, masses, cell.box)


def mesh(box: Box, spacing: float) -> tuple[Floats, Floats]:
    """Return ([m, 3] wave vectors, [m] weights) in the positive octant of the orthogonal cell's Brillouin zone.

    The mesh leaves k = 0 out, whose rigid translations have no frequency. One octant is enough: all crystals built
    here have mirrors across the three axes.
    """
    axes = []
    for edge in box.edges:
        # An even number leaves k = 0 out.
        count = 2 * max(1, int(np.ceil(MESH_SPACINGS * spacing / edge / 2)))
        points = (np.arange(count) + 0.5) / count - 0.5
        kept, weights = np.unique(np.round(np.abs(points), 12), return_counts=True)
        axes.append((2 * np.pi / edge * kept, weights / count))
    grid = np.stack(np.meshgrid(*(a[0] for a in axes), indexing="ij"), axis=-1).reshape(-1, 3)
    weights = np.prod(np.meshgrid(*(a[1] for a in axes), indexing="ij"), axis=0).ravel()
    return grid, weights


@dataclass(frozen=True)
class Spectrum:
    """[m, 3 n] angular frequencies (per time unit; rad/ps in metal units) at wave vectors of weights [m]."""

    frequencies: Floats
    weights: Floats

    def free_energy(self, temperature: float, boltzmann: float, hbar: float, quantum: bool) -> float:
        """Vibrational Helmholtz free energy per atom.

        Classical: kT sum ln(hbar w / kT) over three modes an atom; quantum: kT sum ln(2 sinh(hbar w / 2 kT)).
        """
        kT = boltzmann * temperature
        x = hbar * self.frequencies / kT
        # ln(2 sinh(x/2)) without overflow.
        modes = x / 2 + np.log1p(-np.exp(-x)) if quantum else np.log(x)
        return float(3 * kT * (self.weights @ modes.mean(axis=1)))


def spectrum(constants: ForceConstants) -> Spectrum | None:
    """Return the frequencies over the Brillouin zone, or None when some mode is unstable."""
    spacing = mean_spacing(constants.box.volume, len(constants.masses))
    vectors, weights = mesh(constants.box, spacing)
    squares = np.array([constants.squared_frequencies(k) for k in vectors])
    if squares.min() <= 1e-8 * squares.max():
        return None
    return Spectrum(np.sqrt(squares), weights)

"""From a Hessian to modes: all of them densely, or the lowest of a large system; and what that costs in memory."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import bsr_array

from glasscli.configuration import Configuration, Floats
from glasscli.errors import InputError
from glasscli.model.system import System
from glasscli.modes.hessian_pairwise import block_matrix
from glasscli.modes.lowest import BLOCK, lowest, width
from glasscli.progress import Advance, silent

# Atoms up to which all modes are found when nothing is said: a minute of one core.
ALL_UP_TO = 1500
COUNT = 100
# A mode whose frequency is below this share of the largest is a rigid shift, or a turn of atoms that touch no others.
ZERO = 1e-6
# The same where the Hessian comes from differences of forces, good to some 1e-9 of its largest elements.
ZERO_BY_DIFFERENCES = 1e-4
# A mode that is a turn to this share, and slower than this share of the largest frequency, is a turn.
TURN, SLOW = 0.99, 1e-2
GIB = 2.0**30


@dataclass(frozen=True)
class Modes:
    """Modes of a harmonic system, ascending.

    squares   [n_modes] squared angular frequencies; negative where the configuration is unstable
    vectors   [n_modes, n_atoms, 3] mass-weighted eigenvectors of unit length, along z zero in a plane
    largest   the largest squared frequency of the whole spectrum (an upper bound when only the lowest are known)
    method    "dense" or "filtered"
    resolved  share of the largest frequency below which a mode is zero
    turns     [n_modes] share of each mode that turns the whole sample about an axis; None where no turn is free
    dimension of space: directions in which an atom can move
    """

    squares: Floats
    vectors: Floats
    largest: float
    method: str
    seconds: float
    resolved: float = ZERO
    turns: Floats | None = None
    dimension: int = 3

    @property
    def n_atoms(self) -> int:
        """Number of atoms."""
        return int(self.vectors.shape[1])

    @property
    def complete(self) -> bool:
        """Whether these are all modes."""
        return len(self.squares) == self.dimension * self.n_atoms

    @property
    def frequencies(self) -> Floats:
        """[n_modes] angular frequencies; unstable ones negative, as is usual."""
        return np.asarray(np.sign(self.squares) * np.sqrt(np.abs(self.squares)))

    @property
    def zero(self) -> np.ndarray:
        """[n_modes] whether a mode is a rigid shift (or turn)."""
        still = np.asarray(np.abs(self.frequencies) < self.resolved * np.sqrt(self.largest))
        if self.turns is None:
            return still
        # What forces are left of a minimum turn a cluster slowly, faster than rounding.
        slow = np.abs(self.frequencies) < SLOW * np.sqrt(self.largest)
        return np.asarray(still | (self.turns > TURN) & slow)

    @property
    def unstable(self) -> np.ndarray:
        """[n_modes] whether the energy falls along a mode."""
        return np.asarray((self.squares < 0) & ~self.zero)


def masses(configuration: Configuration, system: System) -> Floats:
    """[n_atoms] in energy time^2 / length^2 of the system's units."""
    table = np.array([s.mass for s in system.species])
    return np.asarray(system.unit_system.energy_per_mass_velocity2 * table[configuration.species - 1])


def modes(
    matrix: bsr_array, configuration: Configuration, system: System, count: int | None = None,
    memory: float | None = None, seed: int = 1, advance: Advance = silent,
) -> Modes:  # fmt: skip
    """Return all modes (count None) or the `count` lowest.

    memory: bytes that may be used, by default what the machine has left. Raises InputError when that is not enough.
    Atoms of a plane move within it alone.
    """
    n, dimension = configuration.n_atoms, configuration.box.dimension
    dense = count is None or 6 * count > dimension * n
    needed = estimate(n, matrix.nnz, None if dense else count)
    room = available() if memory is None else memory
    if needed > room:
        fewer = "ask for fewer modes with --count" if dense or (count or 0) > 20 else "use a larger machine"
        raise InputError(
            f"the modes of {n} atoms need {needed / GIB:.2g} GiB of memory and {room / GIB:.2g} GiB are free: {fewer}"
        )
    began = time.perf_counter()
    root = np.sqrt(masses(configuration, system))
    rows = np.repeat(np.arange(n), np.diff(matrix.indptr))
    weighted = matrix.data / (root[rows] * root[matrix.indices])[:, None, None]
    if dense:
        within, size = np.ascontiguousarray(weighted[:, :dimension, :dimension]), dimension * n
        full = bsr_array((within, matrix.indices, matrix.indptr), shape=(size, size)).toarray()
        squares, vectors = eigh((full + full.T) / 2, overwrite_a=True, driver="evd", check_finite=False)
        moved = vectors.T[:count].reshape(-1, n, dimension)
        if dimension == 2:
            moved = np.concatenate([moved, np.zeros((*moved.shape[:2], 1))], axis=2)
        return Modes(
            squares[:count], moved, float(np.abs(squares).max()), "dense", time.perf_counter() - began,
            dimension=dimension,
        )  # fmt: skip
    if dimension == 2:
        weighted = _held_blocks(weighted, rows, matrix.indices)
    # Neighbours in space become neighbours in memory: the product is three times faster.
    order = spatial_order(configuration)
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    ordered = block_matrix(place[rows], place[matrix.indices], weighted, n)
    assert count is not None
    found = lowest(ordered, count, seed=seed, advance=advance)
    vectors = found.vectors.T.reshape(count, n, 3)[:, place]
    return Modes(
        found.values, vectors, found.top, "filtered", time.perf_counter() - began, dimension=dimension
    )


def held(matrix: bsr_array, dimension: int) -> bsr_array:
    """A Hessian whose lowest modes are those of its space: in a plane atoms are held in it."""
    if dimension == 3:
        return matrix
    rows = np.repeat(np.arange(len(matrix.indptr) - 1), np.diff(matrix.indptr))
    blocks = _held_blocks(matrix.data, rows, matrix.indices)
    return bsr_array((blocks, matrix.indices, matrix.indptr), shape=matrix.shape)


def _held_blocks(blocks: Floats, rows: np.ndarray, columns: np.ndarray) -> Floats:
    """The blocks [m, 3, 3] with atoms held in their plane, each by a spring as stiff as the stiffest of a single atom.

    These modes lie above the lowest ones, and the spectrum is no wider for them.
    """
    held, own = blocks.copy(), rows == columns
    held[:, 2, 2] = 0.0
    held[own, 2, 2] = np.abs(blocks[own][:, (0, 1), (0, 1)]).max()
    return held


def turning(vectors: Floats, configuration: Configuration, weights: Floats) -> Floats | None:
    """[n_modes] share of modes [n_modes, n_atoms, 3] that turns the sample about its centre of mass.

    weights: [n_atoms] masses. Only turns that change no energy count: about x where y and z are free, and so on. None
    where there is no such axis.
    """
    bound = np.array(configuration.box.periodic)
    axes = [k for k in range(3) if not np.delete(bound, k).any()]
    if not axes:
        return None
    places = configuration.positions - weights @ configuration.positions / weights.sum()
    root = np.sqrt(weights)[:, None]
    turns = np.array([(root * np.cross(np.eye(3)[k], places)).ravel() for k in axes])
    # Atoms in a line have no turn about it.
    _, sizes, basis = np.linalg.svd(turns, full_matrices=False)
    basis = basis[sizes > 1e-6 * sizes.max()]
    return np.asarray(((vectors.reshape(len(vectors), -1) @ basis.T) ** 2).sum(axis=1))


def spatial_order(configuration: Configuration) -> np.ndarray:
    """[n_atoms] atoms cell by cell, a cell holding a few."""
    edge = 1.6 * configuration.spacing
    return np.lexsort(np.floor(configuration.positions / edge).T)


def estimate(n_atoms: int, elements: int, count: int | None) -> float:
    """Bytes that the modes of a Hessian of so many elements take at most."""
    n = 3.0 * n_atoms
    # The matrix, its mass-weighted copy and the sorting of its blocks.
    matrix = 4 * elements * (8 + 4 / 9)
    if count is None:
        # Matrix, symmetric copy, divide and conquer's eigenvectors and workspace.
        return matrix + 5 * 8 * n * n
    kept = width(int(n), count)
    # Basis and image, twice while they are rotated, and the filter's vectors.
    return matrix + 8 * n * (4 * kept + 6 * BLOCK)


def available() -> float:
    """Bytes of memory that are free on this machine, or left in this process's control group."""
    free = float("inf")
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        free = next(float(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
        group = Path("/sys/fs/cgroup")
        limit, used = ((group / name).read_text().strip() for name in ("memory.max", "memory.current"))
        if limit != "max":
            free = min(free, float(limit) - float(used))
    except (OSError, StopIteration, ValueError):
        pass  # no such files here: nothing is known, nothing is refused
    return free

"""What `glasscli modes` will take: a Hessian, a small solution and products are timed, and counted as they are due."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import bsr_array

from glasscli.configuration import Configuration
from glasscli.engine.forces import Forces
from glasscli.errors import InputError
from glasscli.formats.foreign import open_any
from glasscli.formats.source import configuration_in, frames_in, wanted_system
from glasscli.modes.hessian import DIFFERENCES, Curvature
from glasscli.modes.lowest import BLOCK, EXTRA, WARM_DEGREE, WARM_ROUNDS
from glasscli.modes.minimum import FORCE, largest
from glasscli.modes.samples import SOFT
from glasscli.modes.spectrum import ALL_UP_TO, COUNT
from glasscli.modes.spectrum import estimate as memory_of
from glasscli.progress import progress
from glasscli.simulation.cost import Estimate, total

# Rows of the matrix that is solved to know what a larger one takes, by the cube.
PILOT = 600
# Products with each vector that is kept, beyond those that warm up (measured: the 8 lowest modes of 4000 atoms).
PRODUCTS = 120
# Blocks an atom of a Hessian has, where making one takes too long to count them, and seconds of one in a product;
# seconds to begin and to draw, and memory of a process.
BLOCKS, A_BLOCK, BEGIN, DRAW, PROCESS = 90, 1e-8, 2.5, 1.5, 260e6
# Bytes of tables: of a mode, of an atom; of figures.
OF_A_MODE, OF_AN_ATOM, DRAWN = 250, 120, 250_000


def modes_cost(
    files: Sequence[Path], system_name: str | None = None, *, frame: int = -1, count: int | None = None,
    soft: int = SOFT, species: Sequence[str] | None = None,
) -> Estimate:  # fmt: skip
    """What the modes of one frame of each file take. Raises InputError for files of different systems."""
    system = wanted_system(files[0], system_name)
    found: list[tuple[Estimate, int]] = []
    with Forces(system) as forces, progress("pilot", len(files), "files") as advance:
        curvature = Curvature(forces)
        for number, file in enumerate(files):
            if wanted_system(file, system_name).commands != system.commands:
                raise InputError(f"{file} was made with another system than {files[0]}: one ensemble has one")
            atoms = configuration_in(file, frame, system, species)
            found.append((_of(file, atoms, forces, curvature, count, soft, False), 1))
            advance(number + 1)
    return total([*found, (Estimate((BEGIN + DRAW) / 3600, DRAWN, PROCESS), 1)])


def moving_cost(
    file: Path, system_name: str | None = None, *, frames: int = 20, species: Sequence[str] | None = None
) -> Estimate:
    """What all modes of so many frames as they moved take."""
    system = wanted_system(file, system_name)
    trajectory = frames_in(open_any(file), system, species, moving=True, runs=True)
    if not len(trajectory):
        raise InputError(f"{file} holds no frames of moving atoms; run with --every")
    with Forces(system) as forces:
        one = _of(file, trajectory[-1], forces, Curvature(forces), None, 0, True)
    many = min(frames, len(trajectory))
    return total([(one, many), (Estimate((BEGIN + DRAW) / 3600, DRAWN, PROCESS), 1)])


def _of(
    file: Path, atoms: Configuration, forces: Forces, curvature: Curvature, count: int | None, soft: int,
    moving: bool,
) -> Estimate:  # fmt: skip
    n, d = atoms.n_atoms, atoms.box.dimension
    began = time.process_time()
    at = forces.evaluate(atoms)
    evaluation = time.process_time() - began
    began = time.process_time()
    matrix = None if curvature.method(atoms) == DIFFERENCES else curvature.hessian(atoms).matrix
    blocks = BLOCKS * n if matrix is None else matrix.nnz // 9
    hessian = 2 * d * n * evaluation if matrix is None else time.process_time() - began
    if not moving and count is None and n > ALL_UP_TO:
        count = COUNT
    dense = count is None or 6 * count > d * n
    wanted = d * n if count is None else count
    if dense:
        began = time.process_time()
        rows = min(PILOT, d * n)
        half = np.random.default_rng(1).standard_normal((rows, rows))
        eigh(half + half.T, overwrite_a=True, driver="evd", check_finite=False)
        solving = (time.process_time() - began) * (d * n / rows) ** 3
    else:
        kept = wanted + max(8, int(EXTRA * wanted))
        solving = _product(matrix, blocks, n) * kept * (WARM_ROUNDS * WARM_DEGREE + PRODUCTS)
    hours = {"Hessians": hessian / 3600, "modes": solving / 3600, "forces": 5 * soft * evaluation / 3600}
    notes = () if moving or largest(at) < FORCE else (f"{file} is not at rest: minimising it is not in it",)
    memory = PROCESS + memory_of(n, 9 * blocks, None if dense else count)
    return Estimate(
        sum(hours.values()), OF_A_MODE * wanted + OF_AN_ATOM * n * (not moving), memory, 0, n, n, hours,
        {"time": "N^3 of all modes, N of the lowest", "memory": "N^2 of all modes, N of the lowest"}, notes,
    )  # fmt: skip


def _product(matrix: bsr_array | None, blocks: int, n: int) -> float:
    """Seconds of a product with a vector, several at once; of a matrix that would take long to make by its blocks."""
    if matrix is None:
        return A_BLOCK * blocks
    vectors = np.random.default_rng(1).standard_normal((3 * n, BLOCK))
    began = time.process_time()
    _ = matrix @ vectors
    return (time.process_time() - began) / BLOCK

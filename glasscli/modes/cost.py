"""What `glasscli modes` will take: a Hessian, a small solution and products are timed, and counted as they are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import bsr_array

from glasscli.configuration import Configuration
from glasscli.engine.forces import Forces
from glasscli.engine.minimiser import Minimiser
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
from glasscli.report.sample_picture import sample_picture
from glasscli.simulation.cost import POWER, Estimate, total
from glasscli.simulation.pieces import piece
from glasscli.simulation.timed import Timed

# Rows of the matrix that is solved to know what a larger one takes, by the cube; atoms that are minimised.
PILOT, MINIMISED = 600, 1000
# Products with each vector that is kept, beyond those that warm up (measured: the 8 lowest modes of 4000 atoms).
PRODUCTS = 120
# Blocks an atom of a Hessian has, where making one takes too long to count them, and how many then are multiplied to
# know what one takes; memory of a process.
BLOCKS, SOME, PROCESS = 90, 20_000, 260e6
# Bytes of tables: of a mode, of an atom; of figures, and how many these are.
OF_A_MODE, OF_AN_ATOM, DRAWN, PICTURES = 250, 120, 250_000, 3


def modes_cost(
    files: Sequence[Path], system_name: str | None = None, *, frame: int = -1, count: int | None = None,
    soft: int = SOFT, species: Sequence[str] | None = None, whose: str | None = None,
) -> Estimate:  # fmt: skip
    """What the modes of one frame of each file take, in a process like this one that does nothing else.

    Raises InputError for files of different systems.
    """
    system, timed = wanted_system(files[0], system_name), Timed()
    found: list[tuple[Estimate, int]] = []
    with Forces(system) as forces, progress("pilot", len(files), "files") as advance:
        work = _Work(forces, Curvature(forces), timed, whose)
        for number, file in enumerate(files):
            if wanted_system(file, system_name).commands != system.commands:
                raise InputError(f"{file} was made with another system than {files[0]}: one ensemble has one")
            atoms = configuration_in(file, frame, system, species)
            found.append((work.of(file, atoms, count, soft, False), 1))
            advance(number + 1)
    return total([*found, (_once(timed), 1)])


def moving_cost(
    file: Path, system_name: str | None = None, *, frames: int = 20, species: Sequence[str] | None = None
) -> Estimate:
    """What all modes of so many frames as they moved take."""
    system, timed = wanted_system(file, system_name), Timed()
    trajectory = frames_in(open_any(file), system, species, moving=True, runs=True)
    if not len(trajectory):
        raise InputError(f"{file} holds no frames of moving atoms; run with --every")
    with Forces(system) as forces:
        one = _Work(forces, Curvature(forces), timed).of(file, trajectory[-1], None, 0, True)
    many = min(frames, len(trajectory))
    return total([(one, many), (_once(timed), 1)])


def dense_seconds(timed: Timed, rows: int) -> float:
    """Seconds of all eigenvalues and vectors of a symmetric matrix, by those of a smaller one."""
    few = min(PILOT, rows)
    half = np.random.default_rng(1).standard_normal((few, few))

    def solve() -> None:
        eigh(half + half.T, overwrite_a=True, driver="evd", check_finite=False)

    return timed.each([solve] * 2) * (rows / few) ** 3


def _once(timed: Timed) -> Estimate:
    """What comes once, and the pictures."""
    with TemporaryDirectory() as scratch:
        a_picture = timed.each([partial(sample_picture, Path(scratch) / f"{k}.png") for k in range(3)])
    hours = {"to begin and to end": timed.overhead / 3600, "pictures": PICTURES * a_picture / 3600}
    return Estimate(sum(hours.values()), DRAWN, PROCESS, parts=hours)


@dataclass(frozen=True)
class _Work:
    """Times the modes of files of one system."""

    forces: Forces
    curvature: Curvature
    timed: Timed
    whose: str | None = None

    def of(
        self, file: Path, atoms: Configuration, count: int | None, soft: int, moving: bool
    ) -> Estimate:  # fmt: skip
        """Of one configuration of a file."""
        n, d, timed = atoms.n_atoms, atoms.box.dimension, self.timed
        evaluation = timed.each([partial(self.forces.evaluate, atoms)] * 3)
        made: list[bsr_array] = []
        if self.curvature.method(atoms) == DIFFERENCES:
            hessian = 2 * d * n * evaluation
        else:
            hessian = timed.each([lambda: made.append(self.curvature.hessian(atoms).matrix)])
        matrix = made[0] if made else None
        blocks = BLOCKS * n if matrix is None else matrix.nnz // 9
        if not moving and count is None and n > ALL_UP_TO:
            count = COUNT
        dense = count is None or 6 * count > d * n
        wanted = d * n if count is None else count
        if dense:
            solving = dense_seconds(timed, d * n)
        else:
            kept = wanted + max(8, int(EXTRA * wanted))
            solving = self._product(matrix, blocks) * kept * (WARM_ROUNDS * WARM_DEGREE + PRODUCTS)
        resting = moving or largest(self.forces.evaluate(atoms)) < FORCE
        hours = {
            "inherent structures": 0.0 if resting else self._minimum(atoms) / 3600,
            "Hessians": hessian / 3600, "modes": solving / 3600, "forces": 5 * soft * evaluation / 3600,
        }  # fmt: skip
        memory = PROCESS + memory_of(n, 9 * blocks, None if dense else count)
        laws = {"time": "N^3 of all modes, N of the lowest", "memory": "N^2 of all modes, N of the lowest"}
        if not resting:
            laws["time of inherent structures"] = "N^(4/3)"
        size = OF_A_MODE * wanted + OF_AN_ATOM * n * (not moving)
        return Estimate(sum(hours.values()), size, memory, 0, n, n, hours, laws)

    def _product(self, matrix: bsr_array | None, blocks: int) -> float:
        """Seconds of a product with a vector, several at once; or, where one would take long to make, its blocks."""
        rng = np.random.default_rng(1)
        if matrix is None:
            rows = SOME // BLOCKS
            columns = rng.integers(rows, size=rows * BLOCKS)
            some = (
                rng.standard_normal((rows * BLOCKS, 3, 3)),
                columns,
                np.arange(0, rows * BLOCKS + 1, BLOCKS),
            )
            matrix = bsr_array(some, shape=(3 * rows, 3 * rows))
        vectors = rng.standard_normal((matrix.shape[0], BLOCK))
        whole = self.timed.each([lambda: matrix @ vectors] * 3) / BLOCK
        return float(whole * blocks / (matrix.nnz // 9))

    def _minimum(self, atoms: Configuration) -> float:
        """Seconds of its inherent structure, by that of a block."""
        few = piece(atoms, MINIMISED)
        with Minimiser(self.forces.system, forces=self.whose) as minimiser:
            one = self.timed.each([partial(minimiser.minimise, few)] * 2)
        return float(one * (atoms.n_atoms / few.n_atoms) ** POWER)

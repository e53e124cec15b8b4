"""The Hessian of charges that are summed over all periodic images, by Ewald's sum, and of the pairs beside them.

Six evaluations of the forces an atom would give it too, in an hour for 3000 atoms; the sum takes a minute. It is
LAMMPS's own model with the Coulomb energy converged to 1e-11 of a pair's, where PPPM is asked for 1e-6 or so: whether
both are of one model is decided by their forces, to the accuracy that LAMMPS was asked for.

    E = sum_{i<j, images} k q_i q_j erfc(a r)/r + (2 pi k/V) sum_{k != 0} exp(-k^2/4a^2)/k^2 |sum_i q_i exp(i k.r_i)|^2

and terms that no position changes (Ewald, Ann. Phys. 369, 253 (1921)); the surroundings conduct, as LAMMPS's do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.blas import dsyrk
from scipy.sparse import bsr_array
from scipy.special import erfc, erfcinv

from glasscli.configuration import Configuration, Floats
from glasscli.engine.pair_derivatives import PairDerivatives, of_source
from glasscli.engine.pairwise import PairSource
from glasscli.errors import InputError
from glasscli.model.system import System
from glasscli.modes.hessian_pairwise import pairwise
from glasscli.progress import Advance, silent

CONVERGED = 1e-11
# Neighbours within the cutoff of the sum in real space: fewer leave more waves to the other.
NEIGHBOURS = 1000
KNOTS, SEARCH = 4096, (33, 10)  # of what is no charge: formulas take LAMMPS a millisecond for each
WAVES = 512  # that are added to the matrix at once
FINEST = 3e-6  # error of LAMMPS's forces, as a share of that between unit charges, that is taken for its own
DEFAULT_ACCURACY = 1e-4  # of LAMMPS where a system says none


@dataclass(frozen=True)
class RealSpace:
    """Derivatives of what ends at a cutoff: the pairs without their charges, and the near part of Coulomb's energy.

    charges  [n_species] times the root of Coulomb's constant; width: a of Ewald's sum
    """

    short: PairDerivatives
    charges: Floats
    width: float
    cutoff: float

    def between(
        self, configuration: Configuration, i: NDArray[np.int64], j: NDArray[np.int64], squares: Floats
    ) -> tuple[Floats, Floats]:
        """[n] e' and e'' of atoms i and j of a configuration at squared distances [n]."""
        first, second = self.short.between(configuration, i, j, squares)
        q = self.charges[configuration.species - 1]
        r = np.sqrt(squares)
        bare = q[i] * q[j] * erfc(self.width * r) / r
        gauss = q[i] * q[j] * 2 * self.width / np.sqrt(np.pi) * np.exp(-(self.width**2) * squares)
        slope = -(bare + gauss) / squares  # u'/r
        curvature = (2 * bare + 2 * gauss) / squares + 2 * self.width**2 * gauss  # u''
        return first + slope / 2, second + (curvature - slope) / (4 * squares)


class Ewald:
    """Makes Hessians of a system with long-range charges.

    Raises InputError for one that has other parts than charges and pairs, or charges that are summed otherwise.
    """

    def __init__(self, system: System, around: Configuration) -> None:
        if system.long_range is None or system.dimension != 3 or system.sized:
            raise InputError(f"{system.name} has no charges in space that are summed over all images")
        self.system = system
        with PairSource(system, around) as source:
            self._short = of_source(source, KNOTS, SEARCH)
        self._charges = np.sqrt(system.unit_system.coulomb) * np.array([s.charge for s in system.species])
        # What LAMMPS's forces err by, at most: it is asked for a root mean square, which it estimates for large boxes.
        accuracy = system.long_range.accuracy or DEFAULT_ACCURACY
        self.tolerance = max(10 * accuracy, FINEST) * system.unit_system.coulomb

    def hessian(self, configuration: Configuration, advance: Advance = silent) -> tuple[bsr_array, Floats]:
        """Return the Hessian [3 n, 3 n] and the forces [n, 3] of a configuration.

        Raises InputError for a box that is not periodic everywhere.
        """
        c, box = configuration, configuration.box
        if box.free:
            raise InputError("charges are summed over images of a box that is periodic everywhere")
        n, reach = c.n_atoms, float(erfcinv(CONVERGED))
        wide = (NEIGHBOURS * box.volume / n * 3 / (4 * np.pi)) ** (1 / 3)
        cutoff = max(self._short.cutoff, wide)
        width = reach / cutoff
        near, forces = pairwise(c, RealSpace(self._short, self._charges, width, cutoff))
        q = self._charges[c.species - 1]
        far = np.zeros((3 * n, 3 * n), order="F")
        waves = _waves(np.asarray(box.vectors), 2 * width * reach)
        for done, k in enumerate(_pieces(waves), start=1):
            squares = np.einsum("kc,kc->k", k, k)
            # Half of the waves stand for all.
            weight = 8 * np.pi / box.volume * np.exp(-squares / (4 * width**2)) / squares
            phase = c.positions @ k.T
            cosine, sine = np.cos(phase), np.sin(phase)
            total = (q @ cosine, q @ sine)
            push = weight * (total[0] * sine - total[1] * cosine)
            forces += q[:, None] * (push @ k)
            scaled = np.sqrt(weight)[:, None] * k
            for part in (cosine, sine):
                along = (q[:, None] * part)[:, None, :] * scaled.T[None]
                far = dsyrk(1.0, along.reshape(3 * n, len(k)), beta=1.0, c=far, overwrite_c=1, lower=1)
            advance(min(done * WAVES, len(waves)))
        return _added(near, far, n), forces


def _waves(vectors: Floats, longest: float) -> Floats:
    """[m, 3] wave vectors of a box up to a length, one of each pair of opposite ones, without zero."""
    reciprocal = 2 * np.pi * np.linalg.inv(vectors).T
    most = np.floor(longest * np.linalg.norm(vectors, axis=1) / (2 * np.pi)).astype(int)
    axes = [np.arange(-m, m + 1) for m in most]
    numbers = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    a, b, c = numbers.T
    half = (a > 0) | ((a == 0) & ((b > 0) | ((b == 0) & (c > 0))))
    found = numbers[half] @ reciprocal
    return np.asarray(found[np.einsum("kc,kc->k", found, found) <= longest**2])


def _pieces(waves: Floats) -> Iterator[Floats]:
    for start in range(0, len(waves), WAVES):
        yield waves[start : start + WAVES]


def _added(near: bsr_array, far: Floats, n: int) -> bsr_array:
    """Both as one matrix whose rows add up to zero; far: its lower triangle, its diagonal blocks mean nothing."""
    whole = np.tril(far, -1)
    whole += whole.T
    blocks = np.ascontiguousarray(whole.reshape(n, 3, n, 3).transpose(0, 2, 1, 3))
    del whole
    blocks[np.arange(n), np.arange(n)] = 0
    blocks[np.arange(n), np.arange(n)] = -blocks.sum(axis=1)
    near = near.tobsr(blocksize=(3, 3))
    rows = np.repeat(np.arange(n), np.diff(near.indptr))
    blocks[rows, near.indices] += near.data
    columns = np.tile(np.arange(n, dtype=np.int32), n)
    return bsr_array(
        (blocks.reshape(n * n, 3, 3), columns, np.arange(0, n * n + 1, n, dtype=np.int32)),
        shape=(3 * n, 3 * n),
    )

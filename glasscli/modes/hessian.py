"""One door to the Hessian of any system: of pairs and charges where these give LAMMPS's forces, else by differences."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from scipy.sparse import bsr_array

from glasscli.configuration import Configuration, Floats
from glasscli.engine.forces import Forces
from glasscli.engine.pair_derivatives import (
    PairDerivatives,
    SizedDerivatives,
    pair_derivatives,
    sized_derivatives,
)
from glasscli.engine.pairwise import force_constant_range
from glasscli.errors import InputError
from glasscli.modes.hessian_differences import by_differences
from glasscli.modes.hessian_ewald import Ewald
from glasscli.modes.hessian_pairwise import pairwise
from glasscli.progress import Advance, silent

PAIRWISE, EWALD, DIFFERENCES = "pairwise", "ewald", "differences"
# Pair tables serve when their forces are LAMMPS's to this share of the forces between two atoms.
AGREEMENT = 1e-9


@dataclass(frozen=True)
class Hessian:
    """Second derivatives of the energy, [3 n, 3 n] in 3 x 3 blocks (energy/length^2).

    largest_asymmetry  |H - H^T| as a share of the largest element, before differences are made symmetric
    """

    matrix: bsr_array
    method: str
    seconds: float
    force_evaluations: int
    largest_asymmetry: float


class Curvature:
    """Makes the Hessians of one system. How, is decided by LAMMPS's forces, not by names."""

    def __init__(self, forces: Forces) -> None:
        self._forces = forces
        self.system = forces.system
        self.pairs: PairDerivatives | None
        self._sized: SizedDerivatives | None = None
        try:
            if self.system.sizes:
                self._sized, self.pairs = sized_derivatives(self.system), None
            else:
                self.pairs = pair_derivatives(self.system)
        except InputError:
            self.pairs = self._sized = None
        self._compared = False
        self._ewald: Ewald | None = None
        self._tried = False

    @property
    def derivatives(self) -> PairDerivatives | SizedDerivatives | None:
        """Of the energies of pairs, where these give LAMMPS's forces; None where they do not."""
        return self.pairs or self._sized

    @property
    def force_jump(self) -> float:
        """The force with which pairs come into reach; 0 where it is not known."""
        return self.pairs.force_jump if self.pairs else 0.0

    def method(self, configuration: Configuration) -> str:
        """How the Hessian of a configuration is made: by pairs, by pairs and charges, else by differences."""
        if self.derivatives:
            matrix, forces = pairwise(configuration, self.derivatives)
            self._compare(configuration, forces, matrix)
        if self.derivatives:
            return PAIRWISE
        return DIFFERENCES if self._by_ewald(configuration, silent) is None else EWALD

    def hessian(self, configuration: Configuration, advance: Advance = silent) -> Hessian:
        """Return the Hessian of a configuration."""
        evaluations = 0
        began = time.perf_counter()
        if self.derivatives:
            matrix, forces = pairwise(configuration, self.derivatives)
            seconds = time.perf_counter() - began
            if not self._compared:
                evaluations = 1
                self._compare(configuration, forces, matrix)
            if self.derivatives:
                return Hessian(matrix, PAIRWISE, seconds, evaluations, asymmetry(matrix))
        if (found := self._by_ewald(configuration, advance)) is not None:
            return Hessian(found, EWALD, time.perf_counter() - began, evaluations + 1, asymmetry(found))
        reach = force_constant_range(self.system)
        matrix, lopsided, more = by_differences(configuration, self._forces, reach, advance=advance)
        return Hessian(matrix, DIFFERENCES, time.perf_counter() - began, evaluations + more, lopsided)

    def _by_ewald(self, configuration: Configuration, advance: Advance) -> bsr_array | None:
        """The Hessian of charges that see all images, where its forces are LAMMPS's; None where they are not."""
        try:
            if not self._tried:
                self._tried = True
                self._ewald = Ewald(self.system, configuration)
            if self._ewald is None:
                return None
            matrix, forces = self._ewald.hessian(configuration, advance)
        except InputError:
            self._ewald = None
            return None
        if np.abs(self._forces.evaluate(configuration).forces - forces).max() > self._ewald.tolerance:
            self._ewald = None
            return None
        return matrix

    def _compare(self, configuration: Configuration, forces: Floats, matrix: bsr_array) -> None:
        """Give the tables up unless their forces are LAMMPS's."""
        scale = float(abs(matrix).max()) * configuration.spacing
        if np.abs(self._forces.evaluate(configuration).forces - forces).max() > AGREEMENT * scale:
            self.pairs = None
        self._compared = True


def asymmetry(matrix: bsr_array) -> float:
    """Largest |H - H^T| as a share of the largest element."""
    largest = float(abs(matrix).max())
    return float(abs(matrix - matrix.T).max()) / largest if largest else 0.0

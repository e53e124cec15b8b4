"""Short-range order of a binary alloy and the dispersion of its concentration excitations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glasscli.configuration import Box
from glasscli.errors import InputError
from glasscli.theory import excitations
from glasscli.theory.answers.answer import Columns, Data, Floats, lines, plain
from glasscli.theory.excitations import Excitations, Ints, SecondDerivative, ShortRangeOrder
from glasscli.units import WITHOUT_SYSTEM, UnitNames


@dataclass(frozen=True)
class AlloyExcitations:
    """Order of the atoms, E(k), the wave number k_s of the order; species: their names, c is the share of the first.

    units: of wave numbers and energies
    """

    order: ShortRangeOrder
    found: Excitations
    k_s: float
    species: tuple[str, ...] = ()
    units: UnitNames = WITHOUT_SYSTEM

    @property
    def _shown(self) -> dict[str, float]:
        return {
            "atoms": len(self.order.alpha),
            "c": self.order.c,
            "alpha_mean": self.order.mean,
            "k_s": self.k_s,
            "neighbours_mean": float(self.order.neighbours.mean()),
            "E_at_k_s": float(np.interp(self.k_s, self.found.k, self.found.E)),
        }

    @property
    def data(self) -> Data:
        """Means, alpha of each atom, E(k)."""
        found = plain(self._shown | {"alpha": self.order.alpha} | dict(self.columns))
        return found | {"species": list(self.species)}

    @property
    def columns(self) -> Columns:
        """E(k)."""
        found = self.found
        return {"k": found.k, "E": found.E, "damping": found.damping, "damped": found.damped}

    def text(self) -> str:
        """Means and E at the wave number of the order."""
        return lines(self._shown)


def alloy_excitations(
    positions: Floats,
    species: Ints,
    box: Box,
    *,
    shell: float,
    reach: float,
    second: SecondDerivative,
    k_s: float | None,
    k_max: float,
) -> AlloyExcitations:
    """Return the excitations of pairs; positions [n_atoms, 3], species [n_atoms].

    shell   outer radius of the neighbours that the order is made of; reach: of the force constants
    second  u'' of two species at a distance: of the atoms' own potential or any other
    k_s     wave number of the order; None: the peak of S_cc(k)
    Raises InputError for a k_max that is not finite and positive, or other than two species.
    """
    if not 0 < k_max < np.inf:
        raise InputError(f"--k-max must be finite and greater than zero, not {k_max:g}")
    order = excitations.short_range_order(species, excitations.pairs_within(positions, box, shell))
    wave = excitations.concentration_peak(positions, species, box, k_max) if k_s is None else k_s
    k = np.linspace(0, k_max, 121)[1:]
    near = excitations.pairs_within(positions, box, reach)
    return AlloyExcitations(order, excitations.dispersion(k, species, near, order, second, wave), wave)


def lennard_jones(sigma: Sequence[float], epsilon: Sequence[float]) -> SecondDerivative:
    """u'' of Lennard-Jones pairs; sigma, epsilon: of the pairs A-A, A-B, B-B."""
    return excitations.lennard_jones_second_derivative(_symmetric(epsilon), _symmetric(sigma))


def _symmetric(values: Sequence[float]) -> Floats:
    one, mixed, two = values
    return np.array([[one, mixed], [mixed, two]])

"""Elastic constants of a configuration at rest: what space does alike, and what the atoms do beside it.

The stress of a sample under a small strain without rotation, sigma + C : epsilon: stress-strain coefficients. They are
the second derivatives of the energy where there is no stress; under a pressure that is the same on all sides they are
symmetric, and their averages give the speeds of sound (T. Barron, M. Klein, Proc. Phys. Soc. 85, 523 (1965)). The atoms
are first taken along with space, which gives the Born part; forces Xi come up that way, and with them the atoms go
where the Hessian H takes them:

    C = born - nonaffine,      nonaffine = Xi H^-1 Xi / V

(A. Lemaitre, C. Maloney, J. Stat. Phys. 123, 415 (2006), Eqs. 20-27). Components in Voigt's order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.engine.forces import Forces
from glasscli.engine.minimiser import Minimiser
from glasscli.engine.pair_derivatives import Derivatives
from glasscli.errors import InputError
from glasscli.model.protocol import Minimisation
from glasscli.modes.hessian import Curvature, Hessian
from glasscli.modes.hessian_pairwise import directed_pairs
from glasscli.modes.minimum import FORCE, at, relax

VOIGT = ((0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1))
# Of differences: small for the curvature of the stress, large for rounding.
AFFINE_STRAIN, RELAXED_STRAIN = 1e-5, 2e-5


@dataclass(frozen=True)
class Elastic:
    """Elastic constants [6, 6] in energy per volume; route: "hessian", or "strain" without parts."""

    C: Floats
    born: Floats | None
    nonaffine: Floats | None
    route: str

    @property
    def stable(self) -> bool:
        """Whether every small strain is resisted; where one is not, stresses alike everywhere mean nothing."""
        return bool(np.linalg.eigvalsh((self.C + self.C.T) / 2).min() > 0)

    @property
    def voigt(self) -> tuple[float, float]:
        """(B, G) where strains are alike everywhere: the upper bounds."""
        c = self.C
        normal, mixed = np.trace(c[:3, :3]), c[:3, :3].sum() - np.trace(c[:3, :3])
        return float((normal + mixed) / 9), float((normal - mixed / 2) / 15 + np.trace(c[3:, 3:]) / 5)

    @property
    def reuss(self) -> tuple[float, float]:
        """(B, G) where stresses are: the lower bounds."""
        s = np.linalg.inv(self.C)
        normal, mixed = np.trace(s[:3, :3]), s[:3, :3].sum() - np.trace(s[:3, :3])
        return float(1 / (normal + mixed)), float(15 / (4 * normal - 2 * mixed + 3 * np.trace(s[3:, 3:])))

    @property
    def moduli(self) -> tuple[float, float]:
        """(B, G) of a body of many such grains: the mean of both (R. Hill, Proc. Phys. Soc. A 65, 349 (1952))."""
        (one, shear), (other, least) = self.voigt, self.reuss
        return (one + other) / 2, (shear + least) / 2

    @property
    def poisson(self) -> float:
        """Poisson's ratio of these."""
        bulk, shear = self.moduli
        return (3 * bulk - 2 * shear) / (6 * bulk + 2 * shear)

    @property
    def anisotropy(self) -> float:
        """0 of an isotropic body: 5 G_V/G_R + B_V/B_R - 6 (S. Ranganathan, M. Ostoja-Starzewski, PRL 101, 055504)."""
        (one, shear), (other, least) = self.voigt, self.reuss
        return 5 * shear / least + one / other - 6

    def data(self, unit: float = 1.0) -> dict[str, Any]:
        """The contract object, in pressures: `unit` of them are an energy per volume. Unstable, it has no moduli."""
        bulk, shear = self.moduli
        means = {"G": shear * unit, "B": bulk * unit, "poisson": self.poisson, "anisotropy": self.anisotropy}
        parts = {"born": self.born, "nonaffine": self.nonaffine}
        return {
            "C": (self.C * unit).tolist(),
            **{name: None if part is None else (part * unit).tolist() for name, part in parts.items()},
            **(means if self.stable else dict.fromkeys(means)),
            "route": self.route,
        }  # fmt: skip


def from_hessian(
    configuration: Configuration, hessian: Hessian, curvature: Curvature, forces: Forces
) -> Elastic:
    """The elastic constants of a configuration at rest, both parts.

    Of pairs from u' and u''; of any other potential the Born part and Xi are differences of LAMMPS's stress and forces.
    Raises InputError for anything but three dimensions, periodic in all.
    """
    check(configuration)
    pairs = curvature.derivatives
    born, pulls = of_pairs(configuration, pairs) if pairs else by_differences(configuration, forces)
    moved = np.stack([relax(hessian.matrix, pull).ravel() for pull in pulls])
    nonaffine = pulls.reshape(6, -1) @ moved.T / configuration.volume
    nonaffine = (nonaffine + nonaffine.T) / 2
    return Elastic(born - nonaffine, born, nonaffine, "hessian")


def check(configuration: Configuration) -> None:
    """Raise InputError where there are no elastic constants."""
    if not configuration.box.closed:
        raise InputError(
            f"elastic constants need three dimensions, periodic in all; the box is {configuration.box.words}"
        )


def of_pairs(configuration: Configuration, derivatives: Derivatives) -> tuple[Floats, Floats]:
    """Born part [6, 6], and Xi [6, n, 3]: forces per strain on atoms that go with space."""
    n, volume = configuration.n_atoms, configuration.volume
    i, j, d = directed_pairs(configuration.positions, configuration.box, derivatives.cutoff)
    first, second = derivatives.between(configuration, i, j, np.einsum("nk,nk->n", d, d))
    products = np.stack([d[:, a] * d[:, b] for a, b in VOIGT])
    pulls = np.stack(
        [
            np.stack([np.bincount(i, 4 * second * one * d[:, k], minlength=n) for k in range(3)], axis=1)
            for one in products
        ]
    ).astype(np.float64)
    stress = np.einsum("n,na,nb->ab", first, d, d) / volume
    return (products * (2 * second)) @ products.T / volume + _of_stress(stress), pulls


def _of_stress(stress: Floats) -> Floats:
    """[6, 6] how a stress [3, 3] itself changes with the strain of space: e s + s e - tr(e) s."""
    found = np.empty((6, 6))
    for column, (a, b) in enumerate(VOIGT):
        e = np.zeros((3, 3))
        e[a, b] += 0.5
        e[b, a] += 0.5
        change = e @ stress + stress @ e - np.trace(e) * stress
        found[:, column] = [change[k] for k in VOIGT]
    return found


def by_differences(configuration: Configuration, forces: Forces) -> tuple[Floats, Floats]:
    """The same of any potential, from LAMMPS's stress and forces when all atoms go with space."""
    born, pulls = np.empty((6, 6)), np.empty((6, configuration.n_atoms, 3))
    stress = -forces.evaluate(configuration).tensor
    for column in range(6):
        plus, minus = (
            forces.evaluate(_strained(configuration, column, sign * AFFINE_STRAIN)) for sign in (1, -1)
        )
        born[:, column] = _slope(column, minus.tensor - plus.tensor, stress, AFFINE_STRAIN)
        pulls[column] = (plus.forces - minus.forces) / (2 * AFFINE_STRAIN)
    return born, pulls


def from_strains(configuration: Configuration, forces: Forces, whose: str | None = None) -> Elastic:
    """The elastic constants from samples that are strained by 2e-5 either way and brought to rest: no Hessian.

    configuration: at rest. whose: forces for the descent, see `engine.own.choice`; the stress is LAMMPS's.
    """
    check(configuration)
    found = np.empty((6, 6))
    stress = -forces.evaluate(configuration).tensor
    with Minimiser(forces.system, Minimisation(force_tolerance=FORCE, max_iterations=100000), whose) as rest:
        for column in range(6):
            plus, minus = (
                forces.evaluate(rest.minimise(_strained(configuration, column, sign)).configuration).tensor
                for sign in (RELAXED_STRAIN, -RELAXED_STRAIN)
            )
            found[:, column] = _slope(column, minus - plus, stress, RELAXED_STRAIN)
    return Elastic(found, None, None, "strain")


def _strained(configuration: Configuration, column: int, strain: float) -> Configuration:
    """All of space stretched along an axis, or its planes slid, which is a strain and a rotation."""
    a, b = VOIGT[column]
    gradient = np.eye(3)
    gradient[a, b] += strain
    box = configuration.box.of(configuration.box.vectors @ gradient.T)
    return at(configuration, configuration.positions @ gradient.T, box)


def _slope(column: int, change: Floats, stress: Floats, strain: float) -> Floats:
    """[6] slopes of the stress from its change between both strains, without what the rotation makes of it."""
    a, b = VOIGT[column]
    turn = np.zeros((3, 3))
    turn[a, b] += 0.5
    turn[b, a] -= 0.5
    slope = change / (2 * strain) - (turn @ stress + stress @ turn.T)
    return np.array([slope[k] for k in VOIGT])

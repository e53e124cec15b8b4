"""eta and xi from geometry: the three-atom fragment (Klinger, Fig. 3) and the linear law of the volume (3.6).

Atom 0 stands between two neighbours at distances d1 and d2 that enclose the bond angle theta and moves along the
line that joins them, where stretched bonds soften: past the inflection of the pair potential the middle of a wide gap
is no longer a minimum. The neighbours interact with atom 0 by a Morse bond u(r) = D {1 - exp[-a (r - r0)]}^2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from glasscli.errors import InputError
from glasscli.theory.roots import find_root

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Morse:
    """u(r) = D {1 - exp[-a (r - r0)]}^2: depth D, inverse width a, length r0."""

    D: float
    a: float
    r0: float

    def __post_init__(self) -> None:
        if not (self.D > 0 and self.a > 0 and self.r0 > 0):
            raise InputError("a Morse bond needs a depth, an inverse width and a length greater than zero")

    def derivatives(self, r: Floats) -> list[Floats]:
        """Return u, u', u'', u''', u'''' at r."""
        e = np.exp(-self.a * (np.asarray(r, float) - self.r0))
        return [self.D * (1 - e) ** 2] + [
            self.D * (-self.a) ** n * (2**n * e**2 - 2 * e) for n in range(1, 5)
        ]

    @property
    def inflection(self) -> float:
        """Length where u'' = 0: bonds on a line that are longer make two wells."""
        return self.r0 + float(np.log(2)) / self.a


@dataclass(frozen=True)
class Fragment:
    """V(x) = A (eta x^2 + xi x^3 + x^4) about the extremum of the fragment, x in units of a0.

    A in the unit of D; origin is the displacement of the extremum from where atom 0 stands, in a0.
    """

    A: float
    eta: float
    xi: float
    origin: float


def _along(x: ArrayLike, bond: Morse, ends: Floats) -> Floats:
    """Derivatives 0 ... 4 in x [n_x] of sum u(|R - x e|), e the direction of the first column, by the chain rule.

    With q = r^2 = p^2 + h^2 (p along e, h across): dr/dx = -p/r and so on up to the fourth derivative.
    """
    p, h = ends[:, 0] - np.asarray(x, float)[..., None], ends[:, 1]
    r = np.hypot(p, h)
    u0, u1, u2, u3, u4 = bond.derivatives(r)
    # r(x) and its derivatives: r1 = -p/r, r2 = h^2/r^3, r3 = 3 h^2 p/r^5, r4 = 3 h^2 (4 p^2 - h^2)/r^7
    r1, r2 = -p / r, h**2 / r**3
    r3, r4 = 3 * h**2 * p / r**5, 3 * h**2 * (4 * p**2 - h**2) / r**7
    return np.array(
        [
            u0.sum(axis=-1),
            (u1 * r1).sum(axis=-1),
            (u2 * r1**2 + u1 * r2).sum(axis=-1),
            (u3 * r1**3 + 3 * u2 * r1 * r2 + u1 * r3).sum(axis=-1),
            (u4 * r1**4 + 6 * u3 * r1**2 * r2 + u2 * (3 * r2**2 + 4 * r1 * r3) + u1 * r4).sum(axis=-1),
        ]
    )


def potential(x: ArrayLike, bond: Morse, ends: Floats) -> Floats:
    """Return the exact energy [n_x] of atom 0 displaced by x along the line of its neighbours."""
    x = np.asarray(x, float)
    r = np.hypot(ends[:, 0] - x[..., None], ends[:, 1])
    found: Floats = bond.derivatives(r)[0].sum(axis=-1)
    return found


def place(d1: float, d2: float, angle: float) -> Floats:
    """Return the neighbours' places [2, 2]: along their joining line and across it, with atom 0 at the origin."""
    if not (d1 > 0 and d2 > 0 and 0 < angle <= 180):
        raise InputError("bond lengths must be greater than zero and the angle in 0 ... 180 degrees")
    theta = np.radians(angle)
    length = float(np.sqrt(d1**2 + d2**2 - 2 * d1 * d2 * np.cos(theta)))
    height = d1 * d2 * np.sin(theta) / length
    left, right = (d1**2 - d1 * d2 * np.cos(theta)) / length, (d2**2 - d1 * d2 * np.cos(theta)) / length
    return np.array([[-left, height], [right, height]])


def fragment(bond: Morse, d1: float, d2: float, angle: float = 180.0, a0: float = 1.0) -> Fragment:
    """Return eta, xi and A of a three-atom fragment; lengths in one unit, a0 in the same.

    The expansion is about the extremum nearest to the place of atom 0 (the rest of the network holds it across).
    Raises InputError when there is no extremum between the neighbours or the quartic term is not positive there.
    """
    ends = place(d1, d2, angle)
    reach = 0.9 * min(-ends[0, 0], ends[1, 0])
    if reach <= 0:
        raise InputError("with this angle atom 0 does not stand between its neighbours; open the angle")
    grid = np.linspace(-reach, reach, 801)
    slopes = _along(grid, bond, ends)[1]
    flat = np.flatnonzero(slopes[:-1] * slopes[1:] <= 0)
    if not len(flat):
        raise InputError("the fragment has no extremum between its neighbours: nothing to expand about")
    near = flat[np.argmin(np.abs(grid[flat]))]
    origin = find_root(lambda x: float(_along(x, bond, ends)[1]), grid[near], grid[near + 1])
    _, _, second, third, fourth = _along(origin, bond, ends)
    if not fourth > 0:
        raise InputError(
            "the quartic term is not positive here, so this is no soft potential; change the lengths"
        )
    A = float(fourth) / 24 * a0**4
    return Fragment(A, float(second) / 2 * a0**2 / A, float(third) / 6 * a0**3 / A, origin / a0)


def eta_from_volume(volume: ArrayLike, critical: float, slope: float = 1.0) -> Floats:
    """Return eta = nu (v_c - v) (Klinger 3.6); volumes per atom in units of a0^3, nu of order one."""
    return slope * (critical - np.asarray(volume, float))

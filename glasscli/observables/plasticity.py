"""What a rearrangement under strain is: how many atoms take part, and where space is not deformed alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Configuration, Floats
from glasscli.observables.displacement import check_same_atoms

# Neighbours of D2min: within so many mean spacings, the first minimum of g(r) of a dense sample.
REACH = 1.5


def not_affine(before: Configuration, after: Configuration) -> Floats:
    """[n, 3] displacements beyond those of the box, without their mean: positions are compared as fractions of it."""
    check_same_atoms(before, after)
    parts = after.box.fractional(after.positions) - before.box.fractional(before.positions)
    if before.images is None or after.images is None:
        vectors = after.box.minimum_image(after.box.cartesian(parts))
    else:
        vectors = after.box.cartesian(parts + after.images - before.images)
    return np.asarray(vectors - vectors.mean(axis=0))


def participants(displacements: Floats) -> float:
    """How many atoms take part in displacements [n, 3]: (sum d^2)^2 / sum d^4, n where all go as far, 1 of one atom."""
    squares = (displacements**2).sum(axis=1)
    fourth = float((squares**2).sum())
    return float(squares.sum()) ** 2 / fourth if fourth else 0.0


@dataclass(frozen=True)
class Deformation:
    """What the neighbours of each atom did: gradient [n, d, d] F, the identity where there is none; d2min [n], length
    squared; known [n] whether the atom has neighbours enough."""

    gradient: Floats
    d2min: Floats
    known: NDArray[np.bool_]

    @property
    def shear(self) -> Floats:
        """[n] size of the shear strain: (2 E':E')^1/2, E = (F^T F - 1)/2 without its trace; gamma of a simple shear."""
        d = self.gradient.shape[1]
        e = self._green
        e = e - np.trace(e, axis1=1, axis2=2)[:, None, None] / d * np.eye(d)
        return np.asarray(np.sqrt(2 * (e**2).sum(axis=(1, 2))))

    @property
    def _green(self) -> Floats:
        d = self.gradient.shape[1]
        return np.asarray((np.swapaxes(self.gradient, 1, 2) @ self.gradient - np.eye(d)) / 2)

    def strain(self, generator: Floats) -> Floats:
        """[n] strain of the kind that grows by a generator [3, 3] G: E:S/(S:S), E = (F^T F - 1)/2, S = (G + G^T)/2.

        In a sample whose space goes as 1 + gamma G with a simple shear it is gamma, everywhere.
        """
        d = self.gradient.shape[1]
        s = (generator + generator.T)[:d, :d] / 2
        return np.asarray(np.einsum("nab,ab->n", self._green, s) / np.sum(s**2))


def local_deformation(before: Configuration, after: Configuration, reach: float | None = None) -> Deformation:
    """How the surroundings of each atom were deformed, and how far from any common deformation they are.

    M. Falk, J. Langer, Phys. Rev. E 57, 7192 (1998), Eqs. 2.11-2.14: D2min is the mean over neighbours of the square of
    d' - F d, d and d' being where a neighbour was and is, with the F that makes it least. reach: of neighbours, in
    `before`. Atoms with fewer neighbours than F has numbers in a direction have none: D2min 0.
    """
    n, dimension = before.n_atoms, before.box.dimension
    reach = REACH * before.spacing if reach is None else reach
    i, j = before.box.tree(before.positions).pairs(reach).T
    d = before.box.minimum_image(before.positions[j] - before.positions[i])
    u = not_affine(before, after)
    moved = after.box.cartesian(before.box.fractional(d)) + u[j] - u[i]
    first, second = np.concatenate([i, j]), np.concatenate([d, -d])[:, :dimension]
    then = np.concatenate([moved, -moved])[:, :dimension]

    def sums(products: Floats) -> Floats:
        shape = products.shape[1:]
        flat = products.reshape(len(products), -1)
        columns = [np.bincount(first, flat[:, k], minlength=n) for k in range(flat.shape[1])]
        return np.asarray(np.stack(columns, axis=1).reshape(n, *shape), dtype=np.float64)

    x = sums(then[:, :, None] * second[:, None, :])
    y = sums(second[:, :, None] * second[:, None, :])
    count = np.bincount(first, minlength=n)
    whole = (count > dimension) & (np.linalg.det(y) > 0)
    f = np.tile(np.eye(dimension), (n, 1, 1))
    f[whole] = x[whole] @ np.linalg.inv(y[whole])
    rest = then - np.einsum("nab,nb->na", f[first], second)
    found = np.bincount(first, (rest**2).sum(axis=1), minlength=n) / np.maximum(count, 1)
    return Deformation(f, np.asarray(np.where(whole, found, 0.0), dtype=np.float64), whole)


def d2min(before: Configuration, after: Configuration, reach: float | None = None) -> Floats:
    """[n] D2min of each atom, length squared, see `local_deformation`."""
    return local_deformation(before, after, reach).d2min

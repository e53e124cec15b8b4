"""Elastic constants of every atom: its share of what the stress of a sample does under a strain of the whole.

Each column of C is the change of the stress under one strain. The stress is a sum over pairs, of which each atom has
half, and so is its change as space is strained and as the atoms then go where the Hessian takes them. The shares have
the mean C exactly. The strain is that of the sample everywhere, as nothing else is known of the strain at a place
("affine strain": H. Mizuno, S. Mossa, J.-L. Barrat, Phys. Rev. E 87, 042306 (2013)). One atom's share says little; over
a sphere of some neighbours it is a modulus of that place, below zero where the place by itself would give way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glasscli.configuration import Configuration, Floats
from glasscli.engine.pair_derivatives import Derivatives
from glasscli.modes.elastic_tensor import VOIGT, Elastic, of_pairs
from glasscli.modes.hessian import Hessian
from glasscli.modes.hessian_pairwise import directed_pairs
from glasscli.modes.minimum import relax

# Radius of the spheres, in mean spacings: 34 atoms.
REACH = 2.0


@dataclass(frozen=True)
class LocalModuli:
    """Elastic constants of atoms, C [n, 6, 6] in energy per volume; G [n] and B [n] of spheres around them, where
    strains are alike everywhere (Voigt); reach: the radius of these."""

    configuration: Configuration
    C: Floats
    B: Floats
    G: Floats
    reach: float

    def data(self, unit: float = 1.0) -> dict[str, Any]:
        """The contract object, in pressures: `unit` of them are an energy per volume."""
        told = {
            name: {"mean": float(values.mean() * unit), "deviation": float(values.std() * unit)}
            for name, values in (("G", self.G), ("B", self.B))
        }
        return told | {"share_below_0": float((self.G < 0).mean()), "radius": self.reach}


def local_moduli(configuration: Configuration, hessian: Hessian, derivatives: Derivatives) -> LocalModuli:
    """Of a configuration at rest, whose potential is one of pairs."""
    n, volume = configuration.n_atoms, configuration.volume
    i, j, d = directed_pairs(configuration.positions, configuration.box, derivatives.cutoff)
    first, second = derivatives.between(configuration, i, j, np.einsum("nk,nk->n", d, d))
    _, pulls = of_pairs(configuration, derivatives)
    shares = np.empty((n, 6, 6))
    own = np.stack([np.bincount(i, first * d[:, a] * d[:, b], minlength=n) for a, b in VOIGT], axis=1)
    for column, (a, b) in enumerate(VOIGT):
        moved = np.asarray(relax(hessian.matrix, pulls[column])).reshape(n, 3)
        strain = np.zeros((3, 3))
        strain[a, b] += 0.5
        strain[b, a] += 0.5
        change = d @ strain + moved[j] - moved[i]
        stiffer = 2 * second * np.einsum("nk,nk->n", d, change)
        for row, (p, q) in enumerate(VOIGT):
            by = stiffer * d[:, p] * d[:, q] + first * (change[:, p] * d[:, q] + d[:, p] * change[:, q])
            shares[:, row, column] = np.bincount(i, by, minlength=n)
        shares[:, :, column] -= np.trace(strain) * own
    shares *= n / volume
    return _around(configuration, shares)


def _around(configuration: Configuration, shares: Floats) -> LocalModuli:
    """Of atoms and their means over spheres."""
    n, reach = configuration.n_atoms, REACH * configuration.spacing
    i, j, _ = directed_pairs(configuration.positions, configuration.box, reach)
    total = shares.copy()
    np.add.at(total, i, shares[j])
    means = total / (1 + np.bincount(i, minlength=n))[:, None, None]
    bulk, shear = np.array([Elastic(C, None, None, "local").voigt for C in means]).T
    return LocalModuli(replace(configuration, velocities=None), shares, bulk, shear, reach)

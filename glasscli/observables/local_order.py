"""Order of each atom's surroundings beyond directions: pair entropy and tetrahedrality."""

from __future__ import annotations

import numpy as np

from glasscli.compiled import njit
from glasscli.configuration import Configuration, Floats
from glasscli.errors import InputError
from glasscli.observables.shells import nearest

# Of the mean spacing: how far pairs are looked at, and how wide each is smeared.
REACH, WIDTH = 2.5, 0.1
BINS = 250
# Atoms whose surroundings are held at once, so that memory does not grow with all of them.
SLICE = 4096


def pair_entropy(
    configuration: Configuration, reach: float | None = None, width: float | None = None
) -> Floats:
    """Return [n_atoms] the two-body excess entropy of each atom, in units of k: 0 of a gas, the lower the more ordered.

    s_i = -2 pi sum_b rho_b int_0^reach [g_ib ln g_ib - g_ib + 1] r^2 dr, g_ib(r) being the neighbours of species b,
    each a Gaussian of this width (Piaggi & Parrinello, J. Chem. Phys. 147, 114112 (2017), Eqs. 1 to 3). Lengths are by
    default 2.5 and 0.1 of the mean spacing, less where the box is small. Raises InputError where no volume is filled,
    and where half the box holds no second shell.
    """
    c = configuration
    c.box.periodic_for("the pair entropy")
    reach, width = reach or REACH * c.spacing, width or WIDTH * c.spacing
    # Atoms beyond the reach have tails within.
    far = reach + 4 * width
    if far > c.box.width / 2:
        far = c.box.width / 2
        reach = far - 4 * width
        if reach < 1.5 * c.spacing:
            raise InputError("the box is too small for a pair entropy: it holds no second shell")
    numbers = np.array(list(c.counts))
    kinds = np.searchsorted(numbers, c.species)
    density = np.array([count / c.volume for count in c.counts.values()])
    tree, found = c.box.tree(c.positions), np.empty(c.n_atoms)
    for start in range(0, c.n_atoms, SLICE):
        own = slice(start, min(start + SLICE, c.n_atoms))
        i, j, r = tree.around(c.positions[own], far)
        other = i + start != j
        smeared = _smeared(
            i[other], kinds[j[other]], r[other], own.stop - start, len(density), reach, width, BINS
        )
        found[own] = _entropy(smeared, density, reach / BINS)
    return found


@njit()
def _smeared(i, kind, r, n, kinds, reach, width, bins):  # type: ignore[no-untyped-def]
    """[n, kinds, bins] sums of Gaussians about the distances r of the neighbours of atoms i."""
    step = reach / bins
    smeared = np.zeros((n, kinds, bins))
    height = 1 / np.sqrt(2 * np.pi * width * width)
    # A Gaussian at equal steps: each is the one before times a ratio, which itself shrinks by one factor.
    shrink = np.exp(-((step / width) ** 2))
    for p in range(len(i)):
        first = max(0, int((r[p] - 4 * width) / step))
        last = min(bins, int((r[p] + 4 * width) / step) + 1)
        x = ((first + 0.5) * step - r[p]) / width
        value = height * np.exp(-0.5 * x * x)
        ratio = np.exp(-x * step / width) * np.sqrt(shrink)
        for k in range(first, last):
            smeared[i[p], kind[p], k] += value
            value *= ratio
            ratio *= shrink
    return smeared


@njit()
def _entropy(smeared, density, step):  # type: ignore[no-untyped-def]
    n, _, bins = smeared.shape
    found = np.zeros(n)
    for i in range(n):
        for b in range(len(density)):
            total = 0.0
            for k in range(bins):
                at = (k + 0.5) * step
                g = smeared[i, b, k] / (4 * np.pi * density[b] * at * at)
                total += ((g * np.log(g) - g + 1) if g > 1e-300 else 1.0) * at * at
            found[i] -= 2 * np.pi * density[b] * total * step
    return found


def tetrahedrality(configuration: Configuration) -> Floats:
    """Return [n_atoms] 1 - 3/8 sum over pairs of the four nearest of (cos psi + 1/3)^2: 1 in diamond, 0 of a gas.

    Errington & Debenedetti, Nature 409, 318 (2001). Raises InputError for fewer than six atoms.
    """
    _, vectors = nearest(configuration, 4)
    unit = vectors / np.linalg.norm(vectors, axis=2, keepdims=True)
    cosines = np.einsum("nia,nja->nij", unit, unit)
    above = np.triu_indices(4, 1)
    return np.asarray(1 - 3 / 8 * ((cosines[:, above[0], above[1]] + 1 / 3) ** 2).sum(axis=1))

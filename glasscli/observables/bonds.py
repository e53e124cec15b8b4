"""Bonds between atoms that are near each other, how many each atom has, and the angles between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray

from glasscli.compiled import njit
from glasscli.configuration import Configuration, Floats, Ints
from glasscli.formats.names import SpeciesPair
from glasscli.observables.pair_distribution import first_minimum as minimum_of
from glasscli.observables.pair_distribution import ideal_pairs, pair_distribution

SPACINGS = 5.0  # how far first minima are looked for
DEGREES = 180  # bins of an angle distribution, one degree each
SpeciesTriple = tuple[int, int, int]
Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Bonds:
    """Bonds of one configuration, each from both of its ends.

    first, second  [m] atoms, ascending by `first`
    shifts         [m, 3] whole edges by which the copy of `second` lies outside the box
    vectors        [m, 3] from `first` to that copy; length
    species        [n_atoms]
    """

    first: Whole
    second: Whole
    shifts: Whole
    vectors: Floats
    species: Ints

    @property
    def n_atoms(self) -> int:
        """Number of atoms."""
        return len(self.species)

    @cached_property
    def starts(self) -> Whole:
        """[n_atoms + 1] where the bonds of each atom begin."""
        return np.searchsorted(self.first, np.arange(self.n_atoms + 1))

    def chosen(self, keep: NDArray[np.bool_]) -> Bonds:
        """Those bonds of [m] that are kept."""
        return Bonds(self.first[keep], self.second[keep], self.shifts[keep], self.vectors[keep], self.species)


@dataclass(frozen=True)
class Angles:
    """Angles at atoms of one species between bonds to two others, summed over the atoms of a configuration.

    counts       [DEGREES] angles in each degree
    total, squares  sum of the angles and of their squares, degrees
    """

    counts: Whole
    total: float
    squares: float


def first_minima(configuration: Configuration, bin_width: float = 0.02) -> dict[SpeciesPair, float]:
    """Return {pair of species a <= b: the first minimum of its g(r)}, of those pairs that have a shell and one.

    See `pair_distribution.first_minimum`. A box too narrow for that, such as a crystal's unit cell, is repeated.
    """
    reach = SPACINGS * configuration.spacing
    wide = _repeated(configuration, 2 * reach)
    found = pair_distribution(wide, min(bin_width, reach / 100), min(reach, wide.box.width / 2))
    minima = {}
    for (a, b), g in found.partials.items():
        ideal = ideal_pairs(found, found.densities[a], found.densities[b])
        if (radius := minimum_of(found.r, g, ideal)) is not None:
            minima[a, b] = radius
    return minima


def bonds_within(configuration: Configuration, cutoffs: Mapping[SpeciesPair, float]) -> Bonds:
    """Return the bonds of a configuration: pairs of atoms nearer than the cutoff of their species, {(a, b): length}.

    Pairs that are not named have none. Periodic copies count each for itself, also in a box narrower than a cutoff.
    """
    from scipy.spatial import cKDTree  # it takes its time to load

    species = configuration.species
    reach = max(cutoffs.values(), default=0.0)
    most = int(species.max())
    table = np.zeros((most + 1, most + 1))
    for (a, b), length in cutoffs.items():
        if max(a, b) <= most:
            table[a, b] = table[b, a] = length
    box = configuration.box
    places = box.wrap(configuration.positions)
    points, owners = box.copies(places, reach)
    near = cKDTree(places).sparse_distance_matrix(cKDTree(points), reach, output_type="ndarray")
    first, copy, distance = near["i"].astype(np.int64), near["j"].astype(np.int64), near["v"]
    keep = (distance > 0) & (distance < table[species[first], species[owners[copy]]])
    first, copy = first[keep], copy[keep]
    second = owners[copy]
    order = np.lexsort((copy, second, first))
    first, second, copy = first[order], second[order], copy[order]
    shifts = np.rint(box.fractional(points[copy] - places[second])).astype(np.int64)
    return Bonds(first, second, shifts, points[copy] - places[first], species)


def neighbour_counts(bonds: Bonds) -> dict[SpeciesPair, Whole]:
    """Return {(a, b): [k] how many atoms of a have 0, 1, 2, ... bonds to b}, species, both orders of each pair."""
    species = sorted({int(s) for s in np.unique(bonds.species)})
    found = {}
    for b in species:
        number = np.bincount(bonds.first[bonds.species[bonds.second] == b], minlength=bonds.n_atoms)
        for a in species:
            found[a, b] = np.bincount(number[bonds.species == a])
    return found


def bond_angles(bonds: Bonds) -> dict[SpeciesTriple, Angles]:
    """Return {(a, b, c): angles at atoms of species b between bonds to a and to c}, a <= c, of those that occur."""
    species = np.unique(bonds.species)
    k = len(species)
    kinds = np.searchsorted(species, bonds.species)
    counts = np.zeros((k, k, k, DEGREES), np.int64)
    sums = np.zeros((k, k, k, 2))
    _angles(bonds.starts, bonds.second, bonds.vectors, kinds, counts, sums)
    found = {}
    for b in range(k):
        for a, c in combinations_with_replacement(range(k), 2):
            number = counts[b, a, c]
            if number.any():
                triple = (int(species[a]), int(species[b]), int(species[c]))
                found[triple] = Angles(number, float(sums[b, a, c, 0]), float(sums[b, a, c, 1]))
    return found


def _repeated(configuration: Configuration, width: float) -> Configuration:
    """The same crystal in a box at least so wide."""
    box = configuration.box
    repeats = box.repeats_for(width)
    if (repeats == 1).all():
        return configuration
    shifts = box.cartesian(np.stack(np.meshgrid(*map(np.arange, repeats)), axis=-1).reshape(-1, 3))
    positions = (configuration.positions[None] + shifts[:, None]).reshape(-1, 3)
    return Configuration(positions, np.tile(configuration.species, len(shifts)), box.repeated(repeats))


@njit()
def _angles(starts, second, vectors, kinds, counts, sums):  # type: ignore[no-untyped-def]
    bins = counts.shape[3]
    for i in range(len(starts) - 1):
        b = kinds[i]
        for m in range(starts[i], starts[i + 1]):
            for n in range(m + 1, starts[i + 1]):
                a, c = kinds[second[m]], kinds[second[n]]
                if a > c:
                    a, c = c, a
                dot, one, two = 0.0, 0.0, 0.0
                for d in range(3):
                    dot += vectors[m, d] * vectors[n, d]
                    one += vectors[m, d] ** 2
                    two += vectors[n, d] ** 2
                cosine = min(1.0, max(-1.0, dot / np.sqrt(one * two)))
                angle = np.degrees(np.arccos(cosine))
                counts[b, a, c, min(bins - 1, int(angle * bins / 180))] += 1
                sums[b, a, c, 0] += angle
                sums[b, a, c, 1] += angle * angle

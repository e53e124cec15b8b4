"""Perfect crystals and other known arrangements for the tests."""

from itertools import product

import numpy as np

from glasscli.configuration import Box, Configuration
from glasscli.structures.build import replicate
from glasscli.structures.phases import Phase
from glasscli.structures.prototypes import PROTOTYPES

FCC = [(0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0)]
BCC = [(0, 0, 0), (0.5, 0.5, 0.5)]
DIAMOND = FCC + [(x + 0.25, y + 0.25, z + 0.25) for x, y, z in FCC]
# 16d sites of Fd-3m, origin choice 1: corners of the tetrahedra of the pyrochlore lattice.
SIXTEEN_D = [
    ((x + a) % 1, (y + b) % 1, (z + c) % 1)
    for x, y, z in FCC
    for a, b, c in [
        (5 / 8, 5 / 8, 5 / 8),
        (5 / 8, 7 / 8, 7 / 8),
        (7 / 8, 5 / 8, 7 / 8),
        (7 / 8, 7 / 8, 5 / 8),
    ]
]


def crystal(basis, species, edge, repeat, noise=0.0, seed=0):
    """`repeat`^3 cubic cells of a basis in fractions of `edge`, moved off the origin, with normal noise."""
    cells = np.array(list(product(range(repeat), repeat=3)), dtype=float)
    points = (cells[:, None] + np.array(basis)[None]).reshape(-1, 3) * edge
    points += 0.01 * edge + noise * np.random.default_rng(seed).standard_normal(points.shape)
    box = Box.cube(repeat * edge)
    return Configuration(box.wrap(points), np.tile(np.array(species, dtype=np.int32), repeat**3), box)


def fcc(edge=1.0, repeat=4, **kwargs):
    return crystal(FCC, [1] * 4, edge, repeat, **kwargs)


def bcc(edge=1.0, repeat=4, **kwargs):
    return crystal(BCC, [1] * 2, edge, repeat, **kwargs)


def c15(edge=1.0, repeat=2, **kwargs):
    """The Laves phase AB2: large atoms on the diamond sites, small on 16d."""
    return crystal(DIAMOND + SIXTEEN_D, [1] * 8 + [2] * 16, edge, repeat, **kwargs)


def ideal(name, volume=0.69, repeat=(3, 2, 2)):
    """A prototype of glasscli's own with ideal parameters, moved off the origin."""
    cell = Phase(name, PROTOTYPES[name]).cell(volume)
    whole = replicate(cell, repeat)
    return Configuration(whole.box.wrap(whole.positions + 0.01), whole.species, whole.box)


def gas(counts, box, seed=0):
    """Atoms placed at random; counts: atoms of species 1, 2, ..."""
    box = np.asarray(box, dtype=float)
    species = np.repeat(np.arange(1, len(counts) + 1), counts).astype(np.int32)
    return Configuration(np.random.default_rng(seed).random((len(species), 3)) * box, species, box)

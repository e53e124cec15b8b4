"""What moved: strings and compact events, told from displacements that are made up."""

import numpy as np
import pytest

from glasscli.configuration import Box
from glasscli.landscape.events import COMPACT, STRING, describe

BOX = Box.cube(10.0)


def lattice():
    return np.stack(np.meshgrid(*[np.arange(10.0)] * 3, indexing="ij"), -1).reshape(-1, 3)


def moved(*steps):
    """[1000, 3] displacements of single atoms of a cubic lattice."""
    u = np.zeros((1000, 3))
    for site, way in steps:
        u[site[0] * 100 + site[1] * 10 + site[2]] = way
    return u


def test_a_bent_chain_across_the_boundary_is_a_string():
    x, y = (0.8, 0, 0), (0, 0.8, 0)
    u = moved(((8, 5, 5), x), ((9, 5, 5), x), ((0, 5, 5), y), ((0, 6, 5), y))
    atoms, movers, distance, length, kind, string = describe(lattice(), u, BOX)
    assert (kind, string) == (STRING, 4) and atoms == pytest.approx(4.0)
    assert set(movers) == {855, 955, 55, 65} and (distance, length) == pytest.approx((0.8, 1.6))


def test_atoms_that_part_are_compact():
    u = moved(*(((5 + a, 5 + b, 5), (0.5 * a, 0.5 * b, 0)) for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))))
    kind, string = describe(lattice(), u, BOX)[4:]
    assert (kind, string) == (COMPACT, 1)

"""Atoms in one layer or on one line are not measured as a crystal of their periodic copies."""

import numpy as np
import pytest

from glasscli.configuration import Configuration
from glasscli.errors import InputError
from glasscli.formats.planes import check_solid

RNG = np.random.default_rng(5)


def atoms(places, edges=(8.0, 8.0, 8.0)):
    box = Configuration(np.zeros((1, 3)), np.ones(1, np.int32), np.array(edges, float)).box
    return Configuration(
        box.wrap(np.array(places, float)), np.ones(len(places), np.int32), np.array(edges, float)
    )


def layer(axis, n=36, spread=0.0):
    places = RNG.random((n, 3)) * 8
    places[:, axis] = spread * (RNG.random(n) - 0.5)  # about a face: on both sides of it
    return places


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("spread", [0.0, 1e-5, 5e-4])
@pytest.mark.parametrize("thick", [1.0, 8.0])
def test_a_layer_in_any_direction(axis, spread, thick):
    edges = np.full(3, 8.0)
    edges[axis] = thick
    with pytest.raises(
        InputError, match=f"a.xyz is two-dimensional: all 36 atoms have the same {'xyz'[axis]};"
    ):
        check_solid(atoms(layer(axis, spread=spread), edges), "a.xyz")


def test_a_line_of_atoms():
    places = np.full((20, 3), 2.0)
    places[:, 1] = np.arange(20) * 0.4
    with pytest.raises(InputError, match="is one-dimensional: all 20 atoms have the same x and z"):
        check_solid(atoms(places), "a.xyz")


def test_what_is_three_dimensional_passes():
    check_solid(atoms([[1, 1, 1]]), "a.xyz")
    check_solid(atoms([[1, 1, 1], [2, 1, 1]]), "a.xyz")
    check_solid(
        atoms([[1, 1, 1], [2, 1, 1], [1, 2, 1], [2, 2, 1]], (8, 8, 30)), "a.xyz"
    )  # far from its copies
    check_solid(atoms(layer(2, spread=1.0)), "a.xyz")  # a slab in a vacuum
    check_solid(atoms(RNG.random((50, 3)) * 8), "a.xyz")
    fcc = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    check_solid(atoms(fcc * 1.5, (1.5, 1.5, 1.5)), "a.xyz")

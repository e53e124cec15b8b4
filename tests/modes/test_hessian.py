"""Hessians against LAMMPS's forces and against lattice dynamics done by hand."""

from itertools import product

import numpy as np
import pytest

from glasscli.configuration import Configuration
from glasscli.engine.forces import Forces
from glasscli.engine.pair_derivatives import pair_derivatives
from glasscli.model.system import load_system
from glasscli.modes.hessian_differences import by_differences, colours
from glasscli.modes.hessian_pairwise import pairwise
from glasscli.structures.build import replicate
from glasscli.structures.phases import phase_named


@pytest.mark.parametrize(
    ("name", "atoms"), [("wahnstrom-smooth", 60), ("kob-andersen", 60), ("soft-sphere", 30)]
)
def test_the_pairwise_hessian_is_what_lammps_differences_give(name, atoms, random_glass):
    """To 1e-6 of the largest element; its forces too; symmetric; three modes without a frequency."""
    system, glass = random_glass(name, atoms)
    matrix, forces = pairwise(glass, pair_derivatives(system))
    with Forces(system) as lammps:
        expected, asymmetry, evaluations = by_differences(glass, lammps, system.cutoff)
        assert forces == pytest.approx(lammps.evaluate(glass).forces, abs=1e-9)
    assert evaluations == 6 * atoms and 0 < asymmetry < 1e-7
    dense, largest = matrix.toarray(), abs(matrix).max()
    assert np.abs(dense - expected.toarray()).max() < 1e-6 * largest
    assert np.abs(dense - dense.T).max() < 1e-13 * largest
    squares = np.linalg.eigvalsh(dense)
    frequencies = np.sqrt(np.abs(squares))
    assert (frequencies < 1e-6 * frequencies[-1]).sum() == 3
    assert squares[3] > 0


def test_a_small_box_sees_every_image():
    """One fcc cell of four atoms, far smaller than the cutoff: the modes at the wave vectors of its large twin."""
    system = load_system("wahnstrom")
    cell = phase_named("fcc", system).cell(0.93)
    derivatives = pair_derivatives(system)
    small = np.linalg.eigvalsh(pairwise(cell, derivatives)[0].toarray())
    large = np.linalg.eigvalsh(pairwise(replicate(cell, (4, 4, 4)), derivatives)[0].toarray())
    for value in small:
        assert np.abs(large - value).min() < 1e-9 * large[-1]


def analytic_squares(k, a):
    """[3] squared frequencies of monatomic fcc Lennard-Jones of unit mass at k, from u' and u'' in closed form."""
    lattice = np.array([n for n in product(range(-4, 5), repeat=3) if sum(n) % 2 == 0 and any(n)]) * a / 2
    r = np.linalg.norm(lattice, axis=1)
    lattice, r = lattice[r < 2.5], r[r < 2.5]
    first = 4 * (-12 / r**13 + 6 / r**7)
    second = 4 * (156 / r**14 - 42 / r**8)
    unit = lattice / r[:, None]
    tensors = (second - first / r)[:, None, None] * unit[:, :, None] * unit[:, None]
    tensors += (first / r)[:, None, None] * np.eye(3)
    return np.linalg.eigvalsh(np.einsum("n,nab->ab", 1 - np.cos(lattice @ k), tensors))


def test_a_crystal_has_the_frequencies_of_lattice_dynamics():
    """All modes of 256 fcc atoms against the three branches at the 256 wave vectors that the box allows."""
    system = load_system("wahnstrom")
    cell = phase_named("fcc", system).cell(0.93)
    matrix, _ = pairwise(replicate(cell, (4, 4, 4)), pair_derivatives(system))
    a = cell.box.edges[0]
    # The reciprocal lattice is body-centred with an edge of eight allowed steps: half of 8 x 8 x 8 are all.
    allowed = (2 * np.pi / (4 * a) * np.array(n) for n in product(range(8), range(8), range(4)))
    expected = np.sort(np.concatenate([analytic_squares(k, a) for k in allowed]))
    found = np.linalg.eigvalsh(matrix.toarray())
    roots, known = (np.sqrt(np.maximum(x, 0)) for x in (found, expected))
    assert np.abs(roots[3:] - known[3:]).max() < 1e-6 * known[-1]
    assert roots[:3].max() < 1e-6 * known[-1]


def test_colours_keep_their_distance_and_do_not_grow_with_the_box():
    rng = np.random.default_rng(2)
    numbers = []
    for edges in ((4.0, 4.0, 24.0), (4.0, 4.0, 48.0)):
        box = np.array(edges)
        atoms = Configuration(rng.random((int(box.prod()), 3)) * box, np.ones(int(box.prod()), np.int32), box)
        found = colours(atoms, 3.0)
        for colour in range(found.max() + 1):
            x = atoms.positions[found == colour]
            d = x[:, None] - x[None]
            d -= box * np.round(d / box)
            assert (np.linalg.norm(d, axis=2)[np.triu_indices(len(x), 1)] > 3.0).all()
        numbers.append(found.max() + 1)
    assert numbers[1] < 1.15 * numbers[0]


def test_coloured_differences_are_the_one_by_one_ones_for_embedded_atoms():
    """A long Cu-Zr crystal: sets of far atoms moved together give the columns that each gives alone."""
    system = load_system("cuzr")
    cell = phase_named("b2", system).cell(16.5)
    wide = replicate(cell, (1, 1, 24))
    rng = np.random.default_rng(3)
    shaken = Configuration(wide.box.wrap(wide.positions + 0.1 * rng.standard_normal(wide.positions.shape)),
                           wide.species, wide.box)  # fmt: skip
    with Forces(system) as forces:
        together, asymmetry, evaluations = by_differences(shaken, forces, 2 * system.cutoff)
        alone, _, each = by_differences(shaken, forces, 2 * system.cutoff, sets=np.arange(shaken.n_atoms))
    assert evaluations <= each / 1.5 and each == 6 * shaken.n_atoms
    assert asymmetry < 3e-5  # the tables' kinks
    assert abs(together - alone).max() < 1e-7 * abs(alone).max()

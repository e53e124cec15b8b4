import numpy as np
import pytest

from glasscli.analysis.choices import Choices
from glasscli.analysis.frame import Frame, Shared
from glasscli.analysis.measures import definitions
from glasscli.configuration import Configuration
from glasscli.observables.icosahedra import (
    close_packed,
    close_packed_layers,
    clusters,
    frank_kasper,
    stacking,
)
from glasscli.observables.laves import laves_test
from glasscli.observables.topology import topology
from glasscli.observables.voronoi import icosahedral_fraction, tessellate
from tests.lattices import c15, fcc, gas, ideal


def test_c15_is_all_frank_kasper_and_laves():
    laves = c15(repeat=2, edge=2.64)
    cells = tessellate(laves, bonds=True)
    assert frank_kasper(cells) == {
        "Z12": pytest.approx(2 / 3),
        "Z14": 0,
        "Z15": 0,
        "Z16": pytest.approx(1 / 3),
    }
    found = laves_test(cells, laves.species)
    cubic, other = stacking(laves, cells, found.z12)
    assert found.fraction == 1
    assert cubic.mean() == pytest.approx(2 / 3) and not other.any()


def test_c14_is_laves_and_a_quarter_of_its_small_atoms_stands_as_in_c15():
    """Its small atoms are 2a, with neighbours in opposite pairs, and 6h, without: one to three."""
    laves = ideal("c14")
    cells = tessellate(laves, bonds=True)
    found = laves_test(cells, laves.species)
    cubic, other = stacking(laves, cells, found.z12)
    assert found.fraction == 1
    assert (cubic.mean(), other.mean()) == (pytest.approx(1 / 6), pytest.approx(1 / 2))


def test_bond_orders_of_c14_are_those_of_c15():
    """16 in 160 bonds are of order 6: the large atoms' network, diamond in C15, lonsdaleite in C14."""
    for laves in (c15(repeat=2, edge=2.64), ideal("c14")):
        network = topology(laves, tessellate(laves, {1: 0.55, 2: 0.45}, bonds=True)).network
        assert set(network.order_counts) == {5, 6}
        assert network.order_counts[6] / len(network.bonds) == pytest.approx(0.1)


def test_layers_of_a_close_packed_crystal():
    fcc_only, none = close_packed_layers(fcc(noise=0.02))
    assert fcc_only.all() and not none.any()
    _, hexagonal = close_packed_layers(ideal("hcp", volume=1.0, repeat=(4, 3, 3)))
    assert hexagonal.all()


def test_small_atoms_of_c15_percolate_every_way():
    laves = c15(repeat=2, edge=2.64)
    cells = tessellate(laves, bonds=True)
    found = clusters(cells, cells.icosahedra)
    assert found.largest == 16 * 8 and found.percolates == (True, True, True)


def test_a_chain_percolates_along_itself_alone():
    crystal = fcc(repeat=4)
    cells = tessellate(crystal, bonds=True)
    x = crystal.positions - crystal.positions[0]
    # Nearest neighbours along [110] close round the box in x and y together; along z they do not.
    row = (np.abs(x[:, 0] - x[:, 1]) < 1e-9) & (np.abs(x[:, 2]) < 1e-9)
    assert clusters(cells, row).percolates == (True, True, False)
    half = row & (x[:, 0] < 2)
    found = clusters(cells, half)
    assert found.percolates == (False, False, False) and found.largest == half.sum()
    assert clusters(cells, np.zeros(crystal.n_atoms, dtype=bool)).largest == 0


def test_close_packed_and_definitions():
    assert close_packed(fcc(noise=0.02)).mean() == 1
    sample = gas([60, 60], [4.5] * 3)
    assert close_packed(sample).mean() < 0.05
    found = definitions.frame(Frame(Shared(sample, Choices(), {1: 0.55, 2: 0.45})))
    radical = icosahedral_fraction(tessellate(sample, {1: 0.55, 2: 0.45}), sample.species)
    assert found.definitions["radical"] == radical.all
    assert found.by_species == {str(s): share for s, share in radical.by_species.items()}
    assert found.definitions["plain"] == icosahedral_fraction(tessellate(sample), sample.species).all
    assert len(found.definitions) == 6 and all(0 <= f <= 1 for f in found.definitions.values())
    without = definitions.frame(Frame(Shared(sample, Choices(), None)))
    assert without.by_species == {} and len(without.definitions) == 5


def test_seven_atoms():
    few = Configuration(
        np.random.default_rng(1).random((7, 3)) * 2, np.ones(7, dtype=np.int32), np.full(3, 2.0)
    )
    cells = tessellate(few, bonds=True)
    assert clusters(cells, cells.icosahedra).sizes.sum() == cells.icosahedra.sum()

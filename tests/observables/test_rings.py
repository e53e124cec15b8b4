"""Rings of crystals as published, of small networks at random by brute force, whatever the box."""

from collections import deque
from itertools import combinations

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration
from glasscli.errors import InputError
from glasscli.observables.bonds import Bonds, bonds_within
from glasscli.observables.network import bonding, bridging, network_bonds, network_rings
from glasscli.observables.rings import rings
from tests.lattices import DIAMOND, crystal, fcc, ideal

SILICA = {1: "O", 2: "Si"}  # oxygen is on the large sites
# Of cells with silicon 1.55 and 1.61 Å from oxygen: volumes of an atom of a = 7.16 Å, and of quartz at 1 bar.
VOLUMES = {"cristobalite": 7.16**3 / 24, "quartz": 4.916**2 * np.sqrt(3) / 2 * 5.4054 / 9}


def counted(numbers):
    return {size: float(n) for size, n in enumerate(numbers) if n}


def of_network(configuration, elements=SILICA, length=2.0, largest=12):
    roles = bonding(elements, {})
    network = network_bonds(bonds_within(configuration, dict.fromkeys(roles.pairs(), length)), roles)
    formers = np.isin(configuration.species, roles.formers).sum()
    found = network_rings(network, roles, configuration.box, largest)
    return counted(found.primitive / formers), counted(found.king / formers), bridging(network, roles)


@pytest.mark.parametrize("repeat", [(1, 1, 1), (2, 1, 1), (3, 2, 2)])
def test_rings_of_silica_crystals(repeat):
    """Vertex symbols, 6_2.6_2.6_2.6_2.6_2.6_2 and 6.6.6_2.6_2.8_7.8_7 (M. O'Keeffe and B. G. Hyde; W. M. Meier and
    H. J. Moeck): King's rings at a node. In cristobalite 12 rings of 6 pass a node, 2 are its own; in quartz 6 of 6
    do, 1 is its own, and 40 primitive ones of 8 (X. Yuan and A. N. Cormack), 5 are.
    """
    primitive, king, qn = of_network(ideal("cristobalite", VOLUMES["cristobalite"], repeat))
    assert primitive == king == {6: 2.0}
    assert qn[2].tolist() == [0, 0, 0, 0, 8 * np.prod(repeat)]
    primitive, king, _ = of_network(ideal("quartz", VOLUMES["quartz"], repeat))
    assert primitive == pytest.approx({6: 1.0, 8: 5.0}) and king == {6: 1.0, 8: 7.0}


@pytest.mark.parametrize("repeat", [1, 2])
def test_rings_of_silicon_are_its_own_atoms(repeat):
    """Twelve rings of six atoms pass each of diamond's: two are its own."""
    c = crystal(DIAMOND, [1] * 8, 5.431, repeat)
    primitive, king, qn = of_network(c, {1: "Si"}, 2.6)
    assert primitive == king == {6: 2.0}
    assert qn[1].tolist() == [0, 0, 0, 0, 8 * repeat**3]


def distances(near, source, avoid=None):
    found, queue = {source: 0}, deque([source])
    while queue:
        node = queue.popleft()
        for other in near[node]:
            if other not in found and other != avoid:
                found[other] = found[node] + 1
                queue.append(other)
    return found


def cycles(near, most):
    """All cycles of up to so many nodes, each once, as the tuple that begins at its lowest node."""
    found = []

    def follow(path):
        for other in near[path[-1]]:
            if other == path[0] and len(path) > 2 and path[1] < path[-1]:
                found.append(tuple(path))
            elif other > path[0] and other not in path and len(path) < most:
                follow([*path, other])

    for node in near:
        follow([node])
    return found


def by_hand(near, most):
    """[most + 1] primitive rings and King's by their definitions, over all cycles."""
    apart = {node: distances(near, node) for node in near}
    primitive, king = np.zeros(most + 1, int), np.zeros(most + 1, int)
    for ring in cycles(near, most):
        size = len(ring)
        along = {(i, j): min(j - i, size - j + i) for i, j in combinations(range(size), 2)}
        primitive[size] += all(apart[ring[i]][ring[j]] == d for (i, j), d in along.items())
        king[size] += any(
            distances(near, ring[k - 1], ring[k])[ring[(k + 1) % size]] == size - 2 for k in range(size)
        )
    return primitive.tolist(), king.tolist()


@pytest.mark.parametrize("seed", range(6))
def test_rings_are_those_of_all_cycles_that_are_tried(seed):
    """Thirteen nodes with twenty bonds at random: rings of three to nine, even and odd."""
    rng = np.random.default_rng(seed)
    pairs = rng.permutation(np.array(list(combinations(range(13), 2))))[:20]
    both = np.concatenate([pairs, pairs[:, ::-1]])
    first, second = both[np.lexsort(both.T[::-1])].T
    nowhere = np.zeros((len(first), 3))
    bonds = Bonds(first, second, nowhere.astype(int), nowhere + np.array([1.0, 0, 0]), np.ones(13, np.int32))
    near = {i: second[first == i].tolist() for i in range(13)}
    found = rings(bonds, np.ones(13, bool), Box.cube(60.0), 9)
    primitive, king = by_hand(near, 9)
    assert found.primitive.tolist() == primitive and found.king.tolist() == king
    assert sum(primitive) > 8 and primitive != king


def test_a_way_round_the_box_is_no_ring():
    """A chain of eight atoms that meets its own copy, and a square beside it, whose copies do not touch."""
    chain = [(k + 0.5, 0.5, 0.5) for k in range(8)]
    square = [(1, 4, 4), (2, 4, 4), (2, 5, 4), (1, 5, 4)]
    c = Configuration(np.array(chain + square, float), np.ones(12, np.int32), Box.cube(8.0))
    bonds = bonds_within(c, {(1, 1): 1.1})
    assert len(bonds.first) == 2 * (8 + 4)
    found = rings(bonds, np.ones(12, bool), c.box, 12)
    assert counted(found.primitive) == counted(found.king) == {4: 1.0}


def test_tetrahedra_that_share_an_edge_make_a_ring_of_two_and_one_oxygen_of_three_makes_none():
    silicon = [(0, 0, 0), (2.4, 0, 0), (10, 0, 0), (12.6, 0, 0), (11.3, 2.2, 0)]
    oxygen = [(1.2, 1.1, 0), (1.2, -1.1, 0), (11.3, 0.7, 0)]
    species = np.array([2] * 5 + [1] * 3, dtype=np.int32)
    c = Configuration(np.array(silicon + oxygen, float) + 10, species, Box.cube(40.0))
    roles = bonding(SILICA, {})
    network = network_bonds(bonds_within(c, {(1, 2): 1.7}), roles)
    assert np.bincount(network.first).tolist() == [2, 2, 1, 1, 1, 2, 2, 3]
    found = network_rings(network, roles, c.box)
    assert counted(found.primitive) == counted(found.king) == {2: 1.0}
    assert bridging(network, roles)[2].tolist() == [0, 3, 2]


def test_close_packed_atoms_are_no_network_whose_rings_could_be_counted():
    c = fcc(np.sqrt(2), 3)
    with pytest.raises(InputError, match=r"12.0 bonds an atom are no network"):
        rings(bonds_within(c, {(1, 1): 1.2}), np.ones(c.n_atoms, bool), c.box, 24)

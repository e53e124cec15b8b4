"""Bond orders and classes: crystals counted by hand, a sweep in plain Python, a glass that someone else made."""

from itertools import combinations

import numpy as np
import pytest

from glasscli.errors import InputError
from glasscli.observables.topology import disclinations, topology
from glasscli.observables.voronoi import tessellate
from tests.lattices import c15, gas

RADII = {1: 0.55, 2: 0.45}


def test_c15_by_hand():
    """A unit cell has 8 large atoms with 12 small and 4 large neighbours, 16 small with 6 of each: 160 bonds.

    Bonds a cell: 8*4/2 = 16 between large atoms, of order 6 (a hexagon of small atoms round each), and
    8*12 + 16*6/2 = 144 others, of order 5.
    """
    laves = c15(repeat=2, edge=2.64)
    found = topology(laves, tessellate(laves, RADII, bonds=True))
    assert found.network.order_counts == {5: 144 * 8, 6: 16 * 8}
    assert found.excluded == [0]
    assert found.classes == {"0,12,0": pytest.approx(2 / 3), "0,12,4": pytest.approx(1 / 3)}
    assert found.irregular == 0
    assert found.network.mean_coordination == pytest.approx((16 * 12 + 8 * 16) / 24)
    assert found.network.euler_coordination == pytest.approx(12 / (6 - (5 * 144 + 6 * 16) / 160))
    lines = disclinations(laves, found.modified)
    # The large atoms' diamond lattice: one connected network of bonds sqrt(3)/4 of the edge long.
    assert (lines.bonds, lines.components) == (128, 1)
    assert lines.length == pytest.approx(128 * 3**0.5 / 4 * 2.64)


def by_plain_python(configuration, bonds):
    """The definition, word by word."""
    x, box = configuration.positions, configuration.box
    near = {i: set() for i in range(configuration.n_atoms)}
    for i, j in bonds:
        near[i].add(j)
        near[j].add(i)

    def side(a, b, i, j):
        ba, ia, ja = (box.minimum_image(x[p] - x[a]) for p in (b, i, j))
        return np.sign(ba @ np.cross(ia, ja))

    excluded = []
    for _ in range(6):
        count = 0
        for i in range(configuration.n_atoms):
            for j in sorted(k for k in near[i] if k > i):
                for a, b, c in combinations(sorted(near[i] & near[j]), 3):
                    if b not in near[a] or c not in near[a] or c not in near[b]:
                        continue
                    signs = {side(a, b, i, j), side(b, c, i, j), side(c, a, i, j)}
                    if len(signs) == 1 and 0 not in signs:
                        near[i].remove(j)
                        near[j].remove(i)
                        count += 1
                        break
        excluded.append(count)
        if not count:
            break
    pairs = [(i, j) for i in near for j in near[i] if j > i]
    return excluded, {pair: len(near[pair[0]] & near[pair[1]]) for pair in pairs}


@pytest.mark.parametrize("seed", range(3))
def test_compiled_sweep_is_the_definition(seed):
    sample = gas([40, 40], [4.0] * 3, seed=seed)
    found = topology(sample, tessellate(sample, RADII, bonds=True))
    excluded, orders = by_plain_python(sample, found.network.bonds.tolist())
    assert found.excluded == excluded
    assert excluded[0] > 0
    assert (
        dict(zip(map(tuple, found.modified.bonds.tolist()), found.modified.orders.tolist(), strict=True))
        == orders
    )


def test_a_glass_of_someone_else(derlet_glass):
    """Counts of this code on the third-party glass: they change only when the definition does."""
    found = topology(derlet_glass, tessellate(derlet_glass, RADII, bonds=True))
    assert len(found.network.bonds) == sum(found.network.order_counts.values()) == 223323
    assert found.excluded == [3672, 0]
    assert found.modified.order_counts == {2: 2, 3: 9, 4: 32189, 5: 129100, 6: 56860, 7: 1487, 8: 4}
    assert sum(found.classes.values()) + found.irregular == pytest.approx(1)
    # Euler's rule holds for the pruned network far better than for the raw one.
    raw, pruned = (abs(n.euler_coordination - n.mean_coordination) for n in (found.network, found.modified))
    assert pruned < 0.01 < raw


def test_needs_bonds():
    sample = gas([20], [3.0] * 3)
    with pytest.raises(InputError, match="bonds=True"):
        topology(sample, tessellate(sample))

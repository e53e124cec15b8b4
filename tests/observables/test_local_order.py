"""Order of surroundings: crystals and the icosahedron have the published numbers, a gas has none."""

import numpy as np
import pytest

from glasscli.configuration import Box, Configuration
from glasscli.errors import InputError
from glasscli.observables.bond_orientation import bond_order, harmonics
from glasscli.observables.local_order import pair_entropy, tetrahedrality
from glasscli.observables.shells import nearest, shells

FCC = [(0, 0, 0), (0.5, 0.5, 0), (0.5, 0, 0.5), (0, 0.5, 0.5)]
BCC = [(0, 0, 0), (0.5, 0.5, 0.5)]
DIAMOND = [*FCC, *(tuple(np.add(p, 0.25)) for p in FCC)]


def crystal(basis, repeats, edges=(1.0, 1.0, 1.0)):
    cells = np.stack(np.meshgrid(*(np.arange(r) for r in repeats), indexing="ij"), axis=-1).reshape(-1, 1, 3)
    x = ((cells + np.array(basis)) * edges).reshape(-1, 3)
    return Configuration(x, np.ones(len(x), np.int32), Box(np.array(repeats) * edges))


def hcp():
    basis = [(0, 0, 0), (0.5, 0.5, 0), (0.5, 1 / 6, 0.5), (0, 2 / 3, 0.5)]
    return crystal(basis, (6, 4, 4), np.array([1.0, np.sqrt(3), np.sqrt(8 / 3)]))


def icosahedron():
    g = (1 + 5**0.5) / 2
    points = [(0, s, t * g) for s in (1, -1) for t in (1, -1)]
    points = [(0, 0, 0), *(p[k:] + p[:k] for p in points for k in range(3))]
    x = np.array(points) / np.sqrt(1 + g * g)
    far = np.random.default_rng(0).standard_normal((60, 3))
    far *= (2.5 + np.arange(60)[:, None] * 0.02) / np.linalg.norm(far, axis=1, keepdims=True)
    return Configuration(np.vstack([x, far]) + 20, np.ones(73, np.int32), Box.cube(40.0))


# Steinhardt, Nelson & Ronchetti, Phys. Rev. B 28, 784 (1983), and Mickel et al., J. Chem. Phys. 138, 044501 (2013).
CASES = {
    "fcc": (crystal(FCC, (5, 5, 5)), 12, (0.190941, -0.159317, 0.574524, -0.013161)),
    "bcc": (crystal(BCC, (6, 6, 6)), 14, (0.036370, 0.159317, 0.510688, 0.013161)),
    "hcp": (hcp(), 12, (0.097222, 0.134097, 0.484762, -0.012442)),
    "icosahedron": (icosahedron(), 12, (None, None, 0.663325, -0.169754)),
}


@pytest.mark.parametrize("name", CASES)
def test_published_orders(name):
    sample, count, (q4, w4, q6, w6) = CASES[name]
    found = shells(sample)
    assert found.counts[0] == count
    four, six = bond_order(found, 4), bond_order(found, 6)
    assert six.q[0] == pytest.approx(q6, abs=1e-5) and six.w[0] == pytest.approx(w6, abs=1e-5)
    if q4 is not None:
        assert four.q[0] == pytest.approx(q4, abs=1e-5) and four.w[0] == pytest.approx(w4, abs=1e-5)
        # All surroundings of a crystal are alike.
        if name != "hcp":
            np.testing.assert_allclose(six.averaged, six.q, rtol=1e-9)
    else:
        assert four.q[0] < 1e-9


def test_harmonics_are_those_of_scipy():
    special = pytest.importorskip("scipy.special")
    v = np.random.default_rng(1).standard_normal((20, 3))
    theta, phi = np.arccos(v[:, 2] / np.linalg.norm(v, axis=1)), np.arctan2(v[:, 1], v[:, 0])
    for l in (2, 4, 6, 9):  # noqa: E741
        for m in range(l + 1):
            if hasattr(special, "sph_harm_y"):
                expected = special.sph_harm_y(l, m, theta, phi)
            else:
                expected = special.sph_harm(m, l, phi, theta)
            np.testing.assert_allclose(harmonics(v, l)[:, m], expected, rtol=1e-11, atol=1e-13)


def test_orders_do_not_know_directions():
    rng = np.random.default_rng(3)
    x = rng.uniform(0, 10, (400, 3))
    one = Configuration(x, np.ones(400, np.int32), Box.cube(10.0))
    turned = Configuration(x[:, [1, 2, 0]].copy(), np.ones(400, np.int32), Box.cube(10.0))
    a, b = (bond_order(shells(c), 6) for c in (one, turned))
    for mine, other in ((a.q, b.q), (a.w, b.w), (a.averaged, b.averaged)):
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-12)


def test_tetrahedra():
    np.testing.assert_allclose(tetrahedrality(crystal(DIAMOND, (3, 3, 3))), 1.0, atol=1e-12)
    gas = Configuration(
        np.random.default_rng(5).uniform(0, 20, (8000, 3)), np.ones(8000, np.int32), Box.cube(20.0)
    )
    assert tetrahedrality(gas).mean() == pytest.approx(0.0, abs=0.02)


def test_pair_entropy_by_hand_and_of_order():
    rng = np.random.default_rng(7)
    x = rng.uniform(0, 6, (150, 3))
    gas = Configuration(x, np.array([1] * 100 + [2] * 50, np.int32), Box.cube(6.0))
    found = pair_entropy(gas, 2.0, 0.15)
    r = (np.arange(250) + 0.5) * 2.0 / 250
    expected = 0.0
    for b in (1, 2):
        g = np.zeros(250)
        for j in range(1, 150):
            if gas.species[j] == b:
                d = x[j] - x[0]
                d = np.linalg.norm(d - 6 * np.round(d / 6))
                if d < 2.6:
                    inside = np.abs(r - d) < 0.6 + 0.008
                    g += np.where(inside, np.exp(-(((r - d) / 0.15) ** 2) / 2), 0) / np.sqrt(
                        2 * np.pi * 0.15**2
                    )
        density = gas.counts[b] / 216
        g /= 4 * np.pi * density * r**2
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(g > 1e-300, g * np.log(g) - g + 1, 1.0)
        expected -= 2 * np.pi * density * (terms * r**2).sum() * 2.0 / 250
    assert found[0] == pytest.approx(expected, rel=2e-3)
    assert pair_entropy(crystal(FCC, (5, 5, 5))).mean() < 3 * found.mean() < 0


def test_small_samples_say_so():
    few = Configuration(np.array([[0.0, 0, 0], [1, 0, 0]]), np.ones(2, np.int32), Box.cube(5.0))
    with pytest.raises(InputError, match="neighbours"):
        nearest(few, 4)
    with pytest.raises(InputError, match="too few"):
        shells(few)
    # Eight atoms of fcc in two cells: their shells do not fit into half the box.
    with pytest.raises(InputError, match="too small"):
        shells(crystal(FCC, (2, 1, 1)))
    assert set(shells(crystal(FCC, (3, 3, 3))).counts) == {12}

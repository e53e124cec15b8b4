"""Minima and saddles with published energies."""

from itertools import combinations

import numpy as np
import pytest

from glasscli.landscape.descent import descend
from glasscli.landscape.rates import curvatures
from glasscli.landscape.saddle import follow
from glasscli.landscape.transition import connect, descents

# The Lennard-Jones cluster of 13 atoms in the kinetic transition network of D. J. Wales and co-workers (min.data and
# ts.data of PATHSAMPLE, Cambridge Energy Landscape Database): energies, and ln of the product of the eigenvalues of the
# Hessian without rigid motions. The saddle joins the icosahedron (1) and minimum 3.
ICOSAHEDRON, ICOSAHEDRON_LOG = -44.3268014195, 158.2464487383
MINIMUM_3 = -41.444597  # by the same authors; minima 2 and 4: -41.471980, -41.394398
SADDLE_13, SADDLE_13_LOG = -40.9062828304, 150.4182291647


def icosahedron():
    golden = (1 + 5**0.5) / 2
    signs = [(a, b * golden) for a in (1, -1) for b in (1, -1)]
    shell = np.array(
        [(0, a, b) for a, b in signs] + [(a, b, 0) for a, b in signs] + [(b, 0, a) for a, b in signs]
    )
    return 15 + np.vstack([np.zeros((1, 3)), shell / np.linalg.norm(shell[0]) * 1.09])


def capped(positions, face):
    """The icosahedron with atom 1 taken off and put on a face."""
    out, centre = positions.copy(), positions[0]
    outward = positions[list(face)].mean(axis=0) - centre
    out[1] = centre + outward / np.linalg.norm(outward) * 1.75
    return out


def test_lj13_minima_and_lowest_saddle_of_the_icosahedron(cluster_system, on_surface):
    with on_surface(cluster_system, icosahedron(), [30.0] * 3) as surface:
        ground = descend(surface, icosahedron())
        assert ground.energy == pytest.approx(ICOSAHEDRON, abs=1e-8)
        at_ground = curvatures(surface, ground.positions)
        assert (at_ground.negative, at_ground.rigid) == (0, 6)
        assert at_ground.log_product == pytest.approx(ICOSAHEDRON_LOG, abs=1e-4)
        third = descend(surface, capped(ground.positions, (2, 5, 11)))
        assert third.energy == pytest.approx(MINIMUM_3, abs=1e-6)
        # The softest vibration of minimum 3 leads over the saddle, one way or the other.
        mode = np.linalg.eigh(surface.matrix(third.positions).toarray())[1][:, 6].reshape(-1, 3)
        tried = [follow(surface.fresh(), third.positions + 0.4 * u, u) for u in (mode, -mode)]
        saddle = min((s for s in tried if s), key=lambda s: s.energy)
        assert saddle.energy == pytest.approx(SADDLE_13, abs=1e-8) and saddle.max_force < 1e-6
        sides = descents(surface, saddle)
        # The whole way again from its two ends alone.
        low, high = sorted((sides.left, sides.right), key=lambda rest: rest.energy)
        found = connect(surface, low.positions, high.positions)
    (step,) = found.steps
    assert found.complete and step.max_force < 1e-6 and step.negative == 1
    assert step.energies == pytest.approx((ICOSAHEDRON, SADDLE_13, MINIMUM_3), abs=1e-6)
    assert step.end_error < 1e-9
    # Vineyard's frequency from the published products, the saddle's without its negative eigenvalue.
    log = (ICOSAHEDRON_LOG - SADDLE_13_LOG) / 2
    assert step.frequencies[0] == pytest.approx(np.exp(log) / (2 * np.pi), rel=1e-5)


def test_every_face_of_the_icosahedron_takes_the_atom(cluster_system, on_surface):
    """An atom on a face makes one of the minima 2 to 4 of the published list, by how far it went."""
    with on_surface(cluster_system, icosahedron(), [30.0] * 3) as surface:
        ground = descend(surface, icosahedron()).positions
        near = np.linalg.norm(ground[:, None] - ground[None], axis=2) < 1.3
        faces = [f for f in combinations(range(2, 13), 3) if all(near[a, b] for a, b in combinations(f, 2))]
        energies = [descend(surface.fresh(), capped(ground, face)).energy for face in faces[::5]]
    assert all(min(abs(e - m) for m in (-41.471980, -41.444597, -41.394398)) < 1e-5 for e in energies)

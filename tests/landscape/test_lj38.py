"""The cluster of 38 Lennard-Jones atoms, whose landscape has two funnels, through the code that glasses go through."""

import json
from itertools import combinations, product

import numpy as np
import pytest

from glasscli.cli import landscape
from glasscli.configuration import Configuration
from glasscli.formats.writers import extended_xyz
from glasscli.landscape.descent import descend
from glasscli.landscape.rates import curvatures
from tests.conftest import in_process
from tests.landscape.conftest import CLUSTER

# D. J. Wales and J. P. K. Doye, J. Phys. Chem. A 101, 5111 (1997), and the Cambridge Cluster Database: the truncated
# octahedron of fcc, and the lowest minimum of the icosahedral funnel, which no other minimum than the first lies below.
OCTAHEDRON, ICOSAHEDRAL = -173.928427, -173.252378
EDGE = 30.0


def octahedron():
    """[38, 3] sites of fcc around an octahedral hole."""
    sites = np.array([p for p in product(range(-2, 3), repeat=3) if sum(p) % 2 and np.dot(p, p) <= 5])
    return EDGE / 2 + sites * 1.09 / 2**0.5


def mackay():
    """[38, 3] the icosahedron of 55 atoms without its upper 17."""
    golden = (1 + 5**0.5) / 2
    signs = [(a, b * golden) for a in (1, -1) for b in (1, -1)]
    shell = np.array(
        [(0, a, b) for a, b in signs] + [(a, b, 0) for a, b in signs] + [(b, 0, a) for a, b in signs]
    )
    edges = [a + b for a, b in combinations(shell, 2) if np.linalg.norm(a - b) < 2.1]
    whole = np.vstack([np.zeros((1, 3)), shell, 2 * shell, edges]) / np.linalg.norm(shell[0])
    axis = shell[0] / np.linalg.norm(shell[0])
    return EDGE / 2 + 1.08 * whole[whole @ axis < 0.5]


def hopped(positions):
    """A corner atom taken from its place to the nearest free hollow on three others."""
    centre = positions.mean(axis=0)
    corner = int(np.argmax(np.linalg.norm(positions - centre, axis=1)))
    rest = np.delete(positions, corner, axis=0)
    near = np.linalg.norm(rest[:, None] - rest[None], axis=2) < 1.3
    caps = []
    for face in combinations(range(len(rest)), 3):
        if all(near[a, b] for a, b in combinations(face, 2)):
            a, b, c = rest[list(face)]
            normal = np.cross(b - a, c - a)
            normal *= np.sign(normal @ (a - centre)) / np.linalg.norm(normal)
            caps.append((a + b + c) / 3 + 0.9 * normal)
    free = [p for p in caps if np.linalg.norm(rest - p, axis=1).min() > 1.0]
    away = [p for p in free if np.linalg.norm(p - positions[corner]) > 0.6]
    out = positions.copy()
    out[corner] = min(away, key=lambda p: float(np.linalg.norm(p - positions[corner])))
    return out


def test_both_funnels_end_in_their_published_minima(cluster_system, on_surface):
    for start, energy in ((octahedron(), OCTAHEDRON), (mackay(), ICOSAHEDRAL)):
        with on_surface(cluster_system, start, [EDGE] * 3) as surface:
            found = descend(surface, start)
            assert found.energy == pytest.approx(energy, abs=1e-6) and found.max_force < 1e-8
            bent = curvatures(surface, found.positions)
            assert (bent.negative, bent.rigid) == (0, 6)


def test_a_corner_atom_hops(tmp_path, monkeypatch):
    """Two frames of a file, from events to barriers: the octahedron and a minimum above the second published one."""
    call = in_process("landscape", landscape.command, tmp_path, monkeypatch)
    (tmp_path / "cluster.toml").write_text(CLUSTER)
    from glasscli.model.system import load_system

    system = load_system(str(tmp_path / "cluster.toml"))
    kinds, box = np.ones(38, np.int32), np.full(3, EDGE)
    frames = [
        Configuration(p, kinds, box, step=k) for k, p in enumerate((octahedron(), hopped(octahedron())))
    ]
    (tmp_path / "lj38.xyz").write_text("".join(extended_xyz(frame, system) for frame in frames))
    words = ("lj38.xyz", "--system", "cluster.toml", "--no-figure", "--json")
    code, out, err = call("events", *words)
    assert code == 0, err
    first, second = json.loads(out)["energies"]
    assert first == pytest.approx(OCTAHEDRON, abs=1e-5) and ICOSAHEDRAL < second < OCTAHEDRON + 8
    code, out, err = call("barriers", *words, "--jobs", "1")
    assert code == 0, err
    data = json.loads(out)
    assert (data["complete"], data["failed"], data["share_converged"]) == (1, 0, 1.0)
    assert all(row["negative_eigenvalues"] == 1 and row["end_error"] < 1e-9 for row in data["barriers"])
    # Along the way the heights add up to the difference of the two ends.
    place = {0: OCTAHEDRON}
    for row in data["barriers"]:
        place.setdefault(row["j"], place.get(row["i"], np.nan) + row["forward"] - row["backward"])
    assert place[1] == pytest.approx(second, abs=1e-5)
    assert all(row["nu_forward"] > 0 for row in data["barriers"])

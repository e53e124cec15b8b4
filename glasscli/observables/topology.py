"""Bond orders of the radical Voronoi network, its pruned form, and the classes of atoms they make.

Derlet & Maass 2019, Fig. 7; the classes are those of the SU(2) bonding picture (Derlet 2020, arXiv:2007.08878): an atom
is regular when the disclination lines that leave it obey Euler's rule of a triangulated sphere.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.compiled import njit
from glasscli.configuration import Configuration, Floats
from glasscli.errors import InputError
from glasscli.observables.voronoi import Tessellation

MAX_SWEEPS = 6
NO_END = 1e150  # as an edge of space that is free
FREE = 5  # the order of a bond without disclination: five tetrahedra share it
Bonds = NDArray[np.int64]


@dataclass(frozen=True)
class Network:
    """Nearest-neighbour bonds of one configuration.

    bonds   [n_bonds, 2] int64, i < j, ascending, each pair once
    orders  [n_bonds] int64, the number of atoms bonded to both ends
    n_atoms how many atoms the network has
    """

    bonds: Bonds
    orders: NDArray[np.int64]
    n_atoms: int

    @property
    def order_counts(self) -> dict[int, int]:
        """{order: number of bonds}."""
        orders, counts = np.unique(self.orders, return_counts=True)
        return {int(n): int(c) for n, c in zip(orders, counts, strict=True)}

    @property
    def mean_order(self) -> float | None:
        """Mean order q; None without bonds."""
        return float(self.orders.mean()) if len(self.orders) else None

    @property
    def euler_coordination(self) -> float | None:
        """12/(6 - q), the coordination that Euler's rule gives a network of mean order q < 6; None beyond."""
        q = self.mean_order
        return None if q is None or q >= 6 else 12 / (6 - q)

    @property
    def mean_coordination(self) -> float:
        """Bonds of an atom, on average."""
        return 2 * len(self.bonds) / self.n_atoms


@dataclass(frozen=True)
class Topology:
    """What the bond network of one configuration tells.

    network   all bonds of the radical tessellation; modified: without the spurious ones
    excluded  bonds removed by each sweep; the last entry is 0 unless the sweeps ran out
    classes   {"n4,n5,n6": share of all atoms}, most frequent first; regular atoms of the modified network
    irregular share of all other atoms
    """

    network: Network
    modified: Network
    excluded: list[int]
    classes: dict[str, float]
    irregular: float


@dataclass(frozen=True)
class Disclinations:
    """The network of bonds whose order is not 5.

    bonds       how many there are
    length      their total length; components: number of connected pieces
    sizes       bonds in each piece, largest first; lengths: of the same pieces
    """

    bonds: int
    length: float
    components: int
    sizes: NDArray[np.int64]
    lengths: Floats


def topology(configuration: Configuration, tessellation: Tessellation) -> Topology:
    """Return bond orders, the modified network and the classes of atoms.

    tessellation: of `configuration`, radical (radii 0.55 and 0.45 in the Wahnstrom system), without thresholds, with
    bonds. A bond is a shared face, its order the number of common neighbours of its two atoms, NOT the edges of the
    face. The modified network removes a bond that passes through a triangle of three mutually bonded common neighbours
    (the three triple products (b - a).[(i - a) x (j - a)] of the triangle's sides have the same strict sign), atom by
    atom in ascending order, each at once, in sweeps until one removes nothing, at most six.
    Raises InputError without bonds.
    """
    bonds = unique_bonds(tessellation)
    n = configuration.n_atoms
    neighbours, degree = _neighbour_table(bonds, n)
    network = Network(bonds, _orders(bonds, neighbours, degree), n)
    removed = _sweep(*_space(configuration), neighbours, degree, MAX_SWEEPS)
    kept = _bonds_of(neighbours, degree)
    modified = Network(kept, _orders(kept, neighbours, degree), n)
    classes, irregular = _classes(modified)
    return Topology(network, modified, [int(k) for k in removed if k >= 0], classes, irregular)


def _space(configuration: Configuration) -> tuple[Floats, Floats]:
    """[n, 3] places and [3] edges between which minimum images go along each axis by itself.

    The sign of a triple product is the same in fractions of tilted vectors; an edge without end is never crossed.
    """
    if configuration.box.plain:
        return configuration.positions, configuration.box.edges
    c = configuration.compact
    return c.box.fractional(c.positions), np.where(c.box.periodic, 1.0, NO_END)


def unique_bonds(tessellation: Tessellation) -> Bonds:
    """[n_bonds, 2] pairs i < j, ascending, each once: in tiny boxes two atoms share several faces."""
    if tessellation.bonds is None:
        raise InputError("bond orders need neighbours: tessellate with bonds=True")
    pairs = np.sort(tessellation.bonds, axis=1)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    if not len(pairs):
        return np.zeros((0, 2), dtype=np.int64)
    top = int(pairs.max()) + 1
    keys = np.unique(pairs[:, 0] * top + pairs[:, 1])
    return np.column_stack([keys // top, keys % top])


def disclinations(configuration: Configuration, network: Network) -> Disclinations:
    """Return the pieces of the network of bonds that are not of order 5 (Nelson 1983; Derlet & Maass, Fig. 7b).

    Two such bonds belong to one piece when they meet in an atom. Lengths by minimum image.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    lines = network.bonds[network.orders != FREE]
    vectors = configuration.box.minimum_image(
        configuration.positions[lines[:, 1]] - configuration.positions[lines[:, 0]]
    )
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    n = network.n_atoms
    graph = coo_matrix((np.ones(len(lines)), (lines[:, 0], lines[:, 1])), shape=(n, n))
    label = connected_components(graph, directed=False)[1][lines[:, 0]]
    sizes = np.bincount(label, minlength=1)
    total: Floats = np.bincount(label, weights=lengths, minlength=1).astype(np.float64)
    order = np.argsort(-sizes, kind="stable")
    order = order[sizes[order] > 0]
    return Disclinations(len(lines), float(lengths.sum()), len(order), sizes[order], total[order])


def _classes(network: Network) -> tuple[dict[str, float], float]:
    n = network.n_atoms
    ends = network.bonds.ravel()
    orders = np.repeat(network.orders, 2)
    degree = np.bincount(ends, minlength=n)
    n4, n5, n6 = (np.bincount(ends[orders == k], minlength=n) for k in (4, 5, 6))
    regular = (n4 + n5 + n6 == degree) & (2 * n4 + n5 == 12)
    found = Counter(zip(n4[regular].tolist(), n5[regular].tolist(), n6[regular].tolist(), strict=True))
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return {",".join(map(str, key)): count / n for key, count in ranked}, float(1 - regular.mean())


def _neighbour_table(bonds: Bonds, n: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return [n, most] neighbours of each atom, ascending, and [n] how many there are."""
    ends = np.concatenate([bonds, bonds[:, ::-1]])
    ends = ends[np.lexsort((ends[:, 1], ends[:, 0]))]
    degree = np.bincount(ends[:, 0], minlength=n)
    place = np.arange(len(ends)) - np.repeat(np.cumsum(degree) - degree, degree)
    table = np.full((n, max(1, int(degree.max(initial=0)))), -1, dtype=np.int32)
    table[ends[:, 0], place] = ends[:, 1]
    return table, degree


def _bonds_of(neighbours: NDArray[np.int32], degree: NDArray[np.int64]) -> Bonds:
    used = np.arange(neighbours.shape[1]) < degree[:, None]
    first = np.repeat(np.arange(len(degree)), degree)
    second = neighbours[used].astype(np.int64)
    upper = first < second
    return np.column_stack([first[upper], second[upper]])


@njit()
def _common(i, j, neighbours, degree, found):  # type: ignore[no-untyped-def]
    """Fill `found` with the atoms bonded to both i and j; both lists ascend, so one pass is enough."""
    a = b = count = 0
    while a < degree[i] and b < degree[j]:
        x, y = neighbours[i, a], neighbours[j, b]
        if x == y:
            found[count] = x
            count += 1
            a += 1
            b += 1
        elif x < y:
            a += 1
        else:
            b += 1
    return count


@njit()
def _orders(bonds, neighbours, degree):  # type: ignore[no-untyped-def]
    found = np.empty(neighbours.shape[1], np.int32)
    orders = np.empty(len(bonds), np.int64)
    for k in range(len(bonds)):
        orders[k] = _common(bonds[k, 0], bonds[k, 1], neighbours, degree, found)
    return orders


@njit()
def _bonded(i, j, neighbours, degree):  # type: ignore[no-untyped-def]
    for a in range(degree[i]):  # noqa: SIM110 - numba has no any() of a generator
        if neighbours[i, a] == j:
            return True
    return False


@njit()
def _near(d, edge):  # type: ignore[no-untyped-def]
    return d - edge * np.rint(d / edge)


@njit()
def _side(a, b, i, j, x, box):  # type: ignore[no-untyped-def]
    """Sign of (b - a).[(i - a) x (j - a)], minimum image."""
    # Scalars, not arrays: this runs millions of times and must not allocate.
    u0, v0, w0 = (
        _near(x[b, 0] - x[a, 0], box[0]),
        _near(x[i, 0] - x[a, 0], box[0]),
        _near(x[j, 0] - x[a, 0], box[0]),
    )
    u1, v1, w1 = (
        _near(x[b, 1] - x[a, 1], box[1]),
        _near(x[i, 1] - x[a, 1], box[1]),
        _near(x[j, 1] - x[a, 1], box[1]),
    )
    u2, v2, w2 = (
        _near(x[b, 2] - x[a, 2], box[2]),
        _near(x[i, 2] - x[a, 2], box[2]),
        _near(x[j, 2] - x[a, 2], box[2]),
    )
    volume = u0 * (v1 * w2 - v2 * w1) + u1 * (v2 * w0 - v0 * w2) + u2 * (v0 * w1 - v1 * w0)
    return np.sign(volume)


@njit()
def _pierced(i, j, found, count, neighbours, degree, x, box):  # type: ignore[no-untyped-def]
    """Whether the line i-j passes through a triangle of mutually bonded common neighbours."""
    for p in range(count):
        a = found[p]
        for q in range(p + 1, count):
            b = found[q]
            if not _bonded(a, b, neighbours, degree):
                continue
            ab = _side(a, b, i, j, x, box)
            if ab == 0.0:
                continue
            for r in range(q + 1, count):
                c = found[r]
                if not (_bonded(a, c, neighbours, degree) and _bonded(b, c, neighbours, degree)):
                    continue
                if _side(b, c, i, j, x, box) == ab and _side(c, a, i, j, x, box) == ab:
                    return True
    return False


@njit()
def _remove(i, j, neighbours, degree):  # type: ignore[no-untyped-def]
    shift = 0
    for a in range(degree[i]):
        if neighbours[i, a] == j:
            shift = 1
        elif shift:
            neighbours[i, a - 1] = neighbours[i, a]
    degree[i] -= shift


@njit()
def _sweep(x, box, neighbours, degree, most):  # type: ignore[no-untyped-def]
    """Prune `neighbours` and `degree` in place; return bonds removed by each sweep, -1 for sweeps not made."""
    removed = np.full(most, -1, np.int64)
    found = np.empty(neighbours.shape[1], np.int32)
    snapshot = np.empty(neighbours.shape[1], np.int32)
    for sweep in range(most):
        count = 0
        for i in range(len(degree)):
            mine = degree[i]
            snapshot[:mine] = neighbours[i, :mine]
            for k in range(mine):
                j = snapshot[k]
                if j <= i:
                    continue
                common = _common(i, j, neighbours, degree, found)
                if common >= 3 and _pierced(i, j, found, common, neighbours, degree, x, box):
                    _remove(i, j, neighbours, degree)
                    _remove(j, i, neighbours, degree)
                    count += 1
        removed[sweep] = count
        if count == 0:
            break
    return removed

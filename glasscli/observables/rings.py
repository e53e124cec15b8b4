"""Rings of a network of bonds: primitive ones, and shortest-path rings after King.

A ring is primitive when it has no short cut: between any two of its nodes no path through the network is shorter than
that along the ring (X. Yuan and A. N. Cormack, Computational Materials Science 24, 343 (2002); the shortest-path rings
of D. S. Franzblau, Phys. Rev. B 44, 4925 (1991); the rings of K. Goetzke and H.-J. Klein, J. Non-Cryst. Solids 127, 215
(1991)). King's rings are the shortest ways back to a node that leave it by one neighbour and return by another (S. V.
King, Nature 213, 1112 (1967)), here with all that are equally short, each ring counted once.

Both are of the infinite periodic network: nodes are counted with the copy of the box that they lie in, and a path that
leaves on one side of the box and comes back on the other closes no ring.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.compiled import njit
from glasscli.configuration import Box
from glasscli.errors import InputError
from glasscli.observables.bonds import Bonds, Whole

# Beyond that many ways there are more than can be followed, and what they make is no network.
MOST_PATHS = (
    5e5  # half as long as a ring, from one atom: ten neighbours an atom and rings of twelve are beyond it
)


@dataclass(frozen=True)
class Rings:
    """How many rings of each length a network has, in the whole box.

    primitive, king  [largest + 1] by the number of their nodes, bridges included
    """

    primitive: NDArray[np.float64]
    king: Whole


def rings(bonds: Bonds, centres: NDArray[np.bool_], box: Box, largest: int) -> Rings:
    """Return the rings of up to `largest` nodes.

    bonds: of the network, from both ends; centres: [n_atoms] atoms that King's rings are looked for at. Raises
    InputError for a network that branches too much for all its paths to be followed.
    """
    if not len(bonds.first):
        return Rings(np.zeros(largest + 1), np.zeros(largest + 1, np.int64))
    # Centres come first, so that a ring is counted at one of them.
    occur = np.unique(bonds.first)
    nodes = np.concatenate([occur[centres[occur]], occur[~centres[occur]]])
    degrees = np.bincount(bonds.first)[nodes]
    # Ways on from an atom that was come to along a bond; half a ring is as many of them one after the other.
    onward = (degrees * (degrees - 1)).sum() / degrees.sum()
    if onward ** (largest // 2) > MOST_PATHS:
        raise InputError(f"{degrees.mean():.1f} bonds an atom are no network whose rings can be counted")
    number = np.full(bonds.n_atoms, -1)
    number[nodes] = np.arange(len(nodes))
    order = np.argsort(number[bonds.first], kind="stable")
    starts = np.searchsorted(number[bonds.first][order], np.arange(len(nodes) + 1))
    ends, shifts = number[bonds.second][order], bonds.shifts[order]
    longest = float(np.linalg.norm(bonds.vectors, axis=1).max())
    # So many copies that no path as long as a ring can go round them.
    copies = box.repeats_for(largest * longest * (1 + 1e-9))
    graph = (starts, ends, shifts, copies)
    near_starts, near, depths = _near(*graph, largest // 2 - 1)
    primitive = _primitive(*graph, near_starts, near, depths, largest)
    found = _king(*graph, int(centres[occur].sum()), largest)
    lengths = (np.unique(found, axis=0) >= 0).sum(axis=1) if len(found) else np.zeros(0, np.int64)
    return Rings(primitive, np.bincount(lengths, minlength=largest + 1).astype(np.int64))


# A node of the infinite network is a number: that of its copy of the box, times the nodes of a box, plus its own.


@njit()
def _moved(copy, shift, copies, sign):  # type: ignore[no-untyped-def]
    """The copy that lies `shift` edges from a copy."""
    x, y, z = copy // (copies[1] * copies[2]), copy // copies[2] % copies[1], copy % copies[2]
    x = (x + sign * shift[0]) % copies[0]
    y = (y + sign * shift[1]) % copies[1]
    z = (z + sign * shift[2]) % copies[2]
    return (x * copies[1] + y) * copies[2] + z


@njit()
def _seen_from(origin, node, n, copies):  # type: ignore[no-untyped-def]
    """A node's number where that of `origin` lies in the first copy."""
    copy = origin // n
    place = np.array([copy // (copies[1] * copies[2]), copy // copies[2] % copies[1], copy % copies[2]])
    return _moved(node // n, place, copies, -1) * n + node % n


@njit()
def _neighbour(node, k, ends, shifts, copies, n):  # type: ignore[no-untyped-def]
    return _moved(node // n, shifts[k], copies, 1) * n + ends[k]


@njit()
def _spread(source, avoid, deepest, targets, starts, ends, shifts, copies, depth, queue):  # type: ignore[no-untyped-def]
    """Fill `depth` of all nodes within `deepest` of the source, and `queue` with them; return how many.

    `avoid` is never entered. With targets it ends with the depth at which the last of them is found.
    """
    n = len(starts) - 1
    depth[source] = 0
    queue[0] = source
    head, tail, waiting = 0, 1, len(targets)
    while head < tail:
        node = queue[head]
        head += 1
        if depth[node] >= deepest:
            break
        for k in range(starts[node % n], starts[node % n + 1]):
            other = _neighbour(node, k, ends, shifts, copies, n)
            if other != avoid and depth[other] < 0:
                depth[other] = depth[node] + 1
                queue[tail] = other
                tail += 1
                for target in targets:
                    if target == other:
                        waiting -= 1
                        if waiting == 0:
                            deepest = depth[other]
    return tail


@njit()
def _near(starts, ends, shifts, copies, deepest):  # type: ignore[no-untyped-def]
    """The nodes within `deepest` of each node of the first copy, ascending, and their distances."""
    n = len(starts) - 1
    total = n * copies[0] * copies[1] * copies[2]
    depth, queue = np.full(total, -1, np.int16), np.empty(total, np.int64)
    nobody = np.zeros(0, np.int64)
    begin = np.zeros(n + 1, np.int64)
    room = 64 * n
    near, far = np.empty(room, np.int64), np.empty(room, np.int16)
    for source in range(n):
        count = _spread(source, -1, deepest, nobody, starts, ends, shifts, copies, depth, queue)
        have = begin[source]
        while have + count > room:
            near, far = np.concatenate((near, near)), np.concatenate((far, far))
            room *= 2
        found = np.sort(queue[:count])
        for k in range(count):
            near[have + k], far[have + k] = found[k], depth[found[k]]
            depth[found[k]] = -1
        begin[source + 1] = have + count
    return begin, near[: begin[n]], far[: begin[n]]


@njit()
def _closer(u, v, than, begin, near, far, copies):  # type: ignore[no-untyped-def]
    """Whether two nodes are fewer than `than` bonds apart."""
    n = len(begin) - 1
    other = _seen_from(u, v, n, copies)
    low, high = begin[u % n], begin[u % n + 1]
    end = high
    while low < high:
        middle = (low + high) // 2
        if near[middle] < other:
            low = middle + 1
        else:
            high = middle
    return low < end and near[low] == other and far[low] < than


@njit()
def _paths(end, least, starts, ends, shifts, copies, depth):  # type: ignore[no-untyped-def]
    """[paths, depth + 1] all shortest paths to a node from the source, by depth, over nodes from number `least` on."""
    n = len(starts) - 1
    length = depth[end]
    found, count = np.empty((4, length + 1), np.int64), 0
    path, place = np.empty(length + 1, np.int64), np.zeros(length + 1, np.int64)
    level = length
    path[level], place[level] = end, starts[end % n]
    while level <= length:
        node = path[level]
        if level == 0:
            if count == len(found):
                found = np.concatenate((found, found))
            found[count] = path
            count += 1
            level += 1
            continue
        k = place[level]
        if k == starts[node % n + 1]:
            level += 1
            continue
        place[level] += 1
        other = _neighbour(node, k, ends, shifts, copies, n)
        if depth[other] == level - 1 and other % n >= least:
            level -= 1
            path[level], place[level] = other, starts[other % n]
    return found[:count]


@njit()
def _whole(a, b, half, odd, begin, near, far, copies):  # type: ignore[no-untyped-def]
    """Whether two paths from one source make a ring without short cuts: nodes that lie opposite are as far apart."""
    for i in range(1, half + odd):
        if a[i] == b[i]:
            return False
    for i in range(1, half):
        if _closer(a[i], b[half - i], half, begin, near, far, copies):
            return False
    if odd:
        for i in range(1, half + 1):
            if _closer(a[i], b[half + 1 - i], half, begin, near, far, copies):
                return False
    return True


@njit()
def _weight(a, b, source, n):  # type: ignore[no-untyped-def]
    """One by how many of the ring's nodes are copies of the source: it is found from each of them."""
    same = 1
    for i in range(1, len(a)):
        same += a[i] % n == source
    for i in range(1, len(b)):
        same += b[i] % n == source and (i < len(b) - 1 or b[i] != a[-1])
    return 1.0 / same


@njit()
def _primitive(starts, ends, shifts, copies, begin, near, far, largest):  # type: ignore[no-untyped-def]
    """Rings at their node of lowest number: two shortest paths to the node, or the bond, that lies opposite."""
    n = len(starts) - 1
    total = n * copies[0] * copies[1] * copies[2]
    depth, queue = np.full(total, -1, np.int16), np.empty(total, np.int64)
    nobody = np.zeros(0, np.int64)
    number = np.zeros(largest + 1)
    for source in range(n):
        count = _spread(source, -1, largest // 2, nobody, starts, ends, shifts, copies, depth, queue)
        for end in queue[:count]:
            half = depth[end]
            if half == 0 or end % n < source:
                continue
            paths = _paths(end, source, starts, ends, shifts, copies, depth)
            if half > 1:
                for i in range(len(paths)):
                    for j in range(i):
                        if _whole(paths[i], paths[j], half, 0, begin, near, far, copies):
                            number[2 * half] += _weight(paths[i], paths[j], source, n)
            if 2 * half + 1 > largest:
                continue
            for k in range(starts[end % n], starts[end % n + 1]):
                other = _neighbour(end, k, ends, shifts, copies, n)
                if other > end and depth[other] == half and other % n >= source:
                    for a in paths:
                        for b in _paths(other, source, starts, ends, shifts, copies, depth):
                            if _whole(a, b, half, 1, begin, near, far, copies):
                                number[2 * half + 1] += _weight(a, b, source, n)
        for node in queue[:count]:
            depth[node] = -1
    return number


@njit()
def _king(starts, ends, shifts, copies, centres, largest):  # type: ignore[no-untyped-def]
    """[rings, largest] the shortest rings through each centre and two of its neighbours, as `_first_form` has them."""
    n = len(starts) - 1
    total = n * copies[0] * copies[1] * copies[2]
    depth, queue = np.full(total, -1, np.int16), np.empty(total, np.int64)
    found, have = np.empty((64, largest), np.int64), 0
    for centre in range(centres):
        around = np.empty(starts[centre + 1] - starts[centre], np.int64)
        for k in range(len(around)):
            around[k] = _neighbour(centre, starts[centre] + k, ends, shifts, copies, n)
        for k in range(len(around) - 1):
            count = _spread(
                around[k], centre, largest - 2, around[k + 1 :], starts, ends, shifts, copies, depth, queue
            )
            for other in around[k + 1 :]:
                if depth[other] < 0:
                    continue
                for path in _paths(other, 0, starts, ends, shifts, copies, depth):
                    if have == len(found):
                        found = np.concatenate((found, found))
                    found[have] = -1
                    _first_form(np.append(path, centre), n, copies, found[have])
                    have += 1
            for node in queue[:count]:
                depth[node] = -1
    return found[:have]


@njit()
def _first_form(ring, n, copies, form):  # type: ignore[no-untyped-def]
    """Write a ring as the first, in lexical order, of all sequences it can be read as from a node in the first copy."""
    length = len(ring)
    least = (ring % n).min()
    trial = np.empty(length, np.int64)
    first = True
    for begin in range(length):
        if ring[begin] % n != least:
            continue
        for step in (1, -1):
            for k in range(length):
                trial[k] = _seen_from(ring[begin], ring[(begin + step * k) % length], n, copies)
            for k in range(length):
                if first or trial[k] < form[k]:
                    form[:length] = trial
                    first = False
                    break
                if trial[k] > form[k]:
                    break

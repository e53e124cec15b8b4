"""How atoms move: mean-square displacement, self-intermediate scattering, non-Gaussian parameter, overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import j0

from glasscli.configuration import Configuration, Floats, Trajectory
from glasscli.observables.displacement import displacements, drift
from glasscli.observables.first_passage import Passage
from glasscli.observables.polygons import polygons

MAX_LAGS, MAX_ORIGINS = 40, 20
ALL = 0  # instead of a species: atoms of every one


@dataclass(frozen=True)
class Motion:
    """Averages over atoms and time origins at each lag.

    lag        [n] steps between the two frames, ascending
    msd        [n] mean-square displacement, length^2
    scattering [n] F_s(q, t) = <sin(q r)/(q r)>, the average over directions; in a plane <J_0(q r)>
    alpha2     [n] 3 <r^4> / (5 <r^2>^2) - 1, in a plane <r^4> / (2 <r^2>^2) - 1; 0 for Gaussian motion; NaN where
               nothing moved
    overlap    [n] share of atoms within `reach` of where they were
    chi4       [n] N (<Q^2> - <Q>^2) of that share over the time origins, how far atoms move in company (Lacevic et al.,
               J. Chem. Phys. 119, 7372 (2003)); NaN of a single origin
    origins    [n] time origins averaged over
    q, reach   wave number of F_s; length of the overlap
    drift      the farthest that the centre of mass went between two of the frames, which is taken off
    caged      [n] mean-square displacement relative to the mean of an atom's Voronoi neighbours at the start, which the
               long waves of a plane leave alone (Illing et al., Proc. Natl. Acad. Sci. 114, 1856 (2017)); None in space
    """

    lag: NDArray[np.int64]
    msd: Floats
    scattering: Floats
    alpha2: Floats
    overlap: Floats
    origins: NDArray[np.int64]
    q: float
    reach: float
    chi4: Floats
    drift: float = 0.0
    caged: Floats | None = None

    @property
    def tau_alpha(self) -> Passage:
        """Steps after which F_s has fallen to 1/e, between lags on a logarithmic scale; else a bound, a lag."""
        return falls_to(self.lag, self.scattering, float(np.exp(-1)))


def motion(
    frames: Trajectory, steps: Sequence[int] | NDArray[np.int64], q: float, reach: float,
    masses: Floats | None = None, origins: int = MAX_ORIGINS,
) -> Motion | None:  # fmt: skip
    """Return the motion between all frames; None when there are fewer than two at different steps.

    steps: [n_frames] of each frame, linearly or logarithmically spaced. Lags are the differences that occur, about
    forty of them evenly on a logarithmic scale; at most so many origins a lag. The centre of mass is held: of all atoms
    alike, or with masses [n_atoms].
    """
    found = motions(frames, steps, q, reach, masses, origins)
    return found[ALL] if found else None


def motions(
    frames: Trajectory, steps: Sequence[int] | NDArray[np.int64], q: float, reach: float,
    masses: Floats | None = None, most_origins: int = MAX_ORIGINS, species: Sequence[int] = (),
) -> dict[int, Motion]:  # fmt: skip
    """The same of all atoms (under ALL) and of those of each of these species alone; {} without two steps.

    An atom is of the species that it has at the origin. The centre of mass that is held is that of all.
    """
    at = np.asarray(steps, dtype=np.int64)
    pairs = choose_pairs(at, most_origins)
    if not pairs:
        return {}
    dimension = frames[0].box.dimension
    sums = {lag: np.zeros((1 + len(species), 7)) for lag in pairs}
    # By origin, so that each frame is read few times and two are in memory.
    by_origin: dict[int, list[tuple[int, int]]] = {}
    for lag, found in pairs.items():
        for i, j in found:
            by_origin.setdefault(i, []).append((lag, j))
    farthest = 0.0
    for i, targets in sorted(by_origin.items()):
        before: Configuration = frames[i]
        cages = polygons(before) if dimension == 2 else None
        masks = [slice(None), *(before.species == s for s in species)]
        for lag, j in sorted(targets, key=lambda t: t[1]):
            vectors = displacements(before, frames[j])
            centre = drift(vectors, masses)
            farthest = max(farthest, float(np.linalg.norm(centre)))
            vectors -= centre
            square = np.einsum("ij,ij->i", vectors, vectors)
            x = q * np.sqrt(square)
            waves = np.sinc(x / np.pi) if cages is None else j0(x)
            caged = np.zeros(len(square)) if cages is None else (cages.relative(vectors) ** 2).sum(axis=1)
            columns = np.column_stack([square, square**2, waves, square < reach**2, caged])
            for k, mask in enumerate(masks):
                means = columns[mask].mean(axis=0)
                sums[lag][k] += (*means, means[3] ** 2, 1)
    lags = np.array(sorted(sums), dtype=np.int64)
    tables = np.array([sums[int(lag)] for lag in lags]).swapaxes(0, 1)
    atoms = [frames[0].n_atoms, *(frames[0].counts.get(s, 0) for s in species)]
    return {
        s: _of(lags, table, n, dimension, q, reach, farthest)
        for s, table, n in zip((ALL, *species), tables, atoms, strict=True)
    }


def _of(
    lags: NDArray[np.int64],
    table: Floats,
    atoms: int,
    dimension: int,
    q: float,
    reach: float,
    farthest: float,
) -> Motion:
    """The motion of a group of atoms from sums [n, 7] over origins."""
    means = table[:, :6] / table[:, 6:]
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha2 = dimension * means[:, 1] / ((dimension + 2) * means[:, 0] ** 2) - 1
    origins = table[:, 6].astype(np.int64)
    spread = atoms * np.maximum(means[:, 5] - means[:, 3] ** 2, 0.0)
    chi4 = np.where(origins > 1, spread, np.nan)
    caged = means[:, 4] if dimension == 2 else None
    return Motion(
        lags, means[:, 0], means[:, 2], alpha2, means[:, 3], origins, q, reach, chi4, farthest, caged
    )


def choose_pairs(
    steps: NDArray[np.int64], most_origins: int = MAX_ORIGINS
) -> dict[int, list[tuple[int, int]]]:
    """Return {lag: [(frame, later frame), ...]} of frames exactly a lag apart, spread evenly over the run."""
    if len(steps) < 2:
        return {}
    # Differences to a spread of origins are enough to know which lags occur.
    origins = np.unique(np.linspace(0, len(steps) - 1, min(len(steps), 200)).astype(int))
    lags = np.unique(np.concatenate([steps[i + 1 :] - steps[i] for i in origins]))
    lags = lags[lags > 0]
    if not len(lags):
        return {}
    wanted = np.geomspace(lags[0], lags[-1], MAX_LAGS)
    chosen = np.unique(lags[np.abs(np.log(lags[:, None] / wanted)).argmin(axis=0)])
    pairs: dict[int, list[tuple[int, int]]] = {}
    for lag in chosen:
        later = np.minimum(np.searchsorted(steps, steps + lag), len(steps) - 1)
        found = np.flatnonzero(steps[later] == steps + lag)
        kept = found[np.unique(np.linspace(0, len(found) - 1, min(len(found), most_origins)).astype(int))]
        pairs[int(lag)] = [(int(i), int(later[i])) for i in kept]
    return pairs


def falls_to(time: NDArray[np.int64], values: Floats, level: float) -> Passage:
    """Return the time at which `values` [n] first falls to `level`, between points linear in log time.

    Only a bound where it is below at the first time already, or above at the last still.
    """
    below = np.flatnonzero(values <= level)
    if not len(below):
        return Passage(None, float(time[-1]))
    k = int(below[0])
    if k == 0:
        return Passage(None, float(time[0]), early=True)
    share = (values[k - 1] - level) / (values[k - 1] - values[k])
    return Passage(float(np.exp(np.log(time[k - 1]) + share * np.log(time[k] / time[k - 1]))), float(time[k]))


def strings(
    before: Configuration, after: Configuration, mobile: NDArray[np.intp], reach: float
) -> NDArray[np.int64]:
    """Return [n] the sizes of string-like groups, largest first: mobile atoms that take each other's places.

    mobile: indices of the atoms that moved far. i and j belong to one string when either has come within `reach` of
    where the other was (Donati et al. 1998); about 0.6 of the distance of neighbours. Single atoms are strings of one.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    n = len(mobile)
    if n == 0:
        return np.zeros(0, dtype=np.int64)
    scaled = before.box.cartesian(after.box.fractional(after.positions[mobile]))
    hits = before.box.tree(before.positions[mobile]).within(scaled, reach)
    rows = np.repeat(np.arange(n), [len(h) for h in hits])
    columns = np.concatenate(hits) if len(rows) else rows
    graph = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(n, n))
    label = connected_components(graph, directed=False)[1]
    return np.sort(np.bincount(label))[::-1]

"""How atoms move: mean-square displacement, self-intermediate scattering, non-Gaussian parameter, overlap."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Configuration, Floats, Trajectory
from glasscli.observables.displacement import displacements
from glasscli.observables.first_passage import Passage
from glasscli.observables.motion_sums import ATOMS, FOURTH, INSIDE, SQUARE, WAVES, Pairs, self_sums
from glasscli.observables.paths import Paths, slices
from glasscli.observables.polygons import polygons

MAX_LAGS, MAX_ORIGINS = 40, 20
ABOUT, RARE = 0.2, 8  # lags within a factor of exp(0.2) are about as long; an eighth as often is rare
MOST_BLOCKS = 10  # stretches of a run, of which errors are made
E = float(np.exp(-1))
ALL = 0  # instead of a species: atoms of every one


@dataclass(frozen=True)
class Errors:
    """Standard errors of the functions of a `Motion`, [n] each, of F_s [k, n]; NaN where a lag has but one block.

    The origins of a lag are cut into as many stretches of the run as are longer than the lag, ten at most: what is
    averaged over one of them is taken as independent of the others.
    """

    msd: Floats
    scattering: Floats
    alpha2: Floats
    overlap: Floats
    chi4: Floats


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
    wave_numbers, waves  [k] q, the first of them, and others; [k, n] F_s at each
    errors     of all these; blocks [n]: over how many independent stretches
    halves     [2, n] F_s at `q` of the first half of the run by itself, and of the second; NaN where lags are longer
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
    wave_numbers: Floats
    waves: Floats
    errors: Errors
    blocks: NDArray[np.int64]
    halves: Floats
    drift: float = 0.0
    caged: Floats | None = None

    @property
    def tau_alpha(self) -> Passage:
        """Steps after which F_s has fallen to 1/e, between lags on a logarithmic scale; else a bound, a lag."""
        return falls_to(self.lag, self.scattering, E)


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
    frames: Trajectory, steps: Sequence[int] | NDArray[np.int64], q: float | Sequence[float], reach: float,
    masses: Floats | None = None, most_origins: int = MAX_ORIGINS, species: Sequence[int] = (),
    advance: Callable[[int], object] | None = None,
) -> dict[int, Motion]:  # fmt: skip
    """The same of all atoms (under ALL) and of those of each of these species alone; {} without two steps.

    q: one wave number, or several. An atom is of the species that it has at the origin. The centre of mass that is held
    is that of all. advance: see `paths.slices`.
    """
    at = np.asarray(steps, dtype=np.int64)
    pairs = choose_pairs(at, most_origins)
    if not pairs:
        return {}
    timed = Timed.of(at, pairs)
    plane = frames[0].box.dimension == 2
    wave_numbers = np.atleast_1d(np.asarray(q, dtype=np.float64))
    sums, farthest = np.zeros((len(timed.pairs), 1 + len(species), WAVES + len(wave_numbers))), 0.0
    for paths in slices(frames, masses, advance=advance):
        sums += self_sums(paths, timed.pairs, np.array(species, np.int64), wave_numbers, reach, plane)
        farthest = timed.farthest(paths)
    caged = _caged(frames, timed, masses, species) if plane else None
    return {
        s: _of(
            timed, sums[:, k], wave_numbers, reach, farthest, None if caged is None else caged[:, k], plane
        )
        for k, s in enumerate((ALL, *species))
    }


@dataclass(frozen=True)
class Timed:
    """Pairs of frames [P, 2] lag by lag.

    lag    [n] steps, ascending; rows: [n] the slice of pairs of each
    block  [P] in which stretch of the run a pair begins, of as many as `blocks` [n] of its lag says
    half   [P] 0 or 1 where a pair lies within the first or the second half of the run, -1 where across
    """

    lag: NDArray[np.int64]
    rows: tuple[slice, ...]
    pairs: Pairs
    block: NDArray[np.int64]
    blocks: NDArray[np.int64]
    half: NDArray[np.int64]

    @classmethod
    def of(cls, steps: NDArray[np.int64], pairs: Mapping[int, Sequence[tuple[int, int]]]) -> Timed:
        """Of the frames' steps, and of what `choose_pairs` found in them."""
        lag = np.array(sorted(pairs), dtype=np.int64)
        counts = [len(pairs[int(one)]) for one in lag]
        ends = np.cumsum(counts)
        rows = tuple(slice(int(end) - count, int(end)) for end, count in zip(ends, counts, strict=True))
        table = np.array([pair for one in lag for pair in pairs[int(one)]], dtype=np.int64)
        span = int(steps[-1] - steps[0])
        blocks = np.clip(span // np.maximum(lag, 1), 1, MOST_BLOCKS)
        of_pair, room = np.repeat(blocks, counts), np.repeat(span - lag, counts)
        began = steps[table[:, 0]] - steps[0]
        block = np.minimum(began * of_pair // np.maximum(room, 1), of_pair - 1)
        ended = steps[table[:, 1]] - steps[0]
        half = np.where(2 * ended <= span, 0, np.where(2 * began >= span, 1, -1))
        return cls(lag, rows, table, block, blocks, half)

    def means(self, values: Floats) -> Floats:
        """[n, ...] means over the origins of each lag, of values [P, ...] of each pair."""
        return np.array([values[rows].mean(axis=0) for rows in self.rows])

    def by_block(self, values: Floats) -> list[Floats]:
        """[n] of [b, ...]: means over the origins in each stretch that has any."""
        found = []
        for rows in self.rows:
            numbers, block = np.unique(self.block[rows], return_inverse=True)
            found.append(np.array([values[rows][block == k].mean(axis=0) for k in range(len(numbers))]))
        return found

    def error(self, values: Floats) -> Floats:
        """[n, ...] standard errors of `means`; NaN where there is one stretch."""
        return np.array([_standard_error(parts) for parts in self.by_block(values)])

    def halves(self, values: Floats) -> Floats:
        """[2, n] means of values [P] over pairs within either half of the run; NaN where a lag has none."""
        found = np.full((2, len(self.lag)), np.nan)
        for n, rows in enumerate(self.rows):
            for k in (0, 1):
                inside = values[rows][self.half[rows] == k]
                found[k, n] = inside.mean() if len(inside) else np.nan
        return found

    def farthest(self, paths: Paths) -> float:
        """The farthest that the centre went between two frames of a pair."""
        i, j = self.pairs.T
        moved = paths.centre[j] - paths.centre[i]
        if paths.vectors is not None:
            moved = np.einsum("pa,pab->pb", moved, (paths.vectors[i] + paths.vectors[j]) / 2)
        return float(np.linalg.norm(moved, axis=1).max())


def _standard_error(parts: Floats) -> Floats:
    if len(parts) < 2:
        return np.full(parts.shape[1:], np.nan)
    return np.asarray(parts.std(axis=0, ddof=1) / np.sqrt(len(parts)))


def _of(
    timed: Timed, sums: Floats, wave_numbers: Floats, reach: float, farthest: float, caged: Floats | None, plane: bool
) -> Motion:  # fmt: skip
    """The motion of a group of atoms from sums [P, columns] over them."""
    with np.errstate(divide="ignore", invalid="ignore"):
        values = sums[:, SQUARE:] / sums[:, :1]  # of each pair of frames
    square, fourth, inside = (values[:, k - SQUARE] for k in (SQUARE, FOURTH, INSIDE))
    waves = values[:, WAVES - SQUARE :]
    # <r^4> and <r^2> of a block by itself: their ratio is biased by less than what it is uncertain by.
    share = 1 / 2 if plane else 3 / 5
    atoms = float(sums[0, ATOMS])
    overlap = timed.means(inside)
    origins = np.array([rows.stop - rows.start for rows in timed.rows], dtype=np.int64)
    spread = atoms * np.maximum(timed.means(inside**2) - overlap**2, 0.0)
    chi4 = np.where(origins > 1, spread, np.nan)
    msd, scattering = timed.means(square), timed.means(waves).T
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha2 = share * timed.means(fourth) / msd**2 - 1
        parts = zip(timed.by_block(square), timed.by_block(fourth), strict=True)
        alpha_error = np.array([_standard_error(share * four / two**2 - 1) for two, four in parts])
    errors = Errors(
        timed.error(square),
        timed.error(waves).T,
        alpha_error,
        timed.error(inside),
        _chi4_error(timed, inside, atoms),
    )
    return Motion(
        timed.lag, msd, scattering[0], alpha2, overlap, origins, float(wave_numbers[0]), reach, chi4,
        wave_numbers, scattering, errors, timed.blocks, timed.halves(waves[:, 0]), farthest,
        None if caged is None else timed.means(caged),
    )  # fmt: skip


def _chi4_error(timed: Timed, inside: Floats, atoms: float) -> Floats:
    """[n] by leaving out one stretch of the run after the other (jackknife)."""
    found = []
    for rows in timed.rows:
        q, block = inside[rows], timed.block[rows]
        numbers = np.unique(block)
        without = np.array([atoms * q[block != k].var() for k in numbers if (block != k).sum() > 1])
        m = len(without)
        found.append(np.sqrt((m - 1) / m * ((without - without.mean()) ** 2).sum()) if m > 1 else np.nan)
    return np.array(found)


def _caged(frames: Trajectory, timed: Timed, masses: Floats | None, species: Sequence[int]) -> Floats:
    """[P, 1 + s] mean-square displacements relative to the neighbours that each atom has at the origin, of a plane."""
    found = np.zeros((len(timed.pairs), 1 + len(species)))
    order = np.argsort(timed.pairs[:, 0], kind="stable")
    at, before, cages = -1, frames[0], None
    for p in order:
        i, j = map(int, timed.pairs[p])
        if i != at:
            at, before = i, frames[i]
            cages = polygons(before)
        assert cages is not None
        vectors = displacements(before, frames[j], remove_drift=True, masses=masses)
        square = (cages.relative(vectors) ** 2).sum(axis=1)
        found[p] = [square.mean(), *(square[before.species == s].mean() for s in species)]
    return found


def choose_pairs(
    steps: NDArray[np.int64], most_origins: int = MAX_ORIGINS, lags: Sequence[int] | None = None
) -> dict[int, list[tuple[int, int]]]:
    """Return {lag: [(frame, later frame), ...]} of frames exactly a lag apart, spread evenly over the run.

    lags: these, where they occur; by default about MAX_LAGS of those that do.
    """
    if len(steps) < 2:
        return {}
    # Differences to a spread of origins are enough to know which lags occur, and how often.
    origins = np.unique(np.linspace(0, len(steps) - 1, min(len(steps), 200)).astype(int))
    found, often = np.unique(np.concatenate([steps[i + 1 :] - steps[i] for i in origins]), return_counts=True)
    found, often = found[found > 0], often[found > 0]
    if not len(found):
        return {}
    chosen = np.unique(
        [_near(found, often, wanted) for wanted in np.geomspace(found[0], found[-1], MAX_LAGS)]
    )
    if lags is not None:
        chosen = np.intersect1d(found, lags)
    pairs: dict[int, list[tuple[int, int]]] = {}
    for lag in chosen:
        later = np.minimum(np.searchsorted(steps, steps + lag), len(steps) - 1)
        begins = np.flatnonzero(steps[later] == steps + lag)
        kept = begins[np.unique(np.linspace(0, len(begins) - 1, min(len(begins), most_origins)).astype(int))]
        pairs[int(lag)] = [(int(i), int(later[i])) for i in kept]
    return pairs


def _near(lags: NDArray[np.int64], often: NDArray[np.int64], wanted: float) -> int:
    """The lag nearest to a wanted one, of those that occur nearly as often as any about as long.

    Where the end of a run does not fit its spacing, its last frame is apart from each other one by a lag of its own: a
    single origin, whose value says little and whose error is not known.
    """
    apart = np.abs(np.log(lags / wanted))
    about = apart <= max(ABOUT, float(apart.min()))
    usual = about & (RARE * often >= often[about].max())
    return int(lags[usual][apart[usual].argmin()])


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

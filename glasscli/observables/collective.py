"""How density waves of all atoms together forget where they were: the collective F(q, t)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Box, Floats, Trajectory
from glasscli.errors import InputError
from glasscli.observables.dynamics import ALL, Timed, choose_pairs
from glasscli.observables.structure_factor import density_waves

MOST_VECTORS = 60  # directions averaged over at one q
HALF_WIDTH = 0.15  # of the shell about q, over the shortest wave vector of the box at least
AT_ONCE = 2**22  # complex numbers of one step of the average


@dataclass(frozen=True)
class Collective:
    """F(q, t) = <rho(q, t) rho*(q, 0)> / N of a group of atoms at one q.

    lag      [n] steps, 0 first
    value    [n] F(q, t); its first is S(q)
    error    [n] standard error by stretches of the run, see `dynamics.Errors`
    q        mean length of the wave vectors; vectors: how many of them
    """

    lag: NDArray[np.int64]
    value: Floats
    error: Floats
    q: float
    vectors: int

    @property
    def normalised(self) -> Floats:
        """[n] F(q, t)/S(q)."""
        return np.asarray(self.value / self.value[0])


def collective(
    frames: Trajectory, steps: Sequence[int] | NDArray[np.int64], wave_numbers: Sequence[float],
    most_origins: int = 20, species: Sequence[int] = (), advance: Callable[[int], object] | None = None,
    even: Sequence[int] = (),
) -> dict[int, list[Collective]]:  # fmt: skip
    """Return F(q, t) at each wave number, of all atoms (under ALL) and of each of these species alone.

    Exact on the box's wave vectors within a thin shell about q; they go with the box where it changes. even: lags
    beside those that are chosen. {} without two steps; raises InputError where a box is tilted or free, or has no wave
    vector near q.
    """
    at = np.asarray(steps, dtype=np.int64)
    timed, box = timed_from_zero(at, most_origins, even), frames[0].box
    if timed is None:
        return {}
    box.periodic_for("F(q, t)", planes=True)
    shells = shells_of(box, wave_numbers)
    waves = _waves(frames, np.concatenate([shell.vectors for shell in shells]), species, advance)
    counts = frames[0].counts
    found: dict[int, list[Collective]] = {}
    for g, kind in enumerate((ALL, *species)):
        atoms = frames[0].n_atoms if kind == ALL else counts[kind]
        products = products_of(waves[:, g], timed) / atoms
        found[kind] = []
        for shell in shells:
            mine = products[:, shell.columns].mean(axis=1)
            found[kind].append(
                Collective(timed.lag, timed.means(mine), timed.error(mine), shell.q, len(shell.vectors))
            )
    return found


def timed_from_zero(at: NDArray[np.int64], most_origins: int, even: Sequence[int]) -> Timed | None:
    """Lags that are chosen, those of `even` and none at all, of frames at these steps; None without two steps."""
    pairs = choose_pairs(at, most_origins) | choose_pairs(at, most_origins, even)
    return Timed.of(at, pairs | {0: [(k, k) for k in range(len(at))]}) if pairs else None


@dataclass(frozen=True)
class Shell:
    """Wave vectors [n, 3] of a box near one q, in whole numbers.

    q: their mean length; columns: their places among those of all shells
    """

    vectors: NDArray[np.int64]
    q: float
    columns: slice


def shells_of(box: Box, wave_numbers: Sequence[float]) -> list[Shell]:
    """The shell about each wave number. Errors as of `wave_vectors`."""
    found, start = [], 0
    for wanted in wave_numbers:
        vectors = wave_vectors(box, wanted)
        q = float(2 * np.pi * np.linalg.norm(box.reciprocal(vectors), axis=1).mean())
        found.append(Shell(vectors, q, slice(start, start + len(vectors))))
        start += len(vectors)
    return found


def wave_vectors(box: Box, q: float, most: int = MOST_VECTORS) -> NDArray[np.int64]:
    """[n, 3] whole numbers of the box's wave vectors nearest to length q, one of each pair of opposite ones.

    All within a shell, thinned evenly to `most`. Raises InputError where there is none.
    """
    shortest = 2 * np.pi / box.wavelength
    half = max(HALF_WIDTH, 0.5 * shortest)
    largest = np.ceil((q + half) * box.lengths / (2 * np.pi)).astype(int)
    if box.dimension == 2:
        largest[2] = 0
    if np.prod(2.0 * largest + 1) > 2e7:
        raise InputError(f"q = {q:.4g} has too many wave vectors in this box to choose from")
    ranges = [np.arange(0, largest[0] + 1), *(np.arange(-m, m + 1) for m in largest[1:])]
    numbers = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1).reshape(-1, 3)
    lengths = 2 * np.pi * np.linalg.norm(box.reciprocal(numbers), axis=1)
    first = (numbers[:, 0] > 0) | (
        (numbers[:, 0] == 0) & ((numbers[:, 1] > 0) | ((numbers[:, 1] == 0) & (numbers[:, 2] > 0)))
    )
    near = numbers[first & (np.abs(lengths - q) <= half)]
    if not len(near):
        raise InputError(f"the box has no wave vectors near q = {q:.4g}; its shortest is {shortest:.4g}")
    return np.asarray(
        near[np.unique(np.linspace(0, len(near) - 1, min(most, len(near))).astype(int))], dtype=np.int64
    )


def _waves(
    frames: Trajectory, vectors: NDArray[np.int64], species: Sequence[int],
    advance: Callable[[int], object] | None,
) -> NDArray[np.complex128]:  # fmt: skip
    """[F, 1 + s, v] density waves of all atoms and of each species."""
    found = np.zeros((len(frames), 1 + len(species), len(vectors)), dtype=np.complex128)
    for k, frame in enumerate(frames):
        by_species: Mapping[int, Floats] = dict(zip(frame.counts, density_waves(frame, vectors), strict=True))
        found[k, 0] = sum(by_species.values())
        for g, s in enumerate(species, start=1):
            found[k, g] = by_species.get(s, 0.0)
        if advance:
            advance(k + 1)
    return found


def products_of(waves: NDArray[np.complex128], timed: Timed) -> Floats:
    """[P, v] Re rho(i) rho*(j) of all pairs of frames, some at a time."""
    found = np.empty((len(timed.pairs), waves.shape[1]))
    step = max(1, AT_ONCE // waves.shape[1])
    for start in range(0, len(found), step):
        i, j = timed.pairs[start : start + step].T
        found[start : start + step] = (waves[i].conj() * waves[j]).real
    return found

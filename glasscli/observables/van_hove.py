"""Van Hove functions: how far atoms went in a time, and where others are by then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glasscli.configuration import Floats, Trajectory
from glasscli.observables.dynamics import ALL, choose_pairs
from glasscli.observables.motion_sums import distinct_counts, self_counts
from glasscli.observables.paths import slices

BINS = 200
DISTINCT_ORIGINS = 5  # pairs of all atoms are many


@dataclass(frozen=True)
class VanHove:
    """Van Hove functions after some lags.

    lag       [m] steps
    r         [b] middles of the bins
    own       {species: [m, b]} 4 pi r^2 G_s(r, t), the distribution of distances gone; its integral over all r is 1
    distinct  {(a, b): [m, d]} g_ab(r, t), at the first d bins: 1 where no atom is told from another, g_ab(r) at t = 0;
              {} where the box is tilted or free
    origins   [m] time origins averaged over
    """

    lag: NDArray[np.int64]
    r: Floats
    own: dict[int, Floats]
    distinct: dict[tuple[int, int], Floats]
    origins: NDArray[np.int64]


def van_hove(
    frames: Trajectory, steps: Sequence[int] | NDArray[np.int64], lags: Sequence[int], reach: float,
    masses: Floats | None = None, most_origins: int = 100, species: Sequence[int] = (), bins: int = BINS,
    advance: Callable[[int], object] | None = None,
) -> VanHove | None:  # fmt: skip
    """Return the self part up to `reach`, and the distinct part up to that or half the box, after each of these lags.

    Lags that do not occur between frames are left out; None where none does. advance: see `paths.slices`.
    """
    pairs = choose_pairs(np.asarray(steps, dtype=np.int64), most_origins, lags)
    if not pairs:
        return None
    width, kinds = reach / bins, np.array(species, dtype=np.int64)
    counts = np.zeros((len(pairs), 1 + len(kinds), bins), dtype=np.int64)
    atoms = np.array([frames[0].n_atoms, *(frames[0].counts.get(s, 0) for s in species)])
    for paths in slices(frames, masses, advance=advance):
        for m, found in enumerate(pairs.values()):
            counts[m] += self_counts(paths, np.array(found, dtype=np.int64), kinds, width, bins)
    origins = np.array([len(found) for found in pairs.values()], dtype=np.int64)
    own = counts / (origins[:, None, None] * atoms[:, None] * width)
    return VanHove(
        np.array(list(pairs), dtype=np.int64), np.asarray((np.arange(bins) + 0.5) * width),
        {s: own[:, g] for g, s in enumerate((ALL, *species))}, _distinct(frames, pairs, width, bins), origins,
    )  # fmt: skip


def _distinct(
    frames: Trajectory, pairs: dict[int, list[tuple[int, int]]], width: float, bins: int
) -> dict[tuple[int, int], Floats]:
    """Of ordered pairs of species, up to half the box."""
    box = frames[0].box
    if not box.plain:
        return {}
    use = min(bins, int(box.edges.min() / 2 / width))
    counts = frames[0].counts
    numbers = np.array(list(counts))
    kinds = np.searchsorted(numbers, frames[0].species).astype(np.int64)
    edges = np.arange(use + 1) * width
    shells = 4 / 3 * np.pi * np.diff(edges**3)
    found = np.zeros((len(pairs), len(numbers), len(numbers), use))
    for m, chosen in enumerate(pairs.values()):
        some = [
            chosen[k]
            for k in np.unique(
                np.linspace(0, len(chosen) - 1, min(len(chosen), DISTINCT_ORIGINS)).astype(int)
            )
        ]
        for i, j in some:
            before, after = frames[i], frames[j]
            scaled = before.box.cartesian(after.box.fractional(after.positions))
            hits = distinct_counts(
                before.positions, scaled, kinds, len(numbers), before.box.edges, width, use
            )
            found[m] += hits * before.box.volume / (shells * len(some))
    return {
        (int(a), int(b)): found[:, x, y] / (counts[int(a)] * (counts[int(b)] - (a == b)))
        for x, a in enumerate(numbers)
        for y, b in enumerate(numbers)
        if a <= b and counts[int(b)] - (a == b) > 0
    }

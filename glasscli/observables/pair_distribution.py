"""Total and partial pair distribution functions g(r), their means over frames, coordination numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations_with_replacement

import numpy as np

from glasscli.configuration import Box, Configuration, Floats, Mask
from glasscli.errors import InputError
from glasscli.formats.names import SpeciesPair
from glasscli.observables.blocks import mean_of_frames
from glasscli.observables.distinct import distinct
from glasscli.observables.pair_counts import pair_counts

# A peak is a shell of neighbours when it stands this many standard deviations of the ideal gas above 1.
_SHELL = 6.0
MOST_BINS = 1e6
# First peaks of partials this much farther than the nearest are of another shell: silicon round silicon in silica.
ONE_SHELL = 1.5


@dataclass(frozen=True)
class PairDistribution:
    """Radial pair distribution functions of one configuration, or their mean over several.

    edges          [n_bins + 1] float64, length
    total          [n_bins] g(r); equals sum_ab c_a c_b g_ab(r)
    partials       {(1, 1): [n_bins], (1, 2): ..., (2, 2): ...}: pairs of species a <= b
    densities      {species: atoms per volume}
    volume         of the box
    dimension      of space: volumes are areas where it is 2
    n_frames       configurations averaged over
    total_error    [n_bins] standard error of the mean over frames by independent blocks, None for one frame
    partial_errors {pair: [n_bins]}, empty for one frame
    parts, part_errors  {group: [n_bins]}, the share of the total from pairs within a group of atoms
    blocks         how many independent blocks the frames are worth, by the total (`mean_of_frames`); None for one frame
    """

    edges: Floats
    total: Floats
    partials: dict[SpeciesPair, Floats]
    densities: dict[int, float]
    volume: float
    n_frames: int = 1
    total_error: Floats | None = None
    partial_errors: dict[SpeciesPair, Floats] = field(default_factory=dict)
    parts: dict[int, Floats] = field(default_factory=dict)
    part_errors: dict[int, Floats] = field(default_factory=dict)
    blocks: float | None = None
    dimension: int = 3

    @property
    def r(self) -> Floats:
        """[n_bins] middles of the bins."""
        return np.asarray((self.edges[1:] + self.edges[:-1]) / 2)


@dataclass(frozen=True)
class Coordination:
    """Neighbours of one species round another: mean `number` within `radius`, the first minimum of g."""

    radius: float
    number: float


def pair_distribution(
    configuration: Configuration,
    bin_width: float = 0.02,
    cutoff: float | None = None,
    parts: Mapping[int, Mask] | None = None,
) -> PairDistribution:
    """Return total and partial g(r) of a periodic configuration.

    g_ab(r) = V n_ab(r) / (N_a N_b shell(r)), with n_ab the ordered pairs (i of a, j of b, i != j) in the bin
    and shell its exact volume, 4 pi/3 (r2^3 - r1^3), in a plane pi (r2^2 - r1^2). The mixed pair counts each pair
    once, like pairs count it from both ends. An ideal gas gives 1 (1 - 1/N_a for like pairs of few atoms, as in every
    textbook's definition). bin_width: length; the last bin ends at `cutoff`, which is made a whole number of bins by
    widening them a little. cutoff: length, at most half the width of the box, where periodic copies begin to be
    counted twice; this is also the default.
    parts: {group: [n_atoms] which atoms are in it}; `parts[group]` of the result is the share of the total g(r)
    that comes from pairs within the group (Derlet & Maass 2019, Fig. 2).
    Raises InputError for widths and cutoffs that cannot be.
    """
    configuration.box.periodic_for("g(r)", planes=True)
    dimension, volume = configuration.box.dimension, configuration.volume
    edges = _edges(configuration.box, bin_width, cutoff)
    # A plane is a layer without another in reach, thick enough to be cut into cells.
    configuration = replace(configuration, box=configuration.box.layer(3 * float(edges[-1]))).compact
    counts = configuration.counts
    groups = dict(parts or {})
    if any(members.shape != configuration.species.shape for members in groups.values()):
        raise InputError("the parts of g(r) need to know of each atom whether it is in the group")
    # Atoms of one species and in the same groups are of one kind: rows of (species, group, group, ...).
    rows, kinds, _ = distinct(np.column_stack([configuration.species, *groups.values()]).astype(np.int64))
    found = pair_counts(
        configuration.positions,
        configuration.box,
        kinds,
        len(rows),
        float(edges[-1]),
        len(edges) - 1,
    )
    # [kind, kind, bins], both orders of every pair
    ordered = found + found.swapaxes(0, 1)
    shell = _shells(edges, dimension)
    ideal = shell * configuration.n_atoms**2 / volume

    def between(a: Mask, b: Mask) -> Floats:
        return np.asarray(np.outer(a, b).ravel().astype(np.int64) @ ordered.reshape(-1, len(shell)))

    of = {s: rows[:, 0] == s for s in counts}
    partials = {
        (a, b): between(of[a], of[b]) / (shell * counts[a] * counts[b] / volume)
        for a, b in combinations_with_replacement(counts, 2)
    }
    total = ordered.sum(axis=(0, 1)) / ideal
    within = {group: rows[:, k] == 1 for k, group in enumerate(groups, start=1)}
    shares = {group: between(kinds, kinds) / ideal for group, kinds in within.items()}
    densities = {s: n / volume for s, n in counts.items()}
    return PairDistribution(edges, total, partials, densities, volume, parts=shares, dimension=dimension)


def _shells(edges: Floats, dimension: int, density: float = 1.0) -> Floats:
    """[n_bins] atoms of a density in each bin's shell; of density 1 its volume, in a plane its area."""
    if dimension == 3:
        return np.asarray(density * 4 / 3 * np.pi * np.diff(edges**3))
    return np.asarray(density * np.pi * np.diff(edges**2))


def average(distributions: Sequence[PairDistribution]) -> PairDistribution:
    """Return the mean of several distributions on the same bins, in the order of time, with its standard error.

    Raises InputError when there are none, or their bins or species differ.
    """
    if not distributions:
        raise InputError("no pair distribution to average: choose at least one frame")
    first = distributions[0]
    for other in distributions[1:]:
        alike = other.edges is first.edges or (
            other.edges.shape == first.edges.shape and np.allclose(other.edges, first.edges, rtol=1e-9)
        )
        if not alike:
            raise InputError(
                "the frames' pair distributions have different bins: give a cutoff that fits all"
            )
        if other.partials.keys() != first.partials.keys():
            raise InputError("the frames have different species and cannot be averaged")
    n = len(distributions)
    # A frame without any atom in a group has nothing of it.
    nothing = np.zeros_like(first.total)
    groups = sorted({c for d in distributions for c in d.parts})
    shares = {c: mean_of_frames([d.parts.get(c, nothing) for d in distributions]) for c in groups}
    total = mean_of_frames([d.total for d in distributions])
    means = {pair: mean_of_frames([d.partials[pair] for d in distributions]) for pair in first.partials}
    return PairDistribution(
        edges=first.edges,
        total=total.mean,
        partials={pair: found.mean for pair, found in means.items()},
        densities={s: float(np.mean([d.densities[s] for d in distributions])) for s in first.densities},
        volume=float(np.mean([d.volume for d in distributions])),
        n_frames=n,
        total_error=total.error,
        partial_errors={pair: found.error for pair, found in means.items() if found.error is not None},
        parts={c: found.mean for c, found in shares.items()},
        part_errors={c: found.error for c, found in shares.items() if found.error is not None},
        blocks=total.blocks,
        dimension=first.dimension,
    )


def coordination_numbers(distribution: PairDistribution) -> dict[SpeciesPair, Coordination | None]:
    """Return {(1, 1): ..., (1, 2): ..., (2, 1): ...}: neighbours within the first minimum of each partial.

    (1, 2) is the mean number of atoms of species 2 round one of species 1, (2, 1) the other way round. None where
    the function has no first shell followed by a minimum before its cutoff.
    """
    return {
        (a, b): _coordination(distribution, distribution.partials[min(a, b), max(a, b)], density_a, density_b)
        for a, density_a in distribution.densities.items()
        for b, density_b in distribution.densities.items()
    }


def total_coordination(distribution: PairDistribution) -> Coordination | None:
    """Return the neighbours of any species within the first minimum of the total, None as above.

    It is looked for beyond the first peaks of all partials, as far as these make one shell: the dip between the peaks
    of pairs of different sizes is no end of a shell.
    """
    density = sum(distribution.densities.values())
    return _coordination(distribution, distribution.total, density, density, _outer_peak(distribution))


def _outer_peak(distribution: PairDistribution) -> float:
    """The farthest first peak of a partial that belongs to the shell of the nearest; 0 where none has one."""
    peaks = []
    for (a, b), g in distribution.partials.items():
        ideal = ideal_pairs(distribution, distribution.densities[a], distribution.densities[b])
        if (peak := _first_peak(distribution.r, g, ideal)) is not None:
            peaks.append(float(distribution.r[peak]))
    return max((peak for peak in peaks if peak < ONE_SHELL * min(peaks)), default=0.0)


def first_minimum(r: Floats, g: Floats, ideal: Floats, beyond: float = 0.0) -> float | None:
    """Return the r of the lowest point between the first peak of g and its second shell, or None.

    r, g: [n_bins], even bins; ideal: [n_bins] pairs an ideal gas would have in each, which says how far g may
    stray from 1 by chance. g is smoothed over 5 % of the peak's distance, so that one frame's noise is not
    taken for a minimum; second shells lie beyond 1.6 times the first in glasses and crystals packed from
    spheres. beyond: where the shell goes on at least, as far as its outermost peak.
    """
    peak = _first_peak(r, g, ideal)
    if peak is None:
        return None
    peak = max(peak, int(np.searchsorted(r, beyond)))
    reach = max(1, round(0.025 * r[peak] / (r[1] - r[0])))
    smooth = np.convolve(np.pad(g, reach, mode="edge"), np.full(2 * reach + 1, 1 / (2 * reach + 1)), "valid")
    end = int(np.searchsorted(r, 1.6 * r[peak]))
    if end >= len(r) or end <= peak + 1:
        return None
    return float(r[peak + int(np.argmin(smooth[peak:end]))])


def _first_peak(r: Floats, g: Floats, ideal: Floats) -> int | None:
    """The bin of the first peak of g that is a shell of neighbours, see `first_minimum`; None without one."""
    shell = (g - 1) * np.sqrt(ideal) > _SHELL
    if not shell.any():
        return None
    # The first shell need not be the highest peak: that of the diamond lattice is lower than its second.
    high = np.flatnonzero(shell & (g > 0.5 * g[shell].max()))
    return int(high[0] + np.argmax(g[high[0] : np.searchsorted(r, 1.15 * r[high[0]])]))


def ideal_pairs(distribution: PairDistribution, density_a: float, density_b: float) -> Floats:
    """[n_bins] pairs that an ideal gas would have in each bin, of all frames."""
    shells = _shells(distribution.edges, distribution.dimension, density_b)
    return np.asarray(shells * density_a * distribution.volume * distribution.n_frames)


def _coordination(
    distribution: PairDistribution, g: Floats, density_a: float, density_b: float, beyond: float = 0.0
) -> Coordination | None:
    neighbours = _shells(distribution.edges, distribution.dimension, density_b)
    radius = first_minimum(distribution.r, g, ideal_pairs(distribution, density_a, density_b), beyond)
    if radius is None:
        return None
    return Coordination(radius, float((g * neighbours)[distribution.r <= radius].sum()))


def _edges(box: Box, bin_width: float, cutoff: float | None) -> Floats:
    half = box.width / 2
    if cutoff is None:
        cutoff = half
    if not (np.isfinite(cutoff) and 0 < cutoff <= half * (1 + 1e-12)):
        raise InputError(f"the cutoff of g(r) must lie between 0 and half the box, {half:.4g}: {cutoff:g}")
    if not (np.isfinite(bin_width) and 0 < bin_width <= cutoff / 2):
        raise InputError(
            f"the bin width of g(r) must lie between 0 and half its cutoff, {cutoff:.4g}: {bin_width:g}"
        )
    if cutoff / bin_width > MOST_BINS:
        raise InputError(f"{cutoff / bin_width:.2g} bins are too many for g(r): take a wider --bin-width")
    return np.linspace(0.0, cutoff, max(2, int(cutoff / bin_width + 1e-9)) + 1)
